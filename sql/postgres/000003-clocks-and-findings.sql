-- The clock of emergency use (急抢救先用后补), alerts, and findings of the scheduled checks with owner, age and close reason.

-- one dispense that was made before its codes were checked against upstream
CREATE TABLE emergency_use (
  institution  TEXT COLLATE "C" NOT NULL,
  event_no     BIGINT NOT NULL,
  source       TEXT COLLATE "C" NOT NULL,
  event_id     TEXT COLLATE "C" NOT NULL,
  document_no  TEXT COLLATE "C",
  location     TEXT COLLATE "C",
  -- when the clock began: the business, or its arrival here where the HIS is ahead of time
  started_at   BIGINT NOT NULL,
  hours        BIGINT NOT NULL,
  due_at       BIGINT NOT NULL,
  -- lines without a code: no receipt can settle them, a person has to
  uncoded_lines BIGINT NOT NULL,
  -- open | settled
  state        TEXT COLLATE "C" NOT NULL,
  settled_at   BIGINT,
  -- receipt | verification | void | person
  settled_by   TEXT COLLATE "C",
  settled_note TEXT COLLATE "C",
  PRIMARY KEY (institution, event_no)
);
CREATE INDEX emergency_open ON emergency_use (institution, due_at, event_no) WHERE state = 'open';

-- the codes of it that had not come in when it was made
CREATE TABLE emergency_code (
  institution  TEXT COLLATE "C" NOT NULL,
  event_no     BIGINT NOT NULL,
  code         TEXT COLLATE "C" NOT NULL,
  -- when the receipt or the verification of the code arrived
  caught_up_at BIGINT,
  PRIMARY KEY (institution, event_no, code)
);
CREATE INDEX emergency_code_open ON emergency_code (institution, code, event_no) WHERE caught_up_at IS NULL;

-- which warnings of a clock were given: each once, whatever the clock of the machine does
CREATE TABLE emergency_band (
  institution  TEXT COLLATE "C" NOT NULL,
  event_no     BIGINT NOT NULL,
  -- hours that were left: 24 | 8 | 1 | 0 (overdue)
  band         BIGINT NOT NULL,
  told_at      BIGINT NOT NULL,
  PRIMARY KEY (institution, event_no, band)
);

CREATE TABLE alert (
  institution  TEXT COLLATE "C" NOT NULL,
  alert_no     BIGINT NOT NULL,
  alert_key    TEXT COLLATE "C" NOT NULL,
  severity     TEXT COLLATE "C" NOT NULL,
  title        TEXT COLLATE "C" NOT NULL,
  detail       TEXT COLLATE "C" NOT NULL,
  next_step    TEXT COLLATE "C" NOT NULL,
  raised_at    BIGINT NOT NULL,
  -- raised again within the hour: counted, not told
  repeats      BIGINT NOT NULL DEFAULT 0,
  last_at      BIGINT NOT NULL,
  -- when the sinks had it
  told_at      BIGINT,
  PRIMARY KEY (institution, alert_no)
);
CREATE INDEX alert_by_key ON alert (institution, alert_key, alert_no);
CREATE INDEX alert_untold ON alert (institution, alert_no) WHERE told_at IS NULL;

CREATE TABLE check_finding (
  institution  TEXT COLLATE "C" NOT NULL,
  finding_no   BIGINT NOT NULL,
  check_name   TEXT COLLATE "C" NOT NULL,
  -- what it is about; the check sees the same subject again as the same finding
  subject      TEXT COLLATE "C" NOT NULL,
  severity     TEXT COLLATE "C" NOT NULL,
  title        TEXT COLLATE "C" NOT NULL,
  detail       TEXT COLLATE "C" NOT NULL,
  owner        TEXT COLLATE "C" NOT NULL,
  next_step    TEXT COLLATE "C" NOT NULL,
  opened_at    BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  -- 1 while the last run of the check still saw it: one closed by a person does not open again before it went away
  standing     BIGINT NOT NULL,
  -- open | closed
  state        TEXT COLLATE "C" NOT NULL,
  closed_at    BIGINT,
  closed_by    TEXT COLLATE "C",
  close_reason TEXT COLLATE "C",
  PRIMARY KEY (institution, finding_no)
);
CREATE UNIQUE INDEX check_finding_standing ON check_finding (institution, check_name, subject) WHERE standing = 1;
CREATE INDEX check_finding_open ON check_finding (institution, finding_no) WHERE state = 'open';
