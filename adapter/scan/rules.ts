import { levelOfPrefix, type Drug } from '../domain/drug.ts';
import { noteText, unusableText, type ReadingNote, type TraceCode, type UnusableReason } from '../domain/trace-code.ts';
import { stateText, type CodeRow } from '../ledger/code-state.ts';
import type { RecalledLots } from '../recall/recalled-lots.ts';
import { gravestWarning, type PlatformWarning } from './platform-warning.ts';
import type { RuleFinding } from './rule-finding.ts';

/**
 * The rules about one code, one function per finding, for `/scan` and for every dispense alike. Pure: they look at what was loaded and
 * ask nobody. Order of importance: shape → our own state → drug and lot → what a platform said (mah.md section 15).
 */
export interface LineFacts {
  /** HIS drug id of the line, where one is said */
  readonly drugId?: string | undefined;
  readonly drug: Drug | undefined;
  readonly lot?: string | undefined;
  readonly expiresOn?: string | undefined;
  /** day of the business, yyyy-MM-dd in China */
  readonly on: string;
}

// ── shape ──
export function unusable(reason: UnusableReason): RuleFinding {
  return { code: 'CODE_SHAPE', detail: unusableText(reason), fixed: true };
}

/** What was done to read the scan, or looks odd about it. @param codes how many codes of the line it concerns */
export function readingNote(note: ReadingNote, codes = 1): RuleFinding {
  const grave = note === 'looks-rounded' || note === 'gtin-check-digit';
  const severity = grave ? ({ scan: 'warn', event: 'warn' } as const) : ({ scan: 'info', event: 'info' } as const);
  return { code: 'CODE_SHAPE', detail: `${noteText(note)}${codes > 1 ? `（本行 ${String(codes)} 个码）` : ''}`, severity };
}

export function schemeUnknown(code: Pick<TraceCode, 'scheme'>): RuleFinding | undefined {
  return code.scheme === 'other' ? { code: 'CODE_SCHEME_UNKNOWN', detail: '不是 20 位追溯码，也不是 GS1 码，按原样保留' } : undefined;
}

// ── where the pack is ──
export function notInStock(): RuleFinding {
  return { code: 'CODE_NOT_IN_STOCK', detail: '该码没有入库记录' };
}

export function alreadyDispensed(): RuleFinding {
  return { code: 'CODE_ALREADY_DISPENSED', detail: '该码已发出', fixed: true };
}

/** The same pack for the same document once more: nobody sold it twice. */
export function scannedTwice(): RuleFinding {
  return { code: 'CODE_ALREADY_DISPENSED', detail: '本单据已发出该盒，重复扫描', severity: { scan: 'warn', event: 'block' } };
}

export function leftStock(row: Pick<CodeRow, 'state'>): RuleFinding {
  return { code: 'CODE_LEFT_STOCK', detail: `该码${stateText(row.state)}`, fixed: true };
}

export function countedButGone(row: Pick<CodeRow, 'state'>): RuleFinding {
  return { code: 'CODE_LEFT_STOCK', detail: `盘点到的码${stateText(row.state)}`, severity: { scan: 'warn', event: 'warn' } };
}

export function splitMixed(detail: string): RuleFinding {
  return { code: 'SPLIT_MIXED', detail, fixed: true };
}

export function splitAlreadyOpen(): RuleFinding {
  return { code: 'SPLIT_ALREADY_OPEN', detail: '该盒已在拆零库' };
}

export function alreadyInStock(row: Pick<CodeRow, 'state'>): RuleFinding {
  return { code: 'CODE_ALREADY_IN_STOCK', detail: row.state === 'opened' ? '该码已在拆零库' : '该码已在库' };
}

/** Came in again after a patient had it and without a return: 回流药 (医保发〔2025〕7号). */
export function receivedAfterSold(row: Pick<CodeRow, 'openedAt'>): RuleFinding {
  return row.openedAt === undefined
    ? { code: 'CODE_RECEIVED_AFTER_SOLD', detail: '该码曾由本院发出，又作为入库出现' }
    : { code: 'CODE_RECEIVED_AFTER_SOLD', detail: '该码已拆零用出，不能再按整盒入库', fixed: true };
}

export function notDispensedHere(row: Pick<CodeRow, 'state'>): RuleFinding {
  return row.state === 'unseen'
    ? { code: 'RETURN_NOT_DISPENSED', detail: '本机没有该码的发出记录', severity: { scan: 'warn', event: 'warn' } }
    : { code: 'RETURN_NOT_DISPENSED', detail: `该码${stateText(row.state)}，不是已发出的药品`, fixed: true };
}

// ── drug, lot, expiry, level ──
/** 串码: received as another drug. */
export function wrongDrugByReceipt(row: CodeRow, { drugId }: LineFacts): RuleFinding | undefined {
  if (drugId === undefined || row.state === 'unseen' || row.drug === undefined || row.drug === drugId) return undefined;
  return { code: 'CODE_DRUG_MISMATCH', detail: `该码入库时是药品 ${row.drug}，本行是 ${drugId}`, fixed: true };
}

