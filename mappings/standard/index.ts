import type { HisMapping } from '../../adapter/ports/his-mapping.ts';
import { neverThrowing } from '../hl7/never-throwing.ts';
import { readStandard } from '../hl7/standard-message.ts';
import { readRows } from './row.ts';

/** HL7 v2 by the book: RDS^O13, RGV^O15, RAS^O17, orders, DFT^P03; and the rows of our documented database view. */
export const standard: HisMapping = neverThrowing({ name: 'standard', fromHl7: readStandard, fromRow: readRows });
