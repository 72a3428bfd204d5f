import { createRequire } from 'node:module';

/** The little of a SQLite binding that the driver uses; `node:sqlite` and its stand-in for Node 20 both have it. */
export interface Statement {
  get(...params: (string | number | Uint8Array | null)[]): unknown;
  all(...params: (string | number | Uint8Array | null)[]): unknown[];
  run(...params: (string | number | Uint8Array | null)[]): { changes: number | bigint };
}
export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
  readonly isTransaction?: boolean;
}
interface Binding { readonly DatabaseSync: new (path: string, options?: { readOnly?: boolean }) => Database }

/** @returns an open database; the built-in binding where Node has it, the prebuilt one from npm on Node 20 */
export function openDatabase(path: string, options: { readonly readOnly?: boolean } = {}): Database {
  return new (binding().DatabaseSync)(path, options.readOnly === true ? { readOnly: true } : {});
}

let loaded: Binding | undefined;

function binding(): Binding {
  if (loaded !== undefined) return loaded;
  const require = createRequire(import.meta.url);
  // node:sqlite is stable enough from 22.13; on Node 20 the module does not exist
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const builtIn = major > 22 || (major === 22 && minor >= 13);
  loaded = require(builtIn ? 'node:sqlite' : '@photostructure/sqlite') as Binding;
  return loaded;
}
