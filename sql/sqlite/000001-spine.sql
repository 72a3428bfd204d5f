-- The spine: records, events, lines, codes, deliveries. Every key begins with the institution.
-- Trace codes, decimals and times of the HIS are text; instants of ours are milliseconds since 1970 UTC.

CREATE TABLE record (
  institution  TEXT    NOT NULL,
  record_no    INTEGER NOT NULL,
  source       TEXT    NOT NULL,
  control_id   TEXT    NOT NULL,
  interpreter  TEXT    NOT NULL,
  media        TEXT    NOT NULL,
  charset      TEXT    NOT NULL,
  sha256       TEXT    NOT NULL,
  body         BLOB    NOT NULL,
  received_at  INTEGER NOT NULL,
  -- taken | noted | quarantined | retried | superseded
  state        TEXT    NOT NULL,
  error_code   TEXT,
  error_field  TEXT,
  error_value  TEXT,
  detail       TEXT,
  settled_at   INTEGER,
  PRIMARY KEY (institution, record_no)
) WITHOUT ROWID, STRICT;
CREATE INDEX record_quarantined ON record (institution, record_no) WHERE state = 'quarantined';
CREATE INDEX record_by_control_id ON record (institution, source, control_id) WHERE state = 'quarantined';

CREATE TABLE event (
  institution  TEXT    NOT NULL,
  event_no     INTEGER NOT NULL,
  source       TEXT    NOT NULL,
  event_id     TEXT    NOT NULL,
  kind         TEXT    NOT NULL,
  occurred_at  INTEGER NOT NULL,
  -- yyyy-MM-dd of occurred_at in Asia/Shanghai
  occurred_on  TEXT    NOT NULL,
  received_at  INTEGER NOT NULL,
  document_no  TEXT,
  location     TEXT,
  visit_no     TEXT,
  refers       TEXT,
  content_sha  TEXT    NOT NULL,
  record_no    INTEGER NOT NULL,
  -- the event as JSON, as the HIS told it
  body         TEXT    NOT NULL,
  PRIMARY KEY (institution, event_no)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX event_key ON event (institution, source, event_id);
CREATE INDEX event_by_day ON event (institution, occurred_on, event_no);
CREATE INDEX event_by_visit ON event (institution, visit_no, event_no) WHERE visit_no IS NOT NULL;
CREATE INDEX event_by_document ON event (institution, document_no) WHERE document_no IS NOT NULL;
CREATE INDEX event_by_refers ON event (institution, source, refers) WHERE refers IS NOT NULL;
CREATE TRIGGER event_is_immutable BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'event rows are immutable'); END;

CREATE TABLE event_line (
  institution  TEXT    NOT NULL,
  event_no     INTEGER NOT NULL,
  line_no      TEXT    NOT NULL,
  drug         TEXT    NOT NULL,
  lot          TEXT,
  expires_on   TEXT,
  quantity     TEXT    NOT NULL,
  unit         TEXT    NOT NULL,
  -- smallest units, decimal text; NULL when the unit cannot be converted
  units        TEXT,
  split        INTEGER NOT NULL,
  code_count   INTEGER NOT NULL,
  -- why no platform is owed this line (policy), NULL = owed
  exclusion    TEXT,
  PRIMARY KEY (institution, event_no, line_no)
) WITHOUT ROWID, STRICT;
CREATE INDEX event_line_by_drug ON event_line (institution, drug, lot);

CREATE TABLE code (
  institution  TEXT    NOT NULL,
  code         TEXT    NOT NULL,
  scheme       TEXT    NOT NULL,
  -- 7-digit product resource code, or the GTIN
  prefix       TEXT    NOT NULL,
  -- unseen | in-stock | opened | dispensed | returned-to-supplier | transferred | destroyed | lost | removed
  state        TEXT    NOT NULL,
  drug         TEXT,
  lot          TEXT,
  produced_on  TEXT,
  expires_on   TEXT,
  level        INTEGER NOT NULL,
  parent       TEXT,
  location     TEXT,
  -- smallest units of the whole pack and what is left of them; decimal text in millionths (BigInt)
  units_total  TEXT,
  units_left   TEXT,
  opened_at    INTEGER,
  -- last event that touched it, for order per code
  last_event_no INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  PRIMARY KEY (institution, code)
) WITHOUT ROWID, STRICT;
CREATE INDEX code_opened ON code (institution, drug, expires_on, opened_at) WHERE state = 'opened';
CREATE INDEX code_by_lot ON code (institution, drug, lot);

