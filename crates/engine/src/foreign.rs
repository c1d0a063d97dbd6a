//! Rows of a window: readings of our payments, and rows that none of ours explains. These are kept,
//! and a person is told of the money among them.

use counterfoil_domain::{Bank, BankMinute, BankRow, Discrepancy, DiscrepancyKind, Moment, Now, Query};

use crate::engine::{Engine, EngineError, by_engine};
use crate::plan::Asked;
use crate::ports::{Change, ForeignKind, ForeignLine, ForeignMoney, Store};

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
            foreign.push(ForeignLine {
                bank: Bank::Sinopac,
                kind: ForeignKind::Payment,
                bank_order_no: row.bank_order_no.clone(),
                amount: row.amount,
                said: row.said.clone(),
                paid_minute: row.paid_minute,
                seen_at: at,
            });
        }
        if foreign.is_empty() {
            return Ok(());
        }
        let audit = by_engine(at, "foreign", "window", format!("{} rows", foreign.len()));
        let told = self.tell(at, &foreign);
        self.commit(audit, foreign.into_iter().map(Change::ForeignLineAdded).chain(told).collect())
    }

    /// What an earlier version kept and told to nobody.
    pub(crate) fn tell_foreign(&mut self, now: Now) -> Result<(), EngineError> {
        let since = BankMinute::from_minutes(0);
        let untold = self.store.foreign_money(ForeignMoney::Untold { since })?;
        let at = self.at(Bank::Sinopac, now).bank;
        let told = self.tell(at, &untold);
        if told.is_empty() {
            return Ok(());
        }
        self.commit(by_engine(at, "foreign", "file", format!("{} numbers", told.len())), told)
    }

    /// A discrepancy for each number with money, once and for all, unless the shop calls its prefix
    /// its own.
    fn tell(&mut self, at: Moment, lines: &[ForeignLine]) -> Vec<Change> {
        let own =
            |line: &ForeignLine| self.shop.sinopac.as_ref().is_some_and(|s| s.is_own(&line.bank_order_no));
        let told: Vec<_> = lines.iter().filter(|line| line.is_money() && !own(line)).collect();
        let found = told.into_iter().map(|line| Discrepancy {
            id: self.discrepancy_id(at),
            kind: DiscrepancyKind::ForeignMoney,
            payment: None,
            at,
            detail: line.bank_order_no.clone(),
        });
        found.map(Change::DiscrepancyAdded).collect()
    }
}
