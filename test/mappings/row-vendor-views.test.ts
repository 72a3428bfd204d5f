import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { HisMapping } from '../../adapter/ports/his-mapping.ts';
import type { HisRow } from '../../adapter/ports/row.ts';
import { bsoft } from '../../mappings/bsoft/index.ts';
import { newtouch } from '../../mappings/newtouch/index.ts';
import { postgresOrSkip, type TestDatabase } from '../support/postgres.ts';
import { oracleStatements, sqlServerStatements } from './row-sql-statements.ts';
import { BSOFT_TABLES, NEWTOUCH_TABLES } from './row-vendor-tables.ts';

const CONTEXT = { source: 'his-db', institution: 'H35010200001', institutions: ['H35010200001'], receivedAt: '2026-11-22T10:00:00+08:00' };

/** No SQL Server or Oracle is at hand: the views are plain enough to run, types respelt, on PostgreSQL. Triggers and accounts are not. */
function viewsOf(statements: readonly string[]): readonly string[] {
  return statements.filter((text) => /^(?:ALTER|CREATE OR REPLACE) VIEW /.test(text))
    .map((text) => text.replace(/^(?:ALTER|CREATE OR REPLACE) VIEW/, 'CREATE VIEW').replace(/\bn?varchar2?\(/gi, 'varchar(').replace(/\bN'/g, `'`));
}

describe('sql/his: the views of the vendors give what the mappings read', function () {
  this.timeout(60_000);
  let database: TestDatabase | undefined;
  let client: pg.Client | undefined;
  beforeEach(async function () {
    database = await (await postgresOrSkip(this)).createDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });
  afterEach(async () => {
    await client?.end();
    await database?.drop();
  });

  async function meanings(view: string, mapping: HisMapping): Promise<readonly string[]> {
    const names = (await client!.query<{ name: string; type: string }>('SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 ORDER BY attnum', [view])).rows;
    const rows = (await client!.query<HisRow>(`SELECT ${names.map(({ name }) => `CAST("${name}" AS text) AS "${name.toUpperCase()}"`).join(', ')} FROM ${view} ORDER BY event_id`)).rows;
    return rows.map((row) => {
      const meaning = mapping.fromRow?.([row], CONTEXT);
      if (meaning?.kind !== 'events') return JSON.stringify(meaning);
      const [event] = meaning.events;
      const [line] = event?.lines ?? [];
      return `${event?.id ?? ''} ${event?.kind ?? ''} ${line?.drug ?? ''} ${line?.quantity ?? ''} ${line?.unit ?? ''}${line?.split === true ? ' split' : ''} ${line?.lot ?? '-'} ${String(line?.codes.length)} codes${event?.refers === undefined ? '' : ` refers ${event.refers}`}`;
    });
  }

  it('newtouch: outpatient, inpatient, receipts that are approved, counts', async () => {
    await client!.query(NEWTOUCH_TABLES);
    for (const view of viewsOf(sqlServerStatements(readFileSync('sql/his/newtouch/1-view.sql', 'utf8')))) await client!.query(view);
    expect(await meanings('his_trace.newtouch_outpatient', newtouch)).to.deep.equal(['MZ-101 dispense YP1 2 盒 A2401 0 codes', 'MZ-109 dispense-return YP1 1 盒 A2401 0 codes refers MZ-101']);
    // without a catalogue behind newtouch_drugs the unit of an in-patient row is not known: refused, not guessed
    expect(await meanings('his_trace.newtouch_inpatient', newtouch)).to.satisfy((all: readonly string[]) => all.length === 1 && all[0]?.includes('"field":"DW"') === true);
    await client!.query(`CREATE OR REPLACE VIEW his_trace.newtouch_drugs AS SELECT CAST('YP2' AS varchar(64)) AS ypCode, CAST('样例胶囊' AS varchar(256)) AS ypmc, CAST('盒' AS varchar(32)) AS dw, 24 AS zhyz, CAST('粒' AS varchar(32)) AS zxdw`);
    expect(await meanings('his_trace.newtouch_inpatient', newtouch)).to.deep.equal(['ZY-201 dispense YP2 2 盒 - 2 codes']);
    expect(await meanings('his_trace.newtouch_documents', newtouch)).to.deep.equal(['CRK-c1 receipt YP1 1 盒 A2401 1 codes']);
    expect((await meanings('his_trace.newtouch_counts', newtouch))[0]).to.include('"field":"DW"');
  });

  it('bsoft: outpatient, inpatient, home bed, receipts that are confirmed, transfers', async () => {
    await client!.query(BSOFT_TABLES);
    for (const view of viewsOf(oracleStatements(readFileSync('sql/his/bsoft/1-view.sql', 'utf8')))) await client!.query(view);
    expect(await meanings('his_trace.bsoft_outpatient', bsoft)).to.deep.equal(['MZ-1234567 dispense 501-7 2 盒 A2401 0 codes', 'MZ-1234599 dispense-return 501-7 1 盒 A2401 0 codes refers MZ-1234567']);
    expect(await meanings('his_trace.bsoft_inpatient', bsoft)).to.deep.equal(['ZY-777001 dispense 502-3 6 粒 split - 0 codes']);
    expect(await meanings('his_trace.bsoft_home_bed', bsoft)).to.deep.equal(['JC-66001 dispense 502-3 6 粒 split - 0 codes']);
    expect(await meanings('his_trace.bsoft_receipts', bsoft)).to.deep.equal(['RK-44001 receipt 501-7 2 盒 A2401 0 codes']);
    expect(await meanings('his_trace.bsoft_transfers_out', bsoft)).to.deep.equal(['{"kind":"noted","reason":"不追溯：院内调拨，未出本机构"}']);
    await client!.query(`CREATE VIEW his_trace.between AS SELECT 'db' AS record, fx, event_id, sqyf, sqdh, mbyf, ckbz, ckrq, line_no, ypxh, ypcd, qrsl, qrdw, ypph, zsm, CAST('H35010200002' AS text) AS dfjgbm FROM his_trace.bsoft_transfers_out`);
    expect(await meanings('his_trace.between', bsoft)).to.deep.equal(['DBO-5001 transfer-out 501-7 2 盒 A2401 0 codes']);
  });
});
