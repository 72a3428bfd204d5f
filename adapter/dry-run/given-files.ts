import type { RestEvents } from '../http/http-deps.ts';
import type { HisRecord, Interpreter } from '../ports/his-record.ts';
import type { HisSource } from '../ports/his-source.ts';
import type { GivenRecord } from './replay.ts';

export interface GivenFile { readonly name: string; readonly bytes: Uint8Array }

export interface GivenFilesDeps {
  /** source that reads them; undefined = events as JSON (contract section 4) */
  readonly source: HisSource | undefined;
  readonly rest: RestEvents;
  readonly interpretRest: Interpreter;
  readonly institution: string;
  /** records of all files together at most */
  readonly limit: number;
}

export type GivenReading = { readonly kind: 'records'; readonly records: readonly GivenRecord[] } | { readonly kind: 'failed'; readonly file: string; readonly detail: string };

const MAX_BYTES = 256 * 1024 * 1024;
const READ_WITHIN_MS = 120_000;

/** Reads files that somebody handed in: by a configured source what its HIS sends (HL7, rows, tables), without one our own event JSON. */
export async function readGivenFiles(files: readonly GivenFile[], deps: GivenFilesDeps): Promise<GivenReading> {
  const records: GivenRecord[] = [];
  for (const file of files) {
    const limit = deps.limit - records.length;
    const read = deps.source === undefined ? readJson(file, deps, limit) : await readBySource(file, deps.source, limit);
    if ('detail' in read) return { kind: 'failed', file: file.name, detail: read.detail };
    records.push(...read);
  }
  return { kind: 'records', records };
}

async function readBySource(sample: GivenFile, source: HisSource, limit: number): Promise<readonly GivenRecord[] | { readonly detail: string }> {
  if (source.preview === undefined) return { detail: `来源 ${source.name} 不能读文件` };
  const read = await source.preview({ limit, sample, signal: AbortSignal.timeout(READ_WITHIN_MS) });
  return read.kind === 'failed' ? read : read.records;
}

function readJson(file: GivenFile, { rest, interpretRest, institution }: GivenFilesDeps, limit: number): readonly GivenRecord[] | { readonly detail: string } {
  const limits = { maxEvents: 1_000_000, maxBytes: MAX_BYTES };
  const document = rest.read(file.bytes, 'application/json; charset=utf-8', limits);
  const read = document.kind === 'refused' ? rest.read(file.bytes, 'application/x-ndjson; charset=utf-8', limits) : document;
  if (read.kind === 'refused') return { detail: `不是事件 JSON；HL7、数据行与表格请用 --source 指明由哪个来源读取（${read.refusal.detail ?? ''}）` };
  return read.items.slice(0, limit).map(({ text, value }) => {
    const record: HisRecord = {
      institution: memberOf(value, 'institution') || institution, source: memberOf(value, 'source') || rest.interpreter, controlId: memberOf(value, 'id'),
      media: 'json', charset: 'utf-8', bytes: Buffer.from(text, 'utf8'), interpreter: rest.interpreter,
    };
    return { record, meaning: interpretRest(record) };
  });
}

function memberOf(value: unknown, name: string): string {
  const found = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
  return typeof found === 'string' ? found : '';
}
