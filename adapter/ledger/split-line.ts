import { formatQuantity, type Quantity } from '../domain/quantity.ts';
import { refusal, type Refusal } from '../domain/refusal.ts';
import { leavingFindings, type CodeFacts } from '../scan/judge-code.ts';
import type { RuleFinding } from '../scan/rule-finding.ts';
import { expired, notInStock, recalled, splitAlreadyOpen, splitMixed } from '../scan/rules.ts';
import { stateText, type CodeRow } from './code-state.ts';
import type { EffectDraft, PreparedLine } from './effect-draft.ts';
import { putBack, takeUnits, type SplitTake } from './split-stock.ts';

/**
 * Works out a split line (拆零). Conservation holds for every code at every instant: units of the pack = units taken + units
 * left. A line that wants more than the packs hold is refused whole; it can be sent again after another pack was opened.
 */
export function splitLine(draft: EffectDraft, prepared: PreparedLine): Refusal | undefined {
  const { line, units, drug } = prepared;
  if (drug === undefined || units === undefined) {
    return refusal('EVENT_INVALID', {
      field: drug === undefined ? 'drug' : 'unit', value: drug === undefined ? line.drug : line.unit,
      detail: drug === undefined ? '拆零药品必须先在药品目录中登记（包装数量）' : '拆零数量的单位无法换算成最小单位',
    });
  }
  switch (draft.event.kind) {
    case 'split-open': return openPack(draft, prepared);
    case 'dispense': case 'stock-loss': case 'destroy': case 'other-out': return takeFromPacks(draft, prepared, units);
    case 'dispense-return': return returnToPacks(draft, prepared, units);
    default: return refusal('EVENT_INVALID', { field: 'split', value: 'true', detail: `“${draft.event.kind}”不能按拆零数量登记` });
  }
}

function openPack(draft: EffectDraft, prepared: PreparedLine): Refusal | undefined {
  const [code] = prepared.codes;
  if (code === undefined) return refusal('EVENT_INVALID', { field: 'codes', detail: '开启拆零需要该盒的追溯码' });
  const before = draft.row(code, prepared);
  if (before.state === 'opened') {
    draft.tell(prepared, splitAlreadyOpen(), code.text);
    draft.move(prepared, before, before, 0n, false);
    return undefined;
  }
  if (before.state !== 'unseen' && before.state !== 'in-stock') {
    blockOpening(draft, prepared, before);
    return undefined;
  }
  const opened = open(draft, prepared, before);
  if (!('state' in opened)) return opened;
  draft.move(prepared, before, opened, 0n, true);
  return undefined;
}

/** @returns why a pack that is neither in stock nor unknown cannot be opened */
export function cannotOpen(row: Pick<CodeRow, 'state'>): RuleFinding {
  return splitMixed(`该码${stateText(row.state)}，不能拆零`);
}

function blockOpening(draft: EffectDraft, prepared: PreparedLine, row: CodeRow): void {
  const found = cannotOpen(row);
  draft.tell(prepared, found, row.code);
  draft.block(prepared, 'DUPLICATE_CODE', found.detail);
}

/** @returns the row of the pack as opened, all its units left */
function open(draft: EffectDraft, prepared: PreparedLine, before: CodeRow): CodeRow | Refusal {
  if (before.unitsTotal === undefined) {
    return refusal('EVENT_INVALID', { field: 'drug', value: prepared.line.drug, detail: '药品目录没有包装数量，无法拆零' });
  }
  const { line } = prepared;
  return {
    ...before, state: 'opened', unitsLeft: before.unitsTotal, openedAt: draft.atMs,
    drug: before.drug ?? line.drug, lot: before.lot ?? line.lot, producedOn: before.producedOn ?? line.producedOn,
    expiresOn: before.expiresOn ?? line.expiresOn, location: draft.event.location ?? before.location,
  };
}

