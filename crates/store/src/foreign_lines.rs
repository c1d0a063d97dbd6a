//! Table `foreign_lines`: rows of a bank that none of our payments explains. Added, never edited;
//! the same number, kind, minute and state seen again is the same row.

use counterfoil_engine::ports::ForeignLine;

use crate::rows::cells;
use crate::writer::{Fault, Statement, Writer};

const ADD: Statement = Statement {
    name: "foreign-line-added",
    sql: "INSERT INTO foreign_lines (bank_order_no, amount, said, paid_minute, seen_at, bank, kind)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
};

pub(crate) fn add(writer: &mut Writer<'_>, line: &ForeignLine) -> Result<(), Fault> {
    let ForeignLine { bank, bank_order_no, kind, amount, said, paid_minute, seen_at } = line;
    let cells = cells![bank_order_no, *amount, said, *paid_minute, *seen_at, bank.name(), kind.name()];
    writer.run(&ADD, cells).map(drop)
}
