import type { MappingContext } from '../../adapter/ports/his-mapping.ts';
import type { Interpretation, SkippedHisLine } from '../../adapter/ports/his-record.ts';
import { refusal } from '../../adapter/domain/refusal.ts';
import type { HisRow } from '../../adapter/ports/row.ts';
import { gatherProblems, refusalOf } from '../hl7/problems.ts';
import { fulfils } from './condition.ts';
import { readEvent } from './row-event.ts';
import { lineNoOf } from './row-lines.ts';
import type { NumberedRow } from './row-lines.ts';
import type { RecordMapping, RowMapping } from './row-mapping.ts';
import { RowReader } from './row-reader.ts';

/** @returns the reading of all rows of one event by a table: pure, the same rows give the same meaning for ever */
export function rowReading(mapping: RowMapping): (rows: readonly HisRow[], context: MappingContext) => Interpretation {
  const records = Object.values(mapping.records);
  return (rows, context) => {
    const found = rows.map((row) => records.find((record) => fulfils(row, record.when)));
    const [record] = found;
    if (record === undefined || found.some((each) => each !== record)) return unknownRecord(mapping, rows, found);
    return readRecord(rows, record, context);
  };
}

function readRecord(rows: readonly HisRow[], record: RecordMapping, context: MappingContext): Interpretation {
  const problems = gatherProblems();
  const reader = new RowReader(record.fields, problems);
  const numbered = rows.map((row, at): NumberedRow => ({ row, at: String(at + 1) }));
  const skipped: SkippedHisLine[] = [];
  const kept: NumberedRow[] = [];
  for (const each of numbered) {
    const reason = skipReason(each.row, record);
    if (reason === undefined) kept.push(each);
    else skipped.push({ lineNo: lineNoOf(each, reader), reason });
  }
  if (kept.length === 0) return { kind: 'noted', reason: `不追溯：${[...new Set(skipped.map(({ reason }) => reason))].join('、')}`.slice(0, 200) };
  for (const { row, at } of kept) {
    for (const rule of record.refuse ?? []) {
      if (!fulfils(row, rule.when)) continue;
      const [column = ''] = Object.keys(rule.when);
      problems.add('EVENT_INVALID', { field: column, value: row[column] ?? '', detail: kept.length > 1 ? `第 ${at} 行：${rule.reason}` : rule.reason });
    }
  }
  const event = readEvent(kept, record, reader, context);
  const [first, ...others] = problems.found;
  if (first !== undefined) return { kind: 'refused', refusal: refusalOf([first, ...others]) };
  return { kind: 'events', events: [event], ...(skipped.length === 0 ? {} : { skipped }) };
}

/** @returns why the row moves nothing of ours; undefined when it does */
function skipReason(row: HisRow, record: RecordMapping): string | undefined {
  const rule = record.skip?.find((each) => fulfils(row, each.when));
  if (rule === undefined) return undefined;
  const told = rule.reasonFrom === undefined ? null : row[rule.reasonFrom] ?? null;
  return told ?? rule.reason ?? '不追溯';
}

/** Rows of no kind the table knows, or of several: nothing may be chosen. */
function unknownRecord(mapping: RowMapping, rows: readonly HisRow[], found: readonly (RecordMapping | undefined)[]): Interpretation {
  const column = Object.values(mapping.records).flatMap((record) => Object.keys(record.when ?? {}))[0] ?? 'RECORD';
  const at = Math.max(0, found.indexOf(undefined));
  const several = !found.includes(undefined);
  const titles = Object.values(mapping.records).map(({ title }) => title).join('、');
  return { kind: 'refused', refusal: refusal('EVENT_INVALID', { field: column, value: rows[at]?.[column] ?? '', detail: several ? '同一事件的各行不是同一种单据' : `不是映射 ${mapping.name} 认识的单据；认识的有 ${titles}` }) };
}
