//! Tables `refunds` and `refunds_booked`: what people asked to give back, and what was given back
//! elsewhere. A refund changes by one version at a time, along the transition table of the domain.

use counterfoil_domain::refund::{Booked, Confirmed, Course, RefundWhy, Wish, Word};
use counterfoil_domain::{Actor, Mono, PaymentId, Refund, RefundId, RefundReason, RefundState};
use counterfoil_engine::ports::{BookedRefund, UnbookedRefund};
use rusqlite::{Connection, Result, Row, params};

use crate::rows::{Columns, ROWS_MAX, all, cells, one};
use crate::writer::{Fault, Statement, Writer};

const ADD: Statement = Statement {
    name: "refund-added",
    sql: "INSERT INTO refunds (payment_id, requested_at, id, xid, amount, reason, requester, approver, state, until, why,
            version, told, ran, confirmed, word, word_by, wish_by, wish_at, since, alone, asked_mono, note, salt)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, randomblob(16))",
};

const CHANGE: Statement = Statement {
    name: "refund-changed",
    sql: "UPDATE refunds SET approver = ?8, state = ?9, until = ?10, why = ?11, version = ?12 + 1,
            ran = ?14, confirmed = ?15, word = ?16, word_by = ?17, wish_by = ?18, wish_at = ?19, since = ?20,
            alone = ?21
        WHERE payment_id = ?1 AND requested_at = ?2 AND id = ?3 AND xid = ?4 AND amount = ?5 AND reason = ?6
            AND requester = ?7 AND version = ?12 AND told IS ?13 AND asked_mono IS ?22 AND note IS ?23",
};

/// Of the two above: the word, and the note.
const WORDS: [usize; 2] = [15, 22];

const BOOK: Statement = Statement {
    name: "refund-booked",
    sql: "INSERT INTO refunds_booked (payment_id, xid, at, refund_no, amount, who, reason, salt)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, randomblob(16))",
};

const UNBOOK: Statement = Statement {
    name: "refund-unbooked",
    sql: "INSERT INTO refunds_unbooked (payment_id, xid, booked_at, at, who, reason, salt)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, randomblob(16))",
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT payment_id, requested_at, id, xid, amount, reason, requester, approver, state, until, why,
                version, note, told, ran, confirmed, word, word_by, wish_by, wish_at, since,
                ifnull(alone, approver IS requester), asked_mono FROM refunds ",
            $rest
        )
    };
}

pub(crate) fn add(writer: &mut Writer<'_>, refund: &Refund) -> Result<(), Fault> {
    if refund.version != 1 {
        return Err(Fault::Refused("a new refund has version 1"));
    }
    write(writer, &ADD, refund).map(drop)
}

/// The version is the one expected, so it is something else that differs.
const SAME: &str = "SELECT 1 FROM refunds WHERE id = ?1 AND version = ?2";

pub(crate) fn change(writer: &mut Writer<'_>, refund: &Refund) -> Result<(), Fault> {
    if write(writer, &CHANGE, refund)? == 1 {
        return Ok(());
    }
    let same = one(writer.conn(), SAME, params![refund.id.as_bytes(), refund.version], |_| Ok(()))?;
    Err(same.map_or(Fault::Conflict, |()| {
        Fault::Refused("the payment, amount, reason and requester of a refund never change")
    }))
}

fn write(writer: &mut Writer<'_>, statement: &Statement, refund: &Refund) -> Result<usize, Fault> {
    let [told, ran] = [refund.told, refund.ran].map(|course| course.map(|course| course.to_string()));
    let word = refund.word.as_ref();
    let [requester, approver, word_by, wish_by] = [
        Some(refund.requester),
        refund.approver,
        word.map(|word| word.who),
        refund.wish.map(|wish| wish.who),
    ]
    .map(|who| who.map(Actor::name));
    let cells = cells![
        refund.payment.as_bytes(),
        refund.requested_at,
        refund.id.as_bytes(),
        &refund.xid,
        refund.amount,
        refund.reason.name(),
        requester.as_ref(),
        approver.as_ref(),
        refund.state.name(),
        refund.until,
        refund.why.map(RefundWhy::name),
        refund.version,
        told.as_ref(),
        ran.as_ref(),
        word.map(|word| word.confirmed.name()),
        word.map(|word| &word.text),
        word_by.as_ref(),
        wish_by.as_ref(),
        refund.wish.map(|wish| wish.at),
        refund.since,
        refund.alone,
        refund.asked_mono.map(Mono::millis),
        refund.note.as_ref(),
    ];
    writer.run_without(&WORDS, statement, cells)
}

