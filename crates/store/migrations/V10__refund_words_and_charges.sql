-- What the requester of a refund was told the cardholder will see, and what the last step came to: `cancel`, or `refund`
-- with the day of CTBC's batch. Older rows have neither.
ALTER TABLE refunds ADD COLUMN told TEXT;
ALTER TABLE refunds ADD COLUMN ran TEXT;
CREATE TRIGGER refunds_were_told_once BEFORE UPDATE OF told ON refunds WHEN NEW.told IS NOT OLD.told
BEGIN SELECT RAISE(ABORT, 'what a requester was told never changes'); END;

-- The last word of a person whom the bank had told something about it.
ALTER TABLE refunds ADD COLUMN confirmed TEXT CHECK (confirmed IN ('done', 'not-done'));
ALTER TABLE refunds ADD COLUMN word TEXT CHECK (word <> '' AND (word IS NULL) = (confirmed IS NULL));
ALTER TABLE refunds ADD COLUMN word_by TEXT CHECK ((word_by IS NULL) = (confirmed IS NULL));

-- Charged twice: a transaction that holds money beside the one that is its payment.
CREATE TABLE charges (
    payment_id BLOB    NOT NULL REFERENCES payments (id),
    xid        TEXT    NOT NULL CHECK (xid <> ''),
    amount     INTEGER NOT NULL CHECK (amount > 0),
    at         INTEGER NOT NULL,
    PRIMARY KEY (payment_id, xid)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER charges_are_not_edited BEFORE UPDATE ON charges
BEGIN SELECT RAISE(ABORT, 'charges are only added'); END;
CREATE TRIGGER charges_stay BEFORE DELETE ON charges
BEGIN SELECT RAISE(ABORT, 'charges are only added'); END;

PRAGMA user_version = 10;
