-- What a sale writes, in less time.

-- Orders that wait for the index of words: the newest, fewer than 32 (crates/store/src/words.rs). One flush of the index
-- takes all of them.
CREATE TABLE words_due (
    order_id BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 19;
