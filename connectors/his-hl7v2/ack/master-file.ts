import { ERRORS } from '../../../adapter/domain/error.ts';
import { chinaCompact } from '../../../adapter/domain/china-time.ts';
import type { Refusal } from '../../../adapter/domain/refusal.ts';
import type { Hl7Delimiters } from '../../../adapter/ports/hl7-message.ts';
import type { DecidedCharset } from '../codec/charset.ts';
import { encodeEscapes } from '../codec/escape.ts';

/** Content of an MFK behind MSA and ERR. Members of MFI and MFE are as they stand in the message. */
export interface MasterFileReply {
  readonly mfi: readonly string[];
  readonly entries: readonly {
    readonly event: string;
    readonly controlId: string;
    readonly key: string;
    readonly keyType: string;
    readonly refused: boolean;
    readonly refusal: Refusal | undefined;
  }[];
}

const LONGEST = 250;

/** @returns MFI and one MFA for each entry: MFA-4 is S or U (table 0181), with our code and text in MFA-4.2 of those refused */
export function masterFileSegments(reply: MasterFileReply, how: { readonly delimiters: Hl7Delimiters; readonly charset: DecidedCharset; readonly nowMs: number }): readonly string[] {
  const { field: bar, component: hat } = how.delimiters;
  const at = chinaCompact(how.nowMs);
  const plain = (text: string): string => text.replace(/[\u0000-\u001f\u007f]/g, '').slice(0, LONGEST);
  const segments = [['MFI', ...reply.mfi.map(plain)].join(bar)];
  for (const entry of reply.entries) {
    const level = entry.refused ? ['U', encodeEscapes(textOf(entry.refusal, how.charset), how.delimiters), 'HL70181'].join(hat) : ['S', '', 'HL70181'].join(hat);
    segments.push(['MFA', plain(entry.event), plain(entry.controlId), at, level, plain(entry.key), plain(entry.keyType)].join(bar));
  }
  return segments;
}

function textOf(why: Refusal | undefined, charset: DecidedCharset): string {
  if (why === undefined) return '';
  const place = why.field === undefined ? '' : ` (${why.field}${why.value === undefined || why.value === '' ? '' : `=${why.value}`})`;
  const text = charset === 'iso-8859-1' ? ERRORS[why.code].en : why.detail ?? ERRORS[why.code].zh;
  return `${why.code}${place} ${text}`.slice(0, LONGEST);
}
