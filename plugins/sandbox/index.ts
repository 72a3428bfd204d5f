import type { Book } from './book.ts';
import type { FaultScript } from './fault-rule.ts';
import { FaultControl } from './faults.ts';
import type { InsuranceEntry } from './insurance/book.ts';
import { InsurancePlatform } from './insurance/platform.ts';
import { insuranceSettings, type InsuranceOptions } from './insurance/settings.ts';
import { openJournal } from './journal.ts';
import type { MahEntry } from './mah/book.ts';
import { MahPlatform } from './mah/platform.ts';
import { mahSettings, type MahOptions } from './mah/settings.ts';
import type { HolderEntry } from './mah-soap/holder-state.ts';
import { createHolders, holderAt, type HolderName, type HoldersOptions, type SandboxHolder } from './mah-soap/holders.ts';
import type { PlatformName } from './platform.ts';
import { startPlatformServer, type PlatformServer } from './platform-server.ts';

export type { Book, Refusal } from './book.ts';
export { FaultControl, FAULT_EFFECTS, parseFaultScript, type FaultEffect, type FaultRule, type FaultScript } from './faults.ts';
export { reportName, type InsuranceEntry } from './insurance/book.ts';
export { newSm2Pair } from './insurance/crypto-sm2.ts';
export { SANDBOX_ACCOUNT, SANDBOX_OAUTH, type InsuranceAccount, type InsuranceOptions } from './insurance/settings.ts';
export type { MahEntry } from './mah/book.ts';
export { SANDBOX_APP, SANDBOX_HOSPITAL, SANDBOX_SUPPLIERS, type Enterprise, type MahApp, type MahOptions, type SandboxPackage, type UpstreamBill, type UpstreamLine } from './mah/settings.ts';
export { SANDBOX_HOLDER, type HolderOptions } from './mah-soap/holder-platform.ts';
export type { HolderEntry } from './mah-soap/holder-state.ts';
export { HOLDER_NAMES, holdersBeside, type HolderName, type HoldersOptions, type SandboxHolder } from './mah-soap/holders.ts';
export type { PlatformName } from './platform.ts';

export interface SandboxOptions {
  readonly insurance?: InsuranceOptions;
  readonly mah?: MahOptions;
  /** trace systems of single holders: SOAP with one string, typed SOAP, REST; each is started only when its options are given */
  readonly holders?: HoldersOptions;
  /** rules in force from the start; they can be changed through `faults` */
  readonly faults?: FaultScript;
  /** what the platforms know is kept here, so that they know it after their own restart; left out: memory only */
  readonly stateFile?: string;
  readonly now?: () => number;
}

export interface Sandbox {
  readonly insurance: { readonly url: string; readonly paasId: string; readonly paasToken: string };
  readonly mah: { readonly url: string; readonly appKey: string; readonly appSecret: string; readonly entId: string; readonly refEntId: string };
  readonly faults: FaultControl;
  /** counts and rows of the moment they are read */
  readonly insuranceBook: Book<InsuranceEntry>;
  readonly mahBook: Book<MahEntry>;
  /** the holders' systems that were started */
  readonly holders: Readonly<Partial<Record<HolderName, SandboxHolder>>>;
  /** @returns the book of a holder's system that was started */
  holderBook(name: HolderName): Book<HolderEntry>;
  /** repeated msgids, replayed nonces, unknown fields; calls that met the limit */
  readonly notes: Readonly<Record<'insurance' | 'mah', Readonly<Record<string, number>>>>;
  /** Refuses connections for so long; resolves when the platform listens again on the same port. */
  outage(platform: PlatformName, ms: number): Promise<void>;
  /** @returns whether the platform takes connections now */
  isOpen(platform: PlatformName): boolean;
  /** Makes every token of the insurance platform bad at once (regions with OAuth2). */
  revokeTokens(): void;
  /** Forgets all rows and bills of both platforms, the state file included. */
  reset(): void;
  stop(): Promise<void>;
}

/**
 * Starts the fake insurance platform and the fake MAH trace system on 127.0.0.1.
 * @throws Error when a port is taken or the state file cannot be opened
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const now = options.now ?? Date.now;
  const journal = openJournal(options.stateFile);
  const settings = { insurance: insuranceSettings(options.insurance), mah: mahSettings(options.mah) };
  const insurance = new InsurancePlatform({ settings: settings.insurance, journal: journal.of('insurance'), now });
  const mah = new MahPlatform({ settings: settings.mah, journal: journal.of('mah'), now });
  const holderPlatforms = createHolders(options.holders ?? {}, { journalOf: (name) => journal.of(name), now });

  const servers: Partial<Record<PlatformName, PlatformServer>> = {};
  const outage = async (platform: PlatformName, ms: number): Promise<void> => servers[platform]?.outage(ms);
  const faults = new FaultControl({ now, onOutage: (platform, ms) => void outage(platform, ms).catch(() => undefined) });
  const stop = async (): Promise<void> => {
    faults.clear();
    await Promise.all(Object.values(servers).map((server) => server.stop()));
    journal.close();
  };
  try {
    servers.insurance = await startPlatformServer({ platform: insurance, port: options.insurance?.port ?? 0, faults });
    servers.mah = await startPlatformServer({ platform: mah, port: options.mah?.port ?? 0, faults });
    for (const [name, platform] of holderPlatforms) servers[name] = await startPlatformServer({ platform, port: options.holders?.[name]?.port ?? 0, faults });
  } catch (error) {
    await stop();
    throw error;
  }
  if (options.faults !== undefined) faults.set(options.faults);

  const [account] = settings.insurance.accounts;
  const [app] = settings.mah.apps;
  const hospital = settings.mah.enterprises.find((each) => each.role === 'hospital' && (app?.hospitals === undefined || app.hospitals.includes(each.refEntId)));
  return {
    insurance: { url: servers.insurance.url, paasId: account?.paasId ?? '', paasToken: account?.paasToken ?? '' },
    mah: { url: `${servers.mah.url}/router/rest`, appKey: app?.appKey ?? '', appSecret: app?.appSecret ?? '', entId: hospital?.entId ?? '', refEntId: hospital?.refEntId ?? '' },
    faults,
    get insuranceBook() {
      return insurance.book;
    },
    get mahBook() {
      return mah.book;
    },
    holders: Object.fromEntries([...holderPlatforms.keys()].map((name) => [name, holderAt(name, servers[name]?.url ?? '', options.holders?.[name])])),
    holderBook(name) {
      const platform = holderPlatforms.get(name);
      if (platform === undefined) throw new Error(`the sandbox was started without ${name}`);
      return platform.book;
    },
    get notes() {
      return { insurance: insurance.notes, mah: { throttled: mah.throttled } };
    },
    outage,
    isOpen: (platform) => servers[platform]?.open() === true,
    revokeTokens() {
      insurance.revokeTokens();
    },
    reset() {
      insurance.reset();
      mah.reset();
      for (const platform of holderPlatforms.values()) platform.reset();
    },
    stop,
  };
}
