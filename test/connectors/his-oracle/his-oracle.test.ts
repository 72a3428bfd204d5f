import { expect } from 'chai';
import oracledb from 'oracledb';
import { connectionOptions } from '../../../connectors/his-oracle/connection-options.ts';
import { addressOf, targetOf } from '../../../connectors/his-oracle/connection-target.ts';
import { OracleDatabase } from '../../../connectors/his-oracle/database.ts';
import type { Driver } from '../../../connectors/his-oracle/database.ts';
import { kindOf, oracleDialect, SESSION } from '../../../connectors/his-oracle/dialect.ts';
import { oracleFault } from '../../../connectors/his-oracle/fault.ts';
import type { RowFault } from '../../../connectors/shared/row-pull/row-fault.ts';
import { linesStatement, pageStatement, sideStatement } from '../../../connectors/shared/row-pull/statements.ts';
import { within } from '../../../connectors/shared/row-pull/within.ts';
import { freePort } from '../../support/free-port.ts';
import { waitFor } from '../../support/wait-for.ts';
import { KnowingIntake, makeRowSource, memoryCounters } from '../row-pull/pull-fixture.ts';

const never = new AbortController().signal;
const TARGET = { user: 'trace', password: 'geheim', connectString: 'h:1521/his' };
const SETTINGS = { mode: 'thin', connectTimeout: 1_500, readTimeout: 700 } as const;

type Executed = { readonly sql: string; readonly binds: unknown; readonly options: Readonly<Record<string, unknown>> };

/** The driver's surface, scripted: each answer is given once; an error is thrown. */
class ScriptedDriver {
  readonly executed: Executed[] = [];
  readonly opened: object[] = [];
  readonly clients: object[] = [];
  closed = 0;
  broken = 0;
  readonly answers: (unknown)[] = [];
  readonly refusals: Error[] = [];
  readonly driver = {
    OUT_FORMAT_OBJECT: oracledb.OUT_FORMAT_OBJECT, STRING: oracledb.STRING,
    initOracleClient: (options: object) => { this.clients.push(options); },
    getConnection: (attributes: object) => {
      this.opened.push(attributes);
      const refusal = this.refusals.shift();
      if (refusal !== undefined) return Promise.reject(refusal);
      return Promise.resolve({
        oracleServerVersionString: '19.3.0.0.0', callTimeout: 0,
        execute: async (sql: string, binds: unknown, options: Readonly<Record<string, unknown>> = {}) => {
          if (sql.startsWith('ALTER SESSION')) return {};
          this.executed.push({ sql, binds, options });
          const answer = this.answers.shift() ?? { rows: [] };
          if (answer instanceof Error) throw answer;
          return answer;
        },
        break: () => { this.broken += 1; return Promise.resolve(); },
        close: () => { this.closed += 1; return Promise.resolve(); },
      });
    },
  } as unknown as Driver;
}

function open(settings: Partial<{ mode: 'thin' | 'thick'; clientDir: string }> = {}, now = (): number => 0): { readonly db: OracleDatabase; readonly script: ScriptedDriver } {
  const script = new ScriptedDriver();
  return { script, db: new OracleDatabase({ target: TARGET, settings: { ...SETTINGS, ...settings }, clock: { now }, load: () => Promise.resolve(script.driver) }) };
}

const fails = (code: string): Error => Object.assign(new Error(`${code}: text`), { code });
const faultOf = async (work: Promise<unknown>): Promise<RowFault> => work.then(() => { throw new Error('no fault'); }, (error: unknown) => error as RowFault);

