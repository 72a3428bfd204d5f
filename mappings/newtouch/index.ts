import type { HisMapping } from '../../adapter/ports/his-mapping.ts';
import { rowReading } from '../shared/read-rows.ts';
import type { RowMapping } from '../shared/row-mapping.ts';
import { inpatient } from './inpatient.ts';
import { outpatient } from './outpatient.ts';
import { counts, documents } from './stock.ts';

/** Newtouch HIS on SQL Server, through the view of sql/his/newtouch. */
export const newtouchRows: RowMapping = { name: 'newtouch', title: '新致 HIS（SQL Server）', records: { outpatient, inpatient, documents, counts } };
export const newtouch: HisMapping = { name: newtouchRows.name, fromRow: rowReading(newtouchRows) };
