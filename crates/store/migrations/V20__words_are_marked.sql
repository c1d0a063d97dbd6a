-- What people typed is marked too (crates/store/src/marks.rs), and can be erased where no customer is named.

-- A mark of words rests on a salt that goes with them: after that nothing proves a guess. Rows of older versions get
-- theirs now, where they hold words.
ALTER TABLE orders ADD COLUMN salt BLOB CHECK (length(salt) = 16);
ALTER TABLE refunds ADD COLUMN salt BLOB CHECK (length(salt) = 16);
ALTER TABLE discrepancy_closings ADD COLUMN salt BLOB CHECK (length(salt) = 16);
ALTER TABLE refunds_booked ADD COLUMN salt BLOB CHECK (length(salt) = 16);
ALTER TABLE refunds_unbooked ADD COLUMN salt BLOB CHECK (length(salt) = 16);
DROP TRIGGER orders_are_not_edited;
DROP TRIGGER refunds_step;
DROP TRIGGER refunds_notes_are_only_erased;
DROP TRIGGER discrepancy_closings_are_not_edited;
DROP TRIGGER refunds_booked_are_not_edited;
DROP TRIGGER refunds_unbooked_are_not_edited;
UPDATE orders SET salt = randomblob(16) WHERE description <> '';
UPDATE refunds SET salt = randomblob(16);
UPDATE discrepancy_closings SET salt = randomblob(16);
UPDATE refunds_booked SET salt = randomblob(16);
UPDATE refunds_unbooked SET salt = randomblob(16);

-- The payments about which nothing is known of a customer any more: erased, or never named and the description is gone.
DROP VIEW payments_erased;
CREATE VIEW payments_erased AS SELECT payments.id FROM payments
    JOIN orders ON orders.id = payments.order_id
    LEFT JOIN customers ON customers.id = orders.customer_id
    WHERE (customers.name = '' AND customers.note = '') OR (orders.customer_id IS NULL AND orders.description = '');

-- Words are overwritten with a new salt, and nothing else is.
CREATE TRIGGER orders_are_not_edited BEFORE UPDATE ON orders
WHEN NEW.created_at IS NOT OLD.created_at OR NEW.id IS NOT OLD.id OR NEW.amount IS NOT OLD.amount
    OR NEW.customer_id IS NOT OLD.customer_id OR NEW.version IS NOT OLD.version + 1
    OR ((NEW.description IS NOT OLD.description OR NEW.salt IS NOT OLD.salt)
        AND (NEW.description <> '' OR NEW.salt IS OLD.salt OR NEW.salt IS NULL
            OR (NEW.customer_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM customers
                WHERE customers.id = NEW.customer_id AND customers.name = '' AND customers.note = ''))))
BEGIN SELECT RAISE(ABORT, 'an order is never edited'); END;

CREATE TRIGGER refunds_step BEFORE UPDATE ON refunds
BEGIN
    SELECT RAISE(ABORT, 'the payment, amount, reason and requester of a refund never change')
     WHERE NEW.id IS NOT OLD.id OR NEW.payment_id IS NOT OLD.payment_id OR NEW.xid IS NOT OLD.xid
        OR NEW.amount IS NOT OLD.amount OR NEW.reason IS NOT OLD.reason
        OR NEW.requester IS NOT OLD.requester OR NEW.requested_at IS NOT OLD.requested_at
        OR (OLD.approver IS NOT NULL AND NEW.approver IS NOT OLD.approver);
    SELECT RAISE(ABORT, 'a refund changes by one version at a time') WHERE NEW.version IS NOT OLD.version + 1;
    SELECT RAISE(ABORT, 'no such step of a refund')
     WHERE NEW.state IS NOT OLD.state
       AND NOT EXISTS (SELECT 1 FROM refund_steps WHERE was = OLD.state AND becomes = NEW.state);
    SELECT RAISE(ABORT, 'the note of a refund is only erased with its customer or order')
     WHERE (NEW.note IS NOT OLD.note OR NEW.salt IS NOT OLD.salt)
       AND (NEW.note IS NOT NULL OR NEW.salt IS OLD.salt OR NEW.salt IS NULL
        OR NOT EXISTS (SELECT 1 FROM payments_erased WHERE id = NEW.payment_id));
END;

CREATE TRIGGER refunds_booked_are_not_edited BEFORE UPDATE ON refunds_booked
WHEN NEW.payment_id IS NOT OLD.payment_id OR NEW.xid IS NOT OLD.xid OR NEW.at IS NOT OLD.at
    OR NEW.refund_no IS NOT OLD.refund_no OR NEW.amount IS NOT OLD.amount OR NEW.who IS NOT OLD.who
    OR NEW.salt IS OLD.salt OR NEW.salt IS NULL
    OR NEW.reason <> '—' OR NOT EXISTS (SELECT 1 FROM payments_erased WHERE id = NEW.payment_id)
BEGIN SELECT RAISE(ABORT, 'booked refunds are only added'); END;

CREATE TRIGGER refunds_unbooked_are_not_edited BEFORE UPDATE ON refunds_unbooked
WHEN NEW.payment_id IS NOT OLD.payment_id OR NEW.xid IS NOT OLD.xid OR NEW.booked_at IS NOT OLD.booked_at
    OR NEW.at IS NOT OLD.at OR NEW.who IS NOT OLD.who
    OR NEW.salt IS OLD.salt OR NEW.salt IS NULL
    OR NEW.reason <> '—' OR NOT EXISTS (SELECT 1 FROM payments_erased WHERE id = NEW.payment_id)
BEGIN SELECT RAISE(ABORT, 'bookings are taken back once'); END;

CREATE TRIGGER discrepancy_closings_are_not_edited BEFORE UPDATE ON discrepancy_closings
WHEN NEW.discrepancy_id IS NOT OLD.discrepancy_id OR NEW.at IS NOT OLD.at OR NEW.who IS NOT OLD.who
    OR NEW.second IS NOT OLD.second OR NEW.salt IS OLD.salt OR NEW.salt IS NULL OR NEW.reason <> '—'
    OR NOT EXISTS (SELECT 1 FROM discrepancies JOIN payments_erased ON payments_erased.id = discrepancies.payment_id
        WHERE discrepancies.id = NEW.discrepancy_id)
BEGIN SELECT RAISE(ABORT, 'closings are only added'); END;

-- What is written without an audit row has its mark beside it.
ALTER TABLE asked ADD COLUMN mark BLOB;
ALTER TABLE clocks ADD COLUMN mark BLOB;
ALTER TABLE refusals ADD COLUMN mark BLOB;
ALTER TABLE discrepancies_gone ADD COLUMN mark BLOB;
ALTER TABLE counters ADD COLUMN mark BLOB;
ALTER TABLE erasures ADD COLUMN mark BLOB;
DROP TRIGGER counters_step;
CREATE TRIGGER counters_step BEFORE UPDATE OF id, incarnation ON counters
WHEN NEW.id IS NOT OLD.id OR NEW.incarnation IS NOT OLD.incarnation + 1
BEGIN SELECT RAISE(ABORT, 'a counter only counts its runs'); END;

PRAGMA user_version = 20;
