import type { HisMapping } from '../../adapter/ports/his-mapping.ts';
import { rowReading } from '../shared/read-rows.ts';
import type { RowMapping } from '../shared/row-mapping.ts';
import { dispenses, returns } from './dispensing.ts';
import { documents } from './stock.ts';

/** OpenHIS (newtouch-cloud/openhis-itaii) on PostgreSQL, through the view of sql/his/openhis. */
export const openhisRows: RowMapping = { name: 'openhis', title: 'OpenHIS（PostgreSQL）', records: { dispenses, returns, documents } };
export const openhis: HisMapping = { name: openhisRows.name, fromRow: rowReading(openhisRows) };
