import type { HisMapping } from '../adapter/ports/his-mapping.ts';
import { bsoft, bsoftRows } from './bsoft/index.ts';
import { neusoft } from './neusoft/index.ts';
import { newtouch, newtouchRows } from './newtouch/index.ts';
import { openhis, openhisRows } from './openhis/index.ts';
import type { RowMapping } from './shared/index.ts';
import { standard, standardRows } from './standard/index.ts';

/** Every mapping a source can name under `mapping`; one folder each. */
export const mappings: readonly HisMapping[] = [standard, neusoft, newtouch, bsoft, openhis];

/** Mappings of database rows as tables, which a site may override (mappings/shared: loadRowMapping, rowReading). */
export const rowMappings: readonly RowMapping[] = [standardRows, newtouchRows, bsoftRows, openhisRows];
