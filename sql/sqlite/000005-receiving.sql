-- Packages and what is in them; suppliers' bills; receipts compared with them; discrepancies. Every key begins with the institution.

-- one row per coded package: what it is, what is around it, and whether its content is known
CREATE TABLE package_node (
  institution  TEXT    NOT NULL,
  code         TEXT    NOT NULL,
  -- 1 unit | 2 inner | 3 case; NULL = nobody said
  level        INTEGER,
  -- smallest packs in it as declared; NULL = nobody said
  packs        INTEGER,
  parent       TEXT,
  -- 1: the smallest coded pack, whatever it holds
  smallest     INTEGER NOT NULL,
  -- known | pending (asked for) | broken (content cannot be known: its packs are scanned one by one)
  state        TEXT    NOT NULL,
  -- bill | relation | file | hub
  origin       TEXT    NOT NULL,
  asks         INTEGER NOT NULL DEFAULT 0,
  due_at       INTEGER NOT NULL DEFAULT 0,
  reason       TEXT,
  updated_at   INTEGER NOT NULL,
  PRIMARY KEY (institution, code)
) WITHOUT ROWID, STRICT;
CREATE INDEX package_node_by_parent ON package_node (institution, parent, code) WHERE parent IS NOT NULL;
CREATE INDEX package_node_due ON package_node (institution, due_at) WHERE state = 'pending';

CREATE TABLE upstream_bill (
  institution  TEXT    NOT NULL,
  -- code of the supplier, or its name where it has none
  supplier     TEXT    NOT NULL,
  bill_no      TEXT    NOT NULL,
  revision     INTEGER NOT NULL,
  -- current | cancelled
  state        TEXT    NOT NULL,
  -- the hospital's own document, where the supplier or a person said so
  document_no  TEXT,
  -- rest | file | name of the destination it was fetched through
  origin       TEXT    NOT NULL,
  content_sha  TEXT    NOT NULL,
  code_count   INTEGER NOT NULL,
  -- the SupplierBill as JSON
  body         TEXT    NOT NULL,
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  PRIMARY KEY (institution, supplier, bill_no)
) WITHOUT ROWID, STRICT;
CREATE INDEX upstream_bill_by_no ON upstream_bill (institution, bill_no);
CREATE INDEX upstream_bill_by_document ON upstream_bill (institution, document_no) WHERE document_no IS NOT NULL;

-- every version a supplier ever told; never changed
CREATE TABLE upstream_bill_version (
  institution  TEXT    NOT NULL,
  supplier     TEXT    NOT NULL,
  bill_no      TEXT    NOT NULL,
  revision     INTEGER NOT NULL,
  origin       TEXT    NOT NULL,
  content_sha  TEXT    NOT NULL,
  body         TEXT    NOT NULL,
  at           INTEGER NOT NULL,
  PRIMARY KEY (institution, supplier, bill_no, revision)
) WITHOUT ROWID, STRICT;
CREATE TRIGGER upstream_bill_version_is_immutable BEFORE UPDATE ON upstream_bill_version BEGIN SELECT RAISE(ABORT, 'upstream_bill_version rows are immutable'); END;

CREATE TABLE upstream_bill_code (
  institution  TEXT    NOT NULL,
  supplier     TEXT    NOT NULL,
  bill_no      TEXT    NOT NULL,
  code         TEXT    NOT NULL,
  PRIMARY KEY (institution, supplier, bill_no, code)
) WITHOUT ROWID, STRICT;
CREATE INDEX upstream_bill_code_by_code ON upstream_bill_code (institution, code);

