//! The books that judge: the bank's, and our own.

use std::collections::BTreeMap;

use counterfoil_domain::{Bank, PaymentId, Rail};
use serde_json::json;

use crate::world::World;

/// What the bank's books say went back: refunds that ended well, and a card that was taken back
/// whole before it was charged.
pub(crate) fn given_back(world: &World, rail: Rail, number: &str) -> i64 {
    let (bank, shop) = match rail.bank() {
        Bank::Sinopac => ("sinopac", "NA0249_001"),
        Bank::Ctbc => ("ctbc", "10000"),
    };
    let books = world.control("books", &json!({ "bank": bank, "shop": shop, "order": number }));
    let orders = books["orders"].as_array().unwrap();
    let of = |order: &serde_json::Value| {
        if bank == "ctbc" && order["state"] == "0" {
            return order["amount"].as_i64().unwrap();
        }
        let refunds = order["refunds"].as_array().unwrap().iter();
        refunds.filter(|refund| refund["done"] == true).map(|refund| refund["amount"].as_i64().unwrap()).sum()
    };
    orders.iter().map(of).sum()
}

/// What the ledger holds as receivable for each payment, an amount per entry.
pub(crate) fn entries(world: &World) -> BTreeMap<PaymentId, Vec<i64>> {
    let path = world.folder().join(counterfoil_store::DATA_FILE);
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let conn = rusqlite::Connection::open_with_flags(path, flags).unwrap();
    let sql = "SELECT e.payment_id, p.amount FROM entries e JOIN postings p ON p.entry = e.seq
        WHERE p.account LIKE 'receivable.%' ORDER BY e.seq";
    let mut statement = conn.prepare(sql).unwrap();
    let rows =
        statement.query_map([], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, i64>(1)?))).unwrap();
    let mut entries: BTreeMap<PaymentId, Vec<i64>> = BTreeMap::new();
    for row in rows {
        let (id, amount) = row.unwrap();
        entries.entry(PaymentId::from_bytes(id)).or_default().push(amount);
    }
    entries
}
