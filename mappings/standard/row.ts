import { rowReading } from '../shared/read-rows.ts';
import { standardRows } from './row-columns.ts';

/** Reads all rows of one event of the documented view (README.md 数据库视图). */
export const readRows = rowReading(standardRows);
