import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect } from 'chai';
import sql from 'mssql';
import { silentLog } from '../../../adapter/ports/log.ts';
import { hisMssql } from '../../../connectors/his-mssql/index.ts';
import { connectionOptions } from '../../../connectors/his-mssql/connection-options.ts';
import { addressOf, targetOf } from '../../../connectors/his-mssql/connection-target.ts';
import { MssqlDatabase } from '../../../connectors/his-mssql/database.ts';
import { kindOf, mssqlDialect } from '../../../connectors/his-mssql/dialect.ts';
import { mssqlFault } from '../../../connectors/his-mssql/fault.ts';
import type { MssqlSettings } from '../../../connectors/his-mssql/settings.ts';
import { RowFault } from '../../../connectors/shared/row-pull/row-fault.ts';
import { changesStatement, linesStatement, pageStatement, sideStatement } from '../../../connectors/shared/row-pull/statements.ts';
import { within } from '../../../connectors/shared/row-pull/within.ts';
import { makeRowSource, memoryCounters, KnowingIntake, INSTITUTION, PULL_DEFAULTS } from '../row-pull/pull-fixture.ts';
import { freePort } from '../../support/free-port.ts';

const tedious = createRequire(createRequire(import.meta.url).resolve('mssql'))('tedious') as { readonly Connection: new (config: unknown) => { readonly config: { readonly options: Readonly<Record<string, unknown>> } } };
const TLS: MssqlSettings['tls'] = { encrypt: 'auto', trustServerCertificate: false };
const LIMITS = { connectTimeout: 400, readTimeout: 700 };
const never = new AbortController().signal;

/** What tedious itself makes of our settings. */
function driverOptions(connection: string, tls: Partial<MssqlSettings['tls']> = {}): Readonly<Record<string, unknown>> {
  const { config } = connectionOptions(targetOf(connection)!, { tls: { ...TLS, ...tls }, ...LIMITS });
  const made = (new sql.ConnectionPool(config) as unknown as { _config(): unknown })._config();
  return new tedious.Connection(made).config.options;
}

describe('his-mssql: connection', () => {
  it('reads the usual forms of the connection setting', () => {
    expect(targetOf('Server=tcp:10.1.2.3,1444;Database=his;User Id=trace;Password="a;b""c";Encrypt=false')).to.deep.include({ server: '10.1.2.3', port: 1444, database: 'his', user: 'trace', password: 'a;b"c', encrypt: false });
    expect(targetOf('Data Source=HIS\\SQL2008;Initial Catalog=his;Uid=HOSP\\trace;Pwd=p=1;TrustServerCertificate=True')).to.deep.include({ server: 'HIS', instanceName: 'SQL2008', user: 'trace', domain: 'HOSP', password: 'p=1', trust: true });
    expect(targetOf('mssql://trace:p%40ss@[::1]:1444/his?encrypt=false')).to.deep.include({ server: '::1', port: 1444, user: 'trace', password: 'p@ss', database: 'his', encrypt: false });
    for (const bad of ['', 'his', 'mssql://', 'Server=;Database=x', 'Server']) expect(targetOf(bad), bad).to.equal(undefined);
  });

  it('never shows the password in its address', () => {
    expect(addressOf(targetOf('Server=h,1433;Database=his;User Id=u;Password=geheim')!)).to.equal('mssql://h:1433/his');
  });

  it('leaves HIS times where they are and keeps our deadlines', () => {
    expect(driverOptions('mssql://u:p@h/his')).to.deep.include({ useUTC: false, encrypt: true, trustServerCertificate: false, connectTimeout: 400, requestTimeout: 700, port: 1433, database: 'his' });
  });

  it('opens old servers only when told to, and says so', () => {
    const { warnings } = connectionOptions(targetOf('mssql://u:p@h/his')!, { tls: { encrypt: 'yes', trustServerCertificate: true, minVersion: 'TLSv1' }, ...LIMITS });
    expect(warnings.length).to.equal(2);
    expect(warnings.join()).to.match(/certificate is not checked/).and.to.match(/TLSv1/);
    expect(driverOptions('mssql://u:p@h/his', { minVersion: 'TLSv1' })['cryptoCredentialsDetails']).to.deep.equal({ minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' });
    expect(driverOptions('mssql://u:p@h/his', { minVersion: 'TLSv1.2' })['cryptoCredentialsDetails']).to.deep.equal({ minVersion: 'TLSv1.2' });
    expect(driverOptions('mssql://u:p@h/his', { encrypt: 'no' })['encrypt']).to.equal(false);
    expect(connectionOptions(targetOf('mssql://u:p@h/his')!, { tls: TLS, ...LIMITS }).warnings).to.deep.equal([]);
  });

  it('says the port, not the password, when nothing listens', async () => {
    const port = await freePort();
    const db = new MssqlDatabase({ target: targetOf(`mssql://u:geheim@127.0.0.1:${String(port)}/his`)!, settings: { tls: TLS, ...LIMITS }, source: 'his', log: silentLog, load: async () => sql });
    const fault = await db.query({ sql: 'SELECT 1', params: [] }, never).catch((error: unknown) => error);
    expect(fault).to.be.instanceOf(RowFault);
    expect((fault as RowFault).family).to.equal('network');
    expect((fault as RowFault).message).to.not.include('geheim');
    await db.close();
  });

  it('gives up on a server that takes the connection and never answers, and tries again with a new one', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => { sockets.push(socket.on('error', () => undefined)); });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const { port } = server.address() as AddressInfo;
    const db = new MssqlDatabase({ target: targetOf(`mssql://u:p@127.0.0.1:${String(port)}/his`)!, settings: { tls: TLS, connectTimeout: 60_000, readTimeout: 60_000 }, source: 'his', log: silentLog, load: async () => sql });
    for (let at = 0; at < 2; at += 1) {
      const fault = await within(150, never, (signal) => db.query({ sql: 'SELECT 1', params: [] }, signal)).catch((error: unknown) => error);
      expect((fault as RowFault).family).to.equal('timeout');
    }
    expect(sockets.length).to.equal(2);
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
  });
});

