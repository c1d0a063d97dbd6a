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

/// Each payment with money was posted once, receivable against sales; each refund that is done or
/// was booked once, refunds against receivable; and nothing else was. Gives the number of entries.
pub fn must_fit(folder: &Path) -> usize {
    let file = read(folder);
    let mut rows = file.prepare("SELECT id, rail, amount, state FROM payments").unwrap();
    let payment = |row: &rusqlite::Row<'_>| {
        let (rail, state): (String, String) = (row.get(1)?, row.get(3)?);
        let id = PaymentId::from_bytes(row.get(0)?);
        Ok((id, Rail::parse(&rail).unwrap(), row.get::<_, i64>(2)?, PaymentState::parse(&state).unwrap()))
    };
    let payments = rows.query_map([], payment).unwrap().map(Result::unwrap);
    let mut done = file
        .prepare(
            "SELECT amount, xid IN (SELECT xid FROM charges WHERE payment_id = ?1) FROM (
                SELECT payment_id, xid, amount, requested_at AS at FROM refunds WHERE state = 'done'
                UNION ALL SELECT payment_id, xid, amount, at FROM refunds_booked
                UNION ALL SELECT b.payment_id, b.xid, -b.amount, u.at FROM refunds_unbooked AS u
                    JOIN refunds_booked AS b ON b.payment_id = u.payment_id AND b.xid = u.xid AND b.at = u.booked_at)
                WHERE payment_id = ?1 ORDER BY at",
        )
        .unwrap();
    let mut charged = file.prepare("SELECT amount FROM charges WHERE payment_id = ?1 ORDER BY at").unwrap();
    let mut twice =
        file.prepare("SELECT 1 FROM discrepancies WHERE payment_id = ?1 AND kind = 'paid-twice'").unwrap();
    let wanted: BTreeMap<PaymentId, Vec<Entry>> = payments
        .filter(|(_, _, _, state)| state.has_money())
        .map(|(id, rail, amount, _)| {
            let receivable = match rail.bank() {
                Bank::Sinopac => "receivable.sinopac",
                Bank::Ctbc => "receivable.ctbc",
            };
            let entry = |debit: &str, credit: &str, amount: i64| {
                vec![(debit.to_owned(), amount), (credit.to_owned(), -amount)]
            };
            let refund = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?));
            let refunds = done.query_map([id.as_bytes()], refund).unwrap();
            let charges = charged.query_map([id.as_bytes()], |row| row.get::<_, i64>(0)).unwrap();
            let charges = charges.map(|amount| entry(receivable, "unexplained", amount.unwrap()));
            // a second payment of an order is no sale
            let is_second = twice.exists([id.as_bytes()]).unwrap();
            let (sales, given_back) =
                if is_second { ("unexplained", "unexplained") } else { ("sales", "refunds") };
            let refunds = refunds.map(|refund| {
                let (amount, of_charge) = refund.unwrap();
                entry(if of_charge { "unexplained" } else { given_back }, receivable, amount)
            });
            (id, std::iter::once(entry(receivable, sales, amount)).chain(charges).chain(refunds).collect())
        })
        .collect();
    // clocks move, so the order of the rows says nothing
    let sorted = |entries: BTreeMap<PaymentId, Vec<Entry>>| -> BTreeMap<PaymentId, Vec<Entry>> {
        let sort = |(id, mut entries): (PaymentId, Vec<Entry>)| {
            entries.sort();
            (id, entries)
        };
        entries.into_iter().map(sort).collect()
    };
    let entries = sorted(entries(folder));
    assert_eq!(entries, sorted(wanted), "money is posted once, and nothing else");
    entries.values().map(Vec::len).sum()
}
