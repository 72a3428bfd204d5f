import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveDrugs } from '../../adapter/catalogue/drug-store.ts';
import type { Drug } from '../../adapter/domain/drug.ts';
import { silentLog } from '../../adapter/ports/log.ts';
import { openStore } from '../../adapter/store/open-store.ts';
import { openSqlite } from '../../adapter/store/sqlite/driver.ts';
import { freePort } from '../support/free-port.ts';
import { groupCommitLimit, type RowsPerMessage } from './group-commit-limit.ts';
import { mllpLoad, type LoadResult } from './mllp-load.ts';
import { rdsMessage } from './rds-message.ts';

const ROUNDS = 3;
const SECONDS = 4;

/**
 * Durable intake at 16 (and 4) MLLP connections, against what this machine's disk and this store's tables allow at best, and
 * against a server that only acknowledges. All in one run, interleaved, because the cost of an fsync changes from minute to
 * minute. Prints one JSON object.
 */
export async function benchIngest(options: { readonly connections: number }): Promise<void> {
  const { connections } = options;
  const folder = mkdtempSync(join(tmpdir(), 'his-trace-bench-'));
  const port = await freePort();
  const children: ChildProcess[] = [];
  try {
    const store = join(folder, 'store.db');
    writeFileSync(join(folder, 'his-trace.yaml'), configuration({ port, http: await freePort(), store }));
    await importDrugs(store);
    children.push(await startProduct(folder));
    const noop = await startNoop();
    children.push(noop.child);
    let next = 1;
    const make = (): Buffer => rdsMessage(next++);
    await mllpLoad({ host: '127.0.0.1', port }, { connections, seconds: 5, make }); // warm-up
    const product: LoadResult[] = [];
    const ack: LoadResult[] = [];
    const limit: number[] = [];
    const cpu: number[] = [];
    const measured = await rowsPerMessage(store, make().length);
    const cpuSoFar = cpuOf(children[0]);
    for (let round = 0; round < ROUNDS; round += 1) {
      limit.push(await groupCommitLimit(measured, { waiting: connections, seconds: SECONDS }));
      const before = cpuSoFar();
      product.push(await mllpLoad({ host: '127.0.0.1', port }, { connections, seconds: SECONDS, make }));
      cpu.push(Math.round((cpuSoFar() - before) / (product.at(-1)?.messages ?? 1)));
      ack.push(await mllpLoad({ host: '127.0.0.1', port: noop.port }, { connections, seconds: SECONDS, make }));
    }
    const best = median(product.map((result) => result.perSecond));
    const bound = median(limit);
    const target = Math.min(1_500, Math.round(bound * 0.6));
    process.stdout.write(`${JSON.stringify({
      bench: 'ingest', connections, messageBytes: rdsMessage(1).length, rowsPerMessage: measured,
      product: product, groupCommitLimitPerSecond: limit, noopAck: ack,
      summary: {
        perSecond: best, p50Ms: median(product.map((result) => result.p50Ms)), p99Ms: median(product.map((result) => result.p99Ms)), limitPerSecond: bound, noopPerSecond: median(ack.map((result) => result.perSecond)),
        shareOfLimit: Number((best / bound).toFixed(2)), target, met: best >= target, cpuMicrosPerMessage: median(cpu), refused: product.reduce((sum, result) => sum + result.refused, 0),
      },
    }, undefined, 2)}\n`);
  } finally {
    for (const child of children) child.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Destinations that refuse connections: the reports are filed and tried, as on a day when the line is down. */
function configuration(ports: { readonly port: number; readonly http: number; readonly store: string }): string {
  return `role: hospital
institutions:
  - { code: H35010200001, name: 示范医院, region: "350102", level: 3, mah: { entId: "E1", refEntId: "R1" } }
store: { url: "file:${ports.store}" }
http: { host: 127.0.0.1, port: ${String(ports.http)} }
sources:
  his-hl7: { connector: his-hl7v2, mapping: standard, host: 127.0.0.1, port: ${String(ports.port)}, charset: auto }
destinations:
  insurance: { connector: nhsa, transport: rest, baseUrl: "http://127.0.0.1:9", paasId: bench, paasToken: "\${BENCH_SECRET}", operator: { type: "1", code: "001", name: 系统 }, optionalFields: ["3505.manu_date"] }
  mah: { connector: mah-alihealth, gateway: "http://127.0.0.1:9/router/rest", appKey: "1", appSecret: "\${BENCH_SECRET}" }
log: { level: error }
`;
}

async function importDrugs(path: string): Promise<void> {
  const driver = await openStore(`file:${path}`, { log: silentLog });
  const drug = (id: string, prefix: string): Drug => ({ drug: id, name: `演示药品${id}`, manufacturer: '演示制药', approvalNo: '国药准字H20260001', medListCode: 'XA01ABD075A002010100001', rxFlag: '1', packUnit: '盒', smallestUnit: '片', unitsPerPack: 24, prefixUnit: prefix });
  await saveDrugs(driver, 'H35010200001', [drug('YP00001', '8999001'), drug('YP00002', '8999001')], Date.now());
  await driver.close();
}

function startProduct(folder: string): Promise<ChildProcess> {
  const main = new URL('../../dist/adapter/main.js', import.meta.url).pathname;
  const child = spawn(process.execPath, [main, 'start', '--json', '--config', join(folder, 'his-trace.yaml')], { env: { ...process.env, BENCH_SECRET: 'synthetic' }, stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => { text += chunk.toString(); if (text.includes('"ready"')) resolve(child); });
    child.once('exit', (code) => { reject(new Error(`the service ended with ${String(code)}: ${text}`)); });
  });
}

function startNoop(): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, ['--import', 'tsx', new URL('./noop-server.ts', import.meta.url).pathname], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => { resolve({ child, port: Number(chunk.toString().trim()) }); });
    child.once('exit', (code) => { reject(new Error(`no-op server ended with ${String(code)}`)); });
  });
}

