//! Bringing a file up, tried with a version that does not exist yet, and with a file of each older
//! one. Longer than 500 lines because each version adds its own file and what must be kept of it.

use std::fs;

use counterfoil_domain::{
    Actor, Bank, BankMinute, BankState, CardState, CardTail, CoverageSpan, Evidence, MinuteSpan, Moment,
    Operation, Order, PageLeft, Payment, PaymentId, PaymentState, Person, PersonId, Query, Rail, Seen, Shows,
    Twd,
};
use counterfoil_engine::ports::{AuditReport, Change, Jot, KeptClock, Store};
use refinery::Migration;
use rusqlite::{Connection, params};

use super::search::found;
use super::support::*;
use crate::audit::{GENESIS, Link};
use crate::migrate::{check_copy, embedded, newest};
use crate::open::open_with;
use crate::{Mode, OpenError, SqliteStore, words};

fn with_next(sql: &str) -> Vec<Migration> {
    let mut migrations = embedded();
    migrations.push(Migration::unapplied("V25__next", sql).unwrap());
    migrations
}

const NEXT: &str = "ALTER TABLE orders ADD COLUMN note TEXT; PRAGMA user_version = 25;";

fn sold() -> Place {
    let place = Place::new();
    commit(&mut place.writer(), (1..=20).flat_map(sale)).unwrap();
    place
}

#[test]
fn migrations_lead_from_one_version_to_the_next() {
    let versions: Vec<i64> = embedded().iter().map(|m| i64::from(m.version())).collect();
    assert_eq!(versions, (1..=newest(&embedded())).collect::<Vec<_>>());
    for migration in embedded() {
        let ending = format!("PRAGMA user_version = {};", migration.version());
        assert!(migration.sql().unwrap().trim_end().ends_with(&ending), "{migration}");
    }
}

/// An order with its words, as older versions have written it.
fn old_order(conn: &Connection, order: &Order) {
    let add = "INSERT INTO orders (created_at, id, amount, description) VALUES (?1, ?2, ?3, ?4)";
    let (at, dollars) = (order.created_at.millis(), order.amount.dollars());
    conn.execute(add, params![at, order.id.as_bytes(), dollars, order.description]).unwrap();
    assert!(words::put(conn, order).is_ok());
}

/// Orders of one commit as every version before the eighth has written them, and the report on
/// their audit row.
pub(super) fn old_orders(conn: &Connection, numbers: std::ops::RangeInclusive<u32>) -> AuditReport {
    numbers.map(order).for_each(|order| old_order(conn, &order));
    let texts = ["owner", "sell", "subject", ""];
    let head = Link { before: &GENESIS, seq: 1, at: 0, texts, changes: &[7; 32] }.plain();
    let add = "INSERT INTO audit (seq, at, who, what, subject, detail, changes, prev_hash, hash)
        VALUES (1, 0, 'owner', 'sell', 'subject', '', ?1, ?2, ?3)";
    conn.execute(add, params![[7_u8; 32], [0_u8; 32], head]).unwrap();
    let head = hex::encode(head);
    AuditReport {
        rows: 1,
        head,
        broken_at: None,
        found: Vec::new(),
        accepted: Vec::new(),
        people: Vec::new(),
        tables: Vec::new(),
    }
}

/// The first row under the key follows the chain of older programs, and names their rows.
fn sealed(store: &SqliteStore, report: &AuditReport) {
    let now = store.verify_audit().unwrap();
    assert_eq!((now.rows, now.broken_at, &now.found[..]), (report.rows + 1, None, &[][..]));
    let sql = "SELECT lower(hex(prev_hash)), what FROM audit WHERE seq = ?1";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let newest = i64::try_from(now.rows).unwrap();
    let row: (String, String) = store.conn().query_row(sql, [newest], read).unwrap();
    assert_eq!(row, (report.head.clone(), "seal".to_owned()));
}