function takeFromPacks(draft: EffectDraft, prepared: PreparedLine, units: Quantity): Refusal | undefined {
  if (units <= 0n) return refusal('EVENT_INVALID', { field: 'quantity', value: prepared.line.quantity, detail: '拆零数量必须大于 0' });
  const scanned = prepared.codes.length > 0;
  const packs = scanned ? scannedPacks(draft, prepared) : assignablePacks(draft, prepared);
  if (!Array.isArray(packs)) return packs;
  if (packs.length === 0 && scanned) return undefined; // every scanned code is blocked, said so above
  const takes = takeUnits(packs, units);
  if (takes === undefined) {
    const left = packs.reduce((sum, pack) => sum + (pack.unitsLeft ?? 0n), 0n);
    return refusal('SPLIT_INSUFFICIENT', {
      field: 'quantity', value: prepared.line.quantity,
      detail: `药品 ${prepared.line.drug} 需要 ${formatQuantity(units)}${prepared.drug?.smallestUnit ?? ''}，已开启的包装只剩 ${formatQuantity(left)}`,
    });
  }
  for (const take of takes) {
    const pack = packs.find((candidate) => candidate.code === take.code);
    if (pack === undefined) continue;
    if (draft.event.kind === 'dispense') for (const found of leavingFindings(factsOf(draft, prepared, pack))) draft.tell(prepared, found, pack.code);
    takeFrom(draft, prepared, pack, take.units);
    if (!scanned) draft.assign(prepared.line.lineNo, take.code, take.units);
  }
  return undefined;
}

function factsOf(draft: EffectDraft, { line, drug }: PreparedLine, row: CodeRow): CodeFacts {
  const { judging, day } = draft;
  return {
    row, line: { drugId: line.drug, drug, lot: line.lot, expiresOn: line.expiresOn, on: day },
    recalls: judging.recalls, elsewhere: judging.elsewhere.has(row.code), nowMs: judging.nowMs, split: true,
  };
}

function takeFrom(draft: EffectDraft, prepared: PreparedLine, pack: CodeRow, units: Quantity): void {
  const before = draft.knownRow(pack.code) ?? { ...pack, state: 'unseen' as const };
  const left = (pack.unitsLeft ?? 0n) - units;
  // an emptied pack has left the stock: its last partial dispensing closes it
  const state = left > 0n ? 'opened' : emptiedState(draft);
  draft.move(prepared, before, { ...pack, unitsLeft: left, state }, units, before.state !== 'opened');
}

function emptiedState(draft: EffectDraft): CodeRow['state'] {
  if (draft.event.kind === 'destroy') return 'destroyed';
  if (draft.event.kind === 'stock-loss') return 'lost';
  return 'dispensed';
}

/** Packs named by scan: opened ones as they are, unopened ones are opened by this very line. */
function scannedPacks(draft: EffectDraft, prepared: PreparedLine): CodeRow[] | Refusal {
  const packs: CodeRow[] = [];
  for (const code of prepared.codes) {
    const row = draft.row(code, prepared);
    if (row.state === 'opened') packs.push(row);
    else if (row.state === 'unseen' || row.state === 'in-stock') {
      const opened = open(draft, prepared, row);
      if (!('state' in opened)) return opened;
      if (row.state === 'unseen') draft.tell(prepared, notInStock(), code.text);
      packs.push(opened);
    } else if (row.openedAt !== undefined && row.state === 'dispensed') {
      packs.push(row); // used up: counts as holding nothing
    } else blockOpening(draft, prepared, row);
  }
  return packs;
}

function assignablePacks(draft: EffectDraft, prepared: PreparedLine): CodeRow[] {
  return (draft.facts.openedPacks.get(prepared.line.drug) ?? [])
    .map((code) => draft.knownRow(code))
    .filter((row): row is CodeRow => row?.state === 'opened')
    .sort((a, b) => Number(isUnfit(draft, prepared, a)) - Number(isUnfit(draft, prepared, b)));
}

