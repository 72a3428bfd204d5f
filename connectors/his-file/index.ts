import type { HisSource, HisSourceConnector } from '../../adapter/ports/his-source.ts';
import type { FileReaders } from './readers.ts';
import { settings } from './settings.ts';
import { FileSource } from './source.ts';
import type { FileSourceDeps } from './source.ts';

/** A watched folder: spreadsheets, csv, HL7 batch files, legacy trace XML, REST JSON. Other wires' readers come from the registry. */
export function hisFile(readers: FileReaders): HisSourceConnector {
  return { name: 'his-file', settings, create: (deps: FileSourceDeps): HisSource => new FileSource(deps, readers) };
}
