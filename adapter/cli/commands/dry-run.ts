import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { faultName } from '../../config/substitute.ts';
import { EVENT_KINDS } from '../../domain/event.ts';
import { DIFFERENCE_KINDS, KIND_WORDS, type EventDifferences } from '../../dry-run/difference.ts';
import type { DryRunReport } from '../../dry-run/dry-run.ts';
import type { GivenFile } from '../../dry-run/given-files.ts';
import type { NotComparable } from '../../dry-run/replay.ts';
import type { Selection } from '../../dry-run/select.ts';
import type { ActionContext } from '../actions.ts';
import type { AddCommand } from '../command.ts';
import { calendarDate, oneOf, wholeNumber } from '../option-values.ts';
import { ConfigFault, type Session } from '../session.ts';
import { UsageError } from '../usage-error.ts';

interface Flags {
  readonly with?: string; readonly drugs?: string; readonly institution?: string; readonly day?: string; readonly from?: string; readonly to?: string;
  readonly source?: string; readonly kind?: string; readonly limit: string; readonly show: string;
}

/** `dry-run`: what a changed configuration would have made of what was really taken; sends nothing, changes nothing. */
export const addDryRun: AddCommand = (program, session, run) => {
  const { say } = { say: (zh: string, en: string) => session.say(zh, en) };
  program.command('dry-run')
    .description(say('试运行：用现在或改动后的配置重放记录，列出与实际登记、上报的差异；不发送、不写库。没有差异退出码 0，有差异为 1', 'play records through the present or a changed configuration and print what would differ; sends nothing, writes nothing. Exit code 0 = no difference, 1 = differences'))
    .argument('[files...]', say('代替库中记录的文件：事件 JSON，或由 --source 的来源读取的 HL7、数据行、表格', 'files played instead of stored records: event JSON, or HL7, rows and tables read by the source of --source'))
    .option('--with <file>', say('要试的配置文件（映射、规则、上报目标、profile）；数据库仍取现在的配置', 'configuration to try (mapping, rules, destinations, profiles); the store is that of the present one'))
    .option('--drugs <file>', say('要试的药品目录', 'drug catalogue to try'))
    .option('--institution <code>', say('机构', 'institution'))
    .option('--day <date>', say('业务日期 yyyy-MM-dd', 'business day yyyy-MM-dd'))
    .option('--from <date>', say('业务日期起', 'business days from'))
    .option('--to <date>', say('业务日期止', 'business days until'))
    .option('--source <name>', say('来源', 'source'))
    .option('--kind <kind>', say('业务类型，如 dispense', 'kind of event, for example dispense'))
    .option('--limit <count>', say('最多事件数，取最近的，默认 10000', 'events at most, the newest ones, default 10000'), '10000')
    .option('--show <count>', say('表中最多显示的差异数，默认 200；--json 不受限', 'differences shown in the table at most, default 200; --json shows all'), '200')
    .action(run((files: readonly string[], flags: Flags) => dryRun(session, files, flags)));
};

const NOT_COMPARABLE_WORDS: Readonly<Record<NotComparable, { readonly zh: string; readonly en: string }>> = {
  'cleared': { zh: '条记录的原始报文已清除，只能按当时的事件重放，映射的改动不可比', en: 'record(s) whose raw content was cleared were played as the events of then; changes of the mapping do not show' },
  'no-source': { zh: '条记录的来源不在所试的配置中，按当时的事件重放，映射的改动不可比', en: 'record(s) of sources that the configuration tried does not have were played as the events of then; changes of the mapping do not show' },
};

const ALWAYS_NOT_COMPARABLE = {
  zh: '不可比：平台的应答、上报编号与签名、发送时才生成的报文内容（只比较上报任务的操作、行、码与是否上报）；期间改动过的药品目录与召回按现在的算；医联体其它成员的发药',
  en: 'not comparable: answers of the platforms, keys and signatures, content made while sending (reports are compared by operation, lines, codes and whether they go out); catalogue and recalls changed since count as they are now; dispenses of other alliance members',
};

