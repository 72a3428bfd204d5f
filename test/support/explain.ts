import type { SqlDriver, SqlValue } from '../../adapter/ports/sql-driver.ts';
import { numberPlaceholders } from '../../adapter/store/parameters.ts';

export interface QueryOf {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/**
 * Asks the database how it would run the query, and fails when it would not use the index.
 * An index name is that of sql/; the primary key of a table is named `<table>_pkey` on both databases. SQLite plans by the
 * shape of query and index alone; PostgreSQL by the rows too, so the tables are filled for the question and emptied again.
 */
export async function assertUsesIndex(driver: SqlDriver, sql: string, params: readonly SqlValue[], indexName: string): Promise<void> {
  const plan = await explain(driver, { sql, params });
  if (!usesIndex(driver.dialect, plan, indexName)) throw new Error(`the query does not use ${indexName}:\n${sql.trim()}\nplan:\n${plan}`);
}

/** @returns the plan as text, one step a line */
export async function explain(driver: SqlDriver, query: QueryOf): Promise<string> {
  return driver.dialect === 'sqlite' ? await explainSqlite(driver, query) : await explainPostgres(driver, query);
}

async function explainSqlite(driver: SqlDriver, query: QueryOf): Promise<string> {
  const rows = await driver.read((q) => q.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${query.sql}`, query.params));
  return rows.map((row) => row.detail).join('\n');
}

const FILLER_ROWS = 3_000;
const FILL = `SELECT format('INSERT INTO %I (%s) SELECT %s FROM generate_series(1000000000000, 1000000000000 + ${String(FILLER_ROWS)}) i ON CONFLICT DO NOTHING', c.relname,
    string_agg(quote_ident(a.attname), ',' ORDER BY a.attnum),
    string_agg(CASE
      WHEN a.attname = 'institution' THEN '''H'' || (i % 10)'
      WHEN a.attname IN ('source', 'destination', 'kind') THEN quote_literal(a.attname) || ' || (i % 3)'
      WHEN a.attname = 'state' THEN '(ARRAY[''accepted'',''accepted'',''accepted'',''queued'',''rejected'',''quarantined'',''opened'',''held''])[1 + i % 8]'
      WHEN a.atttypid = 'bytea'::regtype THEN '''\\xff''::bytea'
      WHEN a.atttypid = 'text'::regtype THEN quote_literal(a.attname) || ' || i' ELSE 'i' END, ',' ORDER BY a.attnum)) AS fill,
  c.relname AS name
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped GROUP BY c.relname`;

/**
 * Two plans: for these very values, and for any values (what a prepared statement comes to). In a transaction of the writing
 * kind, which FOR UPDATE and changing statements need; EXPLAIN runs nothing, and everything is undone.
 */
async function explainPostgres(driver: SqlDriver, query: QueryOf): Promise<string> {
  const undone = new Error('explained');
  const lines: string[] = [];
  try {
    await driver.write(async (q) => {
      await q.run('SET LOCAL enable_seqscan = off');
      await q.run('SET LOCAL enable_bitmapscan = off');
      for (const table of await q.all<{ fill: string; name: string }>(FILL)) {
        if (!new RegExp(`\\b${table.name}\\b`).test(query.sql)) continue;
        await q.run(table.fill);
        await q.run(`ANALYZE ${table.name}`);
      }
      const these = await q.all<{ 'QUERY PLAN': string }>(`EXPLAIN (COSTS OFF) ${query.sql}`, query.params);
      const any = await q.all<{ 'QUERY PLAN': string }>(`EXPLAIN (COSTS OFF, GENERIC_PLAN) ${numberPlaceholders(query.sql).text}`);
      lines.push(...these.map((row) => row['QUERY PLAN']), '— for any values —', ...any.map((row) => row['QUERY PLAN']));
      throw undone;
    });
  } catch (error) {
    if (error !== undone) throw error;
  }
  return lines.join('\n');
}

function usesIndex(dialect: SqlDriver['dialect'], plan: string, indexName: string): boolean {
  const named = dialect === 'sqlite'
    ? plan.includes(`INDEX ${indexName} (`) || plan.endsWith(`INDEX ${indexName}`) || plan.includes(`INDEX ${indexName}\n`)
    : new RegExp(`(?:using|on) ${indexName}\\b|Conflict Arbiter Indexes: [^\\n]*\\b${indexName}\\b`).test(plan);
  if (named || dialect === 'postgres') return named;
  const table = /^(\w+)_pkey$/.exec(indexName)?.[1];
  return table !== undefined && new RegExp(`SEARCH ${table}(?: AS \\w+)? USING PRIMARY KEY`).test(plan);
}
