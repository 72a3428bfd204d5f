import { existsSync, writeFileSync } from 'node:fs';
import { exampleConfig } from '../../config/example-config.ts';
import { faultName } from '../../config/substitute.ts';
import { oneOf } from '../option-values.ts';
import type { AddCommand } from '../command.ts';
import type { Session } from '../session.ts';
import { UsageError } from '../usage-error.ts';
import { addSourceFlags, Cancelled, guideSource, type SourceFlags } from './init-source.ts';

interface InitFlags { readonly code?: string; readonly name?: string; readonly region?: string; readonly province?: string; readonly level?: string }

type Flags = InitFlags & SourceFlags;

/** `init`: asks (or takes flags) and writes a commented his-trace.yaml; never over an existing file. */
export const addInit: AddCommand = (program, session, run) => {
  const command = program.command('init')
    .description(session.say('新建带注释的 his-trace.yaml', 'write a commented his-trace.yaml'))
    .option('--code <code>', session.say('定点医药机构编号（12 位）', 'institution code (12 characters)'))
    .option('--name <name>', session.say('机构名称', 'name of the institution'))
    .option('--region <region>', session.say('医保区划（6 位数字）', 'insurance region (6 digits)'))
    .option('--province <pack>', session.say('省级规则包', 'policy pack of the province'))
    .option('--level <level>', session.say('医院等级 1–3', 'hospital level 1–3'));
  addSourceFlags(command, session).action(run((flags: Flags) => init(session, flags)));
};

async function init(session: Session, flags: Flags): Promise<number> {
  try {
    return await writeExample(session, flags);
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    session.line(session.say('已取消，没有写入文件', 'cancelled, no file was written'));
    return 1;
  }
}

async function writeExample(session: Session, flags: Flags): Promise<number> {
  const code = await answer(session, { flag: '--code', given: flags.code, zh: '定点医药机构编号（12 位）', en: 'institution code (12 characters)', shape: /^[A-Za-z0-9]{12}$/ });
  const name = await answer(session, { flag: '--name', given: flags.name, zh: '机构名称', en: 'name of the institution', shape: /^[^\s"#:&*!|>%@`{}[\],'][^"\r\n]{0,99}$/ });
  const region = await answer(session, { flag: '--region', given: flags.region, zh: '医保区划（6 位数字）', en: 'insurance region (6 digits)', shape: /^\d{6}$/ });
  const province = flags.province === undefined ? undefined : await answer(session, { flag: '--province', given: flags.province, zh: '省级规则包', en: 'policy pack', shape: /^[a-z][a-z0-9-]*$/ });
  const level = flags.level === undefined ? undefined : Number(oneOf('--level', flags.level, ['1', '2', '3']));
  if (existsSync(session.path())) throw alreadyThere(session);
  const site = { code, name: `"${name}"`, region, ...(province === undefined ? {} : { province }), ...(level === undefined ? {} : { level }) };
  const text = await guideSource(session, flags, (source) => exampleConfig(session.parts.config, { ...site, ...(source === undefined ? {} : { source }) }));
  if (text === undefined) return 1;
  try {
    writeFileSync(session.path(), text, { encoding: 'utf8', flag: 'wx', mode: 0o640 });
  } catch (error) {
    if (faultName(error) === 'EEXIST') throw alreadyThere(session);
    throw new UsageError(`写不了 ${session.file}（${faultName(error)}）`, `cannot write ${session.file} (${faultName(error)})`);
  }
  session.emit('init', { ok: true, file: session.path() });
  session.line(session.say(`已写入 ${session.file}；填好来源与上报目标后运行 his-trace check`, `${session.file} written; fill in sources and destinations, then run his-trace check`));
  return 0;
}

function alreadyThere(session: Session): UsageError {
  return new UsageError(`${session.file} 已存在，不会覆盖；换一个 --config，或先移走它`, `${session.file} exists and is not overwritten; use another --config or move it away`);
}

interface Question { readonly flag: string; readonly given: string | undefined; readonly zh: string; readonly en: string; readonly shape: RegExp }

async function answer(session: Session, question: Question): Promise<string> {
  const text = question.given ?? (session.io.canAsk && !session.json ? await session.io.ask(`${session.say(question.zh, question.en)}: `) : '');
  if (text === undefined) throw new Cancelled();
  if (question.shape.test(text.trim())) return text.trim();
  throw text === ''
    ? new UsageError(`请给出 ${question.flag}（${question.zh}）`, `${question.flag} is needed (${question.en})`)
    : new UsageError(`${question.flag} 的值 ${text} 不符合要求（${question.zh}）`, `${question.flag}: ${text} does not fit (${question.en})`);
}
