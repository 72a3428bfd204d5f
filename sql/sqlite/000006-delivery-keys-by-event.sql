-- A report's key is made from its event, so it is unique when it is unique within the event. An index over all keys, which are
-- hashes, was written to at a random place for every report; this one grows at its end, and finds an event's reports besides.
DROP INDEX delivery_key;
DROP INDEX delivery_by_event;
CREATE UNIQUE INDEX delivery_by_event ON delivery (institution, event_no, destination, report_key);
DELETE FROM sqlite_stat1 WHERE idx IN ('delivery_key', 'delivery_by_event');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('delivery', 'delivery_by_event', '4000000 2000000 4 2 1');
ANALYZE sqlite_schema;
