import { expect } from 'chai';
import type { PullSettings } from '../../../connectors/shared/row-pull/settings.ts';
import { postgresOrSkip, type TestDatabase } from '../../support/postgres.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { waitFor } from '../../support/wait-for.ts';
import { FULL_PULL, KnowingIntake, makeRowSource, memoryCounters } from './pull-fixture.ts';
import { HIS_TABLES, PostgresHis } from './postgres-his.ts';

const STRATEGIES: readonly (readonly [string, Partial<PullSettings>])[] = [
  ['time-window', { strategy: 'time-window', lookBack: 60_000 }],
  ['anti-join with a side table', { strategy: 'anti-join', sideTable: 'taken' }],
  ['anti-join with a read-only account', { strategy: 'anti-join', lookBack: 60_000 }],
  ['send-flag', { strategy: 'send-flag' }],
  ['rowversion', { strategy: 'rowversion' }],
];

const WRITERS = 4;
const TRANSACTIONS = FULL_PULL ? 70 : 10;
const EVENTS_EACH = 10;

/** One writer: transactions that stay open over others, so that keys and times become visible out of order; some roll back. */
async function write(his: PostgresHis, writer: number, expected: Map<string, number>): Promise<void> {
  const random = seededRandom(writer + 1);
  const client = await his.pool.connect();
  try {
    for (let transaction = 0; transaction < TRANSACTIONS; transaction += 1) {
      await client.query('BEGIN');
      const rollsBack = random() < 0.1;
      for (let at = 0; at < EVENTS_EACH; at += 1) {
        const id = `W${String(writer)}-${String(transaction)}-${String(at)}`;
        const lines = 3 + Math.floor(random() * 4);
        await client.query(`INSERT INTO lines ("EVENT_ID", "EVENT_KIND", "OCCURRED_AT", "DRUG_CODE", "QUANTITY", "UNIT", "TRACE_CODES")
          SELECT $1, 'dispense', '2026-11-22 09:00:00', 'YP' || n, 1, '盒', CAST('8999001' || lpad(CAST($2::int + n AS text), 9, '0') || '0001' AS numeric) FROM generate_series(1, $3::int) n`, [id, writer * 1_000_000 + transaction * 1_000 + at * 10, lines]);
        if (!rollsBack) expected.set(id, lines);
      }
      if (random() < 0.3) await client.query('SELECT pg_sleep(0.02)');
      await client.query(rollsBack ? 'ROLLBACK' : 'COMMIT');
    }
  } finally {
    client.release();
  }
}

describe('row pull: the SQL of the strategies on PostgreSQL', function () {
  this.timeout(120_000);
  let database: TestDatabase | undefined;
  let his: PostgresHis | undefined;
  beforeEach(async function () {
    database = await (await postgresOrSkip(this)).createDatabase();
    his = new PostgresHis(database.url);
    await his.pool.query(HIS_TABLES);
  });
  afterEach(async () => {
    await his?.pool.end();
    await database?.drop();
  });

  for (const [name, settings] of STRATEGIES) {
    it(`${name} takes every committed row of four concurrent writers, once and whole, and none that was rolled back`, async () => {
      const server = his!;
      const expected = new Map<string, number>();
      const intake = new KnowingIntake();
      const { source } = makeRowSource({ db: server, intake, counters: memoryCounters(), settings });
      await source.start();
      await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(server, writer, expected)));
      const rows = [...expected.values()].reduce((sum, lines) => sum + lines, 0);
      // 90 % of 4 × 70 × 10 events with 3 to 6 lines
      expect(rows).to.be.greaterThan(FULL_PULL ? 10_000 : 1_200);
      await waitFor('every event taken', () => intake.accepted.size >= expected.size, 30_000);
      await source.stop();
      expect([...intake.accepted.keys()].sort()).to.deep.equal([...expected.keys()].sort());
      expect(intake.conflicts).to.deep.equal([]);
      const taken = [...intake.accepted.values()].map((text) => JSON.parse(text) as { readonly id: string; readonly lines: readonly { readonly codes: readonly string[]; readonly quantity: string }[] });
      for (const event of taken) expect(event.lines.length).to.equal(expected.get(event.id));
      // numeric(20) keeps every digit
      for (const code of taken.flatMap((event) => event.lines.flatMap((line) => line.codes))) expect(code).to.match(/^8999001\d{9}0001$/);
      expect(taken[0]?.lines[0]?.quantity).to.equal('1');
    });
  }
});