/// A payment as every version before the fifth has written it.
pub(super) fn old_payment(conn: &Connection, payment: &Payment) {
    let add = "INSERT INTO payments (order_id, created_at, id, sold_at, rail, bank_order_no, amount, state, shown, issued,
            expires_at, confirmed_at, version)
        VALUES (?1, ?2, ?3, ?2, ?4, ?5, ?6, ?7, 1, 0, ?8, ?9, 1)";
    let row = params![
        payment.order.as_bytes(),
        payment.created_at.millis(),
        payment.id.as_bytes(),
        payment.rail.name(),
        payment.bank_order_no.as_str(),
        payment.amount.dollars(),
        payment.state.name(),
        payment.expires_at.millis(),
        payment.confirmed_at.map(Moment::millis),
    ];
    conn.execute(add, row).unwrap();
}

fn old_evidence(conn: &Connection, evidence: &Evidence) {
    let add =
        "INSERT INTO evidence (payment_id, at, id, query, said, amount) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let row = params![
        evidence.payment.as_bytes(),
        evidence.at.millis(),
        evidence.id.as_bytes(),
        evidence.query.name(),
        evidence.said,
        evidence.amount.map(Twd::dollars),
    ];
    conn.execute(add, row).unwrap();
}

/// Each step from a file that a released program has written.
#[test]
fn a_file_of_the_first_version_is_brought_up_with_its_rows() {
    let place = Place::new();
    let first = open_with(&place.shop, Mode::Maker, &embedded()[..1]).unwrap();
    let report = old_orders(first.conn(), 1..=3);
    old_payment(first.conn(), &payment(3));
    drop(first);
    let mut store = place.writer();
    assert_eq!(store.order(order(3).id).unwrap(), Some(order(3)));
    sealed(&store, &report);
    commit(&mut store, [Change::NewsAdded(payment(3).id)]).unwrap();
    assert_eq!(store.news(10).unwrap(), [payment(3).id]);
    let card = changed(&store, 3, |p| {
        p.card = Some(CardState::CaptureQueued);
        p.card_tail = CardTail::parse("3312");
    });
    commit(&mut store, [card]).unwrap();
    assert_eq!(store.payments_to_capture().unwrap()[0].card_tail, CardTail::parse("3312"));
    assert!(place.shop.join("counterfoil-v1-before-v24.db").exists());
}

/// A card from an older program has no tail yet, and takes the last four digits and nothing longer.
#[test]
fn a_card_of_an_older_file_takes_four_digits_at_most() {
    let place = Place::new();
    let third = open_with(&place.shop, Mode::Maker, &embedded()[..3]).unwrap();
    let add = "INSERT INTO orders (created_at, id, amount, description) VALUES (1, zeroblob(16), 5, '');
        INSERT INTO payments (order_id, created_at, id, sold_at, rail, bank_order_no, amount, state, shown, issued,
            expires_at, version)
        VALUES (zeroblob(16), 1, zeroblob(16), 1, 'ctbc-card', 'C1', 5, 'awaiting', 1, 0, 2, 1);
        INSERT INTO cards (payment_id, state) VALUES (zeroblob(16), 'failed');";
    third.conn().execute_batch(add).unwrap();
    drop(third);
    let store = place.writer();
    let kept = store.payment(PaymentId::from_bytes([0; 16])).unwrap().unwrap();
    assert_eq!((kept.card, kept.card_tail), (Some(CardState::Failed), None));
    let put = |tail: &str| store.conn().execute("UPDATE cards SET tail = ?1", [tail]);
    assert!(put("4123450131003312").is_err() && put("03312").is_err() && put("***2").is_err());
    assert_eq!(put("3312").unwrap(), 1);
}

