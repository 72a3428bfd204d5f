import { networkInterfaces } from 'node:os';
import type { NhsaSettings } from './settings.ts';

/** Address of this machine as 9001 wants it; the setting wins, because the platform may hold the address it was registered with. */
export function thisStation(settings: Pick<NhsaSettings, 'ip' | 'mac'>): { readonly ip: string; readonly mac: string } {
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []).find((address) => address.family === 'IPv4' && !address.internal);
  return { ip: settings.ip ?? own?.address ?? '127.0.0.1', mac: settings.mac ?? (own?.mac ?? '00:00:00:00:00:00').toUpperCase().replaceAll(':', '-') };
}
