-- The spine: records, events, lines, codes, deliveries. Every key begins with the institution, so that every table can be
-- distributed by it (Citus: create_distributed_table('event', 'institution') and so on); no table refers to another's rows.
-- COLLATE "C": text is compared and sorted by its bytes, as SQLite does, whatever the language of the database.
-- Trace codes, decimals and times of the HIS are text; instants of ours are milliseconds since 1970 UTC.

CREATE TABLE record (
  institution  TEXT COLLATE "C" NOT NULL,
  record_no    BIGINT NOT NULL,
  source       TEXT COLLATE "C" NOT NULL,
  control_id   TEXT COLLATE "C" NOT NULL,
  interpreter  TEXT COLLATE "C" NOT NULL,
  media        TEXT COLLATE "C" NOT NULL,
  charset      TEXT COLLATE "C" NOT NULL,
  sha256       TEXT COLLATE "C" NOT NULL,
  body         BYTEA NOT NULL,
  received_at  BIGINT NOT NULL,
  -- taken | noted | quarantined | retried | superseded
  state        TEXT COLLATE "C" NOT NULL,
  error_code   TEXT COLLATE "C",
  error_field  TEXT COLLATE "C",
  error_value  TEXT COLLATE "C",
  detail       TEXT COLLATE "C",
  settled_at   BIGINT,
  PRIMARY KEY (institution, record_no)
);
CREATE INDEX record_quarantined ON record (institution, record_no) WHERE state = 'quarantined';
CREATE INDEX record_by_control_id ON record (institution, source, control_id) WHERE state = 'quarantined';

CREATE TABLE event (
  institution  TEXT COLLATE "C" NOT NULL,
  event_no     BIGINT NOT NULL,
  source       TEXT COLLATE "C" NOT NULL,
  event_id     TEXT COLLATE "C" NOT NULL,
  kind         TEXT COLLATE "C" NOT NULL,
  occurred_at  BIGINT NOT NULL,
  -- yyyy-MM-dd of occurred_at in Asia/Shanghai
  occurred_on  TEXT COLLATE "C" NOT NULL,
  received_at  BIGINT NOT NULL,
  document_no  TEXT COLLATE "C",
  location     TEXT COLLATE "C",
  visit_no     TEXT COLLATE "C",
  refers       TEXT COLLATE "C",
  content_sha  TEXT COLLATE "C" NOT NULL,
  record_no    BIGINT NOT NULL,
  -- the event as JSON, as the HIS told it
  body         TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (institution, event_no)
);
CREATE UNIQUE INDEX event_key ON event (institution, source, event_id);
CREATE INDEX event_by_day ON event (institution, occurred_on, event_no);
CREATE INDEX event_by_visit ON event (institution, visit_no, event_no) WHERE visit_no IS NOT NULL;
CREATE INDEX event_by_document ON event (institution, document_no) WHERE document_no IS NOT NULL;
CREATE INDEX event_by_refers ON event (institution, source, refers) WHERE refers IS NOT NULL;
-- On Citus, triggers of distributed tables need citus.enable_unsafe_triggers = on before this file is run.
CREATE FUNCTION refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% rows are immutable', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER event_is_immutable BEFORE UPDATE ON event FOR EACH ROW EXECUTE FUNCTION refuse_update();

CREATE TABLE event_line (
  institution  TEXT COLLATE "C" NOT NULL,
  event_no     BIGINT NOT NULL,
  line_no      TEXT COLLATE "C" NOT NULL,
  drug         TEXT COLLATE "C" NOT NULL,
  lot          TEXT COLLATE "C",
  expires_on   TEXT COLLATE "C",
  quantity     TEXT COLLATE "C" NOT NULL,
  unit         TEXT COLLATE "C" NOT NULL,
  -- smallest units, decimal text; NULL when the unit cannot be converted
  units        TEXT COLLATE "C",
  split        BIGINT NOT NULL,
  code_count   BIGINT NOT NULL,
  -- why no platform is owed this line (policy), NULL = owed
  exclusion    TEXT COLLATE "C",
  PRIMARY KEY (institution, event_no, line_no)
);
CREATE INDEX event_line_by_drug ON event_line (institution, drug, lot);

