import { chinaIso } from '../../../adapter/domain/china-time.ts';
import { refusal } from '../../../adapter/domain/refusal.ts';
import type { Clock } from '../../../adapter/ports/clock.ts';
import type { HisMapping } from '../../../adapter/ports/his-mapping.ts';
import type { HisRecord, Interpretation } from '../../../adapter/ports/his-record.ts';
import type { HisRow } from '../../../adapter/ports/row.ts';

export interface InterpretDeps {
  readonly source: string;
  readonly mapping: HisMapping | undefined;
  readonly institutions: readonly string[];
  readonly clock: Pick<Clock, 'now'>;
}

/** @returns the rows as they are stored: a record can be read again without the HIS */
export function rowBytes(rows: readonly HisRow[]): Uint8Array {
  return Buffer.from(JSON.stringify(rows), 'utf8');
}

/** Maps the rows of one event. Never throws: whatever goes wrong is a refusal. */
export function interpretRows(rows: readonly HisRow[], institution: string, deps: InterpretDeps): Interpretation {
  const garbled = garbledColumn(rows);
  if (garbled !== undefined) return { kind: 'refused', refusal: refusal('CHARSET_UNREADABLE', { field: garbled, detail: '该列的汉字无法还原；请核对来源的 charset 设置与视图中的类型' }) };
  if (deps.mapping?.fromRow === undefined) return { kind: 'refused', refusal: refusal('RECORD_UNREADABLE', { detail: '该来源没有配置可读数据库行的映射（mapping）' }) };
  try {
    return deps.mapping.fromRow(rows, { source: deps.source, institution, institutions: deps.institutions, receivedAt: chinaIso(deps.clock.now()) });
  } catch {
    return { kind: 'refused', refusal: refusal('RECORD_UNREADABLE', { detail: `映射 ${deps.mapping.name} 处理这些行时出错` }) };
  }
}

function garbledColumn(rows: readonly HisRow[]): string | undefined {
  for (const row of rows) for (const name in row) if (row[name]?.includes('\uFFFD') === true) return name;
  return undefined;
}

/** Reads a stored record again. Never throws. */
export function interpretRecord(record: HisRecord, deps: InterpretDeps): Interpretation {
  const rows = parseRows(record.bytes);
  if (rows === undefined) return { kind: 'refused', refusal: refusal('RECORD_UNREADABLE', { detail: '留存的内容不是数据库行' }) };
  return interpretRows(rows, record.institution, deps);
}

function parseRows(bytes: Uint8Array): readonly HisRow[] | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return Array.isArray(value) && value.length > 0 && value.every(isRow) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRow(value: unknown): value is HisRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every((member) => member === null || typeof member === 'string');
}
