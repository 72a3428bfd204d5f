import type { AddCommand } from '../command.ts';

/** `demo`: one synthetic hospital day against the sandbox platforms; needs no configuration. */
export const addDemo: AddCommand = (program, session, run) => {
  program.command('demo')
    .description(session.say('演示：用内置沙箱平台跑完一个医院工作日', 'play one hospital day against the built-in sandbox platforms'))
    .option('--keep', session.say('结束后继续运行，便于查看', 'stay up afterwards'))
    .action(run((options: { readonly keep?: boolean }) => session.parts.actions.demo({
      keep: options.keep === true, language: session.language, terminal: session.terminal, progress: session.progress, stopped: session.io.untilStopped(),
    })));
};
