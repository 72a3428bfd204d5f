-- The clock of emergency use (急抢救先用后补), alerts, and findings of the scheduled checks with owner, age and close reason.

-- one dispense that was made before its codes were checked against upstream
CREATE TABLE emergency_use (
  institution  TEXT    NOT NULL,
  event_no     INTEGER NOT NULL,
  source       TEXT    NOT NULL,
  event_id     TEXT    NOT NULL,
  document_no  TEXT,
  location     TEXT,
  -- when the clock began: the business, or its arrival here where the HIS is ahead of time
  started_at   INTEGER NOT NULL,
  hours        INTEGER NOT NULL,
  due_at       INTEGER NOT NULL,
  -- lines without a code: no receipt can settle them, a person has to
  uncoded_lines INTEGER NOT NULL,
  -- open | settled
  state        TEXT    NOT NULL,
  settled_at   INTEGER,
  -- receipt | verification | void | person
  settled_by   TEXT,
  settled_note TEXT,
  PRIMARY KEY (institution, event_no)
) WITHOUT ROWID, STRICT;
CREATE INDEX emergency_open ON emergency_use (institution, due_at, event_no) WHERE state = 'open';

-- the codes of it that had not come in when it was made
CREATE TABLE emergency_code (
  institution  TEXT    NOT NULL,
  event_no     INTEGER NOT NULL,
  code         TEXT    NOT NULL,
  -- when the receipt or the verification of the code arrived
  caught_up_at INTEGER,
  PRIMARY KEY (institution, event_no, code)
) WITHOUT ROWID, STRICT;
CREATE INDEX emergency_code_open ON emergency_code (institution, code, event_no) WHERE caught_up_at IS NULL;

-- which warnings of a clock were given: each once, whatever the clock of the machine does
CREATE TABLE emergency_band (
  institution  TEXT    NOT NULL,
  event_no     INTEGER NOT NULL,
  -- hours that were left: 24 | 8 | 1 | 0 (overdue)
  band         INTEGER NOT NULL,
  told_at      INTEGER NOT NULL,
  PRIMARY KEY (institution, event_no, band)
) WITHOUT ROWID, STRICT;

CREATE TABLE alert (
  institution  TEXT    NOT NULL,
  alert_no     INTEGER NOT NULL,
  alert_key    TEXT    NOT NULL,
  severity     TEXT    NOT NULL,
  title        TEXT    NOT NULL,
  detail       TEXT    NOT NULL,
  next_step    TEXT    NOT NULL,
  raised_at    INTEGER NOT NULL,
  -- raised again within the hour: counted, not told
  repeats      INTEGER NOT NULL DEFAULT 0,
  last_at      INTEGER NOT NULL,
  -- when the sinks had it
  told_at      INTEGER,
  PRIMARY KEY (institution, alert_no)
) WITHOUT ROWID, STRICT;
CREATE INDEX alert_by_key ON alert (institution, alert_key, alert_no);
CREATE INDEX alert_untold ON alert (institution, alert_no) WHERE told_at IS NULL;

CREATE TABLE check_finding (
  institution  TEXT    NOT NULL,
  finding_no   INTEGER NOT NULL,
  check_name   TEXT    NOT NULL,
  -- what it is about; the check sees the same subject again as the same finding
  subject      TEXT    NOT NULL,
  severity     TEXT    NOT NULL,
  title        TEXT    NOT NULL,
  detail       TEXT    NOT NULL,
  owner        TEXT    NOT NULL,
  next_step    TEXT    NOT NULL,
  opened_at    INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  -- 1 while the last run of the check still saw it: one closed by a person does not open again before it went away
  standing     INTEGER NOT NULL,
  -- open | closed
  state        TEXT    NOT NULL,
  closed_at    INTEGER,
  closed_by    TEXT,
  close_reason TEXT,
  PRIMARY KEY (institution, finding_no)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX check_finding_standing ON check_finding (institution, check_name, subject) WHERE standing = 1;
CREATE INDEX check_finding_open ON check_finding (institution, finding_no) WHERE state = 'open';

-- statistics by hand, as in 000001 (decision 0002)
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('emergency_use', 'emergency_use', '20000 10000 1'),
  ('emergency_use', 'emergency_open', '500 250 1 1'),
  ('emergency_code', 'emergency_code', '40000 20000 2 1'),
  ('emergency_code', 'emergency_code_open', '1000 500 1 1'),
  ('emergency_band', 'emergency_band', '10000 5000 2 1'),
  ('alert', 'alert', '50000 25000 1'),
  ('alert', 'alert_by_key', '50000 25000 2 1'),
  ('alert', 'alert_untold', '10 5 1'),
  ('check_finding', 'check_finding', '20000 10000 1'),
  ('check_finding', 'check_finding_standing', '1000 500 100 1'),
  ('check_finding', 'check_finding_open', '1000 500 1');
ANALYZE sqlite_schema;
