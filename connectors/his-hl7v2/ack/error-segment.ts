import type { ErrorCode } from '../../../adapter/domain/error.ts';
import type { Hl7Delimiters } from '../../../adapter/ports/hl7-message.ts';
import { encodeEscapes } from '../codec/escape.ts';

export interface ErrorText {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  /** what is wrong, without the remedy */
  readonly message: string;
  /** what is wrong and what to do */
  readonly full: string;
}

interface Place { readonly segment: string; readonly sequence: string; readonly field: string; readonly component: string }

/** our field names: `RXD-4`, `RXD[2]-4.1`, `RXD` */
const FIELD = /^([A-Z][A-Z0-9]{2})(?:\[(\d{1,5})\])?(?:-(\d{1,3})(?:\.(\d{1,3}))?)?$/;

/** HL7 table 0357 for our codes; what is not named is an internal error of the application (207). */
const TABLE_0357: Partial<Record<ErrorCode, readonly [string, string]>> = {
  HL7_TYPE_UNSUPPORTED: ['200', 'Unsupported message type'],
  HL7_SEGMENT_MISSING: ['100', 'Segment sequence error'],
  HL7_FIELD_INVALID: ['102', 'Data type error'],
  HL7_CONTROL_ID_MISSING: ['101', 'Required field missing'],
  EVENT_CONFLICT: ['205', 'Duplicate key identifier'],
  EVENT_REFERS_UNKNOWN: ['204', 'Unknown key identifier'],
  EVENT_INSTITUTION_UNKNOWN: ['204', 'Unknown key identifier'],
  EVENT_INVALID: ['102', 'Data type error'],
  CHARSET_UNREADABLE: ['102', 'Data type error'],
  RECORD_UNREADABLE: ['100', 'Segment sequence error'],
};

/**
 * ERR segment for a refused message, in the form its version knows: up to 2.4 ERR-1 alone (segment ^ sequence ^ field ^ code), from 2.5 on
 * the full segment with the place in ERR-2 and our code in ERR-5.
 */
export function errorSegment(error: ErrorText, version: string, delimiters: Hl7Delimiters): string {
  const { field: bar, component: hat, subcomponent: amp } = delimiters;
  const write = (text: string): string => encodeEscapes(text, delimiters);
  const at = place(error.field);
  if (!atLeast25(version)) {
    const code = [error.code, write(error.message), 'HIS-TRACE'].join(amp);
    return ['ERR', [at.segment, at.sequence, at.field, code].join(hat)].join(bar);
  }
  const [number, meaning] = TABLE_0357[error.code] ?? ['207', 'Application internal error'];
  const where = at.segment === '' ? '' : [at.segment, at.sequence, at.field, ...(at.component === '' ? [] : ['1', at.component])].join(hat).replace(endOf(hat), '');
  const hl7Code = [number, meaning, 'HL70357'].join(hat);
  const ourCode = [error.code, write(error.message), 'HIS-TRACE'].join(hat);
  return ['ERR', '', where, hl7Code, 'E', ourCode, '', '', write(error.full)].join(bar);
}

function place(field: string | undefined): Place {
  const match = FIELD.exec(field ?? '');
  if (match === null) return { segment: '', sequence: '', field: '', component: '' };
  return { segment: match[1] ?? '', sequence: match[2] ?? '1', field: match[3] ?? '', component: match[4] ?? '' };
}

function atLeast25(version: string): boolean {
  const match = /^(\d)\.(\d{1,2})/.exec(version);
  return match !== null && (Number(match[1]) > 2 || Number(match[2]) >= 5);
}

function endOf(separator: string): RegExp {
  return new RegExp(`(?:\\${separator})+$`);
}
