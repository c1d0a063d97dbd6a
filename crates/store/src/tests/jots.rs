//! What is remembered beside the books.

use counterfoil_domain::{Bank, PaymentId};
use counterfoil_engine::ports::{Change, Jot, KeptClock, Silence, Store, StoreError};

use super::record::{found as named, tampered};
use super::support::*;
use crate::{Mode, SqliteStore};

fn clock(n: u32) -> KeptClock {
    KeptClock { offset_ms: -i64::from(n), bank_now: at(n), behind_ms: i64::from(n), moved_at: Some(at(n)) }
}

fn asked(store: &SqliteStore, n: u32) -> Option<counterfoil_domain::Moment> {
    store.payment(payment(n).id).unwrap().unwrap().asked_at
}

#[test]
fn a_jot_is_kept_without_an_audit_row_and_the_last_one_counts() {
    let (place, mut store) = two_sales();
    let before = store.verify_audit().unwrap();
    assert_eq!((asked(&store, 1), store.kept_clock(Bank::Ctbc).unwrap()), (None, None));
    store.jot(&[Jot::Asked(payment(1).id, at(5)), Jot::Clock(Bank::Ctbc, clock(5))]).unwrap();
    store.jot(&[Jot::Asked(payment(1).id, at(7)), Jot::Clock(Bank::Ctbc, clock(4))]).unwrap();
    store.jot(&[Jot::Clock(Bank::Sinopac, clock(9))]).unwrap();
    let refusal = Silence { since: at(3), code: "E0102".into() };
    store.jot(&[Jot::Refused(Bank::Sinopac, Some(refusal.clone()))]).unwrap();
    store.jot(&[Jot::Refused(Bank::Ctbc, Some(refusal.clone())), Jot::Refused(Bank::Ctbc, None)]).unwrap();
    store.jot(&[Jot::Doubted(Bank::Sinopac, Some(-8)), Jot::Doubted(Bank::Ctbc, Some(1))]).unwrap();
    store.jot(&[Jot::Doubted(Bank::Sinopac, Some(-9)), Jot::Doubted(Bank::Ctbc, None)]).unwrap();
    drop(store);
    let store = place.writer();
    assert_eq!((asked(&store, 1), asked(&store, 2)), (Some(at(7)), None));
    assert_eq!(store.kept_clock(Bank::Ctbc).unwrap(), Some(clock(4)));
    assert_eq!(store.kept_clock(Bank::Sinopac).unwrap(), Some(clock(9)));
    assert_eq!(store.kept_refusal(Bank::Sinopac).unwrap(), Some(refusal));
    assert_eq!(store.kept_refusal(Bank::Ctbc).unwrap(), None);
    assert_eq!(Bank::ALL.map(|bank| store.kept_doubt(bank).unwrap()), [Some(-9), None]);
    assert_eq!(store.verify_audit().unwrap(), before);
}

/// The row of a payment never writes when it was asked about, and a jot is no new version of it.
#[test]
fn a_change_of_a_payment_leaves_its_jot_alone() {
    let (_place, mut store) = two_sales();
    let stale = changed(&store, 1, |p| p.shown = true);
    store.jot(&[Jot::Asked(payment(1).id, at(5))]).unwrap();
    commit(&mut store, [stale]).unwrap();
    assert_eq!(asked(&store, 1), Some(at(5)));
    let other = changed(&store, 1, |p| p.asked_at = Some(at(99)));
    commit(&mut store, [other]).unwrap();
    assert_eq!(asked(&store, 1), Some(at(5)));
    let new = counterfoil_domain::Payment { asked_at: Some(at(1)), ..payment(3) };
    commit(&mut store, [Change::OrderAdded(order(3)), Change::PaymentAdded(new)]).unwrap();
    assert_eq!(asked(&store, 3), None);
}

#[test]
fn jots_are_written_together_or_not_at_all() {
    let (_place, mut store) = two_sales();
    let nowhere = Jot::Asked(PaymentId::from_bytes(bytes(9)), at(5));
    let error = store.jot(&[Jot::Asked(payment(1).id, at(5)), nowhere]).unwrap_err();
    assert!(matches!(error, StoreError::Refused(_)), "{error}");
    assert_eq!(asked(&store, 1), None);
    // which is not the disk's fault
    store.jot(&[Jot::Asked(payment(1).id, at(5))]).unwrap();
    assert_eq!(asked(&store, 1), Some(at(5)));
}

#[test]
fn a_reader_jots_nothing() {
    let (place, store) = two_sales();
    let mut reader = SqliteStore::open(&place.shop, Mode::Reader).unwrap();
    let error = reader.jot(&[Jot::Clock(Bank::Ctbc, clock(1))]).unwrap_err();
    assert!(matches!(error, StoreError::Refused(_)), "{error}");
    assert_eq!(store.kept_clock(Bank::Ctbc).unwrap(), None);
}

