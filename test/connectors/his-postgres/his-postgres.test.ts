import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect } from 'chai';
import pg from 'pg';
import { silentLog } from '../../../adapter/ports/log.ts';
import { connectionOptions } from '../../../connectors/his-postgres/connection-options.ts';
import { addressOf, targetOf } from '../../../connectors/his-postgres/connection-target.ts';
import { PostgresDatabase } from '../../../connectors/his-postgres/database.ts';
import { kindOf, postgresDialect } from '../../../connectors/his-postgres/dialect.ts';
import { postgresFault } from '../../../connectors/his-postgres/fault.ts';
import { hisPostgres } from '../../../connectors/his-postgres/index.ts';
import type { RowFault } from '../../../connectors/shared/row-pull/row-fault.ts';
import { planOf } from '../../../connectors/shared/row-pull/plan.ts';
import { within } from '../../../connectors/shared/row-pull/within.ts';
import { freePort } from '../../support/free-port.ts';
import { postgresOrSkip, type TestDatabase } from '../../support/postgres.ts';
import { INSTITUTION, KnowingIntake, makeRowSource, memoryCounters, PULL_DEFAULTS } from '../row-pull/pull-fixture.ts';

const TLS = { encrypt: 'auto', trustServerCertificate: false } as const;
const LIMITS = { connectTimeout: 2_000, readTimeout: 5_000 };
const never = new AbortController().signal;
const open = (connection: string): PostgresDatabase => new PostgresDatabase({ target: targetOf(connection)!, settings: { tls: TLS, ...LIMITS }, source: 'his', log: silentLog, load: () => Promise.resolve(pg) });
const faultOf = async (work: Promise<unknown>): Promise<RowFault> => work.then(() => { throw new Error('no fault'); }, (error: unknown) => error as RowFault);

describe('his-postgres: connection', () => {
  it('reads the usual forms of the connection setting', () => {
    expect(targetOf('postgres://trace:p%40ss@10.1.2.3:5433/his?sslmode=require')).to.deep.include({ host: '10.1.2.3', port: 5433, database: 'his', user: 'trace', password: 'p@ss', encrypt: true });
    expect(targetOf('jdbc:postgresql://h/his?user=trace&password=p&ssl=false')).to.deep.include({ host: 'h', port: 5432, user: 'trace', password: 'p', encrypt: false });
    expect(targetOf(`host=h port=5434 dbname=his user=trace password='a b\\'c'`)).to.deep.include({ host: 'h', port: 5434, database: 'his', password: `a b'c` });
    expect(targetOf('postgres://u@localhost/his?host=/run/pg')).to.deep.include({ host: '/run/pg' });
    for (const bad of ['', 'his', 'postgres://', 'postgres://h/his', 'host=h dbname=his', 'host=h; dbname=his']) expect(targetOf(bad), bad).to.equal(undefined);
  });

  it('never shows the password in its address, and says when the line is not encrypted', () => {
    const target = targetOf('postgres://u:geheim@h/his')!;
    expect(addressOf(target)).to.equal('postgres://h:5432/his');
    expect(connectionOptions(target, { tls: TLS, ...LIMITS }).warnings.join()).to.match(/not encrypted/);
    expect(connectionOptions(target, { tls: { encrypt: 'yes', trustServerCertificate: false }, ...LIMITS }).config.ssl).to.deep.equal({ rejectUnauthorized: true });
    expect(connectionOptions(target, { tls: { encrypt: 'yes', trustServerCertificate: true }, ...LIMITS }).warnings.join()).to.match(/certificate is not checked/);
  });

  it('is a network fault without the password when nothing listens', async () => {
    const db = open(`postgres://u:geheim@127.0.0.1:${String(await freePort())}/his`);
    const fault = await faultOf(db.query({ sql: 'SELECT 1', params: [] }, never));
    expect(fault.family, fault.message).to.equal('network');
    expect(fault.message).to.not.include('geheim');
    await db.close();
  });

  it('gives up on a server that takes the connection and never answers, and tries again with a new one', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => { sockets.push(socket.on('error', () => undefined)); });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const db = open(`postgres://u:p@127.0.0.1:${String((server.address() as AddressInfo).port)}/his`);
    for (let at = 0; at < 2; at += 1) expect((await faultOf(within(150, never, (signal) => db.query({ sql: 'SELECT 1', params: [] }, signal)))).family).to.equal('timeout');
    expect(sockets.length).to.equal(2);
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
  });

  it('sorts faults by code, and by the driver’s own words only where it has no code', () => {
    const family = (code: string): string => postgresFault(Object.assign(new Error('text'), { code })).family;
    expect(['57P01', 'ECONNRESET', '57014', '28P01', '42501', '42P01', '25006', '22P02', 'SELF_SIGNED_CERT_IN_CHAIN'].map(family)).to.deep.equal(['network', 'network', 'timeout', 'login', 'permission', 'missing', 'permission', 'statement', 'tls']);
    expect(postgresFault(new Error('Connection terminated unexpectedly')).family).to.equal('network');
    expect(postgresFault(new Error('The server does not support SSL connections')).family).to.equal('tls');
  });

  it('refuses what cannot work before anything is opened', async () => {
    const deps = {
      name: 'his-db', settings: { ...PULL_DEFAULTS, connection: 'nonsense', tls: TLS }, mapping: { name: 'none' }, institutions: [{ code: INSTITUTION, name: '示范医院', region: '350102' }], intake: new KnowingIntake(), counters: memoryCounters(),
      clock: { now: () => 0, sleep: () => Promise.resolve() }, log: silentLog, count: () => undefined,
    };
    expect(await hisPostgres.create(deps).start().catch((fault: unknown) => (fault as Error).message)).to.match(/connection 无法读懂/);
  });
});

