import type { MappingContext } from '../../adapter/ports/his-mapping.ts';
import type { Interpretation } from '../../adapter/ports/his-record.ts';
import type { Hl7Message } from '../../adapter/ports/hl7-message.ts';
import { dispenseEvents } from './dispense-events.ts';
import { isType, messageTypeOf, notedOrder, unsupportedType } from './message-type.ts';
import { settlementEvent } from './settlement.ts';
import { RXA, RXD, RXG } from './standard-layouts.ts';
import { standardLine } from './standard-line.ts';

const DISPENSED = standardLine(RXD, '');
const GIVEN = standardLine(RXG, '（东软系 HIS 的 RGV^O15 请用 mapping: neusoft）');
const ADMINISTERED = standardLine(RXA, '');

/** Words of the insurance category: plan id and company (IN1-2, IN1-4), plan type (IN1-15), FT1-14. */
function categoriesOf(message: Hl7Message): readonly string[] {
  const in1 = message.first('IN1');
  const ft1 = message.first('FT1');
  return [in1?.text(2, 1, 0), in1?.text(2, 2, 0), in1?.text(4), in1?.text(15), in1?.text(15, 2, 0), ft1?.text(14, 1, 0), ft1?.text(14, 2, 0)].map((text) => text ?? '');
}

/** @returns the meaning of a message as the HL7 standard and contract section 6 have it */
export function readStandard(message: Hl7Message, context: MappingContext): Interpretation {
  const type = messageTypeOf(message);
  if (isType(type, 'RDS', ['O13', 'O01'])) return dispenseEvents(message, context, DISPENSED, categoriesOf(message));
  if (isType(type, 'RGV', ['O15', 'O01'])) return dispenseEvents(message, context, GIVEN, categoriesOf(message));
  if (isType(type, 'RAS', ['O17', 'O01'])) return dispenseEvents(message, context, ADMINISTERED, categoriesOf(message));
  if (isType(type, 'RDE', ['O11', 'O25', 'O01']) || isType(type, 'OMP', ['O09'])) return notedOrder(type);
  if (isType(type, 'DFT', ['P03'])) return settlementEvent(message, context, categoriesOf(message));
  return unsupportedType(type);
}
