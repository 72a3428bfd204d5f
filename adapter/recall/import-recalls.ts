import type { SqlDriver } from '../ports/sql-driver.ts';
import type { ImportedNotice } from './notice.ts';
import { readRecallFile, type RecallProblem } from './recall-file.ts';
import { importNotice } from './recall-store.ts';

export interface RecallImport {
  /** data rows in the file */
  readonly rows: number;
  /** empty when there is a problem: nothing is taken then */
  readonly notices: readonly ImportedNotice[];
  readonly problems: readonly RecallProblem[];
  readonly notes: readonly string[];
}

/** `his-trace import recall FILE`: takes all notices of a file in one transaction, or none. */
export async function importRecallFile(driver: SqlDriver, bytes: Uint8Array, options: { readonly institution: string; readonly by: string; readonly atMs: number }): Promise<RecallImport> {
  const { notices, rows, problems, notes } = readRecallFile(bytes);
  if (problems.length > 0) return { rows, notices: [], problems, notes };
  const imported = await driver.write(async (q) => {
    const results: ImportedNotice[] = [];
    for (const notice of notices) results.push(await importNotice(q, options.institution, notice, { name: options.by, atMs: options.atMs }));
    return results;
  });
  return { rows, notices: imported, problems, notes };
}
