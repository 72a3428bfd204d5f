import { expect } from 'chai';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { previewSource, type PreviewOptions, type PreviewReport } from '../../adapter/dry-run/preview.ts';
import { RowSource } from '../../connectors/shared/row-pull/row-source.ts';
import type { RowDatabase } from '../../connectors/shared/row-pull/row-database.ts';
import { mssqlDialect } from '../../connectors/his-mssql/dialect.ts';
import { RowFault } from '../../connectors/shared/row-pull/row-fault.ts';
import { settings } from '../../connectors/his-mssql/settings.ts';
import { silentLog } from '../../adapter/ports/log.ts';
import { standard } from '../../mappings/standard/index.ts';
import { HOSPITAL, packCode } from '../support/test-hospital.ts';
import { configOf, configText, FilledStore, PARTS, row } from './fixture.ts';

const HL7 = ['MSH|^~\\&|HIS|H35010200001|TRACE|H35010200001|20261122093105+0800||RDS^O13|M1|P|2.5', 'ORC|RE|P1', 'RXD|1|YP1^演示片|20261122093105+0800|1|盒||RX1', `ZTC|1|1|${packCode(1)}|1|1|盒`].join('\r');

function rowsOf(report: PreviewReport): (PreviewReport & { readonly kind: 'rows' })['rows'] {
  if (report.kind === 'failed') throw new Error(report.detail);
  return report.rows;
}

describe('preview of a source', () => {
  let store: FilledStore;
  beforeEach(async () => { store = await new FilledStore().open(); });
  afterEach(async () => { await store.remove(); });
  const preview = (config: string, more: Partial<PreviewOptions> = {}): Promise<PreviewReport> => previewSource({ config: configOf(config), parts: PARTS, storeUrl: `file:${store.path}`, source: 'his', limit: 10, nowMs: Date.parse('2026-11-22T02:00:00Z'), ...more });
  const source = (text: string): string => configText('', '').replace(/sources: .*\n/, `sources: { his: { ${text} } }\n`);

  it('shows rows as the lines of events they would become, with what the rules find and why one is refused', async () => {
    const bytes = Buffer.from(JSON.stringify([row('D1', { TRACE_CODES: packCode(1) }), row('D2', { UNIT: null, TRACE_CODES: packCode(2) }), row('D3', { SKIP_REASON: '自备药' })]));
    const rows = rowsOf(await preview(configText(), { source: 'his-db', sample: { name: 'rows.json', bytes } }));
    expect(rows.map(({ id, result }) => `${id} ${result}`)).to.deep.equal(['D1 accepted', 'D2 refused', 'D3 noted']);
    expect(rows[0]?.findings.map(({ code }) => code)).to.include('CODE_NOT_IN_STOCK');
    expect(rows[1]?.refusal?.field).to.equal('UNIT');
    expect(rows[2]?.note).to.contain('自备药');
  });

  it('shows what is in the store already as it would be taken anew', async () => {
    await store.take(row('R1', { EVENT_KIND: 'receipt', TRACE_CODES: packCode(1) }));
    await store.take(row('D1', { TRACE_CODES: packCode(1) }));
    const bytes = Buffer.from(JSON.stringify([row('D1', { TRACE_CODES: packCode(1) })]));
    const rows = rowsOf(await preview(configText(), { source: 'his-db', sample: { name: 'rows.json', bytes } }));
    expect(rows.map(({ result, findings }) => ({ result, findings }))).to.deep.equal([{ result: 'accepted', findings: [] }]);
  });

  it('shows ten rows at most, and works before there is a store', async () => {
    const bytes = Buffer.from(Array.from({ length: 30 }, (_, at) => JSON.stringify(row(`D${String(at)}`))).join('\n'));
    const report = await preview(configText(), { source: 'his-db', sample: { name: 'rows.ndjson', bytes }, storeUrl: `file:${store.folder}/none.db` });
    expect(rowsOf(report)).to.have.length(10);
    expect(report).to.have.property('withStore', false);
    expect(readdirSync(store.folder)).to.not.include('none.db');
  });

  it('reads the newest files of a watched folder where they lie', async () => {
    const folder = join(store.folder, 'out');
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.csv'), `事件编号,业务类型,业务时间,行号,药品编码,数量,单位,追溯码\nF1,dispense,2026-11-22 09:31:05,1,YP1,1,盒,${packCode(1)}\n`);
    const rows = rowsOf(await preview(source(`connector: his-file, folder: ${JSON.stringify(folder)}`)));
    expect(rows.map(({ id, result }) => `${id} ${result}`)).to.deep.equal(['F1 accepted']);
    expect(readdirSync(folder)).to.deep.equal(['a.csv']);
    expect(await preview(source(`connector: his-file, folder: ${JSON.stringify(join(store.folder, 'gone'))}`))).to.deep.include({ kind: 'failed' }).and.have.property('detail').that.contains('文件夹不存在');
  });

  it('reads HL7 from a sample, and says why there is none to fetch', async () => {
    const config = source('connector: his-hl7v2, port: 0');
    const rows = rowsOf(await preview(config, { sample: { name: 'a.hl7', bytes: Buffer.from(HL7) } }));
    expect(rows).to.have.length(1);
    expect(rows[0]?.id).to.equal('M1');
    expect(await preview(config)).to.have.property('detail').that.contains('--sample');
  });

  it('says what is wrong in one sentence when the database cannot be reached', async () => {
    expect(await preview(configText('connectTimeout: 500ms, readTimeout: 500ms'), { source: 'his-db' })).to.have.property('kind', 'failed');
    expect(await preview(configText(), { source: 'nobody' })).to.deep.equal({ kind: 'failed', detail: '配置中没有来源 nobody' });
  });
});

