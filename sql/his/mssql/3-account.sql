-- 只读账号。可重复执行。口令请先改成医院自己的强口令，执行后不要保存在脚本里。
IF NOT EXISTS (SELECT 1 FROM sys.server_principals WHERE name = N'his_trace_reader')
  CREATE LOGIN his_trace_reader WITH PASSWORD = N'<改成强口令>', CHECK_POLICY = ON;
GO
IF DATABASE_PRINCIPAL_ID(N'his_trace_reader') IS NULL CREATE USER his_trace_reader FOR LOGIN his_trace_reader WITH DEFAULT_SCHEMA = his_trace;
GO
-- 视图与业务表同属 dbo 时，只授视图即可，账号看不到 HIS 的表。
GRANT SELECT ON his_trace.trace_lines TO his_trace_reader;
GO
-- 以下按所用策略二选一，其它策略都不需要；需要时去掉行首的注释号。
-- strategy: anti-join 且配置 sideTable: his_trace.trace_taken
-- GRANT SELECT, INSERT ON his_trace.trace_taken TO his_trace_reader;
-- strategy: send-flag 且配置 flagTable: his_trace.trace_outbox（只许改标志一列）
-- GRANT SELECT, UPDATE (SEND_FLAG) ON his_trace.trace_outbox TO his_trace_reader;
GO
