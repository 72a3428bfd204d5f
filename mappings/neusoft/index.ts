import type { HisMapping, MappingContext } from '../../adapter/ports/his-mapping.ts';
import type { Interpretation } from '../../adapter/ports/his-record.ts';
import type { Hl7Message } from '../../adapter/ports/hl7-message.ts';
import { dispenseEvents } from '../hl7/dispense-events.ts';
import { value } from '../hl7/field-text.ts';
import { isType, messageTypeOf } from '../hl7/message-type.ts';
import { readCatalogue } from '../hl7/catalogue.ts';
import { catalogueReader, neverThrowing } from '../hl7/never-throwing.ts';
import { settlementEvent } from '../hl7/settlement.ts';
import { readStandard } from '../hl7/standard-message.ts';
import { neusoftLine } from './neusoft-line.ts';

/** PID-38: 合同单位, the insurance category, code and name. */
function categoriesOf(message: Hl7Message): readonly string[] {
  const pid = message.first('PID');
  return [value(pid, 38, 2, 0), value(pid, 38, 1, 0)];
}

/** @returns the meaning of a message as HIS of the Neusoft family send it (his.md a.2); other messages are read by the standard */
function readNeusoft(message: Hl7Message, context: MappingContext): Interpretation {
  const type = messageTypeOf(message);
  if (isType(type, 'RGV', ['O15', 'O01']) || isType(type, 'RAS', ['O17', 'O01'])) {
    const inpatient = /^(?:I|住院)$/i.test(value(message.first('PV1'), 2));
    return dispenseEvents(message, context, neusoftLine({ inpatient }), categoriesOf(message));
  }
  if (isType(type, 'DFT', ['P03'])) return settlementEvent(message, context, categoriesOf(message));
  return readStandard(message, context);
}

/** Neusoft family: dispensing in RGV^O15, execution in RAS^O17, both in RXO. */
export const neusoft: HisMapping = { ...neverThrowing({ name: 'neusoft', fromHl7: readNeusoft }), ...catalogueReader(readCatalogue) };
