import { chinaDate } from '../../domain/china-time.ts';
import { TraceError } from '../../domain/error.ts';
import type { DayOnDemand } from '../../reconcile/reconcile-on-demand.ts';
import type { Reconciliation } from '../../reconcile/reconciliation-store.ts';
import type { ActionContext, Actions } from '../actions.ts';
import type { AddCommand } from '../command.ts';
import { calendarDate } from '../option-values.ts';
import type { Session } from '../session.ts';

interface ReconcileFlags { readonly date?: string; readonly institution?: string; readonly destination?: string }

/** Compares a day with every platform that can be read, or with the one named. */
export type ReconcileAction = (context: ActionContext, wanted: DayOnDemand) => Promise<readonly Reconciliation[]>;

const MAX_SHOWN = 50;
const DAY_MS = 86_400_000;

/** `reconcile`: what the platforms accepted of us on a day against what they have on record. Exit 1 when there are differences. */
export const addReconcile: AddCommand = (program, session, run) => {
  program.command('reconcile')
    .description(session.say('对账：某日平台接受的上报，与平台自己的记录逐条比较', 'compare what the platforms accepted on a day with what they have on record'))
    .option('--date <date>', session.say('平台接受的日期 yyyy-MM-dd，默认昨天', 'day of acceptance yyyy-MM-dd, default yesterday'))
    .option('--institution <code>', session.say('机构', 'institution'))
    .option('--destination <name>', session.say('只对这个目标', 'this destination alone'))
    .action(run(async (flags: ReconcileFlags) => {
      const date = flags.date === undefined ? chinaDate(session.io.now() - DAY_MS) : calendarDate('--date', flags.date);
      const context = session.context();
      const institution = session.institution(context.config, flags.institution);
      const results = await actionOf(session.parts.actions)(context, { institution, date, ...(flags.destination === undefined ? {} : { destination: flags.destination }) });
      const ok = results.every((one) => one.complete && one.missing + one.unknownHere + one.different === 0);
      session.emit('reconcile', { ok, institution, date, destinations: results });
      print(session, results, date);
      return ok ? 0 : 1;
    }));
};

function actionOf({ reconcile }: Actions & { readonly reconcile?: ReconcileAction }): ReconcileAction {
  if (reconcile === undefined) throw new TraceError('INTERNAL', 'reconcile');
  return reconcile;
}

function print(session: Session, results: readonly Reconciliation[], date: string): void {
  const say = (zh: string, en: string): string => session.say(zh, en);
  if (results.length === 0) {
    session.line(say(`${date}：没有可以读取记录的上报目标`, `${date}: no destination whose records can be read`));
    return;
  }
  session.table(
    [say('上报目标', 'destination'), say('已上报', 'ours'), say('一致', 'matched'), say('平台查不到', 'missing'), say('本机没有', 'unknown here'), say('内容不同', 'different'), say('晚报', 'late'), say('未核对', 'unread')],
    results.map((one) => [one.destination, ...[one.ours, one.matched, one.missing, one.unknownHere, one.different, one.late, one.unread].map(String)]), [1, 2, 3, 4, 5, 6, 7],
  );
  const items = results.flatMap((one) => one.items.filter((item) => item.kind !== 'late').map((item) => [one.destination, item.kind, item.operation, item.key, item.drug, item.detail ?? '']));
  if (items.length === 0) return;
  session.line();
  session.table([say('上报目标', 'destination'), say('差异', 'difference'), say('操作', 'operation'), say('上报编号', 'key'), say('药品', 'drug'), say('说明', 'detail')], items.slice(0, MAX_SHOWN));
  if (items.length > MAX_SHOWN) session.line(say(`……另有 ${String(items.length - MAX_SHOWN)} 条`, `… and ${String(items.length - MAX_SHOWN)} more`));
}
