import { expect } from 'chai';
import pg from 'pg';
import type { TraceEvent } from '../../../adapter/domain/event.ts';
import { silentLog } from '../../../adapter/ports/log.ts';
import { targetOf } from '../../../connectors/his-postgres/connection-target.ts';
import { PostgresDatabase } from '../../../connectors/his-postgres/database.ts';
import type { PullSettings } from '../../../connectors/shared/row-pull/settings.ts';
import { postgresOrSkip, type TestDatabase, type TestPostgres } from '../../support/postgres.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { waitFor } from '../../support/wait-for.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { WRITTEN_TABLES, writeConcurrently } from './concurrent-writers.ts';
import { FULL_PULL, KnowingIntake, makeRowSource, memoryCounters, PULL_DEFAULTS } from './pull-fixture.ts';

const STRATEGIES: readonly (readonly [string, Partial<PullSettings>])[] = [
  ['time-window', { strategy: 'time-window', lookBack: 60_000 }],
  ['anti-join with a side table', { strategy: 'anti-join', sideTable: 'taken' }],
  ['anti-join with a read-only account', { strategy: 'anti-join', lookBack: 60_000 }],
  ['send-flag', { strategy: 'send-flag', flagTable: 'kept' }],
  ['xmin of the rows', { strategy: 'xmin' }],
  ['xmin stored by the HIS', { strategy: 'xmin', columns: { ...PULL_DEFAULTS.columns, version: 'TXID' } }],
];

/** Without the full form two strategies a fault, and some hundreds of rows. */
const WRITING = { writers: 4, transactions: FULL_PULL ? 70 : 6, eventsEach: 10 };
const LEAST_ROWS = FULL_PULL ? 10_000 : 700;

const CUT: readonly string[] = ['time-window', 'send-flag'];
const RESTARTED: readonly string[] = ['anti-join with a side table', 'xmin stored by the HIS'];

type Scenario = 'late commits' | 'server restarts' | 'line cut in the middle of a page';

describe('row pull: his-postgres with concurrent writers', function () {
  this.timeout(FULL_PULL ? 240_000 : 60_000);
  let server: TestPostgres | undefined;
  let database: TestDatabase | undefined;
  beforeEach(async function () {
    server = await postgresOrSkip(this);
    database = await server.createDatabase();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(WRITTEN_TABLES);
    await client.end();
  });
  afterEach(async () => { await database?.drop(); });

  async function play(scenario: Scenario, settings: Partial<PullSettings>): Promise<void> {
    const url = database!.url;
    const socket = new URL(url).searchParams.get('host');
    const random = seededRandom(7);
    const proxy = scenario !== 'line cut in the middle of a page' || socket === null ? undefined
      // the first bytes are the login; a page of lines has about 100 kB
      : await CuttingProxy.open(`${socket}/.s.PGSQL.5432`, () => ({ afterBytes: 2_000 + Math.floor(random() * (FULL_PULL ? 250_000 : 60_000)), silent: random() < 0.2 }));
    const [intake, counters] = [new KnowingIntake(), memoryCounters()];
    const target = targetOf(url)!;
    const db = new PostgresDatabase({ target: proxy === undefined ? target : { ...target, host: '127.0.0.1', port: proxy.port }, settings: { tls: { encrypt: 'no', trustServerCertificate: false }, connectTimeout: 500, readTimeout: 2_000 }, source: 'his', log: silentLog, load: () => Promise.resolve(pg) });
    const { source, counted } = makeRowSource({ db, intake, counters, settings: { readTimeout: FULL_PULL ? 1_500 : 250, ...settings } });
    await source.start();
    const written = writeConcurrently({ url, ...WRITING });
    let restarts = 0;
    if (scenario === 'server restarts') {
      for (const mode of ['immediate', 'fast'] as const) {
        const seen = intake.accepted.size;
        await waitFor('some rows taken', () => intake.accepted.size > seen, 30_000);
        await server!.server?.stop(mode);
        await server!.server?.start();
        restarts += 1;
      }
    }
    const expected = await written;
    await waitFor('every event taken', () => intake.accepted.size >= expected.size, 120_000);
    await source.stop();
    await proxy?.close();
    const rows = [...expected.values()].reduce((sum, lines) => sum + lines, 0);
    expect(rows).to.be.greaterThan(LEAST_ROWS);
    if (scenario === 'server restarts') expect([restarts, (counted.get('his_trace_row_polls_total his-db network') ?? 0) > 0]).to.deep.equal([2, true]);
    if (proxy !== undefined) expect(proxy.cuts).to.be.greaterThan(2);
    expect([...intake.accepted.keys()].sort(), 'lost or made up').to.deep.equal([...expected.keys()].sort());
    expect(intake.conflicts, 'taken in part').to.deep.equal([]);
    const taken = [...intake.accepted.values()].map((text) => JSON.parse(text) as TraceEvent);
    for (const event of taken) expect(event.lines.length, event.id).to.equal(expected.get(event.id));
    expect(new Set(taken.flatMap((event) => event.lines.flatMap((line) => line.codes))).size, 'doubled').to.equal(rows);
    if (FULL_PULL) process.stderr.write(`      ${scenario}: ${String(rows)} rows, ${String(expected.size)} events, ${String(intake.duplicates)} read again, ${String(proxy?.cuts ?? restarts)} faults: 0 lost, 0 doubled\n`);
  }

  for (const [name, settings] of STRATEGIES) {
    it(`${name} takes every row of four writers once and whole, late commits and savepoints included`, () => play('late commits', settings));
    if (FULL_PULL || CUT.includes(name)) it(`${name} loses and doubles nothing when the line is cut in the middle of pages`, () => play('line cut in the middle of a page', settings));
    if (FULL_PULL || RESTARTED.includes(name)) it(`${name} loses and doubles nothing when the server crashes and restarts`, async function () {
      if (server?.server === undefined) return this.skip();
      await play('server restarts', settings);
    });
  }
});
