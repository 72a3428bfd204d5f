-- Drift watch: what a platform accepted yesterday and refuses today, in groups; and the daily comparison with what a platform has on record.

CREATE TABLE drift_group (
  institution  TEXT    NOT NULL,
  group_no     INTEGER NOT NULL,
  destination  TEXT    NOT NULL,
  operation    TEXT    NOT NULL,
  -- HIS drug id, '*' = a field whatever the drug
  product      TEXT    NOT NULL,
  reason       TEXT    NOT NULL,
  -- the refusal without codes, numbers and names of single reports
  text_key     TEXT    NOT NULL,
  -- the refusal as the platform put it, cut
  sample       TEXT    NOT NULL,
  -- open | released
  state        TEXT    NOT NULL,
  opened_at    INTEGER NOT NULL,
  -- the report that was let through to see whether the platform takes it again
  probe_no     INTEGER,
  -- when the next one may go
  probe_at     INTEGER NOT NULL,
  probes       INTEGER NOT NULL DEFAULT 0,
  alerted_at   INTEGER,
  closed_at    INTEGER,
  -- platform | nobody-waits | name of the person
  closed_by    TEXT,
  PRIMARY KEY (institution, group_no)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX drift_open ON drift_group (institution, destination, operation, product, reason, text_key) WHERE state = 'open';

-- one comparison: what we reported that day against the platform's own records; a later run of the same day replaces it
CREATE TABLE reconciliation (
  institution  TEXT    NOT NULL,
  -- yyyy-MM-dd in China: the day on which the platform accepted
  day          TEXT    NOT NULL,
  destination  TEXT    NOT NULL,
  ran_at       INTEGER NOT NULL,
  -- 1 = everything could be read
  complete     INTEGER NOT NULL,
  ours         INTEGER NOT NULL,
  matched      INTEGER NOT NULL,
  missing      INTEGER NOT NULL,
  unknown_here INTEGER NOT NULL,
  different    INTEGER NOT NULL,
  late         INTEGER NOT NULL,
  -- reports whose drug could not be read there
  unread       INTEGER NOT NULL,
  -- the differences as JSON, at most 500
  items        TEXT    NOT NULL,
  PRIMARY KEY (institution, day, destination)
) WITHOUT ROWID, STRICT;

-- statistics by hand, as in 000001 (decision 0002)
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('drift_group', 'drift_group', '1000 500 1'),
  ('drift_group', 'drift_open', '20 10 5 3 2 1 1'),
  ('reconciliation', 'reconciliation', '2000 1000 2 1');
ANALYZE sqlite_schema;
