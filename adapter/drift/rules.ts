import type { FaultReason } from '../domain/outcome.ts';

/** What a refusal is likely to be about: the product, a field whatever the product, or this one report alone. */
export type DriftKind = 'product' | 'field' | 'none';

/** the product's entry in the platform's catalogue: the same for every report of the product, one refusal says it all */
const AT_ONCE: ReadonlySet<FaultReason> = new Set(['CATALOG']);
/** perhaps the product, perhaps the single code or bill: several alike have to come */
const BY_PRODUCT: ReadonlySet<FaultReason> = new Set(['CATALOG', 'RULE', 'INVALID_CODE', 'UNKNOWN_TEXT', 'OWNER_UNKNOWN']);
const BY_FIELD: ReadonlySet<FaultReason> = new Set(['REQUIRED', 'FIELD_TOO_LONG']);

/** refusals alike, none of them contradicted by an acceptance, that make a change of the platform of it */
export const ALIKE = 3;
/** an acceptance longer ago than this says nothing of today's refusal; holidays are shorter */
export const REMEMBERED_MS = 14 * 86_400_000;
/** refusals further apart than this are no series */
export const SERIES_MS = 86_400_000;
/** between two reports that try whether the platform takes them again */
export const PROBE_EVERY_MS = 3_600_000;
/** product of a group that is about a field */
export const ANY_PRODUCT = '*';

/** @returns what a refusal may be about; reasons that speak of one code, one settlement or our own rows are never drift */
export function driftKind(reason: FaultReason | undefined): DriftKind {
  if (reason === undefined) return 'none';
  return BY_PRODUCT.has(reason) ? 'product' : BY_FIELD.has(reason) ? 'field' : 'none';
}

/** @returns how many refusals alike it takes */
export function refusalsNeeded(reason: FaultReason): number {
  return AT_ONCE.has(reason) ? 1 : ALIKE;
}

const LONGEST = 160;

/**
 * @returns the refusal without what differs from report to report: codes, numbers, row numbers, what stands in brackets of ours. Names of
 * fields stay: `第3行:phar_name(药师姓名)不能为空` → `第#行:phar_name(药师姓名)不能为空`
 */
export function textKey(text: string): string {
  return text.normalize('NFKC').replace(/［[^］]*］|\[[^\]]*\]/g, '').replace(/[A-Za-z]*\d[0-9A-Za-z]*/g, '#').replace(/\s+/g, ' ').trim().slice(0, LONGEST);
}

/** An earlier refusal of the same operation and reason. */
export interface EarlierRefusal { readonly deliveryNo: number; readonly textKey: string; readonly drug: string | undefined; readonly at: number }

export interface Refusal {
  readonly reason: FaultReason;
  readonly textKey: string;
  /** the one drug the report is about; undefined when there are several, or none is known */
  readonly drug: string | undefined;
  readonly at: number;
}

export interface Suspicion {
  /** HIS drug id, or ANY_PRODUCT */
  readonly product: string;
  /** earlier refusals that belong to it */
  readonly with: readonly EarlierRefusal[];
  /** no acceptance of the same kind may have come since */
  readonly since: number;
}

/**
 * Pure. Whether a refusal, with those before it, looks like a change at the platform. Refusals of a field that met one drug only are about
 * that drug: its catalogue entry lacks something.
 * @param earlier refused reports of the same operation and reason, newest first
 */
export function suspect(refusal: Refusal, earlier: readonly EarlierRefusal[]): Suspicion | undefined {
  const kind = driftKind(refusal.reason);
  if (kind === 'none' || (kind === 'product' && refusal.drug === undefined)) return undefined;
  const recent = earlier.filter((one) => one.textKey === refusal.textKey && refusal.at - one.at <= SERIES_MS && one.at <= refusal.at);
  const needed = refusalsNeeded(refusal.reason) - 1;
  const sameDrug = refusal.drug === undefined ? [] : recent.filter((one) => one.drug === refusal.drug);
  const drugs = new Set([refusal.drug, ...recent.map((one) => one.drug)]);
  const alike = kind === 'field' && drugs.size > 1 ? recent : sameDrug;
  if (alike.length < needed) return undefined;
  const product = kind === 'field' && drugs.size > 1 ? ANY_PRODUCT : refusal.drug;
  if (product === undefined) return undefined;
  return { product, with: alike, since: alike.reduce((first, one) => Math.min(first, one.at), refusal.at) };
}
