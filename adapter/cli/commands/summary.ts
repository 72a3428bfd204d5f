import { chinaDate } from '../../domain/china-time.ts';
import type { DaySummary } from '../actions.ts';
import { calendarDate } from '../option-values.ts';
import type { AddCommand } from '../command.ts';
import type { Session } from '../session.ts';
import { reasonWords } from '../state-words.ts';

interface SummaryFlags { readonly date?: string; readonly institution?: string }

/** `summary`: completeness of a day: every HIS line is reported, excluded with a reason, pending, or needs attention. */
export const addSummary: AddCommand = (program, session, run) => {
  program.command('summary')
    .description(session.say('一日完整率：每一条明细的去向', 'completeness of a day: what became of every line'))
    .option('--date <date>', session.say('业务日期 yyyy-MM-dd，默认今天', 'business date yyyy-MM-dd, default today'))
    .option('--institution <code>', session.say('机构', 'institution'))
    .action(run(async (flags: SummaryFlags) => {
      const date = flags.date === undefined ? chinaDate(session.io.now()) : calendarDate('--date', flags.date);
      const context = session.context();
      const summary = await session.parts.actions.summary(context, { institution: session.institution(context.config, flags.institution), date });
      session.emit('summary', { ok: true, ...summary });
      printSummary(session, summary);
      return 0;
    }));
};

/** Prints a day as tables; the demonstration uses it as well. */
export function printSummary(session: Pick<Session, 'say' | 'line' | 'table' | 'language'>, day: DaySummary): void {
  const { say } = { say: (zh: string, en: string) => session.say(zh, en) };
  session.line(say(
    `${day.date}  机构 ${day.institution}  事件 ${String(day.events)}  明细 ${String(day.lines)}  完整率 ${day.completeness}%  待处理记录 ${String(day.quarantined)}`,
    `${day.date}  institution ${day.institution}  events ${String(day.events)}  lines ${String(day.lines)}  completeness ${day.completeness}%  quarantined ${String(day.quarantined)}`,
  ));
  if (day.destinations.length === 0) return;
  session.table(
    [say('上报目标', 'destination'), say('已上报', 'reported'), say('除外', 'excluded'), say('在途', 'pending'), say('待人工处理', 'attention'), say('缺失', 'missing'), say('上报率%', 'rate %'), say('完整率%', 'complete %')],
    day.destinations.map((one) => [one.name, String(one.reported), ...[one.excluded, one.pending, one.attention, one.missing].map(({ lines }) => String(lines)), one.reportRate, one.completeness]),
    [1, 2, 3, 4, 5, 6, 7],
  );
  const reasons = day.destinations.flatMap((one) => [
    ...one.excluded.reasons.map((row) => [one.name, say('除外', 'excluded'), reasonWords(row.reason, session.language), String(row.lines)]),
    ...one.attention.reasons.map((row) => [one.name, say('待人工处理', 'attention'), reasonWords(row.reason, session.language), String(row.lines)]),
    ...one.pending.reasons.map((row) => [one.name, say('在途', 'pending'), reasonWords(row.reason, session.language), String(row.lines)]),
  ]);
  if (reasons.length === 0) return;
  session.line();
  session.table([say('上报目标', 'destination'), say('去向', 'class'), say('原因', 'reason'), say('明细', 'lines')], reasons, [3]);
}
