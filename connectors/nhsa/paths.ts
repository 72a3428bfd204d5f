import type { Profile } from './profile.ts';

/**
 * Path of a transaction: the site's, else the profile's, else the profile's rule for all others. With one endpoint for everything
 * the number travels in the envelope alone.
 */
export function pathOf(infno: string, profile: Pick<Profile, 'transport' | 'paths' | 'singlePath' | 'soap'>): string {
  if (profile.transport === 'soap') return profile.soap.path === '' ? '' : slashed(profile.soap.path);
  if (profile.transport === 'single-endpoint') return slashed(profile.singlePath);
  return slashed((profile.paths[infno] ?? profile.paths['*'] ?? '/{infno}').replaceAll('{infno}', infno));
}

function slashed(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}