/// Version 6 kept one state, a count and the first unchanged reading: all of it is read on, and
/// nothing is forgotten.
#[test]
fn an_unclear_operation_of_an_older_file_keeps_its_snapshot_and_its_readings() {
    let place = Place::new();
    let sixth = open_with(&place.shop, Mode::Maker, &embedded()[..6]).unwrap();
    old_orders(sixth.conn(), 1..=1);
    old_payment(sixth.conn(), &payment(1));
    let add = "INSERT INTO operations (payment_id, planned_at, id, kind, state, due_at, attempts, sent_at, snapshot,
            readings, unchanged_since, version)
        VALUES (?1, 1, ?2, ?3, ?4, 1, 1, 2, ?5, ?6, ?7, 3)";
    let (of, ids) = (payment(1).id, [1, 2].map(|n| operation(n).id));
    let cancel =
        params![of.as_bytes(), ids[0].as_bytes(), "cancel-account", "unknown", "waiting", 2, 700_000];
    sixth.conn().execute(add, cancel).unwrap();
    let nobody = Option::<String>::None;
    let create =
        params![of.as_bytes(), ids[1].as_bytes(), "issue-account", "needs-person", nobody, 0, 700_000];
    sixth.conn().execute(add, create).unwrap();
    drop(sixth);
    let store = place.writer();
    let waiting = Seen::of_sinopac(BankState::Waiting);
    let op = store.operation(ids[0]).unwrap().unwrap();
    assert_eq!((op.snapshot, op.version), (Some(waiting.clone()), 4));
    let shown = |id| {
        let readings = store.readings_of(id).unwrap().into_iter();
        readings.map(|r| (r.scheduled, r.asked_at.millis(), r.shows)).collect::<Vec<_>>()
    };
    let nothing = || (true, 2, Shows::Nothing);
    assert_eq!(shown(ids[0]), [nothing(), nothing(), (false, 700_000, Shows::Order(waiting))]);
    assert_eq!(shown(ids[1]), [(false, 700_000, Shows::NotThere)]);
    let edit = |sql: &str| store.conn().execute(sql, []);
    assert!(edit("UPDATE readings SET at = 0").is_err() && edit("DELETE FROM readings").is_err());
}

/// A shop with its sales, as version 4 has written it.
fn of_version_four(rows: &[(Payment, Vec<Evidence>)]) -> Place {
    let place = Place::new();
    let fourth = open_with(&place.shop, Mode::Maker, &embedded()[..4]).unwrap();
    let conn = fourth.conn();
    old_orders(conn, 1..=9);
    for (payment, answers) in rows {
        old_payment(conn, payment);
        for evidence in answers {
            old_evidence(conn, evidence);
        }
    }
    let record = serde_json::to_string(&shop(at(0))).unwrap();
    conn.execute("INSERT INTO shop (one, record) VALUES (1, ?1)", [record]).unwrap();
    let add = "INSERT INTO coverage (pass, from_minute, to_minute, at, by_number) VALUES (?1, ?2, ?3, 0, ?4)";
    let first = at(0).minute().minutes();
    for (pass, from, to, by_number) in
        [(0, 0, 9, 0), (0, 10, 10, 1), (0, 11, 19, 0), (0, 25, 29, 0), (3, 0, 4, 0)]
    {
        conn.execute(add, [pass, first + from, first + to, by_number]).unwrap();
    }
    place
}

fn in_state(n: u32, state: PaymentState) -> Payment {
    Payment { state, confirmed_at: Some(at(n)), ..payment(n) }
}

