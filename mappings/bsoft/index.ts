import type { HisMapping } from '../../adapter/ports/his-mapping.ts';
import { rowReading } from '../shared/read-rows.ts';
import type { RowMapping } from '../shared/row-mapping.ts';
import { homeBed, inpatient, outpatient } from './dispensing.ts';
import { receipts, transfers } from './stock.ts';

/** BSOFT PHIS on Oracle (YF_*, YK_*), through the view of sql/his/bsoft. */
export const bsoftRows: RowMapping = { name: 'bsoft', title: '创业慧康 PHIS（Oracle）', records: { outpatient, inpatient, homeBed, receipts, transfers } };
export const bsoft: HisMapping = { name: bsoftRows.name, fromRow: rowReading(bsoftRows) };
