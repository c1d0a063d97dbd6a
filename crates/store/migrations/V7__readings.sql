-- What unclear operations are read out by: each answered reading, and in full what the bank showed before the send.

CREATE TABLE readings (
    seq          INTEGER PRIMARY KEY,
    operation_id BLOB    NOT NULL REFERENCES operations (id),
    at           INTEGER NOT NULL,
    asked_at     INTEGER NOT NULL,
    query        TEXT    NOT NULL,
    -- by the schedule of readings, so it counts towards the number after which a person is asked
    scheduled    INTEGER NOT NULL CHECK (scheduled IN (0, 1)),
    shows        TEXT    NOT NULL CHECK (json_valid(shows))
) STRICT;
CREATE INDEX readings_of ON readings (operation_id, seq);

-- Older versions kept a count, and the first reading that counts towards "did not happen".
UPDATE operations
    SET version = version + 1, snapshot = json_object('sinopac', json_object('state', snapshot))
    WHERE snapshot IS NOT NULL;
INSERT INTO readings (operation_id, at, asked_at, query, scheduled, shows)
    WITH RECURSIVE numbers (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000)
    SELECT id, coalesce(sent_at, planned_at), coalesce(sent_at, planned_at), 'by-number', 1, '"nothing"'
    FROM operations JOIN numbers ON n <= readings ORDER BY planned_at, id;
INSERT INTO readings (operation_id, at, asked_at, query, scheduled, shows)
    SELECT id, unchanged_since, unchanged_since, 'by-number', 0,
        CASE WHEN snapshot IS NULL THEN '"not-there"' ELSE json_object('order', json(snapshot)) END
    FROM operations WHERE unchanged_since IS NOT NULL ORDER BY planned_at, id;

CREATE TRIGGER readings_are_not_edited BEFORE UPDATE ON readings
BEGIN SELECT RAISE(ABORT, 'readings are only added'); END;
CREATE TRIGGER readings_stay BEFORE DELETE ON readings
BEGIN SELECT RAISE(ABORT, 'readings are only added'); END;

ALTER TABLE operations DROP COLUMN readings;
ALTER TABLE operations DROP COLUMN unchanged_since;

-- every migration ends with its own number
PRAGMA user_version = 7;
