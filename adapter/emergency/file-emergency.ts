import { parseInstant } from '../domain/china-time.ts';
import type { TraceEvent } from '../domain/event.ts';
import type { EventEffect, PreparedLine } from '../ledger/effect-draft.ts';
import type { Institution } from '../ports/institution.ts';
import type { FullPolicy } from '../ports/policy.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import { dueAt } from './bands.ts';
import { insertEmergency } from './emergency-store.ts';

export interface EmergencyFacts {
  readonly institution: Institution;
  readonly event: TraceEvent;
  readonly eventNo: number;
  readonly receivedAtMs: number;
  readonly policy: Pick<FullPolicy, 'rulesAt'>;
  /** lines owed to somebody that carry no code */
  readonly uncodedLines: number;
  /** codes of the event that had not come in before it */
  readonly unseenCodes: readonly string[];
}

/**
 * Starts the clock of an emergency dispense (急抢救先用后补), inside the transaction that takes the event. Packs that came in with
 * their receipt before need no catch-up, so a dispense of nothing else starts no clock.
 * The clock runs from the business itself, and never from later than its arrival here: a HIS ahead of time must not win hours.
 * @returns whether a clock was started
 */
export async function fileEmergency(q: SqlQuery, facts: EmergencyFacts): Promise<boolean> {
  const { institution, event, eventNo, receivedAtMs, policy, uncodedLines, unseenCodes } = facts;
  if (event.emergency !== true || event.kind !== 'dispense') return false;
  if (uncodedLines === 0 && unseenCodes.length === 0) return false;
  const startedAt = Math.min(parseInstant(event.occurredAt) ?? receivedAtMs, receivedAtMs);
  const hours = policy.rulesAt(institution, startedAt).emergencyHours;
  await insertEmergency(q, {
    institution: institution.code, eventNo, source: event.source, eventId: event.id, documentNo: event.documentNo, location: event.location,
    startedAt, hours, dueAt: dueAt({ startedAt, hours }), uncodedLines, codes: [...new Set(unseenCodes)],
  });
  return true;
}

/** @returns what an event leaves to be caught up: packs that nobody had received, and owed lines without any code */
export function outstandingOf(lines: readonly PreparedLine[], effect: Pick<EventEffect, 'moves' | 'lineCodes'>): Pick<EmergencyFacts, 'uncodedLines' | 'unseenCodes'> {
  return {
    uncodedLines: lines.filter(({ line, exclusion }) => exclusion === undefined && (effect.lineCodes.get(line.lineNo)?.length ?? 0) === 0).length,
    unseenCodes: effect.moves.filter(({ from }) => from === 'unseen').map(({ code }) => code),
  };
}
