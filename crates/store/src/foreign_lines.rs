//! Table `foreign_lines`: rows of the bank that none of our payments explains. Added, never edited; the same number seen again is
//! the same row.

use counterfoil_engine::ports::ForeignLine;

use crate::commit::{Fault, Statement, Writer};
use crate::rows::cells;

const ADD: Statement = Statement {
    name: "foreign-line-added",
    sql: "INSERT INTO foreign_lines (bank_order_no, amount, said, paid_minute, seen_at) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (bank_order_no) DO NOTHING",
};

pub(crate) fn add(writer: &mut Writer<'_>, line: &ForeignLine) -> Result<(), Fault> {
    let ForeignLine { bank_order_no, amount, said, paid_minute, seen_at } = line;
    writer.run(&ADD, cells![bank_order_no, *amount, said, *paid_minute, *seen_at]).map(drop)
}