describe('his-oracle: connection', () => {
  it('reads the usual forms of the connection setting', () => {
    expect(targetOf('trace/p@ss@10.1.2.3:1521/his')).to.deep.equal({ user: 'trace', password: 'p@ss', connectString: '10.1.2.3:1521/his' });
    expect(targetOf('trace/"p/s"@(DESCRIPTION=(ADDRESS=(HOST=h)(PORT=1521)))')).to.deep.equal({ user: 'trace', password: 'p/s', connectString: '(DESCRIPTION=(ADDRESS=(HOST=h)(PORT=1521)))' });
    expect(targetOf('oracle://trace:p%2Fs@h/his')).to.deep.equal({ user: 'trace', password: 'p/s', connectString: 'h:1521/his' });
    for (const bad of ['', 'trace@h', 'oracle://h/his', 'trace/p@']) expect(targetOf(bad), bad).to.equal(undefined);
    expect(addressOf(TARGET)).to.equal('oracle://h:1521/his');
  });

  it('gives the driver options it knows, in its own units', () => {
    expect(connectionOptions(TARGET, SETTINGS)).to.deep.equal({ attributes: { ...TARGET, connectTimeout: 2, transportConnectTimeout: 2, expireTime: 2 }, client: undefined });
    expect(connectionOptions(TARGET, { ...SETTINGS, mode: 'thick', clientDir: 'D:\\ic' }).client).to.deep.equal({ libDir: 'D:\\ic' });
  });

  it('loads the client library in thick mode only, and once', async () => {
    const thick = open({ mode: 'thick', clientDir: 'D:\\ic' });
    await thick.db.query({ sql: 'SELECT 1 AS X FROM DUAL', params: [] }, never);
    await thick.db.query({ sql: 'SELECT 1 AS X FROM DUAL', params: [] }, never);
    expect(thick.script.clients).to.deep.equal([{ libDir: 'D:\\ic' }]);
    const thin = open();
    await thin.db.query({ sql: 'SELECT 1 AS X FROM DUAL', params: [] }, never);
    expect(thin.script.clients).to.deep.equal([]);
  });

  it('explains in plain words that 11g needs thick mode, and does not open sockets again and again', async () => {
    let now = 0;
    const { db, script } = open({}, () => now);
    script.refusals.push(fails('NJS-138'), fails('NJS-138'));
    const first = await faultOf(db.query({ sql: 'x', params: [] }, never));
    expect(first.family).to.equal('too-old');
    expect(first.words()).to.match(/11g/).and.to.match(/Instant Client 19/).and.to.match(/mode: thick/);
    await faultOf(db.query({ sql: 'x', params: [] }, never));
    expect(script.opened.length).to.equal(1);
    now = 3_600_001;
    await faultOf(db.query({ sql: 'x', params: [] }, never));
    expect(script.opened.length).to.equal(2);
  });

  it('heals: a broken connection is replaced, a refused statement keeps it', async () => {
    const { db, script } = open();
    script.answers.push(fails('ORA-00942'), fails('ORA-03113'), { rows: [{ NOW: 'x' }] });
    expect((await faultOf(db.query({ sql: 'a', params: [] }, never))).family).to.equal('missing');
    expect((await faultOf(db.query({ sql: 'b', params: [] }, never))).family).to.equal('network');
    expect(await db.query({ sql: 'c', params: [] }, never)).to.deep.equal([{ NOW: 'x' }]);
    expect([script.opened.length, script.closed]).to.deep.equal([2, 1]);
  });

  it('breaks off and gives up a connection that does not answer in time', async () => {
    const { db, script } = open();
    script.answers.push(new Promise(() => undefined));
    expect((await faultOf(within(30, never, (signal) => db.query({ sql: 'a', params: [] }, signal)))).code).to.equal('DEADLINE');
    await db.query({ sql: 'b', params: [] }, never);
    expect([script.broken, script.opened.length]).to.deep.equal([1, 2]);
  });

  it('binds text and fetches numbers and long texts as text', async () => {
    const { db, script } = open();
    await db.query({ sql: 'q', params: ['1'] }, never);
    expect(script.executed[0]?.binds).to.deep.equal({ p1: { val: '1', type: oracledb.STRING, maxSize: 4_000 } });
    const handler = script.executed[0]?.options['fetchTypeHandler'] as (column: { dbTypeName: string }) => unknown;
    expect(handler({ dbTypeName: 'NUMBER' })).to.deep.equal({ type: oracledb.STRING });
    expect(handler({ dbTypeName: 'BLOB' })).to.equal(undefined);
  });

  it('is a network fault of the real driver when nothing listens, without the password', async () => {
    const db = new OracleDatabase({ target: { ...TARGET, connectString: `127.0.0.1:${String(await freePort())}/hisdb` }, settings: SETTINGS, clock: { now: () => 0 }, load: () => Promise.resolve(oracledb) });
    const fault = await faultOf(db.query({ sql: 'SELECT 1 FROM DUAL', params: [] }, never));
    expect(fault.family, fault.message).to.equal('network');
    expect(fault.message).to.not.include('geheim');
  });
});

