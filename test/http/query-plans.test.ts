import { expect } from 'chai';
import type { SqlDriver, SqlQuery, SqlValue } from '../../adapter/ports/sql-driver.ts';
import { SELECT_CODE_LIFE, SELECT_CODE_MOVES } from '../../adapter/store/queries/codes-view.ts';
import { attemptsOf, deliveriesOfEvents, listDeliveries } from '../../adapter/store/queries/deliveries-view.ts';
import type { DeliveryFilter } from '../../adapter/store/queries/deliveries-view.ts';
import { COUNT_OPEN } from '../../adapter/store/queries/destinations-view.ts';
import { countStates, listEvents, SELECT_EVENT, SELECT_FINDINGS, SELECT_LINES } from '../../adapter/store/queries/events-view.ts';
import { COUNT_QUARANTINED, listRecords, SELECT_RECORD } from '../../adapter/store/queries/quarantine-view.ts';
import { CHUNK_EVENTS, SELECT_CHUNK_DELIVERIES, SELECT_CHUNK_EVENTS, SELECT_CHUNK_LINES, SELECT_DAY_NUMBERS } from '../../adapter/store/queries/summary-view.ts';
import { SELECT_TOKEN_BY_SHA } from '../../adapter/http/token.ts';
import { A, openStore } from './fixture.ts';

/** A query port that asks for the plan of what it is given. */
async function planOf(driver: SqlDriver, ask: (q: SqlQuery) => Promise<unknown>): Promise<string> {
  const plans: string[] = [];
  await driver.read(async (q) => {
    const explain = async (sql: string, params: readonly SqlValue[] = []): Promise<void> => {
      const rows = await q.all(`EXPLAIN QUERY PLAN ${sql}`, params);
      plans.push(...rows.map((row) => String(row['detail'])));
    };
    const asking: SqlQuery = {
      get: async (sql, params) => { await explain(sql, params); return undefined; },
      all: async (sql, params) => { await explain(sql, params); return []; },
      run: () => Promise.reject(new Error('a view changes nothing')),
    };
    await ask(asking);
  });
  return plans.join('\n');
}

const CHUNK = Array.from({ length: CHUNK_EVENTS }, (_, at) => at);

const PLAIN: readonly [string, string, readonly SqlValue[], RegExp][] = [
  ['token', SELECT_TOKEN_BY_SHA, ['x'], /api_token_sha/],
  ['event', SELECT_EVENT, [A, 'his', 'E'], /event_key/],
  ['lines', SELECT_LINES, [A, 1], /event_line USING PRIMARY KEY/],
  ['findings', SELECT_FINDINGS, [A, 1], /finding USING PRIMARY KEY/],
  ['code', SELECT_CODE_LIFE, [A, 'c'], /SEARCH c USING PRIMARY KEY[\s\S]*SEARCH g USING PRIMARY KEY/],
  ['code moves', SELECT_CODE_MOVES, [A, 'c'], /SEARCH m USING PRIMARY KEY[\s\S]*SEARCH e USING PRIMARY KEY/],
  ['record', SELECT_RECORD, [A, 1], /record USING PRIMARY KEY/],
  ['quarantined of a day', COUNT_QUARANTINED, [A, A, 0, 1], /record USING PRIMARY KEY \(institution=\? AND record_no=\?\)[\s\S]*COVERING INDEX record_quarantined/],
  ['backlog', COUNT_OPEN, [A, 'mah'], /COVERING INDEX delivery_due/],
  ['numbers of a day', SELECT_DAY_NUMBERS, [A, '2026-11-22', 0], /COVERING INDEX event_by_day \(institution=\? AND occurred_on=\? AND event_no>\?\)/],
  ['events of a chunk', SELECT_CHUNK_EVENTS, [A, ...CHUNK], /event USING PRIMARY KEY \(institution=\? AND event_no=\?\)/],
  ['lines of a chunk', SELECT_CHUNK_LINES, [A, ...CHUNK], /event_line USING PRIMARY KEY \(institution=\? AND event_no=\?\)/],
  ['deliveries of a chunk', SELECT_CHUNK_DELIVERIES, [A, ...CHUNK], /delivery_by_event \(institution=\? AND event_no=\?\)/],
];

