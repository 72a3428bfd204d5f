import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'winston';
import DailyRotateFile from 'winston-daily-rotate-file';

export interface DailyLogFileOptions {
  readonly dir: string;
  readonly keepDays: number;
  readonly onFault: (detail: string) => void;
}

const REOPEN_AFTER_MS = 5_000;
const DRAIN_AT_MOST_MS = 5_000;
const MAX_SIZE = '50m';

/**
 * The daily log file behind winston. winston's own File transport loses lines at every size rotation (measured), so only
 * the daily rotation is used; its stream has no error handler of its own, and a fault in it would end the process.
 */
export class DailyLogFile {
  private readonly options: DailyLogFileOptions;
  private current: DailyRotateFile;
  private logger: Logger | undefined;
  private reopening: NodeJS.Timeout | undefined;

  constructor(options: DailyLogFileOptions) {
    this.options = options;
    mkdirSync(options.dir, { recursive: true });
    this.current = this.open();
  }

  transport(): DailyRotateFile {
    return this.current;
  }

  /** From here on a faulty stream is replaced by a fresh one. */
  attach(logger: Logger): void {
    this.logger = logger;
  }

  /** Ends the logger and waits until the file has everything, at most 5 s. */
  async drain(logger: Logger): Promise<void> {
    clearTimeout(this.reopening);
    this.logger = undefined;
    const written = new Promise<void>((resolve) => {
      logger.once('finish', () => {
        // the callback comes after the last byte, also when the transport has ended the stream before
        this.current.logStream.end(() => { resolve(); });
      });
      logger.end();
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => { timer = setTimeout(resolve, DRAIN_AT_MOST_MS); });
    await Promise.race([written, late]);
    clearTimeout(timer);
  }

  private open(): DailyRotateFile {
    const file = new DailyRotateFile({
      dirname: this.options.dir, filename: 'his-trace-%DATE%', extension: '.log', datePattern: 'YYYY-MM-DD', maxSize: MAX_SIZE,
      maxFiles: `${String(this.options.keepDays)}d`, auditFile: join(this.options.dir, '.his-trace-log.json'),
    });
    const onFault = (error: Error): void => {
      this.onFault(error);
    };
    file.on('error', onFault);
    file.logStream.on('error', onFault);
    return file;
  }

  private onFault(error: Error): void {
    if (this.reopening !== undefined) return;
    this.options.onFault(error.message);
    this.reopening = setTimeout(() => {
      this.reopening = undefined;
      this.reopen();
    }, REOPEN_AFTER_MS);
    this.reopening.unref();
  }

  private reopen(): void {
    const logger = this.logger;
    if (logger === undefined) return;
    try {
      mkdirSync(this.options.dir, { recursive: true });
      const fresh = this.open();
      logger.remove(this.current);
      logger.add(fresh);
      this.current = fresh;
    } catch (error) {
      this.onFault(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
