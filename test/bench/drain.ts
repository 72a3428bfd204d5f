import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { saveDrugs } from '../../adapter/catalogue/drug-store.ts';
import { loadConfig } from '../../adapter/config/load.ts';
import { createService, type Parts, type Service } from '../../adapter/context.ts';
import { chinaDate } from '../../adapter/domain/china-time.ts';
import { createToken } from '../../adapter/http/token.ts';
import { systemClock } from '../../adapter/ops/system-clock.ts';
import { silentLog } from '../../adapter/ports/log.ts';
import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import { openStore } from '../../adapter/store/open-store.ts';
import { interpretJson, INTERPRETER, readEvents } from '../../connectors/his-rest/index.ts';
import { destinations } from '../../connectors/registry.ts';
import { createHttpClient } from '../../connectors/shared/http.ts';
import { freePort } from '../support/free-port.ts';
import { LOAD_DRUG, loadCode } from '../simulation/hospital-load.ts';
import { SandboxProcess } from './sandbox-process.ts';

const INSTITUTION = 'H35010200001';
const LATENCY_MS = 50;

interface DrainCase {
  readonly name: string;
  readonly platform: 'insurance' | 'mah';
  readonly reports: number;
  readonly concurrency: number;
  /** settings of the destination beyond address and account */
  readonly settings: string;
  /** calls one report needs: a bill is uploaded and then asked about */
  readonly callsPerReport: number;
  /** reports a second the platform allows; undefined = as many as one can */
  readonly rate?: number;
}

const CASES: readonly DrainCase[] = [
  { name: 'nhsa, one row a call, concurrency 2', platform: 'insurance', reports: 400, concurrency: 2, settings: 'batch: { form: single }', callsPerReport: 1 },
  { name: 'nhsa, one row a call, concurrency 8', platform: 'insurance', reports: 1_500, concurrency: 8, settings: 'batch: { form: single }', callsPerReport: 1 },
  { name: 'mah, rate 3/s', platform: 'mah', reports: 60, concurrency: 3, settings: 'rate: { uploadsPerSecond: 3, queriesPerSecond: 3 }', callsPerReport: 2, rate: 3 },
  { name: 'mah, rate 20/s', platform: 'mah', reports: 300, concurrency: 8, settings: 'rate: { uploadsPerSecond: 20, queriesPerSecond: 20 }', callsPerReport: 2, rate: 20 },
  { name: 'mah, concurrency 4', platform: 'mah', reports: 500, concurrency: 4, settings: 'rate: { uploadsPerSecond: 1000, queriesPerSecond: 1000 }', callsPerReport: 2 },
];

/**
 * How fast a backlog drains into a platform that takes 50 ms for each call, beside what rate limit and concurrency / latency allow
 * at best. Everything real: intake, store with its fsync, delivery, connector, HTTP; the platform runs in a process of its own.
 * The latency is measured too, before and after, by a bare client that does nothing else: on a busy machine 50 ms are more.
 * Prints one JSON object.
 */
export async function benchDrain(only?: string): Promise<void> {
  const results: object[] = [];
  for (const one of CASES.filter(({ name }) => only === undefined || name.includes(only))) {
    process.stderr.write(`${one.name} …\n`);
    results.push(await drain(one));
  }
  process.stdout.write(`${JSON.stringify({ bench: 'drain', latencyMs: LATENCY_MS, results }, undefined, 2)}\n`);
}

async function drain(one: DrainCase): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'his-trace-drain-'));
  const sandbox = await SandboxProcess.start({ faults: { rules: [{ effect: 'slow', ms: LATENCY_MS }] }, mah: { processing: { uploadedMs: 0, doneMs: 0 }, ...(one.rate === undefined ? {} : { limit: { callsPerSecond: one.rate * one.callsPerReport } }) } });
  const driver = await openStore(`file:${join(folder, 'store.db')}`, { log: silentLog });
  const service = serviceOn(one, { driver, sandbox, http: await freePort() });
  const lane = { institution: INSTITUTION, destination: 'it' };
  try {
    await saveDrugs(driver, INSTITUTION, [LOAD_DRUG], Date.now());
    await service.dispatcher.switch(lane, { stopped: true, reason: 'bench', by: 'bench' });
    await service.start();
    await fill(service, driver, one.reports);
    const bare = [await bareLatency(one, sandbox)];
    const before = await sandbox.counts();
    await service.dispatcher.switch(lane, { stopped: false, reason: 'bench', by: 'bench' });
    const perSecond = await drainSpeed(driver, one.reports);
    const after = await sandbox.counts();
    bare.push(await bareLatency(one, sandbox));
    const latencyMs = bare.reduce((sum, ms) => sum + ms, 0) / bare.length;
    const bound = Math.min(one.rate ?? Infinity, one.concurrency / (latencyMs / 1_000) / one.callsPerReport);
    return {
      name: one.name, perSecond, latencyMs: round(latencyMs), boundPerSecond: round(bound), shareOfBound: Number((perSecond / bound).toFixed(3)), met: perSecond >= bound * 0.9,
      entries: after[one.platform].entries, calls: after[one.platform].calls - before[one.platform].calls, doubles: after[one.platform].doubles, throttled: after.throttled - before.throttled,
    };
  } finally {
    await service.stop();
    await driver.close();
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns milliseconds of a call as a client sees it that has nothing else to do, with as many calls under way as the destination may have */
async function bareLatency(one: DrainCase, sandbox: SandboxProcess): Promise<number> {
  const url = one.platform === 'mah' ? sandbox.platforms.mah.url : `${sandbox.platforms.insurance.url}/fsi/api/goodsService/3505`;
  const client = createHttpClient({ baseUrl: url, connectTimeoutMs: 5_000, connections: one.concurrency, maxReplyBytes: 1_000_000 });
  const until = performance.now() + 1_500;
  const took: number[] = [];
  await Promise.all(Array.from({ length: one.concurrency }, async () => {
    // the platform refuses what it gets, and takes its time to do so
    while (performance.now() < until) {
      const from = performance.now();
      await client.post('', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '', timeoutMs: 5_000 });
      took.push(performance.now() - from);
    }
  }));
  await client.close();
  return took.reduce((sum, ms) => sum + ms, 0) / Math.max(1, took.length);
}

