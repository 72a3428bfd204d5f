import type { HisSource, HisSourceConnector, HisSourceDeps } from '../../adapter/ports/his-source.ts';
import { interpretMessage, readMessages } from './file-messages.ts';
import { settings } from './settings.ts';
import type { Hl7Settings } from './settings.ts';
import { Hl7Source } from './source.ts';

/** HL7 v2 over MLLP: the HIS or its engine connects and sends, every message is answered after it is durable. */
export const hisHl7v2: HisSourceConnector = {
  name: 'his-hl7v2',
  ownThread: true,
  settings,
  create: (deps: HisSourceDeps<Hl7Settings>): HisSource => new Hl7Source(deps),
};

/** HL7 v2 in files: the registry hands it to the watched folder. */
export const hl7Files = { read: readMessages, interpret: interpretMessage };