describe('store views: query plans', () => {
  let store: { readonly driver: SqlDriver; readonly close: () => Promise<void> };
  before(async () => { store = await openStore(); });
  after(() => store.close());

  for (const [name, sql, params, index] of PLAIN) {
    it(`reads ${name} by its index`, async () => {
      const plan = await planOf(store.driver, (q) => q.all(sql, params));
      expect(plan).to.match(index);
      expect(plan).not.to.match(/SCAN (?!CONSTANT)/);
    });
  }

  const page = { before: undefined, limit: 50 };
  const BY_NUMBER = 'SEARCH d USING PRIMARY KEY \\(institution=\\? AND delivery_no=\\?\\)[\\s\\S]*';
  const BY_EVENT = `${BY_NUMBER}SEARCH x USING COVERING INDEX delivery_by_event \\(institution=\\? AND event_no=\\?\\)[\\s\\S]*`;
  const REFERRING = '[\\s\\S]*SEARCH v USING COVERING INDEX event_by_refers';
  const deliveries: readonly [Partial<DeliveryFilter>, string][] = [
    [{}, 'SEARCH d USING PRIMARY KEY'], [{ deliveryNos: [1, 2] }, BY_NUMBER], [{ states: ['queued', 'held'] }, `${BY_NUMBER}COVERING INDEX delivery_due`],
    [{ states: ['sent'], destination: 'mah' }, `${BY_NUMBER}COVERING INDEX delivery_due \\(institution=\\? AND destination=\\?`],
    [{ documentNo: 'D' }, `${BY_EVENT}event_by_document${REFERRING}`], [{ visitNo: 'V' }, `${BY_EVENT}event_by_visit${REFERRING}`],
    [{ drug: 'D' }, `${BY_EVENT}event_line_by_drug \\(institution=\\? AND drug=\\?\\)${REFERRING}`],
    [{ drug: 'D', lot: 'L' }, `${BY_EVENT}event_line_by_drug \\(institution=\\? AND drug=\\? AND lot=\\?\\)${REFERRING}`],
    [{ fromMs: 0, toMs: 1 }, `${BY_EVENT}COVERING INDEX event_by_day`],
  ];
  for (const [filter, index] of deliveries) {
    it(`lists deliveries by ${JSON.stringify(filter)} through its index`, async () => {
      expect(await planOf(store.driver, (q) => listDeliveries(q, { institution: A, ...filter }, page))).to.match(new RegExp(index));
    });
  }

  const events: readonly [Partial<DeliveryFilter>, RegExp][] = [
    [{}, /SEARCH e USING PRIMARY KEY/], [{ documentNo: 'D' }, /event_no=\?\)[\s\S]*COVERING INDEX event_by_document/], [{ visitNo: 'V' }, /event_no=\?\)[\s\S]*COVERING INDEX event_by_visit/],
    [{ drug: 'D' }, /event_no=\?\)[\s\S]*COVERING INDEX event_line_by_drug/], [{ fromMs: 0, toMs: 1 }, /event_by_day/],
  ];
  for (const [filter, index] of events) {
    it(`lists events by ${JSON.stringify(filter)} through its index`, async () => {
      expect(await planOf(store.driver, (q) => listEvents(q, { institution: A, ...filter }, page))).to.match(index);
    });
  }

  it('reads what belongs to some events or deliveries by their numbers', async () => {
    expect(await planOf(store.driver, (q) => listRecords(q, { institution: A }, 'quarantined', page))).to.match(/COVERING INDEX record_quarantined/);
    expect(await planOf(store.driver, (q) => countStates(q, A, [1, 2]))).to.match(/delivery_by_event/);
    expect(await planOf(store.driver, (q) => deliveriesOfEvents(q, A, [1, 2]))).to.match(new RegExp(BY_EVENT));
    expect(await planOf(store.driver, (q) => attemptsOf(q, A, [1, 2]))).to.match(/delivery_attempt USING PRIMARY KEY/);
  });
});
