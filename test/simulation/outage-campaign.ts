import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { saveDrugs } from '../../adapter/catalogue/drug-store.ts';
import { loadConfig } from '../../adapter/config/load.ts';
import { createService, type Parts, type Service } from '../../adapter/context.ts';
import { DEFAULT_RETRY } from '../../adapter/delivery/retry-policy.ts';
import { chinaDate } from '../../adapter/domain/china-time.ts';
import { createToken } from '../../adapter/http/token.ts';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { DestinationConnector } from '../../adapter/ports/destination.ts';
import { silentLog } from '../../adapter/ports/log.ts';
import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import { openStore } from '../../adapter/store/open-store.ts';
import { interpretJson, INTERPRETER, readEvents } from '../../connectors/his-rest/index.ts';
import { destinations } from '../../connectors/registry.ts';
import { startSandbox, type Sandbox } from '../../plugins/sandbox/index.ts';
import { freePort } from '../support/free-port.ts';
import { BrokenLine, type LineState } from './broken-line.ts';
import { caseOf, HisWindow, LOAD_DRUG, type Told } from './hospital-load.ts';

export interface OutageOptions {
  /** events told while the platforms are away */
  readonly events: number;
  /** how long each kind of outage lasts, in minutes of the product's clock */
  readonly minutes: number;
  /** how much faster the product's clock runs than the real one */
  readonly speed: number;
  readonly say: (line: string) => void;
}

export interface OutageResult {
  readonly events: number;
  readonly reports: number;
  /** calls of each destination in each phase, and how many the back-off allows */
  readonly calls: Readonly<Record<string, number>>;
  readonly allowed: number;
  /** destination and phase in which more calls were made than the back-off allows */
  readonly hammered: readonly string[];
  /** events that were not acknowledged although the platforms have nothing to do with that */
  readonly notTaken: readonly string[];
  readonly doubled: readonly string[];
  /** deliveries here and entries there that do not match */
  readonly unequal: readonly string[];
  readonly unsettled: readonly string[];
  readonly seconds: number;
}

const INSTITUTION = 'H35010200001';
const OUTAGE: readonly Exclude<LineState, 'open'>[] = ['refused', 'silent', 'gateway-page'];
/** of a call on a silent line, real time */
const CALL_TIMEOUT_MS = 500;

/**
 * Both platforms are away for a long time, in three ways one after the other, while the HIS goes on. Afterwards everything has to
 * be reported once, without anybody doing anything, and the platforms must not have been hammered meanwhile.
 */
