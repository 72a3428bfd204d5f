import pg from 'pg';
import { seededRandom } from '../../support/seeded-random.ts';

/** A table as a HIS on PostgreSQL keeps it, with what every strategy needs; the view shows xmin. */
export const WRITTEN_TABLES = `CREATE TABLE kept ("ROW_ID" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "EVENT_ID" varchar(40), "CHANGED_AT" timestamptz DEFAULT clock_timestamp(), "TXID" bigint DEFAULT txid_current(),
    "SEND_FLAG" char(2) DEFAULT '0', "EVENT_KIND" varchar(20), "OCCURRED_AT" timestamp, "DRUG_CODE" varchar(40), "QUANTITY" numeric(14,4), "UNIT" varchar(20), "TRACE_CODES" numeric(20));
  CREATE INDEX ON kept ("EVENT_ID"); CREATE INDEX ON kept ("CHANGED_AT", "EVENT_ID"); CREATE INDEX ON kept ("TXID", "EVENT_ID"); CREATE TABLE taken ("SOURCE" varchar(40), "EVENT_ID" varchar(40), PRIMARY KEY ("SOURCE", "EVENT_ID"));
  CREATE VIEW lines AS SELECT "ROW_ID", "EVENT_ID", "CHANGED_AT", xmin AS "ROW_VER", "TXID", "SEND_FLAG", "EVENT_KIND", "OCCURRED_AT", "DRUG_CODE", "QUANTITY", "UNIT", "TRACE_CODES" FROM kept`;

export interface Writing {
  readonly url: string;
  readonly writers: number;
  readonly transactions: number;
  readonly eventsEach: number;
}

/** @returns lines of each committed event: transactions stay open over others, use savepoints, some roll back; a server that goes away is waited for */
export async function writeConcurrently(writing: Writing): Promise<ReadonlyMap<string, number>> {
  const expected = new Map<string, number>();
  await Promise.all(Array.from({ length: writing.writers }, (_, writer) => writeOne(writing, writer, expected)));
  return expected;
}

async function writeOne({ url, transactions, eventsEach }: Writing, writer: number, expected: Map<string, number>): Promise<void> {
  const random = seededRandom(writer + 1);
  let client = await connected(url);
  for (let transaction = 0; transaction < transactions; transaction += 1) {
    const plan = { rollsBack: random() < 0.1, savepoint: random() < 0.3, open: random() < 0.3, lines: Array.from({ length: eventsEach }, () => 3 + Math.floor(random() * 4)) };
    const id = (at: number): string => `W${String(writer)}-${String(transaction)}-${String(at)}`;
    for (let tries = 0; ; tries += 1) {
      try {
        await client.query('BEGIN');
        for (const [at, lines] of plan.lines.entries()) {
          if (plan.savepoint) await client.query('SAVEPOINT s');
          await client.query(`INSERT INTO kept ("EVENT_ID", "EVENT_KIND", "OCCURRED_AT", "DRUG_CODE", "QUANTITY", "UNIT", "TRACE_CODES")
            SELECT $1, 'dispense', '2026-11-22 09:00:00', 'YP' || n, 1, '盒', CAST('8999001' || lpad(CAST($2::int + n AS text), 9, '0') || '0001' AS numeric) FROM generate_series(1, $3::int) n`, [id(at), writer * 1_000_000 + transaction * 1_000 + at * 10, lines]);
        }
        if (plan.open) await client.query('SELECT pg_sleep(0.02)');
        await client.query(plan.rollsBack ? 'ROLLBACK' : 'COMMIT');
        break;
      } catch (error) {
        if (tries >= 5) throw error;
        await client.end().catch(() => undefined);
        client = await connected(url);
        // the answer to a COMMIT may have been lost with the server: what is there counts
        if (((await client.query('SELECT 1 FROM kept WHERE "EVENT_ID" = $1 LIMIT 1', [id(0)])).rowCount ?? 0) > 0) break;
      }
    }
    if (!plan.rollsBack) for (const [at, lines] of plan.lines.entries()) expected.set(id(at), lines);
  }
  await client.end();
}

async function connected(url: string): Promise<pg.Client> {
  const until = Date.now() + 30_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
  }
}
