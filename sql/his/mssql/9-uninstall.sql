-- 卸载：删除本产品在 HIS 数据库中的全部对象与账号。可重复执行。HIS 若写发件表，须先由厂商停止写入。
IF OBJECT_ID(N'his_trace.trace_lines', N'V') IS NOT NULL DROP VIEW his_trace.trace_lines;
IF OBJECT_ID(N'his_trace.trace_outbox', N'U') IS NOT NULL DROP TABLE his_trace.trace_outbox;
IF OBJECT_ID(N'his_trace.trace_taken', N'U') IS NOT NULL DROP TABLE his_trace.trace_taken;
GO
IF DATABASE_PRINCIPAL_ID(N'his_trace_reader') IS NOT NULL DROP USER his_trace_reader;
GO
IF EXISTS (SELECT 1 FROM sys.server_principals WHERE name = N'his_trace_reader') DROP LOGIN his_trace_reader;
GO
IF SCHEMA_ID(N'his_trace') IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sys.objects WHERE schema_id = SCHEMA_ID(N'his_trace')) EXEC(N'DROP SCHEMA his_trace');
GO
