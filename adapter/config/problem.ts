import type { Language } from '../domain/error.ts';

/** A text in both languages of the product. */
export interface Bilingual { readonly zh: string; readonly en: string }

/** What is wrong and what to do about it, before it has a place. */
export interface ProblemText { readonly reason: Bilingual; readonly remedy: Bilingual }

/** One thing that is wrong in the configuration: where, why, what to do. Never holds the value of a secret. */
export interface ConfigProblem {
  /** line in the file, from 1; 0 when it concerns the file as a whole */
  readonly line: number;
  /** `sources.his-hl7.port`; '' for the file as a whole */
  readonly path: string;
  /** Chinese */
  readonly reason: string;
  /** Chinese */
  readonly remedy: string;
  readonly en: { readonly reason: string; readonly remedy: string };
}

/** Where something stands in the file. */
export interface Place { readonly line: number; readonly path: string }

/** @returns the problem at its place */
export function problemAt(place: Place, text: ProblemText): ConfigProblem {
  return { line: place.line, path: place.path, reason: text.reason.zh, remedy: text.remedy.zh, en: { reason: text.reason.en, remedy: text.remedy.en } };
}

/** @returns one problem as lines for a person: `his-trace.yaml:12  http.port  …` and the remedy below it */
export function describeProblem(problem: ConfigProblem, file: string, language: Language): string {
  const text = language === 'zh' ? problem : problem.en;
  const head = problem.line === 0 ? file : `${file}:${String(problem.line)}`;
  const remedy = language === 'zh' ? '改法：' : 'remedy: ';
  return `${[head, problem.path, text.reason].filter((part) => part !== '').join('  ')}\n    ${remedy}${text.remedy}`;
}