/// Proof, lateness, what was asked and what is covered, and what the new rules make of the old
/// rows.
#[test]
fn a_file_of_the_fourth_version_gets_proofs_and_keeps_its_money() {
    use PaymentState as S;
    let query = |query, n, p| Evidence { query, ..evidence(n, p) };
    let place = of_version_four(&[
        // of the answers of that instant the one to a question, with its amount
        (
            in_state(1, S::Paid),
            vec![
                Evidence { id: evidence(11, 1).id, at: at(1), ..evidence(10, 1) },
                Evidence { id: evidence(12, 1).id, at: at(1), ..query(Query::Create, 10, 1) },
                Evidence { id: evidence(13, 1).id, at: at(1), amount: None, ..evidence(10, 1) },
                evidence(10, 1),
            ],
        ),
        (in_state(2, S::PaidLate), vec![evidence(2, 2)]),
        (Payment { state: S::Awaiting, ..payment(3) }, vec![evidence(3, 3)]),
        (
            Payment { rail: Rail::CtbcCard, ..in_state(4, S::Authorized) },
            vec![
                evidence(4, 4),
                Evidence { id: evidence(14, 4).id, at: at(4), amount: None, ..evidence(4, 4) },
            ],
        ),
        (in_state(5, S::Settled), vec![query(Query::ByWindow, 5, 5)]),
        (
            Payment { rail: Rail::CtbcCard, ..in_state(6, S::Released) },
            vec![Evidence { amount: None, ..evidence(6, 6) }],
        ),
        // nothing that carries them
        (in_state(7, S::Paid), vec![query(Query::Create, 7, 7), query(Query::Maintain, 17, 7)]),
        (in_state(8, S::Paid), vec![Evidence { amount: None, ..evidence(8, 8) }]),
        (in_state(9, S::Paid), vec![Evidence { amount: Some(Twd::new(1)), ..evidence(9, 9) }]),
    ]);
    let insert = "INSERT INTO cards (payment_id, state, tail) VALUES (?1, 'refund-queued', '3312')";
    place.raw().execute(insert, [payment(4).id.as_bytes()]).unwrap();

    let mut store = place.writer();
    let kept = |store: &SqliteStore, n: u32| store.payment(payment(n).id).unwrap().unwrap();
    let proofs = (1..=9).map(|n| {
        let payment = kept(&store, n);
        assert_eq!((payment.asked_at, payment.version > 2), (None, false));
        (payment.proof, payment.late)
    });
    let proof_of = |n| Some(evidence(n, 0).id);
    let expected = [
        (proof_of(11), false),
        (proof_of(2), true),
        (None, false),
        (proof_of(4), false),
        (proof_of(5), false),
        (proof_of(6), false),
        (None, false),
        (None, false),
        (None, false),
    ];
    assert_eq!(proofs.collect::<Vec<_>>(), expected);
    let says = |n: u32| -> Vec<_> {
        let evidence = store.evidence_of(payment(n).id).unwrap();
        evidence.into_iter().map(|e| (e.id, e.state)).filter(|(_, state)| state.is_some()).collect()
    };
    for (n, id, state) in
        [(1, 11, S::Paid), (2, 2, S::Paid), (4, 4, S::Authorized), (5, 5, S::Settled), (6, 6, S::Released)]
    {
        assert_eq!(says(n), [(evidence(id, 0).id, Some(state))], "payment {n}");
    }
    assert!([3, 7, 8, 9].into_iter().all(|n| says(n).is_empty()));
    assert_eq!(store.payments_to_capture().unwrap(), [kept(&store, 4)]);
    assert_eq!(kept(&store, 4).card_tail, CardTail::parse("3312"));

    // covered up to the hole, for the writer, a reader, and after the next span
    let minute = |n| at(0).minute().plus(n);
    let reader = SqliteStore::open(&place.shop, Mode::Reader).unwrap();
    for store in [&store, &reader] {
        let before = [0, 1, 3].map(|pass| store.covered_before(Bank::Sinopac, pass).unwrap());
        assert_eq!(before, [Some(minute(20)), None, Some(minute(5))]);
        assert_eq!(
            store.covered_by_number(Bank::Sinopac).unwrap(),
            [MinuteSpan { from: minute(10), to: minute(10) }]
        );
    }
    let span = MinuteSpan { from: minute(20), to: minute(24) };
    let hole = CoverageSpan { bank: Bank::Sinopac, span, at: at(0), by_number: false, pass: 0 };
    commit(&mut store, [Change::CoverageAdded(hole)]).unwrap();
    assert_eq!(store.covered_before(Bank::Sinopac, 0).unwrap(), Some(minute(30)));

    // a row that has no proof keeps its state, and moves on with one
    for n in [1, 2, 4, 5, 6, 7] {
        let edit = changed(&store, n, |p| p.return_port = Some(1));
        commit(&mut store, [edit]).unwrap();
    }
    let settle =
        |store: &SqliteStore, n, proof| changed(store, n, |p| (p.state, p.proof) = (S::Settled, proof));
    for n in [1, 2, 7] {
        let old = kept(&store, n).proof;
        let bare = settle(&store, n, old);
        assert!(commit(&mut store, [bare]).unwrap_err().to_string().contains("no evidence"), "payment {n}");
        let answer = proof(100 + n, n, S::Settled);
        let step = settle(&store, n, Some(answer.id));
        commit(&mut store, [Change::EvidenceAdded(answer), step]).unwrap();
        assert_eq!((kept(&store, n).state, kept(&store, n).late), (S::Settled, n == 2));
    }
    let by_hand = "UPDATE payments SET state = 'paid', version = version + 1 WHERE state = 'awaiting'";
    let error = store.conn().execute_batch(by_hand).unwrap_err();
    assert!(error.to_string().contains("a payment has no evidence of its state"), "{error}");
    let error = store.conn().execute_batch("UPDATE evidence SET state = 'paid'").unwrap_err();
    assert!(error.to_string().contains("evidence is only added"), "{error}");
    assert_eq!(store.verify_audit().unwrap().broken_at, None);
}

