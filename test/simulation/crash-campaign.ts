import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveDrugs } from '../../adapter/catalogue/drug-store.ts';
import { createToken } from '../../adapter/http/token.ts';
import { CRASH_POINTS, type CrashPoint } from '../../adapter/ops/crash-point.ts';
import { silentLog } from '../../adapter/ports/log.ts';
import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import { openStore } from '../../adapter/store/open-store.ts';
import { startSandbox, type Sandbox } from '../../plugins/sandbox/index.ts';
import { embeddedStore, postgresStore } from './campaign-store.ts';
import { freePort } from '../support/free-port.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { caseOf, HisWindow, LOAD_DRUG, type Told } from './hospital-load.ts';

export interface CampaignOptions {
  readonly seed: number;
  readonly kills: number;
  /** `sqlite` unless told; on PostgreSQL every third round kills the server or one of its sessions too, under the same load */
  readonly store?: 'sqlite' | 'postgres';
  readonly windows: number;
  /** patient cases told in the last, undisturbed run, beside what is left over */
  readonly cases?: number;
  /** share of platform replies that are lost after the commit */
  readonly lostReplies: number;
  readonly say: (line: string) => void;
}

export interface CampaignResult {
  readonly seed: number;
  readonly kills: number;
  /** times the database server, or a session of it, was killed beside */
  readonly serverKills: Readonly<Record<string, number>>;
  /** times each numbered point was where the process died */
  readonly pointsHit: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  readonly refused: number;
  /** acknowledged events that are not on file */
  readonly lost: readonly string[];
  /** refused records that are not in quarantine */
  readonly droppedSilently: readonly string[];
  /** reports counted more than once at a platform, or codes that arrived twice as new */
  readonly doubled: readonly string[];
  /** reports whose own ledger and platform disagree */
  readonly unequal: readonly string[];
  /** deliveries that did not end by themselves */
  readonly unsettled: readonly string[];
  readonly reports: number;
  /** replies of the platforms that were lost after the commit */
  readonly repliesLost: number;
  readonly seconds: number;
}

const INSTITUTION = 'H35010200001';
const DAY = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);

/**
 * Kills the real service with SIGKILL again and again under load, half of the times exactly at a numbered crash point, and
 * counts at the platforms afterwards: every acknowledged event reported once, none lost, none doubled.
 */
