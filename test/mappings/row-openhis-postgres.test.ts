import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import type { TraceEvent } from '../../adapter/domain/event.ts';
import type { PullSettings } from '../../connectors/shared/row-pull/settings.ts';
import type { ColumnKind, ViewColumn } from '../../connectors/shared/row-pull/row-database.ts';
import { openhis } from '../../mappings/openhis/index.ts';
import { KnowingIntake, makeRowSource, memoryCounters } from '../connectors/row-pull/pull-fixture.ts';
import { PostgresHis } from '../connectors/row-pull/postgres-his.ts';
import { postgresOrSkip, type TestDatabase } from '../support/postgres.ts';
import { waitFor } from '../support/wait-for.ts';
import { OPENHIS_TABLES } from './row-openhis-tables.ts';

const script = (name: string): string => readFileSync(`sql/his/openhis/${name}`, 'utf8');
const KINDS: Readonly<Record<string, ColumnKind>> = { 'bigint': 'number', 'integer': 'number', 'numeric': 'number', 'timestamp without time zone': 'time' };
const code = (serial: number): string => `8999001${String(serial).padStart(9, '0')}0001`;

/** A RowDatabase that knows the columns of any view. */
class OpenhisDatabase extends PostgresHis {
  #columns: readonly ViewColumn[] = [];

  async look(view: string): Promise<void> {
    const [schema, name] = view.split('.');
    const found = await this.pool.query<{ column_name: string; data_type: string }>('SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2 ORDER BY ordinal_position', [schema, name]);
    this.#columns = found.rows.map(({ column_name, data_type }) => ({ name: column_name, type: data_type.toUpperCase(), kind: KINDS[data_type] ?? 'text' }));
  }

