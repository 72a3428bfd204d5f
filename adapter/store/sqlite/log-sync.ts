import { closeSync, fdatasyncSync, openSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { TraceError } from '../../domain/error.ts';

/** Works that may wait for one sync without a thread being worth its while. */
const ALONE = 2;
/** Groups in a row with company after which syncs move to a thread of their own. */
const BUSY_AFTER = 8;

/** Plain JavaScript, so that it runs the same from sources and from the built package. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const { fdatasyncSync } = require('node:fs');
parentPort.on('message', () => {
  try { fdatasyncSync(workerData.fd); parentPort.postMessage(''); }
  catch (error) { parentPort.postMessage(String(error.code || error.message)); }
});`;

/**
 * Brings the write-ahead log to the disk after a commit, off the main thread: what synchronous=FULL does inside the commit,
 * while this process already works on the next group (decision 0006).
 *
 * The thread is one of our own. The pool of Node would do, but name look-ups share it: with the network down four of them
 * fill it for seconds, and no acknowledgement may wait for a network.
 */
export class LogSync {
  readonly #path: string;
  #fd: number | undefined;
  #thread: Worker | undefined;
  #waiting: ((fault: string) => void) | undefined;
  #inCompany = 0;

  /** @param path of the database; the log lies beside it */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Returns when everything that was committed before the call is on the disk. One call at a time.
   * @param works how many wait for it: a lone one is served at once, without changing threads
   * @throws TraceError STORE_UNAVAILABLE when the disk refuses; what was committed may then be lost at a power cut
   */
  async sync(works: number): Promise<void> {
    try {
      this.#fd ??= openSync(`${this.#path}-wal`, 'r+');
    } catch (error) {
      throw unavailable((error as NodeJS.ErrnoException).code ?? 'open', error);
    }
    this.#inCompany = works > ALONE ? this.#inCompany + 1 : 0;
    const thread = this.#thread ?? (this.#inCompany >= BUSY_AFTER ? this.#spawn(this.#fd) : undefined);
    const fault = thread === undefined || works <= ALONE ? syncNow(this.#fd) : await this.#ask(thread);
    if (fault !== '') throw unavailable(fault);
  }

  #ask(thread: Worker): Promise<string> {
    return new Promise((resolve) => {
      // a process that has nothing else to do must not end before the answer
      thread.ref();
      this.#waiting = (fault) => {
        this.#waiting = undefined;
        thread.unref();
        resolve(fault);
      };
      thread.postMessage(0);
    });
  }

  #spawn(fd: number): Worker {
    const thread = new Worker(THREAD, { eval: true, workerData: { fd } });
    thread.on('message', (fault: string) => { this.#waiting?.(fault); });
    // a thread that ends takes nothing with it: this process syncs itself
    thread.on('error', () => undefined);
    thread.on('exit', () => {
      this.#thread = undefined;
      this.#waiting?.(this.#fd === undefined ? '' : syncNow(this.#fd));
    });
    thread.unref();
    this.#thread = thread;
    return thread;
  }

  /** Ends the thread and lets go of the log; before the database is closed. */
  async close(): Promise<void> {
    await this.#thread?.terminate();
    this.#thread = undefined;
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

function syncNow(fd: number): string {
  try {
    fdatasyncSync(fd);
    return '';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'sync';
  }
}

function unavailable(fault: string, cause?: unknown): TraceError {
  return new TraceError(fault === 'ENOSPC' || fault === 'EDQUOT' ? 'STORE_FULL' : 'STORE_UNAVAILABLE', `the log could not be synced: ${fault}`, { retryAfterMs: 5_000, ...(cause === undefined ? {} : { cause }) });
}
