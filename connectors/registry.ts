import type { DestinationConnector } from '../adapter/ports/destination.ts';
import type { HisSourceConnector } from '../adapter/ports/his-source.ts';
import { hisHl7v2 } from './his-hl7v2/index.ts';
import { hisMssql } from './his-mssql/index.ts';
import { hisOracle } from './his-oracle/index.ts';
import { mahAlihealth } from './mah-alihealth/index.ts';
import { nhsa } from './nhsa/index.ts';

/** Every HIS wire the product can listen to or fetch from; the REST intake is always on and needs no entry. */
export const sources: readonly HisSourceConnector[] = [hisHl7v2, hisMssql, hisOracle];

/** Every platform the product can report to. */
export const destinations: readonly DestinationConnector[] = [nhsa, mahAlihealth];
