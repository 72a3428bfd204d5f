-- Packages and what is in them; suppliers' bills; receipts compared with them; discrepancies. Every key begins with the institution.

-- one row per coded package: what it is, what is around it, and whether its content is known
CREATE TABLE package_node (
  institution  TEXT COLLATE "C" NOT NULL,
  code         TEXT COLLATE "C" NOT NULL,
  -- 1 unit | 2 inner | 3 case; NULL = nobody said
  level        BIGINT,
  -- smallest packs in it as declared; NULL = nobody said
  packs        BIGINT,
  parent       TEXT COLLATE "C",
  -- 1: the smallest coded pack, whatever it holds
  smallest     BIGINT NOT NULL,
  -- known | pending (asked for) | broken (content cannot be known: its packs are scanned one by one)
  state        TEXT COLLATE "C" NOT NULL,
  -- bill | relation | file | hub
  origin       TEXT COLLATE "C" NOT NULL,
  asks         BIGINT NOT NULL DEFAULT 0,
  due_at       BIGINT NOT NULL DEFAULT 0,
  reason       TEXT COLLATE "C",
  updated_at   BIGINT NOT NULL,
  PRIMARY KEY (institution, code)
);
CREATE INDEX package_node_by_parent ON package_node (institution, parent, code) WHERE parent IS NOT NULL;
CREATE INDEX package_node_due ON package_node (institution, due_at) WHERE state = 'pending';

CREATE TABLE upstream_bill (
  institution  TEXT COLLATE "C" NOT NULL,
  -- code of the supplier, or its name where it has none
  supplier     TEXT COLLATE "C" NOT NULL,
  bill_no      TEXT COLLATE "C" NOT NULL,
  revision     BIGINT NOT NULL,
  -- current | cancelled
  state        TEXT COLLATE "C" NOT NULL,
  -- the hospital's own document, where the supplier or a person said so
  document_no  TEXT COLLATE "C",
  -- rest | file | name of the destination it was fetched through
  origin       TEXT COLLATE "C" NOT NULL,
  content_sha  TEXT COLLATE "C" NOT NULL,
  code_count   BIGINT NOT NULL,
  -- the SupplierBill as JSON
  body         TEXT COLLATE "C" NOT NULL,
  created_at   BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  PRIMARY KEY (institution, supplier, bill_no)
);
CREATE INDEX upstream_bill_by_no ON upstream_bill (institution, bill_no);
CREATE INDEX upstream_bill_by_document ON upstream_bill (institution, document_no) WHERE document_no IS NOT NULL;

-- every version a supplier ever told; never changed
CREATE TABLE upstream_bill_version (
  institution  TEXT COLLATE "C" NOT NULL,
  supplier     TEXT COLLATE "C" NOT NULL,
  bill_no      TEXT COLLATE "C" NOT NULL,
  revision     BIGINT NOT NULL,
  origin       TEXT COLLATE "C" NOT NULL,
  content_sha  TEXT COLLATE "C" NOT NULL,
  body         TEXT COLLATE "C" NOT NULL,
  at           BIGINT NOT NULL,
  PRIMARY KEY (institution, supplier, bill_no, revision)
);
CREATE TRIGGER upstream_bill_version_is_immutable BEFORE UPDATE ON upstream_bill_version FOR EACH ROW EXECUTE FUNCTION refuse_update();

CREATE TABLE upstream_bill_code (
  institution  TEXT COLLATE "C" NOT NULL,
  supplier     TEXT COLLATE "C" NOT NULL,
  bill_no      TEXT COLLATE "C" NOT NULL,
  code         TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (institution, supplier, bill_no, code)
);
CREATE INDEX upstream_bill_code_by_code ON upstream_bill_code (institution, code);

CREATE TABLE receipt (
  institution  TEXT COLLATE "C" NOT NULL,
  -- number of the hospital's receipt document; `~source/id` where the event named none
  document_no  TEXT COLLATE "C" NOT NULL,
  -- unchecked | matched | mismatched | pending | no-bill | voided
  state        TEXT COLLATE "C" NOT NULL,
  -- when it has to be compared again; NULL = nothing changed since
  due_at       BIGINT,
  first_at     BIGINT NOT NULL,
  checked_at   BIGINT,
  -- counts of the last comparison as JSON
  body         TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (institution, document_no)
);
CREATE INDEX receipt_due ON receipt (institution, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX receipt_unbilled ON receipt (institution, document_no) WHERE state = 'no-bill';

-- goods that must not go on the shelf, by the last comparison
CREATE TABLE receipt_hold (
  institution  TEXT COLLATE "C" NOT NULL,
  code         TEXT COLLATE "C" NOT NULL,
  document_no  TEXT COLLATE "C" NOT NULL,
  kind         TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (institution, code, document_no, kind)
);
CREATE INDEX receipt_hold_by_document ON receipt_hold (institution, document_no);

CREATE TABLE discrepancy (
  institution  TEXT COLLATE "C" NOT NULL,
  document_no  TEXT COLLATE "C" NOT NULL,
  kind         TEXT COLLATE "C" NOT NULL,
  -- trace code, drug, lot or bill it is about
  subject      TEXT COLLATE "C" NOT NULL,
  supplier     TEXT COLLATE "C",
  bill_no      TEXT COLLATE "C",
  line_no      TEXT COLLATE "C",
  drug         TEXT COLLATE "C",
  lot          TEXT COLLATE "C",
  expected     TEXT COLLATE "C",
  actual       TEXT COLLATE "C",
  -- JSON array of trace codes
  codes        TEXT COLLATE "C" NOT NULL,
  -- open | fed-back | answered | settled
  state        TEXT COLLATE "C" NOT NULL,
  owner        TEXT COLLATE "C" NOT NULL,
  -- why it was settled
  reason       TEXT COLLATE "C",
  -- 1: settled by itself because the difference is gone; it opens again when it comes back
  vanished     BIGINT NOT NULL,
  -- not told to the supplier before: the rest of the goods may still be scanned
  firm_at      BIGINT NOT NULL,
  created_at   BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  PRIMARY KEY (institution, document_no, kind, subject)
);
CREATE INDEX discrepancy_unsettled ON discrepancy (institution, state, document_no) WHERE state <> 'settled';

-- who moved a discrepancy on, when and why; never changed
CREATE TABLE discrepancy_step (
  institution  TEXT COLLATE "C" NOT NULL,
  document_no  TEXT COLLATE "C" NOT NULL,
  kind         TEXT COLLATE "C" NOT NULL,
  subject      TEXT COLLATE "C" NOT NULL,
  step_no      BIGINT NOT NULL,
  at           BIGINT NOT NULL,
  by_whom      TEXT COLLATE "C" NOT NULL,
  from_state   TEXT COLLATE "C" NOT NULL,
  to_state     TEXT COLLATE "C" NOT NULL,
  note         TEXT COLLATE "C",
  PRIMARY KEY (institution, document_no, kind, subject, step_no)
);
CREATE TRIGGER discrepancy_step_is_immutable BEFORE UPDATE ON discrepancy_step FOR EACH ROW EXECUTE FUNCTION refuse_update();
