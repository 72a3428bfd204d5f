import type { z } from 'zod';
import { chinaIso } from '../domain/china-time.ts';
import { ERRORS } from '../domain/error.ts';
import type { ErrorCode, Language } from '../domain/error.ts';
import type { RecordRow } from '../store/queries/quarantine-view.ts';
import { describeRefusal } from './error-reply.ts';
import type { recordSchema } from './reply-schemas.ts';
import { isoOrNone, present } from './view-members.ts';

function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}

function reasonOf(row: RecordRow, language: Language): { readonly message?: string; readonly action?: string } {
  if (row.error_code === null || !isErrorCode(row.error_code)) return present({ message: row.detail });
  return describeRefusal({ code: row.error_code, ...present({ field: row.error_field, value: row.error_value, detail: row.detail }) }, language);
}

/** @returns a record as lists show it: why it waits, never what is in it */
export function recordReply(institution: string, row: RecordRow, language: Language): z.input<typeof recordSchema> {
  return {
    recordNo: row.record_no, institution, source: row.source, controlId: row.control_id, media: row.media, charset: row.charset, sha256: row.sha256,
    receivedAt: chinaIso(row.received_at), state: row.state as z.input<typeof recordSchema>['state'], open: row.state === 'quarantined', bytes: row.bytes,
    ...present({ settledAt: isoOrNone(row.settled_at), code: row.error_code, field: row.error_field, value: row.error_value }),
    ...reasonOf(row, language),
  };
}