function serviceOn(one: DrainCase, on: { readonly driver: SqlDriver; readonly sandbox: SandboxProcess; readonly http: number }): Service {
  const { insurance, mah } = on.sandbox.platforms;
  const destination = one.platform === 'insurance'
    ? `connector: nhsa, transport: rest, baseUrl: "${insurance.url}", paasId: "${insurance.paasId}", paasToken: "\${NHSA_TOKEN}", operator: { type: "1", code: "001", name: 系统 }, optionalFields: ["3505.manu_date"]`
    : `connector: mah-alihealth, gateway: "${mah.url}", appKey: "${mah.appKey}", appSecret: "\${TOP_SECRET}"`;
  const text = `role: hospital
institutions:
  - { code: ${INSTITUTION}, name: 示范医院, region: "350102", level: 3, mah: { entId: "${mah.entId}", refEntId: "${mah.refEntId}" } }
store: { url: "file:unused.db" }
http: { host: 127.0.0.1, port: ${String(on.http)} }
destinations:
  it: { ${destination}, concurrency: ${String(one.concurrency)}, ${one.settings} }
log: { level: error }
`;
  const parts: Parts = { sources: [], mappings: [], destinations: [...destinations], rest: { interpreter: INTERPRETER, read: readEvents }, interpretRest: interpretJson };
  const loaded = loadConfig(text, { env: { NHSA_TOKEN: insurance.paasToken, TOP_SECRET: mah.appSecret }, readFile: () => '', parts });
  if (loaded.ok === undefined) throw new Error(loaded.problems.map((problem) => `${problem.path} ${problem.reason}`).join('; '));
  return createService({ config: loaded.ok, parts, driver: on.driver, log: silentLog, alone: true });
}

/** Tells so many dispenses, each of one pack nobody else moves: one report each, none waits for another. */
async function fill(service: Service, driver: SqlDriver, reports: number): Promise<void> {
  const now = systemClock.now();
  const { token } = await createToken(driver, { institution: '*', name: 'bench', role: 'his', now, expiresAt: now + 86_400_000 });
  const events = Array.from({ length: reports }, (_, at) => ({
    id: `D${String(at)}`, source: 'his', institution: INSTITUTION, kind: 'dispense', occurredAt: `${chinaDate(now)}T00:00:05+08:00`, documentNo: `CF${String(at)}`, prescriptionNo: `CF${String(at)}`,
    operator: { code: '8801', name: '演示药师', licenseNo: 'YS0001' }, prescriber: { code: '7001', name: '演示医生' },
    patient: { visitNo: `V${String(at)}`, class: 'outpatient', name: '演示患者', settlementType: 'self-pay' },
    lines: [{ lineNo: '1', drug: LOAD_DRUG.drug, quantity: '1', unit: '盒', split: false, unitPrice: '12.5', lot: 'A2401', producedOn: '2026-01-02', expiresOn: '2027-12-31', codes: [loadCode(at)] }],
  }));
  for (let at = 0; at < events.length; at += 100) {
    const reply = await fetch(`${service.http.address()}/api/v1/events`, { method: 'POST', body: JSON.stringify(events.slice(at, at + 100)), headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` } });
    if (reply.status !== 200) throw new Error(`the events were not taken: ${String(reply.status)} ${await reply.text()}`);
  }
}

/** @returns reports settled a second between the first and the last tenth: neither the start nor the tail is the speed of a drain */
async function drainSpeed(driver: SqlDriver, reports: number): Promise<number> {
  const marks: { readonly at: number; readonly settled: number }[] = [];
  const deadline = Date.now() + 180_000;
  for (;;) {
    const row = await driver.read((q) => q.get<{ settled: number; faulty: number }>(`SELECT COALESCE(SUM(CASE WHEN state IN ('accepted', 'duplicate') THEN 1 ELSE 0 END), 0) AS settled, COALESCE(SUM(CASE WHEN state IN ('rejected', 'needs-attention') THEN 1 ELSE 0 END), 0) AS faulty FROM delivery WHERE institution = ?`, [INSTITUTION]));
    const settled = row?.settled ?? 0;
    if ((row?.faulty ?? 0) > 0) throw new Error('a report was refused: the bench measures nothing');
    marks.push({ at: performance.now(), settled });
    if (settled >= reports) break;
    if (Date.now() > deadline) throw new Error(`only ${String(settled)} of ${String(reports)} reports were settled`);
    await delay(100);
  }
  const from = marks.find(({ settled }) => settled >= reports * 0.1);
  const to = marks.find(({ settled }) => settled >= reports * 0.9);
  if (from === undefined || to === undefined || to.at === from.at) return 0;
  return round(((to.settled - from.settled) / (to.at - from.at)) * 1_000);
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
