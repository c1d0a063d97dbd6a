-- A payment names the evidence of its state, and the file refuses money without it. A card moves along a table.
-- Beside the books the file remembers the last questions, the banks' clocks and how far minutes are covered.

-- The payment state that the answer shows; NULL: none, like the receipt of a request.
ALTER TABLE evidence ADD COLUMN state TEXT;
CREATE UNIQUE INDEX evidence_id ON evidence (id);

ALTER TABLE payments ADD COLUMN proof BLOB REFERENCES evidence (id) CHECK (length(proof) = 16);
ALTER TABLE payments ADD COLUMN late INTEGER NOT NULL DEFAULT 0 CHECK (late IN (0, 1));

-- Older versions wrote evidence of a state at `confirmed_at`. Where none of it passes the rule below, the proof
-- stays NULL: such a row keeps its state until new evidence proves another.
UPDATE payments SET
    version = version + 1,
    late = (state = 'paid-late'),
    proof = (SELECT e.id FROM evidence AS e
        WHERE e.payment_id = payments.id AND e.at = payments.confirmed_at
            AND e.query NOT IN ('create', 'maintain')
            AND (e.amount = payments.amount OR (e.amount IS NULL AND payments.rail = 'ctbc-card'))
        ORDER BY e.amount IS NULL, e.id DESC LIMIT 1)
WHERE state IN ('authorized', 'paid', 'paid-late', 'settled', 'released');

DROP TRIGGER evidence_is_not_edited;
UPDATE evidence SET state = replace(p.state, 'paid-late', 'paid')
    FROM payments AS p WHERE p.id = evidence.payment_id AND p.proof = evidence.id;
CREATE TRIGGER evidence_is_not_edited BEFORE UPDATE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence is only added'); END;

-- The states of evidence that prove an authorization or money (money rules 2).
CREATE TABLE payment_proofs (
    payment  TEXT NOT NULL,
    evidence TEXT NOT NULL,
    PRIMARY KEY (payment, evidence)
) STRICT, WITHOUT ROWID;

INSERT INTO payment_proofs (payment, evidence) VALUES
    ('authorized', 'authorized'), ('authorized', 'paid'), ('authorized', 'paid-late'), ('authorized', 'settled'),
    ('paid', 'paid'), ('paid', 'settled'), ('paid-late', 'paid'), ('paid-late', 'settled'),
    ('settled', 'settled');

-- Evidence refers to its payment, so there is none yet. AFTER, so that a refusal names the other rules first.
CREATE TRIGGER payments_begin_without_money AFTER INSERT ON payments
WHEN NEW.state IN (SELECT payment FROM payment_proofs)
BEGIN SELECT RAISE(ABORT, 'a payment has no evidence of its state'); END;

-- The answer to a request is no proof. An inquiry of CTBC may carry no amount.
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

-- Late is what the bank's own times say: an open payment may be paid late, and one that has run out in time.
INSERT INTO payment_steps (was, becomes) VALUES
    ('issuing', 'paid-late'), ('awaiting', 'paid-late'), ('authorized', 'paid-late'), ('expired', 'paid');

-- The steps of a card at CTBC. Readings miss states, so a step may skip some: refused is what no chain of the bank's
-- own steps leads to. A captured card never waits for its capture again, and a cancelled one stays cancelled.
CREATE TABLE card_steps (
    was     TEXT NOT NULL,
    becomes TEXT NOT NULL,
    PRIMARY KEY (was, becomes)
) STRICT, WITHOUT ROWID;