describe('his-postgres: statements', () => {
  it('folds names as PostgreSQL does, and quotes what needs it', () => {
    expect(['his_trace.lines', 'HIS.Lines', '药房.发药', 'a"b'].map((name) => postgresDialect.object(name))).to.deep.equal(['"his_trace"."lines"', 'HIS.Lines', '"药房"."发药"', '"a""b"']);
  });

  it('takes only transaction numbers for versions: a sequence says nothing about commits of text or time', () => {
    const columns = (type: string) => ['EVENT_ID', 'ROW_ID'].map((name) => ({ name, type: 'INT8', kind: kindOf('INT8') })).concat([{ name: 'ROW_VER', type, kind: kindOf(type) }]);
    const settings = { ...PULL_DEFAULTS, strategy: 'xmin' } as const;
    for (const type of ['XID', 'XID8', 'INT8']) expect(planOf(settings, columns(type), [], postgresDialect.versionTypes).cursor).to.equal('version');
    for (const type of ['TIMESTAMP', 'VARCHAR', 'BYTEA', 'INT4']) expect(() => planOf(settings, columns(type), [], postgresDialect.versionTypes), type).to.throw(/ROW_VER/);
  });
});

describe('his-postgres: on a real server', function () {
  this.timeout(60_000);
  let database: TestDatabase | undefined;
  let admin: pg.Client | undefined;
  beforeEach(async function () {
    database = await (await postgresOrSkip(this)).createDatabase();
    admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
  });
  afterEach(async () => {
    await admin?.query('DROP OWNED BY CURRENT_USER').catch(() => undefined);
    await admin?.end();
    await database?.drop();
  });

  it('knows every column of a view and reads each type as text without loss', async () => {
    await admin!.query(`CREATE TYPE kind AS ENUM ('a'); CREATE DOMAIN drug AS varchar(12); CREATE TABLE t (c char(6), v varchar(40), n numeric(20), d date, s timestamp, z timestamptz, b bytea, e kind, k drug, f boolean, u uuid, r double precision);
      INSERT INTO t VALUES ('a', '药', 89999999999999999999, '2026-11-22', '2026-11-22 09:31:05.123456', '2026-11-22 01:31:05.5Z', '\\x00ff', 'a', 'YP1', true, '00000000-0000-0000-0000-000000000001', 0.1)`);
    const db = open(database!.url);
    const columns = await db.columns('t', never);
    expect(columns.map(({ name, type, kind, length }) => [name, type, kind, length].join(' ').trim())).to.deep.equal([
      'c BPCHAR text 6', 'v VARCHAR text 40', 'n NUMERIC number', 'd DATE time', 's TIMESTAMP time', 'z TIMESTAMPTZ offset-time', 'b BYTEA binary', 'e KIND other', 'k VARCHAR text 12', 'f BOOL other', 'u UUID other', 'r FLOAT8 number',
    ]);
    const sql = `SELECT ${columns.map((column) => `${db.dialect.asText(`v."${column.name}"`, column)} AS "${column.name}"`).join(', ')} FROM t v`;
    expect(await db.query({ sql, params: [] }, never)).to.deep.equal([{
      C: 'a', V: '药', N: '89999999999999999999', D: '2026-11-22', S: '2026-11-22 09:31:05.123456', Z: '2026-11-22 09:31:05.500000 +08:00', B: '00ff', E: 'a', K: 'YP1', F: 'true', U: '00000000-0000-0000-0000-000000000001', R: '0.1',
    }]);
    // and every value finds its row again
    for (const [at, column] of columns.entries()) {
      const value = (await db.query({ sql, params: [] }, never))[0]?.[column.name.toUpperCase()] ?? '';
      const left = db.dialect.comparable?.(`v."${column.name}"`, column) ?? `v."${column.name}"`;
      expect(await db.query({ sql: `SELECT '1' AS x FROM t v WHERE ${left} = ${db.dialect.bound(1, column)}`, params: [value] }, never), `${String(at)} ${column.name}`).to.have.length(1);
    }
    await db.close();
  });

  it('cannot write while it reads, whatever the account may do', async () => {
    await admin!.query('CREATE TABLE t (n int)');
    const db = open(database!.url);
    expect((await faultOf(db.query({ sql: 'INSERT INTO t VALUES (1)', params: [] }, never))).code).to.equal('25006');
    expect(await db.run({ sql: 'INSERT INTO t VALUES (1)', params: [] }, never)).to.equal(1);
    expect((await faultOf(db.run({ sql: 'INSERT INTO nowhere VALUES (1)', params: [] }, never))).family).to.equal('missing');
    expect(await db.query({ sql: 'SELECT CAST(count(*) AS text) AS n FROM t', params: [] }, never)).to.deep.equal([{ N: '1' }]);
    await db.close();
  });

  it('tells a read-only account from one that may change something', async () => {
    const role = `reader_${database!.name}`;
    await admin!.query(`CREATE TABLE lines ("EVENT_ID" text, "ROW_ID" bigint, "CHANGED_AT" timestamp); CREATE ROLE ${role} LOGIN; GRANT SELECT ON lines TO ${role}`);
    const url = new URL(database!.url);
    url.username = role;
    const probe = async (): Promise<string> => {
      const { source } = makeRowSource({ db: open(url.toString()), intake: new KnowingIntake(), counters: memoryCounters() });
      const results = await source.probe();
      expect(results.filter((result) => !result.ok && !result.what.includes('权限'))).to.deep.equal([]);
      return results.find((result) => result.what.includes('权限'))?.detail ?? '';
    };
    try {
      expect(await probe()).to.equal('账号只读');
      await admin!.query(`GRANT UPDATE ("ROW_ID") ON lines TO ${role}`);
      expect(await probe()).to.match(/不是只读的：UPDATE public\.lines/);
      await admin!.query(`REVOKE UPDATE ("ROW_ID") ON lines FROM ${role}; ALTER ROLE ${role} CREATEDB`);
      expect(await probe()).to.match(/CREATEDB/);
    } finally {
      await admin!.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });

  it('reads xmin as a number of 64 bits that only grows', async () => {
    await admin!.query('CREATE TABLE t (n int); CREATE VIEW w AS SELECT xmin AS "ROW_VER", n FROM t');
    for (const n of [1, 2]) await admin!.query('INSERT INTO t VALUES ($1)', [n]);
    const db = open(database!.url);
    const [column] = await db.columns('w', never);
    expect(column?.type).to.equal('XID');
    const version = db.dialect.comparable!('v."ROW_VER"', column!);
    const rows = await db.query({ sql: `SELECT CAST(${version} AS text) AS x, CAST(v."ROW_VER" AS text) AS y FROM w v GROUP BY ${version}, v."ROW_VER" ORDER BY ${version}`, params: [] }, never);
    expect(rows.map((row) => BigInt(row['X'] ?? '') % 4_294_967_296n)).to.deep.equal(rows.map((row) => BigInt(row['Y'] ?? '')));
    expect(BigInt(rows[0]?.['X'] ?? '0') < BigInt(rows[1]?.['X'] ?? '0')).to.equal(true);
    await db.close();
  });
});
