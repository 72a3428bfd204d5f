import { refusal } from '../../adapter/domain/refusal.ts';
import type { Refusal } from '../../adapter/domain/refusal.ts';
import type { HisRecord } from '../../adapter/ports/his-record.ts';

/** What is kept of a file that could not be read: the file itself lies in the quarantine folder. */
interface WholeFile { readonly wholeFile: { readonly name: string; readonly place: string; readonly sha: string; readonly bytes: number; readonly why: string } }

export function wholeFileRecord(file: WholeFile['wholeFile'], at: { readonly institution: string; readonly source: string }): HisRecord {
  return { ...at, controlId: `FILE-${file.sha.slice(0, 32)}`, media: 'file', charset: 'utf-8', bytes: Buffer.from(JSON.stringify({ wholeFile: file } satisfies WholeFile), 'utf8'), interpreter: at.source };
}

export function wholeFileRefusal(file: Pick<WholeFile['wholeFile'], 'name' | 'place' | 'why'>): Refusal {
  return refusal('RECORD_UNREADABLE', { field: file.name.slice(0, 100), detail: `${file.why}。原文件在 ${file.place}，改正后请放回监视的文件夹` });
}

/** @returns why the file was not read, when the record is one of those */
export function parseWholeFile(bytes: Uint8Array): Refusal | undefined {
  try {
    const { wholeFile } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<WholeFile>;
    return wholeFile === undefined ? undefined : wholeFileRefusal(wholeFile);
  } catch {
    return undefined;
  }
}
