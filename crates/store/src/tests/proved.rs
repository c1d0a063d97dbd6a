//! What a decision about a refund rests on is what the chain says, also where a hand changes it for
//! a moment only.

use counterfoil_domain::refund::Booked;
use counterfoil_domain::{
    Actor, Capture, CardState, Charge, Operation, OperationKind, OperationState, Refund, RefundState, Twd,
};
use counterfoil_engine::ports::{
    ACCEPTED, AuditLine, BookedRefund, Change, Commit, Finding, Store, StoreError, UnbookedRefund,
};

use super::refunds::{moved, refund, step};
use super::standing::tampered_here;
use super::support::*;
use crate::SqliteStore;

/// Two sales. The first one has a refund that is done, one that waits for approval, and a booking.
fn refunded() -> (Place, SqliteStore) {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, sale(1)).unwrap();
    commit(&mut store, sale(2)).unwrap();
    let done = refund(5, 30);
    let token = step(61, &done, OperationKind::CardRefund, OperationState::Planned);
    let end = Change::OperationChanged(Operation { state: OperationState::Abandoned, ..operation(1) });
    commit(&mut store, [end, Change::RefundAdded(done.clone()), Change::OperationAdded(token)]).unwrap();
    moved(&mut store, done.id, &[RefundState::Withdrawn]);
    let booked = BookedRefund {
        payment: payment(1).id,
        xid: String::new(),
        booked: Booked { refund_no: None, amount: Twd::new(1), at: at(6) },
        who: refund(5, 1).requester,
        reason: "後台".to_owned(),
    };
    let taken_back = UnbookedRefund {
        payment: booked.payment,
        xid: String::new(),
        booked_at: at(6),
        at: at(7),
        who: booked.who,
        reason: "誤登".to_owned(),
    };
    let booked_again =
        BookedRefund { booked: Booked { at: at(8), ..booked.booked.clone() }, ..booked.clone() };
    let more = [
        Change::RefundBooked(booked),
        Change::RefundUnbooked(taken_back),
        Change::RefundBooked(booked_again),
        Change::RefundAdded(refund(7, 20)),
        Change::CaptureAdded(Capture {
            payment: payment(1).id,
            xid: "X1".to_owned(),
            batch_id: "5".to_owned(),
            batch_seq: "1".to_owned(),
            at: at(6),
        }),
        Change::ChargeAdded(Charge {
            payment: payment(1).id,
            xid: "X2".to_owned(),
            amount: Twd::new(180),
            at: at(6),
        }),
        changed(&store, 1, |p| p.card = Some(CardState::CaptureQueued)),
    ];
    commit(&mut store, more).unwrap();
    (place, store)
}

