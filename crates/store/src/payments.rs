//! Table `payments`. A row changes by one version at a time, along the transition table of the
//! domain.

use counterfoil_domain::{
    Bank, BankOrderNo, CardState, CardTail, EvidenceId, Issued, MinuteSpan, Moment, OrderId, Payment,
    PaymentId, PaymentState, Rail,
};
use rusqlite::{Connection, Result, Row, params};

use crate::rows::{Columns, all, cells, one};
use crate::writer::{Fault, Statement, Writer};

const ADD: Statement = Statement {
    name: "payment-added",
    // without its order it is the reference that is refused
    sql: "INSERT INTO payments (order_id, created_at, id, rail, bank_order_no, amount, state, shown, issued, account, link,
            web_atm, bank_ref, expires_at, paid_minute, confirmed_at, return_port, return_path, version, account_back,
            proof, late, sold_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
            ?21, ?22, ifnull((SELECT created_at FROM orders WHERE id = ?1), 0))",
};

const CHANGE: Statement = Statement {
    name: "payment-changed",
    sql: "UPDATE payments SET state = ?7, shown = ?8, issued = ?9, account = ?10, link = ?11, web_atm = ?12, bank_ref = ?13,
            expires_at = ?14, paid_minute = ?15, confirmed_at = ?16, return_port = ?17, return_path = ?18, version = ?19 + 1, account_back = ?20,
            proof = ?21, late = ?22
        WHERE order_id = ?1 AND created_at = ?2 AND id = ?3 AND rail = ?4 AND bank_order_no = ?5 AND amount = ?6
            AND version = ?19",
};

const CARD: Statement = Statement {
    name: "card-changed",
    sql: "INSERT INTO cards (payment_id, state, tail) VALUES (?1, ?2, ?3)
        ON CONFLICT (payment_id) DO UPDATE SET state = excluded.state, tail = excluded.tail",
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT order_id, created_at, id, rail, bank_order_no, amount, p.state, shown, issued, account, link,
                web_atm, bank_ref, expires_at, paid_minute, confirmed_at, proof, late, a.at, return_port, return_path,
                c.state, c.tail, version
                FROM payments p LEFT JOIN asked a ON a.payment_id = p.id LEFT JOIN cards c ON c.payment_id = p.id ",
            $rest
        )
    };
}

pub(crate) fn add(writer: &mut Writer<'_>, payment: &Payment) -> Result<(), Fault> {
    if payment.version != 1 {
        return Err(Fault::Refused("a new payment has version 1"));
    }
    write(writer, &ADD, payment)?;
    card(writer, payment)
}

/// The version is the one expected, so it is something else that differs.
const SAME: &str = "SELECT 1 FROM payments WHERE id = ?1 AND version = ?2";

pub(crate) fn change(writer: &mut Writer<'_>, payment: &Payment) -> Result<(), Fault> {
    if write(writer, &CHANGE, payment)? == 1 {
        return card(writer, payment);
    }
    let same = one(writer.conn(), SAME, params![payment.id.as_bytes(), payment.version], |_| Ok(()))?;
    Err(same.map_or(Fault::Conflict, |()| {
        Fault::Refused("the order, rail, number, amount and making of a payment never change")
    }))
}

/// A commit that does not change this payment rests on it.
pub(crate) fn has_version(conn: &Connection, id: PaymentId, version: i64) -> Result<(), Fault> {
    one(conn, SAME, params![id.as_bytes(), version], |_| Ok(()))?.ok_or(Fault::Conflict)
}

fn card(writer: &mut Writer<'_>, payment: &Payment) -> Result<(), Fault> {
    let Some(state) = payment.card else { return Ok(()) };
    let tail = payment.card_tail.map(CardTail::digits);
    writer.run(&CARD, cells![payment.id.as_bytes(), state.name(), tail.as_ref()]).map(drop)
}

fn write(writer: &mut Writer<'_>, statement: &Statement, payment: &Payment) -> Result<usize, Fault> {
    let issued = payment.issued.as_ref();
    let account_back = issued.and_then(|i| i.account.as_deref()).map(backwards);
    writer.run(
        statement,
        cells![
            payment.order.as_bytes(),
            payment.created_at,
            payment.id.as_bytes(),
            payment.rail.name(),
            payment.bank_order_no.as_str(),
            payment.amount,
            payment.state.name(),
            payment.shown,
            issued.is_some(),
            issued.and_then(|i| i.account.as_ref()),
            issued.and_then(|i| i.link.as_ref()),
            issued.and_then(|i| i.web_atm.as_ref()),
            issued.and_then(|i| i.bank_ref.as_ref()),
            payment.expires_at,
            payment.paid_minute,
            payment.confirmed_at,
            payment.return_port,
            payment.return_path.as_ref(),
            payment.version,
            account_back.as_ref(),
            payment.proof.as_ref().map(EvidenceId::as_bytes),
            payment.late,
        ],
    )
}

pub(crate) fn get(conn: &Connection, id: PaymentId) -> Result<Option<Payment>> {
    one(conn, select!("WHERE p.id = ?1"), [id.as_bytes()], read)
}

