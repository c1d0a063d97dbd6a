//! A shop's books, read straight from its data file, because no port of the engine reads them.

use std::collections::BTreeMap;
use std::path::Path;

use counterfoil_domain::{Bank, PaymentId, PaymentState, Rail};
use counterfoil_store::DATA_FILE;
use rusqlite::{Connection, OpenFlags};

/// The postings of one entry: account and amount.
pub type Entry = Vec<(String, i64)>;

/// Opens the data file for reading only, beside the program.
pub fn read(folder: &Path) -> Connection {
    Connection::open_with_flags(folder.join(DATA_FILE), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

/// The entries of each payment that has any.
pub fn entries(folder: &Path) -> BTreeMap<PaymentId, Vec<Entry>> {
    let file = read(folder);
    let mut rows = file.prepare("SELECT seq, payment_id FROM entries ORDER BY seq").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 16]>(1)?))).unwrap();
    let mut sides =
        file.prepare("SELECT account, amount FROM postings WHERE entry = ?1 ORDER BY no").unwrap();
    let mut entries: BTreeMap<PaymentId, Vec<Entry>> = BTreeMap::new();
    for row in rows {
        let (seq, payment) = row.unwrap();
        let entry = sides.query_map([seq], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let entry: Entry = entry.map(Result::unwrap).collect();
        entries.entry(PaymentId::from_bytes(payment)).or_default().push(entry);
    }
    entries
}

/// Each payment with money was posted once, receivable against sales, and nothing else was. Gives
/// the number of entries.
pub fn must_fit(folder: &Path) -> usize {
    let file = read(folder);
    let mut rows = file.prepare("SELECT id, rail, amount, state FROM payments").unwrap();
    let payment = |row: &rusqlite::Row<'_>| {
        let (rail, state): (String, String) = (row.get(1)?, row.get(3)?);
        let id = PaymentId::from_bytes(row.get(0)?);
        Ok((id, Rail::parse(&rail).unwrap(), row.get::<_, i64>(2)?, PaymentState::parse(&state).unwrap()))
    };
    let payments = rows.query_map([], payment).unwrap().map(Result::unwrap);
    let wanted: BTreeMap<PaymentId, Vec<Entry>> = payments
        .filter(|(_, _, _, state)| state.has_money())
        .map(|(id, rail, amount, _)| {
            let receivable = match rail.bank() {
                Bank::Sinopac => "receivable.sinopac",
                Bank::Ctbc => "receivable.ctbc",
            };
            (id, vec![vec![(receivable.to_owned(), amount), ("sales".to_owned(), -amount)]])
        })
        .collect();
    let entries = entries(folder);
    assert_eq!(entries, wanted, "money is posted once, and nothing else");
    entries.len()
}
