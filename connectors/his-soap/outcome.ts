import { describeError } from '../../adapter/domain/error.ts';
import type { ErrorCode, Language } from '../../adapter/domain/error.ts';
import type { Refusal } from '../../adapter/domain/refusal.ts';
import type { EventAnswer, IntakeAnswer } from '../../adapter/ports/intake.ts';

/** What became of a call, in words, before it is written in the format the caller reads. */
export interface CallOutcome {
  readonly ok: boolean;
  /** our error code, `OK` when taken */
  readonly code: ErrorCode | 'OK';
  readonly message: string;
  /** what to do, '' when taken */
  readonly action: string;
  /** id the caller gave the message, or of its event */
  readonly messageId: string;
  readonly events: readonly EventAnswer[];
}

/** @returns the answer of the intake in words; `unavailable` is no answer of the operation and is not for here */
export function outcomeOf(answer: Exclude<IntakeAnswer, { kind: 'unavailable' }>, messageId: string, language: Language): CallOutcome {
  switch (answer.kind) {
    case 'quarantined': return refusedOutcome(answer.refusal, messageId, language);
    case 'noted': return { ...taken(messageId, []), message: language === 'zh' ? `已留存：${answer.reason}` : `kept: ${answer.reason}` };
    case 'taken': {
      const refused = answer.events.find((event) => event.status === 'rejected' || event.status === 'quarantined')?.refusal;
      if (refused !== undefined) return { ...refusedOutcome(refused, messageId, language), events: answer.events };
      const known = answer.events.length > 0 && answer.events.every((event) => event.status === 'duplicate');
      return { ...taken(messageId, answer.events), message: takenText(known, language) };
    }
  }
}

/** @returns the outcome of content that was refused */
export function refusedOutcome(refusal: Refusal, messageId: string, language: Language): CallOutcome {
  return { ok: false, code: refusal.code, ...describeRefusal(refusal, language), messageId, events: [] };
}

/** @returns the outcome of a sign of life */
export function aliveOutcome(language: Language): CallOutcome {
  return { ...taken('', []), message: language === 'zh' ? '服务正常' : 'alive' };
}

/** @returns code text and remedy with field, value and detail; values never hold patient data */
export function describeRefusal(refusal: Refusal, language: Language): { readonly message: string; readonly action: string } {
  const named = refusal.field === undefined ? undefined : refusal.value === undefined ? refusal.field : `${refusal.field}=${JSON.stringify(refusal.value)}`;
  const parts = [named, refusal.detail].filter((part) => part !== undefined);
  return describeError(refusal.code, parts.join(language === 'zh' ? '，' : ' — '), language);
}

function taken(messageId: string, events: readonly EventAnswer[]): CallOutcome {
  return { ok: true, code: 'OK', message: '', action: '', messageId, events };
}

function takenText(known: boolean, language: Language): string {
  if (language === 'en') return known ? 'already on file with the same content' : 'taken';
  return known ? '处理成功（已登记过，内容相同）' : '处理成功';
}
