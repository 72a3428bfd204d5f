import { isCalendarDate, parseInstant } from '../../adapter/domain/china-time.ts';
import type { Hl7Segment } from '../../adapter/ports/hl7-message.ts';
import { value } from './field-text.ts';
import { fieldName } from './problems.ts';
import type { Problems } from './problems.ts';

/** DTM / TS: any precision from the year on, fraction, offset (HL7 2.5.1 chapter 2A). */
const DTM = /^(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:\.(\d{1,9}))?([+-]\d{4})?$/;
/** what databases print and HIS programs pass on unchanged */
const PRINTED = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/;
/** no dispensing of coded drugs is older (contract section 4, intake) */
const NOT_BEFORE = '2000-01-01';

interface Parts { readonly date: string; readonly time: string; readonly offset: string; readonly precision: 'year' | 'month' | 'day' | 'time' }

function partsOf(text: string): Parts | undefined {
  const match = DTM.exec(text) ?? PRINTED.exec(text);
  if (match === null) return undefined;
  const [, year = '', month, day, hour, minute, second, fraction, offset] = match;
  if (hour !== undefined && day === undefined) return undefined;
  const two = (part: string | undefined, otherwise: string): string => (part ?? otherwise).padStart(2, '0');
  const millis = fraction === undefined || /^0+$/.test(fraction) ? '' : `.${fraction.slice(0, 3).padEnd(3, '0')}`;
  return {
    date: `${year}-${two(month, '01')}-${two(day, '01')}`,
    time: `${two(hour, '00')}:${two(minute, '00')}:${two(second, '00')}${millis}`,
    offset: offset === undefined || offset === 'Z' ? (offset === 'Z' ? '+00:00' : '+08:00') : `${offset.slice(0, 3)}:${offset.slice(-2)}`,
    precision: hour !== undefined ? 'time' : day !== undefined ? 'day' : month !== undefined ? 'month' : 'year',
  };
}

/** @returns ISO 8601 with offset (+08:00 where the sender gives none), or undefined when it is no real time. `20261122` → `2026-11-22T00:00:00+08:00` */
export function instantOf(text: string): string | undefined {
  const parts = partsOf(text);
  if (parts === undefined || !isCalendarDate(parts.date)) return undefined;
  const iso = `${parts.date}T${parts.time}${parts.offset}`;
  return parseInstant(iso) !== undefined && parts.date >= NOT_BEFORE ? iso : undefined;
}

/**
 * @returns yyyy-MM-dd, or undefined when it is no real day. A month alone means its last day: 有效期至 2027.12 runs to 2027-12-31
 *   (药品说明书和标签管理规定 第二十三条).
 */
export function dayOf(text: string): string | undefined {
  const parts = partsOf(text);
  if (parts === undefined || parts.precision === 'year' || !isCalendarDate(parts.date)) return undefined;
  if (parts.precision !== 'month') return parts.date;
  const [year = '', month = ''] = parts.date.split('-');
  const last = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  return `${year}-${month}-${String(last)}`;
}

/** Time of a field; empty is undefined, impossible is a problem. */
export function readInstant(segment: Hl7Segment | undefined, field: number, problems: Problems): string | undefined {
  const text = value(segment, field);
  if (segment === undefined || text === '') return undefined;
  const instant = instantOf(text);
  if (instant === undefined) problems.add('HL7_FIELD_INVALID', { field: fieldName(segment, field), value: text, detail: '不是真实的时间，格式应为 yyyyMMddHHmmss' });
  return instant;
}
