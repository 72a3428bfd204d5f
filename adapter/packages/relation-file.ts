import type { PackageLevel } from '../domain/drug.ts';
import { readTraceCode, unusableText } from '../domain/trace-code.ts';
import type { Table, TableRow } from '../ports/table-reader.ts';
import { packageTree, type PackageNode } from './package-tree.ts';

export interface RelationFile {
  readonly nodes: readonly PackageNode[];
  readonly problems: readonly { readonly row: number; readonly value: string; readonly reason: string }[];
}

type Column = 'code' | 'parent' | 'level' | 'packs';

/** Heads as suppliers and platforms write them; others are ignored. */
const HEADS: Readonly<Record<string, Column>> = {
  '追溯码': 'code', '药品追溯码': 'code', '小包装码': 'code', '最小包装追溯码': 'code', '子码': 'code', 'code': 'code', 'childcode': 'code',
  '上级码': 'parent', '父码': 'parent', '上级追溯码': 'parent', '外箱码': 'parent', '大包装码': 'parent', 'parent': 'parent', 'parentcode': 'parent',
  '级别': 'level', '包装级别': 'level', '层级': 'level', 'level': 'level', 'packlayer': 'level',
  '包装数量': 'packs', '内含小包装数': 'packs', 'packs': 'packs', 'pkgamount': 'packs',
};
const LEVELS: Readonly<Record<string, PackageLevel>> = { '1': 1, '2': 2, '3': 3, '小': 1, '中': 2, '大': 3, '小包装': 1, '中包装': 2, '大包装': 3 };
const ROWS_LOOKED_AT = 20;
const MAX_PROBLEMS = 1_000;
const FAULTS = { 'self': '上级码与本码相同', 'cycle': '包装关系成环', 'two-parents': '同一个码有两个上级码', 'level': '上级码的包装级别不高于本码' } as const;

/**
 * Reads package relations from a table: the producer's relation file, or a list of smallest packs that a supplier or a hub has parsed
 * already (闽药监规〔2026〕5号 三: 支持接收已解析的采购药品最小追溯信息). Pure; never throws.
 */
export function readRelationFile(tables: readonly Table[]): RelationFile {
  for (const table of tables) {
    const heads = headsOf(table);
    if (heads !== undefined) return readRows(table.rows.filter((row) => row.number > heads.row), heads.columns);
  }
  return { nodes: [], problems: [{ row: 0, value: '', reason: '没有找到表头“追溯码”（code）和“上级码”（parent）' }] };
}

function headsOf(table: Table): { readonly row: number; readonly columns: ReadonlyMap<Column, number> } | undefined {
  for (const row of table.rows.slice(0, ROWS_LOOKED_AT)) {
    const columns = new Map<Column, number>();
    for (const [at, cell] of row.cells) {
      const column = HEADS[cell.text.normalize('NFKC').replace(/[\s_@]/gu, '').toLowerCase()];
      if (column !== undefined && !columns.has(column)) columns.set(column, at);
    }
    if (columns.has('code') && columns.has('parent')) return { row: row.number, columns };
  }
  return undefined;
}

function readRows(rows: readonly TableRow[], columns: ReadonlyMap<Column, number>): RelationFile {
  const nodes: PackageNode[] = [];
  const problems: { readonly row: number; readonly value: string; readonly reason: string }[] = [];
  const rowOf = new Map<string, number>();
  const problem = (row: number, value: string, reason: string): void => { if (problems.length < MAX_PROBLEMS) problems.push({ row, value: value.slice(0, 100), reason }); };
  for (const row of rows) {
    const text = (column: Column): string => row.cells.get(columns.get(column) ?? -1)?.text ?? '';
    const read = readNode({ code: text('code'), parent: text('parent'), level: text('level'), packs: text('packs') });
    if ('reason' in read) problem(row.number, read.value, read.reason);
    else {
      nodes.push(read);
      rowOf.set(read.code, row.number);
    }
  }
  const { faults } = packageTree(nodes);
  for (const fault of faults) problem(rowOf.get(fault.code) ?? 0, fault.code, FAULTS[fault.kind]);
  const wrong = new Set(faults.map(({ code, parent }) => `${code} ${parent}`));
  return { nodes: nodes.filter(({ code, parent }) => !wrong.has(`${code} ${parent ?? ''}`)), problems };
}

function readNode(row: Readonly<Record<Column, string>>): PackageNode | { readonly value: string; readonly reason: string } {
  const code = canonical(row.code);
  if ('reason' in code) return { value: row.code, reason: code.reason };
  const parent = row.parent === '' ? undefined : canonical(row.parent);
  if (parent !== undefined && 'reason' in parent) return { value: row.parent, reason: `上级码：${parent.reason}` };
  const level = LEVELS[row.level];
  if (row.level !== '' && level === undefined) return { value: row.level, reason: '包装级别应为 1、2、3（小、中、大包装）' };
  if (row.packs !== '' && !/^[1-9]\d{0,5}$/.test(row.packs)) return { value: row.packs, reason: '内含小包装数应为正整数' };
  return { code: code.code, ...(parent === undefined ? {} : { parent: parent.code }), ...(level === undefined ? {} : { level }), ...(row.packs === '' ? {} : { packs: Number(row.packs) }) };
}

function canonical(text: string): { readonly code: string } | { readonly reason: string } {
  const reading = readTraceCode(text);
  if (reading.kind === 'unusable') return { reason: unusableText(reading.reason) };
  const [only, ...others] = reading.codes;
  return only === undefined || others.length > 0 ? { reason: '一格中有多个追溯码' } : { code: only.text };
}
