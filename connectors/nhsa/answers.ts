import type { AnswerRow, AnswerStep } from './profile.ts';
import type { FaultReason } from '../../adapter/domain/outcome.ts';

export interface AnswerClass {
  readonly reason: FaultReason;
  readonly then: AnswerStep;
}

/** Finds the class of a refusal in the table of the profile; a text that fits no row waits for a person, never dropped. */
export type Classify = (code: string, text: string) => AnswerClass;

/** @returns a classifier over the table, the site's own rows first; the first row that fits decides (insurance.md section 11). */
export function classifier(rows: readonly AnswerRow[]): Classify {
  const compiled = rows.map((row) => ({ ...row, pattern: new RegExp(row.match, 'i') }));
  return (code, text) => {
    const found = compiled.find((row) => row.codes?.includes(code) === true || row.pattern.test(text));
    return found === undefined ? { reason: 'UNKNOWN_TEXT', then: 'park' } : { reason: found.reason, then: found.then };
  };
}
