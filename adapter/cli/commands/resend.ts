import { ATTENTION_STATES } from '../../delivery/states.ts';
import type { DeliveryFilter } from '../../store/queries/deliveries-view.ts';
import { instant, oneOf, wholeNumber } from '../option-values.ts';
import type { AddCommand } from '../command.ts';
import type { Session } from '../session.ts';
import { confirmCount, printCount } from './print-count.ts';

interface ResendFlags {
  readonly destination?: string; readonly institution?: string; readonly state?: string; readonly reason?: string; readonly operation?: string; readonly delivery?: readonly string[];
  readonly source?: string; readonly drug?: string; readonly lot?: string; readonly document?: string; readonly visit?: string; readonly from?: string; readonly to?: string;
  readonly dryRun?: boolean; readonly yes?: boolean; readonly by?: string;
}

/** `resend`: deliveries that need attention go back to work, by filter and with a count first. What may have been processed is asked about before. */
export const addResend: AddCommand = (program, session, run) => {
  const { say } = { say: (zh: string, en: string) => session.say(zh, en) };
  program.command('resend')
    .description(say('按条件重新上报待人工处理的任务（先计数；可能已被接收的先向平台查询）', 'report again what needs attention, by filter, with a count first; what may have been processed is asked about before'))
    .option('--destination <name>', say('上报目标', 'destination'))
    .option('--institution <code>', say('机构', 'institution'))
    .option('--state <state>', say(`状态：${ATTENTION_STATES.join(' | ')}`, `state: ${ATTENTION_STATES.join(' | ')}`))
    .option('--reason <code>', say('原因代码', 'reason on file'))
    .option('--operation <code>', say('上报操作，如 3505', 'operation, for example 3505'))
    .option('--delivery <number...>', say('任务号，可多个', 'delivery numbers'))
    .option('--source <name>', say('来源', 'source'))
    .option('--drug <id>', say('药品编码', 'drug id'))
    .option('--lot <lot>', say('批号', 'lot'))
    .option('--document <no>', say('单据号', 'document number'))
    .option('--visit <no>', say('就诊号', 'visit number'))
    .option('--from <time>', say('业务时间起：日期或时间', 'occurred from: date or time'))
    .option('--to <time>', say('业务时间止', 'occurred until'))
    .option('--dry-run', say('只计数', 'count only'))
    .option('-y, --yes', say('不再询问', 'do not ask'))
    .option('--by <name>', say('操作人，默认当前系统用户', 'who does it, default: the system user'))
    .action(run((flags: ResendFlags) => resend(session, flags)));
};

async function resend(session: Session, flags: ResendFlags): Promise<number> {
  const context = session.context();
  if (flags.destination !== undefined) session.destination(context.config, flags.destination);
  const filter = filterOf(flags, session.institution(context.config, flags.institution));
  const by = flags.by ?? session.io.user;
  const counted = await session.parts.actions.resend(context, filter, { dryRun: true, by });
  printCount(session, 'resend', counted, true);
  if (flags.dryRun === true || !(await confirmCount(session, counted, flags.yes === true))) return 0;
  printCount(session, 'resend', await session.parts.actions.resend(context, filter, { dryRun: false, by }), false);
  return 0;
}

function filterOf(flags: ResendFlags, institution: string): DeliveryFilter {
  return {
    institution,
    destination: flags.destination, reason: flags.reason, operation: flags.operation, source: flags.source, drug: flags.drug, lot: flags.lot,
    documentNo: flags.document, visitNo: flags.visit,
    states: flags.state === undefined ? undefined : [oneOf('--state', flags.state, ATTENTION_STATES)],
    deliveryNos: flags.delivery?.map((text) => wholeNumber('--delivery', text, { min: 1, max: 999_999_999 })),
    fromMs: flags.from === undefined ? undefined : instant('--from', flags.from),
    toMs: flags.to === undefined ? undefined : instant('--to', flags.to, true),
  };
}
