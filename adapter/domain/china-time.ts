/** Times on the wire are Asia/Shanghai (UTC+8, no summer time since 1991) whatever the host's zone. */
const OFFSET_MS = 8 * 3_600_000;

/** @returns `2026-11-22 09:31:05` */
export function chinaDateTime(ms: number): string {
  return new Date(ms + OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ');
}

/** @returns `2026-11-22` */
export function chinaDate(ms: number): string {
  return new Date(ms + OFFSET_MS).toISOString().slice(0, 10);
}

/** @returns `20261122093105` */
export function chinaCompact(ms: number): string {
  return new Date(ms + OFFSET_MS).toISOString().slice(0, 19).replace(/[-T:]/g, '');
}

/** @returns `2026-11-22T09:31:05+08:00` */
export function chinaIso(ms: number): string {
  return `${new Date(ms + OFFSET_MS).toISOString().slice(0, 19)}+08:00`;
}

const ISO_WITH_OFFSET = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;

/** @returns milliseconds of an ISO 8601 time with an offset, or undefined when it is none (impossible dates included). */
export function parseInstant(text: string): number | undefined {
  if (!ISO_WITH_OFFSET.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) || !isCalendarDate(text.slice(0, 10)) ? undefined : ms;
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** @returns whether the text is a real day, `2026-02-30` is not. */
export function isCalendarDate(text: string): boolean {
  const match = DAY.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const leap = month === 2 && (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
  return day >= 1 && day <= (leap ? 29 : DAYS_IN_MONTH[month - 1] ?? 0);
}
