import type { SendResult } from '../../adapter/domain/outcome.ts';
import type { Institution } from '../../adapter/ports/institution.ts';
import type { Report } from '../../adapter/ports/destination.ts';
import { inputChars } from './envelope.ts';
import { infnoOf, piecesOf } from './pieces.ts';
import type { Piece } from './pieces.ts';
import { dataTypeOf } from './plan.ts';
import type { Profile } from './profile.ts';
import { buildRow } from './row-check.ts';
import type { Row } from './row-check.ts';
import { conditionalFields, eventTime, rowValues } from './rows.ts';
import type { RowContext } from './rows.ts';
import type { NhsaSettings } from './settings.ts';
import type { Spec } from './spec.ts';

/** A row that is fit to be sent. */
export interface Prepared {
  /** place of its report in the call to send() */
  readonly index: number;
  readonly report: Report;
  /** four digits; the A letter is decided when the batch is known */
  readonly infno: string;
  readonly institution: Institution;
  /** insuplc_admdvs of the envelope, '' when the row names no person */
  readonly insuredArea: string;
  /** fixmedins_bchno as it travels */
  readonly key: string;
  readonly row: Row;
  /** characters of the row as JSON */
  readonly chars: number;
}

export interface PrepareDeps {
  readonly spec: Spec;
  readonly profile: Profile;
  readonly settings: Pick<NhsaSettings, 'operator' | 'operatorForLines'>;
  /** ms since epoch: time of a return that takes back a sale */
  readonly now: number;
}

/** Builds the row of a report, or says why it cannot be sent; a row with faults stays behind, its neighbours go. */
export function prepare(report: Report, index: number, deps: PrepareDeps): Prepared | SendResult {
  const infno = infnoOf(report.operation);
  if (infno === '3507') return prepareDelete(report, index);
  const piece = pieceOf(report, deps.profile);
  if (piece === undefined) return { kind: 'rejected', reason: 'UNPLANNED', peerText: '事件的行或药品目录已变化，找不到本行，请重新生成上报任务' };
  const context = contextOf(report, { piece, infno, deps });
  const late = lateFault(context, deps);
  if (late !== undefined) return late;
  const transaction = deps.spec.transaction(infno);
  const built = buildRow(transaction, areaSafe(context), { spec: deps.spec, fields: deps.profile.fields, conditional: conditionalFields(context) });
  if ('faults' in built) return { kind: 'rejected', reason: built.faults[0]?.reason ?? 'RULE', peerText: built.faults.map((fault) => fault.text).join('；') };
  if (needsArea(context) && deps.profile.dispense.personWithoutArea === 'park') return { kind: 'rejected', reason: 'MISSING_FIELD', peerText: '缺少必填字段：参保地医保区划（insuplc_admdvs）' };
  const { encrypt } = deps.profile.security;
  const chars = inputChars({ [transaction.node]: built.row }, encrypt);
  if (chars > deps.profile.limits.inputChars) return { kind: 'rejected', reason: 'FIELD_TOO_LONG', peerText: `单行内容超过 ${String(deps.profile.limits.inputChars)} 个字符` };
  return {
    index, report, infno, institution: report.reported.institution, row: built.row, key: report.key, chars: inputChars(built.row, encrypt),
    insuredArea: namesPerson(built.row) ? (report.reported.event.patient?.insuredArea ?? '') : '',
  };
}

const DAY_MS = 86_400_000;

/** Bureaus that take reports of some days only (section 9: no window in the specification, profile option). */
function lateFault({ at }: RowContext, { profile, now }: PrepareDeps): SendResult | undefined {
  const days = profile.limits.uploadWithinDays;
  if (days === 0 || now - at <= days * DAY_MS) return undefined;
  return { kind: 'rejected', reason: 'RULE', peerText: `业务发生已超过 ${String(days)} 天，超出本地区上报时限，请联系医保经办机构` };
}

function contextOf(report: Report, by: { piece: Piece; infno: string; deps: PrepareDeps }): RowContext {
  const { piece, infno, deps } = by;
  return {
    reported: report.reported, piece, infno, key: report.key, profile: deps.profile,
    // a return that takes back a sale happens when it is sent first
    at: report.reverses === undefined ? eventTime(report.reported) : (report.firstSentAt ?? deps.now),
    operatorName: deps.settings.operatorForLines ? deps.settings.operator.name : '',
  };
}

/** Deletes by (fixmedins_bchno, inv_data_type) of the row that went out (3507). */
function prepareDelete(report: Report, index: number): Prepared | SendResult {
  const dataType = report.reverses === undefined ? undefined : dataTypeOf(report.reverses.operation);
  if (report.reverses === undefined || dataType === undefined) return { kind: 'rejected', reason: 'UNPLANNED', peerText: '没有可删除的原上报' };
  const row: Row = { fixmedins_bchno: report.reverses.key, inv_data_type: dataType };
  return { index, report, infno: '3507', institution: report.reported.institution, insuredArea: '', key: report.reverses.key, row, chars: inputChars(row) };
}

/** The piece a report was planned for. When the catalogue has changed its shape since, the report's own codes are the piece. */
function pieceOf(report: Report, profile: Profile): Piece | undefined {
  const origin = report.reverses ?? report;
  const pieces = piecesOf(report.reported, profile);
  const exact = pieces.find((piece) => piece.key === origin.key);
  if (exact !== undefined) return exact;
  const line = pieces.filter((piece) => piece.operation === origin.operation && report.covers.includes(piece.reportLine.line.lineNo));
  const first = line[0];
  const same = line.length > 1 && line.every((piece) => piece.split === first?.split && piece.level === first.level && piece.quantity !== undefined);
  const whole = new Set(line.flatMap((piece) => piece.codes.map((code) => code.code)));
  if (first === undefined || !same || whole.size !== report.codes.length || !report.codes.every((code) => whole.has(code))) return undefined;
  return { ...first, codes: line.flatMap((piece) => piece.codes), quantity: line.reduce((total, piece) => total + (piece.quantity ?? 0n), 0n), key: origin.key };
}

/** psn_no makes insuplc_admdvs mandatory in the envelope (section 2); without the area it is left out where the table lets it. */
function areaSafe(context: RowContext): ReturnType<typeof rowValues> {
  const values = rowValues(context);
  return needsArea(context) && context.profile.dispense.personWithoutArea === 'leave-out' ? { ...values, psn_no: undefined } : values;
}

function needsArea(context: RowContext): boolean {
  const { patient } = context.reported.event;
  const sale = context.infno === '3505' || context.infno === '3506';
  return sale && (patient?.personNo ?? '') !== '' && (patient?.insuredArea ?? '') === '';
}

function namesPerson(row: Row): boolean {
  return typeof row['psn_no'] === 'string' && row['psn_no'] !== '';
}
