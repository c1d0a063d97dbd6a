//! Table `answers`: what banks answered, one row per attempt of an operation. Added, never edited.

use counterfoil_domain::{BankAnswer, OperationId, OperationState};
use counterfoil_engine::ports::AnswerRecord;
use rusqlite::{Connection, Row};

use crate::rows::{Columns, all, cells};
use crate::writer::{Fault, Statement, Writer};

const ADD: Statement = Statement {
    name: "answer-added",
    sql: "INSERT INTO answers (operation_id, attempt, at, meaning, code, transcript, claim)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, (SELECT claim FROM operations WHERE id = ?1))",
};

pub(crate) fn add(writer: &mut Writer<'_>, answer: &AnswerRecord) -> Result<(), Fault> {
    let AnswerRecord { operation, attempt, at, meaning, code, transcript } = answer;
    // each meaning has the name of the state that it brings
    let meaning = OperationState::from(*meaning).name();
    writer.run(&ADD, cells![operation.as_bytes(), *attempt, *at, meaning, code, transcript]).map(drop)
}

pub(crate) fn of(conn: &Connection, operation: OperationId) -> rusqlite::Result<Vec<AnswerRecord>> {
    const OF: &str = "SELECT operation_id, attempt, at, meaning, code, transcript FROM answers
        WHERE operation_id = ?1 ORDER BY attempt, at";
    all(conn, OF, [operation.as_bytes()], read)
}

/// Each meaning has the name of the state that it brings.
fn meaning(name: &str) -> Option<BankAnswer> {
    use OperationState as S;
    match OperationState::parse(name)? {
        S::Accepted => Some(BankAnswer::Accepted),
        S::Declined => Some(BankAnswer::Declined),
        S::NotNow => Some(BankAnswer::NotNow),
        S::NotSent => Some(BankAnswer::NotSent),
        S::Pending => Some(BankAnswer::Pending),
        S::Unknown => Some(BankAnswer::Unknown),
        S::Planned | S::Sending | S::DidNotHappen | S::NeedsPerson | S::Abandoned => None,
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<AnswerRecord> {
    let mut columns = Columns::of(row);
    Ok(AnswerRecord {
        operation: columns.id(OperationId::from_bytes)?,
        attempt: columns.get()?,
        at: columns.moment()?,
        meaning: columns.name(meaning)?,
        code: columns.get()?,
        transcript: columns.get()?,
    })
}
