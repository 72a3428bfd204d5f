import { refusal } from '../domain/refusal.ts';
import { checkRecord, type CheckedRecord } from '../intake/check-record.ts';
import type { HisRecord, Interpretation } from '../ports/his-record.ts';
import type { Intake, IntakeAnswer } from '../ports/intake.ts';
import { joinBytes, packRecord } from './pack.ts';
import type { Counted, FromThread } from './protocol.ts';

export interface HandLimits {
  /** records sent and not answered; more are refused as to be sent again */
  readonly records: number;
  readonly bytes: number;
}

export const HAND_LIMITS: HandLimits = { records: 2_000, bytes: 128 * 1_048_576 };

export type Post = (message: FromThread, transfer?: readonly ArrayBuffer[]) => void;

interface InHand { readonly size: number; readonly answer: (answer: IntakeAnswer) => void }

/**
 * The intake as a source sees it from its own thread: checks the record here, sends everything of one turn of the event loop
 * as one message, and answers what the process answered. What the process did not answer is never acknowledged.
 */
export class ThreadIntake implements Intake {
  readonly #inHand = new Map<number, InHand>();
  #bytes = 0;
  #next = 1;
  #records: { readonly no: number; readonly checked: CheckedRecord }[] = [];
  #counted = new Map<string, { metric: string; labels: Readonly<Record<string, string>>; times: number }>();
  #planned = false;

  constructor(readonly post: Post, readonly limits: HandLimits = HAND_LIMITS) {}

  submit(record: HisRecord, interpretation: Interpretation): Promise<IntakeAnswer> {
    const size = record.bytes.length;
    // one record is always let through, however large
    if (this.#inHand.size >= this.limits.records || (this.#inHand.size > 0 && this.#bytes + size > this.limits.bytes)) {
      return Promise.resolve({ kind: 'unavailable', refusal: refusal('OVERLOADED'), retryAfterMs: 1_000 });
    }
    // a defect in the checks rejects here, before anything is in hand
    const checked = checkRecord(record, interpretation);
    const no = this.#next++;
    this.#bytes += size;
    this.#records.push({ no, checked });
    this.#plan();
    return new Promise((answer) => { this.#inHand.set(no, { size, answer }); });
  }

  count(metric: string, labels: Readonly<Record<string, string>>): void {
    const key = JSON.stringify([metric, labels]);
    const counted = this.#counted.get(key);
    if (counted === undefined) this.#counted.set(key, { metric, labels, times: 1 });
    else counted.times += 1;
    this.#plan();
  }

  /** Takes the answers of the process. */
  take(answers: readonly (readonly [number, IntakeAnswer])[]): void {
    for (const [no, answer] of answers) {
      const waiting = this.#inHand.get(no);
      if (waiting === undefined) continue;
      this.#inHand.delete(no);
      this.#bytes -= waiting.size;
      waiting.answer(answer);
    }
  }

  /** Sends what has gathered. */
  flush(): void {
    this.#planned = false;
    const records = this.#records;
    const counted: Counted[] = [...this.#counted.values()];
    if (records.length + counted.length === 0) return;
    this.#records = [];
    this.#counted = new Map();
    const bytes = records.length === 0 ? undefined : joinBytes(records.map(({ checked }) => checked));
    this.post({ kind: 'work', records: records.map(({ no, checked }) => packRecord(no, checked)), bytes, counted }, bytes === undefined ? [] : [bytes.buffer]);
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    // after the poll phase: whatever else arrived in this turn goes along
    setImmediate(() => { this.flush(); });
  }
}
