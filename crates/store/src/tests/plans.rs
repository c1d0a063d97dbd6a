//! No question walks through a table: the plans of SQLite, read.

use counterfoil_domain::{
    Bank, CoverageSpan, CustomerId, Entry, Filter, MinuteSpan, PaymentState, Rail, RefundId, Search, View,
};
use counterfoil_engine::ports::{ACCEPTED, Change, ForeignMoney, Page, RECORD_LOST, Store};

use super::support::*;
use crate::SqliteStore;
use crate::rows::ASKED;

/// About the rows of one payment, and what a start asks.
fn ask_rows(store: &SqliteStore) {
    let minute = at(1).minute();
    let span = MinuteSpan::new(minute, minute).unwrap();
    store.shop().unwrap();
    store.order(order(1).id).unwrap();
    store.payment(payment(1).id).unwrap();
    store.payment_by_number(&payment(1).bank_order_no).unwrap();
    store.payment_by_bank_ref(Bank::Sinopac, "TS1").unwrap();
    store.payments_of(order(1).id).unwrap();
    store.payments_to_watch(at(1)).unwrap();
    store.payments_to_capture().unwrap();
    store.payments_refunded_since(at(1)).unwrap();
    store.payments_paid_in(span).unwrap();
    store.operation(operation(1).id).unwrap();
    store.operations_of(payment(1).id).unwrap();
    store.open_operations().unwrap();
    store.evidence_of(payment(1).id).unwrap();
    store.due_operations(Bank::Sinopac, at(1)).unwrap();
    store.discrepancies_of(payment(1).id).unwrap();
    store.captures_of(payment(1).id).unwrap();
    store.discrepancies_closed(payment(1).id).unwrap();
    store.discrepancies(9).unwrap();
    store.discrepancies_ever(9).unwrap();
    store.discrepancy(discrepancy(1, None, "").id).unwrap();
    store.coverage(Bank::Sinopac, 0, minute).unwrap();
    store.covered_before(Bank::Sinopac, 0).unwrap();
    store.covered_by_number(Bank::Sinopac).unwrap();
    store.marks_that_lie().unwrap();
    store.kept_clock(Bank::Ctbc).unwrap();
}

/// Lists, searches, customers.
fn ask_lists(store: &SqliteStore) {
    let minute = at(1).minute();
    let page = Page { after: Some((at(2), order(2).id)), limit: 50, ..Page::default() };
    store.orders_in(View::All, at(0), page).unwrap();
    store.orders_in(View::All, at(0), Page { after: None, ..page }).unwrap();
    let only = Filter { rail: Some(Rail::CtbcCard), from: Some(at(1).day()), ..Filter::default() };
    for page in [page, Page { only, ..page }] {
        for view in View::ALL {
            store.orders_in(view, at(1), page).unwrap();
        }
        for typed in ["123456", "11/24", "600 11/24"] {
            store.search(&Search::read(typed, at(1).day()).unwrap(), page).unwrap();
        }
    }
    for view in View::ALL {
        store.count_in(view, at(1), 9).unwrap();
    }
    store.readings_of(operation(1).id).unwrap();
    store.answers_of(operation(1).id).unwrap();
    store.refund(RefundId::from_bytes(bytes(1))).unwrap();
    store.refunds_of(payment(1).id).unwrap();
    store.open_refunds().unwrap();
    store.refunds(9).unwrap();
    store.refunds_booked(payment(1).id).unwrap();
    store.charges_of(payment(1).id).unwrap();
    store.page_left(payment(1).id).unwrap();
    store.is_page_undated(payment(1).id).unwrap();
    store.news(9).unwrap();
    store.foreign_money(ForeignMoney::Untold { since: minute }).unwrap();
    store.foreign_money(ForeignMoney::Open).unwrap();
    store.foreign_money(ForeignMoney::Number("X1")).unwrap();
    store.acts_of("a payment").unwrap();
    store.customer(CustomerId::from_bytes(bytes(1))).unwrap();
    store.orders_before(at(2), Some((at(1), order(1).id)), 9).unwrap();
    store.customers(Some(CustomerId::from_bytes(bytes(1)))).unwrap();
    store.orders_of_customer(CustomerId::from_bytes(bytes(1))).unwrap();
}

