import type { ConfigProblem, Place } from './problem.ts';
import { problemAt } from './problem.ts';
import { problemText } from './problem-text.ts';

/** What a configuration is read with. Problems are collected, all of them, before anything opens. */
export interface Reading {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** reads a text file, path relative to the configuration file; throws when it cannot */
  readonly readFile: (path: string) => string;
  readonly problems: ConfigProblem[];
}

const WHOLE_REFERENCE = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/;
const REFERENCE = /\$(\$?)\{([^}]*)\}/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Puts environment variables in: `${NAME}` anywhere in a text; `$${NAME}` stands for itself.
 * @returns undefined after a problem was noted
 */
export function substitute(text: string, place: Place, reading: Reading): string | undefined {
  const before = reading.problems.length;
  const result = text.replace(REFERENCE, (whole, escaped: string, name: string) => {
    if (escaped === '$') return whole.slice(1);
    if (!NAME.test(name)) {
      reading.problems.push(problemAt(place, problemText.environmentName(whole)));
      return '';
    }
    const value = reading.env[name];
    if (value === undefined || value === '') {
      reading.problems.push(problemAt(place, problemText.environment(name)));
      return '';
    }
    return value;
  });
  return reading.problems.length === before ? result : undefined;
}

/**
 * A secret: `${NAME}` or `file:PATH`, nothing else (contract section 3).
 * @returns its value without the line break at the end of a file; undefined after a problem was noted
 */
export function resolveSecret(text: string, key: string, place: Place, reading: Reading): string | undefined {
  if (WHOLE_REFERENCE.test(text)) return substitute(text, place, reading);
  if (text.startsWith('file:')) return readText(text.slice('file:'.length), place, reading);
  reading.problems.push(problemAt(place, problemText.secretLiteral(key)));
  return undefined;
}

/** @returns the content of a text file without its last line break; undefined after a problem was noted */
export function readText(path: string, place: Place, reading: Reading): string | undefined {
  const actual = substitute(path.trim(), place, reading);
  if (actual === undefined) return undefined;
  let content: string;
  try {
    content = reading.readFile(actual);
  } catch (error) {
    reading.problems.push(problemAt(place, problemText.unreadableFile(actual, faultName(error))));
    return undefined;
  }
  const trimmed = content.replace(/^\uFEFF/, '').replace(/[\r\n]+$/, '');
  if (trimmed !== '') return trimmed;
  reading.problems.push(problemAt(place, problemText.emptyFile(actual)));
  return undefined;
}

/** @returns the system's short name of a fault (ENOENT), never a stack */
export function faultName(error: unknown): string {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : error instanceof Error ? error.message : String(error);
}
