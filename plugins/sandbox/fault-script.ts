import { parseInstant } from '../../adapter/domain/china-time.ts';
import { FAULT_EFFECTS, type FaultRule, type FaultScript } from './fault-rule.ts';
import { PLATFORM_NAMES } from './platform-name.ts';
import { asObject } from './platform.ts';

const MAX_RULES = 1_000;
const NUMBERS = ['every', 'probability', 'times', 'ms', 'bytes', 'count'] as const;
const TEXTS = ['name', 'contains', 'text', 'code'] as const;
const KNOWN = new Set<string>([...NUMBERS, ...TEXTS, 'platform', 'operation', 'calls', 'from', 'until', 'effect', 'when']);

/**
 * Reads a fault script that came as JSON or from a YAML reader (numbers may be texts): `{ seed, rules: [...] }` or the bare list.
 * @returns the script and every problem found; a script with problems must not be used
 */
export function parseFaultScript(document: unknown): { readonly script: FaultScript; readonly problems: readonly string[] } {
  const top = asObject(document);
  const list = Array.isArray(document) ? (document as unknown[]) : top?.['rules'];
  if (!Array.isArray(list)) return { script: { rules: [] }, problems: ['a fault script is a list of rules, or an object with "rules"'] };
  const problems: string[] = [];
  if (list.length > MAX_RULES) problems.push(`at most ${String(MAX_RULES)} rules`);
  const rules = list.slice(0, MAX_RULES).flatMap((item: unknown, index) => {
    const rule = readRule(item, `rule ${String(index + 1)}`, problems);
    return rule === undefined ? [] : [rule];
  });
  const seed = top?.['seed'] === undefined ? undefined : numberOf(top['seed']);
  if (top?.['seed'] !== undefined && seed === undefined) problems.push('seed: not a number');
  return { script: { rules, ...(seed === undefined ? {} : { seed }) }, problems };
}

function readRule(item: unknown, at: string, problems: string[]): FaultRule | undefined {
  const source = asObject(item);
  if (source === undefined) {
    problems.push(`${at}: not an object`);
    return undefined;
  }
  const before = problems.length;
  for (const name of Object.keys(source)) if (!KNOWN.has(name)) problems.push(`${at}: unknown member ${name}`);
  const rule: Record<string, unknown> = {};
  for (const name of NUMBERS) readNumber(source, rule, name, at, problems);
  for (const name of TEXTS) {
    if (source[name] === undefined) continue;
    if (typeof source[name] === 'string') rule[name] = source[name];
    else problems.push(`${at}: ${name} must be text`);
  }
  readChoice(source, rule, 'platform', PLATFORM_NAMES, at, problems);
  readChoice(source, rule, 'when', ['before', 'after'], at, problems);
  readChoice(source, rule, 'effect', FAULT_EFFECTS, at, problems);
  if (rule['effect'] === undefined && source['effect'] === undefined) problems.push(`${at}: effect is missing`);
  readSelection(source, rule, at, problems);
  checkRanges(rule, at, problems);
  return problems.length === before ? (rule as unknown as FaultRule) : undefined;
}

function readNumber(source: Readonly<Record<string, unknown>>, rule: Record<string, unknown>, name: string, at: string, problems: string[]): void {
  if (source[name] === undefined) return;
  const number = numberOf(source[name]);
  if (number === undefined || number < 0) problems.push(`${at}: ${name} must be a number that is not negative`);
  else rule[name] = number;
}

function readChoice(source: Readonly<Record<string, unknown>>, rule: Record<string, unknown>, name: string, choices: readonly string[], at: string, problems: string[]): void {
  const value = source[name];
  if (value === undefined) return;
  if (typeof value === 'string' && choices.includes(value)) rule[name] = value;
  else problems.push(`${at}: ${name} must be one of ${choices.join(', ')}`);
}

function readSelection(source: Readonly<Record<string, unknown>>, rule: Record<string, unknown>, at: string, problems: string[]): void {
  const operation = source['operation'];
  // infno may be written without quotes, 3505 is then a number
  if (typeof operation === 'string' || typeof operation === 'number') rule['operation'] = String(operation);
  else if (Array.isArray(operation)) rule['operation'] = operation.map(String);
  else if (operation !== undefined) problems.push(`${at}: operation must be a name or a list of names`);
  const calls = source['calls'];
  if (calls !== undefined) {
    const numbers = Array.isArray(calls) ? calls.map(numberOf) : [numberOf(calls)];
    if (numbers.every((number) => number !== undefined && number >= 1)) rule['calls'] = numbers;
    else if (typeof calls === 'string' && /^\d+-\d+$/.test(calls)) rule['calls'] = calls;
    else problems.push(`${at}: calls must be a number from 1, a list of them or a range such as 5-9`);
  }
  for (const name of ['from', 'until'] as const) {
    const value = source[name];
    if (value === undefined) continue;
    if ((typeof value === 'number' || typeof value === 'string') && momentMs(value, 0) !== undefined) rule[name] = value;
    else problems.push(`${at}: ${name} must be milliseconds, a duration such as 5s, or an ISO time with offset`);
  }
}

function checkRanges(rule: Readonly<Record<string, unknown>>, at: string, problems: string[]): void {
  if (typeof rule['probability'] === 'number' && rule['probability'] > 1) problems.push(`${at}: probability is at most 1`);
  if (rule['every'] === 0) problems.push(`${at}: every is at least 1`);
  if (rule['effect'] === 'outage' && rule['ms'] === undefined && rule['until'] === undefined) problems.push(`${at}: an outage needs ms, or a window that ends (until)`);
  if ((rule['effect'] === 'stallProcessing' || rule['effect'] === 'partialProcessing') && rule['platform'] !== undefined && rule['platform'] !== 'mah') problems.push(`${at}: ${rule['effect']} is of the mah platform only`);
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @returns epoch milliseconds of a moment written as in {@link FaultRule.from}, undefined when it cannot be read */
export function momentMs(value: number | string, setAt: number): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? setAt + value : undefined;
  const duration = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(value);
  if (duration !== null) return setAt + Number(duration[1]) * (UNIT_MS[duration[2] ?? 'ms'] ?? 1);
  return parseInstant(value);
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}
