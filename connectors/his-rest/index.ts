/**
 * his-rest: the HIS posts trace events as JSON (contract section 4). The intake is always on at `POST /api/v1/events`, so
 * there is no listener here: this folder only knows how events are written on that wire.
 */
import { interpretJson } from './interpret-json.ts';
import { readEvents } from './read-events.ts';

export { readEvents } from './read-events.ts';
export type { EventBody, EventItem, EventLimits } from './read-events.ts';
export { DEFAULT_LIMITS } from './read-events.ts';
export { interpretJson, INTERPRETER } from './interpret-json.ts';

/** REST JSON in files: the registry hands it to the watched folder. */
export const restFiles = { read: readEvents, interpret: interpretJson };
