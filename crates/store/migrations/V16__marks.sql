-- The audit chain under a key (crates/store/src/audit.rs), and customers whose name was wrong.

-- The marks of the rows that a commit wrote (crates/store/src/marks.rs). NULL: a row of an older version, linked without a key.
ALTER TABLE audit ADD COLUMN marks BLOB;

-- A wrong name gives way to the right one, with a salt of its own. Erased stays erased.
DROP TRIGGER customers_are_only_erased;
CREATE TRIGGER customers_are_erased_or_corrected BEFORE UPDATE ON customers
WHEN NEW.id IS NOT OLD.id
    OR NOT ((NEW.name = '' AND NEW.note = '' AND NEW.salt = x'')
        OR (length(NEW.salt) = 16 AND NEW.salt IS NOT OLD.salt AND (OLD.name <> '' OR OLD.note <> '')))
BEGIN SELECT RAISE(ABORT, 'a customer is erased, or corrected with a new salt'); END;

-- every migration ends with its own number
PRAGMA user_version = 16;
