-- Room for refunds, for closing discrepancies, and for several counters on one shop.

-- The file's own name: a copy keeps it, another shop's file has another.
CREATE TABLE file (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id  BLOB    NOT NULL CHECK (length(id) = 16)
) STRICT;
INSERT INTO file (one, id) VALUES (1, randomblob(16));
CREATE TRIGGER file_is_not_edited BEFORE UPDATE ON file
BEGIN SELECT RAISE(ABORT, 'a file keeps its id'); END;
CREATE TRIGGER file_stays BEFORE DELETE ON file
BEGIN SELECT RAISE(ABORT, 'a file keeps its id'); END;

-- Each program that writes: one today. An incarnation is one run of it, counted from its first commit.
CREATE TABLE counters (
    id          INTEGER PRIMARY KEY,
    incarnation INTEGER NOT NULL
) STRICT;
INSERT INTO counters (id, incarnation) VALUES (1, 0);
CREATE TRIGGER counters_step BEFORE UPDATE ON counters
WHEN NEW.id IS NOT OLD.id OR NEW.incarnation IS NOT OLD.incarnation + 1
BEGIN SELECT RAISE(ABORT, 'a counter only counts its runs'); END;
CREATE TRIGGER counters_stay BEFORE DELETE ON counters
BEGIN SELECT RAISE(ABORT, 'a counter is never deleted'); END;

-- Two decisions about one order: the version lets only one of them be committed.
ALTER TABLE orders ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
DROP TRIGGER orders_are_not_edited;
CREATE TRIGGER orders_are_not_edited BEFORE UPDATE ON orders
WHEN NEW.created_at IS NOT OLD.created_at OR NEW.id IS NOT OLD.id OR NEW.amount IS NOT OLD.amount
    OR NEW.description IS NOT OLD.description OR NEW.customer_id IS NOT OLD.customer_id
    OR NEW.version IS NOT OLD.version + 1
BEGIN SELECT RAISE(ABORT, 'an order is never edited'); END;

-- The salt of what the audit knows about a customer. Erased with the name, it leaves nothing to guess by.
ALTER TABLE customers ADD COLUMN salt BLOB NOT NULL DEFAULT x'';
DROP TRIGGER customers_are_only_erased;
CREATE TRIGGER customers_are_only_erased BEFORE UPDATE ON customers
WHEN NEW.id IS NOT OLD.id OR NEW.name IS NOT '' OR NEW.note IS NOT '' OR NEW.salt IS NOT x''
BEGIN SELECT RAISE(ABORT, 'a customer is never edited, only erased'); END;

-- The bank's own reference is unique at each bank.
DROP INDEX payments_bank_ref;
CREATE UNIQUE INDEX payments_bank_ref
    ON payments (bank_ref, CASE rail WHEN 'ctbc-card' THEN 'ctbc' ELSE 'sinopac' END)
    WHERE bank_ref IS NOT NULL;

-- The transition table of refunds (money rules 2).
CREATE TABLE refund_steps (
    was     TEXT NOT NULL,
    becomes TEXT NOT NULL,
    PRIMARY KEY (was, becomes)
) STRICT, WITHOUT ROWID;
INSERT INTO refund_steps (was, becomes) VALUES
    ('requested', 'approved'), ('requested', 'withdrawn'), ('requested', 'declined'),
    ('approved', 'waiting'), ('approved', 'working'), ('approved', 'withdrawn'), ('approved', 'needs-person'),
    ('waiting', 'working'), ('waiting', 'withdrawn'), ('waiting', 'declined'), ('waiting', 'needs-person'),
    ('working', 'waiting'), ('working', 'at-bank'), ('working', 'done'), ('working', 'declined'),
    ('working', 'needs-person'),
    ('at-bank', 'done'), ('at-bank', 'declined'), ('at-bank', 'withdrawn'), ('at-bank', 'needs-person'),
    ('needs-person', 'waiting'), ('needs-person', 'working'), ('needs-person', 'at-bank'),
    ('needs-person', 'done'), ('needs-person', 'declined');

