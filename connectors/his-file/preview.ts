import type { HisRecord, Interpretation } from '../../adapter/ports/his-record.ts';
import type { Preview, PreviewRequest } from '../../adapter/ports/his-source.ts';
import { folderAdvice, listFiles, type FileSystem, type Folders } from './folders.ts';
import { measure } from './measure.ts';
import { chunksOf } from './process-file.ts';
import { FileUnreadable, readFileItems, type ReadFileDeps } from './read-file.ts';

export interface PreviewDeps extends ReadFileDeps {
  readonly fs: FileSystem;
  readonly folders: Folders;
}

interface Content { readonly name: string; chunks(): AsyncIterable<Uint8Array> }

/** files that are opened at most */
const MAX_FILES = 5;

/** Reads the newest files of the folder, or the sample, until there are enough records. Moves nothing. */
export async function previewFiles(request: PreviewRequest, deps: PreviewDeps): Promise<Preview> {
  const { sample, limit, signal } = request;
  try {
    const contents = sample === undefined ? await newest(deps) : [{ name: sample.name, chunks: () => only(sample.bytes) }];
    const records: { record: HisRecord; meaning: Interpretation }[] = [];
    for (const content of contents) {
      const measured = await measure(content.chunks(), deps.settings.charset);
      for await (const { record, meaning } of readFileItems({ ...content, measured }, deps)) {
        if (records.length >= limit || signal.aborted) return { kind: 'records', records };
        records.push({ record, meaning: meaning.kind === 'catalogue' ? { kind: 'noted', reason: '药品目录消息' } : meaning });
      }
    }
    return { kind: 'records', records };
  } catch (error) {
    return { kind: 'failed', detail: error instanceof FileUnreadable ? error.why : folderAdvice(error) };
  }
}

async function newest({ fs, folders, settings }: PreviewDeps): Promise<readonly Content[]> {
  const files = await listFiles(fs, folders.inbox, [...settings.ignore, settings.markerSuffix]);
  return [...files].reverse().slice(0, MAX_FILES).map(({ name, path }) => ({ name, chunks: () => chunksOf(fs, path) }));
}

async function* only(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  await Promise.resolve();
  yield bytes;
}
