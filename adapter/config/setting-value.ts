import type { Setting } from '../ports/settings.ts';
import { nearestName } from './nearest-name.ts';
import type { Place, ProblemText } from './problem.ts';
import { problemAt } from './problem.ts';
import { problemText } from './problem-text.ts';
import type { Reading } from './substitute.ts';
import { resolveSecret, substitute } from './substitute.ts';
import type { YamlNode } from './yaml-tree.ts';

/** Settings that are written as one value. */
export type ScalarSetting = Exclude<Setting, { kind: 'section' | 'map' | 'list' }>;

/**
 * Turns the text of one setting into its value.
 * @returns undefined after a problem was noted; a problem shows the text as written, never what a variable holds
 */
export function readScalar(setting: ScalarSetting, node: YamlNode, key: string, place: Place, reading: Reading): string | number | boolean | undefined {
  if (node.kind !== 'text') {
    reading.problems.push(problemAt(place, problemText.shape('text')));
    return undefined;
  }
  const written = node.value.trim();
  if (setting.kind === 'url' && setting.secret !== true && holdsPassword(written)) {
    reading.problems.push(problemAt(place, problemText.urlPassword()));
    return undefined;
  }
  const text = setting.secret === true ? resolveSecret(written, key, place, reading) : substitute(setting.kind === 'text' ? node.value : written, place, reading);
  if (text === undefined) return undefined;
  const shown = setting.secret === true ? '******' : maskUrlPassword(written);
  const result = convert(setting, text, shown);
  if (typeof result !== 'object') return result;
  reading.problems.push(problemAt(place, result));
  return undefined;
}

function convert(setting: ScalarSetting, text: string, shown: string): string | number | boolean | ProblemText {
  switch (setting.kind) {
    case 'text':
      return setting.pattern === undefined || setting.pattern.test(text) ? text : problemText.pattern(shown, setting.label, setting.example);
    case 'url':
      return isUrl(text) ? text : problemText.url(shown);
    case 'integer': {
      const value = /^[+-]?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      return within(value, setting) ? value : problemText.integer(shown, rangeOf(setting, String));
    }
    case 'number': {
      const value = /^[+-]?(\d{1,15}(\.\d{1,9})?|\.\d{1,9})$/.test(text) ? Number(text) : Number.NaN;
      return within(value, setting) ? value : problemText.number(shown, rangeOf(setting, String));
    }
    case 'boolean':
      return BOOLEANS[text.toLowerCase()] ?? problemText.boolean(shown);
    case 'duration': {
      const value = parseDuration(text);
      return value !== undefined && within(value, setting) ? value : problemText.duration(shown, rangeOf(setting, formatDuration));
    }
    case 'choice':
      return setting.choices.includes(text)
        ? text
        : setting.choices.find((choice) => choice.toLowerCase() === text.toLowerCase()) ?? problemText.choice(shown, setting.choices, nearestName(text, setting.choices));
  }
}

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false, yes: true, no: false, on: true, off: false, 是: true, 否: false };
const DURATION_UNITS = [['d', 86_400_000], ['h', 3_600_000], ['m', 60_000], ['s', 1_000], ['ms', 1]] as const;

/** @returns milliseconds of `500ms`, `10s`, `5m`, `2h`, `1d` (or `0`), or undefined when the text is no duration */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const match = /^(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|m|h|d)$/i.exec(text);
  const factor = DURATION_UNITS.find(([unit]) => unit === match?.[2]?.toLowerCase())?.[1];
  return match === null || factor === undefined ? undefined : Math.round(Number(match[1]) * factor);
}

/** @returns the shortest whole notation: 10000 → `10s` */
export function formatDuration(ms: number): string {
  const fit = DURATION_UNITS.find(([, factor]) => ms !== 0 && ms % factor === 0);
  return fit === undefined ? `${String(ms)}ms` : `${String(ms / fit[1])}${fit[0]}`;
}

/** @returns the range of a setting for people: `1–65535`, `≥ 1`, or '' when it has none */
export function rangeOf(setting: { readonly min?: number; readonly max?: number }, format: (value: number) => string): string {
  if (setting.min !== undefined && setting.max !== undefined) return `${format(setting.min)}–${format(setting.max)}`;
  if (setting.min !== undefined) return `≥ ${format(setting.min)}`;
  return setting.max === undefined ? '' : `≤ ${format(setting.max)}`;
}

function within(value: number, range: { readonly min?: number; readonly max?: number }): boolean {
  return Number.isFinite(value) && value >= (range.min ?? Number.NEGATIVE_INFINITY) && value <= (range.max ?? Number.POSITIVE_INFINITY);
}

function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#]/i.test(text) && URL.canParse(text);
}

/** A password after `user:` that is not taken from the environment. */
function holdsPassword(text: string): boolean {
  const match = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@]*?:(.+)@/i.exec(text);
  return match !== null && !/^\$\{[^}]*\}$/.test(match[1] ?? '');
}

/** @returns the URL with the password replaced by asterisks */
export function maskUrlPassword(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#@]*?:)(.+)@/i, '$1******@');
}
