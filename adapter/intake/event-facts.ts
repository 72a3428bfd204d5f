import type { Drug } from '../domain/drug.ts';
import { parseInstant } from '../domain/china-time.ts';
import type { EventKind, EventLine } from '../domain/event.ts';
import { asCounted } from '../domain/line-kind.ts';
import { loadCode, loadCodes, loadNetTakes, loadOpenedPacks } from '../ledger/ledger-store.ts';
import type { Judging, LedgerFacts } from '../ledger/effect-draft.ts';
import type { CodeRow } from '../ledger/code-state.ts';
import type { SplitTake } from '../ledger/split-stock.ts';
import { dispensedElsewhere } from '../scan/elsewhere.ts';
import { severities } from '../scan/severity.ts';
import type { Purpose } from '../ports/policy.ts';
import { passGate } from '../store/gate.ts';
import type { CheckedEvent, Taking } from './taking.ts';
import { findEvent, type KnownEvent } from './intake-store.ts';
import { loadReferredDispense } from './return-facts.ts';

/** Everything the store knows that bears on one event, loaded once and then decided about without the store. */
export interface EventFacts extends LedgerFacts {
  readonly drugs: ReadonlyMap<string, Drug>;
  readonly referred: KnownEvent | undefined;
}

export async function loadFacts(taking: Taking, checked: CheckedEvent): Promise<EventFacts> {
  const { q, rules } = taking;
  const { event, scans } = checked;
  const { institution } = event;
  // two returns of one dispense: the later one has to see what the earlier one brought back
  if (event.kind === 'dispense-return' && event.refers !== undefined) await passGate(q, institution, `refers:${event.source}:${event.refers}`);
  const drugs = await rules.catalogue.lookup(q, institution, [...new Set(event.lines.map((line) => line.drug))]);
  const named = new Set<string>();
  for (const codes of scans.values()) for (const scan of codes) named.add(scan.text);
  // in one order everywhere, so that two transactions locking the same codes cannot wait for each other
  const rows = await loadCodes(q, institution, [...named].sort());
  const judging = await loadJudging(taking, checked, [...named]);
  const referred = event.refers === undefined ? undefined : await findEvent(q, institution, event.source, event.refers);
  const splitLines = event.lines.filter((line) => asCounted(line, drugs.get(line.drug), event.kind).split);
  const openedPacks = await loadAssignable(taking, checked, { rows, splitLines, drugs });
  if (event.kind !== 'dispense-return' || referred?.kind !== 'dispense') return { drugs, rows, openedPacks, takenByReferred: undefined, referred, judging };
  const takenByReferred = splitLines.length === 0 ? undefined : await loadTaken(taking, checked, { referred, rows });
  return { drugs, rows, openedPacks, takenByReferred, referred, judging, referredDispense: await loadReferredDispense(q, event, { referred, rows }) };
}

/** What findings are made by; no statement for an ordinary event of an institution that stands alone. */
async function loadJudging({ q, rules, recalls, atMs }: Taking, { event }: CheckedEvent, codes: readonly string[]): Promise<Judging> {
  const { institution } = event;
  const members = event.kind === 'dispense' || event.kind === 'receipt' ? rules.members?.(institution) ?? [] : [];
  return {
    severityOf: severities(rules.policy, {
      stage: 'event', institution: rules.institution(institution), purpose: PURPOSE[event.kind] ?? 'stock', atMs: parseInstant(event.occurredAt) ?? atMs,
      ...(event.emergency === undefined ? {} : { emergency: event.emergency }),
    }),
    recalls: await recalls.lots(q, institution, atMs),
    elsewhere: members.length === 0 ? NOWHERE : await dispensedElsewhere(q, members, codes),
    nowMs: atMs,
  };
}

/** What the business of each kind is asked for by when a policy says how grave a finding is; anything else is `stock`. */
const PURPOSE: Readonly<Partial<Record<EventKind, Purpose>>> = {
  'receipt': 'receive', 'gift-in': 'receive', 'other-in': 'receive', 'dispense': 'dispense', 'dispense-return': 'return', 'split-open': 'split',
  'transfer-out': 'transfer', 'transfer-in': 'transfer',
};

const NOWHERE: ReadonlySet<string> = new Set();

/** Opened packs that lines without codes may take from: those at the line's location, where one is said. */
async function loadAssignable(taking: Taking, { event, scans }: CheckedEvent, known: { readonly rows: Map<string, CodeRow>; readonly splitLines: readonly EventLine[]; readonly drugs: ReadonlyMap<string, Drug> }): Promise<Map<string, readonly string[]>> {
  const assignable = new Map<string, readonly string[]>();
  const { rows } = known;
  if (event.kind === 'dispense-return' || event.kind === 'split-open') return assignable;
  for (const line of known.splitLines) {
    if (assignable.has(line.drug) || (scans.get(line.lineNo)?.length ?? 0) > 0) continue;
    // 15 克 of a bag of slices: nobody opened a pack with a code for it
    if (!line.split && known.drugs.get(line.drug)?.exemption !== undefined) continue;
    const packs = (await loadOpenedPacks(taking.q, event.institution, line.drug))
      .filter((pack) => event.location === undefined || pack.location === undefined || pack.location === event.location);
    for (const pack of packs) if (!rows.has(pack.code)) rows.set(pack.code, pack);
    assignable.set(line.drug, packs.map((pack) => pack.code));
  }
  return assignable;
}

/** What the dispense took from opened packs, per drug, net of earlier returns. */
async function loadTaken(taking: Taking, { event }: CheckedEvent, { referred, rows }: { readonly referred: KnownEvent; readonly rows: Map<string, CodeRow> }): Promise<Map<string, readonly SplitTake[]>> {
  const byDrug = new Map<string, SplitTake[]>();
  for (const take of await loadNetTakes(taking.q, event.institution, { eventNo: referred.eventNo, source: event.source, id: referred.event.id })) {
    const row = rows.get(take.code) ?? await loadCode(taking.q, event.institution, take.code);
    if (row?.drug === undefined) continue;
    rows.set(take.code, row);
    byDrug.set(row.drug, [...(byDrug.get(row.drug) ?? []), take]);
  }
  return byDrug;
}
