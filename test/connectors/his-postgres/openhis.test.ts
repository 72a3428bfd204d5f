import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import pg from 'pg';
import { silentLog } from '../../../adapter/ports/log.ts';
import { hisPostgres } from '../../../connectors/his-postgres/index.ts';
import type { PostgresSettings } from '../../../connectors/his-postgres/settings.ts';
import type { ProbeResult } from '../../../adapter/ports/probe.ts';
import type { HisSource } from '../../../adapter/ports/his-source.ts';
import { openhis } from '../../../mappings/openhis/index.ts';
import { OPENHIS_TABLES } from '../../mappings/row-openhis-tables.ts';
import { postgresOrSkip, type TestDatabase } from '../../support/postgres.ts';
import { HOSPITAL, openTestHospital, type TestHospital } from '../../support/test-hospital.ts';
import { waitFor } from '../../support/wait-for.ts';
import { memoryCounters, PULL_DEFAULTS } from '../row-pull/pull-fixture.ts';

const script = (name: string): string => readFileSync(`sql/his/openhis/${name}`, 'utf8');
const code = (serial: number): string => `8999001${String(serial).padStart(9, '0')}0001`;

describe('his-postgres: OpenHIS by its own scripts, read with its own account, into the real intake', function () {
  this.timeout(60_000);
  let database: TestDatabase | undefined;
  let admin: pg.Client | undefined;
  let hospital: TestHospital | undefined;
  beforeEach(async function () {
    database = await (await postgresOrSkip(this)).createDatabase();
    admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    await admin.query(OPENHIS_TABLES);
    for (const file of ['1-view.sql', '3-outbox.sql', '2-account.sql']) await admin.query(script(file));
    hospital = await openTestHospital([]);
  });
  afterEach(async () => {
    await hospital?.stop();
    await admin?.query(script('9-uninstall.sql'));
    await admin?.end();
    await database?.drop();
  });

  function open(settings: Partial<PostgresSettings>): HisSource {
    const url = new URL(database!.url);
    url.username = 'his_trace_reader';
    const all: PostgresSettings = { ...PULL_DEFAULTS, strategy: 'time-window', every: 50, connection: url.toString(), tls: { encrypt: 'auto', trustServerCertificate: false }, lookBack: 60_000, ...settings };
    return hisPostgres.create({
      name: 'his-db', settings: all, mapping: openhis, institutions: [HOSPITAL], intake: hospital!.intake, counters: memoryCounters(), log: silentLog, count: () => undefined,
      clock: { now: () => Date.now(), sleep: () => new Promise((resolve) => { setImmediate(resolve); }) },
    });
  }

  async function dispense(id: number, values: Readonly<Record<string, string | number | null>> = {}): Promise<void> {
    const row = { id, status_enum: 4, dispense_time: '2026-11-22 09:31:05', medication_id: 10, patient_id: 60, encounter_id: 50, practitioner_id: 30, location_id: 20, med_req_id: 70, dispense_quantity: 1, unit_code: '1', trace_no: code(id), ...values };
    await admin!.query(`INSERT INTO med_medication_dispense (${Object.keys(row).join(', ')}) VALUES (${Object.keys(row).map((_, at) => `$${String(at + 1)}`).join(', ')})`, Object.values(row));
  }

  const stored = (): Promise<{ readonly event_id: string; readonly kind: string }[]> => hospital!.rows('SELECT event_id, kind FROM event ORDER BY event_id');
  const failed = (results: readonly ProbeResult[]): readonly string[] => results.filter((result) => !result.ok).map((result) => result.detail);

  it('takes dispenses, returns and stock documents through the views; the probe finds the account read-only', async () => {
    await dispense(1001);
    await dispense(1002, { status_enum: 12, status_changed_time: '2026-11-22 11:00:00' });
    await admin!.query(`INSERT INTO wor_supply_request (id, bus_no, type_enum, status_enum, item_table, item_quantity, item_id, unit_code, occurrence_time, supplier_id, purpose_location_id, approver_id, approval_time, lot_number, trace_no)
      VALUES (2001, 'D2001', 1, 3, 'med_medication_definition', 1, 10, '1', '2026-11-20 10:00:00', 40, 21, 30, '2026-11-20 14:58:00', 'A2401', $1)`, [code(1)]);
    const medication = open({ view: 'his_trace.openhis_medication' });
    const results = await medication.probe();
    expect(failed(results)).to.deep.equal([]);
    expect(results.map((result) => result.detail).join()).to.match(/用户 his_trace_reader/).and.to.match(/账号只读/);
    const preview = await medication.preview?.({ limit: 10, signal: new AbortController().signal });
    expect(preview?.kind === 'records' ? preview.records.map((record) => record.meaning.kind) : preview).to.deep.equal(['events', 'events', 'events']);
    const supply = open({ view: 'his_trace.openhis_supply' });
    await Promise.all([medication.start(), supply.start()]);
    await waitFor('four events', async () => (await stored()).length === 4);
    await Promise.all([medication.stop(), supply.stop()]);
    expect((await stored()).map(({ event_id, kind }) => `${event_id} ${kind}`)).to.deep.equal(['MD-1001 dispense', 'MD-1002 dispense', 'MR-1002 dispense-return', 'SR-2001 receipt']);
    expect(await hospital!.rows(`SELECT code FROM code WHERE code = ?`, code(1001))).to.have.length(1);
  });

  it('takes each row once through the outbox of keys once the DBA has granted the flag, and is told before that', async () => {
    const settings = { strategy: 'send-flag', view: 'his_trace.openhis_medication_new', flagTable: 'his_trace.openhis_keys' } as const;
    for (let id = 3001; id <= 3020; id += 1) await dispense(id);
    await admin!.query('GRANT SELECT, UPDATE ("SEND_FLAG") ON his_trace.openhis_keys TO his_trace_reader');
    const source = open(settings);
    expect(failed(await source.probe())).to.deep.equal([]);
    await source.start();
    await waitFor('every event', async () => (await stored()).length === 20);
    const pending = async (): Promise<number> => (await admin!.query(`SELECT 1 FROM his_trace.openhis_keys WHERE "SEND_FLAG" = '0'`)).rowCount ?? 0;
    await waitFor('every flag set', async () => await pending() === 0);
    await source.stop();
  });
});
