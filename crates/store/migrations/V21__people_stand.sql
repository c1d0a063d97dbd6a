-- Which rows of people the key proves (crates/store/src/standing.rs), in one row under an HMAC of its own.
CREATE TABLE standing (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    body  TEXT    NOT NULL,
    proof BLOB    NOT NULL CHECK (length(proof) = 32)
) STRICT;

PRAGMA user_version = 21;
