//! Table `readings`: the answered readings of unclear operations. Added, never edited.

use counterfoil_domain::{OperationId, Query, Reading};
use rusqlite::{Connection, Result, Row};

use crate::rows::{Columns, all, cells};
use crate::writer::{Fault, Statement, Writer, json};

const ADD: Statement = Statement {
    name: "reading-added",
    sql: "INSERT INTO readings (operation_id, at, asked_at, query, scheduled, shows)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
};

pub(crate) fn add(writer: &mut Writer<'_>, reading: &Reading) -> Result<(), Fault> {
    let Reading { operation, at, asked_at, query, scheduled, shows } = reading;
    let shows = json(shows)?;
    let cells = cells![operation.as_bytes(), *at, *asked_at, query.name(), *scheduled, &shows];
    writer.run(&ADD, cells).map(drop)
}

pub(crate) fn of(conn: &Connection, operation: OperationId) -> Result<Vec<Reading>> {
    const OF: &str = "SELECT operation_id, at, asked_at, query, scheduled, shows FROM readings
        WHERE operation_id = ?1 ORDER BY seq";
    all(conn, OF, [operation.as_bytes()], read)
}

fn read(row: &Row<'_>) -> Result<Reading> {
    let mut columns = Columns::of(row);
    Ok(Reading {
        operation: columns.id(OperationId::from_bytes)?,
        at: columns.moment()?,
        asked_at: columns.moment()?,
        query: columns.name(Query::parse)?,
        scheduled: columns.get()?,
        shows: columns.json("reading")?,
    })
}
