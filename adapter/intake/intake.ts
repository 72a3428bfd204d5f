import { TraceError } from '../domain/error.ts';
import type { TraceEvent } from '../domain/event.ts';
import { refusal, type Refusal } from '../domain/refusal.ts';
import { crashPoint } from '../ops/crash-point.ts';
import type { Clock } from '../ports/clock.ts';
import type { HisRecord, Interpretation, SkippedHisLine } from '../ports/his-record.ts';
import type { EventAnswer, Intake, IntakeAnswer } from '../ports/intake.ts';
import type { Log } from '../ports/log.ts';
import type { SqlDriver, SqlQuery } from '../ports/sql-driver.ts';
import { RecallBook } from '../recall/recall-book.ts';
import { passGate } from '../store/gate.ts';
import { NumbersExhausted, type Numbers } from '../store/numbers.ts';
import { checkRecord, type CheckedRecord } from './check-record.ts';
import { assignedBefore } from './duplicate.ts';
import { findEvent, insertRecord, isQuarantined, supersedeQuarantined } from './intake-store.ts';
import type { IntakeRules } from './intake-rules.ts';
import { takeEvent } from './take-event.ts';
import { Refused, type CheckedEvent } from './taking.ts';

export interface IntakeDeps {
  readonly driver: SqlDriver;
  readonly numbers: Numbers;
  readonly rules: IntakeRules;
  readonly clock: Clock;
  readonly log: Log;
  readonly count: (metric: string, labels: Readonly<Record<string, string>>) => void;
  /** tells the delivery that something may be due */
  readonly onTaken: (institution: string) => void;
  /** why nothing may be taken at the moment (the disk is nearly full); undefined = the doors are open */
  readonly closed?: () => 'STORE_FULL' | undefined;
  /** records being taken at the same time at most; more are refused as retryable */
  readonly maxWaiting?: number;
}

const NUMBERS_AHEAD = 200;

/**
 * The intake (接收): record → events → rules → one transaction → answer. The answer exists only after the fsync; nothing is
 * kept of what could not be made durable, and the sender is told to send again.
 */
