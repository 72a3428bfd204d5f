-- What a scan and a dispense are judged by without asking twice: how often a pack came in, went to a patient and came back, what a
-- platform last said about it; and the recalls.

ALTER TABLE code ADD COLUMN received_count BIGINT NOT NULL DEFAULT 0;
-- whole packs that went to a patient; taking units from an opened pack does not count
ALTER TABLE code ADD COLUMN sold_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE code ADD COLUMN returned_count BIGINT NOT NULL DEFAULT 0;
-- what a platform said about the code (codewarn), JSON array of its warning types, [] = nothing known against it; and when
ALTER TABLE code ADD COLUMN warning TEXT COLLATE "C";
ALTER TABLE code ADD COLUMN warned_at BIGINT;

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
  institution  TEXT COLLATE "C" NOT NULL,
  recall_no    BIGINT NOT NULL,
  -- number of the notice, from whoever issued it; the same notice again is a duplicate
  notice_no    TEXT COLLATE "C" NOT NULL,
  issuer       TEXT COLLATE "C",
  issued_on    TEXT COLLATE "C",
  approval_no  TEXT COLLATE "C" NOT NULL,
  drug_name    TEXT COLLATE "C",
  manufacturer TEXT COLLATE "C",
  -- 1 | 2 | 3
  level        BIGINT,
  reason       TEXT COLLATE "C",
  -- open | quarantined | reported | closed | withdrawn
  state        TEXT COLLATE "C" NOT NULL,
  owner        TEXT COLLATE "C",
  close_reason TEXT COLLATE "C",
  created_at   BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  PRIMARY KEY (institution, recall_no)
);
CREATE UNIQUE INDEX recall_notice ON recall (institution, notice_no, approval_no);

-- what is compared: approval number and lot without blanks, width and case; lot * = every lot
CREATE TABLE recall_lot (
  institution  TEXT COLLATE "C" NOT NULL,
  approval_key TEXT COLLATE "C" NOT NULL,
  lot_key      TEXT COLLATE "C" NOT NULL,
  recall_no    BIGINT NOT NULL,
  lot          TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (institution, approval_key, lot_key, recall_no)
);
CREATE INDEX recall_lot_by_recall ON recall_lot (institution, recall_no);

-- who moved a recall on, when and why; never changed
CREATE TABLE recall_step (
  institution  TEXT COLLATE "C" NOT NULL,
  recall_no    BIGINT NOT NULL,
  step_no      BIGINT NOT NULL,
  at           BIGINT NOT NULL,
  by_whom      TEXT COLLATE "C" NOT NULL,
  from_state   TEXT COLLATE "C" NOT NULL,
  to_state     TEXT COLLATE "C" NOT NULL,
  note         TEXT COLLATE "C",
  PRIMARY KEY (institution, recall_no, step_no)
);
CREATE TRIGGER recall_step_is_immutable BEFORE UPDATE ON recall_step FOR EACH ROW EXECUTE FUNCTION refuse_update();
