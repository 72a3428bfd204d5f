/** What the account is and may change. Every function used here exists since SQL Server 2005 and needs no right of its own. */
export const ACCOUNT = `SELECT CONVERT(nvarchar(200), SERVERPROPERTY('ProductVersion')) + N' ' + CONVERT(nvarchar(200), SERVERPROPERTY('Edition')) AS [SERVER], SUSER_SNAME() AS [LOGIN]`;

const ROLES = ['sysadmin', 'securityadmin', 'serveradmin', 'dbcreator', 'bulkadmin'];
const DATABASE_ROLES = ['db_owner', 'db_datawriter', 'db_ddladmin', 'db_securityadmin', 'db_accessadmin'];
const PERMISSIONS = ['INSERT', 'UPDATE', 'DELETE', 'EXECUTE', 'ALTER', 'CONTROL', 'CREATE TABLE', 'CREATE PROCEDURE', 'CREATE VIEW'];

/** One row per right over the whole server or database, column RIGHT_NAME. */
export const DATABASE_RIGHTS = [
  ...ROLES.map((role) => `SELECT '${role}' AS RIGHT_NAME WHERE IS_SRVROLEMEMBER('${role}') = 1`),
  ...DATABASE_ROLES.map((role) => `SELECT '${role}' WHERE IS_MEMBER('${role}') = 1`),
  ...PERMISSIONS.map((permission) => `SELECT '${permission} DATABASE' WHERE HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', '${permission}') = 1`),
].join(' UNION ALL ');

const objectRight = (permission: string): string => `SELECT TOP 20 N'${permission} ' + s.name + N'.' + o.name AS RIGHT_NAME FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id
  WHERE o.type IN ('U', 'V') AND HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(o.name), 'OBJECT', '${permission}') = 1`;

/** One row per table or view the account may change, column RIGHT_NAME: `UPDATE dbo.mz_cf`; some of each right are enough to see. */
export const OBJECT_RIGHTS = ['INSERT', 'UPDATE', 'DELETE'].map((permission) => `SELECT RIGHT_NAME FROM (${objectRight(permission)}) ${permission.toLowerCase()}s`).join(' UNION ALL ');
