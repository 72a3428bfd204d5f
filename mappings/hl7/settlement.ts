import type { Patient, TraceEvent } from '../../adapter/domain/event.ts';
import type { Hl7Message } from '../../adapter/ports/hl7-message.ts';
import type { MappingContext } from '../../adapter/ports/his-mapping.ts';
import type { Interpretation } from '../../adapter/ports/his-record.ts';
import { keyText, present, value } from './field-text.ts';
import { institutionOf } from './institution.ts';
import { insuranceOf } from './insurance.ts';
import { gatherProblems, refusalOf } from './problems.ts';
import { readInstant } from './time.ts';

/**
 * DFT^P03 as a settlement: visit number PV1-19 (else PID-18), settlement id ZIN-1, or FT1-2 when it is marked `<setl_id>^SETL`.
 * A charge message that holds no settlement id is refused with the reason; so is a credit, because a settlement cannot be taken back here.
 * @param categories words of the vendor's insurance category fields
 */
export function settlementEvent(message: Hl7Message, context: MappingContext, categories: readonly string[]): Interpretation {
  const problems = gatherProblems();
  const insurance = insuranceOf(message, categories, problems);
  const pv1 = message.first('PV1');
  const visitNo = keyText(pv1, 19, { problems, longest: 64 }) ?? keyText(message.first('PID'), 18, { problems, longest: 64 });
  if (message.all('FT1').some((ft1) => value(ft1, 6).toUpperCase() === 'CR')) {
    problems.add('HL7_FIELD_INVALID', { field: 'FT1-6', value: 'CR', detail: '结算冲销不能作为结算事件；退药请发送退药消息' });
  }
  if (insurance.settlementId === undefined) problems.add('HL7_SEGMENT_MISSING', { field: 'ZIN-1', detail: '没有结算编号：请在 ZIN-1 给出医保结算 ID（或 FT1-2 写成 结算ID^SETL）；一般记账消息请勿发送' });
  if (visitNo === undefined) problems.add('HL7_FIELD_INVALID', { field: 'PV1-19', detail: '结算须给出就诊号' });
  const ft1 = message.first('FT1');
  const occurredAt = readInstant(ft1, 4, problems) ?? readInstant(message.first('EVN'), 2, problems) ?? readInstant(message.first('MSH'), 7, problems) ?? context.receivedAt;
  const [first, ...others] = problems.found;
  if (first !== undefined) return { kind: 'refused', refusal: refusalOf([first, ...others]) };
  const event: TraceEvent = {
    id: value(message.first('MSH'), 10), source: context.source, institution: institutionOf(message, context), kind: 'settlement', occurredAt,
    patient: present<Patient>({ ...insurance, visitNo }), lines: [],
  };
  return { kind: 'events', events: [event] };
}
