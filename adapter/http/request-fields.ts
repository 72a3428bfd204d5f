import { z } from 'zod';
import { DELIVERY_STATES } from '../delivery/states.ts';
import type { DeliveryState } from '../delivery/states.ts';
import { isCalendarDate, parseInstant } from '../domain/china-time.ts';
import { nearestName } from '../config/nearest-name.ts';
import { EVENT_KINDS } from '../domain/event.ts';
import { FAULT_REASONS } from '../domain/outcome.ts';

/** Query and body fields that several routes share. */

/** PostgreSQL cannot take it in a text. */
const NUL = '\u0000';

/** @returns a text that any database can look for */
export function textField(max: number): z.ZodString {
  return z.string().min(1).max(max).refine((value) => !value.includes(NUL), 'U+0000');
}

export const institutionField = textField(64).optional().describe('定点医药机构编号；只有一个机构时可省略');

const DAY_MS = 86_400_000;

/** A `+` in a query string arrives as a blank when the caller did not escape it. */
function repairPlus(value: string): string {
  return value.replace(/ (?=\d{2}:?\d{2}$)/, '+');
}

function isMoment(value: string): boolean {
  return isCalendarDate(value) || parseInstant(repairPlus(value)) !== undefined;
}

export const moment = z.string().refine(isMoment, 'yyyy-MM-dd / 2026-11-22T09:31:05+08:00');

/** @returns first instant meant, ms since epoch; a day begins at midnight in Asia/Shanghai */
export function startOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return isCalendarDate(text) ? parseInstant(`${text}T00:00:00+08:00`) : parseInstant(repairPlus(text));
}

/** @returns first instant no longer meant; a day given as the end is included whole */
export function endOf(text: string | undefined): number | undefined {
  const start = startOf(text);
  if (text === undefined || start === undefined) return undefined;
  return isCalendarDate(text) ? start + DAY_MS : start + 1;
}

export const timeFields = {
  from: moment.optional().describe('起始日期或时刻（含）'),
  to: moment.optional().describe('截止日期或时刻（含）'),
};

/** Cursor: the number of the last row seen. Opaque to the caller. */
export function writeCursor(lastNo: number): string {
  return Buffer.from(`n${String(lastNo)}`).toString('base64url');
}

export function readCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const found = /^n(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1];
  return found === undefined ? undefined : Number(found);
}

export const pageFields = {
  cursor: z.string().max(40).refine((value) => readCursor(value) !== undefined, 'cursor').optional().describe('上一页的 nextCursor'),
  limit: z.coerce.number().int().min(1).max(500).default(50),
};

function isStateList(value: string): boolean {
  return value.split(',').every((state) => (DELIVERY_STATES as readonly string[]).includes(state));
}

export const stateListField = z.string().max(200).refine(isStateList, DELIVERY_STATES.join(' | ')).optional()
  .describe(`状态，可用逗号分隔多个：${DELIVERY_STATES.join('、')}`);

/** @returns the states named in a checked `state` parameter */
export function statesOf(value: string | undefined): readonly DeliveryState[] | undefined {
  return value === undefined ? undefined : (value.split(',') as DeliveryState[]);
}

/** What events and deliveries can be looked for by. */
export const businessFields = {
  source: textField(128).optional(),
  kind: z.enum(EVENT_KINDS).optional(),
  destination: textField(128).optional(),
  drug: textField(128).optional(),
  lot: textField(128).optional(),
  document: textField(128).optional().describe('单据号 documentNo'),
  visit: textField(128).optional().describe('就诊号 patient.visitNo'),
};

/** A mistyped reason would name nothing and look like a job well done. */
export const reasonField = z.enum(FAULT_REASONS, { error: (issue) => unknownReason(issue.input) }).optional();

function unknownReason(input: unknown): string {
  const near = typeof input === 'string' ? nearestName(input, FAULT_REASONS) : undefined;
  return near === undefined ? FAULT_REASONS.join(' | ') : `${near} ?`;
}
