import type { AddCommand } from '../command.ts';
import { runUntilStopped } from './run-until-stopped.ts';

/** `start`: the service in the foreground; SIGTERM drains and ends within 10 s. */
export const addStart: AddCommand = (program, session, run) => {
  program.command('start')
    .description(session.say('启动服务（前台运行，SIGTERM 后 10 秒内结束）', 'run the service (foreground; SIGTERM ends it within 10 s)'))
    .action(run(async () => {
      const context = await session.verified();
      const stopped = session.io.untilStopped(); // asked to end while it still starts counts too
      return runUntilStopped(session, await session.parts.actions.start(context), stopped);
    }));
};
