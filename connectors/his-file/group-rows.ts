import { refusal } from '../../adapter/domain/refusal.ts';
import type { FileRow } from './file-rows.ts';
import type { RowEvent } from './row-event.ts';

export interface GroupOptions {
  readonly file: string;
  /** content hash of the file: names rows that have no id of their own */
  readonly sha: string;
  readonly maxEventRows: number;
}

/** Events whose rows may lie between two rows of one event: exports are sorted by time, and two counters write at once. */
const OPEN_EVENTS = 200;

/**
 * Gathers the rows of each event while the file is read; no more than a few hundred events are kept. An id that comes again later than that is
 * told as a conflict by the intake, never joined silently.
 */
export async function* groupRows(rows: AsyncIterable<FileRow> | Iterable<FileRow>, options: GroupOptions): AsyncIterable<RowEvent> {
  const open = new Map<string, FileRow[]>();
  for await (const row of rows) {
    const id = row.cells['EVENT_ID']?.text;
    if (id === undefined) {
      yield { file: options.file, id: `F${options.sha.slice(0, 24)}-${row.at.slice(-60)}`, rows: [row] };
      continue;
    }
    const known = open.get(id);
    // an event of more rows than are taken: the first ones show which it is
    if (known === undefined) open.set(id, [row]);
    else if (known.length <= options.maxEventRows) known.push(row);
    for (const oldest of open.keys()) {
      if (open.size <= OPEN_EVENTS) break;
      const kept = open.get(oldest) ?? [];
      open.delete(oldest);
      yield eventOf(oldest, kept, options);
    }
  }
  for (const [id, kept] of open) yield eventOf(id, kept, options);
}

function eventOf(id: string, rows: readonly FileRow[], { file, maxEventRows }: GroupOptions): RowEvent {
  if (rows.length <= maxEventRows) return { file, id, rows };
  const field = rows[0]?.cells['EVENT_ID']?.at ?? '';
  return { file, id, rows: rows.slice(0, 100), refused: refusal('RECORD_TOO_LARGE', { field, value: id, detail: `一个事件超过 ${String(maxEventRows)} 行（maxEventRows），只留存了前 100 行。请核对事件编号一列是否填对` }) };
}
