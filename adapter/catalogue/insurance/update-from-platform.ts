import type { CatalogueDownload } from '../../ports/catalogue-download.ts';
import type { Counters } from '../../ports/counters.ts';
import type { Institution } from '../../ports/institution.ts';
import type { PeerFault } from '../../domain/outcome.ts';
import type { SqlDriver } from '../../ports/sql-driver.ts';
import { applyCatalogue, type CatalogueReport } from './apply-catalogue.ts';
import { catalogueBytes } from './catalogue-bytes.ts';
import { catalogueRows, CatalogueTextFault } from './catalogue-rows.ts';
import { ZipFault } from './zip-entry.ts';

export interface UpdateDeps {
  readonly driver: SqlDriver;
  readonly counters: Counters;
  readonly download: CatalogueDownload;
  readonly nowMs: number;
}

export interface UpdateWanted {
  readonly institution: Institution;
  /** name of the destination: each has a version of its own */
  readonly destination: string;
  /** false: tells what would change, and remembers no version */
  readonly write: boolean;
}

export interface CatalogueUpdate {
  /** one report for each file that came */
  readonly parts: readonly CatalogueReport[];
  readonly version: string | undefined;
  /** why it ended before it was up to date */
  readonly fault?: PeerFault;
}

/** files of one run at most */
const MOST_FILES = 100;

/**
 * Fetches what is newer than the version on file, part by part, and holds the hospital's drugs against it. The version is remembered after
 * a part was read whole: what broke off comes again.
 * @throws the signal's reason, or a fault of our own store
 */
export async function updateFromPlatform({ driver, counters, download, nowMs }: UpdateDeps, wanted: UpdateWanted, signal: AbortSignal): Promise<CatalogueUpdate> {
  const { institution, destination, write } = wanted;
  const memory = `insurance-catalogue:${destination}`;
  let version = await counters.recall(institution.code, memory);
  const parts: CatalogueReport[] = [];
  for (let files = 0; files < MOST_FILES; files += 1) {
    const answer = await download({ institution, version }, { signal });
    if (answer.kind === 'up-to-date') break;
    if (answer.kind === 'fault') {
      const { kind: _, ...fault } = answer;
      return { parts, version, fault };
    }
    const report = await readPart(answer.chunks, (bytes) => applyCatalogue(driver, catalogueRows(bytes), { institution: institution.code, nowMs, write, signal }), signal);
    if ('fault' in report) return { parts, version, fault: report.fault };
    parts.push(report);
    if (answer.rows !== undefined && report.rows < answer.rows) return { parts, version, fault: { reason: 'BAD_REPLY', peerText: `平台说有 ${String(answer.rows)} 行，文件中只有 ${String(report.rows)} 行` } };
    // no newer version in a newer file: asking again would bring the same
    if (report.version === '' || (version !== undefined && report.version <= version)) break;
    version = report.version;
    if (write) await counters.remember(institution.code, memory, version);
  }
  return { parts, version };
}

/** The connection broke: told apart from faults of our own store. */
class BrokenDownload extends Error {}

async function readPart(chunks: AsyncIterable<Uint8Array>, use: (bytes: AsyncIterable<Uint8Array>) => Promise<CatalogueReport>, signal: AbortSignal): Promise<CatalogueReport | { readonly fault: PeerFault }> {
  try {
    return await use(catalogueBytes(watched(chunks)));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof BrokenDownload) return { fault: { reason: 'NETWORK', peerText: error.message } };
    if (error instanceof ZipFault || error instanceof CatalogueTextFault) return { fault: { reason: 'BAD_REPLY', peerText: error.message } };
    throw error;
  }
}

async function* watched(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw new BrokenDownload(`文件没有传完：${(error as Error).message}`);
  }
}