/// No money rests on these rows, and no audit row names them. Each bears its own mark.
#[test]
fn what_is_remembered_is_named_when_a_hand_changes_it() {
    let (place, mut store) = two_sales();
    let odd = discrepancy(1, Some(payment(1).id), "odd");
    let closing = closing(odd.id, "settled");
    commit(&mut store, [Change::DiscrepancyAdded(odd.clone()), Change::DiscrepancyClosed(closing)]).unwrap();
    let refusal = Silence { since: at(3), code: "E0102".into() };
    let kept = [
        Jot::Asked(payment(1).id, at(5)),
        Jot::Clock(Bank::Ctbc, clock(5)),
        Jot::Doubted(Bank::Ctbc, Some(8)),
        Jot::Refused(Bank::Sinopac, Some(refusal)),
        Jot::Gone(odd.id),
    ];
    store.jot(&kept).unwrap();
    store.jot(&[Jot::Asked(payment(1).id, at(7))]).unwrap();
    drop(store);
    assert_eq!(named(&place), [""; 0]);
    let number = odd.id.to_string();
    for (sql, row) in [
        ("UPDATE asked SET at = at + 1", format!("asked {}", payment(1).id)),
        ("UPDATE clocks SET behind_ms = 0", "clocks ctbc".to_owned()),
        ("UPDATE clocks SET moved_at = NULL", "clocks ctbc".to_owned()),
        ("UPDATE clock_doubts SET off_ms = 0", "clock_doubts ctbc".to_owned()),
        ("UPDATE refusals SET code = 'E9'", "refusals sinopac".to_owned()),
        ("UPDATE discrepancies_gone SET mark = NULL", format!("discrepancies_gone {number}")),
        ("UPDATE counters SET incarnation = 0", "counters 1".to_owned()),
        ("UPDATE erasures SET unfinished = 1", "erasures 1".to_owned()),
    ] {
        assert_eq!(
            named(&tampered(&place, sql)),
            [format!("{row}: changed or put in by another hand")],
            "{sql}"
        );
    }
}

/// Nothing could be committed without its row, and an erasure would be forgotten.
#[test]
fn a_row_that_a_table_cannot_miss_is_named_and_made_anew_at_the_next_start() {
    let (place, mut store) = two_sales();
    let sending = moved(&store, 1, counterfoil_domain::OperationState::Sending);
    commit(&mut store, [sending]).unwrap();
    drop(store);
    let place = tampered(&place, "DELETE FROM counters; DELETE FROM erasures");
    let gone =
        |table| format!("{table}: its only row is gone, and the next start of the program makes it anew");
    assert_eq!(named(&place), [gone("counters"), gone("erasures")]);
    let mut store = place.writer();
    commit(&mut store, sale(3)).unwrap();
    assert!(!store.is_erasure_unfinished().unwrap(), "emptied");
    let run = "SELECT incarnation FROM counters";
    assert_eq!(store.conn().query_row(run, [], |row| row.get::<_, i64>(0)).unwrap(), 2, "counted on");
    assert_eq!(named(&place), [""; 0]);
}

/// A clock or a refusal that a hand has written moves no time and slows no bank down.
#[test]
fn what_a_hand_has_written_is_not_remembered() {
    let (place, mut store) = two_sales();
    let refusal = Silence { since: at(3), code: "E0102".into() };
    store.jot(&[Jot::Clock(Bank::Ctbc, clock(5)), Jot::Refused(Bank::Sinopac, Some(refusal))]).unwrap();
    store.jot(&[Jot::Doubted(Bank::Ctbc, Some(8))]).unwrap();
    let kept = |store: &SqliteStore| {
        let (clock, refusal) = (store.kept_clock(Bank::Ctbc), store.kept_refusal(Bank::Sinopac));
        let doubt = store.kept_doubt(Bank::Ctbc);
        (clock.unwrap().is_some(), refusal.unwrap().is_some(), doubt.unwrap().is_some())
    };
    assert_eq!(kept(&store), (true, true, true));
    let [there, back] = ["+", "-"].map(|sign| {
        format!(
            "UPDATE clocks SET offset_ms = offset_ms {sign} 9; UPDATE refusals SET since = since {sign} 9;
            UPDATE clock_doubts SET off_ms = off_ms {sign} 9"
        )
    });
    place.raw().execute_batch(&there).unwrap();
    assert_eq!(kept(&store), (false, false, false));
    drop(store);
    let store = place.writer();
    assert_eq!(kept(&store), (false, false, false), "and a start seals it not");
    place.raw().execute_batch(&back).unwrap();
    assert_eq!(kept(&store), (true, true, true));
}
