import type { HisMapping } from '../adapter/ports/his-mapping.ts';
import { neusoft } from './neusoft/index.ts';
import { standard } from './standard/index.ts';

/** Every mapping a source can name under `mapping`; one folder each. */
export const mappings: readonly HisMapping[] = [standard, neusoft];
