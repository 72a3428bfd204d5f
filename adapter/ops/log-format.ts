import { chinaIso } from '../domain/china-time.ts';
import type { LogFields } from '../ports/log.ts';
import { redactFields, redactText } from './redact.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line of the log before it is written. */
export interface LogLine {
  /** ms since epoch */
  readonly at: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

const RESERVED = new Set(['at', 'level', 'message']);

/** @returns the line as one line of JSON; a field that bears the name of ours gets an underscore: `message` → `message_` */
export function jsonLine(line: LogLine): string {
  const fields = Object.entries(redactFields(line.fields)).map(([key, value]) => [RESERVED.has(key) ? `${key}_` : key, value] as const);
  return JSON.stringify({ at: chinaIso(line.at), level: line.level, message: redactText(line.message), ...Object.fromEntries(fields) });
}

const MARKS: Readonly<Record<LogLevel, { readonly text: string; readonly color: string }>> = {
  debug: { text: 'DEBUG', color: '\u001B[90m' }, info: { text: 'INFO ', color: '\u001B[36m' },
  warn: { text: 'WARN ', color: '\u001B[33m' }, error: { text: 'ERROR', color: '\u001B[31m' },
};

/** @returns the line for a person at a terminal: `09:31:05 INFO  delivery accepted destination=insurance` */
export function textLine(line: LogLine, color: boolean): string {
  const mark = MARKS[line.level];
  const fields = Object.entries(redactFields(line.fields)).map(([key, value]) => `${key}=${brief(value)}`);
  const level = color ? `${mark.color}${mark.text}\u001B[0m` : mark.text;
  return [chinaIso(line.at).slice(11, 19), level, oneLine(redactText(line.message)), ...fields].join(' ');
}

function brief(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  if (typeof value === 'object' && value !== null && 'name' in value && 'message' in value && 'stack' in value) return JSON.stringify(`${String(value.name)}: ${String(value.message)}`);
  return JSON.stringify(value);
}

/** Control characters of outside data must not move the cursor or begin a line of their own. */
const oneLine = (text: string): string => text.replace(/[\u0000-\u001F\u007F]+/g, ' ');
