//! The books that judge: the bank's, and our own.

use std::collections::BTreeMap;

use counterfoil_domain::{Bank, PaymentId, Rail};
use serde_json::json;

use crate::ledger;
use crate::world::World;

/// What the bank's books say went back by our requests: refunds that ended well, and a card that
/// was taken back whole before it was charged. `all`: by those of the bank's back office too.
pub(crate) fn given_back(world: &World, rail: Rail, number: &str, all: bool) -> i64 {
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
        let ours = refunds.filter(|refund| refund["done"] == true && (all || refund["by_hand"] == false));
        ours.map(|refund| refund["amount"].as_i64().unwrap()).sum()
    };
    orders.iter().map(of).sum()
}

/// What the ledger holds as receivable for each payment, an amount per entry.
pub(crate) fn entries(world: &World) -> BTreeMap<PaymentId, Vec<i64>> {
    let receivable = |entry: &ledger::Entry| {
        entry.iter().find(|side| side.0.starts_with("receivable.")).map(|side| side.1)
    };
    let of_payment = |entries: Vec<ledger::Entry>| entries.iter().filter_map(receivable).collect();
    ledger::entries(world.folder()).into_iter().map(|(id, entries)| (id, of_payment(entries))).collect()
}
