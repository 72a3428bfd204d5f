import { checkFields } from './field-check.ts';
import { insuranceSpec } from './field-table.ts';
import { messageRefusal, type Refusal } from './refusal.ts';
import type { RowVerdict, Upload } from './uploads.ts';

/**
 * 3507 and 3507A: everything of this institution under (fixmedins_bchno, inv_data_type) goes, a sale together with a return
 * that shares the number. 3507A answers row by row.
 */
export function deleteRows(rows: readonly Readonly<Record<string, unknown>>[], context: Upload): { readonly verdicts: readonly RowVerdict[] } | { readonly refusal: Refusal } {
  const { message, state } = context;
  const table = insuranceSpec().transactions[message.infno]?.fields ?? [];
  const verdicts = rows.map((fields): RowVerdict & { readonly malformed: boolean } => {
    const problems = checkFields(fields, table, { alsoRequired: () => false, onUnknown: context.onUnknown });
    if (problems.length > 0) return { fields, problem: problems.join(';'), malformed: true };
    const found = state.liveByKey(message.institution, String(fields['inv_data_type']), String(fields['fixmedins_bchno']));
    if (found.length === 0) return { fields, problem: `未查询到批次流水号${String(fields['fixmedins_bchno'])}的数据`, malformed: false };
    state.record({ kind: 'commit', rows: [], removed: found.map((row) => row.seq) });
    return { fields, problem: undefined, malformed: false };
  });
  const first = verdicts[0];
  if (message.infno === '3507' && first?.problem !== undefined) return { refusal: first.malformed ? messageRefusal(first.problem) : { level: 'result', text: first.problem } };
  return { verdicts };
}
