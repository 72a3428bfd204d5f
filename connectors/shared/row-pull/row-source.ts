import { TraceError } from '../../../adapter/domain/error.ts';
import type { HisRecord, Interpretation } from '../../../adapter/ports/his-record.ts';
import type { HisSource, HisSourceDeps, Preview, PreviewRequest } from '../../../adapter/ports/his-source.ts';
import type { ProbeResult } from '../../../adapter/ports/probe.ts';
import { interpretRecord } from './interpret.ts';
import type { InterpretDeps } from './interpret.ts';
import { cursorOf, planOf, settingsProblem } from './plan.ts';
import type { PullPlan } from './plan.ts';
import { positionStore } from './position.ts';
import type { Position, PositionStore } from './position.ts';
import { previewRows, previewSample } from './preview.ts';
import { probeRows } from './probe.ts';
import { RecentEvents } from './recent-events.ts';
import type { RowDatabase } from './row-database.ts';
import { asRowFault } from './row-fault.ts';
import type { PullSettings } from './settings.ts';
import { NotTaken } from './submit.ts';
import { runSweep } from './sweep.ts';
import { within } from './within.ts';
import type { WriteBack } from './write-back.ts';

export interface RowSourceOptions {
  readonly deps: HisSourceDeps<PullSettings>;
  readonly db: RowDatabase;
  /** `mssql://host:1433/his`, without user and password */
  readonly address: string;
  /** what is wrong with the connector's own settings, in Chinese */
  readonly problem?: string | undefined;
  /** writes results into a table of the HIS, beside the reading */
  readonly writeBack?: WriteBack | undefined;
}

const LONGEST_PAUSE_MS = 60_000;
const SAVE_IDLE_EVERY_MS = 60_000;
const STOP_WITHIN_MS = 5_000;

/** A source that pulls rows from a HIS database. The database may be away at the start and at any time: it is tried again for ever. */
export class RowSource implements HisSource {
  readonly name: string;
  readonly #options: RowSourceOptions;
  readonly #interpreting: InterpretDeps;
  readonly #institution: string;
  readonly #positions: PositionStore;
  readonly #recent = new RecentEvents();
  readonly #stop = new AbortController();
  #plan: PullPlan | undefined;
  #position: Position | undefined;
  #savedAt = 0;
  #deepAt = -Infinity;
  #failures = 0;
  #noticed: string | undefined;
  #running: Promise<void> | undefined;

