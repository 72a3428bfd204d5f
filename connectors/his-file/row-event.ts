import { chinaIso } from '../../adapter/domain/china-time.ts';
import { refusal } from '../../adapter/domain/refusal.ts';
import type { Refusal } from '../../adapter/domain/refusal.ts';
import type { HisRecord, Interpretation } from '../../adapter/ports/his-record.ts';
import type { HisRow } from '../../adapter/ports/row.ts';
import { cellValue, checkCells } from './cell-check.ts';
import type { FileRow } from './file-rows.ts';
import type { MessageContext } from './readers.ts';

/** The rows of one event, as they are kept: a record can be read again without the file. */
export interface RowEvent {
  /** name of the file, for people */
  readonly file: string;
  /** EVENT_ID, or content hash of the file and row where the row has none */
  readonly id: string;
  readonly rows: readonly FileRow[];
  /** set when the event is not read at all */
  readonly refused?: Refusal;
}

/** @returns the record of an event; the institution is where the rows say, or the source's */
export function rowRecord(event: RowEvent, meaning: Interpretation, context: MessageContext): HisRecord {
  const told = meaning.kind === 'events' ? meaning.events[0]?.institution : undefined;
  const named = event.rows.map((row) => row.cells['INSTITUTION']?.text).find((text) => text !== undefined);
  return {
    institution: told ?? (named !== undefined && context.institutions.includes(named) ? named : homeOf(context) ?? ''),
    source: context.source, controlId: event.id.replace(/[\u0000-\u001f\u007f]/g, '').slice(0, 128), media: 'file', charset: 'utf-8', bytes: Buffer.from(JSON.stringify(event), 'utf8'), interpreter: context.source,
  };
}

/** @returns the institution rows belong to that name none; undefined when nobody can say */
export function homeOf(context: MessageContext): string | undefined {
  return context.named ?? (context.institutions.length === 1 ? context.institutions[0] : undefined);
}

/** What the rows mean. Never throws: whatever goes wrong is a refusal that names the cell. */
export function interpretRows(event: RowEvent, context: MessageContext): Interpretation {
  if (event.refused !== undefined) return { kind: 'refused', refusal: event.refused };
  for (const row of event.rows) {
    const wrong = checkCells(row);
    if (wrong !== undefined) return { kind: 'refused', refusal: named(wrong, event) };
  }
  if (context.mapping?.fromRow === undefined) return { kind: 'refused', refusal: refusal('RECORD_UNREADABLE', { detail: '该来源没有配置可读数据行的映射（mapping）' }) };
  const rows = event.rows.map((row) => hisRow(row, event.id));
  const stranger = rows.map((row) => row['INSTITUTION']).find((code) => code !== undefined && code !== null && !context.institutions.includes(code));
  const home = stranger === undefined ? homeOf(context) ?? rows[0]?.['INSTITUTION'] ?? undefined : undefined;
  if (home === undefined) {
    return { kind: 'refused', refusal: located(refusal('EVENT_INSTITUTION_UNKNOWN', { field: 'INSTITUTION', value: stranger ?? '', detail: '请填写已配置的机构编号，或在该来源写明 institution' }), event) };
  }
  try {
    const meaning = context.mapping.fromRow(rows, { source: context.source, institution: home, institutions: context.institutions, receivedAt: chinaIso(context.clock.now()) });
    return meaning.kind === 'refused' ? { kind: 'refused', refusal: located(meaning.refusal, event) } : meaning;
  } catch {
    return { kind: 'refused', refusal: refusal('RECORD_UNREADABLE', { detail: `映射 ${context.mapping.name} 处理这些行时出错` }) };
  }
}

function hisRow(row: FileRow, id: string): HisRow {
  const values: Record<string, string | null> = Object.fromEntries(Object.entries(row.cells).map(([column, cell]) => [column, cellValue(column, cell) || null] as const));
  return { ...values, EVENT_ID: values['EVENT_ID'] ?? id };
}

/** A refusal of the mapping names a column; people look for a cell: that of the row with the value, else of the first row, else the row. */
function located(why: Refusal, event: RowEvent): Refusal {
  const column = why.field;
  const [first] = event.rows;
  if (column === undefined || first === undefined) return named(why, event);
  const cells = event.rows.flatMap((row) => { const cell = row.cells[column]; return cell === undefined ? [] : [cell]; });
  const cell = cells.find((one) => why.value !== undefined && why.value !== '' && cellValue(column, one).startsWith(why.value)) ?? (why.value === '' ? undefined : cells[0]);
  const missing = event.rows.find((row) => row.cells[column] === undefined) ?? first;
  return named({ ...why, field: cell?.at ?? missing.at, detail: `${column}：${why.detail ?? ''}` }, event);
}

function named(why: Refusal, event: RowEvent): Refusal {
  return { ...why, detail: `${why.detail ?? ''}（文件 ${event.file.slice(0, 100)}）` };
}

/** Reads a stored record again. */
export function parseRowEvent(bytes: Uint8Array): RowEvent | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    const event = value as Partial<RowEvent> | null;
    return typeof event === 'object' && event !== null && typeof event.file === 'string' && typeof event.id === 'string' && Array.isArray(event.rows) ? event as RowEvent : undefined;
  } catch {
    return undefined;
  }
}
