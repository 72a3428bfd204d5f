import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config, ConfigParts } from '../config/config.ts';
import { lineOf } from '../config/line-of.ts';
import { loadConfigFile } from '../config/load-file.ts';
import type { ConfigProblem } from '../config/problem.ts';
import type { Language } from '../domain/error.ts';
import type { ActionContext, Actions, Progress, Terminal } from './actions.ts';
import type { CliIo } from './io.ts';
import { textTable } from './text-table.ts';
import { UsageError } from './usage-error.ts';

/** What main.ts composes for the command line. */
export interface CliParts {
  readonly actions: Actions;
  readonly config: ConfigParts;
  readonly version: string;
}

/** The configuration cannot be used: every problem is printed, exit code 2. */
export class ConfigFault extends Error {
  constructor(readonly problems: readonly ConfigProblem[], readonly file: string) {
    super('configuration not valid');
  }
}

/** One run of the command line: how it talks, and what the commands need again and again. */
export class Session {
  readonly terminal: Terminal;

  constructor(readonly parts: CliParts, readonly io: CliIo, readonly language: Language, readonly json: boolean, readonly file: string) {
    this.terminal = { json, tty: io.tty && !json, out: io.out, err: io.err };
  }

  /** @returns the text in the language of the run */
  say(zh: string, en: string): string {
    return this.language === 'zh' ? zh : en;
  }

  /** Prints a line for a person; nothing with --json. */
  line(text = ''): void {
    if (!this.json) this.io.out(`${text}\n`);
  }

  /** Prints a table for a person; nothing with --json. */
  table(heads: readonly string[], rows: readonly (readonly string[])[], numbers: readonly number[] = []): void {
    if (!this.json) this.io.out(textTable(heads, rows, { columns: this.io.tty ? this.io.columns : 160, numbers }));
  }

  /** Prints one JSON line; nothing without --json. */
  emit(step: string, value: Readonly<Record<string, unknown>>): void {
    if (this.json) this.io.out(`${JSON.stringify({ step, ...value })}\n`);
  }

  readonly progress: Progress = (step, done, total) => {
    if (this.json) {
      this.emit(step, { ...(done === undefined ? {} : { done }), ...(total === undefined ? {} : { total }) });
      return;
    }
    if (!this.io.tty) return;
    const count = done === undefined ? '' : ` ${String(done)}${total === undefined ? '' : `/${String(total)}`}`;
    const ended = total !== undefined && done === total;
    this.io.err(`\r\u001B[2K${step}${count}${ended ? '\n' : ''}`);
  };

  /** @throws ConfigFault with every problem */
  context(): ActionContext {
    const config = this.load();
    return { config, folder: dirname(this.path()), language: this.language, progress: this.progress, terminal: this.terminal };
  }

  /** The same for what opens doors: the connectors have looked at their settings as well. @throws ConfigFault with every problem */
  async verified(): Promise<ActionContext> {
    const context = this.context();
    const problems = await this.parts.actions.verify(context);
    if (problems.length === 0) return context;
    const text = readFileSync(this.path(), 'utf8');
    const remedy = { zh: '按说明改正这一部分的配置', en: 'correct the settings of this part' };
    throw new ConfigFault(problems.map(({ path, detail }) => ({ line: lineOf(text, path), path, reason: detail, remedy: remedy.zh, en: { reason: detail, remedy: remedy.en } })), this.file);
  }

  /** @returns this run with another configuration file */
  withFile(file: string): Session {
    return new Session(this.parts, this.io, this.language, this.json, file);
  }

  /** absolute path of the configuration file */
  path(): string {
    return resolve(this.io.cwd, this.file);
  }

  private load(): Config {
    const loaded = loadConfigFile(this.path(), { env: this.io.env, parts: this.parts.config });
    if (loaded.ok !== undefined) return loaded.ok;
    throw new ConfigFault(loaded.problems, this.file);
  }

  /** @returns the institution that was named, or the only one. @throws UsageError when it is unknown or has to be named */
  institution(config: Config, given: string | undefined): string {
    const codes = config.institutions.map((institution) => institution.code);
    if (given !== undefined) {
      if (codes.includes(given)) return given;
      throw new UsageError(`机构 ${given} 未配置，可用：${codes.join('、')}`, `institution ${given} is not configured, known: ${codes.join(', ')}`);
    }
    const [only] = codes;
    if (only !== undefined && codes.length === 1) return only;
    throw new UsageError(`配置了多个机构，请用 --institution 指定：${codes.join('、')}`, `several institutions are configured, name one with --institution: ${codes.join(', ')}`);
  }

  /** @returns the destination. @throws UsageError when it is not configured */
  destination(config: Config, given: string): string {
    const names = config.destinations.map((destination) => destination.name);
    if (names.includes(given)) return given;
    throw new UsageError(`没有上报目标 ${given}，可用：${names.join('、') || '（无）'}`, `there is no destination ${given}, known: ${names.join(', ') || '(none)'}`);
  }
}
