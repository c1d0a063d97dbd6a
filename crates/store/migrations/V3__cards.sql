-- How far the bank is with a card at CTBC: what it showed last, while the payment stays paid.
CREATE TABLE cards (
    payment_id BLOB NOT NULL PRIMARY KEY REFERENCES payments (id),
    state      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- approved, and asked about until the bank has collected it; a test holds the list against the domain's `is_captured`
CREATE INDEX cards_to_capture ON cards (payment_id)
    WHERE state IN ('capture-queued', 'capture-locked', 'capture-failed');

-- every migration ends with its own number
PRAGMA user_version = 3;
