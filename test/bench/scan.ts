import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveDrugs } from '../../adapter/catalogue/drug-store.ts';
import { ABUSE_PATTERNS, type AbuseHit } from '../../adapter/scan/patterns/find-patterns.ts';
import { findAbuses } from '../../adapter/scan/patterns/find-abuses.ts';
import { migrate } from '../../adapter/store/migrate.ts';
import { openSqlite } from '../../adapter/store/sqlite/driver.ts';
import { A, B } from '../http/fixture.ts';
import { DRUGS_OF_HISTORY, writeAbuseHistory, type AbuseHistory } from '../support/abuse-history.ts';

const CODES = 1_000_000;
const ABUSES = 1_000;
const SEED = 20_261_122;
const PER_SECOND = 200;
const SECONDS = 30;
const SCAN_P99_MS = 10;
const FALSE_SHARE = 0.001;

/**
 * One million codes of history with 1,000 planted abuses: how many the search through the whole history finds and invents, and how
 * `/api/v1/scan` answers about planted and clean codes at 200 requests a second. Prints one JSON object.
 */
export async function benchScan(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'his-trace-bench-'));
  const path = join(folder, 'store.db');
  try {
    const driver = openSqlite({ path });
    await migrate(driver);
    await saveDrugs(driver, A, DRUGS_OF_HISTORY, Date.now());
    let began = performance.now();
    const history = await writeAbuseHistory(driver, { institution: A, member: B, codes: CODES, abuses: ABUSES, seed: SEED });
    const fillSeconds = seconds(began);
    began = performance.now();
    const report = await findAbuses(driver, { institution: A, members: [B] });
    const searchSeconds = seconds(began);
    await driver.close();
    const live = await scanLive(path, history);
    const batch = judgeHits(history, report.hits);
    process.stdout.write(`${JSON.stringify({
      bench: 'scan', seed: SEED, codes: report.codes, events: history.events, fillSeconds, search: { seconds: searchSeconds, ...batch }, live,
      summary: {
        allFound: batch.missed === 0 && live.plantedPassed === 0, falseShare: Math.max(batch.falseShare, live.falseShare), p99Ms: live.p99Ms, p99AboveHealthMs: Number((live.p99Ms - live.healthP99Ms).toFixed(2)),
        met: batch.missed === 0 && live.plantedPassed === 0 && batch.falseShare < FALSE_SHARE && live.falseShare < FALSE_SHARE && live.p99Ms < SCAN_P99_MS && live.failed === 0,
      },
    }, undefined, 2)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function judgeHits({ planted }: AbuseHistory, hits: readonly AbuseHit[]): { readonly foundByPattern: Readonly<Record<string, string>>; readonly missed: number; readonly invented: number; readonly falseShare: number } {
  const found = new Set(hits.map(({ code, pattern }) => `${code} ${pattern}`));
  const missed = [...planted].filter(([code, pattern]) => !found.has(`${code} ${pattern}`));
  const foundByPattern = Object.fromEntries(ABUSE_PATTERNS.map((pattern) => {
    const of = [...planted].filter(([, one]) => one === pattern);
    return [pattern, `${String(of.length - missed.filter(([, one]) => one === pattern).length)}/${String(of.length)}`];
  }));
  const invented = new Set(hits.filter(({ code }) => !planted.has(code)).map(({ code }) => code)).size;
  return { foundByPattern, missed: missed.length, invented, falseShare: invented / (CODES - ABUSES) };
}

async function scanLive(path: string, { planted, clean }: AbuseHistory): Promise<{ readonly requests: number; readonly failed: number; readonly plantedScanned: number; readonly plantedPassed: number; readonly cleanScanned: number; readonly cleanStopped: number; readonly falseShare: number; readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number; readonly healthP50Ms: number; readonly healthP99Ms: number; readonly cpuMsPerRequest: number }> {
  const { child, address, token } = await startServer(path);
  const codes = [...planted.keys(), ...clean.slice(0, PER_SECOND * SECONDS - planted.size)];
  // planted and clean among each other, the same in every run
  const order = codes.map((code, at) => ({ code, key: (at * 2_654_435_761) % 4_294_967_296 })).sort((a, b) => a.key - b.key).map(({ code }) => code);
  const times: number[] = [];
  const idle: number[] = [];
  let failed = 0, plantedPassed = 0, cleanStopped = 0;
  const scan = async (code: string, due: number): Promise<void> => {
    try {
      const response = await fetch(`${address}/api/v1/scan`, { method: 'POST', headers: { 'authorization': `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify({ code, purpose: 'dispense' }), signal: AbortSignal.timeout(10_000) });
      const { verdict } = await response.json() as { readonly verdict?: string };
      if (due >= 0) times.push(performance.now() - due);
      if (verdict === undefined) failed += 1;
      else if (planted.has(code) && verdict === 'ok') plantedPassed += 1;
      else if (!planted.has(code) && verdict !== 'ok' && due >= 0) cleanStopped += 1;
    } catch {
      failed += 1;
    }
  };
  // the same way to the same process without a scan in it: what the machine itself takes at this moment
  const ping = async (due: number): Promise<void> => {
    await fetch(`${address}/healthz`, { signal: AbortSignal.timeout(10_000) }).then((response) => response.text()).catch(() => undefined);
    idle.push(performance.now() - due);
  };
  for (const code of order.slice(0, 2_000)) await scan(code, -1); // warm-up: both sides compiled
  const cpuBefore = cpuMs(child);
  // open loop: a slow answer does not slow the questions down, and its wait counts
  const running: Promise<void>[] = [];
  const began = performance.now();
  for (const [at, code] of order.entries()) {
    const due = began + (at * 1_000) / PER_SECOND;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => { setTimeout(resolve, wait); });
    running.push(scan(code, Math.max(due, performance.now() - 1)));
    if (at % 4 === 0) running.push(ping(performance.now()));
  }
  await Promise.all(running);
  const cpuMsPerRequest = Number(((cpuMs(child) - cpuBefore) / (times.length + idle.length)).toFixed(2));
  child.stdin?.end();
  const share = (part: number, of: readonly number[] = times): number => Number(([...of].sort((a, b) => a - b)[Math.min(of.length - 1, Math.floor(of.length * part))] ?? 0).toFixed(2));
  const cleanScanned = order.length - planted.size;
  return {
    requests: order.length, failed, plantedScanned: planted.size, plantedPassed, cleanScanned, cleanStopped, falseShare: cleanScanned === 0 ? 0 : cleanStopped / cleanScanned,
    p50Ms: share(0.5), p99Ms: share(0.99), maxMs: share(1), healthP50Ms: share(0.5, idle), healthP99Ms: share(0.99, idle), cpuMsPerRequest,
  };
}

function startServer(path: string): Promise<{ readonly child: ChildProcess; readonly address: string; readonly token: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', new URL('./scan-server.ts', import.meta.url).pathname, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => { resolve({ child, ...JSON.parse(chunk.toString()) as { address: string; token: string } }); });
    child.once('exit', (code) => { reject(new Error(`the scan server ended with ${String(code)}`)); });
  });
}

/** @returns processor time of the server so far, all threads; 0 where the system does not tell */
function cpuMs(child: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${String(child.pid)}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return 0;
  }
}

function seconds(since: number): number {
  return Number(((performance.now() - since) / 1_000).toFixed(1));
}
