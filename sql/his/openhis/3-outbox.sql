-- 可选：用触发器登记发药、退药的编号，供 strategy: send-flag 取数；按编号取退药行也由它提供索引。先执行 1-view.sql。可重复执行。
-- 触发器只抄一个主键，不转换、不关联、不读其它表；出错时自己吞掉，不使 HIS 的操作回滚。须征得 HIS 厂商同意后执行。
CREATE TABLE IF NOT EXISTS his_trace.openhis_keys (
  "ROW_ID" bigserial PRIMARY KEY,
  "EVENT_ID" bigint NOT NULL,
  "CHANGED_AT" timestamp NOT NULL DEFAULT localtimestamp,
  "SEND_FLAG" char(1) NOT NULL DEFAULT '0'
);
CREATE UNIQUE INDEX IF NOT EXISTS openhis_keys_event ON his_trace.openhis_keys ("EVENT_ID");
CREATE INDEX IF NOT EXISTS openhis_keys_pending ON his_trace.openhis_keys ("SEND_FLAG", "ROW_ID");
CREATE INDEX IF NOT EXISTS openhis_keys_changed ON his_trace.openhis_keys ("CHANGED_AT", "EVENT_ID");
-- 第一次执行时不补登以前的数据：以前的按 time-window 从 startAt 取。
CREATE OR REPLACE FUNCTION his_trace.openhis_note_key() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = his_trace, pg_temp AS $$
BEGIN
  BEGIN
    IF NEW.status_enum = 4 THEN
      INSERT INTO his_trace.openhis_keys ("EVENT_ID") VALUES (NEW.id) ON CONFLICT ("EVENT_ID") DO NOTHING;
    ELSIF NEW.status_enum = 12 THEN
      INSERT INTO his_trace.openhis_keys ("EVENT_ID") VALUES (-NEW.id) ON CONFLICT ("EVENT_ID") DO NOTHING;
    END IF;
  EXCEPTION WHEN OTHERS THEN
    NULL;
  END;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION his_trace.openhis_note_key() FROM PUBLIC;
DROP TRIGGER IF EXISTS his_trace_keys ON med_medication_dispense;
CREATE TRIGGER his_trace_keys AFTER INSERT OR UPDATE OF status_enum ON med_medication_dispense FOR EACH ROW EXECUTE PROCEDURE his_trace.openhis_note_key();
DROP VIEW IF EXISTS his_trace.openhis_medication_new;
CREATE VIEW his_trace.openhis_medication_new AS
SELECT k."ROW_ID", k."EVENT_ID", k."CHANGED_AT", k."SEND_FLAG", v."RECORD", v."ID", v."BUS_NO", v."SUMMARY_NO", v."STATUS_ENUM", v."DISPENSE_TIME", v."STATUS_CHANGED_TIME",
  v."PRESCRIPTION_NO", v."LOCATION_NAME", v."PRACTITIONER_NO", v."PRACTITIONER_NAME", v."ENCOUNTER_NO", v."CLASS_ENUM", v."PATIENT_NAME", v."ID_NO",
  v."DRUG_NO", v."DRUG_NAME", v."DISPENSE_QUANTITY", v."UNIT_NAME", v."MIN_UNIT_FLAG", v."LOT_NUMBER", v."TRACE_NO", v."OWN_DRUG_FLAG", v."ADVICE_FLAG", v."WARD_STOCK_FLAG"
FROM his_trace.openhis_keys k
JOIN his_trace.openhis_medication v ON v."ID" = abs(k."EVENT_ID") AND v."EVENT_ID" = k."EVENT_ID";