/// Version 7: books without days and causes, coverage and audit without bank and counter,
/// discrepancies that cannot be closed.
#[test]
fn a_file_of_the_seventh_version_keeps_its_books_its_coverage_and_its_chain() {
    let place = Place::new();
    let seventh = open_with(&place.shop, Mode::Maker, &embedded()[..7]).unwrap();
    let conn = seventh.conn();
    let report = old_orders(conn, 1..=2);
    old_payment(conn, &Payment { state: PaymentState::Awaiting, ..payment(1) });
    // half past four in the afternoon of New Year's Eve in London is the next day in Taipei
    let evening = 1_798_734_600_000_i64;
    let rows = "BEGIN; INSERT INTO postings VALUES (1, 1, 'receivable.sinopac', 180), (1, 2, 'sales', -180);
        INSERT INTO entries (seq, payment_id, at) SELECT 1, id, 1798734600000 FROM payments;
        INSERT INTO discrepancies (id, kind, payment_id, at, detail) SELECT zeroblob(16), 'went-back', id, 5, 'd' FROM payments;
        INSERT INTO coverage (pass, from_minute, to_minute, at, by_number) VALUES (0, 10, 19, 3, 0);
        INSERT INTO coverage_marks (pass, before_minute) VALUES (0, 20);
        INSERT INTO foreign_lines VALUES ('X1', 5, '1A400', 12, 7), ('X2', NULL, '1A400', NULL, 8);
        INSERT INTO customers VALUES (zeroblob(16), '林', ''); COMMIT;";
    conn.execute_batch(rows).unwrap();
    let record = serde_json::to_string(&shop(Moment::from_millis(600_000))).unwrap();
    conn.execute("INSERT INTO shop (one, record) VALUES (1, ?1)", [record]).unwrap();
    drop(seventh);

    let mut store = place.writer();
    sealed(&store, &report);
    let entry = "SELECT day, at, cause, payment_id, (SELECT sum(abs(amount)) FROM postings WHERE entry = seq) FROM entries";
    let entry = store
        .conn()
        .query_row(entry, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)));
    let day = i64::from(Moment::from_millis(evening).day().to_epoch_days());
    assert_eq!(entry.unwrap(), (day, evening, "paid".to_owned(), *payment(1).id.as_bytes(), 360));
    assert_eq!(day, 20_819, "1 January 2027");
    let minute = BankMinute::from_minutes;
    assert_eq!(store.covered_before(Bank::Sinopac, 0).unwrap(), Some(minute(20)));
    assert_eq!(store.covered_before(Bank::Ctbc, 0).unwrap(), None);
    assert_eq!(store.coverage(Bank::Sinopac, 0, minute(0)).unwrap().len(), 1);
    assert_eq!(store.coverage(Bank::Ctbc, 0, minute(0)).unwrap(), []);
    let foreign = "SELECT group_concat(bank || bank_order_no || kind || said || ifnull(paid_minute, '-'), ' ') FROM foreign_lines";
    let foreign: String = store.conn().query_row(foreign, [], |row| row.get(0)).unwrap();
    assert_eq!(foreign, "sinopacX1payment1A40012 sinopacX2payment1A400-");
    let found = store.discrepancies_of(payment(1).id).unwrap();
    assert_eq!((found.len(), store.order(order(1).id).unwrap()), (1, Some(order(1))));
    // erased, whatever the digest of its day was made with
    let customer = counterfoil_domain::CustomerId::from_bytes([0; 16]);
    let closing = closing(found[0].id, "settled with the bank");
    commit(&mut store, [Change::CustomerErased(customer), Change::DiscrepancyClosed(closing)]).unwrap();
    assert!(store.customer(customer).unwrap().unwrap().is_erased());
    assert_eq!(store.discrepancies_of(payment(1).id).unwrap(), []);
    commit(&mut store, sale(3)).unwrap();
    assert_eq!(store.verify_audit().unwrap().broken_at, None);
}

