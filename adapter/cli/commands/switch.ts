import type { AddCommand } from '../command.ts';
import type { Session } from '../session.ts';
import { UsageError } from '../usage-error.ts';

interface SwitchFlags { readonly reason?: string; readonly institution?: string; readonly by?: string }

/** `pause` (`stop`) and `resume`: the stop switch of a destination, in force within 1 s; intake goes on. */
export const addSwitch: AddCommand = (program, session, run) => {
  const destination = session.say('上报目标的名称', 'name of the destination');
  const institution = session.say('只对一个机构，默认全部', 'for one institution only, default: all');
  const by = session.say('操作人，默认当前系统用户', 'who does it, default: the system user');
  program.command('pause').alias('stop')
    .description(session.say('停止向一个上报目标发送（1 秒内生效，接收不受影响）', 'stop sending to a destination (within 1 s; intake goes on)'))
    .argument('<destination>', destination)
    .requiredOption('--reason <text>', session.say('原因，会留存', 'reason, kept on file'))
    .option('--institution <code>', institution)
    .option('--by <name>', by)
    .action(run((name: string, flags: SwitchFlags) => turn(session, name, true, flags)));
  program.command('resume')
    .description(session.say('恢复发送', 'send again'))
    .argument('<destination>', destination)
    .option('--reason <text>', session.say('说明', 'remark'))
    .option('--institution <code>', institution)
    .option('--by <name>', by)
    .action(run((name: string, flags: SwitchFlags) => turn(session, name, false, flags)));
};

async function turn(session: Session, name: string, stopped: boolean, flags: SwitchFlags): Promise<number> {
  const reason = flags.reason?.trim() ?? '';
  if (stopped && reason === '') throw new UsageError('--reason 不能为空', '--reason must not be empty');
  const context = session.context();
  const destination = session.destination(context.config, name);
  const institutions = flags.institution === undefined ? context.config.institutions.map(({ code }) => code) : [session.institution(context.config, flags.institution)];
  await session.parts.actions.switchDestination(context, { destination, institutions, stopped, reason: reason.slice(0, 200), by: flags.by ?? session.io.user });
  session.emit(stopped ? 'pause' : 'resume', { ok: true, destination, institutions });
  session.line(stopped
    ? session.say(`已停止向 ${destination} 发送；恢复：his-trace resume ${destination}`, `sending to ${destination} is stopped; to go on: his-trace resume ${destination}`)
    : session.say(`已恢复向 ${destination} 发送`, `sending to ${destination} goes on`));
  return 0;
}
