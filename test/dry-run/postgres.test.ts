import { expect } from 'chai';
import { openPostgres } from '../../adapter/store/postgres/driver.ts';
import { postgresOrSkip, type TestDatabase } from '../support/postgres.ts';
import { packCode } from '../support/test-hospital.ts';
import { configOf, configText, FilledStore, row } from './fixture.ts';
import { STATION_FIRST } from './planted.ts';

describe('dry run over a store on PostgreSQL', () => {
  let database: TestDatabase | undefined;
  let store: FilledStore | undefined;
  beforeEach(async function () { database = await (await postgresOrSkip(this)).createDatabase(); });
  afterEach(async () => { await store?.remove(); await database?.drop(); });

  it('compares with the ledger as it was, and finds the one event that a changed mapping reads otherwise', async () => {
    store = await new FilledStore(await openPostgres({ url: database?.url ?? '' }), database?.url ?? '').open();
    await store.take(row('R1', { EVENT_KIND: 'receipt', TRACE_CODES: `${packCode(1)} ${packCode(2)}`, QUANTITY: '2' }));
    await store.take(row('O1', { EVENT_KIND: 'split-open', TRACE_CODES: packCode(1), IS_SPLIT: '1' }));
    await store.take(row('S1', { QUANTITY: '5', UNIT: '片', IS_SPLIT: '1' }));
    await store.sendAll();
    await store.take(row('S2', { QUANTITY: '7', UNIT: '片', IS_SPLIT: '1' }));
    await store.take(row('D1', { TRACE_CODES: packCode(2), STATION: '急诊药房' }));
    await store.take(row('B1', { EVENT_KIND: 'dispense-return', REFERS: 'D1', TRACE_CODES: packCode(2) }));
    const present = await store.dryRun(configOf(configText()), { limit: 3 });
    expect(present).to.deep.include({ events: 3, differences: 0 });
    const changed = await store.dryRun(configOf(configText('mappingFile: "m.yaml"'), { 'm.yaml': STATION_FIRST }));
    expect(changed.found.map(({ eventId, differences }) => [eventId, differences])).to.deep.equal([['D1', [{ kind: 'field', what: 'location', before: '西药房', after: '急诊药房' }]]]);
  });
});