describe('his-oracle: statements', () => {
  const column = (name: string, type: string, length?: number) => ({ name, type, kind: kindOf(type), ...(length === undefined ? {} : { length }) });

  it('reads numbers, times and CHAR without loss, and 11g can read the paging', () => {
    expect(oracleDialect.asText('v."N"', column('N', 'NUMBER'))).to.equal(`TO_CHAR(v."N", 'TM9')`);
    expect(oracleDialect.asText('v."D"', column('D', 'DATE'))).to.equal(`TO_CHAR(v."D", 'YYYY-MM-DD HH24:MI:SS')`);
    expect(oracleDialect.bound(1, column('C', 'CHAR', 20))).to.equal('CAST(:p1 AS CHAR(20))');
    const lines = linesStatement(oracleDialect, { from: 'his_trace.trace_lines', columns: [column('LOT', 'VARCHAR2', 40), column('NAME', 'NVARCHAR2', 40)], event: column('EVENT_ID', 'CHAR', 20), row: column('ROW_ID', 'NUMBER'), ids: ['E1'], rows: 11, hex: true });
    expect(lines.sql).to.equal('SELECT * FROM (SELECT RAWTOHEX(UTL_RAW.CAST_TO_RAW(v."LOT")) AS "LOT", v."NAME" AS "NAME", v."EVENT_ID" AS PULL_EVENT FROM his_trace.trace_lines v WHERE v."EVENT_ID" IN (CAST(:p1 AS CHAR(20))) ORDER BY v."EVENT_ID", v."ROW_ID") WHERE ROWNUM <= 11');
  });

  it('bounds ORA_ROWSCN from below and cuts pages by the event id', () => {
    const scn = { name: 'ORA_ROWSCN', type: 'NUMBER', kind: 'number', expression: 'ORA_ROWSCN' } as const;
    const event = column('EVENT_ID', 'VARCHAR2', 40);
    const { sql } = pageStatement(oracleDialect, { from: 'HIS.MZ_CF', position: event, event, bounded: scn, lower: '1', after: { position: 'E1', event: 'E1' }, rows: 10 });
    expect(sql).to.equal(`SELECT * FROM (SELECT v."EVENT_ID" AS PULL_POSITION, v."EVENT_ID" AS PULL_EVENT, TO_CHAR(MIN(v.ORA_ROWSCN), 'TM9') AS PULL_ORDER FROM HIS.MZ_CF v WHERE v."EVENT_ID" IS NOT NULL AND v.ORA_ROWSCN >= TO_NUMBER(:p1)`
      + ' AND (v."EVENT_ID" > :p2 OR (v."EVENT_ID" = :p2 AND v."EVENT_ID" > :p3)) GROUP BY v."EVENT_ID" ORDER BY v."EVENT_ID") WHERE ROWNUM <= 10');
  });

  it('selects its lists FROM DUAL, and sets time zone and number format itself', () => {
    expect(sideStatement(oracleDialect, { table: 'his_trace.trace_taken', source: 's', ids: ['a'], event: column('EVENT_ID', 'VARCHAR2', 40) }).sql).to.include('SELECT :p2 AS EVENT_ID FROM DUAL');
    expect(SESSION.join()).to.match(/TIME_ZONE = '\+08:00'/).and.to.match(/NLS_NUMERIC_CHARACTERS = '\.,'/);
  });

  it('sorts faults by the family of their code', () => {
    const family = (code: string): string => oracleFault(fails(code)).family;
    expect(['NJS-503', 'NJS-510', 'NJS-123', 'ORA-01017', 'ORA-00942', 'ORA-01031', 'DPI-1047', 'ORA-01013', 'ORA-20001'].map(family))
      .to.deep.equal(['network', 'timeout', 'timeout', 'login', 'missing', 'permission', 'client', 'timeout', 'statement']);
  });
});

describe('his-oracle: on a real server (TEST_ORACLE_URL)', () => {
  it('probes the view named in TEST_ORACLE_VIEW', async function () {
    const connection = process.env['TEST_ORACLE_URL'];
    if (connection === undefined || connection === '') {
      process.stderr.write('  Oracle tests skipped: TEST_ORACLE_URL is not set\n');
      return this.skip();
    }
    this.timeout(60_000);
    const db = new OracleDatabase({ target: targetOf(connection)!, settings: { mode: 'thin', connectTimeout: 10_000, readTimeout: 20_000 }, clock: { now: () => Date.now() }, load: () => Promise.resolve(oracledb) });
    const { source } = makeRowSource({ db, intake: new KnowingIntake(), counters: memoryCounters(), settings: { view: process.env['TEST_ORACLE_VIEW'] ?? 'his_trace.trace_lines' } });
    expect((await source.probe()).filter((probe) => !probe.ok && !probe.what.includes('权限'))).to.deep.equal([]);
    await source.stop();
  });
});

