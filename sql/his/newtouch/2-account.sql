-- 只读账号。可重复执行。口令请先改成医院自己的强口令，执行后不要保存在脚本里。
IF NOT EXISTS (SELECT 1 FROM sys.server_principals WHERE name = N'his_trace_reader')
  CREATE LOGIN his_trace_reader WITH PASSWORD = N'<改成强口令>', CHECK_POLICY = ON;
GO
IF DATABASE_PRINCIPAL_ID(N'his_trace_reader') IS NULL CREATE USER his_trace_reader FOR LOGIN his_trace_reader WITH DEFAULT_SCHEMA = his_trace;
GO
-- 视图与业务表同属 dbo，只授视图即可，账号看不到 HIS 的表。
GRANT SELECT ON his_trace.newtouch_outpatient TO his_trace_reader;
GRANT SELECT ON his_trace.newtouch_inpatient TO his_trace_reader;
GRANT SELECT ON his_trace.newtouch_documents TO his_trace_reader;
GRANT SELECT ON his_trace.newtouch_counts TO his_trace_reader;
GO
-- 执行了 3-outbox.sql 时：
IF OBJECT_ID(N'his_trace.newtouch_outpatient_new', N'V') IS NOT NULL EXEC(N'GRANT SELECT ON his_trace.newtouch_outpatient_new TO his_trace_reader');
IF OBJECT_ID(N'his_trace.newtouch_inpatient_new', N'V') IS NOT NULL EXEC(N'GRANT SELECT ON his_trace.newtouch_inpatient_new TO his_trace_reader');
-- 仅 strategy: send-flag 时再授标志一列的修改权：
-- GRANT SELECT, UPDATE (SEND_FLAG) ON his_trace.newtouch_keys TO his_trace_reader;
GO
