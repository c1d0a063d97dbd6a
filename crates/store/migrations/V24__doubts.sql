-- What a bank's newest answers name while it is too far off to be believed: add it to this computer's clock (money rules 6).
CREATE TABLE clock_doubts (
    bank   TEXT    NOT NULL PRIMARY KEY,
    off_ms INTEGER NOT NULL,
    mark   BLOB
) STRICT, WITHOUT ROWID;

-- The rows of the record that say whether the data file is the one of before (crates/store/src/doubt.rs), without a walk.
CREATE INDEX audit_of_doubt ON audit (seq) WHERE counter = 1 AND (what = 'record-lost' OR what = 'record-accepted');

PRAGMA user_version = 24;
