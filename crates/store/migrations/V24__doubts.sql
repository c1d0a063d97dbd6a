-- What a bank's newest answers name while it is too far off to be believed: add it to this computer's clock (money rules 6).
CREATE TABLE clock_doubts (
    bank   TEXT    NOT NULL PRIMARY KEY,
    off_ms INTEGER NOT NULL,
    mark   BLOB
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 24;
