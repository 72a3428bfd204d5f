import { EVENT_KINDS } from '../../adapter/domain/event.ts';
import { refusal } from '../../adapter/domain/refusal.ts';
import type { HisRecord, Interpretation, Interpreter } from '../../adapter/ports/his-record.ts';
import type { Target } from './actions.ts';
import { decodeAs, decodeBody } from './charset.ts';
import { readPayload, tidyPayload } from './payload.ts';
import type { Hl7Reader } from './payload.ts';

/** Name under which stored SOAP records ask to be read again; `his-soap:dispense` where only the action told the kind. */
export const INTERPRETER = 'his-soap';

interface Reading { readonly maxEvents: number; readonly hl7: Hl7Reader }

/** @returns readers of stored records by name: the payload's text is read as it was when it came */
export function interpretersOf(reading: Reading): ReadonlyMap<string, Interpreter> {
  const targets: readonly (readonly [string, Target])[] = [[INTERPRETER, 'event'], ...EVENT_KINDS.map((kind) => [`${INTERPRETER}:${kind}`, kind] as const)];
  return new Map(targets.map(([name, target]) => [name, (record: HisRecord) => interpretRecord(record, target, reading)] as const));
}

function interpretRecord(record: HisRecord, target: Target, reading: Reading): Interpretation {
  const decoded = decodeBody(record.bytes, '');
  const text = decodeAs(record.bytes, record.charset) ?? (decoded.kind === 'text' ? decoded.text : undefined);
  if (text === undefined) return { kind: 'refused', refusal: refusal('CHARSET_UNREADABLE', { value: record.charset }) };
  return readPayload(tidyPayload(text), target, { institution: record.institution, source: record.source, interpreter: record.interpreter, ...reading }).meaning;
}
