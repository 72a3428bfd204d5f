import type { Drug } from '../../adapter/domain/drug.ts';
import type { EventLine, TraceEvent } from '../../adapter/domain/event.ts';
import type { Agenda } from './agenda.ts';
import type { DemoDrug, DrugUse } from './catalogue.ts';
import { REST_SOURCE, type DayBook } from './day-book.ts';
import type { Random } from './random.ts';
import type { Batch, Pack, Stock } from './stock.ts';

/** What every scene of the day works with. */
export interface Scene {
  readonly book: DayBook;
  readonly stock: Stock;
  readonly agenda: Agenda;
  readonly random: Random;
  readonly drugs: readonly DemoDrug[];
  readonly otherInstitution: string;
}

export const OUTPATIENT_PHARMACY = '西药房';
export const WARD_PHARMACY = '住院药房';
export const EMERGENCY_PHARMACY = '急诊药房';
export const STORE = '药库';

/** Suppliers the fake MAH system knows by name. */
export const SUPPLIERS = [
  { code: 'G8999001', name: '示范医药有限公司', licenseNo: '闽AA8999001' },
  { code: 'G8999002', name: '示范医药配送有限公司', licenseNo: '闽AA8999002' },
] as const;

export function drugsOf(scene: Scene, ...uses: readonly DrugUse[]): readonly Drug[] {
  return scene.drugs.filter((one) => uses.includes(one.use)).map((one) => one.drug);
}

/** @returns an event of this moment sent by REST */
export function restEvent(scene: Scene, event: Omit<TraceEvent, 'source' | 'institution' | 'occurredAt'>): TraceEvent {
  return { source: REST_SOURCE, institution: scene.book.institution, occurredAt: scene.book.nowIso(), ...event };
}

/** @returns a line of whole packs, one code each, with what the package says */
export function packLine(drug: Drug, packs: readonly Pack[], lineNo: number): EventLine {
  const [first] = packs;
  const same = first !== undefined && packs.every((pack) => pack.lot === first.lot);
  return {
    lineNo: String(lineNo), drug: drug.drug, drugName: drug.name, quantity: String(packs.length), unit: drug.packUnit ?? '盒', split: false, unitPrice: drug.price ?? '1',
    ...(same ? batchOf(first) : {}), codes: packs.map((pack) => pack.code),
  };
}

/** @returns a line of loose units; without codes the split stock assigns them */
export function looseLine(drug: Drug, units: number, lineNo: number, codes: readonly string[] = []): EventLine {
  return { lineNo: String(lineNo), drug: drug.drug, drugName: drug.name, quantity: String(units), unit: drug.smallestUnit ?? '片', split: true, codes };
}

export function batchOf(batch: Batch): Batch {
  return { lot: batch.lot, producedOn: batch.producedOn, expiresOn: batch.expiresOn };
}

/** @returns a batch with a lot number of its own, made in the last two years and good for at least one more */
export function makeBatch(scene: Scene): Batch {
  const { random } = scene;
  const year = Number(scene.book.date.slice(0, 4));
  const month = String(random.int(1, 12)).padStart(2, '0');
  const day = String(random.int(1, 28)).padStart(2, '0');
  return { lot: `${random.pick(['A', 'B', 'C', 'D'])}${String(year - 1).slice(2)}${month}${random.digits(2)}`, producedOn: `${String(year - 1)}-${month}-${day}`, expiresOn: `${String(year + random.int(1, 2))}-${month}-${day}` };
}
