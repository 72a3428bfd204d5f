import { readdirSync, readFileSync } from 'node:fs';
import type { HisMapping, MappingContext } from '../../adapter/ports/his-mapping.ts';
import type { Interpretation } from '../../adapter/ports/his-record.ts';
import type { Hl7Message } from '../../adapter/ports/hl7-message.ts';
import { byteReader } from '../../connectors/his-hl7v2/codec/charset.ts';
import { parseMessage } from '../../connectors/his-hl7v2/codec/message.ts';

/** One message with the meaning it must have; data files in mappings/<vendor>/samples. */
export interface Hl7Sample {
  readonly file: string;
  readonly title: string;
  readonly segments: readonly string[];
  readonly expect: Interpretation;
}

export const SAMPLE_CONTEXT: MappingContext = {
  source: 'his-hl7', institution: 'H35010200001', institutions: ['H35010200001', 'H35010200002'], receivedAt: '2026-11-22T10:00:00+08:00',
};

export function samplesOf(folder: string): readonly Hl7Sample[] {
  return readdirSync(folder).filter((file) => file.endsWith('.json')).sort()
    .map((file) => ({ ...(JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as Omit<Hl7Sample, 'file'>), file }));
}

/** @throws when the text is no message: a fault of the test itself */
export function messageOf(text: string): Hl7Message {
  const parsed = parseMessage(text, byteReader('utf-8'));
  if (parsed.kind === 'unreadable') throw new Error(`no HL7: ${parsed.why}`);
  return parsed.message;
}

export function interpretWith(mapping: HisMapping, segments: readonly string[], context: MappingContext = SAMPLE_CONTEXT): Interpretation {
  if (mapping.fromHl7 === undefined) throw new Error(`${mapping.name} reads no HL7`);
  return mapping.fromHl7(messageOf(segments.join('\r')), context);
}
