import { hash } from 'node:crypto';
import type { HisRow } from '../../../adapter/ports/row.ts';
import type { ViewColumn } from './row-database.ts';
import { EVENT } from './statements.ts';

/** All rows of one event, read together. */
export interface EventRows {
  /** without padding: the identity of the event */
  readonly id: string;
  /** as the database gave it, for comparing there */
  readonly rawId: string;
  readonly rows: readonly HisRow[];
  /** keys of the rows as the database gave them, for marks */
  readonly rowKeys: readonly string[];
  /** of the content, columns that change by themselves left out */
  readonly hash: string;
}

/**
 * Groups rows by event, in the order in which `ids` names the events.
 * @param options.hex character columns came as hexadecimal digits of GBK bytes
 */
export function groupRows(raw: readonly HisRow[], ids: readonly string[], options: { readonly columns: readonly ViewColumn[]; readonly row: ViewColumn; readonly bookkeeping: ReadonlySet<string>; readonly hex: boolean }): EventRows[] {
  const groups = new Map<string, { rawId: string; rows: HisRow[]; keys: string[] }>(ids.map((id) => [tidy(id) ?? '', { rawId: id, rows: [], keys: [] }]));
  const hexColumns = new Set(options.hex ? options.columns.filter((column) => column.kind === 'text').map((column) => column.name.toUpperCase()) : []);
  const rowKey = options.row.name.toUpperCase();
  for (const row of raw) {
    const rawId = row[EVENT] ?? '';
    const id = tidy(rawId) ?? '';
    // a database that compares without case answers `a1` with `A1` as well: an event of its own, and nobody else asks for it
    const group = groups.get(id) ?? { rawId, rows: [], keys: [] };
    groups.set(id, group);
    const plain: Record<string, string | null> = {};
    for (const name in row) {
      if (name === EVENT) continue;
      const value = row[name] ?? null;
      const text = value !== null && hexColumns.has(name) ? fromHex(value) : value;
      if (name === rowKey) group.keys.push(text ?? '');
      plain[name] = tidy(text);
    }
    if (!(rowKey in row)) group.keys.push('');
    group.rows.push(plain);
  }
  return [...groups].filter(([, group]) => group.rows.length > 0)
    .map(([id, group]) => ({ id, rawId: group.rawId, rows: group.rows, rowKeys: group.keys, hash: hashOf(group.rows, options.bookkeeping) }));
}

const EDGE = /^[\s\u0000]|[\s\u0000]$/;

/** @returns the value without the padding of CHAR columns; blank is null */
export function tidy(value: string | null): string | null {
  if (value === null) return null;
  const text = EDGE.test(value) ? value.replace(/^[\s\u0000]+|[\s\u0000]+$/g, '') : value;
  return text === '' ? null : text;
}

/** GBK bytes that the database does not know of. Bytes that are no GBK become U+FFFD, which no mapping accepts. */
function fromHex(digits: string): string {
  return new TextDecoder('gb18030').decode(Buffer.from(digits.trim(), 'hex'));
}

/** In the order of the columns, which stays as long as the view does; lengths keep `ab`, `c` apart from `a`, `bc`. */
function hashOf(rows: readonly HisRow[], bookkeeping: ReadonlySet<string>): string {
  let content = '';
  for (const row of rows) {
    for (const name in row) {
      if (bookkeeping.has(name)) continue;
      const value = row[name] ?? null;
      content += value === null ? '-' : `${String(value.length)}:${value}`;
    }
    content += ';';
  }
  return hash('sha256', content, 'base64');
}
