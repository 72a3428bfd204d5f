-- Newtouch HIS（新致，SQL Server 2008 R2 及以上），供 mapping: newtouch 读取。在药房库（PDS）中由 DBA 执行；可重复执行。
-- 只建视图，不改 HIS 的任何表。列名即 HIS 的列名，含义由 mappings/newtouch 的字段表解释；现场列名不同的，改这里的别名，或写映射覆盖文件。
-- 每个视图的 EVENT_ID 都是业务表自己的主键，不加任何运算：按编号取数时能用上主键索引。不使用 NOLOCK。
IF SCHEMA_ID(N'his_trace') IS NULL EXEC(N'CREATE SCHEMA his_trace AUTHORIZATION dbo');
GO
IF OBJECT_ID(N'his_trace.newtouch_drugs', N'V') IS NULL EXEC(N'CREATE VIEW his_trace.newtouch_drugs AS SELECT 1 AS ypCode');
IF OBJECT_ID(N'his_trace.newtouch_outpatient', N'V') IS NULL EXEC(N'CREATE VIEW his_trace.newtouch_outpatient AS SELECT 1 AS EVENT_ID');
IF OBJECT_ID(N'his_trace.newtouch_inpatient', N'V') IS NULL EXEC(N'CREATE VIEW his_trace.newtouch_inpatient AS SELECT 1 AS EVENT_ID');
IF OBJECT_ID(N'his_trace.newtouch_documents', N'V') IS NULL EXEC(N'CREATE VIEW his_trace.newtouch_documents AS SELECT 1 AS EVENT_ID');
IF OBJECT_ID(N'his_trace.newtouch_counts', N'V') IS NULL EXEC(N'CREATE VIEW his_trace.newtouch_counts AS SELECT 1 AS EVENT_ID');
GO
-- 药品的名称与单位。药品目录在基础库，各医院的库名不同：把 FROM 换成本院的目录，缺省为空（单位取处方明细）。
ALTER VIEW his_trace.newtouch_drugs AS
SELECT CAST(NULL AS nvarchar(64)) AS ypCode, CAST(NULL AS nvarchar(256)) AS ypmc, CAST(NULL AS nvarchar(32)) AS dw, CAST(NULL AS int) AS zhyz, CAST(NULL AS nvarchar(32)) AS zxdw
WHERE 1 = 0;
GO
-- 门诊发药、退药：操作日志一行一个事件。REFERID 是同一处方明细最近一次发药的日志编号。
-- mzh 缺省取卡号；本院另有就诊号的，换成就诊号（须与结算消息用同一个号）。zsm、sfcl 在操作日志中有列的版本，去掉 CAST(NULL …)。
ALTER VIEW his_trace.newtouch_outpatient AS
SELECT N'mz' AS RECORD, l.Id AS EVENT_ID, l.Id AS ROW_ID, l.CreateTime AS CHANGED_AT, l.operateType, l.CreateTime, l.cfh, l.ypCode, l.sl, l.CreatorCode,
  (SELECT MAX(d.Id) FROM dbo.mz_cfypczjl d WHERE d.mzcfmxId = l.mzcfmxId AND d.operateType = '1' AND d.Id < l.Id) AS REFERID,
  m.ypmc, m.dw, m.zhyz, g.zxdw, c.lyyf, c.ysmc, c.CardNo AS mzh, c.xm, c.brxzmc,
  (SELECT CASE WHEN MIN(p.ph) = MAX(p.ph) THEN MAX(p.ph) END FROM dbo.mz_cfmxph p WHERE p.cfmxId = l.mzcfmxId AND p.zt = '1') AS ph,
  (SELECT CASE WHEN MIN(p.ph) = MAX(p.ph) THEN MAX(p.yxq) END FROM dbo.mz_cfmxph p WHERE p.cfmxId = l.mzcfmxId AND p.zt = '1') AS yxq,
  CAST(NULL AS nvarchar(4000)) AS zsm, CAST(NULL AS int) AS sfcl
