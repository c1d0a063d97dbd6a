-- What the requester of a refund was told the cardholder will see, and what the last step came to: `cancel`, or `refund`
-- with the day of CTBC's batch. Older rows have neither.
ALTER TABLE refunds ADD COLUMN told TEXT;
ALTER TABLE refunds ADD COLUMN ran TEXT;
CREATE TRIGGER refunds_were_told_once BEFORE UPDATE OF told ON refunds WHEN NEW.told IS NOT OLD.told
BEGIN SELECT RAISE(ABORT, 'what a requester was told never changes'); END;

PRAGMA user_version = 10;