/// An order without words: older versions have another table for them.
fn silent(n: u32) -> Order {
    Order { description: String::new(), ..order(n) }
}

/// Version 22 did not know how a card page was left.
#[test]
fn a_file_of_the_twenty_second_version_learns_how_pages_are_left() {
    let place = Place::new();
    let mut older = open_with(&place.shop, Mode::Maker, &embedded()[..22]).unwrap();
    commit(&mut older, sale(1)).unwrap();
    drop(older);
    let mut store = place.writer();
    let id = payment(1).id;
    assert_eq!(store.page_left(id).unwrap(), None);
    let (who, code) = (Actor::Browser, Some("8/05".to_owned()));
    let left = PageLeft { payment: id, at: at(2), who, code, ends: true, read_at: None };
    let read = PageLeft { read_at: Some(at(3)), ..left.clone() };
    for newest in [left.clone(), read, PageLeft { who: Actor::Owner, code: None, at: at(4), ..left }] {
        commit(&mut store, [Change::PageLeft(newest.clone())]).unwrap();
        assert_eq!(store.page_left(id).unwrap(), Some(newest));
    }
    let report = store.verify_audit().unwrap();
    assert_eq!((report.broken_at, report.found), (None, vec![]));
}

/// Version 23 kept no time that was not believed; the clock that it kept counts on.
#[test]
fn a_file_of_the_twenty_third_version_keeps_its_clock_and_learns_to_doubt_it() {
    let place = Place::new();
    let mut older = open_with(&place.shop, Mode::Maker, &embedded()[..23]).unwrap();
    commit(&mut older, sale(1)).unwrap();
    let clock = KeptClock { offset_ms: 7, bank_now: at(2), behind_ms: 0, moved_at: None };
    older.jot(&[Jot::Clock(Bank::Ctbc, clock)]).unwrap();
    drop(older);
    let mut store = place.writer();
    let kept =
        |store: &SqliteStore| (store.kept_clock(Bank::Ctbc).unwrap(), store.kept_doubt(Bank::Ctbc).unwrap());
    assert_eq!(kept(&store), (Some(clock), None));
    store.jot(&[Jot::Doubted(Bank::Ctbc, Some(-9))]).unwrap();
    assert_eq!(kept(&store), (Some(clock), Some(-9)));
    assert_eq!(store.verify_audit().unwrap().found, vec![]);
}

/// Version 21 kept how far coverage reaches without a mark, so nothing proves it: the spans tell.
#[test]
fn a_file_of_the_twenty_first_version_walks_its_spans_again() {
    let place = Place::new();
    let mut older = open_with(&place.shop, Mode::Maker, &embedded()[..21]).unwrap();
    let minute = BankMinute::from_minutes;
    let added_at = Moment::from_millis(600_000);
    let span = |from, to| {
        let span = MinuteSpan { from: minute(from), to: minute(to) };
        Change::CoverageAdded(CoverageSpan {
            bank: Bank::Sinopac,
            pass: 0,
            span,
            at: at(1),
            by_number: false,
        })
    };
    commit(&mut older, [Change::ShopAdded(shop(added_at)), span(10, 19)]).unwrap();
    older.conn().execute_batch("UPDATE coverage_marks SET before_minute = 999").unwrap();
    drop(older);
    let mut store = place.writer();
    let covered = |store: &SqliteStore| store.covered_before(Bank::Sinopac, 0).unwrap();
    assert_eq!(covered(&store), Some(minute(20)));
    commit(&mut store, [span(20, 29)]).unwrap();
    assert_eq!(covered(&store), Some(minute(30)));
    let report = store.verify_audit().unwrap();
    assert_eq!((report.broken_at, report.found), (None, vec![]));
}

