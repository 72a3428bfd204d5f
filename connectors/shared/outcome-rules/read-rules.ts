import { FAULT_REASONS } from '../../../adapter/domain/outcome.ts';
import type { MapReader } from '../profile-file/profile-reader.ts';
import { compilePath } from '../reply/parse-reply.ts';
import type { ReplyFormat, ReplyPath } from '../reply/reply-tree.ts';
import { VERDICTS, type Condition, type Rule, type Verdict } from './rule.ts';

export interface RuleContext {
  readonly format: ReplyFormat;
  readonly namespaces: Readonly<Record<string, string>>;
  /** of a query: `absent` may be said, `throttled` and `retry` mean no answer */
  readonly query: boolean;
  readonly hasEnvelope: boolean;
}

const TESTS = ['is', 'not', 'matches', 'exists'] as const;
const POSITIVE: readonly Verdict[] = ['accepted', 'duplicate', 'processing', 'absent'];

/** Reads the outcome table of one operation; everything that is wrong is noted with its line. */
export function readRules(reply: MapReader, context: RuleContext): readonly Rule[] {
  const items = reply.items('rules');
  if (items.length === 0) reply.problem('rules', '缺少应答判定表 rules：没有规则就没有一个应答能算成功');
  const rules = items.map((item) => readRule(item, context));
  if (items.length > 0 && !rules.some(({ then }) => then === 'accepted' || then === 'processing')) reply.problem('rules', '没有一条规则给出 accepted 或 processing');
  return rules;
}

function readRule(item: MapReader, context: RuleContext): Rule {
  const allowed = VERDICTS.filter((verdict) => context.query || verdict !== 'absent');
  const then = item.choice('then', allowed, 'unknown');
  if (!item.has('then')) item.problem('then', '缺少 then');
  const all = item.items('all');
  const conditions = [...(item.has('path') ? [readCondition(item, context)] : []), ...all.map((each) => {
    const condition = readCondition(each, context);
    each.end();
    return condition;
  })].filter((condition) => condition !== undefined);
  const statuses = item.texts('http');
  for (const status of statuses ?? []) if (!/^[1-5](\d\d|xx)$/.test(status)) item.problem('http', `“${status}”不是 HTTP 状态，写成 429 或 5xx`);
  if (conditions.length === 0 && statuses === undefined) item.problem('then', '规则没有条件：写 path 和 is，或 http');
  // "no error seen" is not "accepted": something that says yes has to be there
  if (POSITIVE.includes(then) && !conditions.some(({ positive }) => positive)) item.problem('then', `${then} 必须有一个 path 与 is 的条件（平台明确说了什么），不能只凭没有出错`);
  const reason = item.has('reason') ? item.choice('reason', FAULT_REASONS, 'UNKNOWN_TEXT') : undefined;
  const rule: Rule = {
    then, statuses, conditions, reason, afterMs: item.duration('after', undefined),
    ref: pathOf(item, 'ref', context), code: pathOf(item, 'code', context), text: pathOf(item, 'text', context), codes: pathOf(item, 'codes', context), sameCodes: pathOf(item, 'sameCodes', context),
  };
  item.end();
  return rule;
}

function readCondition(item: MapReader, context: RuleContext): Condition | undefined {
  const of = item.choice('in', ['body', 'envelope'], 'body');
  if (of === 'envelope' && !context.hasEnvelope) item.problem('in', '只有 SOAP 应答才有 envelope');
  const path = pathOf(item, 'path', of === 'envelope' ? { ...context, format: 'xml' } : context);
  const given = TESTS.filter((name) => item.has(name));
  const [name] = given;
  if (name === undefined || given.length > 1) {
    item.problem('path', '条件要写 path 和 is、not、matches、exists 之一');
    return undefined;
  }
  const texts = item.texts(name) ?? [];
  if (path === undefined) return undefined;
  switch (name) {
    case 'is': return { of, path, positive: true, test: (found) => found.length > 0 && found.every((text) => texts.includes(text)) };
    case 'not': return { of, path, positive: false, test: (found) => found.length > 0 && !found.some((text) => texts.includes(text)) };
    case 'exists': {
      const wanted = item.flag('exists', true);
      return { of, path, positive: false, test: (found) => found.length > 0 === wanted };
    }
    case 'matches': {
      const pattern = patternOf(texts[0] ?? '', item);
      return pattern === undefined ? undefined : { of, path, positive: false, test: (found) => found.some((text) => pattern.test(text.slice(0, 2_000))) };
    }
  }
}

function patternOf(text: string, item: MapReader): RegExp | undefined {
  try {
    return new RegExp(text, 'i');
  } catch {
    item.problem('matches', `“${text.slice(0, 60)}”不是正则表达式`);
    return undefined;
  }
}

/** @returns the compiled path of a key, undefined when it is not given or wrong */
export function pathOf(item: MapReader, key: string, context: Pick<RuleContext, 'format' | 'namespaces'>): ReplyPath | undefined {
  const text = item.text(key);
  if (text === undefined) return undefined;
  try {
    return compilePath(text, context.format, context.namespaces);
  } catch (error) {
    item.problem(key, (error as Error).message);
    return undefined;
  }
}
