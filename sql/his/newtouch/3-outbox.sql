-- 可选：用触发器登记新产生的操作日志编号，供 strategy: rowversion 或 send-flag 取数。先执行 1-view.sql。可重复执行。
-- 触发器只抄一个主键，不转换、不关联、不读其它表；出错时自己吞掉，不使 HIS 的操作回滚。须征得 HIS 厂商同意后执行。
IF OBJECT_ID(N'his_trace.newtouch_keys', N'U') IS NULL
  CREATE TABLE his_trace.newtouch_keys (
    ROW_ID bigint IDENTITY(1, 1) NOT NULL CONSTRAINT newtouch_keys_key PRIMARY KEY,
    KIND char(2) NOT NULL,
    EVENT_ID bigint NOT NULL,
    CHANGED_AT datetime NOT NULL CONSTRAINT newtouch_keys_changed DEFAULT (GETDATE()),
    ROW_VER rowversion NOT NULL,
    SEND_FLAG char(1) NOT NULL CONSTRAINT newtouch_keys_flag DEFAULT ('0')
  );
GO
IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'his_trace.newtouch_keys') AND name = N'newtouch_keys_event')
  CREATE INDEX newtouch_keys_event ON his_trace.newtouch_keys (KIND, EVENT_ID);
IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'his_trace.newtouch_keys') AND name = N'newtouch_keys_version')
  CREATE INDEX newtouch_keys_version ON his_trace.newtouch_keys (KIND, ROW_VER);
IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'his_trace.newtouch_keys') AND name = N'newtouch_keys_pending')
  CREATE INDEX newtouch_keys_pending ON his_trace.newtouch_keys (KIND, SEND_FLAG, ROW_ID);
GO
IF OBJECT_ID(N'dbo.his_trace_outpatient_keys', N'TR') IS NOT NULL DROP TRIGGER dbo.his_trace_outpatient_keys;
GO
CREATE TRIGGER dbo.his_trace_outpatient_keys ON dbo.mz_cfypczjl AFTER INSERT AS
BEGIN
  SET NOCOUNT ON;
  SET XACT_ABORT OFF;
  BEGIN TRY
    INSERT INTO his_trace.newtouch_keys (KIND, EVENT_ID) SELECT 'mz', Id FROM inserted;
  END TRY
  BEGIN CATCH
    SET NOCOUNT ON;
  END CATCH
END
GO
IF OBJECT_ID(N'dbo.his_trace_inpatient_keys', N'TR') IS NOT NULL DROP TRIGGER dbo.his_trace_inpatient_keys;
GO
CREATE TRIGGER dbo.his_trace_inpatient_keys ON dbo.zy_ypyzczjl AFTER INSERT AS
BEGIN
  SET NOCOUNT ON;
  SET XACT_ABORT OFF;
  BEGIN TRY
    INSERT INTO his_trace.newtouch_keys (KIND, EVENT_ID) SELECT 'zy', Id FROM inserted;
  END TRY
  BEGIN CATCH
    SET NOCOUNT ON;
  END CATCH
END
GO
IF OBJECT_ID(N'his_trace.newtouch_outpatient_new', N'V') IS NULL EXEC(N'CREATE VIEW his_trace.newtouch_outpatient_new AS SELECT 1 AS EVENT_ID');
IF OBJECT_ID(N'his_trace.newtouch_inpatient_new', N'V') IS NULL EXEC(N'CREATE VIEW his_trace.newtouch_inpatient_new AS SELECT 1 AS EVENT_ID');
GO
ALTER VIEW his_trace.newtouch_outpatient_new AS
SELECT k.ROW_ID, k.EVENT_ID, k.CHANGED_AT, k.ROW_VER, k.SEND_FLAG, v.RECORD, v.operateType, v.CreateTime, v.cfh, v.ypCode, v.sl, v.CreatorCode, v.REFERID,
  v.ypmc, v.dw, v.zhyz, v.zxdw, v.lyyf, v.ysmc, v.mzh, v.xm, v.brxzmc, v.ph, v.yxq, v.zsm, v.sfcl
FROM his_trace.newtouch_keys k
JOIN his_trace.newtouch_outpatient v ON v.EVENT_ID = k.EVENT_ID
WHERE k.KIND = 'mz';
GO
ALTER VIEW his_trace.newtouch_inpatient_new AS
SELECT k.ROW_ID, k.EVENT_ID, k.CHANGED_AT, k.ROW_VER, k.SEND_FLAG, v.RECORD, v.operateType, v.CreateTime, v.zyfyapplyno, v.zytyapplyno, v.yzId, v.ypCode, v.sl, v.CreatorCode, v.zsm, v.sfcl, v.REFERID,
  v.lyyf, v.ysgh, v.zyh, v.xm, v.ypmc, v.dw, v.zhyz, v.zxdw, v.zbbz, v.ztbz, v.bybz
FROM his_trace.newtouch_keys k
JOIN his_trace.newtouch_inpatient v ON v.EVENT_ID = k.EVENT_ID
WHERE k.KIND = 'zy';
GO
