import type { Journal } from '../journal.ts';
import { restWire } from '../mah-rest/rest-wire.ts';
import type { PlatformName } from '../platform.ts';
import { HolderPlatform, SANDBOX_HOLDER, type HolderOptions } from './holder-platform.ts';
import { oneStringWire } from './one-string-wire.ts';
import { typedWire } from './typed-wire.ts';

/** Fakes of self-built trace systems: SOAP with one string, typed SOAP, REST. */
export const HOLDER_NAMES = ['mah-soap', 'mah-typed', 'mah-rest'] as const satisfies readonly PlatformName[];
export type HolderName = (typeof HOLDER_NAMES)[number];
export type HoldersOptions = Readonly<Partial<Record<HolderName, HolderOptions>>>;

/** How a fake holder's system is reached. */
export interface SandboxHolder { readonly url: string; readonly tokenUrl: string; readonly user: string; readonly password: string; readonly signKey: string; readonly orgCode: string }

const PATHS: Readonly<Record<HolderName, string>> = { 'mah-soap': '/services/TraceService', 'mah-typed': '/movement', 'mah-rest': '/trace/v1' };
const MAX_CODES = 1_000;

/** @returns the systems whose options are given, not yet listening */
export function createHolders(options: HoldersOptions, parts: { readonly journalOf: (name: PlatformName) => Journal; readonly now: () => number }): ReadonlyMap<HolderName, HolderPlatform> {
  const platforms = new Map<HolderName, HolderPlatform>();
  for (const name of HOLDER_NAMES) {
    const given = options[name];
    if (given === undefined) continue;
    const account = { ...SANDBOX_HOLDER, ...given };
    const wire = name === 'mah-soap' ? oneStringWire(account) : name === 'mah-typed' ? typedWire(account, parts.now) : restWire(account);
    platforms.set(name, new HolderPlatform(wire, { journal: parts.journalOf(name), now: parts.now, maxCodes: given.maxCodes ?? MAX_CODES }));
  }
  return platforms;
}

/** @returns options that put all three on the ports after the MAH platform's (any free one when that is 0), leaving out a taken one */
export function holdersBeside(mahPort: number, taken: number): HoldersOptions {
  const ports = [1, 2, 3, 4].map((step) => mahPort + step).filter((port) => port !== taken && port <= 65_535);
  return Object.fromEntries(HOLDER_NAMES.map((name, at) => [name, { port: mahPort === 0 ? 0 : ports[at] ?? 0 }]));
}

/** @returns address and account of one that listens at `origin` */
export function holderAt(name: HolderName, origin: string, options: HolderOptions | undefined): SandboxHolder {
  const { user, password, signKey, orgCode } = SANDBOX_HOLDER;
  return { url: `${origin}${PATHS[name]}`, tokenUrl: `${origin}/oauth/token`, user: options?.user ?? user, password: options?.password ?? password, signKey: options?.signKey ?? signKey, orgCode };
}
