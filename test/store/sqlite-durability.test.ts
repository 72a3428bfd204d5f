import { expect } from 'chai';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openSqlite } from '../../adapter/store/sqlite/driver.ts';

const CHILD = 'test/store/sqlite-load-child.ts';
const TABLE = 'CREATE TABLE load (institution TEXT NOT NULL, n INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (institution, n)) WITHOUT ROWID, STRICT';
const KILLS = 20;
/** enough for the syncs to move to their own thread */
const ROWS = 160;

describe('store/sqlite durability', () => {
  let folder = '';
  let path = '';
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'his-trace-durable-'));
    path = join(folder, 'store.db');
    const driver = openSqlite({ path });
    await driver.script(TABLE);
    await driver.close();
  });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

  it('lets works that arrive together share one commit', async () => {
    const driver = openSqlite({ path });
    const before = commitsIn(`${path}-wal`);
    await Promise.all(Array.from({ length: 200 }, (_, n) => driver.write((q) => q.run('INSERT INTO load VALUES (?, ?, ?)', ['H1', n, 'x']))));
    const together = commitsIn(`${path}-wal`) - before;
    for (let n = 200; n < 210; n += 1) await driver.write((q) => q.run('INSERT INTO load VALUES (?, ?, ?)', ['H1', n, 'x']));
    const apart = commitsIn(`${path}-wal`) - before - together;
    expect(together).to.be.within(1, 4);
    expect(apart).to.equal(10);
    await driver.close();
  });

  it(`loses no confirmed row at ${String(KILLS)} kills in the middle of the load`, async function () {
    this.timeout(180_000);
    let first = 0;
    let confirmed = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      // one by one and in groups, early and late
      const acknowledged = await killAfter({ path, first, concurrency: kill % 3 === 0 ? 1 : 16, acknowledgements: 5 + kill * 13 });
      const driver = openSqlite({ path });
      const rows = await driver.read((q) => q.all<{ n: number; body: string }>('SELECT n, body FROM load WHERE institution = ? AND n >= ?', ['H1', first]));
      const there = new Map(rows.map((row) => [row.n, row.body]));
      for (const n of acknowledged) expect(there.get(n), `row ${String(n)} after kill ${String(kill)}`).to.equal(`89990010${String(n)}`.repeat(20));
      expect(await driver.read((q) => q.get('PRAGMA integrity_check'))).to.deep.equal({ integrity_check: 'ok' });
      await driver.close();
      confirmed += acknowledged.length;
      first += 1_000_000;
    }
    expect(confirmed).to.be.greaterThan(KILLS * 5);
  });

  it('confirms a row only after the log was synced to the disk', function () {
    this.timeout(60_000);
    if (spawnSync('strace', ['-V']).status !== 0) this.skip();
    for (const concurrency of ['1', '8']) {
      const trace = join(folder, `trace-${concurrency}`);
      const done = spawnSync('strace', ['-f', '-y', '-s', '4200', '-o', trace, '-e', 'trace=pwrite64,write,fsync,fdatasync',
        process.execPath, '--import', 'tsx', CHILD, path, String(Number(concurrency) * 1_000), String(ROWS), concurrency], { encoding: 'utf8', timeout: 50_000 });
      if (done.stderr.includes('ptrace')) this.skip();
      expect(done.status, done.stderr).to.equal(0);
      const seen = readTrace(readFileSync(trace, 'utf8'));
      expect(seen.acknowledged).to.equal(ROWS);
      expect(seen.beforeSync, 'acknowledgements with unsynced log behind them').to.equal(0);
      expect(seen.syncs).to.be.greaterThanOrEqual(Math.ceil(ROWS / Number(concurrency)));
    }
  });
});

/** @returns the rows that the killed process had confirmed */
async function killAfter(load: { path: string; first: number; concurrency: number; acknowledgements: number }): Promise<number[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, load.path, String(load.first), '1000000', String(load.concurrency)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const n = /^ACK (\d+)$/.exec(line)?.[1];
    if (n !== undefined) acknowledged.push(Number(n));
    if (acknowledged.length === load.acknowledgements) child.kill('SIGKILL');
  }
  return acknowledged;
}

/** Counts the frames of a write-ahead log that end a transaction (SQLite file format §4.1: size of the database, 0 otherwise). */
function commitsIn(wal: string): number {
  const bytes = readFileSync(wal);
  if (bytes.length < 32) return 0;
  const frame = 24 + bytes.readUInt32BE(8);
  let commits = 0;
  for (let at = 32; at + frame <= bytes.length; at += frame) if (bytes.readUInt32BE(at + 4) !== 0) commits += 1;
  return commits;
}

/**
 * Reads the calls of all threads in order: a row that was written to the log is safe once a sync that began later has ended, and
 * its ACK must find it safe. Pages carry the text of the rows, so each row is recognised in what is written.
 */
function readTrace(trace: string): { acknowledged: number; beforeSync: number; syncs: number } {
  const seen = { acknowledged: 0, beforeSync: 0, syncs: 0 };
  const written = new Set<string>();
  const safe = new Set<string>();
  let underSync: readonly string[] = [];
  for (const line of trace.split('\n')) {
    if (/pwrite64\(\d+<[^>]*-wal>/.test(line)) for (const row of line.matchAll(/89990010(\d+?)(?=89990010)/g)) written.add(row[1] ?? '');
    if (/f(?:data)?sync\(\d+<[^>]*-wal>/.test(line)) underSync = [...written];
    if (/f(?:data)?sync(?:\(\d+<[^>]*-wal>\)| resumed>.*\))\s+= 0/.test(line)) {
      for (const row of underSync) safe.add(row);
      seen.syncs += 1;
    }
    const acknowledged = /write\(1<[^>]*>, "ACK (\d+)/.exec(line)?.[1];
    if (acknowledged === undefined) continue;
    seen.acknowledged += 1;
    if (!safe.has(acknowledged)) seen.beforeSync += 1;
  }
  return seen;
}
