-- Beside the books the file remembers how much of a bank's time is sure, and which bank refuses the shop.

ALTER TABLE clocks ADD COLUMN behind_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE clocks ADD COLUMN moved_at INTEGER;

CREATE TABLE refusals (
    bank  TEXT    NOT NULL PRIMARY KEY,
    since INTEGER NOT NULL,
    code  TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- every migration ends with its own number
PRAGMA user_version = 6;
