-- A report's key is made from its event, so it is unique when it is unique within the event. An index over all keys, which are
-- hashes, was written to at a random place for every report; this one grows at its end, and finds an event's reports besides.
DROP INDEX delivery_key;
DROP INDEX delivery_by_event;
CREATE UNIQUE INDEX delivery_by_event ON delivery (institution, event_no, destination, report_key);
