import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TraceError } from '../../adapter/domain/error.ts';
import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import { openSqlite } from '../../adapter/store/sqlite/driver.ts';
import { LogSync } from '../../adapter/store/sqlite/log-sync.ts';

/** A disk whose syncs end when the test says so, well or badly. */
class ScriptedLog {
  readonly #real: LogSync;
  readonly waiting: { readonly works: number; readonly end: (fault?: TraceError) => void }[] = [];
  held = false;

  constructor(path: string) { this.#real = new LogSync(path); }

  async sync(works: number): Promise<void> {
    if (this.held) await new Promise<void>((resolve, reject) => { this.waiting.push({ works, end: (fault) => { if (fault === undefined) resolve(); else reject(fault); } }); });
    await this.#real.sync(works);
  }

  close(): Promise<void> { return this.#real.close(); }

  async next(): Promise<{ readonly works: number; readonly end: (fault?: TraceError) => void }> {
    for (;;) {
      const first = this.waiting.shift();
      if (first !== undefined) return first;
      await new Promise((resolve) => { setImmediate(resolve); });
    }
  }
}

describe('store/sqlite sync beside the work', () => {
  let folder = '';
  let log: ScriptedLog;
  let driver: SqlDriver;
  const refused = new TraceError('STORE_UNAVAILABLE', 'EIO');
  const insert = (n: number): Promise<number> => driver.write((q) => q.run('INSERT INTO t VALUES (?)', [n]));
  const rows = async (): Promise<number[]> => (await driver.read((q) => q.all<{ n: number }>('SELECT n FROM t ORDER BY n'))).map((row) => row.n);
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'his-trace-sync-'));
    log = new ScriptedLog(join(folder, 'store.db'));
    driver = openSqlite({ path: join(folder, 'store.db'), log });
    await driver.script('CREATE TABLE t (n INTEGER NOT NULL PRIMARY KEY) STRICT');
    log.held = true;
  });
  afterEach(async () => {
    log.held = false;
    for (const one of log.waiting.splice(0)) one.end();
    await driver.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('answers nobody before the sync that came after the commit has ended', async () => {
    let answered = false;
    const done = insert(1).then(() => { answered = true; });
    const sync = await log.next();
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => { setImmediate(resolve); });
    expect(answered).to.equal(false);
    sync.end();
    await done;
  });
  it('runs the next group while a sync is under way, and commits it only afterwards', async () => {
    const first = insert(1);
    const sync = await log.next();
    let running: () => void = () => undefined;
    const runs = new Promise<void>((resolve) => { running = resolve; });
    const second = driver.write((q) => { running(); return q.run('INSERT INTO t VALUES (2)'); });
    await runs;
    expect(await rows()).to.deep.equal([1]);
    sync.end();
    await first;
    (await log.next()).end();
    await second;
    expect(await rows()).to.deep.equal([1, 2]);
  });
  it('refuses a group whose sync failed and the group that ran on top of it, and goes on once the log is safe', async () => {
    const outcome = (work: Promise<unknown>): Promise<string> => work.then(() => 'kept', (error: unknown) => (error as TraceError).code);
    const first = outcome(insert(1));
    const sync = await log.next();
    const second = outcome(insert(2));
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => { setImmediate(resolve); });
    sync.end(refused);
    expect(await Promise.all([first, second])).to.deep.equal(['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE']);
    const third = insert(3);
    (await log.next()).end();
    await third;
    // the first was committed but not confirmed: whoever sends it again meets it
    expect(await rows()).to.deep.equal([1, 3]);
  });
  it('syncs nothing for works that changed nothing', async () => {
    await driver.write((q) => q.all('SELECT n FROM t'));
    await driver.write((q) => q.run('DELETE FROM t WHERE n = 99'));
    expect(log.waiting).to.deep.equal([]);
  });
  it('keeps every confirmed row of many senders with the thread that syncs', async () => {
    log.held = false;
    let next = 1;
    await Promise.all(Array.from({ length: 16 }, async () => { for (let n = 0; n < 40; n += 1) await insert(next++); }));
    expect(await rows()).to.deep.equal(Array.from({ length: 640 }, (_, at) => at + 1));
  });
});
