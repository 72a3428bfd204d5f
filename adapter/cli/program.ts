import { Command, CommanderError, Help } from 'commander';
import type { Language } from '../domain/error.ts';
import { addCheck } from './commands/check.ts';
import { addDemo } from './commands/demo.ts';
import { addDryRun } from './commands/dry-run.ts';
import { addImport } from './commands/import.ts';
import { addInit } from './commands/init.ts';
import { addQuarantine } from './commands/quarantine.ts';
import { addResend } from './commands/resend.ts';
import { addSandbox } from './commands/sandbox.ts';
import { addStart } from './commands/start.ts';
import { addSummary } from './commands/summary.ts';
import { addSwitch } from './commands/switch.ts';
import { addToken } from './commands/token.ts';
import type { AddCommand, Run } from './command.ts';
import type { CliIo } from './io.ts';
import { oneOf } from './option-values.ts';
import { reportFault } from './report-fault.ts';
import type { CliParts } from './session.ts';
import { Session } from './session.ts';
import { textWidth } from './text-width.ts';
import { usageErrorOf } from './usage-error.ts';

const COMMANDS: readonly AddCommand[] = [addInit, addCheck, addStart, addDemo, addSandbox, addDryRun, addToken, addImport, addSwitch, addQuarantine, addResend, addSummary];

/**
 * The command `his-trace`: one run. Contract section 2.
 * @param argv words after the command name
 * @returns the exit code: 0 done, 1 failed, 2 wrong use or configuration
 */
export async function runCli(argv: readonly string[], parts: CliParts, io: CliIo): Promise<number> {
  const words = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : argv.length);
  const lang = valueOf(words, '--lang') ?? 'zh';
  const file = valueOf(words, '--config') ?? valueOf(words, '-c') ?? 'his-trace.yaml';
  const session = new Session(parts, io, lang === 'en' ? 'en' : 'zh', words.includes('--json'), file);
  let exit = 0;
  const run: Run = (action) => async (...args) => { exit = await action(...args); };
  try {
    oneOf('--lang', lang, ['zh', 'en']);
    const program = createProgram(session);
    for (const add of COMMANDS) add(program, session, run);
    if (argv.length === 0) {
      io.err(program.helpInformation());
      return 2;
    }
    await program.parseAsync([...argv], { from: 'user' });
    return exit;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportFault(error, session);
    // --help and --version end this way too
    if (error.exitCode === 0) return 0;
    return error.code === 'commander.help' ? 2 : reportFault(usageErrorOf(error.code, error.message), session);
  }
}

/** Value of an option wherever it stands: the texts of the commands depend on it before they are parsed. */
function valueOf(words: readonly string[], option: string): string | undefined {
  const joined = words.find((word) => word.startsWith(`${option}=`));
  if (joined !== undefined) return joined.slice(option.length + 1);
  const at = words.indexOf(option);
  return at < 0 ? undefined : words[at + 1];
}

function createProgram(session: Session): Command {
  const { say, io } = { say: (zh: string, en: string) => session.say(zh, en), io: session.io };
  const program = new Command('his-trace')
    .description(say('药品追溯码前置机：HIS → 医保平台、追溯平台', 'drug trace-code front-end: from the HIS to the insurance platform and the MAH trace systems'))
    .option('-c, --config <file>', say('配置文件，默认 his-trace.yaml', 'configuration file, default his-trace.yaml'))
    .option('--lang <language>', say('zh 或 en，默认 zh', 'zh or en, default zh'))
    .option('--json', say('每步输出一行 JSON，供程序读取', 'one JSON line per step, for programs'))
    .version(session.parts.version, '-V, --version', say('显示版本', 'show the version'))
    .helpOption('-h, --help', say('显示帮助', 'show help'))
    .helpCommand('help [command]', say('显示命令的帮助', 'show the help of a command'))
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err, outputError: () => undefined })
    .configureHelp(helpIn(session.language));
  return program;
}

const TITLES: Readonly<Record<string, string>> = {
  'Usage:': '用法：', 'Arguments:': '参数：', 'Options:': '选项：', 'Global Options:': '通用选项：', 'Commands:': '命令：',
};

function helpIn(language: Language): Partial<Help> {
  const base = new Help();
  const shared: Partial<Help> = { showGlobalOptions: true, displayWidth: textWidth };
  if (language === 'en') return shared;
  return {
    ...shared,
    styleTitle: (title) => TITLES[title] ?? title,
    commandUsage: (command) => base.commandUsage(command).replaceAll('[options]', '[选项]').replaceAll('[command]', '<命令>'),
    subcommandTerm: (command) => base.subcommandTerm(command).replaceAll('[options]', '[选项]').replaceAll('[command]', '<命令>'),
  };
}
