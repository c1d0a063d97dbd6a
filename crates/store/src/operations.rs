//! Table `operations`, the outbox. A row changes by one version at a time, along the transition
//! table of the domain.

use counterfoil_domain::{
    Bank, Moment, Operation, OperationId, OperationKind, OperationState, PaymentId, RefundId,
};
use rusqlite::{Connection, Result, Row, params};

use crate::rows::{Columns, all, cells, one};
use crate::writer::{Fault, Statement, Writer, json};

const ADD: Statement = Statement {
    name: "operation-added",
    sql: "INSERT INTO operations (payment_id, planned_at, id, kind, state, due_at, attempts, sent_at, snapshot, code, version,
            refund_id, step, amount)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
};

const CHANGE: Statement = Statement {
    name: "operation-changed",
    // each claim is another one: an attempt is closed by its claim, never by its number alone
    sql: "UPDATE operations SET state = ?5, due_at = ?6, attempts = ?7, sent_at = ?8, snapshot = ?9, code = ?10,
            version = ?11 + 1,
            claim = CASE ?5 WHEN 'sending' THEN randomblob(16) ELSE claim END,
            claimed_by = CASE ?5 WHEN 'sending' THEN 1 ELSE claimed_by END,
            incarnation = CASE ?5 WHEN 'sending' THEN (SELECT c.incarnation FROM counters c WHERE c.id = 1)
                ELSE incarnation END
        WHERE payment_id = ?1 AND planned_at = ?2 AND id = ?3 AND kind = ?4 AND version = ?11
            AND refund_id IS ?12 AND step IS ?13 AND amount IS ?14",
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT payment_id, planned_at, id, kind, state, due_at, attempts, sent_at, snapshot, code,
                version, refund_id, step, amount FROM operations ",
            $rest
        )
    };
}

pub(crate) fn add(writer: &mut Writer<'_>, operation: &Operation) -> Result<(), Fault> {
    if operation.version != 1 {
        return Err(Fault::Refused("a new operation has version 1"));
    }
    write(writer, &ADD, operation).map(drop)
}

/// The version is the one expected, so it is something else that differs.
const SAME: &str = "SELECT 1 FROM operations WHERE id = ?1 AND version = ?2";

pub(crate) fn change(writer: &mut Writer<'_>, operation: &Operation) -> Result<(), Fault> {
    if write(writer, &CHANGE, operation)? == 1 {
        return Ok(());
    }
    let same = one(writer.conn(), SAME, params![operation.id.as_bytes(), operation.version], |_| Ok(()))?;
    Err(same.map_or(Fault::Conflict, |()| {
        Fault::Refused("the payment, kind and planning of an operation never change")
    }))
}

fn write(writer: &mut Writer<'_>, statement: &Statement, operation: &Operation) -> Result<usize, Fault> {
    let snapshot = operation.snapshot.as_ref().map(json).transpose()?;
    writer.run(
        statement,
        cells![
            operation.payment.as_bytes(),
            operation.planned_at,
            operation.id.as_bytes(),
            operation.kind.name(),
            operation.state.name(),
            operation.due_at,
            operation.attempts,
            operation.sent_at,
            snapshot.as_ref(),
            operation.code.as_ref(),
            operation.version,
            operation.refund.as_ref().map(RefundId::as_bytes),
            operation.step,
            operation.amount,
        ],
    )
}

pub(crate) fn get(conn: &Connection, id: OperationId) -> Result<Option<Operation>> {
    one(conn, select!("WHERE id = ?1"), [id.as_bytes()], read)
}

pub(crate) fn of(conn: &Connection, payment: PaymentId) -> Result<Vec<Operation>> {
    all(conn, select!("WHERE payment_id = ?1 ORDER BY planned_at, id"), [payment.as_bytes()], read)
}

/// Not final. The conditions are those of the partial indexes, word for word.
pub(crate) fn open(conn: &Connection) -> Result<Vec<Operation>> {
    const TO_DO: &str = select!(
        "WHERE state = 'planned' OR state = 'sending' OR state = 'not-now' OR state = 'not-sent'
            OR state = 'pending' OR state = 'unknown'"
    );
    const WITH_A_PERSON: &str = select!("WHERE state = 'needs-person'");
    let snapshot = conn.unchecked_transaction()?;
    let mut operations = all(&snapshot, TO_DO, [], read)?;
    operations.extend(all(&snapshot, WITH_A_PERSON, [], read)?);
    operations.sort_unstable_by_key(|op| (op.planned_at, op.id));
    Ok(operations)
}

/// Waiting for an attempt of ours. The condition is that of the partial index, word for word.
pub(crate) fn due(conn: &Connection, bank: Bank, until: Moment) -> Result<Vec<Operation>> {
    const DUE: &str = select!(
        "WHERE (state = 'planned' OR state = 'not-now' OR state = 'not-sent') AND kind <> 'post-form'
            AND due_at <= ?1 ORDER BY due_at, id"
    );
    let mut due = all(conn, DUE, [until.millis()], read)?;
    due.retain(|op| op.kind.rule().bank == bank);
    Ok(due)
}

fn read(row: &Row<'_>) -> Result<Operation> {
    let mut columns = Columns::of(row);
    Ok(Operation {
        payment: columns.id(PaymentId::from_bytes)?,
        planned_at: columns.moment()?,
        id: columns.id(OperationId::from_bytes)?,
        kind: columns.name(OperationKind::parse)?,
        state: columns.name(OperationState::parse)?,
        due_at: columns.moment()?,
        attempts: columns.get()?,
        sent_at: columns.moment_or_none()?,
        snapshot: columns.json_or_none("snapshot")?,
        code: columns.get()?,
        version: columns.get()?,
        refund: columns.id_or_none(RefundId::from_bytes)?,
        step: columns.get()?,
        amount: columns.twd_or_none()?,
    })
}
