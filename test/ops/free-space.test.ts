import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FreeSpace } from '../../adapter/ops/free-space.ts';
import { announceRunning, readRunning, runningFile, withdrawRunning } from '../../adapter/ops/who-runs.ts';
import type { LogFields } from '../../adapter/ports/log.ts';
import { silentLog } from '../../adapter/ports/log.ts';

const MB = 1_048_576;

describe('free space of the store', () => {
  function watched(minFreeMB = 200): { readonly space: FreeSpace; free: number | Error; readonly said: [string, LogFields | undefined][] } {
    const said: [string, LogFields | undefined][] = [];
    const note = (message: string, fields?: LogFields): void => { said.push([message, fields]); };
    const state: { free: number | Error } = { free: 1_000 * MB };
    const freeBytes = (): Promise<number> => (state.free instanceof Error ? Promise.reject(state.free) : Promise.resolve(state.free));
    const space = new FreeSpace({ folder: '/data', minFreeMB, log: { ...silentLog, warn: note, error: note, info: note }, freeBytes });
    const disk = Object.assign(state, { space, said });
    return disk;
  }

  it('closes below the limit, and opens again only with some room to spare', async () => {
    const disk = watched();
    await disk.space.look();
    expect(disk.space.isLow).to.equal(false);
    disk.free = 199 * MB;
    await disk.space.look();
    expect(disk.space).to.include({ isLow: true, freeBytes: 199 * MB });
    disk.free = 205 * MB;
    await disk.space.look();
    expect(disk.space.isLow, 'at the limit it would flap').to.equal(true);
    disk.free = 211 * MB;
    await disk.space.look();
    expect(disk.space.isLow).to.equal(false);
    expect(disk.said.map(([message]) => message)).to.deep.equal(['disk nearly full, intake closed', 'disk has room again, intake open']);
    expect(disk.said[0]?.[1]).to.deep.equal({ folder: '/data', freeMB: 199, minFreeMB: 200 });
  });

  it('counts a disk that cannot be asked as having room, and says so once', async () => {
    const disk = watched();
    disk.free = new Error('ENOSYS');
    await disk.space.look();
    await disk.space.look();
    expect(disk.space).to.include({ isLow: false, freeBytes: undefined });
    expect(disk.said).to.have.length(1);
  });

  it('watches nothing when the limit is 0', async () => {
    const disk = watched(0);
    disk.free = 0;
    await disk.space.start();
    disk.space.stop();
    expect(disk.space).to.include({ isLow: false, freeBytes: undefined });
  });

  it('reads the real disk of a folder', async () => {
    const space = new FreeSpace({ folder: tmpdir(), minFreeMB: 1_000_000, log: silentLog });
    await space.start();
    space.stop();
    expect(space.freeBytes).to.be.a('number').above(0);
  });
});

describe('who runs on a store', () => {
  let folder = '';
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'his-trace-running-')); });
  afterEach(() => { rmSync(folder, { recursive: true }); });

  it('names the process and its addresses while it lives, and is silent after it withdrew', () => {
    const path = runningFile(join(folder, 'store.db'));
    announceRunning(path, { pid: process.pid, startedAt: 1, addresses: ['http://127.0.0.1:8680'] });
    expect(readRunning(path)).to.deep.equal({ pid: process.pid, startedAt: 1, addresses: ['http://127.0.0.1:8680'] });
    withdrawRunning(path);
    expect(readRunning(path)).to.equal(undefined);
  });

  it('believes no leftover of a process that is gone, and no rubbish', () => {
    const path = join(folder, 'x.pid');
    for (const text of ['{"pid":999999999,"startedAt":1,"addresses":[]}', '{"pid":-1}', '{"pid":0}', 'rubbish', 'null', '']) {
      writeFileSync(path, text);
      expect(readRunning(path), text).to.equal(undefined);
    }
    announceRunning(join(folder, 'gone', 'x.pid'), { pid: 1, startedAt: 1, addresses: [] });
  });
});