describe('preview of rows in a database', () => {
  /** A view with some events; remembers what was asked. */
  function fakeView(events: readonly string[], fault?: RowFault): RowDatabase & { readonly asked: string[]; changed: number } {
    const asked: string[] = [];
    const database = {
      dialect: mssqlDialect, asked, changed: 0,
      columns: () => (fault === undefined ? Promise.resolve(['EVENT_ID', 'ROW_ID', 'CHANGED_AT', 'EVENT_KIND', 'OCCURRED_AT', 'DRUG_CODE', 'QUANTITY', 'UNIT'].map((name) => ({ name, type: name === 'CHANGED_AT' ? 'DATETIME' : 'NVARCHAR', kind: name === 'CHANGED_AT' ? 'time' as const : 'other' as const, length: 40 }))) : Promise.reject(fault)),
      query: ({ sql }: { readonly sql: string }) => {
        asked.push(sql);
        if (sql.includes('GETDATE')) return Promise.resolve([{ NOW: '2026-11-22 10:00:00.000' }]);
        if (sql.includes('PULL_POSITION')) return Promise.resolve(events.map((id) => ({ PULL_POSITION: '2026-11-22 09:00:00.000', PULL_EVENT: id })));
        return Promise.resolve(events.map((id) => ({ PULL_EVENT: id, ...row(id) })));
      },
      run: () => { database.changed += 1; return Promise.resolve(1); },
      account: () => Promise.resolve({ server: 'fake', user: 'u', writable: [] }),
      close: () => Promise.resolve(),
    };
    return database;
  }
  const sourceOn = (db: RowDatabase): RowSource => {
    const values = Object.fromEntries(Object.entries(settings).flatMap(([name, setting]) => ('default' in setting ? [[name, setting.default]] : [])));
    const columns = { event: 'EVENT_ID', row: 'ROW_ID', changedAt: 'CHANGED_AT', version: 'ROW_VER', flag: 'SEND_FLAG' };
    return new RowSource({
      db, address: 'fake://', deps: {
        name: 'his-db', settings: { ...values, strategy: 'time-window', columns } as never, mapping: standard, institutions: [HOSPITAL], intake: { submit: () => Promise.reject(new Error('a preview takes nothing')) },
        counters: { reserve: () => Promise.reject(new Error('no')), recall: () => Promise.reject(new Error('no')), remember: () => Promise.reject(new Error('a preview remembers nothing')) },
        clock: { now: () => Date.parse('2026-11-22T02:00:00Z'), sleep: () => Promise.resolve() }, log: silentLog, count: () => undefined,
      },
    });
  };

  it('reads a few events of the last days, marks none and remembers no position', async () => {
    const db = fakeView(['D1', 'D2', 'D3']);
    const read = await sourceOn(db).preview({ limit: 2, signal: AbortSignal.timeout(5_000) });
    expect(read.kind === 'records' && read.records.map(({ record, meaning }) => `${record.controlId} ${meaning.kind}`)).to.deep.equal(['D1 events', 'D2 events']);
    expect(db.asked.some((sql) => sql.includes('TOP 2 '))).to.equal(true);
    expect(db.changed).to.equal(0);
  });

  it('tells a missing view with its remedy', async () => {
    const read = await sourceOn(fakeView([], new RowFault('missing', '208', 'Invalid object name'))).preview({ limit: 2, signal: AbortSignal.timeout(5_000) });
    expect(read).to.have.property('kind', 'failed');
    expect(read).to.have.property('detail').that.matches(/208/);
  });
});
