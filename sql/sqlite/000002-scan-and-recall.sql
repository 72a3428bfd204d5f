-- What a scan and a dispense are judged by without asking twice: how often a pack came in, went to a patient and came back, what a
-- platform last said about it; and the recalls.

ALTER TABLE code ADD COLUMN received_count INTEGER NOT NULL DEFAULT 0;
-- whole packs that went to a patient; taking units from an opened pack does not count
ALTER TABLE code ADD COLUMN sold_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE code ADD COLUMN returned_count INTEGER NOT NULL DEFAULT 0;
-- what a platform said about the code (codewarn), JSON array of its warning types, [] = nothing known against it; and when
ALTER TABLE code ADD COLUMN warning TEXT;
ALTER TABLE code ADD COLUMN warned_at INTEGER;

-- what is on file already is counted from its moves; a void takes back what it cancels
UPDATE code SET
  received_count = (SELECT COUNT(*) FROM code_event m JOIN event e ON e.institution = m.institution AND e.event_no = m.event_no
    WHERE m.institution = code.institution AND m.code = code.code AND m.to_state = 'in-stock' AND m.from_state NOT IN ('in-stock', 'opened')
      AND e.kind IN ('receipt', 'stock-count', 'stock-gain', 'transfer-in', 'gift-in', 'other-in')),
  sold_count = (SELECT COUNT(*) FROM code_event m JOIN event e ON e.institution = m.institution AND e.event_no = m.event_no
    WHERE m.institution = code.institution AND m.code = code.code AND m.units = '0' AND m.to_state = 'dispensed' AND m.from_state <> 'dispensed' AND e.kind = 'dispense'
      AND NOT EXISTS (SELECT 1 FROM event v WHERE v.institution = e.institution AND v.source = e.source AND v.refers = e.event_id AND v.kind = 'void')),
  returned_count = (SELECT COUNT(*) FROM code_event m JOIN event e ON e.institution = m.institution AND e.event_no = m.event_no
    WHERE m.institution = code.institution AND m.code = code.code AND m.units = '0' AND m.to_state = 'in-stock' AND e.kind = 'dispense-return'
      AND NOT EXISTS (SELECT 1 FROM event v WHERE v.institution = e.institution AND v.source = e.source AND v.refers = e.event_id AND v.kind = 'void'));

CREATE TABLE recall (
  institution  TEXT    NOT NULL,
  recall_no    INTEGER NOT NULL,
  -- number of the notice, from whoever issued it; the same notice again is a duplicate
  notice_no    TEXT    NOT NULL,
  issuer       TEXT,
  issued_on    TEXT,
  approval_no  TEXT    NOT NULL,
  drug_name    TEXT,
  manufacturer TEXT,
  -- 1 | 2 | 3
  level        INTEGER,
  reason       TEXT,
  -- open | quarantined | reported | closed | withdrawn
  state        TEXT    NOT NULL,
  owner        TEXT,
  close_reason TEXT,
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  PRIMARY KEY (institution, recall_no)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX recall_notice ON recall (institution, notice_no, approval_no);

-- what is compared: approval number and lot without blanks, width and case; lot * = every lot
CREATE TABLE recall_lot (
  institution  TEXT    NOT NULL,
  approval_key TEXT    NOT NULL,
  lot_key      TEXT    NOT NULL,
  recall_no    INTEGER NOT NULL,
  lot          TEXT    NOT NULL,
  PRIMARY KEY (institution, approval_key, lot_key, recall_no)
) WITHOUT ROWID, STRICT;
CREATE INDEX recall_lot_by_recall ON recall_lot (institution, recall_no);

-- who moved a recall on, when and why; never changed
CREATE TABLE recall_step (
  institution  TEXT    NOT NULL,
  recall_no    INTEGER NOT NULL,
  step_no      INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  by_whom      TEXT    NOT NULL,
  from_state   TEXT    NOT NULL,
  to_state     TEXT    NOT NULL,
  note         TEXT,
  PRIMARY KEY (institution, recall_no, step_no)
) WITHOUT ROWID, STRICT;
CREATE TRIGGER recall_step_is_immutable BEFORE UPDATE ON recall_step BEGIN SELECT RAISE(ABORT, 'recall_step rows are immutable'); END;

-- statistics by hand, as in 000001 (decision 0002)
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('recall', 'recall', '500 250 1'),
  ('recall', 'recall_notice', '500 250 2 1'),
  ('recall_lot', 'recall_lot', '2000 1000 5 1 1'),
  ('recall_lot', 'recall_lot_by_recall', '2000 1000 4'),
  ('recall_step', 'recall_step', '2000 1000 4 1');
ANALYZE sqlite_schema;
