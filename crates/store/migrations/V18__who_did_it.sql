-- What people did about an order is found without a walk over the audit. What the engine and browsers did is not in it:
-- these are most rows, and the slip of an order tells them from other tables.
CREATE INDEX audit_of_people ON audit (subject, seq) WHERE counter = 1 AND who NOT IN ('engine', 'browser');

PRAGMA user_version = 18;
