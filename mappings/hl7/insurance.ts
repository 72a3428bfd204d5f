import type { Patient, SettlementArea, SettlementType } from '../../adapter/domain/event.ts';
import type { Hl7Message, Hl7Segment } from '../../adapter/ports/hl7-message.ts';
import { freeText, keyText, present, value } from './field-text.ts';
import { fieldName } from './problems.ts';
import type { Problems } from './problems.ts';

export type InsuranceFacts = Pick<Patient, 'settlementType' | 'settlementId' | 'settlementArea' | 'personNo' | 'insuredArea'>;

const SELF_PAY = /自费|自理|现金|非医保|无医保|\bself[- ]?pay\b|\bcash\b/i;
const INSURED = /医保|医疗保险|职工|居民|城镇|新农合|公费|离休|\binsur/i;

/** @returns what the words of an insurance category clearly say; undefined when they do not */
export function settlementTypeOf(words: string): SettlementType | undefined {
  if (SELF_PAY.test(words)) return 'self-pay';
  return INSURED.test(words) ? 'insured' : undefined;
}

const TYPES: Readonly<Record<string, SettlementType>> = { 'insured': 'insured', '医保': 'insured', 'self-pay': 'self-pay', 'selfpay': 'self-pay', '自费': 'self-pay' };
const AREAS: Readonly<Record<string, SettlementArea>> = { local: 'local', 本地: 'local', remote: 'remote', 异地: 'remote' };

/**
 * Settlement facts of a message: our own segment `ZIN|settlementId|settlementType|area|personNo|insuredArea` where it is sent, else what
 * the insurance category says in words.
 * @param categories words of the insurance category fields of this vendor
 */
export function insuranceOf(message: Hl7Message, categories: readonly string[], problems: Problems): InsuranceFacts {
  const zin = message.first('ZIN');
  const words = categories.join(' ');
  const settlementId = keyText(zin, 1, { problems, longest: 64 }) ?? markedSettlementId(message, problems);
  return present<InsuranceFacts>({
    settlementId,
    settlementType: choice(zin, 2, TYPES, problems) ?? settlementTypeOf(words) ?? (settlementId === undefined ? undefined : 'insured'),
    settlementArea: choice(zin, 3, AREAS, problems) ?? (words.includes('异地') ? 'remote' : undefined),
    personNo: keyText(zin, 4, { problems, longest: 64 }),
    insuredArea: freeText(value(zin, 5), 16),
  });
}

/** FT1-2 is the HIS's own charge id unless it is marked as settlement id: `<setl_id>^SETL` */
function markedSettlementId(message: Hl7Message, problems: Problems): string | undefined {
  const marked = message.all('FT1').find((ft1) => [2, 4, 5].some((component) => value(ft1, 2, component).toUpperCase() === 'SETL'));
  return keyText(marked, 2, { problems, longest: 64 });
}

function choice<T>(segment: Hl7Segment | undefined, field: number, words: Readonly<Record<string, T>>, problems: Problems): T | undefined {
  const text = value(segment, field);
  if (segment === undefined || text === '') return undefined;
  const found = Object.hasOwn(words, text.toLowerCase()) ? words[text.toLowerCase()] : undefined;
  if (found === undefined) problems.add('HL7_FIELD_INVALID', { field: fieldName(segment, field), value: text, detail: `可用的值：${Object.keys(words).join('、')}` });
  return found;
}
