import type { ReplyTree } from '../reply/reply-tree.ts';
import type { Condition, Rule } from './rule.ts';

/** A reply as far as it could be read: the status always, the trees where there are some. */
export interface ReplyView {
  readonly status: number;
  readonly body: ReplyTree | undefined;
  readonly envelope: ReplyTree | undefined;
}

/** What a reply may only say with a 2xx status; for the second two another status may be named in the rule (409, 404). */
const ONLY_SUCCESS = new Set(['accepted', 'processing']);
const SUCCESS_UNLESS_NAMED = new Set(['duplicate', 'absent']);

/** @returns the first rule that fits, or undefined: no rule means nobody knows */
export function ruleFor(rules: readonly Rule[], view: ReplyView): Rule | undefined {
  return rules.find((rule) => fits(rule, view));
}

function fits(rule: Rule, view: ReplyView): boolean {
  const success = view.status >= 200 && view.status < 300;
  if (!success && (ONLY_SUCCESS.has(rule.then) || (SUCCESS_UNLESS_NAMED.has(rule.then) && rule.statuses === undefined))) return false;
  if (rule.statuses !== undefined && !rule.statuses.some((status) => isStatus(status, view.status))) return false;
  return rule.conditions.every((condition) => holds(condition, view));
}

/** A condition on something that could not be read never holds, not even "does not exist". */
function holds({ of, path, test }: Condition, view: ReplyView): boolean {
  const tree = of === 'envelope' ? view.envelope : view.body;
  return tree !== undefined && test(path(tree));
}

function isStatus(wanted: string, status: number): boolean {
  return wanted.endsWith('xx') ? String(status).startsWith(wanted.charAt(0)) : wanted === String(status);
}
