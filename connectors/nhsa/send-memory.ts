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
  return {
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
