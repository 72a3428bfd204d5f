import { ATTENTION_STATES } from '../../delivery/states.ts';
import { FAULT_REASONS } from '../../domain/outcome.ts';
import type { DeliveryFilter } from '../../store/queries/deliveries-view.ts';
import { instant, knownCode, oneOf, wholeNumber } from '../option-values.ts';
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
    .option('--reason <code>', say('原因代码，如 MISSING_FIELD（见 README 的“上报未成功的原因”）', 'reason on file, for example MISSING_FIELD'))
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
    .option('-y, --yes', say('不再询问；没有终端时必须给出', 'do not ask; required where there is no terminal'))
    .option('--by <name>', say('操作人，默认当前系统用户', 'who does it, default: the system user'))
    .action(run((flags: ResendFlags) => resend(session, flags)));
};

/** Reports that never went out are planned again, all of one event together: some still cannot be sent, some came along with another. */
const REST = {
  zh: '重新规划后仍缺内容，或已随同一事件的其它任务一并处理；用 GET /api/v1/deliveries?state=needs-attention 查看当前原因',
  en: 'still not sendable after planning again, or dealt with together with another one of the same event; GET /api/v1/deliveries?state=needs-attention tells why',
};

async function resend(session: Session, flags: ResendFlags): Promise<number> {
  const context = session.context();
  if (flags.destination !== undefined) session.destination(context.config, flags.destination);
  const filter = filterOf(flags, session.institution(context.config, flags.institution));
  const by = flags.by ?? session.io.user;
  const counted = await session.parts.actions.resend(context, filter, { dryRun: true, by });
  printCount(session, 'resend', counted, { dryRun: true });
  if (flags.dryRun === true || !(await confirmCount(session, counted, flags.yes === true))) return 0;
  printCount(session, 'resend', await session.parts.actions.resend(context, filter, { dryRun: false, by }), { dryRun: false, rest: REST });
  return 0;
}

function filterOf(flags: ResendFlags, institution: string): DeliveryFilter {
  return {
    institution,
    destination: flags.destination, reason: flags.reason === undefined ? undefined : knownCode('--reason', flags.reason, FAULT_REASONS), operation: flags.operation, source: flags.source, drug: flags.drug, lot: flags.lot,
    documentNo: flags.document, visitNo: flags.visit,
    states: flags.state === undefined ? undefined : [oneOf('--state', flags.state, ATTENTION_STATES)],
    deliveryNos: flags.delivery?.map((text) => wholeNumber('--delivery', text, { min: 1, max: 999_999_999 })),
    fromMs: flags.from === undefined ? undefined : instant('--from', flags.from),
    toMs: flags.to === undefined ? undefined : instant('--to', flags.to, true),
  };
}
