import type { HisRow } from '../../../adapter/ports/row.ts';
import type { Preview, PreviewRequest } from '../../../adapter/ports/his-source.ts';
import { boundsOf } from './bounds.ts';
import { groupRows, type EventRows } from './event-rows.ts';
import type { InterpretDeps } from './interpret.ts';
import { localTimePlus } from './local-time.ts';
import type { PullPlan } from './plan.ts';
import type { RowDatabase, ViewColumn } from './row-database.ts';
import type { PullSettings } from './settings.ts';
import { EVENT, pageStatement } from './statements.ts';
import { prepare } from './submit.ts';
import { wholeEvents, type Read } from './sweep.ts';
import { within } from './within.ts';

type Interpreting = InterpretDeps & { readonly institution: string; readonly maxEventRows: number };

export interface PreviewDeps {
  readonly db: RowDatabase;
  readonly settings: PullSettings;
  readonly interpreting: Interpreting;
  readonly plan: PullPlan;
}

/** What is looked at first, where the strategy knows times: the oldest rows of a view are often from another age. */
const RECENT_MS = 7 * 86_400_000;
const MAX_SAMPLE_ROWS = 10_000;

/** Reads some events as a sweep would; marks nothing, remembers nothing. @throws RowFault */
export async function previewRows({ limit, signal }: PreviewRequest, deps: PreviewDeps): Promise<Preview> {
  const { db, plan, settings } = deps;
  const read: Read = (work) => within(settings.readTimeout + settings.connectTimeout, signal, work);
  const { sweep } = await read((inner) => boundsOf({}, { db, plan, settings: { ...settings, startAt: 'beginning' }, deep: false, signal: inner }));
  const offset = plan.position.kind === 'offset-time' ? ' +08:00' : '';
  const recent = plan.cursor !== 'time' || sweep.next === undefined ? undefined : `${localTimePlus(sweep.next, -RECENT_MS)}${offset}`;
  for (const lower of recent === undefined ? [undefined] : [recent, undefined]) {
    const page = await read((inner) => db.query(pageStatement(db.dialect, {
      from: plan.from, position: plan.position, event: plan.pageEvent, rows: limit,
      ...(plan.bounded === undefined ? {} : { bounded: plan.bounded }), ...(lower === undefined ? {} : { lower }), ...(sweep.upper === undefined ? {} : { upper: sweep.upper }),
    }), inner));
    const ids = [...new Set(page.map((row) => row[EVENT] ?? '').filter((id) => id.trim() !== ''))];
    if (ids.length === 0) continue;
    const events: EventRows[] = [];
    for await (const groups of wholeEvents(ids, deps, read)) events.push(...groups);
    return recordsOf(events.slice(0, limit), deps.interpreting);
  }
  return { kind: 'records', records: [] };
}

/** Rows that somebody handed in as JSON: an array of objects, or one object a line. */
export function previewSample({ limit, sample }: PreviewRequest, { settings, interpreting }: Pick<PreviewDeps, 'settings' | 'interpreting'>): Preview {
  const rows = parseRows(Buffer.from(sample?.bytes ?? []).toString('utf8'));
  if (rows === undefined) return { kind: 'failed', detail: '文件不是 JSON 数据行：应为对象的数组，或每行一个对象，列名为键' };
  const column = (name: string): ViewColumn => ({ name, type: 'TEXT', kind: 'other' });
  const event = settings.columns.event.toUpperCase();
  if (rows.some((row) => (row[event] ?? '') === '')) return { kind: 'failed', detail: `有行没有事件编号列 ${event}（columns.event）` };
  const ids = [...new Set(rows.map((row) => row[event] ?? ''))];
  const raw = rows.map((row) => ({ ...row, [EVENT]: row[event] ?? '' }));
  const bookkeeping = new Set([settings.columns.changedAt, settings.columns.version, settings.columns.flag].map((name) => name.toUpperCase()));
  return recordsOf(groupRows(raw, ids, { columns: [], row: column(settings.columns.row), bookkeeping, hex: false }).slice(0, limit), interpreting);
}

function recordsOf(events: readonly EventRows[], interpreting: Interpreting): Preview {
  return { kind: 'records', records: events.map((event) => prepare(event, interpreting)).map(({ record, interpretation }) => ({ record, meaning: interpretation })) };
}

/** @returns rows with names in upper case and text values; undefined when it is something else. Numbers are refused: digits of a code would be lost */
function parseRows(text: string): readonly HisRow[] | undefined {
  const values = parsed(text) ?? text.split('\n').filter((line) => line.trim() !== '').map(parsed);
  const list = Array.isArray(values) ? values as readonly unknown[] : [values];
  if (list.length === 0 || list.length > MAX_SAMPLE_ROWS || !list.every(isRow)) return undefined;
  return list.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toUpperCase(), value] as const)));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
  } catch {
    return undefined;
  }
}

function isRow(value: unknown): value is HisRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every((member) => member === null || typeof member === 'string');
}
