import type { HisRecord, Interpretation } from '../../adapter/ports/his-record.ts';
import type { EventAnswer, Intake, IntakeAnswer } from '../../adapter/ports/intake.ts';

export interface Submission {
  readonly record: HisRecord;
  readonly interpretation: Interpretation;
}

/** What the fake does with the next records; default: takes everything at once. */
export type FakeBehaviour = (submission: Submission) => IntakeAnswer | Promise<IntakeAnswer>;

/** An intake that remembers what was submitted. Records can be held back, to see what a source does while the store is slow. */
export class FakeIntake implements Intake {
  readonly submissions: Submission[] = [];
  behaviour: FakeBehaviour = answerByMeaning;
  mostAtOnce = 0;
  #atOnce = 0;
  #gate: Promise<void> | undefined;
  #open: (() => void) | undefined;

  /** from now on nothing is answered before `release` */
  hold(): void {
    this.#gate = new Promise((resolve) => { this.#open = resolve; });
  }

  release(): void {
    this.#open?.();
    this.#gate = undefined;
  }

  async submit(record: HisRecord, interpretation: Interpretation): Promise<IntakeAnswer> {
    const submission = { record: { ...record, bytes: Uint8Array.from(record.bytes) }, interpretation };
    this.submissions.push(submission);
    this.#atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    try {
      await this.#gate;
      return await this.behaviour(submission);
    } finally {
      this.#atOnce -= 1;
    }
  }
}

/** Takes events, keeps notes, quarantines refusals, as the real one does when nothing is on file yet. */
export function answerByMeaning({ interpretation }: Submission): IntakeAnswer {
  if (interpretation.kind === 'refused') return { kind: 'quarantined', refusal: interpretation.refusal };
  if (interpretation.kind === 'noted') return { kind: 'noted', reason: interpretation.reason };
  return { kind: 'taken', events: interpretation.events.map((event): EventAnswer => ({ id: event.id, status: 'accepted', assigned: [], findings: [] })) };
}
