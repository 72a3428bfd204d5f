import type { Person } from '../../adapter/domain/event.ts';
import type { Hl7Repetition, Hl7Segment } from '../../adapter/ports/hl7-message.ts';
import { freeText, isHanzi, joinName, present } from './field-text.ts';

/** XCN-13 / CX-5 identifier types that name a licence (HL7 table 0203: LN, RPH pharmacist). */
const LICENCES = new Set(['LN', 'RPH', 'PHARM', '执业资格', '执业证']);
/** … and a Chinese identity card */
export const IDENTITY_TYPES: ReadonlySet<string> = new Set(['NI', 'NNCHN', 'NNCN', 'ID', 'IDCARD', 'SFZ', '01', '身份证', '居民身份证']);

/**
 * Person of an XCN field (dispensing pharmacist, prescriber). Of several repetitions the first that is no licence number is the person;
 * a repetition of type LN is that person's licence.
 */
export function personOf(segment: Hl7Segment | undefined, field: number): Person | undefined {
  if (segment === undefined) return undefined;
  const repetitions = segment.repetitions(field);
  const typeOf = (repetition: Hl7Repetition): string => repetition.text(13).trim().toUpperCase();
  const licence = repetitions.find((repetition) => LICENCES.has(typeOf(repetition)));
  const main = repetitions.find((repetition) => repetition !== licence && repetition.text(1).trim() + repetition.text(2).trim() !== '') ?? licence;
  if (main === undefined) return undefined;
  const first = main.text(1).trim();
  const named = joinName(main.text(2).trim(), main.text(3).trim());
  // some senders put nothing but the name
  const nameOnly = named === '' && isHanzi(first);
  const identity = IDENTITY_TYPES.has(typeOf(main));
  const person = present<Person>({
    code: nameOnly || identity || main === licence ? undefined : freeText(first, 64),
    name: freeText(nameOnly ? first : named, 128),
    licenseNo: freeText(licence?.text(1) ?? '', 64),
    idType: identity ? '01' : undefined,
    idNo: identity ? freeText(first, 64) : undefined,
  });
  return Object.keys(person).length === 0 ? undefined : person;
}