CREATE TABLE receipt (
  institution  TEXT    NOT NULL,
  -- number of the hospital's receipt document; `~source/id` where the event named none
  document_no  TEXT    NOT NULL,
  -- unchecked | matched | mismatched | pending | no-bill | voided
  state        TEXT    NOT NULL,
  -- when it has to be compared again; NULL = nothing changed since
  due_at       INTEGER,
  first_at     INTEGER NOT NULL,
  checked_at   INTEGER,
  -- counts of the last comparison as JSON
  body         TEXT    NOT NULL,
  PRIMARY KEY (institution, document_no)
) WITHOUT ROWID, STRICT;
CREATE INDEX receipt_due ON receipt (institution, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX receipt_unbilled ON receipt (institution, document_no) WHERE state = 'no-bill';

-- goods that must not go on the shelf, by the last comparison
CREATE TABLE receipt_hold (
  institution  TEXT    NOT NULL,
  code         TEXT    NOT NULL,
  document_no  TEXT    NOT NULL,
  kind         TEXT    NOT NULL,
  PRIMARY KEY (institution, code, document_no, kind)
) WITHOUT ROWID, STRICT;
CREATE INDEX receipt_hold_by_document ON receipt_hold (institution, document_no);

CREATE TABLE discrepancy (
  institution  TEXT    NOT NULL,
  document_no  TEXT    NOT NULL,
  kind         TEXT    NOT NULL,
  -- trace code, drug, lot or bill it is about
  subject      TEXT    NOT NULL,
  supplier     TEXT,
  bill_no      TEXT,
  line_no      TEXT,
  drug         TEXT,
  lot          TEXT,
  expected     TEXT,
  actual       TEXT,
  -- JSON array of trace codes
  codes        TEXT    NOT NULL,
  -- open | fed-back | answered | settled
  state        TEXT    NOT NULL,
  owner        TEXT    NOT NULL,
  -- why it was settled
  reason       TEXT,
  -- 1: settled by itself because the difference is gone; it opens again when it comes back
  vanished     INTEGER NOT NULL,
  -- not told to the supplier before: the rest of the goods may still be scanned
  firm_at      INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  PRIMARY KEY (institution, document_no, kind, subject)
) WITHOUT ROWID, STRICT;
CREATE INDEX discrepancy_unsettled ON discrepancy (institution, state, document_no) WHERE state <> 'settled';

-- who moved a discrepancy on, when and why; never changed
CREATE TABLE discrepancy_step (
  institution  TEXT    NOT NULL,
  document_no  TEXT    NOT NULL,
  kind         TEXT    NOT NULL,
  subject      TEXT    NOT NULL,
  step_no      INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  by_whom      TEXT    NOT NULL,
  from_state   TEXT    NOT NULL,
  to_state     TEXT    NOT NULL,
  note         TEXT,
  PRIMARY KEY (institution, document_no, kind, subject, step_no)
) WITHOUT ROWID, STRICT;
CREATE TRIGGER discrepancy_step_is_immutable BEFORE UPDATE ON discrepancy_step BEGIN SELECT RAISE(ABORT, 'discrepancy_step rows are immutable'); END;

-- statistics by hand, as in 000001 (decision 0002)
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('package_node', 'package_node', '4000000 2000000 1'),
  ('package_node', 'package_node_by_parent', '3600000 1800000 10 1'),
  ('package_node', 'package_node_due', '500 250 2'),
  ('upstream_bill', 'upstream_bill', '20000 10000 100 1'),
  ('upstream_bill', 'upstream_bill_by_no', '20000 10000 2'),
  ('upstream_bill', 'upstream_bill_by_document', '10000 5000 2'),
  ('upstream_bill_version', 'upstream_bill_version', '25000 12500 125 2 1'),
  ('upstream_bill_code', 'upstream_bill_code', '2000000 1000000 10000 100 1'),
  ('upstream_bill_code', 'upstream_bill_code_by_code', '2000000 1000000 2'),
  ('receipt', 'receipt', '20000 10000 1'),
  ('receipt', 'receipt_due', '50 25 1'),
  ('receipt', 'receipt_unbilled', '200 100 1'),
  ('receipt_hold', 'receipt_hold', '2000 1000 1 1 1'),
  ('receipt_hold', 'receipt_hold_by_document', '2000 1000 10'),
  ('discrepancy', 'discrepancy', '10000 5000 3 2 1'),
  ('discrepancy', 'discrepancy_unsettled', '500 250 150 3'),
  ('discrepancy_step', 'discrepancy_step', '30000 15000 9 6 3 1');
ANALYZE sqlite_schema;
