import type { Hl7Message } from '../../adapter/ports/hl7-message.ts';
import type { MappingContext } from '../../adapter/ports/his-mapping.ts';
import { value } from './field-text.ts';

/**
 * @returns the configured institution that MSH-4 or MSH-6 names, else the one the record is filed under: whether a sender that names none of
 *   ours may be filed there at all is decided before, by whoever knows the listener (connectors/his-hl7v2/filed-under.ts)
 */
export function institutionOf(message: Hl7Message, context: MappingContext): string {
  const msh = message.first('MSH');
  const named = [4, 6].flatMap((field) => [1, 2, 3, 4, 5, 6, 7, 8].map((component) => value(msh, field, component)));
  return named.find((name) => context.institutions.includes(name)) ?? context.institution;
}
