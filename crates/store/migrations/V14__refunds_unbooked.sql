-- A booking that a person has taken back: it counts no more. Its row stays, and so does the one that takes it back.
CREATE TABLE refunds_unbooked (
    payment_id BLOB    NOT NULL,
    xid        TEXT    NOT NULL,
    booked_at  INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    who        TEXT    NOT NULL,
    reason     TEXT    NOT NULL CHECK (reason <> ''),
    PRIMARY KEY (payment_id, xid, booked_at),
    FOREIGN KEY (payment_id, xid, booked_at) REFERENCES refunds_booked (payment_id, xid, at)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER refunds_unbooked_are_not_edited BEFORE UPDATE ON refunds_unbooked
BEGIN SELECT RAISE(ABORT, 'bookings are taken back once'); END;
CREATE TRIGGER refunds_unbooked_stay BEFORE DELETE ON refunds_unbooked
BEGIN SELECT RAISE(ABORT, 'bookings are taken back once'); END;
DROP TRIGGER refunds_never_exceed_the_payment;
CREATE TRIGGER refunds_never_exceed_the_payment AFTER INSERT ON refunds
WHEN (SELECT ifnull(sum(amount), 0) FROM refunds
        WHERE payment_id = NEW.payment_id AND xid = NEW.xid AND state NOT IN ('declined', 'withdrawn'))
    + (SELECT ifnull(sum(amount), 0) FROM refunds_booked AS b
        WHERE payment_id = NEW.payment_id AND xid = NEW.xid
            AND NOT EXISTS (SELECT 1 FROM refunds_unbooked AS u
                WHERE u.payment_id = b.payment_id AND u.xid = b.xid AND u.booked_at = b.at))
    > (SELECT amount FROM payments WHERE id = NEW.payment_id)
BEGIN SELECT RAISE(ABORT, 'refunds never exceed the payment'); END;

-- What was booked and a refund that is done later are not counted twice.
CREATE TRIGGER refunds_done_never_exceed_the_payment AFTER UPDATE OF state ON refunds
WHEN NEW.state = 'done' AND OLD.state <> 'done'
    AND (SELECT ifnull(sum(amount), 0) FROM refunds
            WHERE payment_id = NEW.payment_id AND xid = NEW.xid AND state = 'done')
        + (SELECT ifnull(sum(amount), 0) FROM refunds_booked AS b
            WHERE payment_id = NEW.payment_id AND xid = NEW.xid
                AND NOT EXISTS (SELECT 1 FROM refunds_unbooked AS u
                    WHERE u.payment_id = b.payment_id AND u.xid = b.xid AND u.booked_at = b.at))
        > (SELECT amount FROM payments WHERE id = NEW.payment_id)
BEGIN SELECT RAISE(ABORT, 'refunds never exceed the payment'); END;

-- A booking is compared with what the bank shows after it.
CREATE INDEX refunds_booked_newest ON refunds_booked (at);

PRAGMA user_version = 14;
