import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'mocha';
import pg from 'pg';
import { saveDrugs } from '../../adapter/catalogue/drug-store.ts';
import type { Drug } from '../../adapter/domain/drug.ts';
import { silentLog } from '../../adapter/ports/log.ts';
import { openStore } from '../../adapter/store/open-store.ts';
import { openSqlite } from '../../adapter/store/sqlite/driver.ts';
import { freePort } from '../support/free-port.ts';
import { postgresOrSkip } from '../support/postgres.ts';

export interface RowPullOptions {
  readonly rows: number;
  /** rows of one event; an event is one document of the HIS */
  readonly rowsPerEvent: number;
  /** two platforms that refuse connections, as on a day when the line is down; without: pulled, mapped and stored only */
  readonly destinations: boolean;
  readonly settings?: string;
}

const LONGEST_MS = 600_000;

/**
 * The product (dist/) pulls rows from a real PostgreSQL through his-postgres into its SQLite store: the time from the first stored
 * event to the last, the peak of its resident memory. Prints one JSON object.
 */
export async function benchRowPull(options: RowPullOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'his-trace-rows-'));
  const server = await postgresOrSkip({ timeout: () => undefined, skip: () => { throw new Error('PostgreSQL cannot run here'); } } as unknown as Context);
  const database = await server.createDatabase();
  let child: ChildProcess | undefined;
  try {
    const store = join(folder, 'store.db');
    const events = await fillHis(database.url, options);
    writeFileSync(join(folder, 'his-trace.yaml'), configuration({ http: await freePort(), store, options }));
    await importDrugs(store);
    const started = performance.now();
    child = await startProduct(folder, database.url);
    const { first, last } = await waitForEvents(store, events, child);
    const stored = await count(store);
    const seconds = (last - first) / 1_000;
    process.stdout.write(`${JSON.stringify({
      bench: 'row-pull', ...options, events, stored, startSeconds: Number(((first - started) / 1_000).toFixed(2)), seconds: Number(seconds.toFixed(2)),
      rowsPerSecond: Math.round(options.rows / seconds), eventsPerSecond: Math.round(events / seconds), cpuMicrosPerRow: Math.round(cpuMicros(child) / options.rows), peakRssMb: peakRss(child), met: options.rows / seconds >= 5_000 && peakRss(child) < 300,
    }, undefined, 2)}\n`);
  } finally {
    child?.kill('SIGTERM');
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns how many events the rows make */
async function fillHis(url: string, { rows, rowsPerEvent }: RowPullOptions): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE TABLE lines ("ROW_ID" bigint PRIMARY KEY, "EVENT_ID" varchar(40), "CHANGED_AT" timestamp, "EVENT_KIND" varchar(20), "OCCURRED_AT" timestamp, "DRUG_CODE" varchar(40), "DRUG_NAME" varchar(80),
    "QUANTITY" numeric(14,4), "UNIT" varchar(20), "TRACE_CODES" text, "PRESCRIPTION_NO" varchar(40), "VISIT_NO" varchar(40), "LOCATION" varchar(40), "OPERATOR_CODE" varchar(20), "LOT" varchar(40), "EXPIRES_ON" date)`);
  await client.query(`INSERT INTO lines SELECT n, 'FY' || lpad(CAST((n - 1) / $2::int AS text), 8, '0'), timestamp '2026-11-22 08:00:00' + ((n - 1) / $2::int) * interval '50 milliseconds', 'dispense', timestamp '2026-11-22 08:00:00' + ((n - 1) / $2::int) * interval '50 milliseconds',
    'YP0000' || (1 + n % 2), '演示药品', 1, '盒', '8999001' || lpad(CAST(n AS text), 9, '0') || '0001', 'CF' || (n - 1) / $2::int, 'V' || (n - 1) / $2::int, '西药房', '8801', 'A2401', date '2027-12-31' FROM generate_series(1, $1::int) n`, [rows, rowsPerEvent]);
  await client.query('CREATE INDEX ON lines ("CHANGED_AT", "EVENT_ID"); CREATE INDEX ON lines ("EVENT_ID", "ROW_ID"); ANALYZE lines');
  const counted = await client.query<{ n: string }>('SELECT count(DISTINCT "EVENT_ID") AS n FROM lines');
  await client.end();
  return Number(counted.rows[0]?.n);
}

function configuration({ http, store, options }: { readonly http: number; readonly store: string; readonly options: RowPullOptions }): string {
  const destinations = `destinations:
  insurance: { connector: nhsa, transport: rest, baseUrl: "http://127.0.0.1:9", paasId: bench, paasToken: "\${BENCH_SECRET}", operator: { type: "1", code: "001", name: 系统 } }
  mah: { connector: mah-alihealth, gateway: "http://127.0.0.1:9/router/rest", appKey: "1", appSecret: "\${BENCH_SECRET}" }
`;
  return `role: hospital
institutions:
  - { code: H35010200001, name: 示范医院, region: "350102", level: 3, mah: { entId: "E1", refEntId: "R1" } }
store: { url: "file:${store}" }
http: { host: 127.0.0.1, port: ${String(http)} }
sources:
  his-db: { connector: his-postgres, mapping: standard, connection: "\${HIS_DB}", view: lines, startAt: beginning${options.settings === undefined ? '' : `, ${options.settings}`} }
${options.destinations ? destinations : ''}log: { level: error }
`;
}

async function importDrugs(path: string): Promise<void> {
  const driver = await openStore(`file:${path}`, { log: silentLog });
  const drug = (id: string): Drug => ({ drug: id, name: `演示药品${id}`, manufacturer: '演示制药', approvalNo: '国药准字H20260001', medListCode: 'XA01ABD075A002010100001', rxFlag: '1', packUnit: '盒', smallestUnit: '片', unitsPerPack: 24, prefixUnit: '8999001' });
  await saveDrugs(driver, 'H35010200001', [drug('YP00001'), drug('YP00002')], Date.now());
  await driver.close();
}

function startProduct(folder: string, database: string): Promise<ChildProcess> {
  const main = new URL('../../dist/adapter/main.js', import.meta.url).pathname;
  const child = spawn(process.execPath, [main, 'start', '--json', '--config', join(folder, 'his-trace.yaml')], { env: { ...process.env, BENCH_SECRET: 'synthetic', HIS_DB: database }, stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => { text += chunk.toString(); if (text.includes('"ready"')) resolve(child); });
    child.once('exit', (code) => { reject(new Error(`the service ended with ${String(code)}: ${text}`)); });
  });
}

interface Counted { readonly events: number; readonly lines: number; readonly quarantined: number }

async function waitForEvents(store: string, events: number, child: ChildProcess): Promise<{ readonly first: number; readonly last: number }> {
  const driver = openSqlite({ path: store });
  const until = performance.now() + LONGEST_MS;
  try {
    for (let first: number | undefined; ;) {
      const seen = (await driver.read((q) => q.get<{ n: number }>('SELECT COUNT(*) AS n FROM event')))?.n ?? 0;
      const now = performance.now();
      if (seen > 0) first ??= now;
      if (seen >= events) return { first: first ?? now, last: now };
      if (now > until || child.exitCode !== null) throw new Error(`only ${String(seen)} of ${String(events)} events were stored`);
      await sleep(first === undefined ? 20 : 250);
    }
  } finally {
    await driver.close();
  }
}

async function count(store: string): Promise<Counted | undefined> {
  const driver = openSqlite({ path: store });
  try {
    return await driver.read((q) => q.get<Counted & Readonly<Record<string, number>>>(`SELECT (SELECT COUNT(*) FROM event) AS events, (SELECT COUNT(*) FROM event_line) AS lines, (SELECT COUNT(*) FROM record WHERE state = 'quarantined') AS quarantined`));
  } finally {
    await driver.close();
  }
}

/** @returns processor time of the service so far, all threads, its start included: on a busy machine this says more than the clock */
function cpuMicros(child: ChildProcess): number {
  const fields = readFileSync(`/proc/${String(child.pid)}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** @returns the most memory the service ever held, in MB, as the kernel counts it */
function peakRss(child: ChildProcess): number {
  const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${String(child.pid)}/status`, 'latin1'))?.[1];
  return Math.round(Number(kilobytes) / 1_024);
}
