import { refusal } from '../../../adapter/domain/refusal.ts';
import type { HisRecord, Interpretation } from '../../../adapter/ports/his-record.ts';
import type { Intake, IntakeAnswer } from '../../../adapter/ports/intake.ts';
import type { EventRows } from './event-rows.ts';
import { interpretRows, rowBytes } from './interpret.ts';
import type { InterpretDeps } from './interpret.ts';
import type { RecentEvents, TakenAs } from './recent-events.ts';

export interface SubmitDeps extends InterpretDeps {
  readonly intake: Intake;
  /** institution of rows that name none */
  readonly institution: string;
  readonly maxInFlight: number;
  readonly maxEventRows: number;
  readonly recent: RecentEvents;
  /** told of every answer; must neither wait nor throw */
  readonly answered?: (event: string, answer: IntakeAnswer) => void;
}

/** Nothing of some event is on disk: the page is not done and will be read again. */
export class NotTaken extends Error {
  constructor(readonly code: string, readonly retryAfterMs: number) {
    super(code);
    this.name = 'NotTaken';
  }
}

/** A record about to be handed over, with its meaning. */
export interface Prepared { readonly group: EventRows; readonly record: HisRecord; readonly interpretation: Interpretation; readonly kind: string }

/**
 * Hands the events of a page to the intake and resolves when every one of them is durable. Events of one kind go side by side,
 * so that they share the fsync; where the kind changes, or an event refers to another, everything before it is waited for:
 * a return must not overtake its dispense.
 * @returns how many were handed over (the others had been taken with the same content lately)
 * @throws NotTaken when the intake could not take one
 */
export async function submitPage(groups: readonly EventRows[], deps: SubmitDeps): Promise<number> {
  let batch: Prepared[] = [];
  let submitted = 0;
  for (const group of groups) {
    if (deps.recent.holds(group.id, group.hash)) continue;
    const next = prepare(group, deps);
    const [first] = batch;
    if (first !== undefined && (batch.length >= deps.maxInFlight || next.kind !== first.kind)) {
      await submitTogether(batch, deps);
      batch = [];
    }
    batch.push(next);
    submitted += 1;
  }
  await submitTogether(batch, deps);
  return submitted;
}

/** @returns the rows of one event as a record, read by the mapping */
export function prepare(group: EventRows, deps: InterpretDeps & Pick<SubmitDeps, 'institution' | 'maxEventRows'>): Prepared {
  const interpretation: Interpretation = group.rows.length > deps.maxEventRows
    ? { kind: 'refused', refusal: refusal('RECORD_TOO_LARGE', { field: 'EVENT_ID', value: group.id, detail: `一个事件超过 ${String(deps.maxEventRows)} 行（maxEventRows），只留存了前面的行` }) }
    : interpretRows(group.rows, deps.institution, deps);
  const [event] = interpretation.kind === 'events' ? interpretation.events : [];
  const record: HisRecord = {
    institution: event?.institution ?? deps.institution, source: deps.source, controlId: group.id,
    media: 'row', charset: 'utf-8', bytes: rowBytes(group.rows), interpreter: deps.source,
  };
  // one that refers to another stands alone: its kind is its own id
  return { group, record, interpretation, kind: event === undefined ? interpretation.kind : event.refers === undefined ? event.kind : `refers ${group.id}` };
}

async function submitTogether(batch: readonly Prepared[], deps: SubmitDeps): Promise<void> {
  // all are waited for, also when one could not be taken: none may still be under way when the page is read again
  const answers = await Promise.all(batch.map(async ({ record, interpretation }) => deps.intake.submit(record, interpretation)));
  let failed: NotTaken | undefined;
  answers.forEach((answer, at) => {
    const group = batch[at]?.group;
    if (group !== undefined) deps.answered?.(group.id, answer);
    if (answer.kind === 'unavailable') failed = new NotTaken(answer.refusal.code, answer.retryAfterMs);
    else if (group !== undefined) deps.recent.remember(group.id, group.hash, takenAs(answer));
  });
  if (failed !== undefined) throw failed;
}

function takenAs(answer: Exclude<IntakeAnswer, { kind: 'unavailable' }>): TakenAs {
  if (answer.kind === 'noted') return 'settled';
  return answer.kind === 'taken' && answer.events.every((event) => event.status === 'accepted' || event.status === 'duplicate') ? 'settled' : 'refused';
}