  override columns(): Promise<readonly ViewColumn[]> {
    return Promise.resolve(this.#columns);
  }
}

describe('openhis: its scripts and its mapping on a real PostgreSQL', function () {
  this.timeout(60_000);
  let database: TestDatabase | undefined;
  let his: OpenhisDatabase | undefined;
  beforeEach(async function () {
    database = await (await postgresOrSkip(this)).createDatabase();
    his = new OpenhisDatabase(database.url);
    await his.pool.query(OPENHIS_TABLES);
  });
  afterEach(async () => {
    await his?.pool.query(script('9-uninstall.sql'));
    await his?.pool.end();
    await database?.drop();
  });

  async function dispense(values: Readonly<Record<string, string | number | null>>): Promise<void> {
    const row = { status_enum: 4, dispense_time: '2026-11-22 09:31:05', medication_id: 10, patient_id: 60, encounter_id: 50, practitioner_id: 30, location_id: 20, med_req_id: 70, dispense_quantity: 2, unit_code: '1', ...values };
    const names = Object.keys(row);
    await his!.pool.query(`INSERT INTO med_medication_dispense (${names.join(', ')}) VALUES (${names.map((_, at) => `$${String(at + 1)}`).join(', ')})`, Object.values(row));
  }

  async function pull(view: string, settings: Partial<PullSettings>, expected: number): Promise<{ readonly events: ReadonlyMap<string, TraceEvent>; readonly intake: KnowingIntake }> {
    await his!.look(view);
    const intake = new KnowingIntake();
    const { source } = makeRowSource({ db: his!, intake, counters: memoryCounters(), mapping: openhis, settings: { view, lookBack: 60_000, ...settings } });
    await source.start();
    await waitFor('every row handed over', () => intake.submissions.length >= expected, 20_000);
    await source.stop();
    return { intake, events: new Map([...intake.accepted].map(([id, text]) => [id, JSON.parse(text) as TraceEvent])) };
  }

  it('runs every script twice, and leaves nothing behind', async () => {
    const files = ['1-view.sql', '3-outbox.sql', '2-account.sql'];
    for (const file of [...files, ...files]) await his!.pool.query(script(file));
    const left = async (): Promise<number> => Number((await his!.pool.query<{ n: string }>(`SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = 'his_trace') + (SELECT count(*) FROM pg_roles WHERE rolname = 'his_trace_reader') + (SELECT count(*) FROM pg_trigger WHERE tgname = 'his_trace_keys') AS n`)).rows[0]?.n);
    expect(await left()).to.equal(3);
    await his!.pool.query(script('9-uninstall.sql'));
    expect(await left()).to.equal(0);
    await his!.pool.query(script('9-uninstall.sql'));
    expect((await his!.pool.query(`SELECT 1 FROM pg_tables WHERE tablename = 'med_medication_dispense'`)).rowCount).to.equal(1);
  });

  it('gives the account the views and nothing else, and no right to write', async () => {
    for (const file of ['1-view.sql', '3-outbox.sql', '2-account.sql']) await his!.pool.query(script(file));
    const client = await his!.pool.connect();
    try {
      await client.query('SET ROLE his_trace_reader');
      expect((await client.query('SELECT * FROM his_trace.openhis_medication')).rowCount).to.equal(0);
      for (const forbidden of ['SELECT * FROM med_medication_dispense', 'SELECT name FROM adm_patient', 'DELETE FROM his_trace.openhis_keys', 'CREATE TABLE his_trace.mine (a int)']) {
        const refused = await client.query(forbidden).then(() => undefined, (error: unknown) => error as { code?: string });
        expect(refused?.code, forbidden).to.equal('42501');
      }
    } finally {
      client.release(true);
    }
  });

  it('pulls dispenses and returns through the view, each with its meaning', async () => {
    await his!.pool.query(script('1-view.sql'));
    await dispense({ id: 1001, lot_number: 'A2401', trace_no: `${code(1)},${code(2)}` });
    await dispense({ id: 1002, dispense_quantity: 6, unit_code: '2', encounter_id: 51, trace_no: null, summary_no: 'HZ0001' });
    await dispense({ id: 1003, trace_no: `${code(3)},${code(4)}`, status_enum: 12, status_changed_time: '2026-11-22 11:00:00' });
    await dispense({ id: 1004, status_enum: 3, dispense_time: null });
    await dispense({ id: 1005, unit_code: '77' });
    await dispense({ id: 1006, trace_no: '8.999001E+19' });
    const { events, intake } = await pull('his_trace.openhis_medication', {}, 6);
    expect([...events.keys()].sort()).to.deep.equal(['MD-1001', 'MD-1002', 'MD-1003', 'MR-1003']);
    expect(events.get('MD-1001')).to.deep.equal({
      id: 'MD-1001', source: 'his-db', institution: 'H35010200001', kind: 'dispense', occurredAt: '2026-11-22T09:31:05+08:00', location: '西药房', prescriptionNo: 'CF0001',
      operator: { code: '8801', name: '样例药师' }, patient: { visitNo: 'EN0001', class: 'outpatient', name: '样例甲' },
      lines: [{ lineNo: '1', drug: 'YP00012', drugName: '样例片', quantity: '2', unit: '盒', split: false, lot: 'A2401', codes: [code(1), code(2)] }],
    });
    expect(events.get('MD-1002')).to.deep.include({ documentNo: 'HZ0001', patient: { visitNo: 'EN0002', class: 'inpatient', name: '样例甲' } });
    expect(events.get('MD-1002')?.lines[0]).to.deep.include({ quantity: '6', unit: '片', split: true, codes: [] });
    expect(events.get('MR-1003')).to.deep.include({ kind: 'dispense-return', refers: 'MD-1003', occurredAt: '2026-11-22T11:00:00+08:00' });
    const refused = intake.submissions.flatMap(({ interpretation }) => (interpretation.kind === 'refused' ? [`${interpretation.refusal.code} ${interpretation.refusal.field ?? ''}`] : []));
    expect(refused.sort()).to.deep.equal(['CODE_UNUSABLE TRACE_NO', 'EVENT_INVALID UNIT_NAME']);
  });

  it('pulls stock documents, internal ones kept with their reason', async () => {
    await his!.pool.query(script('1-view.sql'));
    const insert = (id: number, type: number, quantity: number, trace: string | null): Promise<unknown> => his!.pool.query(
      `INSERT INTO wor_supply_request (id, bus_no, type_enum, status_enum, item_table, item_quantity, item_id, unit_code, occurrence_time, supplier_id, purpose_location_id, approver_id, approval_time, lot_number, trace_no, invoice_no, start_time, end_time, price)
       VALUES ($1, $5, $2, 3, 'med_medication_definition', $3, 10, '1', '2026-11-20 10:00:00', 40, 21, 30, '2026-11-20 14:58:00', 'A2401', $4, 'FP0001', '2026-01-02', '2027-12-31', 12.5)`, [id, type, quantity, trace, `D${String(id)}`]);
    await insert(2001, 1, 2, `${code(1)},${code(2)}`);
    await insert(2002, 24, -1, code(1));
    await insert(2003, 2, 1, code(2));
    await insert(2004, 4, 0, null);
    await his!.pool.query('UPDATE wor_supply_request SET status_enum = 1 WHERE id = 2004');
    const { events, intake } = await pull('his_trace.openhis_supply', {}, 3);
    expect([...events].map(([id, { kind }]) => `${id} ${kind}`).sort()).to.deep.equal(['SR-2001 receipt', 'SR-2002 stock-loss']);
    expect(events.get('SR-2001')).to.deep.include({ documentNo: 'D2001', invoiceNo: 'FP0001', counterparty: { code: 'GYS01', name: '样例医药公司' } });
    expect(events.get('SR-2001')?.lines[0]).to.deep.include({ unitPrice: '12.5', producedOn: '2026-01-02', expiresOn: '2027-12-31' });
    expect(intake.submissions.flatMap(({ interpretation }) => (interpretation.kind === 'noted' ? [interpretation.reason] : []))).to.deep.equal(['不追溯：院内调拨、出入库，未出本机构']);
  });

  it('hands over each dispense and each return once through the outbox of keys, and marks them', async () => {
    for (const file of ['1-view.sql', '3-outbox.sql']) await his!.pool.query(script(file));
    await dispense({ id: 3001, status_enum: 3, dispense_time: null, trace_no: `${code(1)},${code(2)}` });
    await his!.pool.query(`UPDATE med_medication_dispense SET status_enum = 4, dispense_time = '2026-11-22 09:31:05' WHERE id = 3001`);
    await his!.pool.query(`UPDATE med_medication_dispense SET status_enum = 12, status_changed_time = '2026-11-22 11:00:00' WHERE id = 3001`);
    const { events } = await pull('his_trace.openhis_medication_new', { strategy: 'send-flag', flagTable: 'his_trace.openhis_keys' }, 2);
    expect([...events.keys()]).to.deep.equal(['MD-3001', 'MR-3001']);
    expect((await his!.pool.query('SELECT 1 FROM his_trace.openhis_keys WHERE "SEND_FLAG" = \'0\'')).rowCount).to.equal(0);
  });

  it('never fails the HIS: its own statement goes through when the outbox is gone', async () => {
    for (const file of ['1-view.sql', '3-outbox.sql']) await his!.pool.query(script(file));
    await his!.pool.query('DROP VIEW his_trace.openhis_medication_new; DROP TABLE his_trace.openhis_keys');
    await dispense({ id: 4001 });
    expect((await his!.pool.query('SELECT 1 FROM med_medication_dispense WHERE id = 4001')).rowCount).to.equal(1);
  });
});
