import { printConfig } from '../../config/print-config.ts';
import type { Config } from '../../config/config.ts';
import type { GivenFile } from '../../dry-run/given-files.ts';
import type { ActionContext } from '../actions.ts';
import type { AddCommand } from '../command.ts';
import type { Session } from '../session.ts';
import { UsageError } from '../usage-error.ts';
import { readGiven } from './dry-run.ts';
import { printPreview } from './print-preview.ts';

interface CheckOptions { readonly probe?: boolean; readonly preview?: string; readonly sample?: string; readonly printConfig?: boolean }

/** `check`: the whole configuration, every problem at once; nothing is opened without --probe. */
export const addCheck: AddCommand = (program, session, run) => {
  program.command('check')
    .description(session.say('检查配置，列出每一处问题', 'check the configuration and name every problem'))
    .option('--probe', session.say('再试连每个来源与上报目标', 'also connect to each source and destination'))
    .option('--preview <source>', session.say('取这个来源的十行数据，显示映射后的事件与提示；不登记、不发送', 'fetch ten rows of this source and show the events they would become; takes and sends nothing'))
    .option('--sample <file>', session.say('与 --preview 合用：改读这个文件（HL7 报文、数据行 JSON、表格）', 'with --preview: read this file instead (HL7, rows as JSON, a table)'))
    .option('--print-config', session.say('打印生效的配置（密钥不显示）', 'print the configuration in effect (secrets masked)'))
    .action(run((options: CheckOptions) => check(session, options)));
};

async function check(session: Session, options: CheckOptions): Promise<number> {
  const context = await session.verified();
  const { config } = context;
  const counts = { institutions: config.institutions.length, sources: config.sources.length, destinations: config.destinations.length };
  const warnings = warningsOf(session, config);
  session.emit('check', { ok: true, ...counts, warnings });
  if (options.printConfig === true) {
    const text = printConfig(config, session.parts.config);
    session.line(text.trimEnd());
    session.emit('config', { yaml: text });
  }
  session.line(session.say(
    `配置正确：机构 ${String(counts.institutions)} 个，来源 ${String(counts.sources)} 个，上报目标 ${String(counts.destinations)} 个`,
    `the configuration is valid: ${String(counts.institutions)} institution(s), ${String(counts.sources)} source(s), ${String(counts.destinations)} destination(s)`,
  ));
  for (const warning of warnings) session.line(session.say(`提醒：${warning}`, `note: ${warning}`));
  if (options.preview !== undefined) return await preview(session, context, { source: options.preview, ...(options.sample === undefined ? {} : { sample: readGiven(session, options.sample) }) });
  if (options.probe !== true) return 0;
  const probes = await session.parts.actions.probe(context);
  const rows = probes.flatMap(({ part, results }) => results.map((result) => ({ part, ...result })));
  for (const row of rows) session.emit('probe', row);
  session.line();
  session.table([session.say('部分', 'part'), session.say('试连', 'tried'), session.say('结果', 'result'), session.say('说明', 'detail')],
    rows.map((row) => [row.part, row.what, row.ok ? session.say('正常', 'ok') : session.say('失败', 'failed'), row.detail]));
  return rows.every((row) => row.ok) ? 0 : 1;
}

const PREVIEW_ROWS = 10;

async function preview(session: Session, context: ActionContext, what: { readonly source: string; readonly sample?: GivenFile }): Promise<number> {
  const names = context.config.sources.map(({ name }) => name);
  if (!names.includes(what.source)) throw new UsageError(`没有来源 ${what.source}，可用：${names.join('、') || '（无）'}`, `there is no source ${what.source}, known: ${names.join(', ') || '(none)'}`);
  session.line();
  return printPreview(session, what.source, await session.parts.actions.preview(context, { ...what, limit: PREVIEW_ROWS })) ? 0 : 1;
}

/** Valid, and perhaps not what was meant. */
function warningsOf(session: Session, config: Config): readonly string[] {
  const { say } = { say: (zh: string, en: string) => session.say(zh, en) };
  const warnings: string[] = [];
  if (config.destinations.length === 0) warnings.push(say('没有配置上报目标（destinations）：事件会登记，但不会向任何平台上报', 'no destination is configured: events are kept, and reported to no platform'));
  if (config.destinations.some(({ connector }) => connector.startsWith('mah-alihealth'))) {
    const without = config.institutions.filter(({ mah }) => mah?.entId === undefined || mah.refEntId === undefined).map(({ code }) => code);
    if (without.length > 0) warnings.push(say(`机构 ${without.join('、')} 没有填写 mah.entId 与 mah.refEntId，追溯平台的上报会转待人工处理`, `institution ${without.join(', ')} has no mah.entId and mah.refEntId: reports to the MAH platform will need attention`));
  }
  if (!['127.0.0.1', 'localhost', '::1'].includes(config.http.host) && config.http.tls === undefined) warnings.push(say(`http.host 为 ${config.http.host} 而没有配置 http.tls：令牌和患者信息会以明文经过网络`, `http.host is ${config.http.host} without http.tls: tokens and patient data cross the network in the clear`));
  return warnings;
}
