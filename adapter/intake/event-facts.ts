import type { Drug } from '../domain/drug.ts';
import { loadCode, loadCodes, loadNetTakes, loadOpenedPacks } from '../ledger/ledger-store.ts';
import type { LedgerFacts } from '../ledger/effect-draft.ts';
import type { CodeRow } from '../ledger/code-state.ts';
import type { SplitTake } from '../ledger/split-stock.ts';
import type { CheckedEvent, Taking } from './taking.ts';
import { findEvent, type KnownEvent } from './intake-store.ts';

/** Everything the store knows that bears on one event, loaded once and then decided about without the store. */
export interface EventFacts extends LedgerFacts {
  readonly drugs: ReadonlyMap<string, Drug>;
  readonly referred: KnownEvent | undefined;
}

export async function loadFacts(taking: Taking, checked: CheckedEvent): Promise<EventFacts> {
  const { q, rules } = taking;
  const { event, scans } = checked;
  const { institution } = event;
  const drugs = await rules.catalogue.lookup(q, institution, [...new Set(event.lines.map((line) => line.drug))]);
  const named = new Set<string>();
  for (const codes of scans.values()) for (const scan of codes) named.add(scan.text);
  // in one order everywhere, so that two transactions locking the same codes cannot wait for each other
  const rows = await loadCodes(q, institution, [...named].sort());
  const referred = event.refers === undefined ? undefined : await findEvent(q, institution, event.source, event.refers);
  const openedPacks = await loadAssignable(taking, checked, rows);
  const takenByReferred = await loadTaken(taking, checked, { referred, rows });
  return { drugs, rows, openedPacks, takenByReferred, referred };
}

/** Opened packs that lines without codes may take from: those at the line's location, where one is said. */
async function loadAssignable(taking: Taking, { event, scans }: CheckedEvent, rows: Map<string, CodeRow>): Promise<Map<string, readonly string[]>> {
  const assignable = new Map<string, readonly string[]>();
  if (event.kind === 'dispense-return' || event.kind === 'split-open') return assignable;
  for (const line of event.lines) {
    if (!line.split || assignable.has(line.drug) || (scans.get(line.lineNo)?.length ?? 0) > 0) continue;
    const packs = (await loadOpenedPacks(taking.q, event.institution, line.drug))
      .filter((pack) => event.location === undefined || pack.location === undefined || pack.location === event.location);
    for (const pack of packs) if (!rows.has(pack.code)) rows.set(pack.code, pack);
    assignable.set(line.drug, packs.map((pack) => pack.code));
  }
  return assignable;
}

async function loadTaken(taking: Taking, { event }: CheckedEvent, known: { readonly referred: KnownEvent | undefined; readonly rows: Map<string, CodeRow> }): Promise<Map<string, readonly SplitTake[]> | undefined> {
  const { referred, rows } = known;
  if (event.kind !== 'dispense-return' || referred === undefined || !event.lines.some((line) => line.split)) return undefined;
  const byDrug = new Map<string, SplitTake[]>();
  for (const take of await loadNetTakes(taking.q, event.institution, { eventNo: referred.eventNo, source: event.source, id: referred.event.id })) {
    const row = rows.get(take.code) ?? await loadCode(taking.q, event.institution, take.code);
    if (row?.drug === undefined) continue;
    rows.set(take.code, row);
    byDrug.set(row.drug, [...(byDrug.get(row.drug) ?? []), take]);
  }
  return byDrug;
}
