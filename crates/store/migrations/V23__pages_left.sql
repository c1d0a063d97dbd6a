-- How the customer, or a person, left a card page at CTBC: the newest of each payment (money rules 2, re-issue).
CREATE TABLE pages_left (
    payment_id BLOB    NOT NULL PRIMARY KEY REFERENCES payments (id),
    at         INTEGER NOT NULL,
    who        TEXT    NOT NULL,
    code       TEXT    CHECK (code <> ''),
    ends       INTEGER NOT NULL CHECK (ends IN (0, 1)),
    read_at    INTEGER
) STRICT, WITHOUT ROWID;

-- Pages whose end was reckoned before the bank had told its time: this computer's clock may have made it.
CREATE TABLE pages_undated (
    payment_id BLOB NOT NULL PRIMARY KEY REFERENCES payments (id)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 23;
