/** What the account may change. The dictionary views used here are open to every account. */
export const LOGIN = 'SELECT USER AS LOGIN FROM DUAL';

/** One row per right over the whole database, column RIGHT_NAME; rights that only read are left out. */
export const SYSTEM_RIGHTS = `SELECT privilege AS RIGHT_NAME FROM session_privs WHERE privilege NOT IN ('CREATE SESSION', 'ALTER SESSION', 'FLASHBACK ANY TABLE') AND privilege NOT LIKE 'SELECT %' AND privilege NOT LIKE 'READ %'`;

const granted = (from: string): string => `SELECT p.privilege || ' ' || p.table_schema || '.' || p.table_name AS RIGHT_NAME FROM ${from} p
  WHERE p.privilege IN ('INSERT', 'UPDATE', 'DELETE', 'ALTER') AND (p.grantee = USER OR p.grantee IN (SELECT role FROM session_roles)) AND ROWNUM <= 40`;

/** One row per table or view the account may change: `UPDATE HIS.MZ_CF`; columns granted by themselves count as well. */
export const OBJECT_RIGHTS = `${granted('all_tab_privs')} UNION ${granted('all_col_privs')} UNION SELECT 'OWNER ' || USER || '.' || table_name FROM user_tables WHERE ROWNUM <= 40`;
