import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TraceError } from '../domain/error.ts';

export interface MigrationFile {
  readonly version: number;
  /** file name without `.sql`, e.g. `000001-spine` */
  readonly name: string;
  readonly sha256: string;
  /** marked `--! breaking`: programs of the version before cannot work on the store afterwards */
  readonly breaking: boolean;
  readonly sql: string;
}

const FILE_NAME = /^(\d{6})-[a-z0-9]+(?:-[a-z0-9]+)*\.sql$/;
const BREAKING = /^--!\s*breaking\s*$/m;

/**
 * Reads the numbered files of one dialect, in order.
 * @throws TraceError STORE_MIGRATION for a folder that is missing, a file name that is none of ours, a number twice
 */
export function readMigrations(folder: string): readonly MigrationFile[] {
  const files = listSql(folder).map((file) => readMigration(folder, file));
  files.forEach((file, at) => {
    if (file.version === files[at - 1]?.version) throw new TraceError('STORE_MIGRATION', `two files have the number ${String(file.version)}`);
  });
  return files;
}

/**
 * @returns the hash of a migration's text; line ends do not count (a checkout on Windows may change them), nor does a byte
 * order mark
 */
export function hashOf(sql: string): string {
  return createHash('sha256').update(normalised(sql)).digest('hex');
}

function readMigration(folder: string, file: string): MigrationFile {
  const number = FILE_NAME.exec(file)?.[1];
  if (number === undefined) throw new TraceError('STORE_MIGRATION', `${file}: a migration is named NNNNNN-name.sql`);
  const sql = normalised(readFileSync(join(folder, file), 'utf8'));
  return { version: Number(number), name: file.slice(0, -'.sql'.length), sha256: hashOf(sql), breaking: BREAKING.test(sql), sql };
}

function listSql(folder: string): string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith('.sql')).sort();
  } catch (error) {
    throw new TraceError('STORE_MIGRATION', `the folder of migrations cannot be read: ${folder}`, { cause: error });
  }
}

function normalised(sql: string): string {
  return sql.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
}
