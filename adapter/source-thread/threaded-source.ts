import type { Clock } from '../ports/clock.ts';
import type { HisRecord, Interpretation } from '../ports/his-record.ts';
import type { HisSource } from '../ports/his-source.ts';
import type { ProbeResult } from '../ports/probe.ts';
import { spawnThread } from './spawn-thread.ts';
import { PartsUnknown, SourceThread, type ThreadDeps } from './thread.ts';

export interface ThreadedSourceDeps extends Omit<ThreadDeps, 'onDeath' | 'spawn'> {
  /** the same source in this thread, never started while the other lives: reads stored records again, knows its address, probes */
  readonly local: HisSource;
  readonly clock: Clock;
  readonly spawn?: ThreadDeps['spawn'];
  /** wait before a dead thread is started again; doubles up to the longest */
  readonly backOff?: { readonly firstMs: number; readonly longestMs: number };
}

const BACK_OFF = { firstMs: 500, longestMs: 30_000 };
/** a thread that lived this long begins with the short wait again */
const STEADY_MS = 60_000;

/**
 * A source that runs in a thread of its own: sockets, decoding, mapping and checking go on while this thread waits for the
 * fsync of a commit. When the thread dies, nothing it had in hand is acknowledged (the HIS sends again), readiness says so, and
 * it is started again.
 */
export class ThreadedSource implements HisSource {
  readonly name: string;
  readonly #deps: ThreadedSourceDeps;
  readonly #stopping = new AbortController();
  #thread: SourceThread | undefined;
  /** one that has not said yet that it is open */
  #opening: SourceThread | undefined;
  #address: string | undefined;
  #inProcess = false;
  #restarting: Promise<void> | undefined;
  #backOffMs: number;
  #startedAt = 0;

  constructor(deps: ThreadedSourceDeps) {
    this.#deps = deps;
    this.name = deps.local.name;
    this.#backOffMs = (deps.backOff ?? BACK_OFF).firstMs;
  }

  /** false while a thread that died is away */
  get isOpen(): boolean { return this.#inProcess || this.#thread !== undefined; }

  readonly interpret = (record: HisRecord): Interpretation => this.#deps.local.interpret(record);

  address(): string {
    return this.#inProcess ? this.#deps.local.address() : this.#address ?? this.#deps.local.address();
  }

  async start(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      if (!(error instanceof PartsUnknown)) throw error;
      await this.#deps.local.start();
      this.#inProcess = true;
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#opening?.kill();
    await this.#restarting;
    await this.#thread?.stop();
    this.#thread = undefined;
    if (this.#inProcess) await this.#deps.local.stop();
    this.#inProcess = false;
  }

  async probe(): Promise<readonly ProbeResult[]> {
    if (this.#thread === undefined) return await this.#deps.local.probe();
    return await this.#thread.probe() ?? [{ what: this.name, ok: false, detail: '来源的线程没有回答' }];
  }

  async #open(): Promise<void> {
    const thread: SourceThread = new SourceThread({
      ...this.#deps, spawn: this.#deps.spawn ?? spawnThread,
      onDeath: (why) => { if (thread === this.#thread) this.#died(why); },
    });
    this.#opening = thread;
    try {
      this.#address = await thread.start();
    } finally {
      this.#opening = undefined;
    }
    this.#startedAt = this.#deps.clock.now();
    this.#thread = thread;
  }

  #died(why: string): void {
    const { log, count, clock, backOff = BACK_OFF } = this.#deps;
    this.#thread = undefined;
    log.error('source thread ended, is started again', { source: this.name, why });
    count('his_trace_source_thread_deaths_total', { source: this.name });
    if (clock.now() - this.#startedAt >= STEADY_MS) this.#backOffMs = backOff.firstMs;
    this.#restarting = this.#restart();
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Tries until it is open or the source is stopped; never rejects. */
  async #restart(): Promise<void> {
    const { log, clock, backOff = BACK_OFF } = this.#deps;
    while (!this.#isStopping()) {
      const wait = this.#backOffMs;
      this.#backOffMs = Math.min(wait * 2, backOff.longestMs);
      try {
        await clock.sleep(wait, this.#stopping.signal);
        await this.#open();
        log.info('source open', { source: this.name, address: this.address() });
        return;
      } catch (error) {
        if (!this.#isStopping()) log.error('source thread not started', { source: this.name, error: (error as Error).message });
      }
    }
  }
}
