-- No two people share a name that looks alike, and erasing a customer reaches every word that people typed.

-- A name's key (`typed::key` of the domain), unique over all people, also those who have left. Of older rows that share
-- one, an active one bears it, then the newest; the others have none.
ALTER TABLE people ADD COLUMN key TEXT CHECK (key <> '');
DROP TRIGGER people_step;
UPDATE people SET key = counterfoil_key(name) WHERE id IN (SELECT id FROM (
    SELECT id, row_number() OVER (PARTITION BY counterfoil_key(name) ORDER BY retired, added_at DESC, id) AS place
    FROM people) WHERE place = 1);
CREATE TRIGGER people_step BEFORE UPDATE ON people
BEGIN
    SELECT RAISE(ABORT, 'id, name and role of a person never change')
     WHERE NEW.id IS NOT OLD.id OR NEW.name IS NOT OLD.name OR NEW.key IS NOT OLD.key OR NEW.role IS NOT OLD.role
        OR NEW.added_at IS NOT OLD.added_at;
    SELECT RAISE(ABORT, 'a person changes by one version at a time') WHERE NEW.version IS NOT OLD.version + 1;
    SELECT RAISE(ABORT, 'who is retired stays as they were') WHERE OLD.retired = 1;
    SELECT RAISE(ABORT, 'the last owner stays')
     WHERE NEW.retired = 1 AND OLD.role = 'owner'
       AND (SELECT count(*) FROM people WHERE role = 'owner' AND retired = 0) < 2;
END;
CREATE TRIGGER people_have_keys BEFORE INSERT ON people WHEN NEW.key IS NULL
BEGIN SELECT RAISE(ABORT, 'a new person has the key of the name'); END;
DROP INDEX people_by_name;
CREATE UNIQUE INDEX people_by_key ON people (key);

-- The payments of customers who were erased. What people typed about them may be overwritten, and nothing else.
CREATE VIEW payments_erased AS SELECT payments.id FROM payments
    JOIN orders ON orders.id = payments.order_id
    JOIN customers ON customers.id = orders.customer_id
    WHERE customers.name = '' AND customers.note = '';

DROP TRIGGER orders_are_not_edited;
CREATE TRIGGER orders_are_not_edited BEFORE UPDATE ON orders
WHEN NEW.created_at IS NOT OLD.created_at OR NEW.id IS NOT OLD.id OR NEW.amount IS NOT OLD.amount
    OR NEW.customer_id IS NOT OLD.customer_id OR NEW.version IS NOT OLD.version + 1
    OR (NEW.description IS NOT OLD.description AND (NEW.description <> '' OR NOT EXISTS (SELECT 1 FROM customers
        WHERE customers.id = NEW.customer_id AND customers.name = '' AND customers.note = '')))
BEGIN SELECT RAISE(ABORT, 'an order is never edited'); END;

DROP TRIGGER answers_are_not_edited;
CREATE TRIGGER answers_are_not_edited BEFORE UPDATE ON answers
WHEN NEW.operation_id IS NOT OLD.operation_id OR NEW.attempt IS NOT OLD.attempt OR NEW.at IS NOT OLD.at
    OR NEW.meaning IS NOT OLD.meaning OR NEW.code IS NOT OLD.code OR NEW.claim IS NOT OLD.claim OR NEW.transcript <> ''
    OR NOT EXISTS (SELECT 1 FROM operations JOIN payments_erased ON payments_erased.id = operations.payment_id
        WHERE operations.id = NEW.operation_id)
BEGIN SELECT RAISE(ABORT, 'answers are only added'); END;

DROP TRIGGER refunds_booked_are_not_edited;
CREATE TRIGGER refunds_booked_are_not_edited BEFORE UPDATE ON refunds_booked
WHEN NEW.payment_id IS NOT OLD.payment_id OR NEW.xid IS NOT OLD.xid OR NEW.at IS NOT OLD.at
    OR NEW.refund_no IS NOT OLD.refund_no OR NEW.amount IS NOT OLD.amount OR NEW.who IS NOT OLD.who
    OR NEW.reason <> '—' OR NOT EXISTS (SELECT 1 FROM payments_erased WHERE id = NEW.payment_id)
BEGIN SELECT RAISE(ABORT, 'booked refunds are only added'); END;

DROP TRIGGER refunds_unbooked_are_not_edited;
CREATE TRIGGER refunds_unbooked_are_not_edited BEFORE UPDATE ON refunds_unbooked
WHEN NEW.payment_id IS NOT OLD.payment_id OR NEW.xid IS NOT OLD.xid OR NEW.booked_at IS NOT OLD.booked_at
    OR NEW.at IS NOT OLD.at OR NEW.who IS NOT OLD.who
    OR NEW.reason <> '—' OR NOT EXISTS (SELECT 1 FROM payments_erased WHERE id = NEW.payment_id)
BEGIN SELECT RAISE(ABORT, 'bookings are taken back once'); END;

DROP TRIGGER discrepancy_closings_are_not_edited;
CREATE TRIGGER discrepancy_closings_are_not_edited BEFORE UPDATE ON discrepancy_closings
WHEN NEW.discrepancy_id IS NOT OLD.discrepancy_id OR NEW.at IS NOT OLD.at OR NEW.who IS NOT OLD.who
    OR NEW.second IS NOT OLD.second OR NEW.reason <> '—'
    OR NOT EXISTS (SELECT 1 FROM discrepancies JOIN payments_erased ON payments_erased.id = discrepancies.payment_id
        WHERE discrepancies.id = NEW.discrepancy_id)
BEGIN SELECT RAISE(ABORT, 'closings are only added'); END;

-- Whether the log still holds pages of before an erasure: set with it, cleared when the log was emptied.
CREATE TABLE erasures (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    unfinished INTEGER NOT NULL CHECK (unfinished IN (0, 1))
) STRICT;
INSERT INTO erasures (one, unfinished) VALUES (1, 0);

PRAGMA user_version = 17;
