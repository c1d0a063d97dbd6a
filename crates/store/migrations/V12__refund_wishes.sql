-- Who wants a refund back that CTBC has in its file, and since when. It is kept until the bank shows what came of it.
ALTER TABLE refunds ADD COLUMN wish_by TEXT;
ALTER TABLE refunds ADD COLUMN wish_at INTEGER CHECK ((wish_at IS NULL) = (wish_by IS NULL));

-- Done means that the bank took a step of it, that a person transferred the money, or that the bank has told a person so.
DROP TRIGGER refunds_are_done_by_a_step;
CREATE TRIGGER refunds_are_done_by_a_step AFTER UPDATE ON refunds
WHEN NEW.state = 'done' AND OLD.state <> 'done' AND NEW.confirmed IS NOT 'done'
    AND ifnull(NEW.why, '') NOT IN ('not-activated', 'no-payer-account', 'too-old', 'not-in-contract', 'chosen')
    AND NOT EXISTS (SELECT 1 FROM operations WHERE payment_id = NEW.payment_id AND refund_id = NEW.id
        AND state = 'accepted' AND kind IN ('cancel-authorization', 'reversal', 'refund', 'card-refund', 'account-refund'))
BEGIN SELECT RAISE(ABORT, 'a refund is done by a step that the bank took'); END;

PRAGMA user_version = 12;