export class IntakeService implements Intake {
  readonly #deps: IntakeDeps;
  readonly #maxWaiting: number;
  readonly #recalls = new RecallBook();
  #waiting = 0;
  #stopping = false;

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
    this.#maxWaiting = deps.maxWaiting ?? 2_000;
  }

  submit(record: HisRecord, interpretation: Interpretation): Promise<IntakeAnswer> {
    return this.#answer(record, () => checkRecord(record, interpretation));
  }

  /** The same for a record that another thread of this process has checked already (adapter/source-thread). */
  submitChecked(checked: CheckedRecord): Promise<IntakeAnswer> {
    return this.#answer(checked.record, () => checked);
  }

  async #answer(record: HisRecord, check: () => CheckedRecord): Promise<IntakeAnswer> {
    if (this.#stopping) return unavailable('STOPPING', 2_000);
    const closed = this.#deps.closed?.();
    if (closed !== undefined) {
      this.#deps.count('his_trace_intake_refused_total', { code: closed });
      return unavailable(closed, 15_000);
    }
    if (this.#waiting >= this.#maxWaiting) return unavailable('OVERLOADED', 1_000);
    this.#waiting += 1;
    try {
      crashPoint('intake.received');
      const answer = await this.#take(check());
      this.#note(record, answer);
      return answer;
    } catch (error) {
      return this.#failed(error);
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Takes nothing new; resolves when everything in hand is answered. */
  async stop(): Promise<void> {
    this.#stopping = true;
    while (this.#waiting > 0) await this.#deps.clock.sleep(10);
  }

  #take({ record, sha, meaning }: CheckedRecord): Promise<IntakeAnswer> {
    if (this.#deps.rules.institution(record.institution) === undefined) {
      return this.#misdirected(record, sha, meaning.kind === 'refused' ? meaning.refusal : refusal('EVENT_INSTITUTION_UNKNOWN', { field: 'institution', value: record.institution }));
    }
    switch (meaning.kind) {
      case 'refused': case 'unfit': return this.#quarantine(record, sha, meaning.refusal);
      case 'noted': return this.#keepNoted(record, sha, meaning.reason);
      case 'events': return this.#takeEvents(record, { sha, checked: meaning.events, skipped: meaning.skipped });
    }
  }

  async #takeEvents(record: HisRecord, what: { readonly sha: string; readonly checked: readonly CheckedEvent[]; readonly skipped: readonly SkippedHisLine[] }): Promise<IntakeAnswer> {
    const { driver, numbers, rules, clock } = this.#deps;
    const lines = what.checked.reduce((sum, { event }) => sum + event.lines.length, 0);
    let ahead = NUMBERS_AHEAD + lines * 4 * Math.max(1, rules.destinations.length);
    for (;;) {
      await numbers.ensure(record.institution, ahead);
      crashPoint('intake.numbered');
      try {
        const events = await driver.write((q) => this.#takeInside(q, record, { ...what, atMs: clock.now() }));
        crashPoint('intake.committed');
        this.#deps.onTaken(record.institution);
        return { kind: 'taken', events };
      } catch (error) {
        if (error instanceof Refused) return await this.#quarantine(record, what.sha, error.refusal, error.rejected);
        if (!(error instanceof NumbersExhausted) || ahead > 1_000_000) throw error;
        ahead *= 4;
      }
    }
  }

  async #takeInside(q: SqlQuery, record: HisRecord, what: { readonly checked: readonly CheckedEvent[]; readonly skipped: readonly SkippedHisLine[]; readonly sha: string; readonly atMs: number }): Promise<EventAnswer[]> {
    const { numbers, rules } = this.#deps;
    const { sha, atMs } = what;
    crashPoint('intake.in-transaction');
    // a dispense looks for its settlement, a settlement for its dispenses: on PostgreSQL two at the same moment must see one another
    for (const visit of new Set(what.checked.map(({ event }) => visitAtStake(event)))) if (visit !== undefined) await passGate(q, record.institution, `visit:${visit}`);
    const take = (): number => numbers.take(record.institution);
    const answers: EventAnswer[] = [];
    let recordNo: number | undefined;
    let skipped = what.skipped;
    for (const checked of what.checked) {
      const { event } = checked;
      const known = await findEvent(q, event.institution, event.source, event.id);
      if (known !== undefined) {
        if (known.contentSha !== checked.contentSha && known.recordSha !== sha) {
          throw new Refused(refusal('EVENT_CONFLICT', { field: 'id', value: event.id }), true);
        }
        answers.push({ id: event.id, status: 'duplicate', assigned: await assignedBefore(q, known), findings: [] });
        continue;
      }
      if (recordNo === undefined) {
        recordNo = take();
        await insertRecord(q, record, { recordNo, sha, atMs, state: 'taken' });
        if (record.controlId !== '') await supersedeQuarantined(q, record, atMs);
      }
      answers.push(await takeEvent({ q, rules, recordNo, atMs, take, recalls: this.#recalls, skipped }, checked));
      skipped = [];
    }
    return answers;
  }

  async #quarantine(record: HisRecord, sha: string, why: Refusal, rejected = false): Promise<IntakeAnswer> {
    const { driver, numbers, clock } = this.#deps;
    await numbers.ensure(record.institution, 1);
    await driver.write(async (q) => {
      // the HIS repeats a refused record until somebody mends it: one copy is enough
      if (await isQuarantined(q, record, sha)) return;
      await insertRecord(q, record, { recordNo: numbers.take(record.institution), sha, atMs: clock.now(), state: 'quarantined', refusal: why });
    });
    crashPoint('intake.quarantined');
    if (rejected) return { kind: 'taken', events: [{ id: record.controlId, status: 'rejected', assigned: [], findings: [], refusal: why }] };
    return { kind: 'quarantined', refusal: why };
  }

  async #keepNoted(record: HisRecord, sha: string, reason: string): Promise<IntakeAnswer> {
    const { driver, numbers, clock } = this.#deps;
    await numbers.ensure(record.institution, 1);
    await driver.write((q) => insertRecord(q, record, { recordNo: numbers.take(record.institution), sha, atMs: clock.now(), state: 'noted', note: reason }));
    return { kind: 'noted', reason };
  }

  /** A record for an institution that is not ours cannot be filed under it; it is kept under the first configured one. */
  #misdirected(record: HisRecord, sha: string, why: Refusal): Promise<IntakeAnswer> {
    const home = this.#deps.rules.home;
    return home === undefined ? Promise.resolve(unavailable('CONFIG_INVALID', 60_000)) : this.#quarantine({ ...record, institution: home.code }, sha, why);
  }

  #failed(error: unknown): IntakeAnswer {
    const { log, count } = this.#deps;
    if (error instanceof TraceError) {
      log.error('record not taken', { code: error.code });
      count('his_trace_intake_refused_total', { code: error.code });
      return { kind: 'unavailable', refusal: refusal(error.code), retryAfterMs: error.retryAfterMs ?? 5_000 };
    }
    // a defect of ours: nothing is on disk, so the sender must keep the record
    log.error('intake fault', { error: (error as Error).stack ?? String(error) });
    count('his_trace_intake_refused_total', { code: 'INTERNAL' });
    return unavailable('INTERNAL', 5_000);
  }

  #note(record: HisRecord, answer: IntakeAnswer): void {
    const { count } = this.#deps;
    if (answer.kind === 'taken') for (const event of answer.events) count('his_trace_events_total', { source: record.interpreter, status: event.status });
    else count('his_trace_records_total', { source: record.interpreter, result: answer.kind });
  }
}

/** @returns the visit whose settlement and dispenses have to find each other, when the event is one of them */
function visitAtStake(event: TraceEvent): string | undefined {
  const { visitNo, settlementId, settlementType } = event.patient ?? {};
  if (event.kind === 'settlement') return visitNo;
  return event.kind === 'dispense' && settlementType === 'insured' && settlementId === undefined ? visitNo : undefined;
}

function unavailable(code: 'STOPPING' | 'OVERLOADED' | 'INTERNAL' | 'CONFIG_INVALID' | 'STORE_FULL', retryAfterMs: number): IntakeAnswer {
  return { kind: 'unavailable', refusal: refusal(code), retryAfterMs };
}
