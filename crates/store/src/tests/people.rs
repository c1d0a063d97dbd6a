//! What a person decides: closings of discrepancies, refunds, and decisions that rest on rows they
//! do not change.

use counterfoil_domain::{Discrepancy, OperationState, RefundState, View};
use counterfoil_engine::ports::{Change, Commit, Guard, Jot, Page, Store, StoreError};

use super::support::*;
use crate::SqliteStore;

fn waiting(store: &SqliteStore) -> usize {
    store.orders_in(View::NeedsMe, at(0), Page { limit: 9, ..Page::default() }).unwrap().len()
}

fn rows(store: &SqliteStore, table: &str) -> i64 {
    store.conn().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

/// Closed, it no longer waits. Still shown, it is the same one; gone and shown again, a new one.
#[test]
fn a_closed_discrepancy_comes_back_only_after_it_was_gone() {
    let (_place, mut store) = two_sales();
    let ours = Some(payment(1).id);
    let (first, second) = (discrepancy(1, ours, "ours 1, bank 2"), discrepancy(2, ours, "ours 1, bank 3"));
    commit(&mut store, [first.clone(), second.clone()].map(Change::DiscrepancyAdded)).unwrap();
    assert_eq!((waiting(&store), store.discrepancies(9).unwrap().len()), (1, 2));
    commit(&mut store, [Change::DiscrepancyClosed(closing(first.id, "the bank confirms 1"))]).unwrap();
    assert_eq!(store.discrepancies_of(payment(1).id).unwrap(), std::slice::from_ref(&second));
    assert_eq!(store.discrepancies_closed(payment(1).id).unwrap(), std::slice::from_ref(&first));
    commit(&mut store, [Change::DiscrepancyClosed(closing(second.id, "the bank confirms 1"))]).unwrap();
    assert_eq!((waiting(&store), store.discrepancies(9).unwrap()), (0, vec![]));

    let again =
        |n| Change::DiscrepancyAdded(Discrepancy { id: discrepancy(n, None, "").id, ..first.clone() });
    commit(&mut store, [again(3)]).unwrap();
    assert_eq!(store.discrepancies_of(payment(1).id).unwrap(), [], "shown still");
    store.jot(&[Jot::Gone(first.id), Jot::Gone(first.id)]).unwrap();
    assert_eq!(store.discrepancies_closed(payment(1).id).unwrap(), [second]);
    commit(&mut store, [again(4)]).unwrap();
    commit(&mut store, [again(5)]).unwrap();
    let open = store.discrepancies_of(payment(1).id).unwrap();
    assert_eq!(open.iter().map(|d| d.id).collect::<Vec<_>>(), [discrepancy(4, None, "").id]);

    let ever = store.discrepancies_ever(9).unwrap();
    assert_eq!(ever.iter().map(|(_, closing)| closing.is_some()).collect::<Vec<_>>(), [false, true, true]);
    let (_, closed) = store.discrepancy(first.id).unwrap().unwrap();
    assert_eq!(closed, Some(closing(first.id, "the bank confirms 1")));
    assert_eq!(store.discrepancy(discrepancy(9, None, "").id).unwrap(), None);
}

#[test]
fn a_discrepancy_is_closed_once_with_a_reason_and_never_opened_by_hand() {
    let (_place, mut store) = two_sales();
    let found = discrepancy(1, None, "d");
    commit(&mut store, [Change::DiscrepancyAdded(found.clone())]).unwrap();
    refused(&mut store, Change::DiscrepancyClosed(closing(found.id, "")), "CHECK constraint failed");
    refused(&mut store, Change::DiscrepancyClosed(closing(discrepancy(7, None, "").id, "r")), "FOREIGN KEY");
    let by_hand = |store: &SqliteStore, sql: &str| store.conn().execute_batch(sql).unwrap_err().to_string();
    assert!(by_hand(&store, "UPDATE discrepancies SET closed = 1").contains("only added"));
    let close = || [Change::DiscrepancyClosed(closing(found.id, "r"))];
    commit(&mut store, close()).unwrap();
    assert!(matches!(commit(&mut store, close()), Err(StoreError::Conflict)));
    for sql in [
        "UPDATE discrepancies SET closed = 0",
        "UPDATE discrepancies SET detail = 'e'",
        "UPDATE discrepancy_closings SET reason = 's'",
        "DELETE FROM discrepancy_closings",
    ] {
        assert!(by_hand(&store, sql).contains("only added"), "{sql}");
    }
}

/// A commit names what it rests on, and is refused when that has changed since it was read.
#[test]
fn of_two_decisions_about_one_order_one_is_committed() {
    let (_place, mut store) = two_sales();
    let news = |guard| Commit { guards: vec![guard], ..commit_of([Change::NewsAdded(payment(1).id)]) };
    let by_order = Guard::Order(order(1).id, 1);
    store.commit(news(by_order)).unwrap();
    assert_eq!(store.order(order(1).id).unwrap().unwrap().version, 2);
    let before = store.verify_audit().unwrap();
    let stale = [
        by_order,
        Guard::Order(order(9).id, 1),
        Guard::Payment(payment(1).id, 2),
        Guard::Payment(payment(9).id, 1),
    ];
    for guard in stale {
        assert!(matches!(store.commit(news(guard)), Err(StoreError::Conflict)), "{guard:?}");
    }
    assert_eq!(store.verify_audit().unwrap(), before);
    let fits = [Guard::Order(order(1).id, 2), Guard::Payment(payment(1).id, 1), Guard::Day(at(1).day())];
    for guard in fits {
        store.commit(news(guard)).unwrap();
    }
    store
        .conn()
        .execute("INSERT INTO days (day, closed_at) VALUES (?1, 5)", [at(1).day().to_epoch_days()])
        .unwrap();
    assert!(matches!(store.commit(news(Guard::Day(at(1).day()))), Err(StoreError::Conflict)));
    assert!(store.conn().execute_batch("DELETE FROM days").is_err());
    let entry = counterfoil_domain::Entry::paid(payment(1).id, at(1), payment(1).rail, payment(1).amount);
    refused(&mut store, Change::EntryAdded(entry.unwrap()), "a closed day takes no entry");
}

/// Claim, counter, run, and the claim of the last answer.
type Claim = (Option<[u8; 16]>, Option<i64>, Option<i64>, Option<[u8; 16]>);

/// Each attempt is claimed by the run that sends it, and its answer names the claim.
#[test]
fn each_attempt_has_a_claim_of_its_own_and_the_run_that_made_it() {
    let (place, mut store) = two_sales();
    let claim = |store: &SqliteStore| {
        let sql = "SELECT o.claim, o.claimed_by, o.incarnation, a.claim FROM operations o
            LEFT JOIN answers a ON a.operation_id = o.id AND a.attempt = o.attempts WHERE o.id = ?1";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        store.conn().query_row(sql, [operation(1).id.as_bytes()], read).unwrap()
    };
    let none: Claim = claim(&store);
    assert_eq!(none, (None, None, None, None));
    let attempt = |store: &mut SqliteStore, n| {
        let mut op = store.operation(operation(1).id).unwrap().unwrap();
        (op.state, op.attempts) = (OperationState::Sending, n);
        commit(store, [Change::OperationChanged(op)]).unwrap();
        let answer = counterfoil_engine::ports::AnswerRecord { attempt: n, ..answer(1) };
        let gone = moved(store, 1, OperationState::NotSent);
        commit(store, [Change::AnswerAdded(answer), gone]).unwrap();
    };
    attempt(&mut store, 1);
    let first: Claim = claim(&store);
    assert!(first.0.is_some() && first.0 == first.3, "{first:?}");
    assert_eq!((first.1, first.2), (Some(1), Some(1)));
    drop(store);
    // a run that only looks is none
    drop(place.writer());
    let mut store = place.writer();
    attempt(&mut store, 2);
    let second: Claim = claim(&store);
    assert_ne!(second.0, first.0);
    assert_eq!((second.0, second.2), (second.3, Some(2)));
}

#[test]
fn a_file_has_an_id_of_its_own_that_copies_keep() {
    let id = |store: &SqliteStore| -> [u8; 16] {
        store.conn().query_row("SELECT id FROM file", [], |row| row.get(0)).unwrap()
    };
    let (place, store) = two_sales();
    let other = Place::new();
    assert_ne!(id(&store), id(&other.writer()));
    let own = id(&store);
    assert!(store.conn().execute_batch("UPDATE file SET id = zeroblob(16)").is_err());
    assert!(store.conn().execute_batch("DELETE FROM file").is_err());
    drop(store);
    let copy = place.copy();
    assert_eq!(id(&copy.writer()), own);
}

/// The room for refunds: the table keeps what the planner promises.
#[test]
fn refunds_never_exceed_their_payment_and_one_is_open_for_each_transaction() {
    let (_place, mut store) = two_sales();
    let steps: Vec<(String, String)> = {
        let mut statement = store.conn().prepare("SELECT was, becomes FROM refund_steps").unwrap();
        let steps = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        steps.collect::<Result<_, _>>().unwrap()
    };
    for was in RefundState::ALL {
        for becomes in RefundState::ALL {
            let listed = steps.contains(&(was.name().to_owned(), becomes.name().to_owned()));
            assert_eq!(listed, was.may_become(becomes), "{} to {}", was.name(), becomes.name());
        }
    }
    let add = |store: &SqliteStore, n: u32, xid: &str, amount: i64| {
        let sql = "INSERT INTO refunds (payment_id, requested_at, id, xid, amount, reason, requester, state, version)
            VALUES (?1, ?2, ?3, ?4, ?5, 'r', 'owner', 'requested', 1)";
        let row = rusqlite::params![bytes(1), n, bytes(n), xid, amount];
        store.conn().execute(sql, row).map_err(|error| error.to_string())
    };
    let step = |store: &SqliteStore, n: u32, to: &str| {
        let sql = "UPDATE refunds SET state = ?2, why = CASE ?2 WHEN 'done' THEN 'chosen' END, version = version + 1
            WHERE id = ?1";
        store.conn().execute(sql, rusqlite::params![bytes(n), to]).map_err(|error| error.to_string())
    };
    assert!(add(&store, 1, "", 181).unwrap_err().contains("never exceed"));
    add(&store, 1, "", 100).unwrap();
    assert!(add(&store, 2, "", 1).unwrap_err().contains("UNIQUE"));
    add(&store, 3, "X2", 180).unwrap();
    assert!(step(&store, 1, "done").unwrap_err().contains("no such step"));
    for to in ["approved", "working", "done"] {
        step(&store, 1, to).unwrap();
    }
    assert!(add(&store, 4, "", 81).unwrap_err().contains("never exceed"));
    add(&store, 4, "", 80).unwrap();
    step(&store, 4, "withdrawn").unwrap();
    add(&store, 5, "", 80).unwrap();
    for sql in [
        "UPDATE refunds SET amount = 1, version = version + 1",
        "UPDATE refunds SET requester = 'x', version = version + 1",
        "UPDATE refunds SET why = 'x'",
        "DELETE FROM refunds",
    ] {
        assert!(store.conn().execute_batch(sql).is_err(), "{sql}");
    }
    assert_eq!(rows(&store, "refunds"), 4);
    commit(&mut store, sale(3)).unwrap();
}
