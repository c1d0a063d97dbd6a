//! Rows of a window: readings of our payments, and rows that none of ours explains, which are kept.

use counterfoil_domain::{Bank, BankRow, Now, Query};

use crate::engine::{Engine, EngineError, by_engine};
use crate::plan::Asked;
use crate::ports::{Change, ForeignKind, ForeignLine, Store};

/// Foreign numbers remembered, so that each is written once; beyond this the store sorts them out.
const FOREIGN_MAX: usize = 20_000;

impl<S: Store> Engine<S> {
    /// Each row is a reading of a payment, or a foreign line.
    pub(crate) fn rows_seen(&mut self, now: Now, asked: Asked, rows: &[BankRow]) -> Result<(), EngineError> {
        let at = self.at(Bank::Sinopac, now).bank;
        let mut foreign = Vec::new();
        for row in rows {
            let key = (row.bank_order_no.clone(), row.paid_minute, row.said.clone());
            if self.sweep.foreign.contains(&key) || self.row_seen(now, asked, Query::ByWindow, row)? {
                continue;
            }
            if self.sweep.foreign.len() < FOREIGN_MAX {
                self.sweep.foreign.insert(key);
            }
            foreign.push(Change::ForeignLineAdded(ForeignLine {
                bank: Bank::Sinopac,
                kind: ForeignKind::Payment,
                bank_order_no: row.bank_order_no.clone(),
                amount: row.amount,
                said: row.said.clone(),
                paid_minute: row.paid_minute,
                seen_at: at,
            }));
        }
        if foreign.is_empty() {
            return Ok(());
        }
        self.commit(by_engine(at, "foreign", "window", format!("{} rows", foreign.len())), foreign)
    }
}
