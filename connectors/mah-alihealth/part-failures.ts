import type { AskResult } from '../../adapter/domain/outcome.ts';
import { isMethodMissing, noAnswer, saysNoSuchRecord } from './fault-of-reply.ts';
import type { Question } from './bill-status.ts';
import { METHODS } from './methods.ts';
import { asObject, rowsOf, textOf, type TreeObject } from './reply-tree.ts';

const PAGE_SIZE = 100;
/** 10000 codes in a bill at most */
const MAX_PAGES = 101;

/**
 * A bill of which only part was taken (sub_process_flag 52): the codes that failed, with the platform's reasons. The rest is
 * on the platform; a person has to see to the failed ones.
 */
export async function askPartFailures(billCode: string, question: Pick<Question, 'gateway' | 'refEntId' | 'priority' | 'signal'>): Promise<AskResult> {
  const failed = new Map<string, string>();
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const parameters = { ref_ent_id: question.refEntId, bill_code: billCode, page: String(page), page_size: String(PAGE_SIZE) };
    const reply = await question.gateway.call({ method: METHODS.partFailures, parameters, lane: 'query', priority: question.priority, signal: question.signal });
    if (isMethodMissing(reply) || (reply.kind === 'answer' && !reply.ok && saysNoSuchRecord(reply))) break;
    if (reply.kind !== 'answer' || !reply.ok) return noAnswer(reply);
    const model = asObject(reply.payload);
    const rows = rowsOf(model?.['result'] ?? model?.['result_list'] ?? reply.payload).filter((row) => textOf(row['code']) !== '');
    for (const row of rows) failed.set(textOf(row['code']), reasonOf(row));
    const pages = Number(textOf(model?.['pages']));
    if (rows.length === 0 || (pages > 0 ? page >= pages : rows.length < PAGE_SIZE)) break;
  }
  return { kind: 'settled', outcome: { kind: 'rejected', reason: 'PARTLY_REJECTED', peerCode: '52', peerText: summary(failed), codes: [...failed.keys()] } };
}

function reasonOf(row: TreeObject): string {
  return textOf(row['process_status_reason_desc']) || textOf(row['error_code_desc']) || textOf(row['error_code']) || '未说明原因';
}

function summary(failed: ReadonlyMap<string, string>): string {
  if (failed.size === 0) return '平台只接受了部分追溯码，未列出失败的码，请在平台上核对该单据';
  const counts = new Map<string, number>();
  for (const reason of failed.values()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const listed = [...counts].slice(0, 10).map(([reason, count]) => `${reason} ${String(count)} 个`).join('，');
  return `平台未接受 ${String(failed.size)} 个追溯码：${listed}；其余已接受`;
}
