import type { Refusal } from '../../../adapter/domain/refusal.ts';
import { parseGuarded } from './guarded-parse.ts';

const SHOWN = 30;

/**
 * Second opinion on a refused message, for the people who look at the quarantine: which segments could be read by an independent
 * reader. Names only, no content.
 * @returns one Chinese sentence
 */
export function diagnose(text: string): string {
  const parsed = parseGuarded(text);
  if (parsed.kind === 'refused') return '逐段诊断：无法读出段';
  const names = parsed.segments.map((segment) => segment.name);
  const more = names.length > SHOWN ? ` 等 ${String(names.length)} 段` : '';
  return `逐段诊断：可读的段 ${names.slice(0, SHOWN).join(' ')}${more}`;
}

/** @returns the refusal with the diagnosis appended to its detail */
export function withDiagnosis(refusal: Refusal, text: string): Refusal {
  const found = diagnose(text);
  return { ...refusal, detail: refusal.detail === undefined || refusal.detail === '' ? found : `${refusal.detail}；${found}` };
}
