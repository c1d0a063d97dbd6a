-- The people of a shop. A person is added, limited and retired, never renamed and never deleted: audit lines and rows name
-- the id. `pin` is a salted hash over a keyed one; its key is in the vault.
CREATE TABLE people (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name         TEXT    NOT NULL CHECK (name <> ''),
    role         TEXT    NOT NULL CHECK (role IN ('clerk', 'accountant', 'owner')),
    ask_max      INTEGER CHECK (ask_max >= 0),
    approve_max  INTEGER CHECK (approve_max >= 0),
    retired      INTEGER NOT NULL CHECK (retired IN (0, 1)),
    added_at     INTEGER NOT NULL,
    recovered_at INTEGER,
    pin          TEXT    NOT NULL CHECK (pin <> ''),
    version      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Of active people; a name of somebody who has left is free again.
CREATE UNIQUE INDEX people_by_name ON people (name) WHERE retired = 0;

CREATE TRIGGER people_begin BEFORE INSERT ON people
BEGIN
    SELECT RAISE(ABORT, 'the first person is an owner')
     WHERE NEW.role <> 'owner' AND NOT EXISTS (SELECT 1 FROM people);
    SELECT RAISE(ABORT, 'a new person is active and has version 1') WHERE NEW.retired <> 0 OR NEW.version <> 1;
END;
CREATE TRIGGER people_step BEFORE UPDATE ON people
BEGIN
    SELECT RAISE(ABORT, 'id, name and role of a person never change')
     WHERE NEW.id IS NOT OLD.id OR NEW.name IS NOT OLD.name OR NEW.role IS NOT OLD.role
        OR NEW.added_at IS NOT OLD.added_at;
    SELECT RAISE(ABORT, 'a person changes by one version at a time') WHERE NEW.version IS NOT OLD.version + 1;
    SELECT RAISE(ABORT, 'who is retired stays as they were') WHERE OLD.retired = 1;
    SELECT RAISE(ABORT, 'the last owner stays')
     WHERE NEW.retired = 1 AND OLD.role = 'owner'
       AND (SELECT count(*) FROM people WHERE role = 'owner' AND retired = 0) < 2;
END;
CREATE TRIGGER people_stay BEFORE DELETE ON people
BEGIN SELECT RAISE(ABORT, 'a person is never deleted'); END;

-- One person approved alone: before the shop had people, or in one-person mode. NULL in rows of older programs, where it
-- follows from requester and approver. `asked_mono`: by the clock that counts from the start of the computer.
ALTER TABLE refunds ADD COLUMN alone INTEGER CHECK (alone IN (0, 1));
ALTER TABLE refunds ADD COLUMN asked_mono INTEGER;
CREATE TRIGGER refunds_are_approved_by_another AFTER UPDATE OF approver ON refunds
WHEN NEW.approver = NEW.requester AND NEW.alone IS NOT 1
BEGIN SELECT RAISE(ABORT, 'the approver is never the requester'); END;
CREATE TRIGGER refunds_were_asked_once BEFORE UPDATE OF asked_mono ON refunds WHEN NEW.asked_mono IS NOT OLD.asked_mono
BEGIN SELECT RAISE(ABORT, 'a refund is asked for once'); END;

PRAGMA user_version = 15;
