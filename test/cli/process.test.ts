import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import { waitFor } from '../support/wait-for.ts';

const MAIN = join(import.meta.dirname, '../../adapter/main.ts');

interface Run { readonly child: ChildProcess; out: string; err: string; exit: number | null | undefined }

/** The command in a process of its own, with its own working folder. */
function his(folder: string, ...words: string[]): Run {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...words, '--config', join(folder, 'his-trace.yaml')], { cwd: join(import.meta.dirname, '../..'), stdio: ['ignore', 'pipe', 'pipe'] });
  const run: Run = { child, out: '', err: '', exit: undefined };
  child.stdout.on('data', (chunk: Buffer) => { run.out += chunk.toString(); });
  child.stderr.on('data', (chunk: Buffer) => { run.err += chunk.toString(); });
  child.on('exit', (code) => { run.exit = code; });
  return run;
}

const ended = async (run: Run): Promise<Run> => { await waitFor('the end', () => run.exit !== undefined, 60_000); return run; };
const ready = (run: Run): Promise<void> => waitFor('ready', () => run.out.includes('"ready"') || run.exit !== undefined, 60_000);

describe('the service as a process', function () {
  this.timeout(120_000);
  const folders: string[] = [];
  const runs: Run[] = [];
  const folderWith = (config: string): string => {
    const folder = mkdtempSync(join(tmpdir(), 'his-trace-process-'));
    folders.push(folder);
    writeFileSync(join(folder, 'his-trace.yaml'), `institutions:\n  - { code: H35010200001, name: 示范医院, region: "350102" }\n${config}`);
    return folder;
  };
  afterEach(async () => {
    for (const run of runs.splice(0)) { run.child.kill('SIGKILL'); await waitFor('the end', () => run.exit !== undefined); }
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  it('tells a second start who runs already, on the same store and on the same port, and lets check --probe know its own', async () => {
    const port = String(await freePort());
    const folder = folderWith(`http: { port: ${port} }\n`);
    const service = his(folder, 'start', '--json');
    runs.push(service);
    await ready(service);
    expect(service.exit, service.err).to.equal(undefined);

    const again = await ended(his(folder, 'start'));
    expect(again.exit).to.equal(1);
    expect(again.err).to.contain(`进程 ${String(service.child.pid)}`).and.contain(`http://127.0.0.1:${port}`).and.contain('无需再次启动').and.not.contain('检查数据库服务');

    const other = await ended(his(folderWith(`http: { port: ${port} }\n`), 'start', '--lang', 'en'));
    expect(other.exit).to.equal(1);
    expect(other.err).to.contain('[PORT_IN_USE]').and.contain('another running his-trace service');

    const probe = await ended(his(folder, 'check', '--probe'));
    expect(probe.out).to.contain('由正在运行的本服务').and.contain(String(service.child.pid));
    expect(probe.exit).to.equal(0);

    service.child.kill('SIGTERM');
    expect((await ended(service)).exit).to.equal(0);
    expect(existsSync(join(folder, 'data/his-trace.db.pid'))).to.equal(false);
  });

  it('answers a retryable refusal before the disk is full, and says so in /readyz and /metrics', async () => {
    const folder = folderWith('http: { port: 0 }\nstore: { url: "file:data/his-trace.db", minFreeMB: 1000000 }\n');
    const service = his(folder, 'start', '--json');
    runs.push(service);
    await ready(service);
    const address = /"address":"(http:[^"]+)"/.exec(service.out)?.[1] ?? '';
    const health = await fetch(`${address}/readyz`);
    expect(health.status).to.equal(503);
    expect(await health.json()).to.include({ code: 'STORE_FULL' }).and.have.property('checks').that.deep.includes.members([]);
    const token = (await ended(his(folder, 'token', 'create', '--role', 'his'))).out.trim();
    const reply = await fetch(`${address}/api/v1/events`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify({ id: 'E1', source: 'his', institution: 'H35010200001', kind: 'dispense', occurredAt: '2026-11-22T09:31:05+08:00', lines: [{ lineNo: '1', drug: 'D', quantity: '1', unit: '盒' }] }) });
    expect(reply.status).to.equal(503);
    expect(Number(reply.headers.get('retry-after'))).to.be.greaterThan(0);
    expect(await reply.json()).to.include({ code: 'STORE_FULL' });
    expect(service.err).to.contain('disk nearly full, intake closed');
  });
});
