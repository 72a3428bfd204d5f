import winston from 'winston';
import type { Clock } from '../ports/clock.ts';
import type { Log, LogFields } from '../ports/log.ts';
import type { LogLevel, LogLine } from './log-format.ts';
import { jsonLine, textLine } from './log-format.ts';
import { DailyLogFile } from './log-file.ts';

export interface LogOptions {
  readonly level: LogLevel;
  readonly clock: Pick<Clock, 'now'>;
  /** folder of the daily JSON files; left out: no files */
  readonly dir?: string;
  readonly keepDays?: number;
  /** where a person looks; left out: nothing is shown */
  readonly console?: { readonly write: (text: string) => void; readonly style: 'text' | 'json'; readonly color: boolean };
}

/** A log with a life: whoever opened it closes it. */
export interface OpenLog extends Log {
  /** Resolves when every line is in the file. Lines that come later are dropped. */
  close(): Promise<void>;
}

const LINE = Symbol.for('message'); // the property winston's transports write

/**
 * Opens the log: JSON lines in daily files, text or JSON on the terminal. The journal of events is in the store, never here.
 * A log that cannot be written (disk full) never stops the service: it says so on the terminal and tries again.
 * @throws what the file system says when the folder cannot be made
 */
export function openLog(options: LogOptions): OpenLog {
  const show = options.console;
  const file = options.dir === undefined ? undefined : new DailyLogFile({
    dir: options.dir, keepDays: options.keepDays ?? 30,
    onFault: (detail) => show?.write(`${textLine({ at: options.clock.now(), level: 'error', message: 'log file cannot be written', fields: { detail } }, false)}\n`),
  });
  const transports = file === undefined ? [] : [file.transport()];
  const logger = winston.createLogger({
    level: options.level, levels: { error: 0, warn: 1, info: 2, debug: 3 }, exitOnError: false, silent: file === undefined, transports,
    format: winston.format((info) => ({ ...info, [LINE]: jsonLine(info['line'] as LogLine) }))(),
  });
  logger.on('error', () => undefined); // a transport's fault was reported by the file
  file?.attach(logger);

  const rank: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 };
  let closed = false;
  const write = (level: LogLevel) => (message: string, fields: LogFields = {}): void => {
    if (closed || rank[level] > rank[options.level]) return;
    const line: LogLine = { at: options.clock.now(), level, message, fields };
    show?.write(`${show.style === 'json' ? jsonLine(line) : textLine(line, show.color)}\n`);
    // one object and no meta: winston would join a `message` in the meta to the text
    if (file !== undefined) logger.log({ level, message, line });
  };
  return {
    debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error'),
    close: async () => {
      if (closed) return;
      closed = true;
      if (file !== undefined) await file.drain(logger);
    },
  };
}
