//! Table `shop`: the one shop of the file, as the JSON of its record.

use counterfoil_engine::shop::ShopRecord;
use rusqlite::{Connection, Result};

use crate::rows::{Columns, cells, one};
use crate::writer::{Fault, Statement, Writer, json};

const ADD: Statement = Statement { name: "shop-added", sql: "INSERT INTO shop (one, record) VALUES (1, ?1)" };

const CHANGE: Statement =
    Statement { name: "shop-changed", sql: "UPDATE shop SET record = ?1 WHERE one = 1" };

pub(crate) fn add(writer: &mut Writer<'_>, record: &ShopRecord) -> Result<(), Fault> {
    writer.run(&ADD, cells![&json(record)?]).map(drop)
}

pub(crate) fn change(writer: &mut Writer<'_>, record: &ShopRecord) -> Result<(), Fault> {
    // the marks count from the shop's first minute
    const FORGET: &str = "DELETE FROM coverage_marks
        WHERE EXISTS (SELECT 1 FROM shop WHERE json_extract(record, '$.added_at') IS NOT ?1)";
    writer.conn().prepare_cached(FORGET)?.execute([record.added_at.millis()])?;
    if writer.run(&CHANGE, cells![&json(record)?])? == 1 { Ok(()) } else { Err(Fault::Conflict) }
}

pub(crate) fn get(conn: &Connection) -> Result<Option<ShopRecord>> {
    one(conn, "SELECT record FROM shop", [], |row| Columns::of(row).json("record of the shop"))
}
