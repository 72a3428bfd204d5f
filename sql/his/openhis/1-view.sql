-- OpenHIS（PostgreSQL 10 及以上），供 mapping: openhis 读取。用 psql 以库的所有者执行；可重复执行。
-- 只建视图，不改 HIS 的任何表。列名即 HIS 的列名，含义由 mappings/openhis 的字段表解释；表所在的模式不是 public 的，先 SET search_path。
-- dispense、supply 的 EVENT_ID 就是主键：按编号取数时能用上主键索引。
CREATE SCHEMA IF NOT EXISTS his_trace;
-- 重新执行本脚本后，装有 3-outbox.sql 的须再执行一次 3-outbox.sql 与 2-account.sql。
DROP VIEW IF EXISTS his_trace.openhis_medication_new;
DROP VIEW IF EXISTS his_trace.openhis_medication;
DROP VIEW IF EXISTS his_trace.openhis_supply;
-- 发药与退药在同一个视图里，退药才能指明原发药。退药的编号取负数：原发药行与退药行是同一条记录的两个事件。
-- own_drug_flag（自备药）、advice_flag（嘱托）、ward_stock_flag（基数药）为 1 的行不追溯：按本院医嘱的列取值；缺省不判断。
CREATE VIEW his_trace.openhis_medication AS
SELECT CAST('dispense' AS text) AS "RECORD", d.id AS "EVENT_ID", d.id AS "ROW_ID", d.dispense_time AS "CHANGED_AT",
  d.id AS "ID", d.bus_no AS "BUS_NO", d.summary_no AS "SUMMARY_NO", d.status_enum AS "STATUS_ENUM", d.dispense_time AS "DISPENSE_TIME", CAST(NULL AS timestamp) AS "STATUS_CHANGED_TIME",
  r.prescription_no AS "PRESCRIPTION_NO", l.name AS "LOCATION_NAME", p.bus_no AS "PRACTITIONER_NO", p.name AS "PRACTITIONER_NAME",
  e.bus_no AS "ENCOUNTER_NO", e.class_enum AS "CLASS_ENUM", s.name AS "PATIENT_NAME", s.id_card AS "ID_NO",
  m.bus_no AS "DRUG_NO", m.name AS "DRUG_NAME", d.dispense_quantity AS "DISPENSE_QUANTITY", u.dict_label AS "UNIT_NAME",
  CASE WHEN d.unit_code = m.min_unit_code AND m.part_percent > 1 THEN '1' WHEN d.unit_code IS NOT NULL THEN '0' END AS "MIN_UNIT_FLAG",
  d.lot_number AS "LOT_NUMBER", d.trace_no AS "TRACE_NO", CAST(NULL AS text) AS "OWN_DRUG_FLAG", CAST(NULL AS text) AS "ADVICE_FLAG", CAST(NULL AS text) AS "WARD_STOCK_FLAG"
FROM med_medication_dispense d
LEFT JOIN med_medication_definition m ON m.id = d.medication_id
LEFT JOIN med_medication_request r ON r.id = d.med_req_id
LEFT JOIN adm_location l ON l.id = d.location_id
LEFT JOIN adm_practitioner p ON p.id = d.practitioner_id
LEFT JOIN adm_encounter e ON e.id = d.encounter_id
LEFT JOIN adm_patient s ON s.id = d.patient_id
LEFT JOIN sys_dict_data u ON u.dict_type = 'unit_code' AND u.dict_value = d.unit_code
WHERE d.dispense_time IS NOT NULL AND d.status_enum IN (4, 9, 10, 11, 12)
UNION ALL
SELECT 'return', -d.id, -d.id, d.status_changed_time,
  d.id, d.bus_no, d.summary_no, d.status_enum, NULL, d.status_changed_time,
  r.prescription_no, l.name, p.bus_no, p.name, e.bus_no, e.class_enum, s.name, s.id_card,
  m.bus_no, m.name, d.dispense_quantity, u.dict_label,
  CASE WHEN d.unit_code = m.min_unit_code AND m.part_percent > 1 THEN '1' WHEN d.unit_code IS NOT NULL THEN '0' END,
  d.lot_number, d.trace_no, NULL, NULL, NULL
FROM med_medication_dispense d
LEFT JOIN med_medication_definition m ON m.id = d.medication_id
LEFT JOIN med_medication_request r ON r.id = d.med_req_id
LEFT JOIN adm_location l ON l.id = d.location_id
LEFT JOIN adm_practitioner p ON p.id = d.practitioner_id
LEFT JOIN adm_encounter e ON e.id = d.encounter_id
LEFT JOIN adm_patient s ON s.id = d.patient_id
LEFT JOIN sys_dict_data u ON u.dict_type = 'unit_code' AND u.dict_value = d.unit_code
WHERE d.dispense_time IS NOT NULL AND d.status_changed_time IS NOT NULL AND d.status_enum = 12 AND d.dispense_quantity > 0;
-- 库存单据：一行一个事件，只取审批同意的。
CREATE VIEW his_trace.openhis_supply AS
SELECT CAST('supply' AS text) AS "RECORD", r.id AS "EVENT_ID", r.id AS "ROW_ID", COALESCE(r.approval_time, r.occurrence_time) AS "CHANGED_AT",
  r.id AS "ID", r.bus_no AS "BUS_NO", r.type_enum AS "TYPE_ENUM", r.status_enum AS "STATUS_ENUM", r.approval_time AS "APPROVAL_TIME", r.occurrence_time AS "OCCURRENCE_TIME", r.invoice_no AS "INVOICE_NO",
  l.name AS "LOCATION_NAME", p.bus_no AS "PRACTITIONER_NO", p.name AS "PRACTITIONER_NAME", s.bus_no AS "SUPPLIER_NO", s.name AS "SUPPLIER_NAME",
  m.bus_no AS "DRUG_NO", m.name AS "DRUG_NAME", r.item_quantity AS "ITEM_QUANTITY", u.dict_label AS "UNIT_NAME",
  CASE WHEN r.unit_code = m.min_unit_code AND m.part_percent > 1 THEN '1' WHEN r.unit_code IS NOT NULL THEN '0' END AS "MIN_UNIT_FLAG",
  r.price AS "PRICE", r.lot_number AS "LOT_NUMBER", r.start_time AS "START_TIME", r.end_time AS "END_TIME", r.trace_no AS "TRACE_NO"
FROM wor_supply_request r
LEFT JOIN med_medication_definition m ON m.id = r.item_id
LEFT JOIN adm_location l ON l.id = COALESCE(r.purpose_location_id, r.source_location_id)
LEFT JOIN adm_practitioner p ON p.id = r.approver_id
LEFT JOIN adm_supplier s ON s.id = r.supplier_id
LEFT JOIN sys_dict_data u ON u.dict_type = 'unit_code' AND u.dict_value = r.unit_code
WHERE r.status_enum = 3 AND r.item_table = 'med_medication_definition';
