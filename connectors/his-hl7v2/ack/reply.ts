import type { Refusal } from '../../../adapter/domain/refusal.ts';
import type { IntakeAnswer } from '../../../adapter/ports/intake.ts';
import type { Hl7Header } from '../codec/header.ts';
import type { AckCondition, AckMode, AckSettings } from '../settings.ts';

/** What has to be said about one message: MSA-1 and, when it was not taken, why. */
export interface Reply {
  readonly code: string;
  readonly refusal?: Refusal;
}

type Verdict =
  | { readonly kind: 'taken' }
  /** kept in quarantine, or refused as a conflict */
  | { readonly kind: 'error'; readonly refusal: Refusal }
  | { readonly kind: 'reject'; readonly refusal: Refusal }
  /** nothing is on disk: send again */
  | { readonly kind: 'unavailable'; readonly refusal: Refusal };

/** AR says "do not send me such things"; everything else that is wrong with a message is AE. */
const REJECTS: ReadonlySet<string> = new Set(['HL7_TYPE_UNSUPPORTED', 'RECORD_UNREADABLE', 'RECORD_TOO_LARGE']);

function verdictOf(answer: IntakeAnswer): Verdict {
  switch (answer.kind) {
    case 'noted': return { kind: 'taken' };
    case 'unavailable': return { kind: 'unavailable', refusal: answer.refusal };
    case 'quarantined': return refused(answer.refusal);
    case 'taken': {
      const bad = answer.events.find((event) => event.status === 'rejected' || event.status === 'quarantined');
      return bad === undefined ? { kind: 'taken' } : refused(bad.refusal ?? { code: 'EVENT_INVALID' });
    }
  }
}

function refused(refusal: Refusal): Verdict {
  return { kind: REJECTS.has(refusal.code) ? 'reject' : 'error', refusal };
}

/**
 * Which acknowledgements a message gets, in the order they are sent.
 * Original mode: exactly one, AA, AE or AR. Enhanced mode: first the accept acknowledgement (CA, CE, CR) when MSH-15 wants one, then the
 * application acknowledgement when MSH-16 wants one; both go out after the message is durable, because nothing is accepted here before.
 * After CE or CR no application acknowledgement follows, unless no accept acknowledgement was wanted.
 */
export function repliesTo(answer: IntakeAnswer, header: Hl7Header, profile: { readonly mode: AckMode; readonly ack: AckSettings }): readonly Reply[] {
  const { ack } = profile;
  const verdict = verdictOf(answer);
  const why = verdict.kind === 'taken' ? {} : { refusal: verdict.refusal };
  const application: Reply = { code: { taken: ack.codes.accept, error: ack.codes.error, reject: ack.codes.reject, unavailable: ack.codes.error }[verdict.kind], ...why };
  if (!isEnhanced(header, profile.mode)) return [application];

  const committed = verdict.kind === 'taken' || verdict.kind === 'error';
  const acceptWhen = condition(header.acceptAck, ack.acceptWhen);
  const replies: Reply[] = [];
  if (wanted(acceptWhen, committed)) {
    const code = committed ? ack.codes.commitAccept : verdict.kind === 'reject' ? ack.codes.commitReject : ack.codes.commitError;
    replies.push(committed ? { code } : { code, ...why });
  }
  const finished = !committed && replies.length > 0;
  if (!finished && wanted(condition(header.applicationAck, ack.applicationWhen), verdict.kind === 'taken')) replies.push(application);
  return replies;
}

function isEnhanced(header: Hl7Header, mode: AckMode): boolean {
  return mode === 'enhanced' || (mode === 'auto' && (header.acceptAck !== '' || header.applicationAck !== ''));
}

function condition(declared: string, fallback: AckCondition): AckCondition {
  return declared === 'AL' || declared === 'NE' || declared === 'ER' || declared === 'SU' ? declared : fallback;
}

function wanted(when: AckCondition, succeeded: boolean): boolean {
  return when === 'AL' || (when === 'SU' && succeeded) || (when === 'ER' && !succeeded);
}