/** Counts what the product really wrote for one message (the first: nothing it touches was there before). */
async function rowsPerMessage(store: string, recordBytes: number): Promise<RowsPerMessage> {
  const driver = openSqlite({ path: store });
  const of = (what: string, table: string): string => `(SELECT ${what} FROM ${table} t WHERE t.event_no = e.event_no)`;
  const bytes = (...columns: string[]): string => `COALESCE(SUM(${columns.map((column) => `LENGTH(CAST(COALESCE(${column}, '') AS BLOB))`).join(' + ')}), 0)`;
  try {
    const row = await driver.read((q) => q.get<Omit<RowsPerMessage, 'recordBytes'>>(`SELECT ${of('COUNT(*)', 'event_line')} AS lines, ${of('COUNT(DISTINCT code)', 'code_event')} AS codes,
      ${of('COUNT(*)', 'code_event')} AS moves, ${of('COUNT(*)', 'delivery')} AS deliveries, ${of('COUNT(*)', 'finding')} AS findings, LENGTH(CAST(e.body AS BLOB)) AS "eventBytes",
      ${of(bytes('covers', 'codes', 'detail', 'batch_key'), 'delivery')} AS "deliveryBytes", ${of(bytes('detail'), 'finding')} AS "findingBytes" FROM event e ORDER BY e.event_no LIMIT 1`));
    if (row === undefined) throw new Error('the product wrote nothing');
    return { ...row, recordBytes };
  } finally {
    await driver.close();
  }
}

/** @returns reads the processor time of the service so far, all threads, in microseconds; 0 where the system does not tell */
function cpuOf(child: ChildProcess | undefined): () => number {
  return () => {
    try {
      const fields = readFileSync(`/proc/${String(child?.pid)}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) * 10_000;
    } catch {
      return 0;
    }
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