CREATE TABLE code (
  institution  TEXT COLLATE "C" NOT NULL,
  code         TEXT COLLATE "C" NOT NULL,
  scheme       TEXT COLLATE "C" NOT NULL,
  -- 7-digit product resource code, or the GTIN
  prefix       TEXT COLLATE "C" NOT NULL,
  -- unseen | in-stock | opened | dispensed | returned-to-supplier | transferred | destroyed | lost | removed
  state        TEXT COLLATE "C" NOT NULL,
  drug         TEXT COLLATE "C",
  lot          TEXT COLLATE "C",
  produced_on  TEXT COLLATE "C",
  expires_on   TEXT COLLATE "C",
  level        BIGINT NOT NULL,
  parent       TEXT COLLATE "C",
  location     TEXT COLLATE "C",
  -- smallest units of the whole pack and what is left of them; decimal text in millionths (BigInt)
  units_total  TEXT COLLATE "C",
  units_left   TEXT COLLATE "C",
  opened_at    BIGINT,
  -- last event that touched it, for order per code
  last_event_no BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  PRIMARY KEY (institution, code)
);
CREATE INDEX code_opened ON code (institution, drug, expires_on, opened_at) WHERE state = 'opened';
CREATE INDEX code_by_lot ON code (institution, drug, lot);

CREATE TABLE code_event (
  institution  TEXT COLLATE "C" NOT NULL,
  code         TEXT COLLATE "C" NOT NULL,
  event_no     BIGINT NOT NULL,
  line_no      TEXT COLLATE "C" NOT NULL,
  from_state   TEXT COLLATE "C" NOT NULL,
  to_state     TEXT COLLATE "C" NOT NULL,
  -- smallest units taken (positive) or put back (negative) by this line, decimal text in millionths
  units        TEXT COLLATE "C" NOT NULL,
  first_opening BIGINT NOT NULL,
  PRIMARY KEY (institution, code, event_no, line_no)
);
CREATE INDEX code_event_by_event ON code_event (institution, event_no);

CREATE TABLE delivery (
  institution  TEXT COLLATE "C" NOT NULL,
  delivery_no  BIGINT NOT NULL,
  destination  TEXT COLLATE "C" NOT NULL,
  event_no     BIGINT NOT NULL,
  -- event whose content is reported; for reversals the event taken back
  subject_no   BIGINT NOT NULL,
  operation    TEXT COLLATE "C" NOT NULL,
  report_key   TEXT COLLATE "C" NOT NULL,
  -- JSON arrays: line numbers it speaks for, codes it carries
  covers       TEXT COLLATE "C" NOT NULL,
  codes        TEXT COLLATE "C" NOT NULL,
  batch_key    TEXT COLLATE "C" NOT NULL,
  priority     BIGINT NOT NULL,
  -- held | queued | claimed | sent | processing | unknown | accepted | duplicate | not-owed | withdrawn | rejected | needs-attention
  state        TEXT COLLATE "C" NOT NULL,
  hold         TEXT COLLATE "C",
  reason       TEXT COLLATE "C",
  peer_code    TEXT COLLATE "C",
  detail       TEXT COLLATE "C",
  attempts     BIGINT NOT NULL DEFAULT 0,
  asks         BIGINT NOT NULL DEFAULT 0,
  -- when it may be sent (queued) or asked about (unknown, processing)
  due_at       BIGINT NOT NULL,
  claimed_by   TEXT COLLATE "C",
  lease_until  BIGINT,
  first_sent_at BIGINT,
  last_sent_at BIGINT,
  absent_since BIGINT,
  platform_ref TEXT COLLATE "C",
  -- delivery that this one takes back
  reverses     BIGINT,
  created_at   BIGINT NOT NULL,
  settled_at   BIGINT,
  PRIMARY KEY (institution, delivery_no)
);
CREATE UNIQUE INDEX delivery_key ON delivery (institution, destination, report_key);
CREATE INDEX delivery_by_event ON delivery (institution, event_no, destination);
CREATE INDEX delivery_due ON delivery (institution, destination, state, priority, delivery_no) WHERE state IN ('queued', 'claimed', 'sent', 'processing', 'unknown', 'held');
CREATE INDEX delivery_attention ON delivery (institution, destination, state, delivery_no) WHERE state IN ('rejected', 'needs-attention');

