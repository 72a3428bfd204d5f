import type { AskResult, SendResult } from '../domain/outcome.ts';
import { crashPoint } from '../ops/crash-point.ts';
import type { Clock } from '../ports/clock.ts';
import type { Destination, Report } from '../ports/destination.ts';
import type { DrugLookup } from '../ports/drug-lookup.ts';
import type { Institution } from '../ports/institution.ts';
import type { Log } from '../ports/log.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import { claimDue, claimToAsk, markSent, nextDueAt, unclaim, type Claiming } from './claim.ts';
import type { DeliveryRow } from './delivery-store.ts';
import { loadSubjects, reportsOf, type Subjects } from './load-reports.ts';
import { PlatformHealth } from './platform-health.ts';
import { recoverLane, renewLeases } from './recovery.ts';
import type { RetryPolicy } from './retry-policy.ts';
import { CallQueue, type CallGroup } from './call-queue.ts';
import { batches, callConnector, describeResult, retryingStore, type ConnectorFault } from './lane-call.ts';
import { afterAsk, afterSend, settleDelivery } from './settle.ts';
import { readSwitch } from './switches.ts';

export interface LaneDeps {
  readonly driver: SqlDriver;
  readonly destination: Destination;
  readonly institution: Institution;
  readonly catalogue: DrugLookup;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: RetryPolicy;
  readonly claimedBy: string;
  readonly count: (metric: string, labels: Readonly<Record<string, string>>) => void;
  /** true when no other process can be working on this store: everything claimed at start-up is ours to take up */
  readonly alone: boolean;
}

const LEASE_MS = 120_000;
const RENEW_MS = 30_000;
const SWITCH_POLL_MS = 300;
const IDLE_MS = 1_000;
/** a stopped lane lets a call that is under way come to its end this long, then breaks it off (its outcome is asked later) */
const STOP_GRACE_MS = 700;

/**
 * One institution's reports to one destination: claim ► send ► outcome ► settled | back-off | ask the platform | needs
 * attention. Everything is bounded: rows claimed, calls under way, time of a call.
 */
export class DeliveryLane {
  readonly health: PlatformHealth;
  readonly #deps: LaneDeps;
  readonly #stopping = new AbortController();
  #calls = new AbortController();
  #stopped = false;
  #wakeUp: () => void = () => undefined;
  #awake = false;
  #loop: Promise<void> | undefined;
  readonly #work = new Set<Promise<void>>();
  readonly #calling = new CallQueue();
  #timers: NodeJS.Timeout[] = [];

  constructor(deps: LaneDeps) {
    this.#deps = deps;
    this.health = new PlatformHealth(deps.policy);
  }