/// A million orders must stay quick: no question of the trait, and none that a commit asks, walks
/// through a table or sorts a whole one for a page of it.
#[test]
fn every_question_uses_an_index() {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, sale(1)).unwrap();
    let minute = at(1).minute();
    let span = MinuteSpan::new(minute, minute).unwrap();
    let numbered = CoverageSpan { bank: Bank::Sinopac, span, at: at(1), by_number: true, pass: 0 };
    commit(&mut store, [Change::ShopAdded(shop(at(1))), Change::CoverageAdded(numbered)]).unwrap();
    ASKED.with_borrow_mut(Vec::clear);
    ask_rows(&store);
    ask_lists(&store);
    commit(&mut store, [Change::CoverageAdded(numbered), Change::ShopChanged(shop(at(0)))]).unwrap();
    let paid = changed(&store, 1, |p| (p.state, p.proof) = (PaymentState::Paid, Some(evidence(5, 1).id)));
    let entry = Entry::paid(payment(1).id, at(5), payment(1).rail, payment(1).amount).unwrap();
    commit(&mut store, [Change::EvidenceAdded(evidence(5, 1)), paid, Change::EntryAdded(entry)]).unwrap();

    let asked = ASKED.with_borrow_mut(std::mem::take);
    assert!(asked.len() >= 20, "{asked:?}");
    let partial = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql LIKE '% WHERE %'";
    let mut partial = store.conn().prepare(partial).unwrap();
    let partial: Vec<String> =
        partial.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    let by_a_part = |step: &String| {
        let index = step.split_once(" INDEX ").map(|(_, index)| index);
        index.is_some_and(|index| partial.iter().any(|part| part == index))
    };
    for sql in asked {
        let mut explain = store.conn().prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let zeros = vec![0; explain.parameter_count()];
        let plan =
            explain.query_map(rusqlite::params_from_iter(zeros), |row| row.get::<_, String>(3)).unwrap();
        let plan: Vec<String> = plan.collect::<Result<_, _>>().unwrap();
        // a list of few begins with them: walking down all orders for the few ends late or never
        if let Some((few, _)) = sql.split_once("FROM ").and_then(|(_, from)| from.split_once(" JOIN ")) {
            let few = few.trim_end_matches(" LEFT").trim_end_matches(" CROSS").rsplit(' ').next().unwrap();
            let begins = plan.iter().find(|step| step.starts_with("SCAN") || step.starts_with("SEARCH"));
            assert_eq!(begins.unwrap().split(' ').nth(1), Some(few), "{sql}: {plan:?}");
        }
        // a partial index holds only what is asked for, and a LIMIT ends a walk; foreign lines (f)
        // are walked once a start
        let of_a_few_rows = |step: &str| {
            ["shop", "coverage_marks", "words_due", "SCAN f"].iter().any(|table| step.contains(table))
        };
        let walks = |step: &String| step.starts_with("SCAN") && !by_a_part(step) && !of_a_few_rows(step);
        let sorts = |step: &String| step.contains("TEMP B-TREE");
        let limited = sql.contains("LIMIT");
        // what waits for a person or for the index is little, few accounts or numbers are alike,
        // and a day has few payments
        let of_few = [
            "operations o",
            "refunds r",
            "discrepancies d",
            "words_due d",
            "account_back >=",
            "bank_order_no >=",
            "paid_minute >=",
        ];
        let sorts = |step: &String| sorts(step) && !of_few.iter().any(|few| sql.contains(few));
        assert!(limited || !plan.iter().any(walks), "{sql}: {plan:?}");
        assert!(!limited || !plan.iter().any(sorts), "{sql}: {plan:?}");
    }
}

/// The question about the data file names its index, which holds these rows and no others.
#[test]
fn what_is_told_of_the_data_file_is_found_without_a_walk() {
    let place = Place::new();
    let store = place.writer();
    store.doubt(None, at(1)).unwrap();
    let sql = "SELECT sql FROM sqlite_schema WHERE name = 'audit_of_doubt'";
    let sql: String = store.conn().query_row(sql, [], |row| row.get(0)).unwrap();
    for verb in [ACCEPTED, RECORD_LOST] {
        assert!(sql.contains(&format!("what = '{verb}'")), "{sql}");
    }
}
