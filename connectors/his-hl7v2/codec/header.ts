import type { Hl7Delimiters } from '../../../adapter/ports/hl7-message.ts';
import { decodeEscapes } from './escape.ts';
import { readDelimiters, STANDARD_DELIMITERS } from './delimiters.ts';

/** What MSH says about the message, read by its own delimiters. `raw` members are copied into the answer as they stand. */
export interface Hl7Header {
  readonly delimiters: Hl7Delimiters;
  /** MSH-1 … MSH-21 as they stand; index 0 is unused */
  readonly raw: readonly string[];
  readonly controlId: string;
  /** MSH-9.1 and MSH-9.2, upper case */
  readonly type: string;
  readonly trigger: string;
  /** MSH-12.1 */
  readonly version: string;
  /** MSH-15, MSH-16, upper case */
  readonly acceptAck: string;
  readonly applicationAck: string;
  /** MSH-18, all repetitions that are not empty */
  readonly charsets: readonly string[];
  /** components of MSH-4 */
  readonly sendingFacility: readonly string[];
  /** components of MSH-6 */
  readonly receivingFacility: readonly string[];
}

const FIELDS = 21;
/** MSH with long names and ids is a few hundred characters */
const LONGEST_HEADER = 8_192;

/** Reads the MSH segment alone. @returns undefined when the text has no MSH at its beginning or declares impossible delimiters */
export function readHeader(text: string): Hl7Header | undefined {
  const start = /^[\s\0\ufeff]*(?=msh)/i.exec(text);
  if (start === null) return undefined;
  const from = start[0].length;
  const line = firstLine(text, from);
  const delimiters = readDelimiters(line.slice(0, 16));
  if (delimiters === undefined) return undefined;
  const fields = line.split(delimiters.field, FIELDS);
  // fields[0] is the name, MSH-1 the separator itself: MSH-n is fields[n - 1]
  const raw = ['', delimiters.field, ...fields.slice(1)];
  const part = (field: number, component = 1): string => {
    const first = (raw[field] ?? '').split(delimiters.repetition, 1)[0] ?? '';
    const value = (first.split(delimiters.component, component)[component - 1] ?? '').trim();
    return value === '""' ? '' : decodeEscapes(value, delimiters, latin1).trim();
  };
  return {
    delimiters, raw,
    controlId: part(10), type: part(9).toUpperCase(), trigger: part(9, 2).toUpperCase(), version: part(12),
    acceptAck: part(15).toUpperCase(), applicationAck: part(16).toUpperCase(),
    charsets: (raw[18] ?? '').split(delimiters.repetition, 8).map((name) => name.trim()).filter((name) => name !== '' && name !== '""'),
    sendingFacility: componentsOf(raw[4], delimiters.component),
    receivingFacility: componentsOf(raw[6], delimiters.component),
  };
}

/** Header of something that is no HL7: all the answer can say is that. */
export const NO_HEADER: Hl7Header = {
  delimiters: STANDARD_DELIMITERS, raw: [], controlId: '', type: '', trigger: '', version: '', acceptAck: '', applicationAck: '', charsets: [],
  sendingFacility: [], receivingFacility: [],
};

/** HD: namespace, universal id, its type; senders put the code into any of them */
function componentsOf(facility: string | undefined, separator: string): readonly string[] {
  return (facility ?? '').split(separator, 8).map((name) => name.trim()).map((name) => (name === '""' ? '' : name));
}

/** @returns MSA-2 of a message that is itself an acknowledgement, else undefined */
export function acknowledgedId(text: string, header: Hl7Header): string | undefined {
  if (header.type !== 'ACK' && header.type !== 'MCF') return undefined;
  const fields = /[\r\n][ \t]*MSA([^\r\n]*)/i.exec(text)?.[1]?.split(header.delimiters.field, 3);
  return fields?.[2]?.trim();
}

function firstLine(text: string, from: number): string {
  const limit = Math.min(text.length, from + LONGEST_HEADER);
  for (let i = from; i < limit; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 13 || code === 10) return text.slice(from, i);
  }
  return text.slice(from, limit);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
