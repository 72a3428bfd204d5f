import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from 'mocha';
import { postgresOrSkip } from '../support/postgres.ts';

/** Where a campaign keeps its store, and how the store itself is made to die. */
export interface CampaignStore {
  readonly url: string;
  /** what dies, and comes back at once, beside the adapter; none for the embedded store, which lives in the adapter's own process */
  readonly deaths: readonly ServerDeath[];
  kill(death: ServerDeath): Promise<void>;
  close(): Promise<void>;
}

/** `backend`: SIGKILL to a session of the adapter, upon which the server ends all of them and recovers; `server`: SIGKILL to the server itself */
export type ServerDeath = 'backend' | 'server';

export function embeddedStore(folder: string): CampaignStore {
  return { url: `file:${join(folder, 'store.db')}`, deaths: [], kill: () => Promise.resolve(), close: () => Promise.resolve() };
}

/** A database on a PostgreSQL of our own (test/support/postgres.ts). @throws Error where none can be started */
export async function postgresStore(): Promise<CampaignStore> {
  const outsideOfTests = { timeout: () => undefined, skip: () => { throw new Error('PostgreSQL cannot run here'); } } as unknown as Context;
  const postgres = await postgresOrSkip(outsideOfTests);
  const database = await postgres.createDatabase();
  const { server } = postgres;
  return {
    url: database.url,
    deaths: server === undefined ? [] : ['backend', 'server'],
    async kill(death) {
      // it may still be recovering from its last death
      const { rows: [place] } = await patiently(() => postgres.admin('SHOW data_directory')) as unknown as { rows: { data_directory: string }[] };
      if (death === 'server') {
        process.kill(Number(readFileSync(join(place?.data_directory ?? '', 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL');
        // its sessions end when they notice; until then the new server refuses to share their memory
        await patiently(async () => { await server?.start(); });
        return;
      }
      const { rows: [session] } = await patiently(() => postgres.admin(`SELECT pid FROM pg_stat_activity WHERE datname = '${database.name}' AND application_name = 'his-trace-adapter' ORDER BY (state = 'idle'), random() LIMIT 1`)) as unknown as { rows: { pid: number }[] };
      if (session === undefined) throw new Error('the adapter has no session to kill');
      process.kill(session.pid, 'SIGKILL');
      await patiently(() => postgres.admin('SELECT 1'));
    },
    close: () => patiently(() => database.drop()),
  };
}

async function patiently<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (tries >= 60) throw error;
      await new Promise((resolve) => { setTimeout(resolve, 250); });
    }
  }
}
