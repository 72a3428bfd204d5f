import type { Clock } from '../../adapter/ports/clock.ts';
import type { HisMapping } from '../../adapter/ports/his-mapping.ts';
import type { HisRecord, Interpretation } from '../../adapter/ports/his-record.ts';
import { splitFrame } from './codec/batch.ts';
import { decodeMessage } from './codec/charset.ts';
import { NO_HEADER, readHeader } from './codec/header.ts';
import { filedUnder, onlyInstitution } from './filed-under.ts';
import { interpretRecord, interpretText, unreadableCharset } from './interpret.ts';
import type { InterpretDeps, Meaning } from './interpret.ts';

/** What is known of the source whose file holds the messages. */
export interface FileContext {
  readonly source: string;
  readonly mapping: HisMapping | undefined;
  readonly institutions: readonly string[];
  /** institution the settings of the source name */
  readonly named: string | undefined;
  readonly clock: Pick<Clock, 'now'>;
}

/** Reads the messages of a batch file (FHS/BHS … BTS/FTS) or of a file without envelope; frame bytes of MLLP between them are left out. */
export function readMessages(bytes: Uint8Array, context: FileContext): readonly { readonly record: HisRecord; readonly meaning: Meaning }[] {
  // 0x0b and 0x1c are never trail bytes in GBK, GB18030 or UTF-8
  const plain = Buffer.from(bytes.map((byte) => (byte === 0x0b || byte === 0x1c ? 13 : byte)));
  const deps = depsOf(context);
  return splitFrame(plain).messages.map((message) => {
    const decoded = decodeMessage(message, 'auto');
    const header = readHeader(decoded.text) ?? NO_HEADER;
    const filed = filedUnder(header, { institutions: context.institutions, fallback: context.named ?? onlyInstitution(context.institutions), trusted: context.named !== undefined });
    const meaning: Meaning = decoded.kind === 'unreadable' ? { kind: 'refused', refusal: unreadableCharset(decoded.declared) } : interpretText(decoded.text, { charset: decoded.charset, filed }, deps);
    const record: HisRecord = {
      institution: filed.institution ?? '', source: context.source, controlId: header.controlId, media: 'hl7v2', charset: decoded.kind === 'text' ? decoded.charset : 'unknown', bytes: message, interpreter: context.source,
    };
    return { record, meaning };
  });
}

/** Reads a stored message of a file again. */
export function interpretMessage(record: HisRecord, context: FileContext): Interpretation {
  return interpretRecord(record, depsOf(context));
}

function depsOf({ source, mapping, institutions, named, clock }: FileContext): InterpretDeps {
  return { source, mapping, institutions, charset: 'auto', clock, named: named === undefined ? [] : [named] };
}
