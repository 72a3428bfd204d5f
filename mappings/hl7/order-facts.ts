import type { Hl7Segment } from '../../adapter/ports/hl7-message.ts';
import { keyText, value } from './field-text.ts';
import { movementOf } from './order-control.ts';
import type { Movement } from './order-control.ts';
import { around } from './order-groups.ts';
import type { LineSite } from './order-groups.ts';
import type { Problems } from './problems.ts';

/** Namespaces in ORC-8 that mark the parent as an event id of ours (MSH-10 of the dispensing), and not as an order number. */
const EVENT_NAMESPACES = new Set(['MSH-10', 'MSH10', 'EVENT']);

/**
 * Direction of a line: ORC-1, a negative quantity, or a credit in its FT1-6. Any of them says that goods came back; two of them
 * together say so once (a cancelled order with a negative quantity is still a return).
 */
export function directionOf(site: LineSite, negative: boolean): Movement {
  const movement = movementOf(value(site.orc, 1));
  if (movement === 'none') return 'none';
  const credited = value(around(site, 'FT1'), 6).toUpperCase() === 'CR';
  return movement === 'back' || negative || credited ? 'back' : 'out';
}

/** ORC-8 (parent): `<MSH-10 of the dispensing>&MSH-10`. Plain order numbers there are no event ids and are left out. */
export function referredEvent(orc: Hl7Segment | undefined, problems: Problems): string | undefined {
  const component = [1, 2].find((n) => EVENT_NAMESPACES.has(value(orc, 8, n, 2).toUpperCase()));
  return component === undefined ? undefined : keyText(orc, 8, { problems, longest: 128, component });
}

/** Number of the dispensing document: placer group ORC-4, else filler order ORC-3, else placer order ORC-2. */
export function documentNoOf(orc: Hl7Segment | undefined, problems: Problems): string | undefined {
  const field = [4, 3, 2].find((n) => value(orc, n) !== '');
  return field === undefined ? undefined : keyText(orc, field, { problems, longest: 64 });
}