describe('his-oracle: a US7ASCII database that holds GBK, CHAR keys and codes in NUMBER(20)', () => {
  const GBK = { 药名: 'D1DDCABEC6AC', 盒: 'BAD0' };
  const bytes = (text: string): string => Buffer.from(text, 'latin1').toString('hex').toUpperCase();
  const types: Readonly<Record<string, readonly [type: string, size?: number]>> = {
    EVENT_ID: ['CHAR', 20], ROW_ID: ['NUMBER'], CHANGED_AT: ['DATE'], SEND_FLAG: ['CHAR', 1], EVENT_KIND: ['VARCHAR2', 20], OCCURRED_AT: ['DATE'], DRUG_CODE: ['CHAR', 12], DRUG_NAME: ['VARCHAR2', 80], QUANTITY: ['NUMBER'], UNIT: ['VARCHAR2', 8], TRACE_CODES: ['NUMBER'],
  };
  const ID = 'FY0001'.padEnd(20);

  it('reads bytes as GBK, takes padding off names but not off marks, and keeps all 20 digits', async () => {
    const { db, script } = open();
    script.answers.push({ metaData: Object.entries(types).map(([name, [dbTypeName, byteSize]]) => ({ name, dbTypeName, ...(byteSize === undefined ? {} : { byteSize }) })) });
    script.answers.push({ rows: [{ PULL_POSITION: '9007199254740993', PULL_EVENT: ID }] });
    script.answers.push({ rows: [{
      EVENT_ID: bytes(ID), ROW_ID: '9007199254740993', CHANGED_AT: '2026-11-22 09:31:05', SEND_FLAG: bytes('0'), EVENT_KIND: bytes('dispense'), OCCURRED_AT: '2026-11-22 09:31:05', DRUG_CODE: bytes('YP1'.padEnd(12)),
      DRUG_NAME: GBK.药名, QUANTITY: '.5', UNIT: GBK.盒, TRACE_CODES: '89990010000000000010', PULL_EVENT: ID,
    }] });
    const intake = new KnowingIntake();
    const { source } = makeRowSource({ db, intake, counters: memoryCounters(), settings: { strategy: 'send-flag', flagTable: 'HIS.MZ_FY', charset: 'gbk' } });
    await source.start();
    await waitFor('the event taken and marked', () => script.executed.some(({ sql }) => sql.startsWith('UPDATE')));
    await source.stop();
    const [submission] = intake.submissions;
    expect(submission?.record.controlId).to.equal('FY0001');
    const event = submission?.interpretation.kind === 'events' ? submission.interpretation.events[0] : undefined;
    expect(event).to.deep.include({ id: 'FY0001', kind: 'dispense' });
    expect(event?.lines[0]).to.deep.include({ drug: 'YP1', drugName: '演示片', unit: '盒', quantity: '0.5', codes: ['89990010000000000010'] });
    const [, , lines] = script.executed;
    expect(lines?.sql).to.include('RAWTOHEX(UTL_RAW.CAST_TO_RAW(v."DRUG_NAME")) AS "DRUG_NAME"').and.to.include(`TO_CHAR(v."TRACE_CODES", 'TM9') AS "TRACE_CODES"`).and.to.include('v."EVENT_ID" IN (CAST(:p1 AS CHAR(20)))');
    expect(lines?.binds).to.deep.include({ p1: { val: ID, type: oracledb.STRING, maxSize: 4_000 } });
    const mark = script.executed.find(({ sql }) => sql.startsWith('UPDATE'));
    expect(mark?.sql).to.include('"ROW_ID" IN (TO_NUMBER(:p2))').and.to.include('"SEND_FLAG" = CAST(:p3 AS CHAR(1))');
    expect(mark?.binds).to.deep.include({ p2: { val: '9007199254740993', type: oracledb.STRING, maxSize: 4_000 } });
  });

  it('quarantines bytes that are no GBK instead of guessing', async () => {
    const { db, script } = open();
    script.answers.push({ metaData: Object.entries(types).map(([name, [dbTypeName, byteSize]]) => ({ name, dbTypeName, ...(byteSize === undefined ? {} : { byteSize }) })) });
    script.answers.push({ rows: [{ PULL_POSITION: '1', PULL_EVENT: ID }] });
    script.answers.push({ rows: [{ EVENT_ID: bytes(ID), ROW_ID: '1', EVENT_KIND: bytes('dispense'), DRUG_NAME: 'FFFF', PULL_EVENT: ID }] });
    const intake = new KnowingIntake();
    const { source } = makeRowSource({ db, intake, counters: memoryCounters(), settings: { strategy: 'send-flag', charset: 'gbk' } });
    await source.start();
    await waitFor('the record', () => intake.submissions.length > 0);
    await source.stop();
    const meaning = intake.submissions[0]?.interpretation;
    expect(meaning?.kind === 'refused' ? [meaning.refusal.code, meaning.refusal.field] : meaning).to.deep.equal(['CHARSET_UNREADABLE', 'DRUG_NAME']);
  });
});
