import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { ThreadSetup } from './protocol.ts';

const FROM_SOURCE = import.meta.url.endsWith('.ts');

/**
 * @returns whether sources that can should run in threads of their own: there is a second core, and the program is compiled
 *   (from source every thread would have to translate all modules again)
 */
export function threadsPay(): boolean {
  return !FROM_SOURCE && availableParallelism() > 1;
}

/** Starts a thread for a source. From source the translator has to be registered in the new thread first. */
export function spawnThread(setup: ThreadSetup): Worker {
  const entry = new URL(FROM_SOURCE ? './worker.ts' : './worker.js', import.meta.url);
  const options = { workerData: setup, name: `source ${setup.name}` };
  if (!FROM_SOURCE) return new Worker(entry, options);
  return new Worker(`import('tsx/esm/api').then((tsx) => { tsx.register(); return import(${JSON.stringify(entry.href)}); })`, { ...options, eval: true });
}
