-- Written by `cargo xtask bindings`: what the migrations come to. Longer than 500 lines because
-- it holds every table, index and trigger of the data file.
BEGIN;
CREATE TABLE shop (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    record TEXT    NOT NULL CHECK (json_valid(record))
) STRICT;
CREATE TABLE customers (
    id   BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL,
    note TEXT NOT NULL
, salt BLOB NOT NULL DEFAULT x'') STRICT, WITHOUT ROWID;
CREATE TABLE orders (
    created_at  INTEGER NOT NULL,
    id          BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    amount      INTEGER NOT NULL CHECK (amount > 0),
    description TEXT    NOT NULL,
    customer_id BLOB    REFERENCES customers (id), version INTEGER NOT NULL DEFAULT 1, salt BLOB CHECK (length(salt) = 16),
    PRIMARY KEY (created_at, id)
) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE order_words USING fts5 (description, name, note, content = '', tokenize = 'ascii');
CREATE TABLE order_places (
    place      INTEGER PRIMARY KEY CHECK (place >= 0),
    created_at INTEGER NOT NULL,
    order_id   BLOB    NOT NULL
) STRICT;
CREATE TABLE payment_steps (
    was     TEXT NOT NULL,
    becomes TEXT NOT NULL,
    PRIMARY KEY (was, becomes)
) STRICT, WITHOUT ROWID;
CREATE TABLE payments (
    order_id      BLOB    NOT NULL REFERENCES orders (id),
    created_at    INTEGER NOT NULL,
    id            BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    sold_at       INTEGER NOT NULL, -- created_at of the order: lists stand in its order
    rail          TEXT    NOT NULL,
    bank_order_no TEXT    NOT NULL UNIQUE,
    amount        INTEGER NOT NULL CHECK (amount > 0),
    state         TEXT    NOT NULL,
    shown         INTEGER NOT NULL CHECK (shown IN (0, 1)),
    issued        INTEGER NOT NULL CHECK (issued IN (0, 1)),
    account       TEXT,
    account_back  TEXT, -- from its last digit to its first: people know the end
    link          TEXT,
    web_atm       TEXT,
    bank_ref      TEXT,
    expires_at    INTEGER NOT NULL,
    paid_minute   INTEGER,
    confirmed_at  INTEGER,
    return_port   INTEGER,
    return_path   TEXT,
    version       INTEGER NOT NULL, proof BLOB REFERENCES evidence (id) CHECK (length(proof) = 16), late INTEGER NOT NULL DEFAULT 0 CHECK (late IN (0, 1)),
    PRIMARY KEY (order_id, created_at, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE operation_steps (
    was     TEXT NOT NULL,
    becomes TEXT NOT NULL,
    PRIMARY KEY (was, becomes)
) STRICT, WITHOUT ROWID;
CREATE TABLE operations (
    payment_id      BLOB    NOT NULL REFERENCES payments (id),
    planned_at      INTEGER NOT NULL,
    id              BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    kind            TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    due_at          INTEGER NOT NULL,
    attempts        INTEGER NOT NULL,
    sent_at         INTEGER,
    snapshot        TEXT,
    code            TEXT,
    version         INTEGER NOT NULL, refund_id BLOB REFERENCES refunds (id), step INTEGER, amount INTEGER CHECK (amount > 0), claim BLOB CHECK (length(claim) = 16), claimed_by INTEGER REFERENCES counters (id), incarnation INTEGER,
    PRIMARY KEY (payment_id, planned_at, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE answers (
    operation_id BLOB    NOT NULL REFERENCES operations (id),
    attempt      INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    meaning      TEXT    NOT NULL,
    code         TEXT    NOT NULL,
    transcript   TEXT    NOT NULL, claim BLOB CHECK (length(claim) = 16),
    PRIMARY KEY (operation_id, attempt)
) STRICT, WITHOUT ROWID;
CREATE TABLE evidence (
    payment_id  BLOB    NOT NULL REFERENCES payments (id),
    at          INTEGER NOT NULL,
    id          BLOB    NOT NULL CHECK (length(id) = 16),
    query       TEXT    NOT NULL,
    said        TEXT    NOT NULL,
    amount      INTEGER,
    paid_minute INTEGER, state TEXT,
    PRIMARY KEY (payment_id, at, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE discrepancies (
    seq        INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    kind       TEXT    NOT NULL,
    payment_id BLOB    REFERENCES payments (id),
    at         INTEGER NOT NULL,
    detail     TEXT    NOT NULL
, round INTEGER NOT NULL DEFAULT 0, closed INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1))) STRICT;
CREATE TABLE coverage (
    seq         INTEGER PRIMARY KEY,
    pass        INTEGER NOT NULL,
    from_minute INTEGER NOT NULL,
    to_minute   INTEGER NOT NULL CHECK (to_minute >= from_minute),
    at          INTEGER NOT NULL,
    by_number   INTEGER NOT NULL CHECK (by_number IN (0, 1))
, bank TEXT NOT NULL DEFAULT 'sinopac') STRICT;
CREATE TABLE news (
    seq        INTEGER PRIMARY KEY,
    payment_id BLOB    NOT NULL UNIQUE REFERENCES payments (id)
) STRICT;
CREATE TABLE cards (
    payment_id BLOB NOT NULL PRIMARY KEY REFERENCES payments (id),
    state      TEXT NOT NULL
, tail TEXT CHECK (tail IS NULL OR tail GLOB '[0-9][0-9][0-9][0-9]')) STRICT, WITHOUT ROWID;
CREATE TABLE payment_proofs (
    payment  TEXT NOT NULL,
    evidence TEXT NOT NULL,
    PRIMARY KEY (payment, evidence)
) STRICT, WITHOUT ROWID;
CREATE TABLE card_steps (
    was     TEXT NOT NULL,
    becomes TEXT NOT NULL,
    PRIMARY KEY (was, becomes)
) STRICT, WITHOUT ROWID;
CREATE TABLE asked (
    payment_id BLOB    NOT NULL PRIMARY KEY REFERENCES payments (id),
    at         INTEGER NOT NULL
, mark BLOB) STRICT, WITHOUT ROWID;
CREATE TABLE clocks (
    bank      TEXT    NOT NULL PRIMARY KEY,
    offset_ms INTEGER NOT NULL,
    bank_now  INTEGER NOT NULL
, behind_ms INTEGER NOT NULL DEFAULT 0, moved_at INTEGER, mark BLOB) STRICT, WITHOUT ROWID;
CREATE TABLE refusals (
    bank  TEXT    NOT NULL PRIMARY KEY,
    since INTEGER NOT NULL,
    code  TEXT    NOT NULL
, mark BLOB) STRICT, WITHOUT ROWID;
CREATE TABLE readings (
    seq          INTEGER PRIMARY KEY,
    operation_id BLOB    NOT NULL REFERENCES operations (id),
    at           INTEGER NOT NULL,
    asked_at     INTEGER NOT NULL,
    query        TEXT    NOT NULL,
    -- by the schedule of readings, so it counts towards the number after which a person is asked
    scheduled    INTEGER NOT NULL CHECK (scheduled IN (0, 1)),
    shows        TEXT    NOT NULL CHECK (json_valid(shows))
) STRICT;
CREATE TABLE file (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id  BLOB    NOT NULL CHECK (length(id) = 16)
) STRICT;
CREATE TABLE counters (
    id          INTEGER PRIMARY KEY,
    incarnation INTEGER NOT NULL
, mark BLOB) STRICT;
CREATE TABLE refund_steps (
    was     TEXT NOT NULL,
    becomes TEXT NOT NULL,
    PRIMARY KEY (was, becomes)
) STRICT, WITHOUT ROWID;
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
    version      INTEGER NOT NULL, note TEXT, told TEXT, ran TEXT, confirmed TEXT CHECK (confirmed IN ('done', 'not-done')), word TEXT CHECK (word <> '' AND (word IS NULL) = (confirmed IS NULL)), word_by TEXT CHECK ((word_by IS NULL) = (confirmed IS NULL)), wish_by TEXT, wish_at INTEGER CHECK ((wish_at IS NULL) = (wish_by IS NULL)), since INTEGER, alone INTEGER CHECK (alone IN (0, 1)), asked_mono INTEGER, salt BLOB CHECK (length(salt) = 16),
    PRIMARY KEY (payment_id, requested_at, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE captures (
    payment_id BLOB    NOT NULL REFERENCES payments (id),
    xid        TEXT    NOT NULL,
    batch_id   TEXT    NOT NULL,
    batch_seq  TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (payment_id, xid, batch_id, batch_seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE discrepancy_closings (
    discrepancy_id BLOB    NOT NULL PRIMARY KEY REFERENCES discrepancies (id),
    at             INTEGER NOT NULL,
    who            TEXT    NOT NULL,
    second         TEXT,
    reason         TEXT    NOT NULL CHECK (reason <> '')
, salt BLOB CHECK (length(salt) = 16)) STRICT, WITHOUT ROWID;
CREATE TABLE discrepancies_gone (
    discrepancy_id BLOB NOT NULL PRIMARY KEY REFERENCES discrepancy_closings (discrepancy_id)
, mark BLOB) STRICT, WITHOUT ROWID;
CREATE TABLE "coverage_marks" (
    bank          TEXT    NOT NULL,
    pass          INTEGER NOT NULL,
    before_minute INTEGER NOT NULL, mark BLOB,
    PRIMARY KEY (bank, pass)
) STRICT, WITHOUT ROWID;
CREATE TABLE "foreign_lines" (
    seq           INTEGER PRIMARY KEY,
    bank          TEXT    NOT NULL,
    bank_order_no TEXT    NOT NULL,
    kind          TEXT    NOT NULL CHECK (kind IN ('payment', 'refund')),
    paid_minute   INTEGER,
    said          TEXT    NOT NULL,
    amount        INTEGER,
    seen_at       INTEGER NOT NULL
) STRICT;
CREATE TABLE days (
    day       INTEGER PRIMARY KEY, -- days since 1970-01-01, Asia/Taipei
    closed_at INTEGER NOT NULL
) STRICT;
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
CREATE TABLE "audit" (
    counter   INTEGER NOT NULL DEFAULT 1 REFERENCES counters (id),
    seq       INTEGER NOT NULL CHECK (seq > 0),
    at        INTEGER NOT NULL,
    who       TEXT    NOT NULL,
    what      TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    detail    TEXT    NOT NULL,
    changes   BLOB    NOT NULL CHECK (length(changes) = 32),
    prev_hash BLOB    NOT NULL CHECK (length(prev_hash) = 32),
    hash      BLOB    NOT NULL CHECK (length(hash) = 32), marks BLOB,
    PRIMARY KEY (counter, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE refunds_booked (
    payment_id BLOB    NOT NULL REFERENCES payments (id),
    xid        TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    refund_no  TEXT,
    amount     INTEGER NOT NULL CHECK (amount > 0),
    who        TEXT    NOT NULL,
    reason     TEXT    NOT NULL CHECK (reason <> ''), salt BLOB CHECK (length(salt) = 16),
    PRIMARY KEY (payment_id, xid, at)
) STRICT, WITHOUT ROWID;
CREATE TABLE charges (
    payment_id BLOB    NOT NULL REFERENCES payments (id),
    xid        TEXT    NOT NULL CHECK (xid <> ''),
    amount     INTEGER NOT NULL CHECK (amount > 0),
    at         INTEGER NOT NULL,
    PRIMARY KEY (payment_id, xid)
) STRICT, WITHOUT ROWID;
CREATE TABLE refunds_unbooked (
    payment_id BLOB    NOT NULL,
    xid        TEXT    NOT NULL,
    booked_at  INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    who        TEXT    NOT NULL,
    reason     TEXT    NOT NULL CHECK (reason <> ''), salt BLOB CHECK (length(salt) = 16),
    PRIMARY KEY (payment_id, xid, booked_at),
    FOREIGN KEY (payment_id, xid, booked_at) REFERENCES refunds_booked (payment_id, xid, at)
) STRICT, WITHOUT ROWID;
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
, key TEXT CHECK (key <> '')) STRICT, WITHOUT ROWID;
CREATE TABLE erasures (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    unfinished INTEGER NOT NULL CHECK (unfinished IN (0, 1))
, mark BLOB) STRICT;
CREATE TABLE words_due (
    order_id BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TABLE standing (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    body  TEXT    NOT NULL,
    proof BLOB    NOT NULL CHECK (length(proof) = 32)
) STRICT;
CREATE TABLE pages_left (
    payment_id BLOB    NOT NULL PRIMARY KEY REFERENCES payments (id),
    at         INTEGER NOT NULL,
    who        TEXT    NOT NULL,
    code       TEXT    CHECK (code <> ''),
    ends       INTEGER NOT NULL CHECK (ends IN (0, 1)),
    read_at    INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE pages_undated (
    payment_id BLOB NOT NULL PRIMARY KEY REFERENCES payments (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE clock_doubts (
    bank   TEXT    NOT NULL PRIMARY KEY,
    off_ms INTEGER NOT NULL,
    mark   BLOB
) STRICT, WITHOUT ROWID;
INSERT INTO payment_steps VALUES
('authorized', 'paid'),
('authorized', 'paid-late'),
('authorized', 'released'),
('authorized', 'settled'),
('awaiting', 'authorized'),
('awaiting', 'cancelled'),
('awaiting', 'expired'),
('awaiting', 'failed'),
('awaiting', 'not-issued'),
('awaiting', 'paid'),
('awaiting', 'paid-late'),
('awaiting', 'released'),
('awaiting', 'settled'),
('cancelled', 'paid-late'),
('expired', 'paid'),
('expired', 'paid-late'),
('failed', 'paid-late'),
('issuing', 'authorized'),
('issuing', 'awaiting'),
('issuing', 'cancelled'),
('issuing', 'expired'),
('issuing', 'failed'),
('issuing', 'not-issued'),
('issuing', 'paid'),
('issuing', 'paid-late'),
('issuing', 'released'),
('issuing', 'settled'),
('not-issued', 'paid-late'),
('paid', 'settled'),
('paid-late', 'settled');
INSERT INTO operation_steps VALUES
('needs-person', 'accepted'),
('needs-person', 'declined'),
('needs-person', 'did-not-happen'),
('needs-person', 'unknown'),
('not-now', 'abandoned'),
('not-now', 'needs-person'),
('not-now', 'sending'),
('not-sent', 'abandoned'),
('not-sent', 'needs-person'),
('not-sent', 'sending'),
('pending', 'accepted'),
('pending', 'declined'),
('pending', 'did-not-happen'),
('pending', 'needs-person'),
('planned', 'abandoned'),
('planned', 'sending'),
('sending', 'accepted'),
('sending', 'declined'),
('sending', 'not-now'),
('sending', 'not-sent'),
('sending', 'pending'),
('sending', 'unknown'),
('unknown', 'accepted'),
('unknown', 'declined'),
('unknown', 'did-not-happen'),
('unknown', 'needs-person');
INSERT INTO payment_proofs VALUES
('authorized', 'authorized'),
('authorized', 'paid'),
('authorized', 'paid-late'),
('authorized', 'settled'),
('paid', 'paid'),
('paid', 'settled'),
('paid-late', 'paid'),
('paid-late', 'settled'),
('settled', 'settled');
INSERT INTO card_steps VALUES
('authorized', 'cancelled'),
('authorized', 'capture-failed'),
('authorized', 'capture-locked'),
('authorized', 'capture-queued'),
('authorized', 'captured'),
('authorized', 'refund-failed'),
('authorized', 'refund-locked'),
('authorized', 'refund-queued'),
('authorized', 'refunded'),
('capture-failed', 'authorized'),
('capture-failed', 'cancelled'),
('capture-failed', 'capture-locked'),
('capture-failed', 'capture-queued'),
('capture-failed', 'captured'),
('capture-failed', 'refund-failed'),
('capture-failed', 'refund-locked'),
('capture-failed', 'refund-queued'),
('capture-failed', 'refunded'),
('capture-locked', 'authorized'),
('capture-locked', 'cancelled'),
('capture-locked', 'capture-failed'),
('capture-locked', 'capture-queued'),
('capture-locked', 'captured'),
('capture-locked', 'refund-failed'),
('capture-locked', 'refund-locked'),
('capture-locked', 'refund-queued'),
('capture-locked', 'refunded'),
('capture-queued', 'authorized'),
('capture-queued', 'cancelled'),
('capture-queued', 'capture-failed'),
('capture-queued', 'capture-locked'),
('capture-queued', 'captured'),
('capture-queued', 'refund-failed'),
('capture-queued', 'refund-locked'),
('capture-queued', 'refund-queued'),
('capture-queued', 'refunded'),
('captured', 'refund-failed'),
('captured', 'refund-locked'),
('captured', 'refund-queued'),
('captured', 'refunded'),
('failed', 'authorized'),
('failed', 'cancelled'),
('failed', 'capture-failed'),
('failed', 'capture-locked'),
('failed', 'capture-queued'),
('failed', 'captured'),
('failed', 'refund-failed'),
('failed', 'refund-locked'),
('failed', 'refund-queued'),
('failed', 'refunded'),
('failed', 'unlisted'),
('refund-failed', 'captured'),
('refund-failed', 'refund-locked'),
('refund-failed', 'refund-queued'),
('refund-failed', 'refunded'),
('refund-locked', 'captured'),
('refund-locked', 'refund-failed'),
('refund-locked', 'refund-queued'),
('refund-locked', 'refunded'),
('refund-queued', 'captured'),
('refund-queued', 'refund-failed'),
('refund-queued', 'refund-locked'),
('refund-queued', 'refunded'),
('refunded', 'refund-failed'),
('refunded', 'refund-locked'),
('refunded', 'refund-queued'),
('unlisted', 'authorized'),
('unlisted', 'cancelled'),
('unlisted', 'capture-failed'),
('unlisted', 'capture-locked'),
('unlisted', 'capture-queued'),
('unlisted', 'captured'),
('unlisted', 'failed'),
('unlisted', 'refund-failed'),
('unlisted', 'refund-locked'),
('unlisted', 'refund-queued'),
('unlisted', 'refunded');
INSERT INTO file VALUES
(1, randomblob(16));
INSERT INTO counters VALUES
(1, 0, NULL);
INSERT INTO refund_steps VALUES
('approved', 'declined'),
('approved', 'needs-person'),
('approved', 'waiting'),
('approved', 'withdrawn'),
('approved', 'working'),
('at-bank', 'declined'),
('at-bank', 'done'),
('at-bank', 'needs-person'),
('at-bank', 'withdrawn'),
('needs-person', 'at-bank'),
('needs-person', 'declined'),
('needs-person', 'done'),
('needs-person', 'waiting'),
('needs-person', 'withdrawn'),
('needs-person', 'working'),
('requested', 'approved'),
('requested', 'declined'),
('requested', 'withdrawn'),
('waiting', 'declined'),
('waiting', 'needs-person'),
('waiting', 'withdrawn'),
('waiting', 'working'),
('working', 'at-bank'),
('working', 'declined'),
('working', 'done'),
('working', 'needs-person'),
('working', 'waiting'),
('working', 'withdrawn');
INSERT INTO erasures VALUES
(1, 0, NULL);
CREATE TRIGGER shop_stays BEFORE DELETE ON shop
BEGIN SELECT RAISE(ABORT, 'the shop of a data file stays'); END;
CREATE TRIGGER customers_stay BEFORE DELETE ON customers
BEGIN SELECT RAISE(ABORT, 'a customer is never deleted, only erased'); END;
CREATE INDEX orders_amount ON orders (amount, created_at, id);
CREATE INDEX orders_customer ON orders (customer_id) WHERE customer_id IS NOT NULL;
CREATE TRIGGER orders_stay BEFORE DELETE ON orders
BEGIN SELECT RAISE(ABORT, 'an order is never deleted'); END;
CREATE INDEX payments_for_a_person ON payments (sold_at, order_id) WHERE state IN ('authorized', 'paid-late');
CREATE INDEX payments_account_back ON payments (account_back, sold_at, order_id) WHERE account_back IS NOT NULL;
CREATE INDEX payments_paid ON payments (paid_minute) WHERE paid_minute IS NOT NULL;
CREATE TRIGGER payments_step BEFORE UPDATE ON payments
BEGIN
    SELECT RAISE(ABORT, 'the order, rail, number, amount and making of a payment never change')
     WHERE NEW.id IS NOT OLD.id OR NEW.order_id IS NOT OLD.order_id OR NEW.rail IS NOT OLD.rail
        OR NEW.bank_order_no IS NOT OLD.bank_order_no OR NEW.amount IS NOT OLD.amount
        OR NEW.created_at IS NOT OLD.created_at OR NEW.sold_at IS NOT OLD.sold_at;
    SELECT RAISE(ABORT, 'a payment changes by one version at a time') WHERE NEW.version IS NOT OLD.version + 1;
    SELECT RAISE(ABORT, 'no such step of a payment')
     WHERE NEW.state IS NOT OLD.state
       AND NOT EXISTS (SELECT 1 FROM payment_steps WHERE was = OLD.state AND becomes = NEW.state);
END;
CREATE TRIGGER payments_stay BEFORE DELETE ON payments
BEGIN SELECT RAISE(ABORT, 'a payment is never deleted'); END;
CREATE INDEX operations_with_a_person ON operations (planned_at) WHERE state = 'needs-person';
CREATE TRIGGER operations_stay BEFORE DELETE ON operations
BEGIN SELECT RAISE(ABORT, 'an operation is never deleted'); END;
CREATE TRIGGER answers_stay BEFORE DELETE ON answers
BEGIN SELECT RAISE(ABORT, 'answers are only added'); END;
CREATE TRIGGER evidence_stays BEFORE DELETE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence is only added'); END;
CREATE TRIGGER discrepancies_stay BEFORE DELETE ON discrepancies
BEGIN SELECT RAISE(ABORT, 'discrepancies are only added'); END;
CREATE TRIGGER coverage_is_not_edited BEFORE UPDATE ON coverage
BEGIN SELECT RAISE(ABORT, 'coverage is only added'); END;
CREATE TRIGGER coverage_stays BEFORE DELETE ON coverage
BEGIN SELECT RAISE(ABORT, 'coverage is only added'); END;
CREATE INDEX payments_by_way ON payments (rail, state, sold_at, order_id);
CREATE UNIQUE INDEX evidence_id ON evidence (id);
CREATE TRIGGER evidence_is_not_edited BEFORE UPDATE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence is only added'); END;
CREATE TRIGGER payments_with_money_are_proved AFTER UPDATE ON payments
WHEN NEW.state IN (SELECT payment FROM payment_proofs)
    -- a row of an older version without a proof
    AND NOT (NEW.state IS OLD.state AND NEW.proof IS NULL AND OLD.proof IS NULL)
    AND NOT EXISTS (
        SELECT 1 FROM evidence AS e
        WHERE e.id = NEW.proof AND e.payment_id = NEW.id AND e.query NOT IN ('create', 'maintain')
            AND (e.amount = NEW.amount OR (e.amount IS NULL AND NEW.rail = 'ctbc-card'))
            AND EXISTS (SELECT 1 FROM payment_proofs AS p
                WHERE p.payment = NEW.state AND p.evidence = e.state))
BEGIN SELECT RAISE(ABORT, 'a payment has no evidence of its state'); END;
CREATE TRIGGER cards_step BEFORE UPDATE ON cards
BEGIN
    SELECT RAISE(ABORT, 'the payment of a card never changes') WHERE NEW.payment_id IS NOT OLD.payment_id;
    SELECT RAISE(ABORT, 'no such step of a card')
     WHERE NEW.state IS NOT OLD.state
       AND NOT EXISTS (SELECT 1 FROM card_steps WHERE was = OLD.state AND becomes = NEW.state);
END;
CREATE TRIGGER cards_stay BEFORE DELETE ON cards
BEGIN SELECT RAISE(ABORT, 'a card is never deleted'); END;
CREATE INDEX cards_to_capture ON cards (payment_id)
    WHERE state IN ('capture-queued', 'capture-locked', 'capture-failed', 'refund-queued', 'refund-locked');
CREATE INDEX readings_of ON readings (operation_id, seq);
CREATE TRIGGER readings_are_not_edited BEFORE UPDATE ON readings
BEGIN SELECT RAISE(ABORT, 'readings are only added'); END;
CREATE TRIGGER readings_stay BEFORE DELETE ON readings
BEGIN SELECT RAISE(ABORT, 'readings are only added'); END;
CREATE TRIGGER file_is_not_edited BEFORE UPDATE ON file
BEGIN SELECT RAISE(ABORT, 'a file keeps its id'); END;
CREATE TRIGGER file_stays BEFORE DELETE ON file
BEGIN SELECT RAISE(ABORT, 'a file keeps its id'); END;
CREATE TRIGGER counters_stay BEFORE DELETE ON counters
BEGIN SELECT RAISE(ABORT, 'a counter is never deleted'); END;
CREATE UNIQUE INDEX payments_bank_ref
    ON payments (bank_ref, CASE rail WHEN 'ctbc-card' THEN 'ctbc' ELSE 'sinopac' END)
    WHERE bank_ref IS NOT NULL;
CREATE UNIQUE INDEX refunds_one_open ON refunds (payment_id, xid)
    WHERE state NOT IN ('done', 'declined', 'withdrawn');
CREATE TRIGGER refunds_begin AFTER INSERT ON refunds WHEN NEW.state IS NOT 'requested' OR NEW.version IS NOT 1
BEGIN SELECT RAISE(ABORT, 'a refund begins as requested'); END;
CREATE TRIGGER refunds_stay BEFORE DELETE ON refunds
BEGIN SELECT RAISE(ABORT, 'a refund is never deleted'); END;
CREATE TRIGGER captures_are_not_edited BEFORE UPDATE ON captures
BEGIN SELECT RAISE(ABORT, 'captures are only added'); END;
CREATE TRIGGER captures_stay BEFORE DELETE ON captures
BEGIN SELECT RAISE(ABORT, 'captures are only added'); END;
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
CREATE UNIQUE INDEX discrepancies_once ON discrepancies (ifnull(payment_id, x''), kind, detail, round);
CREATE INDEX discrepancies_open ON discrepancies (seq) WHERE closed = 0;
CREATE TRIGGER discrepancies_are_not_edited BEFORE UPDATE ON discrepancies
WHEN NEW.seq IS NOT OLD.seq OR NEW.id IS NOT OLD.id OR NEW.kind IS NOT OLD.kind
    OR NEW.payment_id IS NOT OLD.payment_id OR NEW.at IS NOT OLD.at OR NEW.detail IS NOT OLD.detail
    OR NEW.round IS NOT OLD.round OR NEW.closed IS NOT 1
    OR NOT EXISTS (SELECT 1 FROM discrepancy_closings WHERE discrepancy_id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'discrepancies are only added'); END;
CREATE TRIGGER discrepancy_closings_close AFTER INSERT ON discrepancy_closings
BEGIN UPDATE discrepancies SET closed = 1 WHERE id = NEW.discrepancy_id; END;
CREATE TRIGGER discrepancy_closings_stay BEFORE DELETE ON discrepancy_closings
BEGIN SELECT RAISE(ABORT, 'closings are only added'); END;
CREATE INDEX coverage_ends ON coverage (bank, pass, to_minute);
CREATE INDEX coverage_by_number ON coverage (bank, from_minute, to_minute) WHERE by_number = 1 AND pass = 0;
CREATE UNIQUE INDEX foreign_lines_once
    ON foreign_lines (bank, bank_order_no, kind, ifnull(paid_minute, -1), said);
CREATE TRIGGER foreign_lines_are_not_edited BEFORE UPDATE ON foreign_lines
BEGIN SELECT RAISE(ABORT, 'foreign lines are only added'); END;
CREATE TRIGGER foreign_lines_stay BEFORE DELETE ON foreign_lines
BEGIN SELECT RAISE(ABORT, 'foreign lines are only added'); END;
CREATE TRIGGER days_are_not_edited BEFORE UPDATE ON days
BEGIN SELECT RAISE(ABORT, 'a closed day stays closed'); END;
CREATE TRIGGER days_stay BEFORE DELETE ON days
BEGIN SELECT RAISE(ABORT, 'a closed day stays closed'); END;
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
CREATE TRIGGER audit_is_not_edited BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit rows are only added'); END;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit rows are only added'); END;
CREATE INDEX refunds_open ON refunds (requested_at, id) WHERE state NOT IN ('done', 'declined', 'withdrawn');
CREATE INDEX refunds_newest ON refunds (requested_at, id);
CREATE TRIGGER refunds_booked_stay BEFORE DELETE ON refunds_booked
BEGIN SELECT RAISE(ABORT, 'booked refunds are only added'); END;
CREATE TRIGGER refunds_were_told_once BEFORE UPDATE OF told ON refunds WHEN NEW.told IS NOT OLD.told
BEGIN SELECT RAISE(ABORT, 'what a requester was told never changes'); END;
CREATE TRIGGER charges_are_not_edited BEFORE UPDATE ON charges
BEGIN SELECT RAISE(ABORT, 'charges are only added'); END;
CREATE TRIGGER charges_stay BEFORE DELETE ON charges
BEGIN SELECT RAISE(ABORT, 'charges are only added'); END;
CREATE TRIGGER refunds_are_done_by_a_step AFTER UPDATE ON refunds
WHEN NEW.state = 'done' AND OLD.state <> 'done' AND NEW.confirmed IS NOT 'done'
    AND ifnull(NEW.why, '') NOT IN ('not-activated', 'no-payer-account', 'too-old', 'not-in-contract', 'chosen')
    AND NOT EXISTS (SELECT 1 FROM operations WHERE payment_id = NEW.payment_id AND refund_id = NEW.id
        AND state = 'accepted' AND kind IN ('cancel-authorization', 'reversal', 'refund', 'card-refund', 'account-refund'))
BEGIN SELECT RAISE(ABORT, 'a refund is done by a step that the bank took'); END;
CREATE INDEX refunds_ended ON refunds (since) WHERE state IN ('done', 'declined', 'withdrawn');
CREATE TRIGGER refunds_unbooked_stay BEFORE DELETE ON refunds_unbooked
BEGIN SELECT RAISE(ABORT, 'bookings are taken back once'); END;
CREATE TRIGGER refunds_never_exceed_the_payment AFTER INSERT ON refunds
WHEN (SELECT ifnull(sum(amount), 0) FROM refunds
        WHERE payment_id = NEW.payment_id AND xid = NEW.xid AND state NOT IN ('declined', 'withdrawn'))
    + (SELECT ifnull(sum(amount), 0) FROM refunds_booked AS b
        WHERE payment_id = NEW.payment_id AND xid = NEW.xid
            AND NOT EXISTS (SELECT 1 FROM refunds_unbooked AS u
                WHERE u.payment_id = b.payment_id AND u.xid = b.xid AND u.booked_at = b.at))
    > (SELECT amount FROM payments WHERE id = NEW.payment_id)
BEGIN SELECT RAISE(ABORT, 'refunds never exceed the payment'); END;
CREATE TRIGGER refunds_done_never_exceed_the_payment AFTER UPDATE OF state ON refunds
WHEN NEW.state = 'done' AND OLD.state <> 'done'
    AND (SELECT ifnull(sum(amount), 0) FROM refunds
            WHERE payment_id = NEW.payment_id AND xid = NEW.xid AND state = 'done')
        + (SELECT ifnull(sum(amount), 0) FROM refunds_booked AS b
            WHERE payment_id = NEW.payment_id AND xid = NEW.xid
                AND NOT EXISTS (SELECT 1 FROM refunds_unbooked AS u
                    WHERE u.payment_id = b.payment_id AND u.xid = b.xid AND u.booked_at = b.at))
        > (SELECT amount FROM payments WHERE id = NEW.payment_id)
BEGIN SELECT RAISE(ABORT, 'refunds never exceed the payment'); END;
CREATE INDEX refunds_booked_newest ON refunds_booked (at);
CREATE TRIGGER people_begin BEFORE INSERT ON people
BEGIN
    SELECT RAISE(ABORT, 'the first person is an owner')
     WHERE NEW.role <> 'owner' AND NOT EXISTS (SELECT 1 FROM people);
    SELECT RAISE(ABORT, 'a new person is active and has version 1') WHERE NEW.retired <> 0 OR NEW.version <> 1;
END;
CREATE TRIGGER people_stay BEFORE DELETE ON people
BEGIN SELECT RAISE(ABORT, 'a person is never deleted'); END;
CREATE TRIGGER refunds_are_approved_by_another AFTER UPDATE OF approver ON refunds
WHEN NEW.approver = NEW.requester AND NEW.alone IS NOT 1
BEGIN SELECT RAISE(ABORT, 'the approver is never the requester'); END;
CREATE TRIGGER refunds_were_asked_once BEFORE UPDATE OF asked_mono ON refunds WHEN NEW.asked_mono IS NOT OLD.asked_mono
BEGIN SELECT RAISE(ABORT, 'a refund is asked for once'); END;
CREATE TRIGGER customers_are_erased_or_corrected BEFORE UPDATE ON customers
WHEN NEW.id IS NOT OLD.id
    OR NOT ((NEW.name = '' AND NEW.note = '' AND NEW.salt = x'')
        OR (length(NEW.salt) = 16 AND NEW.salt IS NOT OLD.salt AND (OLD.name <> '' OR OLD.note <> '')))
BEGIN SELECT RAISE(ABORT, 'a customer is erased, or corrected with a new salt'); END;
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
CREATE UNIQUE INDEX people_by_key ON people (key);
CREATE TRIGGER answers_are_not_edited BEFORE UPDATE ON answers
WHEN NEW.operation_id IS NOT OLD.operation_id OR NEW.attempt IS NOT OLD.attempt OR NEW.at IS NOT OLD.at
    OR NEW.meaning IS NOT OLD.meaning OR NEW.code IS NOT OLD.code OR NEW.claim IS NOT OLD.claim OR NEW.transcript <> ''
    OR NOT EXISTS (SELECT 1 FROM operations JOIN payments_erased ON payments_erased.id = operations.payment_id
        WHERE operations.id = NEW.operation_id)
BEGIN SELECT RAISE(ABORT, 'answers are only added'); END;
CREATE INDEX audit_of_people ON audit (subject, seq) WHERE counter = 1 AND who NOT IN ('engine', 'browser');
CREATE INDEX payments_open ON payments (sold_at, order_id, expires_at)
    WHERE state = 'issuing' OR state = 'awaiting' OR state = 'authorized';
CREATE INDEX payments_with_money ON payments (sold_at, order_id)
    WHERE state = 'paid' OR state = 'paid-late' OR state = 'settled';
CREATE INDEX payments_ended ON payments (expires_at)
    WHERE state = 'not-issued' OR state = 'expired' OR state = 'cancelled' OR state = 'failed';
CREATE UNIQUE INDEX operations_one_open ON operations (payment_id)
    WHERE state = 'planned' OR state = 'sending' OR state = 'not-now' OR state = 'not-sent' OR state = 'pending'
        OR state = 'unknown';
CREATE INDEX operations_due ON operations (due_at, id)
    WHERE (state = 'planned' OR state = 'not-now' OR state = 'not-sent') AND kind <> 'post-form';
CREATE TRIGGER payments_begin_without_money AFTER INSERT ON payments
WHEN EXISTS (SELECT 1 FROM payment_proofs WHERE payment = NEW.state)
BEGIN SELECT RAISE(ABORT, 'a payment has no evidence of its state'); END;
CREATE TRIGGER operations_wait_for_a_person BEFORE INSERT ON operations
WHEN (NEW.kind = 'reversal' OR NEW.kind = 'cap-reversal' OR NEW.kind = 'refund' OR NEW.kind = 'refund-reversal'
        OR NEW.kind = 'card-refund' OR NEW.kind = 'account-refund')
    AND EXISTS (SELECT 1 FROM operations AS o
        WHERE o.payment_id = NEW.payment_id AND o.state = 'needs-person'
            AND o.kind IN ('reversal', 'cap-reversal', 'refund', 'refund-reversal', 'card-refund', 'account-refund')
            AND ifnull((SELECT xid FROM refunds WHERE id = o.refund_id), '')
                = ifnull((SELECT xid FROM refunds WHERE id = NEW.refund_id), ''))
BEGIN SELECT RAISE(ABORT, 'a person decides an operation of this money first'); END;
CREATE VIEW payments_erased AS SELECT payments.id FROM payments
    JOIN orders ON orders.id = payments.order_id
    LEFT JOIN customers ON customers.id = orders.customer_id
    WHERE (customers.name = '' AND customers.note = '') OR (orders.customer_id IS NULL AND orders.description = '');
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
CREATE TRIGGER counters_step BEFORE UPDATE OF id, incarnation ON counters
WHEN NEW.id IS NOT OLD.id OR NEW.incarnation IS NOT OLD.incarnation + 1
BEGIN SELECT RAISE(ABORT, 'a counter only counts its runs'); END;
CREATE INDEX audit_of_doubt ON audit (seq) WHERE counter = 1 AND (what = 'record-lost' OR what = 'record-accepted');
INSERT INTO order_words (order_words, rank) VALUES ('secure-delete', 1);
PRAGMA user_version = 24;
COMMIT;
