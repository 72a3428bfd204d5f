-- 只读账号。可重复执行。口令请先改成医院自己的强口令，执行后不要保存在脚本里。
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'his_trace_reader') THEN
    CREATE ROLE his_trace_reader LOGIN PASSWORD '<改成强口令>' NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 10;
  END IF;
END
$$;
ALTER ROLE his_trace_reader SET default_transaction_read_only = on;
ALTER ROLE his_trace_reader SET statement_timeout = '60s';
GRANT USAGE ON SCHEMA his_trace TO his_trace_reader;
-- 视图以所有者的身份读表：只授视图即可，账号看不到 HIS 的表。
GRANT SELECT ON his_trace.openhis_medication, his_trace.openhis_supply TO his_trace_reader;
DO $$
BEGIN
  IF to_regclass('his_trace.openhis_medication_new') IS NOT NULL THEN
    GRANT SELECT ON his_trace.openhis_medication_new TO his_trace_reader;
  END IF;
END
$$;
-- 仅 strategy: send-flag 时（并把上面的 default_transaction_read_only 改为 off）：
-- GRANT SELECT, UPDATE ("SEND_FLAG") ON his_trace.openhis_keys TO his_trace_reader;
