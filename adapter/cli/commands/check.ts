import { printConfig } from '../../config/print-config.ts';
import type { AddCommand } from '../command.ts';
import type { Session } from '../session.ts';

interface CheckOptions { readonly probe?: boolean; readonly printConfig?: boolean }

/** `check`: the whole configuration, every problem at once; nothing is opened without --probe. */
export const addCheck: AddCommand = (program, session, run) => {
  program.command('check')
    .description(session.say('检查配置，列出每一处问题', 'check the configuration and name every problem'))
    .option('--probe', session.say('再试连每个来源与上报目标', 'also connect to each source and destination'))
    .option('--print-config', session.say('打印生效的配置（密钥不显示）', 'print the configuration in effect (secrets masked)'))
    .action(run((options: CheckOptions) => check(session, options)));
};

async function check(session: Session, options: CheckOptions): Promise<number> {
  const context = session.context();
  const { config } = context;
  const counts = { institutions: config.institutions.length, sources: config.sources.length, destinations: config.destinations.length };
  session.emit('check', { ok: true, ...counts });
  if (options.printConfig === true) {
    const text = printConfig(config, session.parts.config);
    session.line(text.trimEnd());
    session.emit('config', { yaml: text });
  }
  session.line(session.say(
    `配置正确：机构 ${String(counts.institutions)} 个，来源 ${String(counts.sources)} 个，上报目标 ${String(counts.destinations)} 个`,
    `the configuration is valid: ${String(counts.institutions)} institution(s), ${String(counts.sources)} source(s), ${String(counts.destinations)} destination(s)`,
  ));
  if (options.probe !== true) return 0;
  const probes = await session.parts.actions.probe(context);
  const rows = probes.flatMap(({ part, results }) => results.map((result) => ({ part, ...result })));
  for (const row of rows) session.emit('probe', row);
  session.line();
  session.table([session.say('部分', 'part'), session.say('试连', 'tried'), session.say('结果', 'result'), session.say('说明', 'detail')],
    rows.map((row) => [row.part, row.what, row.ok ? session.say('正常', 'ok') : session.say('失败', 'failed'), row.detail]));
  return rows.every((row) => row.ok) ? 0 : 1;
}
