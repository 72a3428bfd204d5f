import type { ProbeResult } from '../../../adapter/ports/probe.ts';
import { boundsOf, changeFacts } from './bounds.ts';
import { planOf } from './plan.ts';
import type { PullPlan } from './plan.ts';
import type { AccountFacts, RowDatabase } from './row-database.ts';
import { asRowFault } from './row-fault.ts';
import type { PullSettings } from './settings.ts';
import { linesStatement, pageStatement, reference } from './statements.ts';
import { within } from './within.ts';

export interface ProbeDeps {
  readonly what: string;
  readonly db: RowDatabase;
  readonly settings: PullSettings;
  readonly signal: AbortSignal;
}

/** Tries the connection, the columns, every statement the strategy uses for reading, and what the account may change. Changes nothing. */
export async function probeRows(deps: ProbeDeps): Promise<readonly ProbeResult[]> {
  const { what, db, settings } = deps;
  const read = <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => within(settings.readTimeout + settings.connectTimeout, deps.signal, work);
  const results: ProbeResult[] = [];
  const step = async <T>(label: string, work: () => Promise<{ readonly value: T; readonly results: readonly ProbeResult[] }>): Promise<T | undefined> => {
    try {
      const done = await work();
      results.push(...done.results);
      return done.value;
    } catch (error) {
      results.push({ what: `${what} ${label}`, ok: false, detail: asRowFault(error).words() });
      return undefined;
    }
  };
  const facts = await step('连接', async () => {
    const value = await read((signal) => db.account(signal));
    return { value, results: [{ what: `${what} 连接`, ok: true, detail: `${value.server}，用户 ${value.user}` }, rightsResult(what, value, settings)] };
  });
  if (facts === undefined) return results;
  const plan = await step('视图', async () => {
    const columns = await read((signal) => db.columns(settings.view, signal));
    const scn = settings.scnTable;
    const value = planOf(settings, columns, scn === undefined ? [] : await read((signal) => db.columns(scn, signal)), db.dialect.versionTypes);
    const left = columns.filter((column) => column.kind === 'unreadable').map((column) => `${column.name}(${column.type})`);
    return { value, results: [{ what: `${what} 视图`, ok: true, detail: `${settings.view} 有 ${String(columns.length)} 列${left.length === 0 ? '' : `；不读取的列：${left.join('、')}`}` }] };
  });
  if (plan !== undefined) {
    await step('读取', async () => {
      const rows = await read((signal) => trialRead(deps, plan, signal));
      return { value: rows, results: [{ what: `${what} 读取`, ok: true, detail: rows === 0 ? '语句可执行，视图目前没有数据' : `语句可执行，试读 ${String(rows)} 行` }] };
    });
    if (plan.changes !== undefined) await step('更改跟踪', async () => {
      const found = await read((signal) => changeFacts({ db, plan, signal }));
      const ok = found.ceiling !== undefined && found.minimum !== undefined;
      return { value: found, results: [{ what: `${what} 更改跟踪`, ok, detail: ok ? '已启用，账号可读' : `${plan.changes?.table ?? ''} 未启用更改跟踪，或账号没有 VIEW CHANGE TRACKING；启用之前按时间取数` }] };
    });
    await step('事件编号', async () => {
      const missing = await read((signal) => rowsWithoutEvent(deps, plan, signal));
      return { value: missing, results: [{ what: `${what} 事件编号`, ok: missing === 0, detail: missing === 0 ? '每行都有事件编号' : `有行的 ${plan.event.name} 为空，这些行不会被读取；请在视图中补上事件编号` }] };
    });
  }
  return results;
}

/** A read-only account is enough, but for the one table of ours that marks are written to. */
function rightsResult(what: string, facts: AccountFacts, settings: PullSettings): ProbeResult {
  const ours = [settings.sideTable, settings.strategy === 'send-flag' ? settings.flagTable ?? settings.view : undefined].filter((name) => name !== undefined).map((name) => name.toUpperCase());
  const others = facts.writable.filter((right) => !ours.some((name) => right.toUpperCase().endsWith(` ${name}`) || right.toUpperCase().endsWith(`.${name}`)));
  if (others.length === 0) return { what: `${what} 权限`, ok: true, detail: ours.length === 0 ? '账号只读' : `除 ${ours.join('、')} 外账号只读` };
  const shown = others.slice(0, 8).join('、');
  return { what: `${what} 权限`, ok: false, detail: `账号不是只读的：${shown}${others.length > 8 ? ` 等 ${String(others.length)} 项` : ''}；请由 DBA 按 sql/his 中的账号脚本改用只读账号` };
}

/** Runs the statements of the strategy once, for one event. */
async function trialRead({ db, settings }: ProbeDeps, plan: PullPlan, signal: AbortSignal): Promise<number> {
  const { sweep } = await boundsOf({}, { db, plan, settings: { ...settings, startAt: 'beginning' }, deep: false, signal });
  const page = await db.query(pageStatement(db.dialect, {
    from: plan.from, position: plan.position, event: plan.pageEvent, rows: 1, ...(plan.bounded === undefined ? {} : { bounded: plan.bounded }), ...(sweep.upper === undefined ? {} : { upper: sweep.upper }),
    ...(settings.sideTable === undefined ? {} : { notIn: { table: settings.sideTable, source: 'probe' } }),
  }), signal);
  const id = page[0]?.['PULL_EVENT'];
  if (id === undefined || id === null) return 0;
  const lines = await db.query(linesStatement(db.dialect, { from: settings.view, columns: plan.columns, event: plan.event, row: plan.row, ids: [id], rows: 10, hex: settings.charset === 'gbk' }), signal);
  return lines.length;
}

async function rowsWithoutEvent({ db, settings }: ProbeDeps, plan: PullPlan, signal: AbortSignal): Promise<number> {
  const event = reference(db.dialect, plan.event);
  const sql = db.dialect.select({ columns: [`${db.dialect.asText(reference(db.dialect, plan.row), plan.row)} AS PULL_ROW`], from: db.dialect.object(settings.view), where: [`${event} IS NULL`], orderBy: [reference(db.dialect, plan.row)], rows: 1 });
  return (await db.query({ sql, params: [] }, signal)).length;
}
