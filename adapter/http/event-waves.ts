import type { TraceEvent } from '../domain/event.ts';

/** Events handed to the intake at once; together they share a few fsyncs. */
const MAX_WAVE = 128;

interface Touch { readonly key: string; readonly exclusive: boolean }

/** What an event may share with another one of the same call, so that their order matters. */
function touchesOf(event: TraceEvent): readonly Touch[] {
  const home = `${event.institution}|${event.source}|`;
  const touches: Touch[] = [{ key: `event|${home}${event.id}`, exclusive: true }];
  if (event.refers !== undefined) touches.push({ key: `event|${home}${event.refers}`, exclusive: true });
  const visit = event.patient?.visitNo;
  if (visit !== undefined) touches.push({ key: `visit|${event.institution}|${visit}`, exclusive: event.kind === 'settlement' });
  for (const line of event.lines) {
    if (line.split) touches.push({ key: `split|${event.institution}|${line.drug}`, exclusive: true });
    for (const code of line.codes) touches.push({ key: `code|${event.institution}|${code}`, exclusive: true });
  }
  return touches;
}

function collides(taken: ReadonlyMap<string, boolean>, touches: readonly Touch[]): boolean {
  return touches.some((touch) => {
    const held = taken.get(touch.key);
    return held !== undefined && (held || touch.exclusive);
  });
}

/**
 * Cuts the events of one call into waves. Events of a wave may be taken in any order; waves go one after the other. What
 * names the same event, code, split stock or settlement stays in the order sent.
 * @param events what is known of each item; undefined for items that are no event
 * @returns indexes into `events`, each exactly once, in order
 */
export function wavesOf(events: readonly (TraceEvent | undefined)[]): readonly (readonly number[])[] {
  const waves: number[][] = [];
  let wave: number[] = [];
  let taken = new Map<string, boolean>();
  events.forEach((event, index) => {
    const touches = event === undefined ? [] : touchesOf(event);
    if (wave.length >= MAX_WAVE || collides(taken, touches)) {
      waves.push(wave);
      wave = [];
      taken = new Map();
    }
    wave.push(index);
    for (const touch of touches) taken.set(touch.key, touch.exclusive || taken.get(touch.key) === true);
  });
  if (wave.length > 0) waves.push(wave);
  return waves;
}