export async function outageCampaign(options: OutageOptions): Promise<OutageResult> {
  const started = Date.now();
  const clock = quickClock(options.speed);
  const folder = mkdtempSync(join(tmpdir(), 'his-trace-outage-'));
  const sandbox = await startSandbox({ now: () => clock.now(), mah: { partners: 'any-name', processing: { uploadedMs: 20, doneMs: 60 } } });
  const lines = { insurance: new BrokenLine(sandbox.insurance.url), mah: new BrokenLine(sandbox.mah.url) };
  for (const line of Object.values(lines)) await line.start();
  const calls = new Map<string, number>();
  let phase: LineState = 'open';
  const store = await openStore(`file:${join(folder, 'store.db')}`, { log: silentLog });
  const service = serviceOn(store, { clock, sandbox, lines, http: await freePort(), called: (name) => { calls.set(`${name} ${phase}`, (calls.get(`${name} ${phase}`) ?? 0) + 1); } });
  try {
    await saveDrugs(store, INSTITUTION, [LOAD_DRUG], clock.now());
    const { token } = await createToken(store, { institution: '*', name: 'campaign', role: 'his', now: clock.now(), expiresAt: clock.now() + 30 * 86_400_000 });
    await service.start();
    const told = eventsToTell(options.events, chinaDate(clock.now()));
    const window = new HisWindow({ http: Number(new URL(service.http.address()).port), mllp: 0, token });
    const notTaken: string[] = [];
    const share = Math.ceil(told.length / OUTAGE.length);
    for (const [at, state] of OUTAGE.entries()) {
      await Promise.all(Object.values(lines).map((line) => line.become(state)));
      phase = state;
      options.say(`${state}: ${String(options.minutes)} minutes`);
      const until = clock.now() + options.minutes * 60_000;
      for (const one of told.slice(at * share, (at + 1) * share)) if (await window.tell(one) !== 'taken') notTaken.push(one.id);
      while (clock.now() < until) await delay(20);
    }
    phase = 'open';
    await Promise.all(Object.values(lines).map((line) => line.become('open')));
    await waitSettled(store, 120_000);
    const allowed = callsAllowed(options);
    return {
      events: told.length, notTaken, seconds: Math.round((Date.now() - started) / 1_000), allowed, calls: Object.fromEntries(calls),
      hammered: [...calls].filter(([name, count]) => !name.endsWith(' open') && count > allowed).map(([name, count]) => `${name}: ${String(count)}`),
      ...await compare(store, sandbox),
    };
  } finally {
    await service.stop();
    await store.close();
    for (const line of Object.values(lines)) await line.stop();
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A clock that runs `speed` times as fast as the real one. */
function quickClock(speed: number): Clock {
  const from = Date.now();
  return { now: () => Math.floor(from + (Date.now() - from) * speed), sleep: async (ms, signal) => { await delay(ms / speed, undefined, signal === undefined ? {} : { signal }); } };
}

/**
 * One call at a time, each followed by a pause that doubles up to its cap and may be a fifth shorter: what fits into the phase,
 * and what was under way when it began (a call for each place of the destination, and three lost replies before it is an outage).
 */
function callsAllowed({ minutes }: OutageOptions): number {
  const { baseBackOffMs, maxBackOffMs } = DEFAULT_RETRY;
  return Math.ceil(Math.log2(maxBackOffMs / baseBackOffMs)) + Math.ceil((minutes * 60_000) / (maxBackOffMs * 0.8)) + 8;
}

function eventsToTell(events: number, day: string): Told[] {
  const told: Told[] = [];
  for (let n = 0; told.length < events; n += 1) told.push(...caseOf(n, day).filter((one) => one.via === 'rest' && !one.bad));
  return told;
}

interface ServiceOptions {
  readonly clock: Clock;
  readonly sandbox: Sandbox;
  readonly lines: { readonly insurance: BrokenLine; readonly mah: BrokenLine };
  readonly http: number;
  readonly called: (destination: string) => void;
}

function serviceOn(driver: SqlDriver, options: ServiceOptions): Service {
  const { sandbox, lines } = options;
  const parts: Parts = { sources: [], destinations: destinations.map((connector) => counting(connector, options.called)), mappings: [], rest: { interpreter: INTERPRETER, read: readEvents }, interpretRest: interpretJson };
  const timeout = `"${String(CALL_TIMEOUT_MS)}ms"`;
  const text = `role: hospital
institutions:
  - { code: ${INSTITUTION}, name: 示范医院, region: "350102", level: 3, mah: { entId: "${sandbox.mah.entId}", refEntId: "${sandbox.mah.refEntId}" } }
store: { url: "file:unused.db" }
http: { host: 127.0.0.1, port: ${String(options.http)} }
destinations:
  insurance: { connector: nhsa, transport: rest, baseUrl: "${lines.insurance.url}", paasId: "${sandbox.insurance.paasId}", paasToken: "\${NHSA_TOKEN}", operator: { type: "1", code: "001", name: 系统 }, timeouts: { connect: ${timeout}, reply: ${timeout} } }
  mah: { connector: mah-alihealth, gateway: "${lines.mah.url}", appKey: "${sandbox.mah.appKey}", appSecret: "\${TOP_SECRET}", rate: { uploadsPerSecond: 200, queriesPerSecond: 400 }, connectTimeout: ${timeout}, uploadTimeout: ${timeout}, queryTimeout: ${timeout} }
log: { level: error }
`;
  const loaded = loadConfig(text, { env: { NHSA_TOKEN: sandbox.insurance.paasToken, TOP_SECRET: sandbox.mah.appSecret }, readFile: () => '', parts });
  if (loaded.ok === undefined) throw new Error(loaded.problems.map((problem) => `${problem.path} ${problem.reason}`).join('; '));
  return createService({ config: loaded.ok, parts, driver, log: silentLog, alone: true, overrides: { clock: options.clock } });
}

/** The connector, with its calls counted: questions and reports alike. */
function counting(connector: DestinationConnector, called: (destination: string) => void): DestinationConnector {
  return {
    ...connector,
    create: (deps) => {
      const destination = connector.create(deps);
      const send = destination.send.bind(destination);
      const ask = destination.ask.bind(destination);
      return Object.assign(destination, {
        send: (...given: Parameters<typeof send>) => { called(destination.name); return send(...given); },
        ask: (...given: Parameters<typeof ask>) => { called(destination.name); return ask(...given); },
      });
    },
  };
}

const OPEN = `SELECT destination, operation, report_key, state, reason, detail FROM delivery WHERE state NOT IN ('accepted', 'duplicate', 'not-owed', 'withdrawn')`;

async function waitSettled(store: SqlDriver, timeoutMs: number): Promise<void> {
  const until = Date.now() + timeoutMs;
  while (Date.now() < until && (await store.read((q) => q.get(`${OPEN} AND state NOT IN ('rejected', 'needs-attention') LIMIT 1`))) !== undefined) await delay(100);
}

async function compare(store: SqlDriver, sandbox: Sandbox): Promise<Pick<OutageResult, 'reports' | 'doubled' | 'unequal' | 'unsettled'>> {
  const sent = await store.read((q) => q.all<{ destination: string; report_key: string }>(`SELECT destination, report_key FROM delivery WHERE state IN ('accepted', 'duplicate')`));
  const open = await store.read((q) => q.all<{ destination: string; operation: string; report_key: string; state: string; reason: string | null; detail: string | null }>(OPEN));
  const here = new Set(sent.map((row) => `${row.destination} ${row.report_key}`));
  const there = [...sandbox.insuranceBook.entries.map((entry) => `insurance ${entry.key}`), ...sandbox.mahBook.entries.map((entry) => `mah ${entry.key}`)];
  const once = new Set(there);
  return {
    reports: sent.length,
    doubled: [...there.filter((key, at) => there.indexOf(key) !== at), ...sandbox.insuranceBook.doubleKeys, ...sandbox.mahBook.doubleKeys, ...sandbox.insuranceBook.doubleCodes, ...sandbox.mahBook.doubleCodes],
    unequal: [...[...here].filter((key) => !once.has(key)).map((key) => `only here: ${key}`), ...[...once].filter((key) => !here.has(key)).map((key) => `only there: ${key}`)],
    unsettled: open.map((row) => `${row.destination} ${row.operation} ${row.report_key} ${row.state} ${row.reason ?? ''} ${row.detail ?? ''}`),
  };
}
