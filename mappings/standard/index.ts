import type { HisMapping } from '../../adapter/ports/his-mapping.ts';
import { readCatalogue } from '../hl7/catalogue.ts';
import { catalogueReader, neverThrowing } from '../hl7/never-throwing.ts';
import { readStandard } from '../hl7/standard-message.ts';
import { readRows } from './row.ts';

export { standardRows } from './row-columns.ts';

/** HL7 v2 by the book: RDS^O13, RGV^O15, RAS^O17, orders, DFT^P03, MFN; and the rows of our documented database view. */
export const standard: HisMapping = { ...neverThrowing({ name: 'standard', fromHl7: readStandard, fromRow: readRows }), ...catalogueReader(readCatalogue) };
