import type { Worker } from 'node:worker_threads';
import { TraceError } from '../domain/error.ts';
import type { CheckedRecord } from '../intake/check-record.ts';
import type { CatalogueIntake } from '../ports/catalogue-intake.ts';
import type { Counters } from '../ports/counters.ts';
import type { IntakeAnswer } from '../ports/intake.ts';
import type { Log, LogFields } from '../ports/log.ts';
import type { ProbeResult } from '../ports/probe.ts';
import { unpackRecord } from './pack.ts';
import type { FromThread, Question, ThreadSetup, ToThread } from './protocol.ts';

export interface ThreadDeps {
  readonly setup: ThreadSetup;
  readonly intake: { submitChecked(checked: CheckedRecord): Promise<IntakeAnswer> };
  readonly counters: Counters;
  readonly catalogue?: CatalogueIntake;
  readonly log: Log;
  readonly count: (metric: string, labels: Readonly<Record<string, string>>) => void;
  /** makes the thread; tests put their own in place */
  readonly spawn: (setup: ThreadSetup) => Worker;
  /** the thread ended; not called when it was told to */
  readonly onDeath: (why: string) => void;
}

/** longest start: the modules are read from disk */
const START_MS = 30_000;
/** a source stops within 5 s; the rest is for the answers on their way */
const STOP_MS = 6_000;
const PROBE_MS = 10_000;

/** Thrown by start when the thread does not know the connector or mapping. */
export class PartsUnknown extends Error {}

/** One life of a source's thread, seen from the process: what comes from it is passed on, what is answered goes back in batches. */
export class SourceThread {
  readonly #deps: ThreadDeps;
  readonly #worker: Worker;
  readonly #probes = new Map<number, (results: readonly ProbeResult[]) => void>();
  #answers: [number, IntakeAnswer][] = [];
  #planned = false;
  #nextProbe = 1;
  #ending = false;
  #over = false;
  #fault: string | undefined;
  #whenStarted: { readonly resolve: (address: string) => void; readonly reject: (error: Error) => void } | undefined;
  #whenStopped: () => void = () => undefined;
  readonly ended: Promise<void>;

  constructor(deps: ThreadDeps) {
    this.#deps = deps;
    this.#worker = deps.spawn(deps.setup);
    this.#worker.on('message', (message: FromThread) => { this.#hear(message); });
    this.#worker.on('messageerror', (error) => { deps.log.error('message of a source thread not readable', { source: deps.setup.name, error: error.message }); });
    this.#worker.on('error', (error) => { this.#fault = error.message; });
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', (code) => { this.#end(code); resolve(); });
    });
  }

  /** @returns where it listens. @throws TraceError that says why it cannot; PartsUnknown; Error when the thread ended instead */
  async start(): Promise<string> {
    const limit = setTimeout(() => { void this.#worker.terminate(); }, START_MS);
    try {
      return await new Promise<string>((resolve, reject) => { this.#whenStarted = { resolve, reject }; });
    } finally {
      clearTimeout(limit);
      this.#whenStarted = undefined;
    }
  }

  /** Lets the source finish what it has in hand, then ends the thread, whatever it does. */
  async stop(): Promise<void> {
    this.#ending = true;
    if (!this.#over) {
      const stopped = new Promise<void>((resolve) => { this.#whenStopped = resolve; });
      this.#post({ kind: 'stop' });
      await within(STOP_MS, Promise.race([stopped, this.ended]));
    }
    if (!this.#over) await this.#worker.terminate();
    await this.ended;
  }

  /** Ends the thread at once, whatever it does; for one that has not started. */
  kill(): void {
    this.#ending = true;
    void this.#worker.terminate();
  }

  /** @returns undefined when the thread does not answer */
  probe(): Promise<readonly ProbeResult[] | undefined> {
    const no = this.#nextProbe++;
    const answered = new Promise<readonly ProbeResult[]>((resolve) => { this.#probes.set(no, resolve); });
    this.#post({ kind: 'probe', no });
    return within(PROBE_MS, Promise.race([answered, this.ended.then(() => undefined)])).finally(() => { this.#probes.delete(no); });
  }

  #hear(message: FromThread): void {
    const { log, setup } = this.#deps;
    switch (message.kind) {
      case 'work': this.#work(message); break;
      case 'log': log[message.level](message.message, message.fields === undefined ? undefined : JSON.parse(message.fields) as LogFields); break;
      case 'question': void this.#tell(message.no, message.question); break;
      case 'probed': this.#probes.get(message.no)?.(message.results); break;
      case 'started': this.#whenStarted?.resolve(message.address); break;
      case 'failed':
        this.#ending = true;
        this.#whenStarted?.reject(message.fallback ? new PartsUnknown(message.detail) : message.code === undefined ? new Error(`${setup.name}: ${message.detail}`) : new TraceError(message.code, message.detail));
        void this.#worker.terminate();
        break;
      case 'stopped': this.#whenStopped(); break;
    }
  }

  #work({ records, bytes, counted }: Extract<FromThread, { kind: 'work' }>): void {
    const { intake, count } = this.#deps;
    for (const { metric, labels, times } of counted) for (let at = 0; at < times; at += 1) count(metric, labels);
    let from = 0;
    for (const packed of records) {
      const own = bytes?.subarray(from, from + packed.size) ?? new Uint8Array();
      from += packed.size;
      void intake.submitChecked(unpackRecord(packed, own)).then((answer) => { this.#answer(packed.no, answer); });
    }
  }

  #answer(no: number, answer: IntakeAnswer): void {
    this.#answers.push([no, answer]);
    if (this.#planned) return;
    this.#planned = true;
    // when the promises of this commit have all run, and before the next commit keeps the process busy
    process.nextTick(() => {
      this.#planned = false;
      const answers = this.#answers;
      this.#answers = [];
      this.#post({ kind: 'answers', answers: JSON.stringify(answers) });
    });
  }

  async #tell(no: number, question: Question): Promise<void> {
    try {
      const value = await this.#ask(question);
      this.#post({ kind: 'told', no, value, fault: undefined });
    } catch (error) {
      this.#post({ kind: 'told', no, value: undefined, fault: (error as Error).message });
    }
  }

  async #ask(question: Question): Promise<unknown> {
    const { counters, catalogue } = this.#deps;
    switch (question.what) {
      case 'reserve': return await counters.reserve(...question.with);
      case 'recall': return await counters.recall(...question.with);
      case 'remember': await counters.remember(...question.with); return undefined;
      case 'catalogue':
        if (catalogue === undefined) throw new Error('no catalogue');
        return await catalogue.submit(...question.with);
    }
  }

  #post(message: ToThread): void {
    if (!this.#over) this.#worker.postMessage(message);
  }

  #end(code: number): void {
    this.#over = true;
    const why = this.#fault ?? `exit ${String(code)}`;
    this.#whenStarted?.reject(new Error(`${this.#deps.setup.name}: ${why}`));
    if (!this.#ending && this.#whenStarted === undefined) this.#deps.onDeath(why);
  }
}

async function within<T>(ms: number, task: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => { timer = setTimeout(resolve, ms, undefined); });
  try {
    return await Promise.race([task, late]);
  } finally {
    clearTimeout(timer);
  }
}
