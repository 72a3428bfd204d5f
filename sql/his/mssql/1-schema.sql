-- SQL Server 2008 及以上。在 HIS 数据库中由 DBA 执行；可重复执行。
-- 建立模式 his_trace：本产品的对象全部放在这里，不改动 HIS 的任何表。
IF SCHEMA_ID(N'his_trace') IS NULL EXEC(N'CREATE SCHEMA his_trace AUTHORIZATION dbo');
GO
-- 仅 strategy: anti-join 且配置了 sideTable 时需要：已取登记表。
IF OBJECT_ID(N'his_trace.trace_taken', N'U') IS NULL
  CREATE TABLE his_trace.trace_taken (
    SOURCE nvarchar(64) NOT NULL,
    EVENT_ID nvarchar(128) NOT NULL,
    TAKEN_AT datetime NOT NULL CONSTRAINT trace_taken_at DEFAULT (GETDATE()),
    CONSTRAINT trace_taken_key PRIMARY KEY (SOURCE, EVENT_ID)
  );
GO
-- 仅 strategy: send-flag 或 rowversion 时需要：发件表。由 HIS 厂商在发药、退药确认的同一事务中写入，一行一条明细。
-- 列的含义见 mappings/standard/README.md「数据库视图」。不要为它写会报错的触发器：触发器出错会使 HIS 自己的操作回滚。
IF OBJECT_ID(N'his_trace.trace_outbox', N'U') IS NULL
  CREATE TABLE his_trace.trace_outbox (
    ROW_ID bigint IDENTITY(1, 1) NOT NULL CONSTRAINT trace_outbox_key PRIMARY KEY,
    EVENT_ID nvarchar(128) NOT NULL,
    CHANGED_AT datetime NOT NULL CONSTRAINT trace_outbox_changed DEFAULT (GETDATE()),
    ROW_VER rowversion NOT NULL,
    SEND_FLAG char(1) NOT NULL CONSTRAINT trace_outbox_flag DEFAULT ('0'),
    EVENT_KIND nvarchar(20) NOT NULL, OCCURRED_AT datetime NOT NULL, DOCUMENT_NO nvarchar(64) NULL, REFERS nvarchar(128) NULL, LOCATION nvarchar(64) NULL, EMERGENCY char(1) NULL,
    OPERATOR_CODE nvarchar(64) NULL, OPERATOR_NAME nvarchar(128) NULL, OPERATOR_LICENSE_NO nvarchar(64) NULL,
    PRESCRIBER_CODE nvarchar(64) NULL, PRESCRIBER_NAME nvarchar(128) NULL, PRESCRIPTION_NO nvarchar(64) NULL,
    VISIT_NO nvarchar(64) NULL, PATIENT_CLASS nvarchar(12) NULL, PATIENT_NAME nvarchar(128) NULL, PATIENT_ID_TYPE nvarchar(16) NULL, PATIENT_ID_NO nvarchar(64) NULL,
    PERSON_NO nvarchar(64) NULL, INSURED_AREA nvarchar(16) NULL, SETTLEMENT_TYPE nvarchar(12) NULL, SETTLEMENT_ID nvarchar(64) NULL, SETTLEMENT_AREA nvarchar(12) NULL,
    LINE_NO nvarchar(32) NULL, DRUG_CODE nvarchar(64) NULL, DRUG_NAME nvarchar(256) NULL, QUANTITY decimal(18, 6) NULL, UNIT nvarchar(32) NULL, IS_SPLIT char(1) NULL, UNIT_PRICE decimal(18, 6) NULL,
    LOT nvarchar(64) NULL, PRODUCED_ON date NULL, EXPIRES_ON date NULL, TRACE_CODES nvarchar(max) NULL, SKIP_REASON nvarchar(100) NULL
  );
GO
IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'his_trace.trace_outbox') AND name = N'trace_outbox_pending')
  CREATE INDEX trace_outbox_pending ON his_trace.trace_outbox (SEND_FLAG, ROW_ID);
IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'his_trace.trace_outbox') AND name = N'trace_outbox_version')
  CREATE INDEX trace_outbox_version ON his_trace.trace_outbox (ROW_VER, EVENT_ID);
IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'his_trace.trace_outbox') AND name = N'trace_outbox_event')
  CREATE INDEX trace_outbox_event ON his_trace.trace_outbox (EVENT_ID, ROW_ID);
IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'his_trace.trace_outbox') AND name = N'trace_outbox_changed_at')
  CREATE INDEX trace_outbox_changed_at ON his_trace.trace_outbox (CHANGED_AT, EVENT_ID);
GO
