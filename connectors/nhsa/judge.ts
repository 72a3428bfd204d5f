import { isObject, member, textOf } from './reply.ts';
import type { Reply } from './reply.ts';
import type { TransactionSpec } from './spec.ts';

/** What the platform said of one row. */
export type Verdict =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly code: string; readonly text: string }
  /** the answer does not say: it may have been processed */
  | { readonly kind: 'unclear'; readonly why: string };

/** What it said of a call: one verdict for all rows, or one per row (by fixmedins_bchno). */
export type Judgement =
  | { readonly kind: 'whole'; readonly verdict: Verdict }
  | { readonly kind: 'rows'; readonly verdicts: readonly Verdict[] };

/**
 * Two-level judgement (insurance.md section 2). Level 1 is infcode. Level 2 is `output.result.retRslt` where the table has a result
 * node, `*ErrDetail[].retRslt` row by row where it has one, and nothing for 3501, 3501A and 3502. Success has to be said at the
 * level where the table says it; a failure counts at whatever level it is said.
 * @param keys fixmedins_bchno of the rows as sent
 */
export function judge(transaction: Pick<TransactionSpec, 'outputNode'>, reply: Reply, keys: readonly string[]): Judgement {
  const { outputNode } = transaction;
  const details = detailsOf(reply.output, outputNode);
  if (!reply.ok) {
    if (textOf(member(member(reply.output, 'result'), 'retRslt')).trim() === '1') return whole({ kind: 'unclear', why: '交易失败，但 retRslt 为成功' });
    if (details === undefined || details.length === 0) return whole({ kind: 'refused', code: reply.code, text: textOfRefusal(reply) });
    return byDetails({ details, keys, reply });
  }
  const result = member(reply.output, 'result');
  const failed = failedResult(result);
  if (failed !== undefined) return whole({ kind: 'refused', code: '0', text: failed });
  if (outputNode === 'result') return whole(resultVerdict(reply, result));
  if (details !== undefined && details.length > 0) return byDetails({ details, keys, reply });
  if (outputNode === undefined) return whole({ kind: 'accepted' });
  return whole(isKnownShape(reply, outputNode) ? { kind: 'accepted' } : { kind: 'unclear', why: '应答的 output 不是约定的结构' });
}

function whole(verdict: Verdict): Judgement {
  return { kind: 'whole', verdict };
}

function resultVerdict(reply: Reply, result: unknown): Verdict {
  if (reply.outputUnreadable) return { kind: 'unclear', why: '应答的 output 不是 JSON' };
  if (!isObject(result)) return { kind: 'unclear', why: '应答没有 result 节点' };
  return textOf(result['retRslt']).trim() === '1' ? { kind: 'accepted' } : { kind: 'unclear', why: '应答没有有效的 retRslt' };
}

/** @returns the reason when a result node says failure, wherever it stands */
function failedResult(result: unknown): string | undefined {
  if (!isObject(result)) return undefined;
  return textOf(result['retRslt']).trim() === '0' ? textOf(result['msgRslt']) : undefined;
}

/** Failed rows as the answer lists them; undefined when there is no such node. One row may come as an object instead of an array. */
function detailsOf(output: unknown, outputNode: string | undefined): readonly Record<string, unknown>[] | undefined {
  if (!isObject(output)) return undefined;
  const name = outputNode !== undefined && outputNode !== 'result' ? outputNode : Object.keys(output).find((key) => key.endsWith('ErrDetail'));
  const node = name === undefined ? undefined : member(output, name);
  if (Array.isArray(node)) return node.filter(isObject);
  return isObject(node) ? [node] : undefined;
}

/** Details speak for the rows they name; a detail that names no row of ours leaves the rows it does not name unclear. */
function byDetails(by: { details: readonly Record<string, unknown>[]; keys: readonly string[]; reply: Reply }): Judgement {
  const { details, keys, reply } = by;
  const named = new Map<string, Record<string, unknown>[]>();
  let stray = false;
  for (const detail of details) {
    const key = textOf(detail['fixmedins_bchno'] ?? detail['fixmedinsBchno']);
    const at = keys.includes(key) ? key : keys.length === 1 && key === '' ? keys[0] : undefined;
    if (at === undefined) stray = true;
    else named.set(at, [...(named.get(at) ?? []), detail]);
  }
  const verdicts = keys.map((key): Verdict => {
    const own = named.get(key);
    if (own !== undefined) return detailVerdict(own, reply);
    if (stray) return { kind: 'unclear', why: '应答的明细指向不认识的批次流水号' };
    // rows that are not listed have no error, unless the transaction as a whole failed
    return reply.ok ? { kind: 'accepted' } : { kind: 'unclear', why: '交易失败，但明细没有列出本行' };
  });
  return { kind: 'rows', verdicts };
}

function detailVerdict(details: readonly Record<string, unknown>[], reply: Reply): Verdict {
  const flags = details.map((detail) => textOf(detail['retRslt']).trim());
  const failed = details.find((_, index) => flags[index] === '0');
  if (failed !== undefined) return { kind: 'refused', code: reply.code, text: textOf(failed['msgRslt']) };
  if (reply.ok && flags.every((flag) => flag === '1')) return { kind: 'accepted' };
  return { kind: 'unclear', why: '明细没有有效的 retRslt' };
}

/** No error node, an empty one, or a success said at the level of `result`: all rows were taken. */
function isKnownShape(reply: Reply, outputNode: string): boolean {
  if (reply.outputUnreadable) return false;
  if (reply.output === undefined) return true;
  if (Array.isArray(reply.output)) return reply.output.length === 0;
  const names = Object.keys(reply.output as object);
  const node = member(reply.output, outputNode);
  const nodeIsEmpty = node === undefined || node === null || node === '' || (Array.isArray(node) && node.length === 0);
  if (!nodeIsEmpty) return false;
  const result = member(reply.output, 'result');
  const resultIsFine = result === undefined || result === null || (isObject(result) && textOf(result['retRslt']).trim() === '1');
  return resultIsFine && names.every((name) => name === outputNode || name === 'result');
}

/** The reason of a failed transaction; some platforms give it at the second level only. */
function textOfRefusal(reply: Reply): string {
  return reply.text === '' ? textOf(member(member(reply.output, 'result'), 'msgRslt')) : reply.text;
}