/** The first 7 digits belong to no package level of the drug; the catalogue may be the one that is wrong. */
export function wrongDrugByPrefix(code: TraceCode, { drug }: LineFacts): RuleFinding | undefined {
  if (drug === undefined || code.scheme !== 'cn20' || levelOfPrefix(drug, code.productResourceCode) !== undefined) return undefined;
  if (![drug.prefixUnit, drug.prefixInner, drug.prefixCase].some((prefix) => prefix !== undefined && prefix !== '')) return undefined;
  return { code: 'CODE_DRUG_MISMATCH', detail: `追溯码前 7 位 ${code.productResourceCode} 与该药品登记的标识码不符`, severity: { scan: 'warn', event: 'warn' } };
}

export function wrongLot(row: Pick<CodeRow, 'lot'>, { lot }: LineFacts): RuleFinding | undefined {
  if (lot === undefined || row.lot === undefined || row.lot === lot) return undefined;
  return { code: 'LOT_MISMATCH', detail: `该码入库批号 ${row.lot}，本行批号 ${lot}` };
}

/** A pack may be used on the day its expiry names. */
export function expired(row: Pick<CodeRow, 'expiresOn'>, { expiresOn, on }: LineFacts): RuleFinding | undefined {
  const last = row.expiresOn ?? expiresOn;
  return last !== undefined && last < on ? { code: 'CODE_EXPIRED', detail: `有效期至 ${last}` } : undefined;
}

export function levelNotSmallest(row: Pick<CodeRow, 'level'>): RuleFinding | undefined {
  return row.level === 1 ? undefined : { code: 'CODE_LEVEL_NOT_SMALLEST', detail: '发药应扫最小销售包装的追溯码' };
}

// ── recall ──
export function recalled(row: Pick<CodeRow, 'lot'>, { drug, lot }: LineFacts, lots: RecalledLots): RuleFinding | undefined {
  if (lots.isEmpty || drug?.approvalNo === undefined) return undefined;
  const known = row.lot ?? lot;
  const hit = lots.find(drug.approvalNo, known);
  if (hit !== undefined) return { code: 'CODE_RECALLED', detail: `召回通知 ${hit.noticeNo}${hit.level === undefined ? '' : `，${String(hit.level)} 级召回`}${known === undefined ? '' : `，批号 ${known}`}` };
  if (known !== undefined || !lots.concerns(drug.approvalNo)) return undefined;
  return { code: 'CODE_RECALLED', detail: '该药品有批号在召回中，本盒批号未知，请核对盒上批号', severity: { scan: 'warn', event: 'warn' } };
}

// ── what a platform said within the last day ──
export function notActivated(warning: PlatformWarning | undefined): RuleFinding | undefined {
  return gravestWarning(warning)?.type === 4 ? { code: 'CODE_NOT_ACTIVATED', detail: '平台预警：未激活' } : undefined;
}

export function platformWarning(warning: PlatformWarning | undefined): RuleFinding | undefined {
  const gravest = gravestWarning(warning);
  if (gravest === undefined || gravest.type === 4) return undefined;
  return { code: 'CODE_PLATFORM_WARNING', detail: `平台预警：${gravest.zh}`, ...(gravest.grave ? {} : { severity: { scan: 'warn', event: 'warn' } as const }) };
}

// ── patterns of 回流药 ──
/** @param elsewhere the code is dispensed or opened at another member of the alliance */
export function dispensedAtMember(elsewhere: boolean): RuleFinding | undefined {
  return elsewhere ? { code: 'CODE_DISPENSED_AT_MEMBER', detail: '该码已在医联体其他成员处发出' } : undefined;
}

export function returnedThenSold(row: Pick<CodeRow, 'returnedCount' | 'state'>): RuleFinding | undefined {
  return row.returnedCount > 0 && row.state === 'in-stock' ? { code: 'CODE_RETURNED_THEN_SOLD', detail: `该盒曾退回 ${String(row.returnedCount)} 次` } : undefined;
}

/** In stock although it went to a patient more often than it came back: it was received again in between. */
export function receivedAgainWithoutReturn(row: Pick<CodeRow, 'soldCount' | 'returnedCount' | 'state'>): RuleFinding | undefined {
  return row.state === 'in-stock' && row.soldCount > row.returnedCount ? { code: 'CODE_RECEIVED_AFTER_SOLD', detail: '该码曾由本院发出，未经退药又作为入库出现' } : undefined;
}

/** From the third hand on, going out and coming back is no longer a change of mind. */
const MANY_SALES = 2;
/** Neighbours sold without a receipt that make a run; packs of one carton come in together, with a receipt. */
export const RUN_LENGTH = 5;

/** @param neighbours length of the run of consecutive serials around the code that were sold here and never received, the code included */
export function unusualPattern(row: Pick<CodeRow, 'soldCount'>, neighbours = 0): RuleFinding | undefined {
  if (neighbours >= RUN_LENGTH) return { code: 'CODE_UNUSUAL_PATTERN', detail: `连续 ${String(neighbours)} 个流水号都没有入库记录而发出，末位规律相同` };
  return row.soldCount >= MANY_SALES ? { code: 'CODE_UNUSUAL_PATTERN', detail: `该盒已发出过 ${String(row.soldCount)} 次` } : undefined;
}
