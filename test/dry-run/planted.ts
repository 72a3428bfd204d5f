import { packCode } from '../support/test-hospital.ts';
import { configOf, configText, FilledStore, row } from './fixture.ts';

/** Changed mapping: the station, where one is given, is where the goods left from. */
export const STATION_FIRST = 'overrides:\n  lines:\n    fields:\n      location: { from: [STATION, LOCATION] }\n';

/**
 * A store of receipts, dispenses and returns in which exactly `planted` events were taken with a STATION that the present mapping
 * does not read.
 * @returns the ids of these events
 */
export async function plantDifferences(store: FilledStore, events: number, planted: number): Promise<readonly string[]> {
  const ids: string[] = [];
  const every = Math.floor(events / planted);
  for (let no = 1; no <= events; no += 1) {
    const id = `E${String(no)}`;
    const isPlanted = ids.length < planted && no % every === 0;
    if (isPlanted) ids.push(id);
    const more = { ...(isPlanted ? { STATION: '急诊药房' } : {}), TRACE_CODES: packCode(Math.ceil(no / 2)) };
    // a pack comes in and goes out; now and then nobody had received it
    await store.take(no % 2 === 1 && no % 10 !== 5 ? row(id, { ...more, EVENT_KIND: 'receipt' }) : row(id, { ...more, EVENT_KIND: 'dispense', PRESCRIBER_CODE: 'D1' }));
  }
  await store.sendAll();
  return ids;
}

/** Plays the planted store. */
export async function playPlanted(events: number, planted: number): Promise<{ readonly store: FilledStore; readonly ids: readonly string[]; readonly seconds: number }> {
  const begun = performance.now();
  const store = await new FilledStore().open(configOf(configText()));
  const ids = await plantDifferences(store, events, planted);
  await store.close();
  return { store, ids, seconds: (performance.now() - begun) / 1_000 };
}
