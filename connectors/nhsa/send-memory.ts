/**
 * What is worth remembering between calls, in memory only: losing it costs a few calls, never a report. Bounded.
 */
export interface SendMemory {
  /** rows of these keys were sent and their outcome is not known */
  outcomeUnknown(keys: readonly string[], at: number): void;
  /** @returns when a key of unknown outcome went out, ms since epoch */
  sentAt(key: string): number | undefined;
  /** a batch with these rows ended without a verdict; a row to which that happens twice travels alone, so that it cannot hold up its neighbours */
  suspect(rowKeys: readonly string[]): void;
  /** the platform answered that it is busy: very likely, but not provably, without having done anything */
  busy(key: string): void;
  wasBusy(key: string): boolean;
  settled(key: string, rowKey: string): void;
  /** the platform did business of this transaction for us: account, signature and address are good */
  passed(transaction: string): void;
  hasPassed(transaction: string): boolean;
  /** the platform refused the account, as far as can be told: the next call carries one row */
  doubt(transaction: string): void;
  isDoubted(transaction: string): boolean;
  /** Notes that the row was refused as if by the account. @returns how often that was provably the row's own doing */
  refusedAlone(rowKey: string, by: { readonly transaction: string; readonly proven: boolean }): number;
  /** @returns whether others passed since the row was refused last */
  othersPassed(rowKey: string, transaction: string): boolean;
  /** how often the row was refused in this way at all: the others are better probes */
  refusals(rowKey: string): number;
  /** the platform has no A form of this transaction */
  noBatchForm(infno: string): void;
  travelsAlone(infno: string, rowKey: string): boolean;
}

const LIMIT = 10_000;
const SUSPICIONS = 2;

export function createSendMemory(): SendMemory {
  const sent = new Map<string, number>();
  const suspects = new Map<string, number>();
  const busy = new Map<string, true>();
  const single = new Set<string>();
  const passes = new Map<string, number>();
  const doubts = new Set<string>();
  const refused = new Map<string, { readonly times: number; readonly proven: number; readonly passes: number }>();
  return {
    passed(transaction) {
      passes.set(transaction, (passes.get(transaction) ?? 0) + 1);
      doubts.delete(transaction);
    },
    hasPassed: (transaction) => passes.has(transaction),
    doubt: (transaction) => void doubts.add(transaction),
    isDoubted: (transaction) => doubts.has(transaction),
    refusedAlone(rowKey, { transaction, proven }) {
      const before = refused.get(rowKey);
      const count = (before?.proven ?? 0) + Number(proven);
      put(refused, rowKey, { times: (before?.times ?? 0) + 1, proven: count, passes: passes.get(transaction) ?? 0 });
      return count;
    },
    othersPassed(rowKey, transaction) {
      const before = refused.get(rowKey);
      return before !== undefined && (passes.get(transaction) ?? 0) > before.passes;
    },
    refusals: (rowKey) => refused.get(rowKey)?.times ?? 0,
    outcomeUnknown(keys, at) {
      for (const key of keys) put(sent, key, at);
    },
    sentAt: (key) => sent.get(key),
    suspect(rowKeys) {
      for (const key of rowKeys) put(suspects, key, (suspects.get(key) ?? 0) + 1);
    },
    busy(key) {
      put(busy, key, true);
    },
    wasBusy: (key) => busy.has(key),
    settled(key, rowKey) {
      sent.delete(key);
      busy.delete(key);
      suspects.delete(rowKey);
      refused.delete(rowKey);
    },
    noBatchForm: (infno) => void single.add(infno),
    travelsAlone: (infno, rowKey) => single.has(infno) || (suspects.get(rowKey) ?? 0) >= SUSPICIONS,
  };
}

/** Keeps the newest entries; a Map remembers the order of insertion. */
function put<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.keys().next();
  if (map.size > LIMIT && oldest.done !== true) map.delete(oldest.value);
}
