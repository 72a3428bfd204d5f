import { reportKey } from '../../adapter/domain/report-key.ts';
import type { TraceEvent } from '../../adapter/domain/event.ts';

const MAX_LENGTH = 40;
/** 70 bits: no two bills of one enterprise meet within any hospital's life */
const HASH_LENGTH = 14;
/** `_1` … `_999` of split bills */
const SUFFIX_LENGTH = 4;

export interface BillSubject {
  readonly event: TraceEvent;
  /** bill type, and for reversals what is taken back */
  readonly about: readonly string[];
  readonly prefix: string;
}

/**
 * Bill number: unique per enterprise and never used again (mah.md 4). The HIS document number makes it recognisable, the hash
 * of (institution, source, event id, bill type) makes it unique and the same again after a restored store.
 * @returns at most 40 letters, digits, `-` and `_`, room for the suffix of split bills included: `CF2026112200123-4D8Z0Q…`
 */
export function billNumber({ event, about, prefix }: BillSubject): string {
  const hash = reportKey('', [event.institution, event.source, event.id, ...about]).slice(0, HASH_LENGTH);
  const room = MAX_LENGTH - SUFFIX_LENGTH - HASH_LENGTH - 1 - prefix.length;
  const readable = readablePart(event.documentNo ?? '', room) || readablePart(event.id, room);
  return `${prefix}${readable}${readable === '' ? '' : '-'}${hash}`;
}

/** The end of a document number tells more than its beginning. */
function readablePart(text: string, room: number): string {
  return text.replace(/[^A-Za-z0-9-]/g, '').slice(-room).replace(/^-+|-+$/g, '');
}

/** `-R2` … `-R99`; `-` is none of the hash's letters, so that no number is taken for a revised one */
const REVISION = /-R\d{1,2}$/;

/**
 * The number of a bill that takes the place of a refused one, or carries what could not go with it: a number is never used again
 * (mah.md 4). The same every time; the readable part gives way where 40 characters would not do.
 * @param number any number made here, also a revised one
 * @param revision 2 … 99
 */
export function revisedNumber(number: string, revision: number, prefix: string): string {
  const suffix = `-R${String(revision)}`;
  const former = number.replace(REVISION, '');
  const over = former.length + suffix.length - MAX_LENGTH;
  if (over <= 0) return former + suffix;
  const start = former.startsWith(prefix) ? prefix : '';
  return start + former.slice(start.length + over).replace(/^[-_]+/, '') + suffix;
}