FROM dbo.mz_cfypczjl l
JOIN dbo.mz_cfmx m ON m.Id = l.mzcfmxId
LEFT JOIN dbo.mz_cf c ON c.cfh = m.cfh AND c.OrganizeId = m.OrganizeId
LEFT JOIN his_trace.newtouch_drugs g ON g.ypCode = l.ypCode;
GO
-- 住院发药、退药。zbbz、ztbz、bybz 为 1 的行不追溯（自备药、嘱托、基数药）：医嘱表在护士站库，按本院的列取值；缺省不判断。
ALTER VIEW his_trace.newtouch_inpatient AS
SELECT N'zy' AS RECORD, l.Id AS EVENT_ID, l.Id AS ROW_ID, l.CreateTime AS CHANGED_AT, l.operateType, l.CreateTime, l.zyfyapplyno, l.zytyapplyno, l.yzId, l.ypCode, l.sl, l.CreatorCode, l.zsm, l.sfcl,
  (SELECT MAX(d.Id) FROM dbo.zy_ypyzczjl d WHERE d.ypyzxxId = l.ypyzxxId AND d.operateType = '1' AND d.Id < l.Id) AS REFERID,
  x.fyyf AS lyyf, x.ysgh, x.zyh, x.patientName AS xm, g.ypmc, g.dw, x.zhyz, g.zxdw,
  CAST(NULL AS nvarchar(1)) AS zbbz, CAST(NULL AS nvarchar(1)) AS ztbz, CAST(NULL AS nvarchar(1)) AS bybz
FROM dbo.zy_ypyzczjl l
JOIN dbo.zy_ypyzxx x ON x.Id = l.ypyzxxId
LEFT JOIN his_trace.newtouch_drugs g ON g.ypCode = l.ypCode;
GO
-- 出入库单据：一张单据一个事件，只取已审核的。gysdm、gysmc、dfjgbm（调拨到另一机构时的定点医药机构编号）按本院的部门、供应商表取值。
ALTER VIEW his_trace.newtouch_documents AS
SELECT N'crk' AS RECORD, d.crkId AS EVENT_ID, m.crkmxId AS ROW_ID, COALESCE(d.LastModifyTime, d.CreateTime) AS CHANGED_AT, d.djlx, d.Pdh, d.Rkbm, d.Ckbm, d.Rksj, d.Cksj, d.Czsj, d.Rkczy, d.Ckczy, d.shzt, d.zt,
  m.crkmxId AS LINE_NO, m.Ypdm AS ypCode, g.ypmc, m.Fph, m.Sl, m.rkdw, m.ckdw, m.jj, m.Ph, m.scrq, m.Yxq, m.zsm, m.sfcl,
  d.Ckbm AS gysdm, CAST(NULL AS nvarchar(256)) AS gysmc, CAST(NULL AS nvarchar(12)) AS dfjgbm
FROM dbo.xt_yp_crkdj d
JOIN dbo.xt_yp_crkmx m ON m.crkId = d.crkId
LEFT JOIN his_trace.newtouch_drugs g ON g.ypCode = m.Ypdm
WHERE d.shzt = '1';
GO
-- 盘点：一次盘点一个事件，只取已结束的。实盘数按最小单位。
ALTER VIEW his_trace.newtouch_counts AS
SELECT N'pd' AS RECORD, p.pdId AS EVENT_ID, m.pdmxId AS ROW_ID, p.Jssj AS CHANGED_AT, p.pdId AS PDH, p.yfbmCode AS lyyf, p.Jssj, p.zt, p.CreatorCode,
  m.pdmxId AS LINE_NO, m.Ypdm AS ypCode, g.ypmc, m.Sjsl, m.Zhyz, g.dw, g.zxdw, m.Ph, m.Yxq, m.zsm, m.sfcl
FROM dbo.xt_yp_pdxx p
JOIN dbo.xt_yp_pdxxmx m ON m.pdId = p.pdId
LEFT JOIN his_trace.newtouch_drugs g ON g.ypCode = m.Ypdm
WHERE p.Jssj IS NOT NULL;
GO