CREATE TABLE code_event (
  institution  TEXT    NOT NULL,
  code         TEXT    NOT NULL,
  event_no     INTEGER NOT NULL,
  line_no      TEXT    NOT NULL,
  from_state   TEXT    NOT NULL,
  to_state     TEXT    NOT NULL,
  -- smallest units taken (positive) or put back (negative) by this line, decimal text in millionths
  units        TEXT    NOT NULL,
  first_opening INTEGER NOT NULL,
  PRIMARY KEY (institution, code, event_no, line_no)
) WITHOUT ROWID, STRICT;
CREATE INDEX code_event_by_event ON code_event (institution, event_no);

CREATE TABLE delivery (
  institution  TEXT    NOT NULL,
  delivery_no  INTEGER NOT NULL,
  destination  TEXT    NOT NULL,
  event_no     INTEGER NOT NULL,
  -- event whose content is reported; for reversals the event taken back
  subject_no   INTEGER NOT NULL,
  operation    TEXT    NOT NULL,
  report_key   TEXT    NOT NULL,
  -- JSON arrays: line numbers it speaks for, codes it carries
  covers       TEXT    NOT NULL,
  codes        TEXT    NOT NULL,
  batch_key    TEXT    NOT NULL,
  priority     INTEGER NOT NULL,
  -- held | queued | claimed | sent | processing | unknown | accepted | duplicate | not-owed | withdrawn | rejected | needs-attention
  state        TEXT    NOT NULL,
  hold         TEXT,
  reason       TEXT,
  peer_code    TEXT,
  detail       TEXT,
  attempts     INTEGER NOT NULL DEFAULT 0,
  asks         INTEGER NOT NULL DEFAULT 0,
  -- when it may be sent (queued) or asked about (unknown, processing)
  due_at       INTEGER NOT NULL,
  claimed_by   TEXT,
  lease_until  INTEGER,
  first_sent_at INTEGER,
  last_sent_at INTEGER,
  absent_since INTEGER,
  platform_ref TEXT,
  -- delivery that this one takes back
  reverses     INTEGER,
  created_at   INTEGER NOT NULL,
  settled_at   INTEGER,
  PRIMARY KEY (institution, delivery_no)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX delivery_key ON delivery (institution, destination, report_key);
CREATE INDEX delivery_by_event ON delivery (institution, event_no, destination);
CREATE INDEX delivery_due ON delivery (institution, destination, state, priority, delivery_no) WHERE state IN ('queued', 'claimed', 'sent', 'processing', 'unknown', 'held');
CREATE INDEX delivery_attention ON delivery (institution, destination, state, delivery_no) WHERE state IN ('rejected', 'needs-attention');

CREATE TABLE delivery_wait (
  institution  TEXT    NOT NULL,
  delivery_no  INTEGER NOT NULL,
  waits_for    INTEGER NOT NULL,
  -- 1: must not go before the other was accepted (returns, reversals); 0: only keeps the order
  hard         INTEGER NOT NULL,
  PRIMARY KEY (institution, delivery_no, waits_for)
) WITHOUT ROWID, STRICT;
CREATE INDEX delivery_wait_for ON delivery_wait (institution, waits_for);

CREATE TABLE delivery_attempt (
  institution  TEXT    NOT NULL,
  delivery_no  INTEGER NOT NULL,
  attempt_no   INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  -- send | ask | person
  act          TEXT    NOT NULL,
  result       TEXT    NOT NULL,
  reason       TEXT,
  peer_code    TEXT,
  -- what the platform said, cut; never patient data
  evidence     TEXT,
  PRIMARY KEY (institution, delivery_no, attempt_no)
) WITHOUT ROWID, STRICT;

CREATE TABLE settlement (
  institution  TEXT    NOT NULL,
  visit_no     TEXT    NOT NULL,
  event_no     INTEGER NOT NULL,
  settlement_id TEXT   NOT NULL,
  settlement_type TEXT,
  settlement_area TEXT,
  occurred_at  INTEGER NOT NULL,
  PRIMARY KEY (institution, visit_no, event_no)
) WITHOUT ROWID, STRICT;

-- which settlement a dispense was attached to
CREATE TABLE event_settlement (
  institution  TEXT    NOT NULL,
  event_no     INTEGER NOT NULL,
  settlement_id TEXT   NOT NULL,
  settlement_type TEXT,
  settlement_area TEXT,
  settled_by   INTEGER NOT NULL,
  PRIMARY KEY (institution, event_no)
) WITHOUT ROWID, STRICT;

CREATE TABLE finding (
  institution  TEXT    NOT NULL,
  event_no     INTEGER NOT NULL,
  finding_no   INTEGER NOT NULL,
  line_no      TEXT    NOT NULL,
  code         TEXT    NOT NULL,
  severity     TEXT    NOT NULL,
  trace_code   TEXT,
  detail       TEXT,
  found_at     INTEGER NOT NULL,
  PRIMARY KEY (institution, event_no, finding_no)
) WITHOUT ROWID, STRICT;

CREATE TABLE drug (
  institution  TEXT    NOT NULL,
  drug         TEXT    NOT NULL,
  name         TEXT    NOT NULL,
  -- the Drug as JSON
  body         TEXT    NOT NULL,
  updated_at   INTEGER NOT NULL,
  PRIMARY KEY (institution, drug)
) WITHOUT ROWID, STRICT;

CREATE TABLE drug_version (
  institution  TEXT    NOT NULL PRIMARY KEY,
  version      INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE destination_switch (
  institution  TEXT    NOT NULL,
  destination  TEXT    NOT NULL,
  stopped      INTEGER NOT NULL,
  reason       TEXT,
  changed_by   TEXT,
  changed_at   INTEGER NOT NULL,
  PRIMARY KEY (institution, destination)
) WITHOUT ROWID, STRICT;

CREATE TABLE api_token (
  -- institution the token may act for; '*' = every configured one
  institution  TEXT    NOT NULL,
  token_id     TEXT    NOT NULL,
  token_sha    TEXT    NOT NULL,
  name         TEXT    NOT NULL,
  role         TEXT    NOT NULL,
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER,
  revoked_at   INTEGER,
  PRIMARY KEY (institution, token_id)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX api_token_sha ON api_token (token_sha);

-- number blocks and remembered values (ports/counters.ts)
CREATE TABLE counter (
  institution  TEXT    NOT NULL,
  name         TEXT    NOT NULL,
  next_value   INTEGER NOT NULL DEFAULT 1,
  text_value   TEXT,
  PRIMARY KEY (institution, name)
) WITHOUT ROWID, STRICT;

-- Statistics by hand. Every key begins with the institution, and a hospital has one: without this the planner believes that
-- the institution alone narrows a search to a few rows and reads whole tables by their primary key. The numbers are those of
-- a store with a year of work; a later ANALYZE replaces them by real ones that say the same.
ANALYZE;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('record', 'record', '1000000 500000 1'),
  ('record', 'record_quarantined', '1000 500 1'),
  ('record', 'record_by_control_id', '1000 500 200 1'),
  ('event', 'event', '1000000 500000 1'),
  ('event', 'event_key', '1000000 500000 200000 1'),
  ('event', 'event_by_day', '1000000 500000 3000 1'),
  ('event', 'event_by_visit', '1000000 500000 4 1'),
  ('event', 'event_by_document', '1000000 500000 2'),
  ('event', 'event_by_refers', '50000 25000 10000 1'),
  ('event_line', 'event_line', '2000000 1000000 2 1'),
  ('event_line', 'event_line_by_drug', '2000000 1000000 1000 100'),
  ('code', 'code', '4000000 2000000 1'),
  ('code', 'code_opened', '1000 500 3 2 1'),
  ('code', 'code_by_lot', '4000000 2000000 2000 200'),
  ('code_event', 'code_event', '8000000 4000000 2 1 1'),
  ('code_event', 'code_event_by_event', '8000000 4000000 4'),
  ('delivery', 'delivery', '4000000 2000000 1'),
  ('delivery', 'delivery_key', '4000000 2000000 1000000 1'),
  ('delivery', 'delivery_by_event', '4000000 2000000 4 2'),
  ('delivery', 'delivery_due', '10000 5000 2000 1000 500 1'),
  ('delivery', 'delivery_attention', '1000 500 250 200 1'),
  ('delivery_wait', 'delivery_wait', '10000 5000 1 1'),
  ('delivery_wait', 'delivery_wait_for', '10000 5000 1'),
  ('delivery_attempt', 'delivery_attempt', '8000000 4000000 2 1'),
  ('settlement', 'settlement', '500000 250000 1 1'),
  ('event_settlement', 'event_settlement', '500000 250000 1'),
  ('finding', 'finding', '100000 50000 1 1'),
  ('drug', 'drug', '10000 5000 1');
ANALYZE sqlite_schema;
