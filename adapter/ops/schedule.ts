import { createTask, validate } from 'node-cron';
import { TraceError } from '../domain/error.ts';
import type { Log } from '../ports/log.ts';

export interface Schedule { stop(): Promise<void> }

export interface ScheduleOptions {
  readonly log: Log;
  /** 5 or 6 fields of cron, Asia/Shanghai */
  readonly cron: string;
  /** only wakes durable work; what is due stands in the store */
  readonly task: (signal: AbortSignal) => Promise<void> | void;
}

/**
 * Runs a task by the clock of Asia/Shanghai whatever the host's zone. A run that is still under way is not overtaken, a
 * failing run is logged and the next one comes; the timer does not keep the process alive.
 * @throws TraceError CONFIG_INVALID for a line that cron does not understand
 */
export function schedule(name: string, options: ScheduleOptions): Schedule {
  const { log, cron, task } = options;
  if (!validate(cron)) throw new TraceError('CONFIG_INVALID', `cron ${cron} (${name})`);
  const ending = new AbortController();
  let underWay: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    try {
      await task(ending.signal);
    } catch (error) {
      if (!ending.signal.aborted) log.error('scheduled task failed', { task: name, error });
    }
  };
  const text = (message: string | Error): string => (message instanceof Error ? message.message : message);
  const scheduled = createTask(cron, () => {
    underWay = run();
    return underWay;
  }, {
    name, timezone: 'Asia/Shanghai', noOverlap: true, unref: true, suppressMissedWarning: true,
    // the package writes coloured text to the terminal unless told otherwise
    logger: {
      info: (message) => { log.debug('scheduler', { task: name, detail: message }); },
      debug: (message) => { log.debug('scheduler', { task: name, detail: text(message) }); },
      warn: (message) => { log.warn('scheduler', { task: name, detail: message }); },
      error: (message) => { log.error('scheduler', { task: name, detail: text(message) }); },
    },
  });
  scheduled.on('execution:missed', () => { log.warn('scheduled task missed its time', { task: name }); });
  scheduled.on('execution:overlap', () => { log.warn('scheduled task still running, this run left out', { task: name }); });
  void scheduled.start();
  return {
    stop: async () => {
      ending.abort();
      await scheduled.destroy();
      await underWay;
    },
  };
}