/// Version 18 put the words of each sale into the index, and knew its rules by lists.
#[test]
fn a_file_of_the_eighteenth_version_keeps_its_words_and_its_rules() {
    let place = Place::new();
    let mut older = open_with(&place.shop, Mode::Maker, &embedded()[..18]).unwrap();
    let sale = [Change::PaymentAdded(payment(1)), Change::OperationAdded(operation(1))];
    let old = Order { description: "舊茶".to_owned(), ..order(1) };
    old_order(older.conn(), &old);
    commit(&mut older, sale).unwrap();
    drop(older);
    let mut store = place.writer();
    commit(&mut store, [Change::OrderAdded(Order { description: "新茶".to_owned(), ..order(2) })]).unwrap();
    assert_eq!((found(&store, "舊茶"), found(&store, "新茶")), (vec![1], vec![2]));
    let second = Operation { id: operation(2).id, ..operation(1) };
    let refused = commit(&mut store, [Change::OperationAdded(second)]).unwrap_err().to_string();
    assert!(refused.contains("operations.payment_id"), "{refused}");
    let report = store.verify_audit().unwrap();
    assert_eq!((report.broken_at, report.found), (None, vec![]));
}

/// What was written before the index is found by it.
#[test]
fn a_file_of_the_seventeenth_version_tells_who_did_what() {
    let place = Place::new();
    let mut older = open_with(&place.shop, Mode::Maker, &embedded()[..17]).unwrap();
    old_order(older.conn(), &silent(1));
    commit(&mut older, []).unwrap();
    drop(older);
    let mut store = place.writer();
    commit(&mut store, [Change::OrderAdded(order(2))]).unwrap();
    assert_eq!(store.acts_of("subject").unwrap().len(), 2);
    assert_eq!(store.verify_audit().unwrap().found, []);
}

/// Version 16 let a name be given again, and names that look alike. Their people sign in as before,
/// and a name that was used is given to nobody.
#[test]
fn a_file_of_the_sixteenth_version_keeps_its_people_and_their_names_are_used_up() {
    let place = Place::new();
    let older = open_with(&place.shop, Mode::Maker, &embedded()[..16]).unwrap();
    let rows = "INSERT INTO people (id, name, role, retired, added_at, pin, version) VALUES
            (x'00000000000000000000000000000001', '林', 'owner', 0, 1, 'p', 1),
            (x'00000000000000000000000000000002', '陳', 'clerk', 0, 2, 'p', 1);
        UPDATE people SET retired = 1, version = 2 WHERE name = '陳';
        INSERT INTO people (id, name, role, retired, added_at, pin, version) VALUES
            (x'00000000000000000000000000000003', '陳', 'clerk', 0, 3, 'p', 1),
            (x'00000000000000000000000000000004', 'Amy', 'clerk', 0, 4, 'p', 1),
            (x'00000000000000000000000000000005', 'ａｍｙ', 'clerk', 0, 5, 'p', 1);
        UPDATE people SET retired = 1, version = 2 WHERE name = '陳' AND retired = 0;";
    older.conn().execute_batch(rows).unwrap();
    drop(older);
    let mut store = place.writer();
    assert_eq!(store.verify_audit().unwrap().found, []);
    // those who share a name with another row change as before
    for n in [4, 5] {
        let person = store.person(PersonId::from_bytes(bytes(n))).unwrap().unwrap();
        let limited = Person { ask_max: Some(Twd::new(5)), ..person };
        commit(&mut store, [Change::PersonChanged(limited, None)]).unwrap();
    }
    let named = |name: &str| store.person_named(name).unwrap().map(|person| person.id.as_bytes()[15]);
    let all = ["林", "陳", "Amy", "ａｍｙ", "AMY", " 林", "王"].map(named);
    assert_eq!(all, [Some(1), Some(3), Some(4), Some(5), Some(5), Some(1), None]);
    let bare = "INSERT INTO people (id, name, role, retired, added_at, pin, version)
        VALUES (zeroblob(16), '王', 'clerk', 0, 9, 'p', 1)";
    let error = store.conn().execute_batch(bare).unwrap_err().to_string();
    assert!(error.contains("has the key of the name"), "{error}");
}

