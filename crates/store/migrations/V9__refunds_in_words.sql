-- Refunds with the requester's words, what was given back elsewhere, and what the file itself refuses.

-- The planner's further steps (money rules 2).
INSERT INTO refund_steps (was, becomes) VALUES
    ('approved', 'declined'), ('working', 'withdrawn'), ('needs-person', 'withdrawn');
ALTER TABLE refunds ADD COLUMN note TEXT;
CREATE INDEX refunds_open ON refunds (requested_at, id) WHERE state NOT IN ('done', 'declined', 'withdrawn');
CREATE INDEX refunds_newest ON refunds (requested_at, id);

-- A refund that was made at the bank's back office and that a person has booked: it counts as given back.
CREATE TABLE refunds_booked (
    payment_id BLOB    NOT NULL REFERENCES payments (id),
    xid        TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    refund_no  TEXT,
    amount     INTEGER NOT NULL CHECK (amount > 0),
    who        TEXT    NOT NULL,
    reason     TEXT    NOT NULL CHECK (reason <> ''),
    PRIMARY KEY (payment_id, xid, at)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER refunds_booked_are_not_edited BEFORE UPDATE ON refunds_booked
BEGIN SELECT RAISE(ABORT, 'booked refunds are only added'); END;
CREATE TRIGGER refunds_booked_stay BEFORE DELETE ON refunds_booked
BEGIN SELECT RAISE(ABORT, 'booked refunds are only added'); END;
DROP TRIGGER refunds_never_exceed_the_payment;
CREATE TRIGGER refunds_never_exceed_the_payment AFTER INSERT ON refunds
WHEN (SELECT ifnull(sum(amount), 0) FROM refunds
        WHERE payment_id = NEW.payment_id AND xid = NEW.xid AND state NOT IN ('declined', 'withdrawn'))
    + (SELECT ifnull(sum(amount), 0) FROM refunds_booked
        WHERE payment_id = NEW.payment_id AND xid = NEW.xid)
    > (SELECT amount FROM payments WHERE id = NEW.payment_id)
BEGIN SELECT RAISE(ABORT, 'refunds never exceed the payment'); END;

-- Done means that the bank took a step of it, or that a person transferred the money.
CREATE TRIGGER refunds_are_done_by_a_step AFTER UPDATE ON refunds
WHEN NEW.state = 'done' AND OLD.state <> 'done'
    AND ifnull(NEW.why, '') NOT IN ('not-activated', 'no-payer-account', 'too-old', 'not-in-contract', 'chosen')
    AND NOT EXISTS (SELECT 1 FROM operations WHERE payment_id = NEW.payment_id AND refund_id = NEW.id
        AND state = 'accepted' AND kind IN ('cancel-authorization', 'reversal', 'refund', 'card-refund', 'account-refund'))
BEGIN SELECT RAISE(ABORT, 'a refund is done by a step that the bank took'); END;

-- An operation of money that a person decides blocks every further one of its target.
CREATE TRIGGER operations_wait_for_a_person BEFORE INSERT ON operations
WHEN NEW.kind IN ('reversal', 'cap-reversal', 'refund', 'refund-reversal', 'card-refund', 'account-refund')
    AND EXISTS (SELECT 1 FROM operations AS o
        WHERE o.payment_id = NEW.payment_id AND o.state = 'needs-person'
            AND o.kind IN ('reversal', 'cap-reversal', 'refund', 'refund-reversal', 'card-refund', 'account-refund')
            AND ifnull((SELECT xid FROM refunds WHERE id = o.refund_id), '')
                = ifnull((SELECT xid FROM refunds WHERE id = NEW.refund_id), ''))
BEGIN SELECT RAISE(ABORT, 'a person decides an operation of this money first'); END;

PRAGMA user_version = 9;
