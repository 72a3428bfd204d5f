import { chinaDateTime, parseInstant } from '../../adapter/domain/china-time.ts';
import type { Counterparty, Patient, Person } from '../../adapter/domain/event.ts';
import type { FaultReason } from '../../adapter/domain/outcome.ts';
import type { Report } from '../../adapter/ports/destination.ts';
import { billTypeOf, isInbound } from './bill-types.ts';
import { METHODS, type Method } from './methods.ts';
import type { PartnerIds } from './partner-name.ts';
import { reversalTime } from './plan-reversal.ts';
import type { MahSettings } from './settings.ts';
import type { Parameters } from './sign.ts';

export interface Bill {
  readonly method: Method;
  readonly parameters: Parameters;
}
export type BillResult = { readonly kind: 'bill'; readonly bill: Bill } | { readonly kind: 'incomplete'; readonly reason: FaultReason; readonly detail: string };

/** constant of the interface (Annex A uploadinoutbill) */
const CLIENT_TYPE = '2';
/** medic_doctor, medic_dispenser: at most 20 characters on the pharmacy pack */
const MAX_PERSON = 20;

/** @returns the partner the bill needs, `undefined` for a bill both of whose ends are ours */
export function partnerNeeded(report: Report): { readonly needed: boolean; readonly counterparty: Counterparty | undefined } {
  const { counterparty } = report.reported.event;
  const other = billTypeOf(report.operation)?.other;
  const named = counterparty !== undefined && (counterparty.code ?? counterparty.name ?? '') !== '';
  return { needed: other === 'partner' || (other === 'partner-if-named' && named), counterparty };
}

/** @returns time of the business: of the event, or of the void for a reversal; undefined when it cannot be read */
export function billTime(report: Report): number | undefined {
  return reversalTime(report.batchKey) ?? parseInstant(report.reported.event.occurredAt);
}

/**
 * Parameters of an upload, strictly by Annex A. `ref_user_id` takes our ref_ent_id, `from_user_id` and `to_user_id` take
 * ent_ids: the two kinds are never put in each other's place (mah.md 0.5).
 */
export function billOf(report: Report, settings: MahSettings, partner: PartnerIds | undefined): BillResult {
  const type = billTypeOf(report.operation);
  if (type === undefined) return incomplete('CONFIGURATION', `单据类型 ${report.operation} 不能由本接口上报`);
  const { institution } = report.reported;
  const refEntId = institution.mah?.refEntId ?? '';
  const time = billTime(report);
  if (refEntId === '') return incomplete('MISSING_FIELD', `机构 ${institution.code} 没有配置 mah.refEntId`);
  if (time === undefined) return incomplete('MISSING_FIELD', '业务发生时间无效');
  if (report.codes.length === 0) return incomplete('CODES_MISSING', '单据没有追溯码');
  const common = {
    bill_code: report.key, bill_time: chinaDateTime(time), bill_type: report.operation, physic_type: String(settings.physicType),
    ref_user_id: refEntId, oper_ic_code: given(settings.operatorCode) ?? settings.appKey, oper_ic_name: settings.operatorName,
    trace_codes: report.codes.join(','), ...(settings.ignorePartSuccess ? { ignore_part_success_flag: '1' } : {}),
  };
  if (type.side === 'use') return bill(METHODS.uploadUse, { ...common, ...useFields(report, settings) });

  const entId = institution.mah?.entId ?? '';
  if (entId === '') return incomplete('MISSING_FIELD', `机构 ${institution.code} 没有配置 mah.entId`);
  const { needed } = partnerNeeded(report);
  if (needed && partner === undefined) return incomplete('OWNER_UNKNOWN', '往来单位没有对应的平台企业');
  const other = needed ? partner : undefined;
  const inbound = isInbound(report.operation);
  const ends = inbound ? { from: other?.entId ?? entId, to: entId } : { from: entId, to: other?.entId ?? entId };
  return bill(METHODS.uploadInOut, {
    ...common, client_type: CLIENT_TYPE, from_user_id: ends.from, to_user_id: ends.to,
    ...partyFields(report, settings, inbound, other),
  });
}

/** Fields the trace system forwards to the collaborative platform, where the event has them (mah.md 10.4, 10.5). */
function partyFields(report: Report, settings: MahSettings, inbound: boolean, partner: PartnerIds | undefined): Parameters {
  const { event } = report.reported;
  const person = settings.sendStaff ? nameOf(event.operator) : undefined;
  const own = given(settings.address);
  const theirs = given(partner?.address);
  return present({
    from_bill_code: given(event.deliveryNoteNo),
    from_address: inbound ? theirs : own,
    to_address: inbound ? own : theirs,
    from_person: inbound ? undefined : person,
    to_person: inbound ? person : undefined,
  });
}

function useFields(report: Report, settings: MahSettings): Parameters {
  const { event } = report.reported;
  return present({
    user_name: patientMark(event.patient, settings.sendPatient),
    medic_doctor: settings.sendStaff ? nameOf(event.prescriber) : undefined,
    medic_dispenser: settings.sendStaff ? nameOf(event.operator) : undefined,
  });
}

/** user_name may be an in-house number, which keeps personal data at home (mah.md 6) */
function patientMark(patient: Patient | undefined, send: MahSettings['sendPatient']): string | undefined {
  switch (send) {
    case 'none': return undefined;
    case 'visit-no': return given(patient?.visitNo);
    case 'name': return given(patient?.name);
  }
}

function nameOf(person: Person | undefined): string | undefined {
  return given(person?.name)?.slice(0, MAX_PERSON);
}

/** @returns the text, or undefined when there is none: an empty parameter is left out, not sent */
function given(text: string | undefined): string | undefined {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? undefined : trimmed;
}

function present(fields: Readonly<Record<string, string | undefined>>): Parameters {
  return Object.fromEntries(Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined));
}

function bill(method: Method, parameters: Parameters): BillResult {
  return { kind: 'bill', bill: { method, parameters } };
}

function incomplete(reason: FaultReason, detail: string): BillResult {
  return { kind: 'incomplete', reason, detail };
}
