import type { TraceEvent } from '../../adapter/domain/event.ts';
import { reportKey } from '../../adapter/domain/report-key.ts';
import type { PlannedReport, Report, ReportedEvent } from '../../adapter/ports/destination.ts';
import { infnoOf, isSale, monthDay, piecesOf } from './pieces.ts';
import type { Piece } from './pieces.ts';
import type { Profile } from './profile.ts';
import { settlementOf } from './settlement.ts';

/** Pure: the reports an event owes to the insurance platform (insurance.md section 8), one per uploaded row. */
export function planReports(reported: ReportedEvent, profile: Profile): readonly PlannedReport[] {
  const { event } = reported;
  if (event.kind === 'split-open') return reported.lines.map(({ line, codes }) => notOwedOpening(reported, { lineNo: line.lineNo, codes: codes.map((code) => code.code) }));
  return piecesOf(reported, profile).map((piece) => {
    const base: PlannedReport = {
      operation: piece.operation,
      key: piece.key,
      covers: [piece.reportLine.line.lineNo],
      codes: piece.codes.map((code) => code.code),
      batchKey: batchKeyOf(reported, piece.operation),
      priority: priorityOf(event),
    };
    return { ...base, ...obstacleOf(piece, { reported, profile }) };
  });
}

/** Opening a pack moves nothing out of the stock: each partial dispensing is reported by itself (section 10). */
function notOwedOpening(reported: ReportedEvent, of: { lineNo: string; codes: readonly string[] }): PlannedReport {
  const { institution, event } = reported;
  return {
    operation: 'split-open', covers: [of.lineNo], codes: of.codes, batchKey: `${institution.code}|split-open`, priority: 5,
    key: reportKey(`O${monthDay(event.occurredAt)}`, [institution.code, event.source, event.id, of.lineNo, 'split-open', '']),
    notOwed: '拆零开启不减少库存，无需上报；之后每次拆零发药各自上报',
  };
}

/**
 * Rows of one batch key may travel in one A transaction. The envelope names one institution and one insured area
 * (insuplc_admdvs), so rows of different ones never share a call.
 */
export function batchKeyOf(reported: ReportedEvent, operation: string): string {
  const { patient } = reported.event;
  const area = infnoOf(operation) === '3505' || infnoOf(operation) === '3506' ? (patient?.personNo === undefined ? '' : (patient.insuredArea ?? '')) : '';
  return [reported.institution.code, infnoOf(operation), area].join('|');
}

function priorityOf(event: TraceEvent): number {
  if (!isSale(event.kind)) return 5;
  return event.emergency === true ? 0 : 1;
}

type Obstacle = Pick<PlannedReport, 'hold' | 'notOwed' | 'unsendable'>;

function obstacleOf(piece: Piece, by: { reported: ReportedEvent; profile: Profile }): Obstacle {
  const { reported: { event }, profile: { dispense } } = by;
  const { line, drug } = piece.reportLine;
  if (drug === undefined) return { unsendable: { reason: 'DRUG_UNKNOWN', detail: `药品目录中没有 ${line.drug}，请先导入药品目录` } };
  if (piece.quantity === undefined) return { unsendable: { reason: 'CATALOG', detail: `单位“${line.unit}”无法换算，请在药品目录中补齐包装单位、最小单位与包装数量` } };
  if (piece.insideOthers) return { notOwed: '大包装所含的小包装已逐一上报，数量不重复计' };
  if (piece.quantity === 0n && event.kind !== 'stock-count') {
    if (piece.codes.length === 0) return { notOwed: '数量为零，无需上报' };
    return { unsendable: { reason: 'RULE', detail: '追溯码多于数量，请核对数量与所扫追溯码' } };
  }
  if (piece.quantity === 0n && infnoOf(piece.operation) === '3502') return { notOwed: '盘存数量为零，没有库存变更' };
  if (piece.quantity < 0n) return { unsendable: { reason: 'RULE', detail: '数量为负数，请以退药、退货或盘损等业务上报' } };
  if (piece.codes.length === 0 && dispense.codesRequired.includes(event.kind)) {
    return { unsendable: { reason: 'CODES_MISSING', detail: '发药行没有追溯码（无码不付），请补扫追溯码' } };
  }
  return saleObstacle(piece, by);
}

function saleObstacle(piece: Piece, by: { reported: ReportedEvent; profile: Profile }): Obstacle {
  const { reported, profile: { dispense } } = by;
  if (!isSale(reported.event.kind)) return {};
  const tooLarge = piece.codes.find((code) => !dispense.saleLevels.includes(code.level));
  if (tooLarge !== undefined) return { unsendable: { reason: 'INVALID_CODE', detail: `追溯码 ${tooLarge.code} 不是最小销售包装的码，请扫描小包装追溯码` } };
  // 3505 of an insured patient needs setl_id, so it can only follow the settlement (section 9); returns do not
  if (reported.event.kind === 'dispense' && settlementOf(reported.event.patient, dispense).waits) return { hold: 'settlement' };
  return {};
}

const DATA_TYPE: Readonly<Record<string, string>> = { '3501': '1', '3502': '2', '3503': '3', '3504': '3', '3505': '4', '3506': '4' };

/** @returns inv_data_type under which 3507 finds a row of the operation; undefined when the row cannot be deleted */
export function dataTypeOf(operation: string): string | undefined {
  return DATA_TYPE[infnoOf(operation)];
}

/**
 * Pure: how a row that went out is taken back. 3507 removes by (fixmedins_bchno, inv_data_type) and our keys are unique per row,
 * so it removes exactly this one (section 9); by profile a sale is taken back with 3506 instead.
 */
export function planTakeBack(original: Pick<Report, 'operation' | 'key' | 'covers' | 'codes' | 'reported'>, profile: Profile): PlannedReport | undefined {
  const infno = infnoOf(original.operation);
  if (dataTypeOf(original.operation) === undefined) return undefined;
  const operation = infno === '3505' && profile.reversal['3505'] === 'return' ? '3506' : '3507';
  const { institution, event } = original.reported;
  return {
    operation,
    key: reportKey(`${operation === '3506' ? 'R' : 'D'}${monthDay(event.occurredAt)}`, [institution.code, event.source, event.id, original.covers.join(','), operation, original.key]),
    covers: original.covers,
    codes: original.codes,
    batchKey: batchKeyOf(original.reported, operation),
    priority: isSale(event.kind) ? 1 : 5,
  };
}
