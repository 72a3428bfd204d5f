import { TraceError } from '../domain/error.ts';
import type { TraceEvent } from '../domain/event.ts';
import { refusal, type Refusal } from '../domain/refusal.ts';
import { crashPoint } from '../ops/crash-point.ts';
import type { Clock } from '../ports/clock.ts';
import type { HisRecord, Interpretation, SkippedHisLine } from '../ports/his-record.ts';
import type { EventAnswer, Intake, IntakeAnswer } from '../ports/intake.ts';
import type { Log } from '../ports/log.ts';
import type { SqlDriver, SqlQuery } from '../ports/sql-driver.ts';
import { passGate } from '../store/gate.ts';
import { NumbersExhausted, type Numbers } from '../store/numbers.ts';
import { sha256 } from './content-hash.ts';
import { validateEvent } from './event-schema.ts';
import { assignedBefore } from './duplicate.ts';
import { findEvent, insertRecord, isQuarantined, supersedeQuarantined } from './intake-store.ts';
import type { IntakeRules } from './intake-rules.ts';
import { readScans } from './prepare-lines.ts';
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
  #waiting = 0;
  #stopping = false;

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
    this.#maxWaiting = deps.maxWaiting ?? 2_000;
  }

  async submit(record: HisRecord, interpretation: Interpretation): Promise<IntakeAnswer> {
    if (this.#stopping) return unavailable('STOPPING', 2_000);
    if (this.#waiting >= this.#maxWaiting) return unavailable('OVERLOADED', 1_000);
    this.#waiting += 1;
    try {
      crashPoint('intake.received');
      const answer = await this.#take(record, interpretation);
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

  async #take(record: HisRecord, interpretation: Interpretation): Promise<IntakeAnswer> {
    if (this.#deps.rules.institution(record.institution) === undefined) {
      return this.#misdirected(record, interpretation);
    }
    if (interpretation.kind === 'refused') return this.#quarantine(record, interpretation.refusal);
    if (interpretation.kind === 'noted') return this.#keepNoted(record, interpretation.reason);
    const checked: CheckedEvent[] = [];
    for (const event of interpretation.events) {
      const result = checkEvent(event, record);
      if ('refusal' in result) return this.#quarantine(record, result.refusal);
      checked.push(result);
    }
    return this.#takeEvents(record, checked, interpretation.skipped ?? []);
  }

  async #takeEvents(record: HisRecord, checked: readonly CheckedEvent[], skipped: readonly SkippedHisLine[]): Promise<IntakeAnswer> {
    const { driver, numbers, rules, clock } = this.#deps;
    const sha = sha256(record.bytes);
    const lines = checked.reduce((sum, { event }) => sum + event.lines.length, 0);
    let ahead = NUMBERS_AHEAD + lines * 4 * Math.max(1, rules.destinations.length);
    for (;;) {
      await numbers.ensure(record.institution, ahead);
      crashPoint('intake.numbered');
      try {
        const events = await driver.write((q) => this.#takeInside(q, record, { checked, skipped, sha, atMs: clock.now() }));
        crashPoint('intake.committed');
        this.#deps.onTaken(record.institution);
        return { kind: 'taken', events };
      } catch (error) {
        if (error instanceof Refused) return await this.#quarantine(record, error.refusal, error.rejected);
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
      answers.push(await takeEvent({ q, rules, recordNo, atMs, take, skipped }, checked));
      skipped = [];
    }
    return answers;
  }

  async #quarantine(record: HisRecord, why: Refusal, rejected = false): Promise<IntakeAnswer> {
    const { driver, numbers, clock } = this.#deps;
    await numbers.ensure(record.institution, 1);
    await driver.write(async (q) => {
      const sha = sha256(record.bytes);
      // the HIS repeats a refused record until somebody mends it: one copy is enough
      if (await isQuarantined(q, record, sha)) return;
      await insertRecord(q, record, { recordNo: numbers.take(record.institution), sha, atMs: clock.now(), state: 'quarantined', refusal: why });
    });
    crashPoint('intake.quarantined');
    if (rejected) return { kind: 'taken', events: [{ id: record.controlId, status: 'rejected', assigned: [], findings: [], refusal: why }] };
    return { kind: 'quarantined', refusal: why };
  }

  async #keepNoted(record: HisRecord, reason: string): Promise<IntakeAnswer> {
    const { driver, numbers, clock } = this.#deps;
    await numbers.ensure(record.institution, 1);
    await driver.write((q) => insertRecord(q, record, { recordNo: numbers.take(record.institution), sha: sha256(record.bytes), atMs: clock.now(), state: 'noted', note: reason }));
    return { kind: 'noted', reason };
  }

  /** A record for an institution that is not ours cannot be filed under it; it is kept under the first configured one. */
  async #misdirected(record: HisRecord, interpretation: Interpretation): Promise<IntakeAnswer> {
    const home = this.#deps.rules.home;
    if (home === undefined) return unavailable('CONFIG_INVALID', 60_000);
    const why = interpretation.kind === 'refused' ? interpretation.refusal : refusal('EVENT_INSTITUTION_UNKNOWN', { field: 'institution', value: record.institution });
    return this.#quarantine({ ...record, institution: home.code }, why);
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

/** @returns the event checked by shape and with its scans read, or why it cannot be taken */
function checkEvent(candidate: unknown, record: HisRecord): CheckedEvent | { readonly refusal: Refusal } {
  const valid = validateEvent(candidate);
  if ('refusal' in valid) return valid;
  const event = valid.ok;
  if (event.institution !== record.institution) return { refusal: refusal('EVENT_INSTITUTION_UNKNOWN', { field: 'institution', value: event.institution }) };
  const scans = readScans(event);
  if ('refusal' in scans) return { refusal: scans.refusal };
  // the schema gives members in its own order, whatever order they were sent in: equal content is equal text
  const body = JSON.stringify(event);
  return { event, scans: scans as CheckedEvent['scans'], body, contentSha: sha256(body) };
}

/** @returns the visit whose settlement and dispenses have to find each other, when the event is one of them */
function visitAtStake(event: TraceEvent): string | undefined {
  const { visitNo, settlementId, settlementType } = event.patient ?? {};
  if (event.kind === 'settlement') return visitNo;
  return event.kind === 'dispense' && settlementType === 'insured' && settlementId === undefined ? visitNo : undefined;
}

function unavailable(code: 'STOPPING' | 'OVERLOADED' | 'INTERNAL' | 'CONFIG_INVALID', retryAfterMs: number): IntakeAnswer {
  return { kind: 'unavailable', refusal: refusal(code), retryAfterMs };
}
