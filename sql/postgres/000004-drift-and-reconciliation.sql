-- Drift watch: what a platform accepted yesterday and refuses today, in groups; and the daily comparison with what a platform has on record.

CREATE TABLE drift_group (
  institution  TEXT COLLATE "C" NOT NULL,
  group_no     BIGINT NOT NULL,
  destination  TEXT COLLATE "C" NOT NULL,
  operation    TEXT COLLATE "C" NOT NULL,
  -- HIS drug id, '*' = a field whatever the drug
  product      TEXT COLLATE "C" NOT NULL,
  reason       TEXT COLLATE "C" NOT NULL,
  -- the refusal without codes, numbers and names of single reports
  text_key     TEXT COLLATE "C" NOT NULL,
  -- the refusal as the platform put it, cut
  sample       TEXT COLLATE "C" NOT NULL,
  -- open | released
  state        TEXT COLLATE "C" NOT NULL,
  opened_at    BIGINT NOT NULL,
  -- the report that was let through to see whether the platform takes it again
  probe_no     BIGINT,
  -- when the next one may go
  probe_at     BIGINT NOT NULL,
  probes       BIGINT NOT NULL DEFAULT 0,
  alerted_at   BIGINT,
  closed_at    BIGINT,
  -- platform | nobody-waits | name of the person
  closed_by    TEXT COLLATE "C",
  PRIMARY KEY (institution, group_no)
);
CREATE UNIQUE INDEX drift_open ON drift_group (institution, destination, operation, product, reason, text_key) WHERE state = 'open';

-- one comparison: what we reported that day against the platform's own records; a later run of the same day replaces it
CREATE TABLE reconciliation (
  institution  TEXT COLLATE "C" NOT NULL,
  -- yyyy-MM-dd in China: the day on which the platform accepted
  day          TEXT COLLATE "C" NOT NULL,
  destination  TEXT COLLATE "C" NOT NULL,
  ran_at       BIGINT NOT NULL,
  -- 1 = everything could be read
  complete     BIGINT NOT NULL,
  ours         BIGINT NOT NULL,
  matched      BIGINT NOT NULL,
  missing      BIGINT NOT NULL,
  unknown_here BIGINT NOT NULL,
  different    BIGINT NOT NULL,
  late         BIGINT NOT NULL,
  -- reports whose drug could not be read there
  unread       BIGINT NOT NULL,
  -- the differences as JSON, at most 500
  items        TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (institution, day, destination)
);
