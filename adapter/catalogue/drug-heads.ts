import type { Drug } from '../domain/drug.ts';
import { columnOfHead, type DrugColumn } from './drug-columns.ts';
import type { FileFault, Table, TableRow } from './table.ts';

/** Where the columns of the catalogue are in a table. */
export interface Heads {
  /** row number of the heads */
  readonly row: number;
  readonly columns: ReadonlyMap<number, DrugColumn>;
  /** heads as they stand in the file, by column */
  readonly names: ReadonlyMap<number, string>;
  /** @returns the column of a field, -1 when the file does not have it */
  at(field: keyof Drug): number;
}

/** Titles, dates and remarks may stand above the heads. */
const ROWS_LOOKED_AT = 20;

/** @returns the first table that has the heads of a drug catalogue, with what was left aside; or what is missing */
export function findHeads(tables: readonly Table[]): { readonly table: Table; readonly heads: Heads; readonly notes: readonly string[] } | FileFault {
  let nearest: Heads | undefined;
  for (const table of tables) {
    const heads = table.rows.slice(0, ROWS_LOOKED_AT).map(headsOf).reduce<Heads | undefined>((best, one) => (one.columns.size > (best?.columns.size ?? 0) ? one : best), undefined);
    if (heads === undefined) continue;
    const double = doubleHead(heads);
    if (double !== undefined) return { fault: `表头“${double}”出现了两次。请删去其中一列` };
    if (heads.at('drug') >= 0 && heads.at('name') >= 0) return { table, heads, notes: notesOn(table, tables, heads) };
    nearest ??= heads;
  }
  const found = nearest === undefined ? '' : `（已找到：${[...nearest.columns.values()].map((column) => column.zh).join('、')}）`;
  return { fault: `没有找到表头“药品编码”（drug）和“药品名称”（name）${found}。请把表头放在前 ${String(ROWS_LOOKED_AT)} 行内，名称按说明填写` };
}

function headsOf(row: TableRow): Heads {
  const columns = new Map<number, DrugColumn>();
  const names = new Map<number, string>();
  for (const [at, cell] of row.cells) {
    names.set(at, cell.text.replace(/\s+/g, ' ').slice(0, 40));
    const column = columnOfHead(cell.text);
    if (column !== undefined) columns.set(at, column);
  }
  return { row: row.number, columns, names, at: (field) => [...columns].find(([, column]) => column.field === field)?.[0] ?? -1 };
}

function doubleHead(heads: Heads): string | undefined {
  const seen = new Set<string>();
  for (const [at, column] of heads.columns) {
    if (seen.has(column.field)) return heads.names.get(at);
    seen.add(column.field);
  }
  return undefined;
}

function notesOn(table: Table, tables: readonly Table[], heads: Heads): string[] {
  const ignored = [...heads.names].filter(([at]) => !heads.columns.has(at)).map(([, name]) => name);
  const others = tables.filter((other) => other !== table && other.rows.length > 0).map((other) => other.name);
  return [
    ...(ignored.length === 0 ? [] : [`未识别的列已忽略：${ignored.slice(0, 20).join('、')}${ignored.length > 20 ? ' 等' : ''}`]),
    ...(others.length === 0 ? [] : [`只读取工作表“${table.name}”，其余已忽略：${others.slice(0, 10).join('、')}`]),
  ];
}
