-- What a sale writes, in less time.

-- Orders that wait for the index of words: the newest, fewer than 32 (crates/store/src/words.rs). One flush of the index
-- takes all of them.
CREATE TABLE words_due (
    order_id BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- SQLite makes a table in memory for each list after IN with more than two texts, at every row that is written. A chain of
-- OR is compared in place. The rules are those of before.
DROP INDEX payments_open;
CREATE INDEX payments_open ON payments (sold_at, order_id, expires_at)
    WHERE state = 'issuing' OR state = 'awaiting' OR state = 'authorized';
DROP INDEX payments_with_money;
CREATE INDEX payments_with_money ON payments (sold_at, order_id)
    WHERE state = 'paid' OR state = 'paid-late' OR state = 'settled';
DROP INDEX payments_ended;
CREATE INDEX payments_ended ON payments (expires_at)
    WHERE state = 'not-issued' OR state = 'expired' OR state = 'cancelled' OR state = 'failed';
DROP INDEX operations_one_open;
CREATE UNIQUE INDEX operations_one_open ON operations (payment_id)
    WHERE state = 'planned' OR state = 'sending' OR state = 'not-now' OR state = 'not-sent' OR state = 'pending'
        OR state = 'unknown';
DROP INDEX operations_due;
CREATE INDEX operations_due ON operations (due_at, id)
    WHERE (state = 'planned' OR state = 'not-now' OR state = 'not-sent') AND kind <> 'post-form';

DROP TRIGGER payments_begin_without_money;
CREATE TRIGGER payments_begin_without_money AFTER INSERT ON payments
WHEN EXISTS (SELECT 1 FROM payment_proofs WHERE payment = NEW.state)
BEGIN SELECT RAISE(ABORT, 'a payment has no evidence of its state'); END;
DROP TRIGGER operations_wait_for_a_person;
CREATE TRIGGER operations_wait_for_a_person BEFORE INSERT ON operations
WHEN (NEW.kind = 'reversal' OR NEW.kind = 'cap-reversal' OR NEW.kind = 'refund' OR NEW.kind = 'refund-reversal'
        OR NEW.kind = 'card-refund' OR NEW.kind = 'account-refund')
    AND EXISTS (SELECT 1 FROM operations AS o
        WHERE o.payment_id = NEW.payment_id AND o.state = 'needs-person'
            AND o.kind IN ('reversal', 'cap-reversal', 'refund', 'refund-reversal', 'card-refund', 'account-refund')
            AND ifnull((SELECT xid FROM refunds WHERE id = o.refund_id), '')
                = ifnull((SELECT xid FROM refunds WHERE id = NEW.refund_id), ''))
BEGIN SELECT RAISE(ABORT, 'a person decides an operation of this money first'); END;

PRAGMA user_version = 19;