export async function crashCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const started = Date.now();
  const random = seededRandom(options.seed);
  const folder = mkdtempSync(join(tmpdir(), 'his-trace-campaign-'));
  const sandbox = await startSandbox({
    mah: { partners: 'any-name', processing: { uploadedMs: 20, doneMs: 60 } },
    faults: { seed: options.seed, rules: [{ effect: 'dropReplyAfterCommit', probability: options.lostReplies, operation: ['3502*', '3503*', '3505*', '3506*', 'uploadretail', 'uploadinoutbill'] }] },
  });
  const ports = { http: await freePort(), mllp: await freePort() };
  const place = options.store === 'postgres' ? await postgresStore() : embeddedStore(folder);
  writeFileSync(join(folder, 'his-trace.yaml'), configuration(place.url, ports, sandbox));
  const store = await openStore(place.url, { log: silentLog });
  try {
    await saveDrugs(store, INSTITUTION, [LOAD_DRUG], Date.now());
    const { token } = await createToken(store, { institution: '*', name: 'campaign', role: 'his', now: Date.now(), expiresAt: Date.now() + 86_400_000 });
    const his = new Hospital();
    const hits = new Map<string, number>();
    const serverKills: Record<string, number> = {};
    let kills = 0;
    let deaths = 0;
    for (let round = 0; kills < options.kills && round < options.kills * 3; round += 1) {
      const point = round % 2 === 0 ? leastHit(hits) : undefined;
      const service = startService(folder, sandbox, point === undefined ? undefined : `${point}:${String(1 + Math.floor(random() * 8))}`);
      const windows = Array.from({ length: options.windows }, () => new HisWindow({ ...ports, token }));
      const load = his.keepTelling(windows, service.ended);
      // the clock of a random kill starts with the first answer, so that it falls into the work and not into the start
      const death = round % 3 === 1 ? place.deaths[deaths % Math.max(1, place.deaths.length)] : undefined;
      let dying: Promise<void> = Promise.resolve();
      await Promise.race([service.ended, his.firstAnswer().then(async () => {
        await delay(point === undefined ? 100 + random() * 900 : 6_000);
        if (death === undefined) return;
        deaths += 1;
        serverKills[death] = (serverKills[death] ?? 0) + 1;
        dying = place.kill(death);
        await dying;
        // the adapter has to find its way back to the store before it dies as well
        await Promise.race([service.ended, his.firstAnswer().then(() => delay(300)), delay(10_000)]);
      }), delay(40_000)]);
      const atPoint = service.child.signalCode === 'SIGKILL';
      if (!atPoint) service.child.kill('SIGKILL');
      await service.ended;
      await dying;
      await load;
      for (const window of windows) window.close();
      kills += 1;
      if (atPoint && point !== undefined) hits.set(point, (hits.get(point) ?? 0) + 1);
      if (kills % 10 === 0) options.say(`${String(kills)} kills, ${String(hits.size)} of ${String(CRASH_POINTS.length)} points hit, ${String(his.taken.size)} acknowledged`);
    }
    // the last run: nothing kills it; the HIS sends again what was never answered, then everything has to settle by itself
    const service = startService(folder, sandbox, undefined);
    await his.finish(Array.from({ length: options.windows }, () => new HisWindow({ ...ports, token })), options.cases ?? 0);
    // on PostgreSQL another process may live: what a dead one held is taken up when its leases have run out
    await waitSettled(store, options.store === 'postgres' ? 420_000 : 240_000);
    service.child.kill('SIGTERM');
    await service.ended;
    return { seed: options.seed, kills, serverKills, pointsHit: Object.fromEntries(hits), repliesLost: Object.values(sandbox.faults.applied).reduce((sum, times) => sum + times, 0), seconds: Math.round((Date.now() - started) / 1_000), ...await verify(store, sandbox, his) };
  } finally {
    await store.close();
    await place.close();
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function leastHit(hits: ReadonlyMap<string, number>): CrashPoint {
  return [...CRASH_POINTS].sort((a, b) => (hits.get(a) ?? 0) - (hits.get(b) ?? 0))[0] ?? CRASH_POINTS[0];
}

/** What the HIS still has to tell, what was acknowledged, what was refused. */
class Hospital {
  readonly taken = new Set<string>();
  readonly refused = new Set<string>();
  #waiting: Told[] = [];
  #next = 0;
  #answered: () => void = () => undefined;

  /** resolves with the next answer of any kind */
  firstAnswer(): Promise<void> {
    return new Promise((resolve) => { this.#answered = resolve; });
  }

  /** Each window tells one thing after the other until the service is gone; what was not answered is told again later. */
  async keepTelling(windows: readonly HisWindow[], gone: Promise<void>): Promise<void> {
    let running = true;
    void gone.then(() => { running = false; });
    await Promise.all(windows.map(async (window) => {
      while (running) {
        const told = this.#take();
        if (!await this.#tell(window, told)) await delay(40);
      }
    }));
  }

  /** Tells what is left over and `cases` more, until everything was answered. */
  async finish(windows: readonly HisWindow[], cases: number): Promise<void> {
    for (let at = 0; at < cases; at += 1) this.#waiting.push(...caseOf(this.#next++, DAY));
    const until = Date.now() + 240_000;
    await Promise.all(windows.map(async (window) => {
      for (let told = this.#waiting.shift(); told !== undefined && Date.now() < until; told = this.#waiting.shift()) {
        if (!await this.#tell(window, told)) await delay(20);
      }
      window.close();
    }));
    if (this.#waiting.length > 0) throw new Error(`${String(this.#waiting.length)} events were never answered`);
  }

  async #tell(window: HisWindow, told: Told): Promise<boolean> {
    if (!told.after.every((id) => this.taken.has(id))) { this.#waiting.push(told); return false; }
    const answer = await window.tell(told);
    if (answer === 'lost') { this.#waiting.unshift(told); return false; }
    this.#answered();
    (answer === 'taken' ? this.taken : this.refused).add(told.id);
    if (told.bad !== (answer === 'refused')) throw new Error(`${told.id} was ${answer}`);
    return true;
  }

  #take(): Told {
    const told = this.#waiting.shift();
    if (told !== undefined) return told;
    this.#waiting.push(...caseOf(this.#next++, DAY));
    return this.#take();
  }
}

interface RunningService { readonly child: ChildProcess; readonly ended: Promise<void> }

function startService(folder: string, sandbox: Sandbox, crashAt: string | undefined): RunningService {
  const main = new URL('../../dist/adapter/main.js', import.meta.url).pathname;
  const child = spawn(process.execPath, [main, 'start', '--json', '--config', join(folder, 'his-trace.yaml')], {
    env: { ...process.env, NHSA_TOKEN: sandbox.insurance.paasToken, TOP_SECRET: sandbox.mah.appSecret, ...(crashAt === undefined ? {} : { HIS_TRACE_CRASH_AT: crashAt }) },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  return { child, ended: new Promise((resolve) => { child.once('exit', () => { resolve(); }); }) };
}

function configuration(storeUrl: string, ports: { readonly http: number; readonly mllp: number }, sandbox: Sandbox): string {
  return `role: hospital
institutions:
  - { code: ${INSTITUTION}, name: 示范医院, region: "350102", level: 3, mah: { entId: "${sandbox.mah.entId}", refEntId: "${sandbox.mah.refEntId}" } }
store: { url: "${storeUrl}" }
http: { host: 127.0.0.1, port: ${String(ports.http)} }
sources:
  his: { connector: his-hl7v2, mapping: standard, host: 127.0.0.1, port: ${String(ports.mllp)}, charset: auto }
destinations:
  insurance: { connector: nhsa, transport: rest, baseUrl: "${sandbox.insurance.url}", paasId: "${sandbox.insurance.paasId}", paasToken: "\${NHSA_TOKEN}", operator: { type: "1", code: "001", name: 系统 } }
  mah: { connector: mah-alihealth, gateway: "${sandbox.mah.url}", appKey: "${sandbox.mah.appKey}", appSecret: "\${TOP_SECRET}", rate: { uploadsPerSecond: 200, queriesPerSecond: 400 } }
log: { level: error }
`;
}

const OPEN = `SELECT d.destination, d.operation, d.report_key, d.state, d.reason, d.detail FROM delivery d WHERE d.state NOT IN ('accepted', 'duplicate', 'not-owed', 'withdrawn')`;

async function waitSettled(store: SqlDriver, timeoutMs: number): Promise<void> {
  const until = Date.now() + timeoutMs;
  while (Date.now() < until && (await store.read((q) => q.get(`${OPEN} AND d.state NOT IN ('rejected', 'needs-attention') LIMIT 1`))) !== undefined) await delay(250);
}

async function verify(store: SqlDriver, sandbox: Sandbox, his: Hospital): Promise<Pick<CampaignResult, 'acknowledged' | 'refused' | 'lost' | 'droppedSilently' | 'doubled' | 'unequal' | 'unsettled' | 'reports'>> {
  const onFile = new Set((await store.read((q) => q.all<{ event_id: string }>('SELECT event_id FROM event'))).map((row) => row.event_id));
  const kept = new Set((await store.read((q) => q.all<{ control_id: string }>(`SELECT control_id FROM record WHERE state = 'quarantined'`))).map((row) => row.control_id));
  const sent = await store.read((q) => q.all<{ destination: string; operation: string; report_key: string }>(`SELECT destination, operation, report_key FROM delivery WHERE state IN ('accepted', 'duplicate')`));
  const open = await store.read((q) => q.all<{ destination: string; operation: string; report_key: string; state: string; reason: string | null; detail: string | null }>(OPEN));
  const counted = new Map<string, number>();
  for (const entry of sandbox.insuranceBook.entries) count(counted, `insurance ${entry.key}`);
  for (const entry of sandbox.mahBook.entries) count(counted, `mah ${entry.key}`);
  const ours = new Set(sent.map((row) => `${row.destination} ${row.report_key}`));
  return {
    acknowledged: his.taken.size, refused: his.refused.size, reports: sent.length,
    lost: [...his.taken].filter((id) => !onFile.has(id)),
    droppedSilently: [...his.refused].filter((id) => !kept.has(id)),
    doubled: [...[...counted].filter(([, times]) => times > 1).map(([key]) => key), ...sandbox.insuranceBook.doubleKeys, ...sandbox.mahBook.doubleKeys, ...sandbox.insuranceBook.doubleCodes, ...sandbox.mahBook.doubleCodes],
    unequal: [...[...ours].filter((key) => !counted.has(key)).map((key) => `only here: ${key}`), ...[...counted.keys()].filter((key) => !ours.has(key)).map((key) => `only there: ${key}`)],
    unsettled: open.map((row) => `${row.destination} ${row.operation} ${row.report_key} ${row.state} ${row.reason ?? ''} ${row.detail ?? ''}`),
  };
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, ms); });
}
