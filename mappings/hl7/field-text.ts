import type { Hl7Repetition, Hl7Segment } from '../../adapter/ports/hl7-message.ts';
import { fieldName } from './problems.ts';
import type { Problems } from './problems.ts';

const CONTROL = /[\u0000-\u001f\u007f\p{Cs}]/u;
const CONTROLS = /[\u0000-\u001f\u007f\p{Cs}]+/gu;
const HANZI = /\p{Script=Han}/u;

/** @returns text of the first repetition without the blanks that fixed-width columns leave behind; '' when absent */
export function value(segment: Hl7Segment | undefined, field: number, component = 1, subcomponent = 1): string {
  return segment === undefined ? '' : segment.text(field, component, subcomponent).trim();
}

/** Text for people: control characters become blanks, too long is cut. @returns undefined when empty */
export function freeText(text: string, longest: number): string | undefined {
  const tidy = text.replace(CONTROLS, ' ').trim().slice(0, longest).trim();
  return tidy === '' ? undefined : tidy;
}

/**
 * Text that is compared byte for byte (ids, numbers, codes): refused rather than changed when it is too long or holds control
 * characters. @returns undefined when empty or refused
 */
export function keyText(segment: Hl7Segment | undefined, field: number, options: { readonly problems: Problems; readonly longest: number; readonly component?: number }): string | undefined {
  const component = options.component ?? 1;
  const text = value(segment, field, component);
  if (segment === undefined || text === '') return undefined;
  if (text.length <= options.longest && !CONTROL.test(text)) return text;
  options.problems.add('HL7_FIELD_INVALID', { field: fieldName(segment, field), value: text, detail: `最长 ${String(options.longest)} 个字符，不能含控制字符` });
  return undefined;
}

/**
 * Name of a coded element (CE, CWE, CNE): the Chinese one of text (2) and identifier (1) where one is Chinese, else the text, else
 * the identifier. `BX^盒`, `盒^BOX`, `盒` all give 盒.
 */
export function label(coded: Hl7Repetition | Hl7Segment, field?: number): string {
  const part = (component: number): string => (isSegment(coded) ? coded.text(field ?? 1, component, 0) : coded.text(component, 0)).trim();
  const identifier = part(1);
  const text = part(2);
  if (text === '') return identifier;
  return HANZI.test(identifier) && !HANZI.test(text) ? identifier : text;
}

/** Joins the parts of a person's name: Chinese names without a blank. */
export function joinName(family: string, given: string): string {
  return HANZI.test(family) || HANZI.test(given) ? family + given : `${family} ${given}`.trim();
}

export function isHanzi(text: string): boolean {
  return HANZI.test(text);
}

/** @returns the object without members that are undefined or '' */
export function present<T extends object>(members: { readonly [K in keyof T]: T[K] | undefined }): T {
  const kept: Partial<T> = {};
  for (const name in members) {
    const member = members[name];
    if (member !== undefined && member !== '') kept[name] = member;
  }
  return kept as T;
}

function isSegment(coded: Hl7Repetition | Hl7Segment): coded is Hl7Segment {
  return 'fieldCount' in coded;
}
