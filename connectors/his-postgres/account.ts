/** What the account is. The catalogues used here are open to every account. */
export const ACCOUNT = `SELECT current_setting('server_version') AS "SERVER", CAST(current_user AS text) AS "LOGIN", current_setting('server_encoding') AS "ENCODING"`;

const ATTRIBUTES = { rolsuper: 'SUPERUSER', rolcreatedb: 'CREATEDB', rolcreaterole: 'CREATEROLE', rolreplication: 'REPLICATION' } as const;
/** Roles of the server that may change data or run programs; those that only read are left out. */
const ROLES = ['pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program', 'pg_signal_backend', 'pg_maintain'];

/** One row per right over the whole server or database, column RIGHT_NAME: its own, and those of roles it may take on. */
export const DATABASE_RIGHTS = [
  ...Object.entries(ATTRIBUTES).map(([column, right]) => `SELECT DISTINCT '${right}' AS "RIGHT_NAME" FROM pg_roles r WHERE r.${column} AND pg_has_role(r.oid, 'MEMBER')`),
  `SELECT CAST(r.rolname AS text) FROM pg_roles r WHERE r.rolname IN (${ROLES.map((role) => `'${role}'`).join(', ')}) AND pg_has_role(r.oid, 'MEMBER')`,
  `SELECT 'CREATE DATABASE ' || current_database() WHERE has_database_privilege(current_database(), 'CREATE')`,
  // before version 15 everybody may create in schema public; that says nothing about this account
  `SELECT 'CREATE ' || n.nspname FROM pg_namespace n WHERE n.nspname NOT LIKE 'pg\\_%' AND has_schema_privilege(n.oid, 'CREATE')
     AND NOT (n.nspname = 'public' AND EXISTS (SELECT 1 FROM aclexplode(n.nspacl) a WHERE a.grantee = 0 AND a.privilege_type = 'CREATE'))`,
].join(' UNION ALL ');

const objectRight = (right: string, columns: boolean): string => `(SELECT '${right} ' || n.nspname || '.' || c.relname AS "RIGHT_NAME" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND ${columns ? 'has_any_column_privilege' : 'has_table_privilege'}(c.oid, '${right}') ORDER BY 1 LIMIT 20)`;

/** One row per table or view the account may change: `UPDATE his.mz_cf`; columns granted by themselves count as well. Some of each right are enough to see. */
export const OBJECT_RIGHTS = [objectRight('INSERT', true), objectRight('UPDATE', true), objectRight('DELETE', false), objectRight('TRUNCATE', false)].join(' UNION ALL ');

/** Names of types by their number; domains arrive as the type below them. */
export const TYPE_NAMES = `SELECT CAST(oid AS text) AS "OID", upper(CAST(typname AS text)) AS "NAME" FROM pg_type WHERE CAST(oid AS text) = ANY (string_to_array($1, ','))`;
