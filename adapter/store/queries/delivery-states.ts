import { ATTENTION_STATES, PENDING_STATES } from '../../delivery/states.ts';

export { ATTENTION_STATES_SQL, OPEN_STATES_SQL } from '../../delivery/states.ts';

export function isOpen(state: string): boolean {
  return (PENDING_STATES as readonly string[]).includes(state);
}

export function needsAttention(state: string): boolean {
  return (ATTENTION_STATES as readonly string[]).includes(state);
}
