-- The note of a refund is in the requester's words and may name the customer: kept as it was typed, erased with the customer.
CREATE TRIGGER refunds_notes_are_only_erased BEFORE UPDATE ON refunds
WHEN NEW.note IS NOT OLD.note
    AND (NEW.note IS NOT NULL OR NOT EXISTS (SELECT 1 FROM payments
        JOIN orders ON orders.id = payments.order_id
        JOIN customers ON customers.id = orders.customer_id
        WHERE payments.id = NEW.payment_id AND customers.name = '' AND customers.note = ''))
BEGIN SELECT RAISE(ABORT, 'the note of a refund is only erased with its customer'); END;

PRAGMA user_version = 11;
