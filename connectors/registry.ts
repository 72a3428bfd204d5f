import type { DestinationConnector } from '../adapter/ports/destination.ts';
import type { HisSourceConnector } from '../adapter/ports/his-source.ts';
import { hisFile } from './his-file/index.ts';
import { hisHl7v2, hl7Files } from './his-hl7v2/index.ts';
import { hisMssql } from './his-mssql/index.ts';
import { hisOracle } from './his-oracle/index.ts';
import { hisPostgres } from './his-postgres/index.ts';
import { restFiles } from './his-rest/index.ts';
import { mahAlihealth } from './mah-alihealth/index.ts';
import { mahRest } from './mah-rest/index.ts';
import { mahSoap } from './mah-soap/index.ts';
import { nhsa } from './nhsa/index.ts';

/** Every HIS wire the product can listen to or fetch from; the REST intake is always on and needs no entry. */
export const sources: readonly HisSourceConnector[] = [hisHl7v2, hisMssql, hisOracle, hisPostgres, hisFile({ hl7: hl7Files, json: restFiles })];

/** Every platform the product can report to. */
export const destinations: readonly DestinationConnector[] = [nhsa, mahAlihealth, mahSoap, mahRest];