fn proves(store: &mut SqliteStore) -> bool {
    match store.hold(payment(1).id) {
        Ok(()) => {
            store.let_go();
            true
        }
        Err(StoreError::Unproved) => false,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_row_that_a_hand_changes_for_a_moment_decides_nothing() {
    for sql in [
        "UPDATE refunds SET requester = 'engine' WHERE amount = 20",
        "UPDATE refunds SET amount = 21 WHERE amount = 20",
        "UPDATE refunds SET state = 'declined' WHERE amount = 30",
        "UPDATE refunds SET approver = requester, state = 'approved' WHERE amount = 20",
        "UPDATE refunds SET payment_id = (SELECT max(id) FROM payments) WHERE amount = 30",
        "DELETE FROM refunds WHERE amount = 30",
        "UPDATE refunds SET requested_at = requested_at - 600000",
        "DELETE FROM refunds_booked",
        "UPDATE payments SET amount = amount + 1 WHERE id = (SELECT min(id) FROM payments)",
        "DELETE FROM operations WHERE refund_id IS NOT NULL",
        "UPDATE operations SET state = 'abandoned' WHERE refund_id IS NOT NULL",
        "UPDATE cards SET state = 'refunded'",
        "DELETE FROM cards",
        "UPDATE captures SET batch_seq = '2'",
        "DELETE FROM captures",
        "UPDATE charges SET amount = amount - 1",
        "DELETE FROM charges",
        "UPDATE refunds_unbooked SET booked_at = booked_at + 1",
        "DELETE FROM refunds_unbooked",
        "UPDATE refunds_booked SET amount = amount + 1",
        "DELETE FROM payments WHERE id = (SELECT max(id) FROM payments)",
        "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)",
    ] {
        let (place, mut store) = refunded();
        assert!(proves(&mut store), "{sql}");
        tampered_here(&place, sql);
        assert!(!proves(&mut store), "while the file is open: {sql}");
        drop(store);
        assert!(!proves(&mut place.writer()), "and to a program that starts: {sql}");
    }
    let (place, mut store) = refunded();
    tampered_here(&place, "UPDATE audit SET detail = 'x' WHERE seq = 2");
    assert!(!proves(&mut store), "a chain that does not hold proves nothing");
}

#[test]
fn a_row_that_was_put_back_decides_again() {
    let (place, mut store) = refunded();
    tampered_here(&place, "UPDATE refunds SET requester = 'engine' WHERE amount = 20");
    assert!(!proves(&mut store));
    tampered_here(&place, "UPDATE refunds SET requester = 'owner' WHERE amount = 20");
    assert!(proves(&mut store));
}

/// What a program has written over such a row proves it no more than before.
#[test]
fn a_row_made_out_of_one_that_was_changed_is_not_proved() {
    let (place, mut store) = refunded();
    tampered_here(&place, "UPDATE refunds SET requester = 'engine' WHERE amount = 20");
    moved(&mut store, refund(7, 20).id, &[RefundState::Withdrawn]);
    assert!(!proves(&mut store));
    drop(store);
    let mut store = place.writer();
    assert!(!proves(&mut store));
    // a sale does not suffer
    commit(&mut store, sale(3)).unwrap();
}

/// Nor when the hand makes up for the row that the chain has too many.
#[test]
fn a_row_of_another_sale_makes_up_for_none_that_was_changed() {
    let (place, mut store) = refunded();
    tampered_here(&place, "UPDATE cards SET tail = '1111'");
    let over = changed(&store, 1, |p| p.card = Some(CardState::CaptureLocked));
    commit(&mut store, [over]).unwrap();
    tampered_here(&place, "INSERT INTO cards (payment_id, state) SELECT max(id), 'captured' FROM payments");
    assert!(!proves(&mut store));
    drop(store);
    assert!(!proves(&mut place.writer()));
}

/// From the reading to the commit nobody else writes; without a commit nothing stays.
#[test]
fn a_decision_holds_the_file_until_it_is_committed_or_dropped() {
    let (place, mut store) = refunded();
    let other = place.raw();
    other.busy_timeout(std::time::Duration::ZERO).unwrap();
    let hand = "BEGIN IMMEDIATE; ROLLBACK";
    store.hold(payment(1).id).unwrap();
    assert!(other.execute_batch(hand).is_err());
    assert_eq!(store.people().unwrap(), []);
    let row = store.refund(refund(7, 20).id).unwrap().unwrap();
    assert!(store.shop().unwrap().is_none());
    commit(&mut store, [Change::RefundChanged(Refund { state: RefundState::Withdrawn, ..row })]).unwrap();
    other.execute_batch(hand).unwrap();
    assert!(proves(&mut store));
    store.hold(payment(1).id).unwrap();
    let stale = Change::RefundChanged(refund(7, 20));
    assert!(matches!(commit(&mut store, [stale]), Err(StoreError::Conflict)));
    store.let_go();
    other.execute_batch(hand).unwrap();
    assert_eq!(store.refund(refund(7, 20).id).unwrap().unwrap().state, RefundState::Withdrawn);
}

/// What was decided since a file was copied is not in it. So it decides nothing when it is put
/// back, until an owner has accepted just that.
#[test]
fn a_file_that_was_put_back_decides_nothing_until_it_is_accepted() {
    let (place, store) = refunded();
    drop(store);
    let backup = place.copy();
    let mut newest = place.writer();
    commit(&mut newest, sale(3)).unwrap();
    let head = newest.audit_head().unwrap();
    let line = |audit| Commit { audit, guards: Vec::new(), changes: Vec::new() };
    let put_back = |store: &mut SqliteStore| matches!(store.hold(payment(1).id), Err(StoreError::PutBack));
    let mut store = backup.writer();
    assert!(proves(&mut store));
    store.commit(line(head.line(at(9)))).unwrap();
    assert!(put_back(&mut store));
    commit(&mut store, sale(4)).unwrap();
    let accepts = |detail: String| {
        let (what, subject) = (ACCEPTED.to_owned(), "shop".to_owned());
        line(AuditLine { at: at(10), who: Actor::Owner, what, subject, detail })
    };
    store.commit(accepts("key 1".to_owned())).unwrap();
    assert!(put_back(&mut store), "something else was accepted");
    drop(store);
    let mut store = backup.writer();
    assert!(put_back(&mut store));
    store.commit(accepts(Finding::Cut(head).acceptable().unwrap())).unwrap();
    assert!(proves(&mut store));
    drop(store);
    assert!(proves(&mut backup.writer()));
}

/// Until another thread has walked the chain nothing is decided, and everything else goes on. Then
/// a decision goes on from there.
#[test]
fn a_decision_waits_for_the_thread_that_walks_ahead() {
    let (place, store) = refunded();
    drop(store);
    let mut store = place.writer();
    let walk = store.walk_ahead().unwrap();
    assert!(matches!(store.hold(payment(1).id), Err(StoreError::Unread)));
    commit(&mut store, sale(3)).unwrap();
    walk();
    commit(&mut store, sale(4)).unwrap();
    assert!(proves(&mut store));
    assert!(store.walk_ahead().is_none(), "once");
    drop(store);
    // a thread that never began holds nobody up
    let mut store = place.writer();
    drop(store.walk_ahead().unwrap());
    assert!(proves(&mut store));
    drop(store);
    for (sql, back) in [
        (
            "UPDATE refunds SET amount = 21 WHERE amount = 20",
            "UPDATE refunds SET amount = 20 WHERE amount = 21",
        ),
        ("UPDATE audit SET detail = 'x' WHERE seq = 2", "UPDATE audit SET detail = '' WHERE seq = 2"),
    ] {
        tampered_here(&place, sql);
        let mut store = place.writer();
        store.walk_ahead().unwrap()();
        assert!(!proves(&mut store), "{sql}");
        drop(store);
        tampered_here(&place, back);
    }
}
