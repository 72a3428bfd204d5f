import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../../config/load.ts';
import { oneOf } from '../option-values.ts';
import { ConfigFault, type Session } from '../session.ts';
import { UsageError } from '../usage-error.ts';
import { readGiven } from './dry-run.ts';
import { printPreview } from './print-preview.ts';
import { describeProblem, type ConfigProblem } from '../../config/problem.ts';

export interface SourceFlags {
  readonly source?: string; readonly sourceName?: string; readonly mapping?: string; readonly mappingFile?: string; readonly connectionEnv?: string; readonly view?: string;
  readonly strategy?: string; readonly folder?: string; readonly port?: string; readonly sample?: string; readonly try?: boolean;
}

/** Ctrl-D or Ctrl-C at a question: nothing was written, and nothing is wrong. */
export class Cancelled extends Error {}

/** Sources that can be set up by questions, and what each asks for. */
const GUIDED = {
  'his-mssql': ['connectionEnv', 'view', 'mapping', 'strategy'], 'his-oracle': ['connectionEnv', 'view', 'mapping', 'strategy'],
  'his-file': ['folder', 'mapping'], 'his-hl7v2': ['port', 'mapping', 'sample'],
} as const satisfies Readonly<Record<string, readonly (keyof SourceFlags)[]>>;
type Guided = keyof typeof GUIDED;
type Field = (typeof GUIDED)[Guided][number];

