import { isCalendarDate } from '../../adapter/domain/china-time.ts';

/** @returns whether the text is a real moment in the form `2026-11-22 09:31:05` */
export function isDateTime(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2} ([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(text) && isCalendarDate(text.slice(0, 10));
}