#[test]
fn an_older_file_is_copied_and_brought_up() {
    let place = sold();
    let next = with_next(NEXT);
    let error = open_with(&place.shop, Mode::Reader, &next).err().unwrap();
    assert!(matches!(error, OpenError::Older { file: 24, program: 25 }), "{error}");

    let store = open_with(&place.shop, Mode::Maker, &next).unwrap();
    assert_eq!(store.order(order(20).id).unwrap(), Some(order(20)));
    store.conn().execute_batch("SELECT note FROM orders").unwrap();
    let head = store.audit_head().unwrap();
    drop(store);

    let copy = place.shop.join("counterfoil-v24-before-v25.db");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // the copy is a whole file of the version before
    let restored = Place::new();
    drop(restored.writer());
    fs::copy(&copy, restored.file()).unwrap();
    let store = restored.writer();
    assert_eq!(store.order(order(20).id).unwrap(), Some(order(20)));
    let report = store.verify_audit().unwrap();
    assert_eq!((report.rows, report.head), (head.rows, head.hash));

    // the file is brought up once; the older program refuses it from now on
    let before = fs::metadata(&copy).unwrap().modified().unwrap();
    drop(open_with(&place.shop, Mode::Maker, &next).unwrap());
    assert_eq!(fs::metadata(&copy).unwrap().modified().unwrap(), before);
    let error = SqliteStore::open(&place.shop, Mode::Maker).err().unwrap();
    assert!(matches!(error, OpenError::Newer { file: 25, program: 24 }), "{error}");
}

#[test]
fn a_failed_upgrade_changes_nothing_and_can_be_tried_again() {
    let place = sold();
    for bad in [
        "ALTER TABLE orders ADD COLUMN note TEXT; ALTER TABLE nothing ADD COLUMN note; PRAGMA user_version = 25;",
        "ALTER TABLE orders ADD COLUMN note TEXT; INSERT INTO orders (created_at, id, amount, description) VALUES (1, x'00', 1, ''); PRAGMA user_version = 25;",
    ] {
        let error = open_with(&place.shop, Mode::Maker, &with_next(bad)).err().unwrap();
        assert!(matches!(error, OpenError::Upgrade(_)), "{error}");
        let store = place.writer();
        assert_eq!(store.order(order(20).id).unwrap(), Some(order(20)));
        assert!(store.conn().execute_batch("SELECT note FROM orders").is_err());
    }
    // each try kept its own copy
    drop(open_with(&place.shop, Mode::Maker, &with_next(NEXT)).unwrap());
    for name in [
        "counterfoil-v24-before-v25.db",
        "counterfoil-v24-before-v25-2.db",
        "counterfoil-v24-before-v25-3.db",
    ] {
        let copy = Connection::open(place.shop.join(name)).unwrap();
        let orders: i64 = copy.query_row("SELECT count(*) FROM orders", [], |row| row.get(0)).unwrap();
        assert_eq!(orders, 20, "{name}");
    }
}

/// Without room for the copy there is no upgrade.
#[test]
fn without_a_copy_there_is_no_upgrade() {
    let place = sold();
    for n in 1..=100 {
        let again = if n == 1 { String::new() } else { format!("-{n}") };
        fs::write(place.shop.join(format!("counterfoil-v24-before-v25{again}.db")), "taken").unwrap();
    }
    let error = open_with(&place.shop, Mode::Maker, &with_next(NEXT)).err().unwrap();
    assert!(matches!(error, OpenError::Copy(_)), "{error}");
    drop(place.writer());
}

/// A copy is read before anything rests on it.
#[test]
fn a_copy_that_is_not_sound_is_none() {
    let place = sold();
    check_copy(&place.file(), 24).unwrap();
    assert!(matches!(check_copy(&place.file(), 25), Err(OpenError::Copy(_))));
    let good = fs::read(place.file()).unwrap();
    for page in 1..good.len() / 4096 {
        let mut bad = good.clone();
        bad[page * 4096..(page + 1) * 4096].fill(0xA5);
        fs::write(place.file(), bad).unwrap();
        assert!(matches!(check_copy(&place.file(), 22), Err(OpenError::Copy(_))), "page {page}");
    }
}
