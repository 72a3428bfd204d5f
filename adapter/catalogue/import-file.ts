import { createReadStream, openSync, closeSync, readSync, readFileSync, statSync } from 'node:fs';
import type { SqlDriver } from '../ports/sql-driver.ts';
import { readDrugFile, type RowProblem } from './drug-file.ts';
import { saveDrugs } from './drug-store.ts';
import { applyCatalogue } from './insurance/apply-catalogue.ts';
import { catalogueBytes } from './insurance/catalogue-bytes.ts';
import { catalogueNotes } from './insurance/catalogue-notes.ts';
import { catalogueRows, CatalogueTextFault, looksLikeCatalogue } from './insurance/catalogue-rows.ts';
import { ZipFault } from './insurance/zip-entry.ts';
import { IMPORT_LIMITS } from './table.ts';

/** What an import came to, as the command line shows it. */
export interface FileImport {
  /** data rows in the file */
  readonly rows: number;
  /** drugs that were written */
  readonly written: number;
  readonly notes: readonly string[];
  readonly problems: readonly RowProblem[];
}

export interface FileImportOptions { readonly institution: string; readonly nowMs: number; readonly signal?: AbortSignal }

/**
 * Imports a file of drugs, told by its content: the hospital's own catalogue (csv, xlsx; contract section 8), or the insurance catalogue
 * (1301, as text or in its zip). The insurance catalogue fills in what is empty and tells what differs; it is read as a stream of any size.
 */
export async function importDrugFile(driver: SqlDriver, path: string, options: FileImportOptions): Promise<FileImport> {
  if (isInsuranceCatalogue(path)) return importCatalogue(driver, path, options);
  if (statSync(path).size > IMPORT_LIMITS.fileBytes) return refused(path, `文件超过 ${String(IMPORT_LIMITS.fileBytes / 1024 / 1024)} MB。请只保留药品目录的数据，或分成几个文件导入`);
  const file = readDrugFile(readFileSync(path), path);
  if (file.problems.length === 0) await saveDrugs(driver, options.institution, file.drugs, options.nowMs);
  return { rows: file.rows, written: file.problems.length === 0 ? file.drugs.length : 0, notes: file.notes, problems: file.problems };
}

const HEAD = 64 * 1024;
/** parts every xlsx has */
const WORKBOOK = /^(?:\[Content_Types\]|_rels\/|docProps\/|xl\/|customXml\/)/;

/** Looks at the first bytes only: a line of a hundred tabs behind a catalogue code, or a zip whose first file is no part of a workbook. */
function isInsuranceCatalogue(path: string): boolean {
  const head = Buffer.alloc(HEAD);
  const file = openSync(path, 'r');
  let read: number;
  try {
    read = readSync(file, head, 0, HEAD, 0);
  } finally {
    closeSync(file);
  }
  if (read >= 30 && head.subarray(0, 4).toString('latin1') === 'PK\u0003\u0004') {
    const name = head.subarray(30, 30 + head.readUInt16LE(26)).toString('utf8');
    return /\.txt$/i.test(name) && !WORKBOOK.test(name);
  }
  return looksLikeCatalogue(head.subarray(0, read).toString('utf8'));
}

async function importCatalogue(driver: SqlDriver, path: string, options: FileImportOptions): Promise<FileImport> {
  try {
    const report = await applyCatalogue(driver, catalogueRows(catalogueBytes(createReadStream(path) as AsyncIterable<Uint8Array>)), { ...options, write: true });
    return { rows: report.rows, written: report.filled, notes: catalogueNotes(report), problems: [] };
  } catch (error) {
    if (error instanceof ZipFault || error instanceof CatalogueTextFault) return refused(path, error.message);
    throw error;
  }
}

function refused(path: string, reason: string): FileImport {
  return { rows: 0, written: 0, notes: [], problems: [{ file: path.replace(/^.*[\\/]/, ''), row: 0, column: '', value: '', reason }] };
}