pub(crate) fn by_number(conn: &Connection, no: &BankOrderNo) -> Result<Option<Payment>> {
    one(conn, select!("WHERE bank_order_no = ?1"), [no.as_str()], read)
}

/// By the expression of the unique index, word for word.
pub(crate) fn by_bank_ref(conn: &Connection, bank: Bank, bank_ref: &str) -> Result<Option<Payment>> {
    const BY_REF: &str =
        select!("WHERE bank_ref = ?1 AND CASE rail WHEN 'ctbc-card' THEN 'ctbc' ELSE 'sinopac' END = ?2");
    one(conn, BY_REF, [bank_ref, bank.name()], read)
}

pub(crate) fn of(conn: &Connection, order: OrderId) -> Result<Vec<Payment>> {
    all(conn, select!("WHERE order_id = ?1 ORDER BY created_at, id"), [order.as_bytes()], read)
}

/// Open ones, and ended ones that ran out later than `since`. The conditions are those of the
/// partial indexes, word for word.
pub(crate) fn to_watch(conn: &Connection, since: Moment) -> Result<Vec<Payment>> {
    // of its own accord SQLite walks over all payments by their way
    const OPEN: &str = select!(
        "WHERE p.id IN (SELECT id FROM payments INDEXED BY payments_open
            WHERE state = 'issuing' OR state = 'awaiting' OR state = 'authorized')"
    );
    const ENDED: &str = select!(
        "WHERE (p.state = 'not-issued' OR p.state = 'expired' OR p.state = 'cancelled' OR p.state = 'failed')
            AND expires_at > ?1"
    );
    let snapshot = conn.unchecked_transaction()?;
    let mut payments = all(&snapshot, OPEN, [], read)?;
    payments.extend(all(&snapshot, ENDED, [since.millis()], read)?);
    payments.sort_unstable_by_key(|p| (p.created_at, p.id));
    Ok(payments)
}

/// Cards that wait for a batch of the bank. The condition is that of the partial index, word for
/// word.
pub(crate) fn to_capture(conn: &Connection) -> Result<Vec<Payment>> {
    const TO_CAPTURE: &str = select!(
        "WHERE p.id IN (SELECT k.payment_id FROM cards k
            WHERE k.state IN ('capture-queued', 'capture-locked', 'capture-failed', 'refund-queued', 'refund-locked'))
         ORDER BY created_at, id"
    );
    all(conn, TO_CAPTURE, [], read)
}

/// With a refund that is over, or that a person has booked. The condition on refunds is that of the
/// partial index, word for word.
pub(crate) fn refunded_since(conn: &Connection, since: Moment) -> Result<Vec<Payment>> {
    const ENDED: &str = select!(
        "WHERE p.id IN (SELECT r.payment_id FROM refunds r
            WHERE r.since > ?1 AND r.state IN ('done', 'declined', 'withdrawn'))
         ORDER BY created_at, id"
    );
    const BOOKED: &str = select!(
        "WHERE p.id IN (SELECT b.payment_id FROM refunds_booked b WHERE b.at > ?1)
         ORDER BY created_at, id"
    );
    let mut payments = all(conn, ENDED, [since.millis()], read)?;
    payments.extend(all(conn, BOOKED, [since.millis()], read)?);
    Ok(payments)
}

pub(crate) fn paid_in(conn: &Connection, span: MinuteSpan) -> Result<Vec<Payment>> {
    const PAID: &str = select!(
        "WHERE paid_minute BETWEEN ?1 AND ?2 AND p.state IN ('paid', 'paid-late', 'settled')
         ORDER BY paid_minute, bank_order_no"
    );
    all(conn, PAID, [span.from.minutes(), span.to.minutes()], read)
}

/// From the last character to the first.
pub(crate) fn backwards(account: &str) -> String {
    account.chars().rev().collect()
}

fn read(row: &Row<'_>) -> Result<Payment> {
    let mut columns = Columns::of(row);
    Ok(Payment {
        order: columns.id(OrderId::from_bytes)?,
        created_at: columns.moment()?,
        id: columns.id(PaymentId::from_bytes)?,
        rail: columns.name(Rail::parse)?,
        bank_order_no: BankOrderNo::from_text(columns.get::<String>()?),
        amount: columns.twd()?,
        state: columns.name(PaymentState::parse)?,
        shown: columns.get()?,
        issued: issued(&mut columns)?,
        expires_at: columns.moment()?,
        paid_minute: columns.minute_or_none()?,
        confirmed_at: columns.moment_or_none()?,
        proof: columns.id_or_none(EvidenceId::from_bytes)?,
        late: columns.get()?,
        asked_at: columns.moment_or_none()?,
        return_port: columns.get()?,
        return_path: columns.get()?,
        card: columns.name_or_none(CardState::parse)?,
        card_tail: columns.name_or_none(CardTail::parse)?,
        version: columns.get()?,
    })
}

fn issued(columns: &mut Columns<'_, '_>) -> Result<Option<Issued>> {
    let is_issued: bool = columns.get()?;
    let issued = Issued {
        account: columns.get()?,
        link: columns.get()?,
        web_atm: columns.get()?,
        bank_ref: columns.get()?,
    };
    Ok(is_issued.then_some(issued))
}