describe('his-mssql: statements', () => {
  const column = (name: string, type: string, length?: number) => ({ name, type, kind: kindOf(type), ...(length === undefined ? {} : { length }) });

  it('lets the server make text of everything that the driver would damage', () => {
    const text = (type: string, length?: number): string => mssqlDialect.asText('v.[c]', column('c', type, length));
    expect(text('NUMERIC')).to.equal('CONVERT(varchar(60), v.[c])');
    expect(text('MONEY')).to.equal('CONVERT(varchar(40), v.[c], 2)');
    expect(text('DATETIME')).to.equal('CONVERT(varchar(40), v.[c], 121)');
    expect(text('VARCHAR', 200)).to.equal('CONVERT(nvarchar(4000), v.[c])');
    expect(text('VARCHAR', 8_000)).to.equal('CONVERT(nvarchar(max), v.[c])');
    expect(text('BINARY', 8)).to.equal('CONVERT(varchar(max), v.[c], 1)');
    expect(kindOf('IMAGE')).to.equal('unreadable');
  });

  it('pages by row version below the ceiling and casts every parameter to the type of its column', () => {
    const statement = pageStatement(mssqlDialect, { from: 'his_trace.trace_lines', position: column('ROW_VER', 'BINARY', 8), event: column('EVENT_ID', 'VARCHAR', 40), lower: '0x01', upper: '0x09', after: { position: '0x02', event: 'E1' }, rows: 200 });
    expect(statement.sql).to.equal('SELECT TOP 200 CONVERT(varchar(max), v.[ROW_VER], 1) AS PULL_POSITION, CONVERT(nvarchar(4000), v.[EVENT_ID]) AS PULL_EVENT FROM [his_trace].[trace_lines] v WHERE v.[EVENT_ID] IS NOT NULL'
      + ' AND v.[ROW_VER] >= CONVERT(varbinary(8000), @p1, 1) AND v.[ROW_VER] < CONVERT(varbinary(8000), @p2, 1) AND (v.[ROW_VER] > CONVERT(varbinary(8000), @p3, 1) OR (v.[ROW_VER] = CONVERT(varbinary(8000), @p3, 1) AND v.[EVENT_ID] > CAST(@p4 AS varchar(40))))'
      + ' GROUP BY v.[ROW_VER], v.[EVENT_ID] ORDER BY v.[ROW_VER], v.[EVENT_ID]');
    expect(statement.params).to.deep.equal(['0x01', '0x09', '0x02', 'E1']);
  });

  it('quotes names, reads bytes where the code page lies, and keeps lists of ids at few widths', () => {
    const lines = linesStatement(mssqlDialect, { from: 'dbo.v]x', columns: [column('药名', 'VARCHAR', 40), column('N', 'NVARCHAR', 40)], event: column('EVENT_ID', 'INT'), row: column('ROW_ID', 'INT'), ids: ['1', '2', '3'], rows: 11, hex: true });
    expect(lines.sql).to.include('[dbo].[v]]x]').and.to.include('CONVERT(varbinary(max), CONVERT(varchar(max), v.[药名]))').and.to.include('CONVERT(nvarchar(4000), v.[N]) AS [N]');
    expect(lines.params).to.deep.equal(['1', '2', '3', '3', '3']);
  });

  it('asks CHANGETABLE for changes after a number, up to the version taken first', () => {
    const { changes } = mssqlDialect;
    expect(changes?.facts('dbo.mz_fy')).to.deep.include({ params: ['[dbo].[mz_fy]'] });
    const page = { view: 'his_trace.trace_lines', event: column('EVENT_ID', 'VARCHAR', 40), row: column('ROW_ID', 'BIGINT'), table: 'dbo.mz_fy', key: 'fyid', lower: '41', upper: '99', after: { position: '50', event: 'E1' }, rows: 200 };
    expect(changesStatement(mssqlDialect, changes!, page)).to.deep.equal({
      sql: 'SELECT TOP 200 CONVERT(varchar(60), ct.[SYS_CHANGE_VERSION]) AS PULL_POSITION, CONVERT(nvarchar(4000), v.[EVENT_ID]) AS PULL_EVENT FROM CHANGETABLE(CHANGES [dbo].[mz_fy], 41) ct, [his_trace].[trace_lines] v'
        + ' WHERE v.[ROW_ID] = ct.[fyid] AND v.[EVENT_ID] IS NOT NULL AND ct.[SYS_CHANGE_VERSION] <= CAST(@p1 AS bigint) AND (ct.[SYS_CHANGE_VERSION] > CAST(@p2 AS bigint) OR (ct.[SYS_CHANGE_VERSION] = CAST(@p2 AS bigint) AND v.[EVENT_ID] > CAST(@p3 AS varchar(40))))'
        + ' GROUP BY ct.[SYS_CHANGE_VERSION], v.[EVENT_ID] ORDER BY ct.[SYS_CHANGE_VERSION], v.[EVENT_ID]',
      params: ['99', '50', 'E1'],
    });
    expect(() => changesStatement(mssqlDialect, changes!, { ...page, lower: '1); DROP TABLE x --' })).to.throw(/no number/);
  });

  it('uses no hints, no MERGE and no text of ours inside a statement', () => {
    const statement = sideStatement(mssqlDialect, { table: 'his_trace.trace_taken', source: `x'; DROP TABLE y --`, ids: [`a'b`], event: column('EVENT_ID', 'VARCHAR', 40) });
    expect(statement.sql).to.not.match(/NOLOCK|READPAST|MERGE|DROP|a'b/);
    expect(statement.params).to.include(`a'b`);
  });
});

describe('his-mssql: faults', () => {
  const error = (code: string, more: object = {}): Error => Object.assign(new Error('text'), { code, ...more });

  it('goes by code and number, never by text alone', () => {
    const family = (fault: Error): string => mssqlFault(fault).family;
    expect(family(error('ELOGIN'))).to.equal('login');
    expect(family(error('ESOCKET'))).to.equal('network');
    expect(family(error('EINVALIDSTATE'))).to.equal('network');
    expect(family(error('ETIMEOUT'))).to.equal('timeout');
    expect(family(error('EREQUEST', { number: 208 }))).to.equal('missing');
    expect(family(error('EREQUEST', { number: 229 }))).to.equal('permission');
    expect(family(error('EREQUEST', { number: 1205 }))).to.equal('timeout');
    expect(family(error('EREQUEST', { number: 50_000 }))).to.equal('statement');
    expect(family(new Error('connection reset'))).to.equal('statement');
    expect(family(Object.assign(error('ESOCKET'), { message: 'ssl_choose_client_version: unsupported protocol' }))).to.equal('tls');
  });
});

describe('his-mssql: configuration', () => {
  it('refuses what cannot work before anything is opened', async () => {
    const deps = {
      name: 'his-db', settings: { ...PULL_DEFAULTS, connection: 'nonsense', tls: TLS, writeBack: { table: 't' } }, mapping: { name: 'none' }, institutions: [{ code: INSTITUTION, name: '示范医院', region: '350102' }], intake: new KnowingIntake(), counters: memoryCounters(),
      clock: { now: () => 0, sleep: () => Promise.resolve() }, log: silentLog, count: () => undefined,
    };
    expect(await hisMssql.create(deps).start().catch((fault: unknown) => (fault as Error).message)).to.match(/connection 无法读懂/);
    const settings = { ...deps.settings, connection: 'mssql://u:p@h/his', strategy: 'scn' as const };
    const same = { ...deps.settings, connection: 'mssql://u:p@h/his', writeBack: { table: 't', connection: 'Server=h;Database=his;User Id=u;Password=p' } };
    expect(await hisMssql.create({ ...deps, settings: same }).start().catch((fault: unknown) => (fault as Error).message)).to.match(/另一个账号/);
    expect(await hisMssql.create({ ...deps, settings }).start().catch((fault: unknown) => (fault as Error).message)).to.match(/可读数据库行的映射/);
  });
});

describe('his-mssql: on a real server (TEST_MSSQL_URL)', () => {
  it('probes the view named in TEST_MSSQL_VIEW', async function () {
    const connection = process.env['TEST_MSSQL_URL'];
    if (connection === undefined || connection === '') {
      process.stderr.write('  SQL Server tests skipped: TEST_MSSQL_URL is not set\n');
      return this.skip();
    }
    this.timeout(60_000);
    const db = new MssqlDatabase({ target: targetOf(connection)!, settings: { tls: { encrypt: 'auto', trustServerCertificate: true }, connectTimeout: 10_000, readTimeout: 20_000 }, source: 'his', log: silentLog, load: async () => sql });
    const { source } = makeRowSource({ db, intake: new KnowingIntake(), counters: memoryCounters(), settings: { view: process.env['TEST_MSSQL_VIEW'] ?? 'his_trace.trace_lines' } });
    expect((await source.probe()).filter((probe) => !probe.ok && !probe.what.includes('权限'))).to.deep.equal([]);
    await source.stop();
  });
});
