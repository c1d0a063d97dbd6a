//! Table `answers`: what banks answered, one row per attempt of an operation. Added, never edited.

use counterfoil_domain::OperationState;
use counterfoil_engine::ports::AnswerRecord;

use crate::rows::cells;
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
