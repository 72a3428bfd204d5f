import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';

/** What a database says about its own tables, in words that both databases share. */
export interface Schema {
  /** table → its columns in order, as `name type [not null]`; type is text, integer or bytes */
  readonly tables: ReadonlyMap<string, readonly string[]>;
  /** index → `table unique? (columns) [where …]`; primary keys as `<table>_pkey` */
  readonly indexes: ReadonlyMap<string, string>;
  readonly triggers: readonly string[];
}
interface ColumnRow { table_name: string; name: string; type: string; is_not_null: number }
interface IndexRow { table_name: string; name: string; is_unique: number; columns: string; condition: string | null }

const COLUMNS = {
  sqlite: `SELECT t.name AS table_name, c.name, c.type, c."notnull" AS is_not_null FROM sqlite_master t JOIN pragma_table_info(t.name) c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid`,
  postgres: `SELECT c.relname AS table_name, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS is_not_null
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname COLLATE "C", a.attnum`,
};
const INDEXES = {
  sqlite: `SELECT t.name AS table_name, CASE i.origin WHEN 'pk' THEN t.name || '_pkey' ELSE i.name END AS name, i."unique" AS is_unique,
      (SELECT group_concat(x.name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno) x) AS columns,
      (SELECT substr(s.sql, instr(s.sql, ' WHERE ') + 7) FROM sqlite_master s WHERE s.name = i.name AND instr(s.sql, ' WHERE ') > 0) AS condition
    FROM sqlite_master t JOIN pragma_index_list(t.name) i WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, i.name`,
  postgres: `SELECT t.relname AS table_name, i.relname AS name, x.indisunique AS is_unique,
      (SELECT string_agg(a.attname, ', ' ORDER BY k.at) FROM unnest(x.indkey) WITH ORDINALITY k(num, at)
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.num) AS columns,
      pg_get_expr(x.indpred, t.oid) AS condition
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE n.nspname = 'public' ORDER BY t.relname COLLATE "C", i.relname COLLATE "C"`,
};
const TRIGGERS = {
  sqlite: "SELECT name || ' on ' || tbl_name AS name FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
  postgres: "SELECT g.tgname || ' on ' || c.relname AS name FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid WHERE NOT g.tgisinternal ORDER BY 1",
};
const TYPES: Readonly<Record<string, string>> = { TEXT: 'text', INTEGER: 'integer', BIGINT: 'integer', BLOB: 'bytes', text: 'text', bigint: 'integer', bytea: 'bytes' };

/** Reads the schema of a store after its migrations. */
export async function readSchema(driver: SqlDriver): Promise<Schema> {
  return await driver.read(async (q) => {
    const tables = new Map<string, string[]>();
    for (const row of await q.all<ColumnRow>(COLUMNS[driver.dialect])) {
      const columns = tables.get(row.table_name) ?? [];
      columns.push(`${row.name} ${TYPES[row.type] ?? row.type}${row.is_not_null === 1 ? ' not null' : ''}`);
      tables.set(row.table_name, columns);
    }
    const indexes = new Map<string, string>();
    for (const row of await q.all<IndexRow>(INDEXES[driver.dialect])) {
      const where = row.condition === null ? '' : ` where ${plainCondition(row.condition)}`;
      indexes.set(row.name, `${row.table_name} ${row.is_unique === 1 ? 'unique ' : ''}(${row.columns})${where}`);
    }
    const triggers = await q.all<{ name: string }>(TRIGGERS[driver.dialect]);
    return { tables, indexes, triggers: triggers.map((row) => row.name) };
  });
}

/** @returns the schema as text for the snapshot in git */
export function printSchema(schema: Schema): string {
  const tables = [...schema.tables].map(([table, columns]) => `${table}\n${columns.map((column) => `  ${column}\n`).join('')}`);
  const indexes = [...schema.indexes].map(([name, what]) => `${name}: ${what}`).sort();
  return `${tables.join('\n')}\nindexes\n  ${indexes.join('\n  ')}\n\ntriggers\n  ${schema.triggers.join('\n  ')}\n`;
}

/** PostgreSQL prints conditions its own way: casts, brackets, `= ANY (ARRAY[…])` for IN. */
function plainCondition(condition: string): string {
  const plain = condition.replace(/::text(?:\[\])?/g, '').replace(/= ANY \(ARRAY\[([^\]]*)\]\)/g, 'IN ($1)');
  return plain.replace(/^\((.*)\)$/, '$1').replace(/\s+/g, ' ');
}