/** An opened pack that is expired or under recall is the last to be assigned; nobody at the bedside chose it. */
function isUnfit(draft: EffectDraft, prepared: PreparedLine, pack: CodeRow): boolean {
  const { line, recalls } = factsOf(draft, prepared, pack);
  return expired(pack, { ...line, expiresOn: undefined }) !== undefined || recalled(pack, { ...line, lot: undefined }, recalls) !== undefined;
}

function returnToPacks(draft: EffectDraft, prepared: PreparedLine, units: Quantity): Refusal | undefined {
  const backs = prepared.codes.length > 0 ? backToScanned(draft, prepared, units) : backToReferred(draft, prepared, units);
  if (backs === undefined) {
    const detail = prepared.codes.length > 0 ? '所扫的包装没有对应的拆零发药记录，拆零库数量未变' : '找不到对应的拆零发药记录，拆零库数量未变；请给出原发药（refers）或扫所退包装的码';
    draft.find(prepared, 'RETURN_NOT_DISPENSED', prepared.exclusion === undefined ? 'block' : 'warn', detail);
    // the units cannot be put back anywhere, so they must not be reported as returned either
    if (prepared.exclusion === undefined) draft.block(prepared, 'RULE', detail);
    return undefined;
  }
  if (!Array.isArray(backs)) return backs as Refusal;
  for (const back of backs as readonly SplitTake[]) {
    const before = draft.knownRow(back.code);
    if (before === undefined) continue;
    const left = (before.unitsLeft ?? 0n) + back.units;
    draft.move(prepared, before, { ...before, unitsLeft: left, state: 'opened' }, -back.units, false);
  }
  return undefined;
}

function backToScanned(draft: EffectDraft, prepared: PreparedLine, units: Quantity): readonly SplitTake[] | Refusal | undefined {
  const named = draft.facts.referredDispense === undefined ? undefined : draft.facts.takenByReferred?.get(prepared.line.drug) ?? [];
  const room: SplitTake[] = [];
  for (const code of prepared.codes) {
    const row = draft.row(code, prepared);
    if (row.openedAt === undefined) continue;
    // no more may come back than the dispense took from this very pack
    const taken = named === undefined ? missingFrom(row) : takenFrom(draft, named, row.code);
    if (taken !== undefined) room.push({ code: row.code, units: smaller(taken, missingFrom(row)) });
  }
  if (room.length === 0) return undefined;
  return putBack(room, units) ?? tooMuch(prepared, room);
}

function backToReferred(draft: EffectDraft, prepared: PreparedLine, units: Quantity): readonly SplitTake[] | Refusal | undefined {
  const referred = draft.facts.takenByReferred?.get(prepared.line.drug);
  if (referred === undefined || referred.length === 0) return undefined;
  // units may also have come back by a return that named the code instead of the dispense: no pack is filled beyond its size
  const taken = referred.map((take) => ({ code: take.code, units: smaller(takenFrom(draft, referred, take.code) ?? 0n, missingFrom(draft.knownRow(take.code))) }));
  return putBack(taken, units) ?? tooMuch(prepared, taken);
}

/** @returns units the dispense took from the pack, net of earlier returns and of earlier lines of this one; undefined when it took none */
function takenFrom(draft: EffectDraft, takes: readonly SplitTake[], code: string): Quantity | undefined {
  const take = takes.find((one) => one.code === code);
  return take === undefined ? undefined : take.units - draft.putBackSoFar(code);
}

function missingFrom(row: CodeRow | undefined): Quantity {
  return (row?.unitsTotal ?? 0n) - (row?.unitsLeft ?? 0n);
}

function smaller(a: Quantity, b: Quantity): Quantity {
  return a < b ? a : b;
}

function tooMuch(prepared: PreparedLine, taken: readonly SplitTake[]): Refusal {
  const sum = taken.reduce((total, take) => total + (take.units > 0n ? take.units : 0n), 0n);
  return refusal('EVENT_INVALID', { field: 'quantity', value: prepared.line.quantity, detail: `退回数量超过发出数量（可退 ${formatQuantity(sum)} 最小单位）` });
}
