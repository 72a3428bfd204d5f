-- 卸载：删除本产品在 HIS 数据库中的全部对象与账号。可重复执行。先删触发器，HIS 随即不再受任何影响。
DO $$
BEGIN
  IF to_regclass('med_medication_dispense') IS NOT NULL THEN
    DROP TRIGGER IF EXISTS his_trace_keys ON med_medication_dispense;
  END IF;
END
$$;
DROP SCHEMA IF EXISTS his_trace CASCADE;
DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'his_trace_reader') THEN
    DROP OWNED BY his_trace_reader;
    DROP ROLE his_trace_reader;
  END IF;
END
$$;