pub(crate) fn book(writer: &mut Writer<'_>, booked: &BookedRefund) -> Result<(), Fault> {
    let BookedRefund { payment, xid, booked, who, reason } = booked;
    let who = who.name();
    let cells =
        cells![payment.as_bytes(), xid, booked.at, booked.refund_no.as_ref(), booked.amount, &who, reason];
    writer.run_without(&[6], &BOOK, cells).map(drop)
}

pub(crate) fn unbook(writer: &mut Writer<'_>, unbooked: &UnbookedRefund) -> Result<(), Fault> {
    let UnbookedRefund { payment, xid, booked_at, at, who, reason } = unbooked;
    let who = who.name();
    let cells = cells![payment.as_bytes(), xid, *booked_at, *at, &who, reason];
    writer.run_without(&[5], &UNBOOK, cells).map(drop)
}

pub(crate) fn get(conn: &Connection, id: RefundId) -> Result<Option<Refund>> {
    one(conn, select!("WHERE id = ?1"), [id.as_bytes()], read)
}

pub(crate) fn of(conn: &Connection, payment: PaymentId) -> Result<Vec<Refund>> {
    all(conn, select!("WHERE payment_id = ?1 ORDER BY requested_at, id"), [payment.as_bytes()], read)
}

/// The condition is that of the partial index, word for word.
pub(crate) fn open(conn: &Connection) -> Result<Vec<Refund>> {
    const OPEN: &str =
        select!("WHERE state NOT IN ('done', 'declined', 'withdrawn') ORDER BY requested_at, id");
    all(conn, OPEN, [], read)
}

pub(crate) fn newest(conn: &Connection, limit: u32) -> Result<Vec<Refund>> {
    all(conn, select!("ORDER BY requested_at DESC, id DESC LIMIT ?1"), [limit.min(ROWS_MAX)], read)
}

/// Those that count: not the ones that were taken back.
pub(crate) fn booked(conn: &Connection, payment: PaymentId) -> Result<Vec<BookedRefund>> {
    const BOOKED: &str = "SELECT payment_id, xid, at, refund_no, amount, who, reason FROM refunds_booked AS b
        WHERE payment_id = ?1 AND NOT EXISTS (SELECT 1 FROM refunds_unbooked AS u
            WHERE u.payment_id = b.payment_id AND u.xid = b.xid AND u.booked_at = b.at)
        ORDER BY at, xid";
    all(conn, BOOKED, [payment.as_bytes()], |row| {
        let mut columns = Columns::of(row);
        let (payment, xid) = (columns.id(PaymentId::from_bytes)?, columns.get()?);
        let at = columns.moment()?;
        Ok(BookedRefund {
            payment,
            xid,
            booked: Booked { refund_no: columns.get()?, amount: columns.twd()?, at },
            who: columns.name(Actor::parse)?,
            reason: columns.get()?,
        })
    })
}

fn word(columns: &mut Columns<'_, '_>) -> Result<Option<Word>> {
    let confirmed = columns.name_or_none(Confirmed::parse)?;
    let (text, who): (Option<String>, _) = (columns.get()?, columns.name_or_none(Actor::parse)?);
    let word = confirmed.zip(text).zip(who);
    Ok(word.map(|((confirmed, text), who)| Word { confirmed, text, who }))
}

fn wish(columns: &mut Columns<'_, '_>) -> Result<Option<Wish>> {
    let (who, at) = (columns.name_or_none(Actor::parse)?, columns.moment_or_none()?);
    Ok(who.zip(at).map(|(who, at)| Wish { who, at }))
}

fn read(row: &Row<'_>) -> Result<Refund> {
    let mut columns = Columns::of(row);
    Ok(Refund {
        payment: columns.id(PaymentId::from_bytes)?,
        requested_at: columns.moment()?,
        id: columns.id(RefundId::from_bytes)?,
        xid: columns.get()?,
        amount: columns.twd()?,
        reason: columns.name(RefundReason::parse)?,
        requester: columns.name(Actor::parse)?,
        approver: columns.name_or_none(Actor::parse)?,
        state: columns.name(RefundState::parse)?,
        until: columns.moment_or_none()?,
        why: columns.name_or_none(RefundWhy::parse)?,
        version: columns.get()?,
        note: columns.get()?,
        told: columns.name_or_none(Course::parse)?,
        ran: columns.name_or_none(Course::parse)?,
        word: word(&mut columns)?,
        wish: wish(&mut columns)?,
        since: columns.moment_or_none()?,
        alone: columns.get()?,
        asked_mono: columns.get::<Option<_>>()?.map(Mono::from_millis),
    })
}
