import type { Clock } from '../../../adapter/ports/clock.ts';
import type { IntakeAnswer } from '../../../adapter/ports/intake.ts';
import type { Log } from '../../../adapter/ports/log.ts';
import type { RowDatabase } from './row-database.ts';
import { asRowFault } from './row-fault.ts';
import { writeBackStatement } from './statements.ts';
import type { WriteBackRow } from './statements.ts';
import { within } from './within.ts';

export interface WriteBackOptions {
  /** a connection and an account of its own: reading neither waits for it nor shares its rights */
  readonly db: RowDatabase;
  readonly table: string;
  readonly source: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeoutMs: number;
  /** results in memory at most; the oldest are dropped */
  readonly maxWaiting?: number;
}

const AT_A_TIME = 50;
const MAX_WAITING = 10_000;
const IDLE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
const MAX_DETAIL = 500;

/**
 * Writes what became of each event into an interface table of the HIS. Nothing waits for it: results are kept in memory, few at most,
 * and a table that cannot be written to costs nothing but the results it misses. An event that is read again is written again, once.
 */
export class WriteBack {
  readonly #options: WriteBackOptions;
  readonly #stop = new AbortController();
  #waiting: WriteBackRow[] = [];
  #dropped = 0;
  #running: Promise<void> | undefined;

  constructor(options: WriteBackOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Remembers a result; never waits, never fails. */
  note(event: string, answer: IntakeAnswer): void {
    const row = rowOf(event, answer);
    if (row === undefined) return;
    this.#waiting.push(row);
    if (this.#waiting.length <= (this.#options.maxWaiting ?? MAX_WAITING)) return;
    this.#waiting.shift();
    this.#dropped += 1;
  }

  /** Gives up what is not written; at most the 3 s a connection takes to close. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#options.db.close();
  }

  async #run(): Promise<void> {
    const { clock, log, source } = this.#options;
    for (let failures = 0; !this.#stop.signal.aborted;) {
      let pauseMs = 0;
      try {
        if (!await this.#writeSome()) pauseMs = IDLE_MS;
        failures = 0;
      } catch (error) {
        const fault = asRowFault(error);
        if (fault.family === 'stopped') return;
        failures += 1;
        pauseMs = Math.min(LONGEST_PAUSE_MS, IDLE_MS * 2 ** Math.min(failures, 10));
        log.warn('results cannot be written back; rows are read all the same', { source, family: fault.family, code: fault.code, waiting: this.#waiting.length, dropped: this.#dropped });
      }
      if (pauseMs > 0) await clock.sleep(pauseMs, this.#stop.signal).catch(() => undefined);
    }
  }

  /** @returns whether there was anything to write */
  async #writeSome(): Promise<boolean> {
    const { db, table, source, timeoutMs } = this.#options;
    const rows = this.#waiting.slice(0, AT_A_TIME);
    if (rows.length === 0) return false;
    await within(timeoutMs, this.#stop.signal, (signal) => db.run(writeBackStatement(db.dialect, { table, source, rows }), signal));
    // while it was written the oldest may have been dropped from the front
    const written = new Set(rows);
    this.#waiting = this.#waiting.filter((row) => !written.has(row));
    return true;
  }
}

/** Without values: what a line held may be about a person. */
function rowOf(event: string, answer: IntakeAnswer): WriteBackRow | undefined {
  if (answer.kind === 'unavailable') return undefined;
  if (answer.kind === 'noted') return { event, status: 'noted', code: '', detail: answer.reason.slice(0, MAX_DETAIL) };
  const refused = answer.kind === 'quarantined' ? { status: 'quarantined', refusal: answer.refusal } : answer.events.find((each) => each.refusal !== undefined);
  if (refused?.refusal === undefined) return { event, status: 'accepted', code: '', detail: '' };
  const { code, field, detail } = refused.refusal;
  return { event, status: refused.status, code, detail: [field, detail].filter((part) => part !== undefined).join('：').slice(0, MAX_DETAIL) };
}