  get isStopped(): boolean { return this.#stopped; }

  async start(): Promise<void> {
    const { driver, clock, alone } = this.#deps;
    const recovered = await recoverLane(driver, this.#key, { nowMs: clock.now(), expiredBefore: alone ? Infinity : clock.now() });
    if (recovered > 0) this.#deps.log.info('deliveries taken up after a stop', { ...this.#key, count: recovered });
    await this.#readSwitch();
    this.#timers = [
      setInterval(() => { this.#background(this.#readSwitch()); }, SWITCH_POLL_MS),
      setInterval(() => { this.#background(this.#keepLeases()); }, RENEW_MS),
    ];
    this.#loop = this.#run();
  }

  /** Stops claiming at once, gives calls under way a moment, then breaks them off; what was sent without an answer stays unknown. */
  async stop(graceMs = 5_000): Promise<void> {
    this.#stopping.abort();
    for (const timer of this.#timers) clearInterval(timer);
    this.wake();
    const calls = this.#calls;
    const limit = setTimeout(() => { calls.abort(); }, graceMs);
    await this.#loop;
    this.#background(this.#giveBack());
    await Promise.allSettled(this.#work);
    clearTimeout(limit);
  }

  /** Something may be due now. */
  wake(): void {
    this.#awake = true;
    this.#wakeUp();
  }

  /** The stop switch was thrown, here or in another process. */
  setStopped(stopped: boolean): void {
    if (stopped === this.#stopped) return;
    this.#stopped = stopped;
    if (stopped) {
      const calls = this.#calls;
      setTimeout(() => { if (this.#stopped) calls.abort(); }, STOP_GRACE_MS).unref();
    } else if (this.#calls.signal.aborted) {
      this.#calls = new AbortController();
    }
    this.wake();
  }

  get #key(): { institution: string; destination: string } {
    return { institution: this.#deps.institution.code, destination: this.#deps.destination.name };
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#awake = false;
      let waitMs = IDLE_MS;
      try {
        waitMs = await this.#step();
      } catch (error) {
        // the store is away or full: nothing was claimed, nothing is sent; look again in a while
        this.#deps.log.warn('delivery lane cannot reach the store', { ...this.#key, error: (error as Error).message });
      }
      if (waitMs > 0) await this.#pause(waitMs);
    }
  }

  /** Claims what there is room for. @returns how long to wait before looking again */
  async #step(): Promise<number> {
    const { driver, destination, clock } = this.#deps;
    const now = clock.now();
    // nothing stays claimed through a pause: what is voided meanwhile can still be withdrawn instead of sent and taken back
    if (this.#stopped || now < this.health.notBefore) {
      await this.#giveBack();
      return this.#stopped ? IDLE_MS : Math.min(this.health.notBefore - now, IDLE_MS);
    }
    // while the platform is unwell one call at a time tries it
    const places = this.health.isWell ? destination.limits.concurrency : 1;
    const room = this.#calling.room(places);
    const group = this.#calling.begin(room);
    if (group !== undefined) {
      this.#launch(group);
      return 0;
    }
    // the next calls are claimed while the present ones are under way, few enough that something urgent does not wait behind them
    const ahead = this.health.isWell ? Math.ceil(places / 4) : 0;
    const wanted = room.free + Math.max(0, ahead - this.#calling.waiting);
    if (wanted === 0) return IDLE_MS;
    const claiming = this.#claiming(now);
    const { batch } = destination.limits;
    const { due, toAsk, next } = await driver.write(async (q) => {
      const ask = (calls: number): Promise<DeliveryRow[]> => (calls <= 0 ? Promise.resolve([]) : claimToAsk(q, claiming, calls * batch));
      const send = (calls: number): Promise<DeliveryRow[]> => (calls <= 0 ? Promise.resolve([]) : claimDue(q, claiming, calls * batch));
      const questions = room.first === 'ask' ? await ask(Math.min(wanted, room.ask)) : [];
      const reports = await send(wanted - batches(questions, batch).length);
      if (room.first === 'send') questions.push(...await ask(Math.min(room.ask, wanted - batches(reports, batch).length)));
      crashPoint('delivery.selected');
      return { due: reports, toAsk: questions, next: reports.length + questions.length > 0 ? undefined : await nextDueAt(q, claiming) };
    });
    if (due.length + toAsk.length > 0) crashPoint('delivery.claimed');
    this.#calling.add('ask', toAsk, batch);
    this.#calling.add('send', due, batch);
    if (due.length + toAsk.length > 0) return 0;
    return next === undefined ? IDLE_MS : Math.max(5, Math.min(IDLE_MS, next - clock.now()));
  }

  async #giveBack(): Promise<void> {
    const rows = this.#calling.giveBack();
    if (rows.length > 0) await this.#deps.driver.write((q) => unclaim(q, this.#claiming(this.#deps.clock.now()), rows));
  }

  #launch(group: CallGroup): void {
    const { act } = group;
    const work = (act === 'send' ? this.#send(group) : this.#ask(group)).catch((error: unknown) => {
      // the result could not be written: the claim runs out and the platform is asked again
      this.#deps.log.error('delivery result not written', { ...this.#key, act, error: (error as Error).message });
    }).finally(() => {
      this.#calling.end(group);
      this.#work.delete(work);
      this.wake();
    });
    this.#work.add(work);
  }

  async #send(group: CallGroup): Promise<void> {
    const { rows: claimed } = group;
    const { driver, clock, destination } = this.#deps;
    const subjects = await this.#load(claimed);
    if (subjects === undefined) return;
    crashPoint('delivery.before-mark-sent');
    // what was loaded is what goes: a row that was taken out of the claim meanwhile is not marked and not sent; a void that
    // arrived meanwhile waits for the outcome, as it does for any report under way
    const rows = await driver.write((q) => markSent(q, this.#claiming(clock.now()), claimed));
    const reports = reportsOf(rows, subjects);
    crashPoint('delivery.marked-sent');
    if (rows.length === 0) return;
    crashPoint('delivery.before-send');
    const results = await this.#call(reports, rows, (signal) => destination.send(reports, { signal }), (reason, text): SendResult => ({ kind: 'unknown', reason, peerText: text }));
    crashPoint('delivery.after-send');
    this.health.note(results, clock.now());
    this.#answered(group);
    await this.#settle('send', rows, results);
  }

  async #ask(group: CallGroup): Promise<void> {
    const { rows } = group;
    const { clock, destination } = this.#deps;
    const subjects = await this.#load(rows);
    if (subjects === undefined) return;
    const reports = reportsOf(rows, subjects);
    crashPoint('delivery.before-ask');
    const results = await this.#call(reports, rows, (signal) => destination.ask(reports, { signal }), (reason, text): AskResult => ({ kind: 'no-answer', reason, peerText: text }));
    crashPoint('delivery.after-ask');
    this.health.note(results, clock.now());
    this.#answered(group);
    await this.#settle('ask', rows, results);
    crashPoint('delivery.ask-settled');
  }

  #answered(group: CallGroup): void {
    this.#calling.answered(group);
    this.wake();
  }

  /**
   * Loads what claimed rows speak of, outside the one transaction that writes: a large receipt must not keep the HIS waiting.
   * @returns undefined when the lane stopped meanwhile; the rows were given back then
   */
  async #load(claimed: readonly DeliveryRow[]): Promise<Subjects | undefined> {
    const { driver, clock, institution, catalogue } = this.#deps;
    const { signal } = this.#stopping;
    const halted = (): boolean => this.#stopped || signal.aborted;
    let subjects: Subjects | undefined;
    try {
      if (!halted()) subjects = await driver.read((q) => loadSubjects({ q, institution, catalogue, signal }, claimed));
    } catch (error) {
      if (!halted()) throw error;
    }
    if (!halted()) return subjects;
    await driver.write((q) => unclaim(q, this.#claiming(clock.now()), claimed));
    return undefined;
  }

  #call<R>(reports: readonly Report[], rows: readonly DeliveryRow[], call: (signal: AbortSignal) => Promise<readonly R[]>, fault: ConnectorFault<R>): Promise<readonly R[]> {
    const faulty = (error: Error): void => { this.#deps.log.error('connector fault', { ...this.#key, error: error.message }); };
    return callConnector({ reports, rows, call, fault, breakOff: this.#calls.signal, faulty });
  }

  async #settle(act: 'send' | 'ask', rows: readonly DeliveryRow[], results: readonly (SendResult | AskResult)[]): Promise<void> {
    const { driver, clock, policy, claimedBy, institution, count } = this.#deps;
    crashPoint('delivery.before-settle');
    await retryingStore(() => driver.write(async (q) => {
      for (const [at, row] of rows.entries()) {
        const result = results[at];
        if (result === undefined) continue;
        const nowMs = clock.now();
        const next = act === 'send' ? afterSend(result as SendResult, row, nowMs, policy) : afterAsk(result as AskResult, row, nowMs, policy);
        const evidence = 'evidence' in result ? result.evidence : undefined;
        await settleDelivery(q, row, next, { institution: institution.code, claimedBy, nowMs, act, result: describeResult(result), ...(evidence === undefined ? {} : { evidence }) });
        crashPoint('delivery.in-settle');
        if (next.state === 'queued') crashPoint('delivery.requeued');
      }
    }), this.#stopping.signal, clock);
    crashPoint('delivery.settled');
    for (const result of results) count('his_trace_delivery_results_total', { destination: this.#deps.destination.name, act, result: describeResult(result) });
  }

  #claiming(nowMs: number): Claiming {
    return { ...this.#key, claimedBy: this.#deps.claimedBy, nowMs, leaseMs: LEASE_MS };
  }

  async #readSwitch(): Promise<void> {
    this.setStopped((await readSwitch(this.#deps.driver, this.#key)).stopped);
  }

  async #keepLeases(): Promise<void> {
    const { driver, clock, claimedBy } = this.#deps;
    if (this.#calling.inHand.size > 0) await renewLeases(driver, { institution: this.#key.institution, claimedBy, deliveryNos: [...this.#calling.inHand] }, clock.now() + LEASE_MS);
    await recoverLane(driver, this.#key, { nowMs: clock.now(), expiredBefore: clock.now() });
  }

  #background(task: Promise<void>): void {
    const guarded = task.catch((error: unknown) => {
      this.#deps.log.warn('delivery lane housekeeping failed', { ...this.#key, error: (error as Error).message });
    });
    this.#work.add(guarded);
    void guarded.finally(() => { this.#work.delete(guarded); });
  }

  #pause(ms: number): Promise<void> {
    if (this.#awake || this.#stopping.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakeUp = () => { clearTimeout(timer); resolve(); };
    });
  }
}
