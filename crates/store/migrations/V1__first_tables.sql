-- The first tables of a data file. Released migrations are never changed; a change is a new migration.
--
-- Ids are 16 bytes, instants are milliseconds and minutes are minutes since 1970-01-01T00:00Z, money is whole dollars, states
-- are their names in kebab-case. What grows with every sale is clustered by the way it is read, so that one sale touches
-- few pages.

-- One shop per data file.
CREATE TABLE shop (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    record TEXT    NOT NULL CHECK (json_valid(record))
) STRICT;

CREATE TRIGGER shop_stays BEFORE DELETE ON shop
BEGIN SELECT RAISE(ABORT, 'the shop of a data file stays'); END;

-- What a person typed about who buys: the only table with it, so that it can be erased.
CREATE TABLE customers (
    id   BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL,
    note TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER customers_are_only_erased BEFORE UPDATE ON customers
WHEN NEW.id IS NOT OLD.id OR NEW.name IS NOT '' OR NEW.note IS NOT ''
BEGIN SELECT RAISE(ABORT, 'a customer is never edited, only erased'); END;
CREATE TRIGGER customers_stay BEFORE DELETE ON customers
BEGIN SELECT RAISE(ABORT, 'a customer is never deleted, only erased'); END;

-- Clustered by the list of orders.
CREATE TABLE orders (
    created_at  INTEGER NOT NULL,
    id          BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    amount      INTEGER NOT NULL CHECK (amount > 0),
    description TEXT    NOT NULL,
    customer_id BLOB    REFERENCES customers (id),
    PRIMARY KEY (created_at, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX orders_amount ON orders (amount, created_at, id);
CREATE INDEX orders_customer ON orders (customer_id) WHERE customer_id IS NOT NULL;

CREATE TRIGGER orders_are_not_edited BEFORE UPDATE ON orders
BEGIN SELECT RAISE(ABORT, 'an order is never edited'); END;
CREATE TRIGGER orders_stay BEFORE DELETE ON orders
BEGIN SELECT RAISE(ABORT, 'an order is never deleted'); END;

-- What the search box finds by words (crates/store/src/words.rs): the words themselves without the texts, and whose they are.
-- Both can be made anew from orders and customers. Words that are erased leave the index at once ('secure-delete').
CREATE VIRTUAL TABLE order_words USING fts5 (description, name, note, content = '', tokenize = 'ascii');
INSERT INTO order_words (order_words, rank) VALUES ('secure-delete', 1);

CREATE TABLE order_places (
    place      INTEGER PRIMARY KEY CHECK (place >= 0),
    created_at INTEGER NOT NULL,
    order_id   BLOB    NOT NULL
) STRICT;

-- The transition table of payments (money rules 2). A test holds it against the one of the domain.
CREATE TABLE payment_steps (
    was     TEXT NOT NULL,
    becomes TEXT NOT NULL,
    PRIMARY KEY (was, becomes)
) STRICT, WITHOUT ROWID;

INSERT INTO payment_steps (was, becomes) VALUES
    ('issuing', 'awaiting'), ('issuing', 'authorized'), ('issuing', 'paid'), ('issuing', 'settled'),
    ('issuing', 'released'), ('issuing', 'not-issued'), ('issuing', 'expired'), ('issuing', 'cancelled'),
    ('issuing', 'failed'),
    ('awaiting', 'authorized'), ('awaiting', 'paid'), ('awaiting', 'settled'), ('awaiting', 'released'),
    ('awaiting', 'not-issued'), ('awaiting', 'expired'), ('awaiting', 'cancelled'), ('awaiting', 'failed'),
    ('authorized', 'paid'), ('authorized', 'settled'), ('authorized', 'released'),
    ('paid', 'settled'), ('paid-late', 'settled'),
    ('not-issued', 'paid-late'), ('expired', 'paid-late'), ('cancelled', 'paid-late'), ('failed', 'paid-late');

-- Clustered by order: a list of orders shows their payments.
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
    version       INTEGER NOT NULL,
    PRIMARY KEY (order_id, created_at, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX payments_bank_ref ON payments (bank_ref) WHERE bank_ref IS NOT NULL;
-- the lists of states are those of the domain's `is_open` and `has_ended`; a test holds them against it
CREATE INDEX payments_open ON payments (sold_at, order_id, expires_at)
    WHERE state IN ('issuing', 'awaiting', 'authorized');
CREATE INDEX payments_with_money ON payments (sold_at, order_id) WHERE state IN ('paid', 'paid-late', 'settled');
CREATE INDEX payments_for_a_person ON payments (sold_at, order_id) WHERE state IN ('authorized', 'paid-late');
CREATE INDEX payments_account_back ON payments (account_back, sold_at, order_id) WHERE account_back IS NOT NULL;
CREATE INDEX payments_ended ON payments (expires_at)
    WHERE state IN ('not-issued', 'expired', 'cancelled', 'failed');
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

-- The transition table of operations (money rules 2).
CREATE TABLE operation_steps (
    was     TEXT NOT NULL,
    becomes TEXT NOT NULL,
    PRIMARY KEY (was, becomes)
) STRICT, WITHOUT ROWID;

INSERT INTO operation_steps (was, becomes) VALUES
    ('planned', 'sending'), ('planned', 'abandoned'),
    ('sending', 'accepted'), ('sending', 'declined'), ('sending', 'not-now'), ('sending', 'not-sent'),
    ('sending', 'pending'), ('sending', 'unknown'),
    ('not-now', 'sending'), ('not-now', 'abandoned'), ('not-now', 'needs-person'),
    ('not-sent', 'sending'), ('not-sent', 'abandoned'), ('not-sent', 'needs-person'),
    ('pending', 'accepted'), ('pending', 'declined'), ('pending', 'did-not-happen'), ('pending', 'needs-person'),
    ('unknown', 'accepted'), ('unknown', 'declined'), ('unknown', 'did-not-happen'), ('unknown', 'needs-person'),
    ('needs-person', 'accepted'), ('needs-person', 'declined'), ('needs-person', 'did-not-happen');

-- The outbox, clustered by payment.
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
    readings        INTEGER NOT NULL,
    unchanged_since INTEGER,
    version         INTEGER NOT NULL,
    PRIMARY KEY (payment_id, planned_at, id)
) STRICT, WITHOUT ROWID;

-- at most one operation of a payment is neither final nor with a person; also finds what is to be done
CREATE UNIQUE INDEX operations_one_open ON operations (payment_id)
    WHERE state IN ('planned', 'sending', 'not-now', 'not-sent', 'pending', 'unknown');
CREATE INDEX operations_with_a_person ON operations (planned_at) WHERE state = 'needs-person';

CREATE TRIGGER operations_step BEFORE UPDATE ON operations
BEGIN
    SELECT RAISE(ABORT, 'the payment, kind and planning of an operation never change')
     WHERE NEW.id IS NOT OLD.id OR NEW.payment_id IS NOT OLD.payment_id OR NEW.kind IS NOT OLD.kind
        OR NEW.planned_at IS NOT OLD.planned_at;
    SELECT RAISE(ABORT, 'an operation changes by one version at a time') WHERE NEW.version IS NOT OLD.version + 1;
    SELECT RAISE(ABORT, 'no such step of an operation')
     WHERE NEW.state IS NOT OLD.state
       AND NOT EXISTS (SELECT 1 FROM operation_steps WHERE was = OLD.state AND becomes = NEW.state);
END;
CREATE TRIGGER operations_stay BEFORE DELETE ON operations
BEGIN SELECT RAISE(ABORT, 'an operation is never deleted'); END;

-- What banks answered, one row per attempt. From here on tables are only added to.
CREATE TABLE answers (
    operation_id BLOB    NOT NULL REFERENCES operations (id),
    attempt      INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    meaning      TEXT    NOT NULL,
    code         TEXT    NOT NULL,
    transcript   TEXT    NOT NULL,
    PRIMARY KEY (operation_id, attempt)
) STRICT, WITHOUT ROWID;

-- Verified answers that states rest on, clustered by payment.
CREATE TABLE evidence (
    payment_id  BLOB    NOT NULL REFERENCES payments (id),
    at          INTEGER NOT NULL,
    id          BLOB    NOT NULL CHECK (length(id) = 16),
    query       TEXT    NOT NULL,
    said        TEXT    NOT NULL,
    amount      INTEGER,
    paid_minute INTEGER,
    PRIMARY KEY (payment_id, at, id)
) STRICT, WITHOUT ROWID;

-- The books. An entry is written after its postings and closes them.
CREATE TABLE entries (
    seq        INTEGER PRIMARY KEY,
    payment_id BLOB    NOT NULL REFERENCES payments (id),
    at         INTEGER NOT NULL
) STRICT;

CREATE TABLE postings (
    entry   INTEGER NOT NULL REFERENCES entries (seq) DEFERRABLE INITIALLY DEFERRED,
    no      INTEGER NOT NULL,
    account TEXT    NOT NULL,
    amount  INTEGER NOT NULL,
    PRIMARY KEY (entry, no)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER entries_balance BEFORE INSERT ON entries
BEGIN
    SELECT RAISE(ABORT, 'postings of an entry sum to zero')
     WHERE (SELECT count(*) < 2 OR sum(amount) <> 0 FROM postings WHERE entry = NEW.seq);
END;
CREATE TRIGGER postings_are_closed BEFORE INSERT ON postings
WHEN EXISTS (SELECT 1 FROM entries WHERE seq = NEW.entry)
BEGIN SELECT RAISE(ABORT, 'a closed entry takes no posting'); END;

-- What does not fit and waits for a person. The same thing seen again is the same row.
CREATE TABLE discrepancies (
    seq        INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    kind       TEXT    NOT NULL,
    payment_id BLOB    REFERENCES payments (id),
    at         INTEGER NOT NULL,
    detail     TEXT    NOT NULL
) STRICT;

CREATE UNIQUE INDEX discrepancies_once ON discrepancies (ifnull(payment_id, x''), kind, detail);

-- Minutes of bank time that were asked about and answered completely.
CREATE TABLE coverage (
    seq         INTEGER PRIMARY KEY,
    pass        INTEGER NOT NULL,
    from_minute INTEGER NOT NULL,
    to_minute   INTEGER NOT NULL CHECK (to_minute >= from_minute),
    at          INTEGER NOT NULL,
    by_number   INTEGER NOT NULL CHECK (by_number IN (0, 1))
) STRICT;

CREATE INDEX coverage_ends ON coverage (pass, to_minute);

-- Rows of the bank that none of our payments explains.
CREATE TABLE foreign_lines (
    bank_order_no TEXT    NOT NULL PRIMARY KEY,
    amount        INTEGER,
    said          TEXT    NOT NULL,
    paid_minute   INTEGER,
    seen_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row per batch, chained by hash (crates/store/src/audit.rs).
CREATE TABLE audit (
    seq       INTEGER PRIMARY KEY CHECK (seq > 0),
    at        INTEGER NOT NULL,
    who       TEXT    NOT NULL,
    what      TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    detail    TEXT    NOT NULL,
    changes   BLOB    NOT NULL CHECK (length(changes) = 32),
    prev_hash BLOB    NOT NULL CHECK (length(prev_hash) = 32),
    hash      BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TRIGGER answers_are_not_edited BEFORE UPDATE ON answers
BEGIN SELECT RAISE(ABORT, 'answers are only added'); END;
CREATE TRIGGER answers_stay BEFORE DELETE ON answers
BEGIN SELECT RAISE(ABORT, 'answers are only added'); END;
CREATE TRIGGER evidence_is_not_edited BEFORE UPDATE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence is only added'); END;
CREATE TRIGGER evidence_stays BEFORE DELETE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence is only added'); END;
CREATE TRIGGER entries_are_not_edited BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are only added'); END;
CREATE TRIGGER entries_stay BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are only added'); END;
CREATE TRIGGER postings_are_not_edited BEFORE UPDATE ON postings
BEGIN SELECT RAISE(ABORT, 'postings are only added'); END;
CREATE TRIGGER postings_stay BEFORE DELETE ON postings
BEGIN SELECT RAISE(ABORT, 'postings are only added'); END;
CREATE TRIGGER discrepancies_are_not_edited BEFORE UPDATE ON discrepancies
BEGIN SELECT RAISE(ABORT, 'discrepancies are only added'); END;
CREATE TRIGGER discrepancies_stay BEFORE DELETE ON discrepancies
BEGIN SELECT RAISE(ABORT, 'discrepancies are only added'); END;
CREATE TRIGGER coverage_is_not_edited BEFORE UPDATE ON coverage
BEGIN SELECT RAISE(ABORT, 'coverage is only added'); END;
CREATE TRIGGER coverage_stays BEFORE DELETE ON coverage
BEGIN SELECT RAISE(ABORT, 'coverage is only added'); END;
CREATE TRIGGER foreign_lines_are_not_edited BEFORE UPDATE ON foreign_lines
BEGIN SELECT RAISE(ABORT, 'foreign lines are only added'); END;
CREATE TRIGGER foreign_lines_stay BEFORE DELETE ON foreign_lines
BEGIN SELECT RAISE(ABORT, 'foreign lines are only added'); END;
CREATE TRIGGER audit_is_not_edited BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit rows are only added'); END;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit rows are only added'); END;

-- every migration ends with its own number
PRAGMA user_version = 1;