CREATE TABLE delivery_wait (
  institution  TEXT COLLATE "C" NOT NULL,
  delivery_no  BIGINT NOT NULL,
  waits_for    BIGINT NOT NULL,
  -- 1: must not go before the other was accepted (returns, reversals); 0: only keeps the order
  hard         BIGINT NOT NULL,
  PRIMARY KEY (institution, delivery_no, waits_for)
);
CREATE INDEX delivery_wait_for ON delivery_wait (institution, waits_for);

CREATE TABLE delivery_attempt (
  institution  TEXT COLLATE "C" NOT NULL,
  delivery_no  BIGINT NOT NULL,
  attempt_no   BIGINT NOT NULL,
  at           BIGINT NOT NULL,
  -- send | ask | person
  act          TEXT COLLATE "C" NOT NULL,
  result       TEXT COLLATE "C" NOT NULL,
  reason       TEXT COLLATE "C",
  peer_code    TEXT COLLATE "C",
  -- what the platform said, cut; never patient data
  evidence     TEXT COLLATE "C",
  PRIMARY KEY (institution, delivery_no, attempt_no)
);

CREATE TABLE settlement (
  institution  TEXT COLLATE "C" NOT NULL,
  visit_no     TEXT COLLATE "C" NOT NULL,
  event_no     BIGINT NOT NULL,
  settlement_id TEXT COLLATE "C" NOT NULL,
  settlement_type TEXT COLLATE "C",
  settlement_area TEXT COLLATE "C",
  occurred_at  BIGINT NOT NULL,
  PRIMARY KEY (institution, visit_no, event_no)
);

-- which settlement a dispense was attached to
CREATE TABLE event_settlement (
  institution  TEXT COLLATE "C" NOT NULL,
  event_no     BIGINT NOT NULL,
  settlement_id TEXT COLLATE "C" NOT NULL,
  settlement_type TEXT COLLATE "C",
  settlement_area TEXT COLLATE "C",
  settled_by   BIGINT NOT NULL,
  PRIMARY KEY (institution, event_no)
);

CREATE TABLE finding (
  institution  TEXT COLLATE "C" NOT NULL,
  event_no     BIGINT NOT NULL,
  finding_no   BIGINT NOT NULL,
  line_no      TEXT COLLATE "C" NOT NULL,
  code         TEXT COLLATE "C" NOT NULL,
  severity     TEXT COLLATE "C" NOT NULL,
  trace_code   TEXT COLLATE "C",
  detail       TEXT COLLATE "C",
  found_at     BIGINT NOT NULL,
  PRIMARY KEY (institution, event_no, finding_no)
);

CREATE TABLE drug (
  institution  TEXT COLLATE "C" NOT NULL,
  drug         TEXT COLLATE "C" NOT NULL,
  name         TEXT COLLATE "C" NOT NULL,
  -- the Drug as JSON
  body         TEXT COLLATE "C" NOT NULL,
  updated_at   BIGINT NOT NULL,
  PRIMARY KEY (institution, drug)
);

CREATE TABLE drug_version (
  institution  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  version      BIGINT NOT NULL
);

CREATE TABLE destination_switch (
  institution  TEXT COLLATE "C" NOT NULL,
  destination  TEXT COLLATE "C" NOT NULL,
  stopped      BIGINT NOT NULL,
  reason       TEXT COLLATE "C",
  changed_by   TEXT COLLATE "C",
  changed_at   BIGINT NOT NULL,
  PRIMARY KEY (institution, destination)
);

CREATE TABLE api_token (
  -- institution the token may act for; '*' = every configured one
  institution  TEXT COLLATE "C" NOT NULL,
  token_id     TEXT COLLATE "C" NOT NULL,
  token_sha    TEXT COLLATE "C" NOT NULL,
  name         TEXT COLLATE "C" NOT NULL,
  role         TEXT COLLATE "C" NOT NULL,
  created_at   BIGINT NOT NULL,
  expires_at   BIGINT,
  revoked_at   BIGINT,
  PRIMARY KEY (institution, token_id)
);
-- the institution is in it because a distributed table can only be unique within its distribution column
CREATE UNIQUE INDEX api_token_sha ON api_token (token_sha, institution);

-- number blocks and remembered values (ports/counters.ts)
CREATE TABLE counter (
  institution  TEXT COLLATE "C" NOT NULL,
  name         TEXT COLLATE "C" NOT NULL,
  next_value   BIGINT NOT NULL DEFAULT 1,
  text_value   TEXT COLLATE "C",
  PRIMARY KEY (institution, name)
);
