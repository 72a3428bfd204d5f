import type { ReadBackEntry } from '../../adapter/ports/destination.ts';
import { isOurs, isValid } from './query-rows.ts';
import { textOf } from './reply.ts';

type QueryRow = Record<string, unknown>;

/** What a query lists when its rows do not say: sale and return share 3511 and 3513. */
const LISTS: Readonly<Record<string, string>> = { 3508: '3501', 3509: '3502', 3510: '3503', 3511: '3505', 3512: '3502', 3513: '3505' };
/** First letter of our own keys (pieces.ts) */
const OURS: Readonly<Record<string, string>> = { I: '3501', C: '3502', P: '3503', Q: '3504', S: '3505', R: '3506' };
const OUR_KEY = /^([ICPQSR])\d{4}[0-9A-HJKMNP-TV-Z]{22}$/;
const QUANTITIES = ['invCnt', 'cnt', 'purcRetnCnt', 'selRetnCnt'];
const TIMES = ['selRetnTime', 'invChgTime', 'purcRetnStoinTime', 'invdate', 'crteTime', 'optTime', 'updtTime'];

/** @returns one entry per valid row of our institution; camelCase as the table has it, snake_case as some platforms answer */
export function entriesOf(infno: string, rows: readonly QueryRow[], institution: string): readonly ReadBackEntry[] {
  return rows.filter((row) => isOurs(row, institution) && isValid(row)).flatMap((row) => {
    const key = of(row, 'fixmedinsBchno');
    if (key === '') return [];
    const code = of(row, 'drugTracCodg');
    const quantity = first(row, QUANTITIES);
    const at = first(row, TIMES);
    return [{
      operation: operationOf(infno, row, key), key, drug: of(row, 'medinsListCodg'), codes: code === '' ? [] : [code],
      ...(quantity === '' ? {} : { quantity }), ...(at === '' ? {} : { at }),
    }];
  });
}

/** @returns one entry per key: the codes of one query beside the quantity and the time of the other */
export function merge(entries: readonly ReadBackEntry[]): readonly ReadBackEntry[] {
  const byKey = new Map<string, ReadBackEntry>();
  for (const entry of entries) {
    const name = `${entry.operation.slice(0, 4)}|${entry.key}`;
    const known = byKey.get(name);
    byKey.set(name, known === undefined ? entry : {
      ...entry, ...known,
      operation: known.operation.length >= entry.operation.length ? known.operation : entry.operation,
      codes: [...new Set([...known.codes, ...entry.codes])],
      ...timeOf(known, entry),
    });
  }
  return [...byKey.values()];
}

/** The row that holds the quantity holds the time of the business; the other one the time of the entry. */
function timeOf(known: ReadBackEntry, entry: ReadBackEntry): { readonly at?: string } {
  const at = known.quantity === undefined && entry.quantity !== undefined ? (entry.at ?? known.at) : (known.at ?? entry.at);
  return at === undefined ? {} : { at };
}

function operationOf(infno: string, row: QueryRow, key: string): string {
  const own = OURS[OUR_KEY.exec(key)?.[1] ?? ''];
  const base = own ?? (of(row, 'prodRetnFlag') === '1' ? '3504' : (LISTS[infno] ?? infno));
  const change = of(row, 'invChgType');
  return base === '3502' && change !== '' ? `${base}:${change}` : base;
}

function of(row: QueryRow, name: string): string {
  return textOf(row[name] ?? row[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]).trim();
}

function first(row: QueryRow, names: readonly string[]): string {
  return names.map((name) => of(row, name)).find((value) => value !== '') ?? '';
}
