import type { AskResult } from '../../adapter/domain/outcome.ts';
import type { Question } from './bill-status.ts';
import { isMethodMissing, noAnswer, saysNoSuchRecord } from './fault-of-reply.ts';
import { METHODS } from './methods.ts';
import { asObject, textOf, type Tree } from './reply-tree.ts';

export type Comparison =
  /** every code of ours is in the bill; `more` = it holds others besides */
  | { readonly kind: 'contained'; readonly more: boolean; readonly billType: string }
  | { readonly kind: 'different'; readonly missing: readonly string[] }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'failed'; readonly answer: Extract<AskResult, { kind: 'no-answer' | 'cannot-ask' }> };

/** Compares our codes with those of a bill on the platform (`searchbill.detail` with show_code=1). */
export async function compareCodes(billCode: string, ours: readonly string[], question: Pick<Question, 'gateway' | 'refEntId' | 'priority' | 'signal'>): Promise<Comparison> {
  const parameters = { ref_ent_id: question.refEntId, bill_code: billCode, show_code: '1' };
  const reply = await question.gateway.call({ method: METHODS.billDetail, parameters, lane: 'query', priority: question.priority, signal: question.signal });
  if (isMethodMissing(reply)) return { kind: 'failed', answer: { kind: 'cannot-ask', why: '平台未开放单据明细查询，无法核对单据中的追溯码，请在平台上人工核对' } };
  if (reply.kind !== 'answer') return { kind: 'failed', answer: noAnswer(reply) };
  if (!reply.ok) return saysNoSuchRecord(reply) ? { kind: 'not-found' } : { kind: 'failed', answer: noAnswer(reply) };
  if (asObject(reply.payload) === undefined) return { kind: 'not-found' };
  const theirs = codesIn(reply.payload);
  if (theirs.size === 0) return { kind: 'failed', answer: { kind: 'no-answer', reason: 'BILL_CONFLICT', peerText: '平台的单据明细没有给出追溯码，无法核对' } };
  const missing = ours.filter((code) => !theirs.has(code));
  if (missing.length > 0) return { kind: 'different', missing };
  return { kind: 'contained', more: theirs.size > new Set(ours).size, billType: textOf(asObject(reply.payload)?.['bill_type']) };
}

/** members that hold 20 digits and are no code of the bill */
const NOT_CODES = new Set(['bill_code', 'from_bill_code', 'parent_code', 'bill_out_id', 'bill_id', 'drug_ent_base_info_id', 'from_user_id', 'to_user_id', 'prod_code']);
const MAX_NODES = 500_000;

/** The members of `codes` and `code_info_list` were not documented: every 20-digit text of the bill that can be a code counts. */
function codesIn(model: Tree): Set<string> {
  const codes = new Set<string>();
  const open: Tree[] = [model];
  for (let seen = 0; open.length > 0 && seen < MAX_NODES; seen += 1) {
    const node = open.pop();
    if (typeof node === 'string') for (const code of node.split(',')) addCode(codes, code);
    else if (Array.isArray(node)) for (const item of node) open.push(item);
    else for (const [name, value] of Object.entries(asObject(node) ?? {})) if (!NOT_CODES.has(name)) open.push(value);
  }
  return codes;
}

function addCode(codes: Set<string>, text: string): void {
  const code = text.trim();
  if (/^\d{20}$/.test(code)) codes.add(code);
}