interface FieldText { readonly zh: string; readonly en: string; readonly fallback: string; readonly shape: RegExp }
const FIELDS: Readonly<Record<Field, FieldText>> = {
  connectionEnv: { zh: '存放连接串的环境变量名（连接串含口令，不写入配置文件）', en: 'environment variable that holds the connection string (never written to the file)', fallback: 'HIS_DB', shape: /^[A-Za-z_][A-Za-z0-9_]{0,63}$/ },
  view: { zh: '取数的视图', en: 'view to read', fallback: 'his_trace.trace_lines', shape: /^[\p{L}\p{N}_$#.]{1,128}$/u },
  mapping: { zh: '映射', en: 'mapping', fallback: 'standard', shape: /^[a-z][a-z0-9-]*$/ },
  strategy: { zh: '取数策略', en: 'strategy', fallback: 'time-window', shape: /^[a-z-]+$/ },
  folder: { zh: '监视的文件夹', en: 'folder to watch', fallback: 'his-out', shape: /^[^"\r\n]{1,400}$/ },
  port: { zh: 'MLLP 端口', en: 'MLLP port', fallback: '2575', shape: /^\d{1,5}$/ },
  sample: { zh: '一段样例报文的文件（可不填）', en: 'file with sample messages (may be left empty)', fallback: '', shape: /^[^\r\n]{0,400}$/ },
};
const PREVIEW_ROWS = 10;
const MAX_ROUNDS = 20;

export function addSourceFlags(command: Command, session: Session): Command {
  const { say } = { say: (zh: string, en: string) => session.say(zh, en) };
  return command
    .option('--source <connector>', say(`来源：${Object.keys(GUIDED).join(' | ')}`, `source: ${Object.keys(GUIDED).join(' | ')}`))
    .option('--source-name <name>', say('来源在配置中的名称，默认 his', 'name of the source in the configuration, default his'))
    .option('--mapping <name>', say('映射，默认 standard', 'mapping, default standard'))
    .option('--mapping-file <file>', say('映射的本院改动（YAML）', 'the site’s changes to the mapping (YAML)'))
    .option('--connection-env <name>', say('存放连接串的环境变量名，默认 HIS_DB', 'environment variable with the connection string, default HIS_DB'))
    .option('--view <view>', say('取数的视图', 'view to read'))
    .option('--strategy <strategy>', say('取数策略', 'strategy'))
    .option('--folder <folder>', say('监视的文件夹（his-file）', 'folder to watch (his-file)'))
    .option('--port <port>', say('MLLP 端口（his-hl7v2）', 'MLLP port (his-hl7v2)'))
    .option('--sample <file>', say('用这个文件预览（HL7 报文、数据行 JSON、表格）', 'preview this file (HL7, rows as JSON, a table)'))
    .option('--try', say('写入之前先试连并预览；不成功就不写', 'try the connection and preview before writing; nothing is written when that fails'));
}

/**
 * Asks for a source (or takes flags), tries it and shows ten mapped rows before anything is written.
 * @param textOf the whole file, with the source or without one
 * @returns the text to be written; undefined when it was tried and did not work
 * @throws Cancelled, UsageError, ConfigFault
 */
export async function guideSource(session: Session, flags: SourceFlags, textOf: (source: readonly string[] | undefined) => string): Promise<string | undefined> {
  const asks = session.io.canAsk && !session.json;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const source = await describeSource(session, round === 0 ? flags : { ...flags, source: undefined });
    const text = textOf(source?.lines);
    if (source === undefined || (!asks && flags.try !== true)) return text;
    const works = await tryOut(session, { ...source, text });
    if (!asks) return works ? text : undefined;
    const decision = await ask(session, session.say('回车 = 写入配置，e = 改来源，q = 放弃：', 'enter = write the file, e = change the source, q = give up: '));
    if (/^q/i.test(decision)) throw new Cancelled();
    if (!/^e/i.test(decision)) return text;
  }
  throw new Cancelled();
}

interface Described { readonly name: string; readonly lines: readonly string[]; readonly env: string | undefined; readonly sample: string | undefined }

async function describeSource(session: Session, flags: Omit<SourceFlags, 'source'> & { readonly source?: string | undefined }): Promise<Described | undefined> {
  const known = (Object.keys(GUIDED) as Guided[]).filter((name) => session.parts.config.sources.some((connector) => connector.name === name));
  const asks = session.io.canAsk && !session.json;
  const given = flags.source ?? (asks && known.length > 0 ? await ask(session, session.say(`来源（${known.join(' | ')}，回车 = 以后再填）: `, `source (${known.join(' | ')}, enter = later): `)) : '');
  if (given === '') return undefined;
  const connector = oneOf('--source', given, known);
  const values = new Map<Field, string>();
  for (const field of GUIDED[connector]) values.set(field, await valueOf(session, field, flags));
  const name = flags.sourceName ?? 'his';
  if (!/^[\p{L}\p{N}][\p{L}\p{N}_-]{0,39}$/u.test(name)) throw new UsageError(`--source-name 的值 ${name} 不符合要求`, `--source-name: ${name} does not fit`);
  const env = values.get('connectionEnv');
  const sample = values.get('sample') ?? flags.sample;
  const own: readonly (readonly [string, string | undefined])[] = [
    ['connection', env === undefined ? undefined : `\${${env}}`], ['view', values.get('view')], ['strategy', values.get('strategy')], ['folder', values.get('folder')], ['mappingFile', flags.mappingFile],
  ];
  const port = values.get('port');
  const lines = [
    `${name}:`, `  connector: ${connector}`, `  mapping: ${values.get('mapping') ?? 'standard'}`,
    ...own.flatMap(([key, value]) => (value === undefined ? [] : [`  ${key}: ${JSON.stringify(value)}`])), ...(port === undefined ? [] : [`  port: ${port}`]),
  ];
  return { name, lines, env, sample: sample === undefined || sample === '' ? undefined : sample };
}

async function valueOf(session: Session, field: Field, flags: Omit<SourceFlags, 'source'>): Promise<string> {
  const { zh, en, fallback, shape } = FIELDS[field];
  const shown = fallback === '' ? '' : ` [${fallback}]`;
  const told = flags[field] ?? (session.io.canAsk && !session.json ? await ask(session, `${session.say(zh, en)}${shown}: `) : '');
  const value = told === '' ? fallback : told;
  if (shape.test(value)) return value;
  throw new UsageError(`${zh}：${value} 不符合要求`, `${en}: ${value} does not fit`);
}

async function ask(session: Session, question: string): Promise<string> {
  const answer = await session.io.ask(question);
  if (answer === undefined) throw new Cancelled();
  return answer.trim();
}

/** Loads what would be written, connects, and shows what ten rows would become. @returns whether it works */
async function tryOut(session: Session, what: Described & { readonly text: string }): Promise<boolean> {
  const folder = dirname(session.path());
  const loaded = loadConfig(what.text, { env: await withConnection(session, what.env), parts: session.parts.config, readFile: (path) => readFileSync(resolve(folder, path), 'utf8') });
  if (loaded.ok === undefined) return refuse(session, loaded.problems);
  const sample = what.sample === undefined ? {} : { sample: readGiven(session, what.sample) };
  const report = await session.parts.actions.preview({ config: loaded.ok, folder, language: session.language, progress: session.progress, terminal: session.terminal }, { source: what.name, limit: PREVIEW_ROWS, probe: true, ...sample });
  return printPreview(session, what.name, report);
}

function refuse(session: Session, problems: readonly ConfigProblem[]): boolean {
  if (!session.io.canAsk || session.json) throw new ConfigFault(problems, session.file);
  for (const problem of problems) session.line(describeProblem(problem, session.file, session.language));
  return false;
}

/** The connection string is asked for where the environment does not have it, used for this trial only and kept nowhere. */
async function withConnection(session: Session, name: string | undefined): Promise<Readonly<Record<string, string | undefined>>> {
  const { env } = session.io;
  if (name === undefined || (env[name] ?? '') !== '' || !session.io.canAsk || session.json) return env;
  const value = await ask(session, session.say(`环境变量 ${name} 未设置；连接串（只用于这次试连，不保存）: `, `${name} is not set; connection string (for this trial only, not kept): `));
  return { ...env, [name]: value };
}