-- A person's wish to give money back, clustered by payment. A customer who was charged twice has two transactions under
-- one payment, so a refund names the transaction (XID); the only one has the empty name.
CREATE TABLE refunds (
    payment_id   BLOB    NOT NULL REFERENCES payments (id),
    requested_at INTEGER NOT NULL,
    id           BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    xid          TEXT    NOT NULL,
    amount       INTEGER NOT NULL CHECK (amount > 0),
    reason       TEXT    NOT NULL,
    requester    TEXT    NOT NULL,
    approver     TEXT,
    state        TEXT    NOT NULL,
    until        INTEGER, -- a refund that waits: not before this instant …
    why          TEXT,    -- … and for this reason
    version      INTEGER NOT NULL,
    PRIMARY KEY (payment_id, requested_at, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX refunds_one_open ON refunds (payment_id, xid)
    WHERE state NOT IN ('done', 'declined', 'withdrawn');

-- What is refunded or may yet be is never more than what was collected.
CREATE TRIGGER refunds_never_exceed_the_payment AFTER INSERT ON refunds
WHEN (SELECT sum(amount) FROM refunds
        WHERE payment_id = NEW.payment_id AND xid = NEW.xid AND state NOT IN ('declined', 'withdrawn'))
    > (SELECT amount FROM payments WHERE id = NEW.payment_id)
BEGIN SELECT RAISE(ABORT, 'refunds never exceed the payment'); END;
CREATE TRIGGER refunds_begin AFTER INSERT ON refunds WHEN NEW.state IS NOT 'requested' OR NEW.version IS NOT 1
BEGIN SELECT RAISE(ABORT, 'a refund begins as requested'); END;
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
END;
CREATE TRIGGER refunds_stay BEFORE DELETE ON refunds
BEGIN SELECT RAISE(ABORT, 'a refund is never deleted'); END;

-- The transaction of a card at CTBC, and the batch that captured it, as read then: a refund of a remainder names both.
CREATE TABLE captures (
    payment_id BLOB    NOT NULL REFERENCES payments (id),
    xid        TEXT    NOT NULL,
    batch_id   TEXT    NOT NULL,
    batch_seq  TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (payment_id, xid, batch_id, batch_seq)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER captures_are_not_edited BEFORE UPDATE ON captures
BEGIN SELECT RAISE(ABORT, 'captures are only added'); END;
CREATE TRIGGER captures_stay BEFORE DELETE ON captures
BEGIN SELECT RAISE(ABORT, 'captures are only added'); END;

-- Of a refund the step and its money. Of each attempt a random claim, the counter that sends it and its run.
ALTER TABLE operations ADD COLUMN refund_id BLOB REFERENCES refunds (id);
ALTER TABLE operations ADD COLUMN step INTEGER;
ALTER TABLE operations ADD COLUMN amount INTEGER CHECK (amount > 0);
ALTER TABLE operations ADD COLUMN claim BLOB CHECK (length(claim) = 16);
ALTER TABLE operations ADD COLUMN claimed_by INTEGER REFERENCES counters (id);
ALTER TABLE operations ADD COLUMN incarnation INTEGER;
ALTER TABLE answers ADD COLUMN claim BLOB CHECK (length(claim) = 16);
DROP TRIGGER operations_step;
CREATE TRIGGER operations_step BEFORE UPDATE ON operations
BEGIN
    SELECT RAISE(ABORT, 'the payment, kind and planning of an operation never change')
     WHERE NEW.id IS NOT OLD.id OR NEW.payment_id IS NOT OLD.payment_id OR NEW.kind IS NOT OLD.kind
        OR NEW.planned_at IS NOT OLD.planned_at OR NEW.refund_id IS NOT OLD.refund_id
        OR NEW.step IS NOT OLD.step OR NEW.amount IS NOT OLD.amount;
    SELECT RAISE(ABORT, 'an operation changes by one version at a time') WHERE NEW.version IS NOT OLD.version + 1;
    SELECT RAISE(ABORT, 'no such step of an operation')
     WHERE NEW.state IS NOT OLD.state
       AND NOT EXISTS (SELECT 1 FROM operation_steps WHERE was = OLD.state AND becomes = NEW.state);
END;
CREATE INDEX operations_due ON operations (due_at, id)
    WHERE state IN ('planned', 'not-now', 'not-sent') AND kind <> 'post-form';
-- a person may let the bank be asked on
INSERT INTO operation_steps (was, becomes) VALUES ('needs-person', 'unknown');

-- A person closes a discrepancy with a reason. What the bank shows again after it was gone is a new one.
ALTER TABLE discrepancies ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
ALTER TABLE discrepancies ADD COLUMN closed INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1));
DROP INDEX discrepancies_once;
CREATE UNIQUE INDEX discrepancies_once ON discrepancies (ifnull(payment_id, x''), kind, detail, round);
CREATE INDEX discrepancies_open ON discrepancies (seq) WHERE closed = 0;
CREATE TABLE discrepancy_closings (
    discrepancy_id BLOB    NOT NULL PRIMARY KEY REFERENCES discrepancies (id),
    at             INTEGER NOT NULL,
    who            TEXT    NOT NULL,
    second         TEXT,
    reason         TEXT    NOT NULL CHECK (reason <> '')
) STRICT, WITHOUT ROWID;
DROP TRIGGER discrepancies_are_not_edited;
CREATE TRIGGER discrepancies_are_not_edited BEFORE UPDATE ON discrepancies
WHEN NEW.seq IS NOT OLD.seq OR NEW.id IS NOT OLD.id OR NEW.kind IS NOT OLD.kind
    OR NEW.payment_id IS NOT OLD.payment_id OR NEW.at IS NOT OLD.at OR NEW.detail IS NOT OLD.detail
    OR NEW.round IS NOT OLD.round OR NEW.closed IS NOT 1
    OR NOT EXISTS (SELECT 1 FROM discrepancy_closings WHERE discrepancy_id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'discrepancies are only added'); END;
CREATE TRIGGER discrepancy_closings_close AFTER INSERT ON discrepancy_closings
BEGIN UPDATE discrepancies SET closed = 1 WHERE id = NEW.discrepancy_id; END;
CREATE TRIGGER discrepancy_closings_are_not_edited BEFORE UPDATE ON discrepancy_closings
BEGIN SELECT RAISE(ABORT, 'closings are only added'); END;
CREATE TRIGGER discrepancy_closings_stay BEFORE DELETE ON discrepancy_closings
BEGIN SELECT RAISE(ABORT, 'closings are only added'); END;
-- A closed one that a later reading did not show any more. No money rests on it: it has no audit row.
CREATE TABLE discrepancies_gone (
    discrepancy_id BLOB NOT NULL PRIMARY KEY REFERENCES discrepancy_closings (discrepancy_id)
) STRICT, WITHOUT ROWID;

-- Coverage is a bank's.
ALTER TABLE coverage ADD COLUMN bank TEXT NOT NULL DEFAULT 'sinopac';
DROP INDEX coverage_ends;
CREATE INDEX coverage_ends ON coverage (bank, pass, to_minute);
DROP INDEX coverage_by_number;
CREATE INDEX coverage_by_number ON coverage (bank, from_minute, to_minute) WHERE by_number = 1 AND pass = 0;
CREATE TABLE coverage_marks_8 (
    bank          TEXT    NOT NULL,
    pass          INTEGER NOT NULL,
    before_minute INTEGER NOT NULL,
    PRIMARY KEY (bank, pass)
) STRICT, WITHOUT ROWID;
INSERT INTO coverage_marks_8 (bank, pass, before_minute)
    SELECT 'sinopac', pass, before_minute FROM coverage_marks;
DROP TABLE coverage_marks;
ALTER TABLE coverage_marks_8 RENAME TO coverage_marks;

-- A bank's row that is not ours: each number may have a payment and refunds, and moves from state to state.
CREATE TABLE foreign_lines_8 (
    seq           INTEGER PRIMARY KEY,
    bank          TEXT    NOT NULL,
    bank_order_no TEXT    NOT NULL,
    kind          TEXT    NOT NULL CHECK (kind IN ('payment', 'refund')),
    paid_minute   INTEGER,
    said          TEXT    NOT NULL,
    amount        INTEGER,
    seen_at       INTEGER NOT NULL
) STRICT;
INSERT INTO foreign_lines_8 (bank, bank_order_no, kind, paid_minute, said, amount, seen_at)
    SELECT 'sinopac', bank_order_no, 'payment', paid_minute, said, amount, seen_at
    FROM foreign_lines ORDER BY seen_at, bank_order_no;
DROP TABLE foreign_lines;
ALTER TABLE foreign_lines_8 RENAME TO foreign_lines;
CREATE UNIQUE INDEX foreign_lines_once
    ON foreign_lines (bank, bank_order_no, kind, ifnull(paid_minute, -1), said);
CREATE TRIGGER foreign_lines_are_not_edited BEFORE UPDATE ON foreign_lines
BEGIN SELECT RAISE(ABORT, 'foreign lines are only added'); END;
CREATE TRIGGER foreign_lines_stay BEFORE DELETE ON foreign_lines
BEGIN SELECT RAISE(ABORT, 'foreign lines are only added'); END;

-- The books: an entry has a day and a cause, and need not be about a payment. Postings refer to their entry, so they make
-- way for the new table and come back.
CREATE TABLE days (
    day       INTEGER PRIMARY KEY, -- days since 1970-01-01, Asia/Taipei
    closed_at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER days_are_not_edited BEFORE UPDATE ON days
BEGIN SELECT RAISE(ABORT, 'a closed day stays closed'); END;
CREATE TRIGGER days_stay BEFORE DELETE ON days
BEGIN SELECT RAISE(ABORT, 'a closed day stays closed'); END;
CREATE TABLE entries_7 AS SELECT seq, payment_id, at FROM entries;
CREATE TABLE postings_7 AS SELECT entry, no, account, amount FROM postings;
DROP TABLE postings;
DROP TABLE entries;
CREATE TABLE entries (
    seq            INTEGER PRIMARY KEY,
    day            INTEGER NOT NULL,
    at             INTEGER NOT NULL,
    cause          TEXT    NOT NULL,
    payment_id     BLOB    REFERENCES payments (id),
    refund_id      BLOB    REFERENCES refunds (id),
    discrepancy_id BLOB    REFERENCES discrepancies (id)
) STRICT;
CREATE TABLE postings (
    entry   INTEGER NOT NULL REFERENCES entries (seq) DEFERRABLE INITIALLY DEFERRED,
    no      INTEGER NOT NULL,
    account TEXT    NOT NULL,
    amount  INTEGER NOT NULL,
    PRIMARY KEY (entry, no)
) STRICT, WITHOUT ROWID;
INSERT INTO entries (seq, day, at, cause, payment_id)
    SELECT seq, (at + 28800000) / 86400000, at, 'paid', payment_id FROM entries_7;
INSERT INTO postings (entry, no, account, amount) SELECT entry, no, account, amount FROM postings_7;
DROP TABLE postings_7;
DROP TABLE entries_7;
CREATE INDEX entries_day ON entries (day, seq);
CREATE TRIGGER entries_balance BEFORE INSERT ON entries
BEGIN
    SELECT RAISE(ABORT, 'postings of an entry sum to zero')
     WHERE (SELECT count(*) < 2 OR sum(amount) <> 0 FROM postings WHERE entry = NEW.seq);
    SELECT RAISE(ABORT, 'a closed day takes no entry') WHERE EXISTS (SELECT 1 FROM days WHERE day = NEW.day);
    SELECT RAISE(ABORT, 'an entry is about something')
     WHERE NEW.payment_id IS NULL AND NEW.refund_id IS NULL AND NEW.discrepancy_id IS NULL;
END;
CREATE TRIGGER entries_are_not_edited BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are only added'); END;
CREATE TRIGGER entries_stay BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are only added'); END;
CREATE TRIGGER postings_are_closed BEFORE INSERT ON postings
WHEN EXISTS (SELECT 1 FROM entries WHERE seq = NEW.entry)
BEGIN SELECT RAISE(ABORT, 'a closed entry takes no posting'); END;
CREATE TRIGGER postings_are_not_edited BEFORE UPDATE ON postings
BEGIN SELECT RAISE(ABORT, 'postings are only added'); END;
CREATE TRIGGER postings_stay BEFORE DELETE ON postings
BEGIN SELECT RAISE(ABORT, 'postings are only added'); END;

-- One chain for each counter. The hash of a row is made as before.
CREATE TABLE audit_8 (
    counter   INTEGER NOT NULL DEFAULT 1 REFERENCES counters (id),
    seq       INTEGER NOT NULL CHECK (seq > 0),
    at        INTEGER NOT NULL,
    who       TEXT    NOT NULL,
    what      TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    detail    TEXT    NOT NULL,
    changes   BLOB    NOT NULL CHECK (length(changes) = 32),
    prev_hash BLOB    NOT NULL CHECK (length(prev_hash) = 32),
    hash      BLOB    NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (counter, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO audit_8 (seq, at, who, what, subject, detail, changes, prev_hash, hash)
    SELECT seq, at, who, what, subject, detail, changes, prev_hash, hash FROM audit ORDER BY seq;
DROP TABLE audit;
ALTER TABLE audit_8 RENAME TO audit;
CREATE TRIGGER audit_is_not_edited BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit rows are only added'); END;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit rows are only added'); END;

-- every migration ends with its own number
PRAGMA user_version = 8;
