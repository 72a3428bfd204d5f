import { isObject, member, textOf } from './reply.ts';
import type { Reply } from './reply.ts';

/**
 * Looks for our row in the answer of a query (3508–3513): camelCase members, valid rows of our institution, fixmedinsBchno exactly.
 * @returns `unreadable` when the answer has not the agreed shape: it proves nothing then
 */
export function findRow(reply: Reply, wanted: { readonly key: string; readonly institution: string }): boolean | 'unreadable' {
  const rows = rowsOf(reply);
  if (rows === undefined) return 'unreadable';
  let readable = true;
  for (const row of rows) {
    const key = row['fixmedinsBchno'] ?? row['fixmedins_bchno'];
    if (typeof key !== 'string') readable = false;
    else if (key === wanted.key && isOurs(row, wanted.institution) && isValid(row)) return true;
  }
  return readable ? false : 'unreadable';
}

/** @returns whether the row names our institution, or none */
export function isOurs(row: Record<string, unknown>, institution: string): boolean {
  const code = textOf(row['fixmedinsCode'] ?? row['fixmedins_code']);
  return code === '' || code === institution;
}

/** @returns false for valiFlag 0: withdrawn by 3507 */
export function isValid(row: Record<string, unknown>): boolean {
  return textOf(row['valiFlag'] ?? row['vali_flag']).trim() !== '0';
}

/** @returns the rows of an answer: `output` is a list, a list under another `output`, JSON text of either, one row, or nothing. */
export function rowsOf(reply: Reply): readonly Record<string, unknown>[] | undefined {
  if (reply.outputUnreadable) return undefined;
  let at: unknown = reply.output;
  for (let depth = 0; depth < 3; depth += 1) {
    if (at === undefined || at === null || at === '') return [];
    if (Array.isArray(at)) return at.every(isObject) ? at : undefined;
    if (typeof at === 'string') at = parse(at);
    else if (isObject(at) && Object.keys(at).length === 0) return [];
    else if (isObject(at) && ('fixmedinsBchno' in at || 'fixmedins_bchno' in at)) return [at];
    else if (isObject(at) && 'output' in at) at = member(at, 'output');
    else return undefined;
  }
  return undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
