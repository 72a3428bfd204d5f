import { readFileSync, rmSync, writeFileSync } from 'node:fs';

/** What a running service tells about itself in a file beside its store, for the next one who finds the door taken. */
export interface RunningService {
  readonly pid: number;
  /** ms since epoch */
  readonly startedAt: number;
  /** where it listens: `http://127.0.0.1:8680`, `mllp://127.0.0.1:2575` */
  readonly addresses: readonly string[];
}

/** The lock beside the store says that somebody is there; this file only says who. */
export function runningFile(storeFile: string): string {
  return `${storeFile}.pid`;
}

/** Writes the file; a disk that does not take it stops nothing. */
export function announceRunning(path: string, service: RunningService): void {
  try {
    writeFileSync(path, `${JSON.stringify(service)}\n`, { mode: 0o600 });
  } catch {
    // only a text for people is lost
  }
}

export function withdrawRunning(path: string): void {
  try {
    if (readRunning(path)?.pid === process.pid) rmSync(path, { force: true });
  } catch {
    // a leftover names a process that is gone, and is not believed
  }
}

/** @returns the service the file names when its process is still there; undefined otherwise. Never throws. */
export function readRunning(path: string): RunningService | undefined {
  try {
    const { pid, startedAt, addresses } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Record<keyof RunningService, unknown>>;
    if (typeof pid !== 'number' || !Number.isInteger(pid) || pid < 1 || !isAlive(pid)) return undefined;
    return { pid, startedAt: typeof startedAt === 'number' ? startedAt : 0, addresses: Array.isArray(addresses) ? addresses.filter((one) => typeof one === 'string') : [] };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // another account's
  }
}
