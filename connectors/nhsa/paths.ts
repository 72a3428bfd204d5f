import type { Profile } from './profile.ts';
import type { NhsaSettings } from './settings.ts';

/**
 * Path of a transaction: the site's, else the profile's, else the profile's rule for all others. With one endpoint for everything
 * the number travels in the envelope alone.
 */
export function pathOf(infno: string, by: { readonly settings: Pick<NhsaSettings, 'transport'>; readonly profile: Pick<Profile, 'paths' | 'singlePath'> }): string {
  const { settings, profile } = by;
  if (settings.transport === 'single-endpoint') return slashed(profile.singlePath);
  return slashed((profile.paths[infno] ?? profile.paths['*'] ?? '/{infno}').replaceAll('{infno}', infno));
}

function slashed(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}