INSERT INTO card_steps (was, becomes) VALUES
    -- the customer may try another card
    ('failed', 'cancelled'), ('failed', 'authorized'), ('failed', 'capture-queued'), ('failed', 'capture-locked'),
    ('failed', 'captured'), ('failed', 'capture-failed'), ('failed', 'refund-queued'), ('failed', 'refund-locked'),
    ('failed', 'refunded'), ('failed', 'refund-failed'), ('failed', 'unlisted'),
    ('authorized', 'cancelled'), ('authorized', 'capture-queued'), ('authorized', 'capture-locked'),
    ('authorized', 'captured'), ('authorized', 'capture-failed'), ('authorized', 'refund-queued'),
    ('authorized', 'refund-locked'), ('authorized', 'refunded'), ('authorized', 'refund-failed'),
    -- CapRev leads back to authorized, and a failed capture may be tried again or reversed
    ('capture-queued', 'cancelled'), ('capture-queued', 'authorized'), ('capture-queued', 'capture-locked'),
    ('capture-queued', 'captured'), ('capture-queued', 'capture-failed'), ('capture-queued', 'refund-queued'),
    ('capture-queued', 'refund-locked'), ('capture-queued', 'refunded'), ('capture-queued', 'refund-failed'),
    ('capture-locked', 'cancelled'), ('capture-locked', 'authorized'), ('capture-locked', 'capture-queued'),
    ('capture-locked', 'captured'), ('capture-locked', 'capture-failed'), ('capture-locked', 'refund-queued'),
    ('capture-locked', 'refund-locked'), ('capture-locked', 'refunded'), ('capture-locked', 'refund-failed'),
    ('capture-failed', 'cancelled'), ('capture-failed', 'authorized'), ('capture-failed', 'capture-queued'),
    ('capture-failed', 'capture-locked'), ('capture-failed', 'captured'), ('capture-failed', 'refund-queued'),
    ('capture-failed', 'refund-locked'), ('capture-failed', 'refunded'), ('capture-failed', 'refund-failed'),
    ('captured', 'refund-queued'), ('captured', 'refund-locked'), ('captured', 'refunded'), ('captured', 'refund-failed'),
    -- RefundRev leads back to captured, or to refunded where a part was refunded before
    ('refund-queued', 'captured'), ('refund-queued', 'refund-locked'), ('refund-queued', 'refunded'),
    ('refund-queued', 'refund-failed'),
    ('refund-locked', 'captured'), ('refund-locked', 'refund-queued'), ('refund-locked', 'refunded'),
    ('refund-locked', 'refund-failed'),
    ('refund-failed', 'captured'), ('refund-failed', 'refund-queued'), ('refund-failed', 'refund-locked'),
    ('refund-failed', 'refunded'),
    -- the remainder may be refunded
    ('refunded', 'refund-queued'), ('refunded', 'refund-locked'), ('refunded', 'refund-failed'),
    -- nothing is known about it
    ('unlisted', 'failed'), ('unlisted', 'cancelled'), ('unlisted', 'authorized'), ('unlisted', 'capture-queued'),
    ('unlisted', 'capture-locked'), ('unlisted', 'captured'), ('unlisted', 'capture-failed'),
    ('unlisted', 'refund-queued'), ('unlisted', 'refund-locked'), ('unlisted', 'refunded'),
    ('unlisted', 'refund-failed');

CREATE TRIGGER cards_step BEFORE UPDATE ON cards
BEGIN
    SELECT RAISE(ABORT, 'the payment of a card never changes') WHERE NEW.payment_id IS NOT OLD.payment_id;
    SELECT RAISE(ABORT, 'no such step of a card')
     WHERE NEW.state IS NOT OLD.state
       AND NOT EXISTS (SELECT 1 FROM card_steps WHERE was = OLD.state AND becomes = NEW.state);
END;
CREATE TRIGGER cards_stay BEFORE DELETE ON cards
BEGIN SELECT RAISE(ABORT, 'a card is never deleted'); END;

-- Polled until the batch has decided; a test holds the list against the domain.
DROP INDEX cards_to_capture;
CREATE INDEX cards_to_capture ON cards (payment_id)
    WHERE state IN ('capture-queued', 'capture-locked', 'capture-failed', 'refund-queued', 'refund-locked');

-- No money rests on these two, and they are written without an audit row: lost, they cost a question more.
CREATE TABLE asked (
    payment_id BLOB    NOT NULL PRIMARY KEY REFERENCES payments (id),
    at         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE clocks (
    bank      TEXT    NOT NULL PRIMARY KEY,
    offset_ms INTEGER NOT NULL,
    bank_now  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every minute of the shop before this one is covered in the pass. Derived from coverage: the next span makes a
-- missing row.
CREATE TABLE coverage_marks (
    pass          INTEGER PRIMARY KEY,
    before_minute INTEGER NOT NULL
) STRICT;

CREATE INDEX coverage_by_number ON coverage (from_minute, to_minute) WHERE by_number = 1 AND pass = 0;

-- every migration ends with its own number
PRAGMA user_version = 5;
