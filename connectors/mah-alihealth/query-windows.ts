import { chinaDate } from '../../adapter/domain/china-time.ts';

const DAY_MS = 86_400_000;

export interface Window {
  readonly begin: string;
  readonly end: string;
}

/**
 * Days to ask about a bill: its own day, the day it was first sent, and up to today, in one window where that is short enough,
 * otherwise in two. Whether the platform counts by bill day or upload day is not documented, so both are asked for.
 */
export function windowsOf(times: { readonly billAt: number; readonly sentAt: number; readonly nowMs: number }, maxDays: number): Window[] {
  const { billAt, sentAt, nowMs } = times;
  const first = Math.min(billAt, sentAt, nowMs);
  const last = Math.max(billAt, sentAt, nowMs);
  if (last - first <= (maxDays - 1) * DAY_MS) return [window(first, last)];
  const reach = (maxDays - 1) * DAY_MS;
  const around = [window(billAt, Math.min(billAt + reach, Math.max(billAt, nowMs))), window(sentAt, Math.min(sentAt + reach, Math.max(sentAt, nowMs)))];
  return around.filter((candidate, at) => around.findIndex((other) => other.begin === candidate.begin && other.end === candidate.end) === at);
}

function window(fromMs: number, toMs: number): Window {
  return { begin: chinaDate(fromMs), end: chinaDate(toMs) };
}