async function dryRun(session: Session, names: readonly string[], flags: Flags): Promise<number> {
  const context = session.context();
  const tried = flags.with === undefined ? undefined : await verified(session, flags.with);
  const selection = selectionOf(session, context, flags);
  const files = names.length === 0 ? undefined : names.map((name) => readGiven(session, name));
  const most = wholeNumber('--show', flags.show, { min: 0, max: 1_000_000 });
  const rows: string[][] = [];
  const onDifference = (one: EventDifferences): void => {
    session.emit('difference', { ...one });
    if (!session.json && rows.length < most) rows.push(...rowsOf(session, one).slice(0, most - rows.length));
  };
  const report = await session.parts.actions.dryRun(context, {
    selection, onDifference, ...(tried === undefined ? {} : { tried }), ...(files === undefined ? {} : { files }),
    ...(files === undefined || flags.source === undefined ? {} : { fileSource: flags.source }), ...(flags.drugs === undefined ? {} : { drugFile: resolve(session.io.cwd, flags.drugs) }),
  });
  print(session, report, rows);
  return report.differences === 0 ? 0 : 1;
}

/** The configuration that is tried must be as good as one that is started. @throws ConfigFault naming its own file */
async function verified(session: Session, file: string): Promise<ActionContext> {
  return await session.withFile(file).verified().catch((error: unknown) => { throw error instanceof ConfigFault ? new ConfigFault(error.problems, file) : error; });
}

function selectionOf(session: Session, { config }: ActionContext, flags: Flags): Selection {
  const from = flags.day ?? flags.from;
  const to = flags.day ?? flags.to;
  return {
    institution: session.institution(config, flags.institution), limit: wholeNumber('--limit', flags.limit, { min: 1, max: 1_000_000 }),
    ...(from === undefined ? {} : { from: calendarDate(flags.day === undefined ? '--from' : '--day', from) }), ...(to === undefined ? {} : { to: calendarDate(flags.day === undefined ? '--to' : '--day', to) }),
    ...(flags.source === undefined ? {} : { source: flags.source }), ...(flags.kind === undefined ? {} : { kind: oneOf('--kind', flags.kind, EVENT_KINDS) }),
  };
}

/** @throws UsageError when the file cannot be read */
export function readGiven(session: Session, name: string): GivenFile {
  try {
    return { name: basename(name), bytes: readFileSync(resolve(session.io.cwd, name)) };
  } catch (error) {
    throw new UsageError(`读不到文件 ${name}（${faultName(error)}）`, `the file ${name} cannot be read (${faultName(error)})`);
  }
}

function rowsOf(session: Session, { eventId, source, differences }: EventDifferences): string[][] {
  return differences.map(({ kind, what, lineNo, code, before, after }) => [source, eventId, [lineNo, code].filter((part) => part !== undefined).join(' '), session.say(KIND_WORDS[kind].zh, KIND_WORDS[kind].en), what, before ?? '—', after ?? '—']);
}

function print(session: Session, report: DryRunReport, rows: readonly (readonly string[])[]): void {
  session.emit('dry-run', { ok: true, ...report });
  if (rows.length > 0) {
    session.table([session.say('来源', 'source'), session.say('事件', 'event'), session.say('行/码', 'line/code'), session.say('差异', 'difference'), session.say('项目', 'what'), session.say('实际', 'as stored'), session.say('将会', 'would be')], rows);
  }
  if (report.differences > rows.length) session.line(session.say(`……另有 ${String(report.differences - rows.length)} 处差异，用 --show 或 --json 查看`, `… and ${String(report.differences - rows.length)} more differences, see --show or --json`));
  session.line(session.say(
    `比较了 ${String(report.events)} 个事件（另重放 ${String(report.context)} 个以还原台账），${String(report.differing)} 个有差异，共 ${String(report.differences)} 处；没有发送，没有写库`,
    `${String(report.events)} events compared (${String(report.context)} more played for the ledger), ${String(report.differing)} differ, ${String(report.differences)} differences; nothing was sent, nothing written`,
  ));
  for (const kind of DIFFERENCE_KINDS) {
    const count = report.byKind[kind];
    if (count !== undefined) session.line(`  ${session.say(KIND_WORDS[kind].zh, KIND_WORDS[kind].en)}  ${String(count)}`);
  }
  for (const [why, count] of Object.entries(report.notComparable) as [NotComparable, number][]) session.line(`  ${String(count)} ${session.say(NOT_COMPARABLE_WORDS[why].zh, NOT_COMPARABLE_WORDS[why].en)}`);
  session.line(session.say(ALWAYS_NOT_COMPARABLE.zh, ALWAYS_NOT_COMPARABLE.en));
}
