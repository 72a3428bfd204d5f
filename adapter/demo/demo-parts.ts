import type { Drug } from '../domain/drug.ts';
import type { Parts } from '../context.ts';

/** What the demonstration is played with; main.ts hands in the sandbox and the synthetic day (plugins/sandbox, plugins/demo-hospital). */
export interface DemoParts {
  readonly parts: Parts;
  readonly version: string;
  startSandbox(): Promise<DemoSandbox>;
  demoDay(options: { readonly seed: number; readonly date: string; readonly institution: string }): DemoDay;
}

export type Fate = 'reported' | 'held' | 'excluded' | 'attention' | 'taken-back';

export interface LineExpectation {
  readonly source: string; readonly eventId: string; readonly lineNo: string; readonly kind: string; readonly insurance: Fate; readonly mah: Fate;
}

export type DemoItem =
  | { readonly via: 'mllp'; readonly bytes: Uint8Array; readonly expect: 'AA' | 'AE' | 'AR'; readonly note: string; readonly eventId: string }
  | { readonly via: 'rest'; readonly event: Readonly<Record<string, unknown>>; readonly expect: 'accepted' | 'duplicate' | 'quarantined' | 'rejected'; readonly note: string; readonly eventId: string };

export interface DemoDay {
  readonly date: string;
  readonly institution: string;
  /** key of the MLLP source in the configuration */
  readonly sources: { readonly hl7: string };
  readonly catalogue: readonly Drug[];
  readonly items: readonly DemoItem[];
  readonly lines: readonly LineExpectation[];
}

/** Counted truth of one platform. */
export interface DemoBook {
  readonly entries: readonly { readonly key: string; readonly operation: string; readonly live: boolean }[];
  readonly reportsByKey: Readonly<Record<string, number>>;
  readonly doubleKeys: readonly string[];
  readonly doubleCodes: readonly string[];
}

export interface DemoSandbox {
  readonly insurance: { readonly url: string; readonly paasId: string; readonly paasToken: string };
  readonly mah: { readonly url: string; readonly appKey: string; readonly appSecret: string; readonly entId: string; readonly refEntId: string };
  readonly insuranceBook: DemoBook;
  readonly mahBook: DemoBook;
  stop(): Promise<void>;
}
