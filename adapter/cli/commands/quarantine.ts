import { chinaDateTime } from '../../domain/china-time.ts';
import { ERRORS, type ErrorCode } from '../../domain/error.ts';
import type { QuarantineFilter } from '../../store/queries/quarantine-view.ts';
import { instant, knownCode, wholeNumber } from '../option-values.ts';
import type { AddCommand, Run } from '../command.ts';
import type { Session } from '../session.ts';
import { confirmCount, printCount } from './print-count.ts';
import type { Command } from 'commander';

const ERROR_CODES = Object.keys(ERRORS) as readonly ErrorCode[];

interface FilterFlags {
  readonly institution?: string; readonly source?: string; readonly record?: readonly string[]; readonly controlId?: string; readonly code?: string; readonly from?: string; readonly to?: string;
}

/** `quarantine list | retry`: records that could not be mapped, kept whole. */
export const addQuarantine: AddCommand = (program, session, run) => {
  const group = program.command('quarantine').description(session.say('待处理记录（未能映射，原样留存）', 'records that could not be mapped, kept whole'));
  addList(group, session, run);
  addRetry(group, session, run);
};

function withFilter(command: Command, session: Session): Command {
  return command
    .option('--institution <code>', session.say('机构', 'institution'))
    .option('--source <name>', session.say('来源', 'source'))
    .option('--record <number...>', session.say('记录号，可多个', 'record numbers'))
    .option('--control-id <id>', session.say('HIS 的消息编号（MSH-10、事件编号）', 'id the HIS gave it (MSH-10, event id)'))
    .option('--code <code>', session.say('错误码', 'error code'))
    .option('--from <time>', session.say('接收时间起：日期或时间', 'received from: date or time'))
    .option('--to <time>', session.say('接收时间止', 'received until'));
}

function addList(group: Command, session: Session, run: Run): void {
  withFilter(group.command('list').description(session.say('列出待处理记录，新的在前', 'list them, newest first')), session)
    .option('--limit <count>', session.say('最多条数，默认 50', 'at most, default 50'), '50')
    .action(run(async (flags: FilterFlags & { readonly limit: string }) => {
      const limit = wholeNumber('--limit', flags.limit, { min: 1, max: 1_000 });
      const context = session.context();
      const records = await session.parts.actions.listQuarantine(context, filterOf(session, session.institution(context.config, flags.institution), flags), limit);
      session.emit('quarantine', { ok: true, records });
      if (records.length === 0) session.line(session.say('没有待处理记录', 'there is none'));
      else {
        session.table([session.say('记录', 'record'), session.say('接收时间', 'received'), session.say('来源', 'source'), session.say('消息编号', 'id'), session.say('错误码', 'code'), session.say('字段', 'field'), session.say('值', 'value'), session.say('说明', 'detail')],
          records.map((record) => [String(record.recordNo), chinaDateTime(record.receivedAt), record.source, record.controlId, record.errorCode, record.field ?? '', record.value ?? '', record.detail ?? '']), [0]);
      }
      return 0;
    }));
}

function addRetry(group: Command, session: Session, run: Run): void {
  withFilter(group.command('retry').description(session.say('按条件重新映射（先计数）', 'map them again, by filter, with a count first')), session)
    .option('--dry-run', session.say('只计数', 'count only'))
    .option('-y, --yes', session.say('不再询问；没有终端时必须给出', 'do not ask; required where there is no terminal'))
    .option('--by <name>', session.say('操作人', 'who does it'))
    .action(run(async (flags: FilterFlags & { readonly dryRun?: boolean; readonly yes?: boolean; readonly by?: string }) => {
      const context = session.context();
      const filter = filterOf(session, session.institution(context.config, flags.institution), flags);
      const by = flags.by ?? session.io.user;
      const counted = await session.parts.actions.retryQuarantine(context, filter, { dryRun: true, by });
      printCount(session, 'quarantine-retry', counted, { dryRun: true });
      if (flags.dryRun === true || !(await confirmCount(session, counted, flags.yes === true))) return 0;
      const done = await session.parts.actions.retryQuarantine(context, filter, { dryRun: false, by });
      printCount(session, 'quarantine-retry', done, { dryRun: false });
      return done.changed === done.matched ? 0 : 1;
    }));
}

function filterOf(session: Session, institution: string, flags: FilterFlags): QuarantineFilter {
  return {
    institution,
    source: flags.source, controlId: flags.controlId, code: flags.code === undefined ? undefined : knownCode('--code', flags.code, ERROR_CODES),
    recordNos: flags.record?.map((text) => wholeNumber('--record', text, { min: 1, max: 999_999_999 })),
    fromMs: flags.from === undefined ? undefined : instant('--from', flags.from),
    toMs: flags.to === undefined ? undefined : instant('--to', flags.to, true),
  };
}
