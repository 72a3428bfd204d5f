-- 卸载：删除本产品在 HIS 数据库中的全部对象与账号。可重复执行。先删触发器，HIS 随即不再受任何影响。
IF OBJECT_ID(N'dbo.his_trace_outpatient_keys', N'TR') IS NOT NULL DROP TRIGGER dbo.his_trace_outpatient_keys;
IF OBJECT_ID(N'dbo.his_trace_inpatient_keys', N'TR') IS NOT NULL DROP TRIGGER dbo.his_trace_inpatient_keys;
GO
IF OBJECT_ID(N'his_trace.newtouch_outpatient_new', N'V') IS NOT NULL DROP VIEW his_trace.newtouch_outpatient_new;
IF OBJECT_ID(N'his_trace.newtouch_inpatient_new', N'V') IS NOT NULL DROP VIEW his_trace.newtouch_inpatient_new;
IF OBJECT_ID(N'his_trace.newtouch_keys', N'U') IS NOT NULL DROP TABLE his_trace.newtouch_keys;
IF OBJECT_ID(N'his_trace.newtouch_outpatient', N'V') IS NOT NULL DROP VIEW his_trace.newtouch_outpatient;
IF OBJECT_ID(N'his_trace.newtouch_inpatient', N'V') IS NOT NULL DROP VIEW his_trace.newtouch_inpatient;
IF OBJECT_ID(N'his_trace.newtouch_documents', N'V') IS NOT NULL DROP VIEW his_trace.newtouch_documents;
IF OBJECT_ID(N'his_trace.newtouch_counts', N'V') IS NOT NULL DROP VIEW his_trace.newtouch_counts;
IF OBJECT_ID(N'his_trace.newtouch_drugs', N'V') IS NOT NULL DROP VIEW his_trace.newtouch_drugs;
GO
IF DATABASE_PRINCIPAL_ID(N'his_trace_reader') IS NOT NULL DROP USER his_trace_reader;
GO
IF EXISTS (SELECT 1 FROM sys.server_principals WHERE name = N'his_trace_reader') DROP LOGIN his_trace_reader;
GO
IF SCHEMA_ID(N'his_trace') IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sys.objects WHERE schema_id = SCHEMA_ID(N'his_trace')) EXEC(N'DROP SCHEMA his_trace');
GO
