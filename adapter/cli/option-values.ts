import { nearestName } from '../config/nearest-name.ts';
import { isCalendarDate, parseInstant } from '../domain/china-time.ts';
import { UsageError } from './usage-error.ts';

/** @returns a whole number within the range. @throws UsageError */
export function wholeNumber(option: string, text: string, range: { readonly min: number; readonly max: number }): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= range.min && value <= range.max) return value;
  const span = `${String(range.min)}–${String(range.max)}`;
  throw new UsageError(`${option} 须为 ${span} 的整数，现在是 ${text}`, `${option} has to be an integer ${span}, not ${text}`);
}

/** @returns the date as it is. @throws UsageError when it is no yyyy-MM-dd of the calendar */
export function calendarDate(option: string, text: string): string {
  if (isCalendarDate(text)) return text;
  throw new UsageError(`${option} 须为日期 yyyy-MM-dd，现在是 ${text}`, `${option} has to be a date yyyy-MM-dd, not ${text}`);
}

const DAY_MS = 86_400_000;

/**
 * @param end the first instant no longer meant: a date stands for its whole day
 * @returns ms since epoch of a date (Asia/Shanghai) or an ISO time with offset. @throws UsageError
 */
export function instant(option: string, text: string, end = false): number {
  const day = isCalendarDate(text) ? parseInstant(`${text}T00:00:00+08:00`) : undefined;
  const ms = day === undefined ? parseInstant(text) : day + (end ? DAY_MS : 0);
  if (ms !== undefined) return ms;
  throw new UsageError(`${option} 须为日期 yyyy-MM-dd 或带时区的时间，现在是 ${text}`, `${option} has to be a date yyyy-MM-dd or a time with offset, not ${text}`);
}

/** @returns the code as it is. @throws UsageError that names the nearest known one */
export function knownCode<const Code extends string>(option: string, text: string, codes: readonly Code[]): Code {
  const found = codes.find((code) => code === text.toUpperCase());
  if (found !== undefined) return found;
  const near = nearestName(text, codes);
  throw near === undefined
    ? new UsageError(`${option} 没有 ${text} 这个代码，可用：${codes.join('、')}`, `${option}: there is no code ${text}, known: ${codes.join(', ')}`)
    : new UsageError(`${option} 没有 ${text} 这个代码，是否想用 ${near}？`, `${option}: there is no code ${text}, did you mean ${near}?`);
}

/** @returns the word as it is. @throws UsageError when it is none of the known ones */
export function oneOf<const Word extends string>(option: string, text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new UsageError(`${option} 须为以下之一：${words.join('、')}，现在是 ${text}`, `${option} has to be one of ${words.join(', ')}, not ${text}`);
}