  constructor(options: RowSourceOptions) {
    const { deps } = options;
    this.#options = options;
    this.name = deps.name;
    this.#institution = deps.settings.institution ?? deps.institutions[0]?.code ?? '';
    this.#interpreting = { source: deps.name, mapping: deps.mapping, institutions: deps.institutions.map((institution) => institution.code), clock: deps.clock };
    const store = positionStore(deps.counters, { institution: this.#institution, source: deps.name, cursor: cursorOf(deps.settings.strategy) });
    this.#positions = { load: () => store.load(), save: async (position) => { await store.save(position); this.#position = position; } };
  }

  readonly interpret = (record: HisRecord): Interpretation => interpretRecord(record, this.#interpreting);

  /** Starts polling; needs no connection yet. @throws TraceError CONFIG_INVALID */
  start(): Promise<void> {
    const problem = this.#problem();
    if (problem !== undefined) return Promise.reject(new TraceError('CONFIG_INVALID', `sources.${this.name}：${problem}`));
    this.#running ??= this.#run();
    this.#options.writeBack?.start();
    return Promise.resolve();
  }

  /** Ends the read under way; events already handed to the intake are answered first, at most 5 s. */
  async stop(): Promise<void> {
    this.#stop.abort();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => { timer = setTimeout(resolve, STOP_WITHIN_MS); });
    await Promise.race([this.#running ?? Promise.resolve(), late]);
    clearTimeout(timer);
    await Promise.all([this.#options.db.close(), this.#options.writeBack?.stop()]);
  }

  address(): string {
    return this.#options.address;
  }

  async probe(): Promise<readonly ProbeResult[]> {
    const problem = this.#problem();
    const what = `${this.name} ${this.address()}`;
    if (problem !== undefined) return [{ what, ok: false, detail: problem }];
    try {
      return await probeRows({ what, db: this.#options.db, settings: this.#options.deps.settings, signal: this.#stop.signal });
    } finally {
      // a probe of a source that does not run must leave no connection behind
      if (this.#running === undefined) await this.#options.db.close();
    }
  }

  /** Reads some events with the statements of the strategy; the remembered position stays where it is. */
  async preview(request: PreviewRequest): Promise<Preview> {
    const problem = this.#problem();
    if (problem !== undefined) return { kind: 'failed', detail: problem };
    const { deps: { settings }, db } = this.#options;
    const interpreting = { ...this.#interpreting, institution: this.#institution, maxEventRows: settings.maxEventRows };
    if (request.sample !== undefined) return previewSample(request, { settings, interpreting });
    try {
      return await previewRows(request, { db, settings, interpreting, plan: await this.#readPlan() });
    } catch (error) {
      return { kind: 'failed', detail: asRowFault(error).words() };
    } finally {
      if (this.#running === undefined) await db.close();
    }
  }

  async #run(): Promise<void> {
    const { clock } = this.#options.deps;
    while (!this.#stop.signal.aborted) {
      const pauseMs = await this.#poll();
      await clock.sleep(pauseMs, this.#stop.signal).catch(() => undefined);
    }
  }

  /** One poll. Never throws. @returns how long to wait before the next, ms */
  async #poll(): Promise<number> {
    const { deps } = this.#options;
    try {
      await this.#sweep();
      if (this.#failures > 0) deps.log.info('row source recovered', { source: this.name, failures: this.#failures });
      this.#failures = 0;
      deps.count('his_trace_row_polls_total', { source: this.name, result: 'done' });
      return deps.settings.every;
    } catch (error) {
      return this.#afterFault(error);
    }
  }

  #afterFault(error: unknown): number {
    const { deps } = this.#options;
    if (this.#stop.signal.aborted) return 0;
    this.#failures += 1;
    const backOff = Math.min(LONGEST_PAUSE_MS, Math.max(deps.settings.every, 500) * 2 ** Math.min(this.#failures - 1, 10));
    if (error instanceof NotTaken) {
      deps.count('his_trace_row_polls_total', { source: this.name, result: 'not-taken' });
      deps.log.warn('rows not stored; they are read again', { source: this.name, code: error.code });
      return Math.min(LONGEST_PAUSE_MS, error.retryAfterMs);
    }
    if (error instanceof TraceError) {
      deps.count('his_trace_row_polls_total', { source: this.name, result: 'not-taken' });
      deps.log.error('position not stored; rows are read again', { source: this.name, code: error.code });
      return backOff;
    }
    const fault = asRowFault(error);
    // the view may have been changed: its columns are read anew
    this.#plan = undefined;
    deps.count('his_trace_row_polls_total', { source: this.name, result: fault.family });
    // one message when it begins, then one per minute at most
    deps.log.warn('row source cannot read', { source: this.name, family: fault.family, code: fault.code, text: fault.text, advice: fault.words(), failures: this.#failures });
    return backOff;
  }

  /** said when it begins and whenever it changes, not at every poll */
  #notice(text: string): void {
    if (text !== this.#noticed) this.#options.deps.log.warn(text, { source: this.name });
    this.#noticed = text;
  }

  async #sweep(): Promise<void> {
    const { deps, db } = this.#options;
    const { settings, clock } = deps;
    this.#plan ??= await this.#readPlan();
    this.#position ??= await this.#positions.load() ?? {};
    const deep = clock.now() - this.#deepAt >= settings.deepEvery;
    const begunAt = clock.now();
    const report = await runSweep(this.#position, {
      db, plan: this.#plan, settings, source: this.name, store: this.#positions, signal: this.#stop.signal, notice: (text) => { this.#notice(text); },
      submit: { ...this.#interpreting, intake: deps.intake, institution: this.#institution, maxInFlight: settings.maxInFlight, maxEventRows: settings.maxEventRows, recent: this.#recent, answered: (event, answer) => { this.#options.writeBack?.note(event, answer); } },
    }, { deep });
    if (deep) this.#deepAt = begunAt;
    this.#position = report.position;
    // an idle source need not write every few seconds: an older position only means more duplicates after a restart
    if (report.submitted > 0 || clock.now() - this.#savedAt >= SAVE_IDLE_EVERY_MS) {
      await this.#positions.save(report.position);
      this.#savedAt = clock.now();
    }
    if (report.submitted > 0) deps.log.info('rows taken', { source: this.name, events: report.events, submitted: report.submitted, pages: report.pages });
  }

  async #readPlan(): Promise<PullPlan> {
    const { deps: { settings }, db } = this.#options;
    const read = (object: string): ReturnType<RowDatabase['columns']> => within(settings.readTimeout + settings.connectTimeout, this.#stop.signal, (signal) => db.columns(object, signal));
    const columns = await read(settings.view);
    return planOf(settings, columns, settings.scnTable === undefined ? [] : await read(settings.scnTable), db.dialect.versionTypes);
  }

  #problem(): string | undefined {
    const { deps, db, problem } = this.#options;
    if (problem !== undefined) return problem;
    if (deps.mapping?.fromRow === undefined) return '须指定可读数据库行的映射，例如 mapping: standard';
    if (!deps.institutions.some((institution) => institution.code === this.#institution)) return `institution ${this.#institution} 未在 institutions 中配置`;
    return settingsProblem(deps.settings, db.dialect);
  }
}
