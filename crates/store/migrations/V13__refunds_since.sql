-- When a refund came to its state for its reason: its sale is polled once more after its end, and a long silence is an alarm.
ALTER TABLE refunds ADD COLUMN since INTEGER;
CREATE INDEX refunds_ended ON refunds (since) WHERE state IN ('done', 'declined', 'withdrawn');

PRAGMA user_version = 13;
