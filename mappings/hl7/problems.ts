import type { ErrorCode } from '../../adapter/domain/error.ts';
import { refusal } from '../../adapter/domain/refusal.ts';
import type { Refusal } from '../../adapter/domain/refusal.ts';
import type { Hl7Segment } from '../../adapter/ports/hl7-message.ts';

/** What is wrong with a message, gathered while it is read: readers add to it and go on, so that all problems are known at the end. */
export interface Problems {
  add(code: ErrorCode, at: { readonly field: string; readonly value?: string; readonly detail: string }): void;
  readonly found: readonly Refusal[];
}

export function gatherProblems(): Problems {
  const found: Refusal[] = [];
  return { found, add: (code, at) => { found.push(refusal(code, at)); } };
}

/** @returns the first problem, saying how many more there are */
export function refusalOf(problems: readonly [Refusal, ...Refusal[]]): Refusal {
  const [first, ...others] = problems;
  if (others.length === 0) return first;
  const fields = [...new Set(others.map((other) => other.field ?? ''))].filter((field) => field !== '').slice(0, 5).join('、');
  return { ...first, detail: `${first.detail ?? ''}；另有 ${String(others.length)} 处问题${fields === '' ? '' : `（${fields}）`}` };
}

/** @returns the field in the sender's terms: `RXD-4`, of a later segment of that name `RXD[2]-4`, of a component `PID-3.5` */
export function fieldName(segment: Hl7Segment, field: number, component?: number): string {
  const which = segment.occurrence > 1 ? `[${String(segment.occurrence)}]` : '';
  return `${segment.name}${which}-${String(field)}${component === undefined ? '' : `.${String(component)}`}`;
}
