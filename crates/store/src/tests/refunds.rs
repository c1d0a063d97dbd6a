//! Refunds and the operations of their steps.

use counterfoil_domain::refund::{Booked, ByHandWhy, Confirmed, Course, RefundWhy, WaitWhy, Wish, Word};
use counterfoil_domain::{
    Actor, BankAnswer, Charge, Customer, CustomerId, Moment, Mono, Operation, OperationKind, OperationState,
    Order, Refund, RefundId, RefundReason, RefundState, Twd, View,
};
use counterfoil_engine::ports::{AnswerRecord, BookedRefund, Change, Page, Store, StoreError};
use rusqlite::params;

use super::support::*;
use super::upgrades::{old_orders, old_payment};
use crate::migrate::embedded;
use crate::open::open_with;
use crate::{Mode, SqliteStore};

pub(super) fn refund(n: u32, dollars: i64) -> Refund {
    Refund {
        id: RefundId::from_bytes(bytes(n)),
        payment: payment(1).id,
        xid: String::new(),
        amount: Twd::new(dollars),
        reason: RefundReason::Other,
        note: Some("包裝破損".to_owned()),
        requester: Actor::Owner,
        approver: None,
        alone: true,
        asked_mono: Some(Mono::from_millis(7)),
        state: RefundState::Requested,
        until: None,
        why: None,
        told: None,
        ran: None,
        word: None,
        wish: None,
        requested_at: at(n),
        since: Some(at(n)),
        version: 1,
    }
}

fn sold() -> (Place, SqliteStore) {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, sale(1)).unwrap();
    (place, store)
}

/// Moves the refund along these states.
pub(super) fn moved(store: &mut SqliteStore, id: RefundId, states: &[RefundState]) {
    for state in states {
        let row = store.refund(id).unwrap().unwrap();
        commit(store, [Change::RefundChanged(Refund { state: *state, ..row })]).unwrap();
    }
}

pub(super) fn step(n: u32, refund: &Refund, kind: OperationKind, state: OperationState) -> Operation {
    let (refund, amount) = (Some(refund.id), Some(refund.amount));
    Operation { payment: payment(1).id, kind, state, refund, step: Some(1), amount, ..operation(n) }
}

fn refused(result: Result<(), StoreError>) -> String {
    match result {
        Err(StoreError::Refused(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_refund_and_its_steps_are_read_as_they_were_written() {
    let (_place, mut store) = sold();
    let asked = Refund { told: Course::parse("cancel"), ..refund(5, 80) };
    commit(&mut store, [Change::RefundAdded(asked.clone())]).unwrap();
    assert_eq!(store.refund(asked.id).unwrap(), Some(asked.clone()));
    let approved = Refund { approver: Some(Actor::Owner), state: RefundState::Approved, ..asked.clone() };
    commit(&mut store, [Change::RefundChanged(approved.clone())]).unwrap();
    let waits = Refund {
        state: RefundState::Waiting,
        until: Some(at(9)),
        why: Some(RefundWhy::Wait(WaitWhy::Batch)),
        ran: Course::parse("refund 2026-11-24"),
        version: 2,
        ..approved
    };
    commit(&mut store, [Change::RefundChanged(waits.clone())]).unwrap();
    let kept = Refund { version: 3, ..waits };
    let all = [store.refunds_of(payment(1).id), store.open_refunds(), store.refunds(9)];
    assert_eq!(all.map(Result::unwrap), [vec![kept.clone()], vec![kept.clone()], vec![kept.clone()]]);
    // what the bank confirmed to a person
    let text = "中信 林小姐 11/24".to_owned();
    let word = Some(Word { confirmed: Confirmed::NotDone, text, who: Actor::Owner });
    commit(&mut store, [Change::RefundChanged(Refund { word: word.clone(), ..kept.clone() })]).unwrap();
    let kept = store.refund(asked.id).unwrap().unwrap();
    assert_eq!((kept.word.clone(), kept.version), (word, 4));
    let empty = Some(Word { text: String::new(), ..kept.word.clone().unwrap() });
    assert!(commit(&mut store, [Change::RefundChanged(Refund { word: empty, ..kept.clone() })]).is_err());
    // a version that was read before is a conflict; another amount is refused
    assert!(matches!(commit(&mut store, [Change::RefundChanged(asked)]), Err(StoreError::Conflict)));
    let other = Refund { amount: Twd::new(81), ..kept.clone() };
    assert!(refused(commit(&mut store, [Change::RefundChanged(other)])).contains("never change"));

    let end = Change::OperationChanged(Operation { state: OperationState::Abandoned, ..operation(1) });
    commit(&mut store, [end]).unwrap();
    let op = step(7, &kept, OperationKind::Refund, OperationState::Planned);
    commit(&mut store, [Change::OperationAdded(op.clone())]).unwrap();
    assert_eq!(store.operation(op.id).unwrap(), Some(op.clone()));
    let answer = AnswerRecord {
        operation: op.id,
        attempt: 1,
        at: at(9),
        meaning: BankAnswer::NotNow,
        code: "3/71".to_owned(),
        transcript: String::new(),
    };
    commit(&mut store, [Change::AnswerAdded(answer.clone())]).unwrap();
    assert_eq!(store.answers_of(op.id).unwrap(), [answer]);
    // its money never changes
    let more = Operation { amount: Some(Twd::new(81)), state: OperationState::Sending, ..op };
    assert!(refused(commit(&mut store, [Change::OperationChanged(more)])).contains("never change"));
}

/// What a person has booked counts as given back.
#[test]
fn refunds_and_what_was_booked_never_exceed_the_payment() {
    let (_place, mut store) = sold();
    let booked = BookedRefund {
        payment: payment(1).id,
        xid: String::new(),
        booked: Booked { refund_no: Some("R1".to_owned()), amount: Twd::new(100), at: at(3) },
        who: Actor::Owner,
        reason: "made in the back office".to_owned(),
    };
    commit(&mut store, [Change::RefundBooked(booked.clone())]).unwrap();
    assert_eq!(store.refunds_booked(payment(1).id).unwrap(), [booked]);
    let above = Change::RefundAdded(refund(5, 81));
    assert!(refused(commit(&mut store, [above])).contains("never exceed"));
    commit(&mut store, [Change::RefundAdded(refund(5, 80))]).unwrap();
    for sql in ["UPDATE refunds_booked SET amount = 1", "DELETE FROM refunds_booked"] {
        assert!(store.conn().execute_batch(sql).is_err(), "{sql}");
    }
}

#[test]
fn a_refund_is_done_by_a_step_that_the_bank_took_or_by_hand() {
    use OperationState as O;
    use RefundState as S;
    let (_place, mut store) = sold();
    let end = Change::OperationChanged(Operation { state: O::Abandoned, ..operation(1) });
    let asked = refund(5, 80);
    commit(&mut store, [end, Change::RefundAdded(asked.clone())]).unwrap();
    moved(&mut store, asked.id, &[S::Approved, S::Working]);
    let row = store.refund(asked.id).unwrap().unwrap();
    let done = || Change::RefundChanged(Refund { state: S::Done, ..row.clone() });
    assert!(refused(commit(&mut store, [done()])).contains("a step that the bank took"));
    let op = step(7, &row, OperationKind::CardRefund, O::Planned);
    commit(&mut store, [Change::OperationAdded(op.clone())]).unwrap();
    for (version, state) in [(1, O::Sending), (2, O::Accepted)] {
        commit(&mut store, [Change::OperationChanged(Operation { state, version, ..op.clone() })]).unwrap();
    }
    commit(&mut store, [done()]).unwrap();

    let second = Refund { requested_at: at(6), ..refund(6, 80) };
    commit(&mut store, [Change::RefundAdded(second.clone())]).unwrap();
    moved(&mut store, second.id, &[S::Approved, S::NeedsPerson]);
    let row = store.refund(second.id).unwrap().unwrap();
    let why = Some(RefundWhy::ByHand(ByHandWhy::Chosen));
    commit(&mut store, [Change::RefundChanged(Refund { state: S::Done, why, ..row })]).unwrap();

    // by the bank's word
    let third = Refund { requested_at: at(7), xid: "X3".to_owned(), ..refund(7, 20) };
    commit(&mut store, [Change::RefundAdded(third.clone())]).unwrap();
    moved(&mut store, third.id, &[S::Approved, S::NeedsPerson]);
    let row = store.refund(third.id).unwrap().unwrap();
    let said = |confirmed| Word { confirmed, text: "CR-7".to_owned(), who: Actor::Owner };
    let done = |confirmed| {
        Change::RefundChanged(Refund {
            state: S::Done,
            why: None,
            word: Some(said(confirmed)),
            ..row.clone()
        })
    };
    assert!(refused(commit(&mut store, [done(Confirmed::NotDone)])).contains("a step that the bank took"));
    commit(&mut store, [done(Confirmed::Done)]).unwrap();
}

/// Who wants it back, and since when, survives the program.
#[test]
fn a_wish_to_have_a_refund_back_is_read_back() {
    let (_place, mut store) = sold();
    let asked = refund(5, 80);
    commit(&mut store, [Change::RefundAdded(asked.clone())]).unwrap();
    let wish = Some(Wish { who: Actor::Owner, at: at(9) });
    commit(&mut store, [Change::RefundChanged(Refund { wish, ..asked.clone() })]).unwrap();
    let kept = store.refund(asked.id).unwrap().unwrap();
    assert_eq!((kept.wish, kept.word), (wish, None));
}

/// Money rules 3: one that a person decides keeps every further one of its target back.
#[test]
fn an_operation_of_money_that_a_person_decides_blocks_the_next() {
    use OperationState as O;
    let (_place, mut store) = sold();
    let end = Change::OperationChanged(Operation { state: O::Abandoned, ..operation(1) });
    let (asked, other) = (refund(5, 80), Refund { xid: "X2".to_owned(), ..refund(6, 20) });
    commit(&mut store, [end, Change::RefundAdded(asked.clone()), Change::RefundAdded(other.clone())])
        .unwrap();
    let op = step(7, &asked, OperationKind::Refund, O::Planned);
    commit(&mut store, [Change::OperationAdded(op.clone())]).unwrap();
    for (version, state) in [(1, O::Sending), (2, O::Unknown), (3, O::NeedsPerson)] {
        commit(&mut store, [Change::OperationChanged(Operation { state, version, ..op.clone() })]).unwrap();
    }
    let next =
        |n, refund: &Refund| Change::OperationAdded(step(n, refund, OperationKind::Reversal, O::Planned));
    assert!(refused(commit(&mut store, [next(8, &asked)])).contains("a person decides"));
    // another transaction of the same number is another target
    commit(&mut store, [next(8, &other)]).unwrap();
}

/// The kinds that the file lists are those of the domain.
#[test]
fn a_refund_is_done_by_the_kinds_that_end_one() {
    use OperationState as O;
    use RefundState as S;
    for kind in OperationKind::ALL {
        let (_place, mut store) = sold();
        let end = Change::OperationChanged(Operation { state: O::Abandoned, ..operation(1) });
        commit(&mut store, [end, Change::RefundAdded(refund(5, 80))]).unwrap();
        moved(&mut store, refund(5, 80).id, &[S::Approved, S::Working]);
        let row = store.refund(refund(5, 80).id).unwrap().unwrap();
        let op = step(7, &row, kind, O::Planned);
        commit(&mut store, [Change::OperationAdded(op.clone())]).unwrap();
        for (version, state) in [(1, O::Sending), (2, O::Accepted)] {
            let op = Operation { state, version, ..op.clone() };
            commit(&mut store, [Change::OperationChanged(op)]).unwrap();
        }
        let done = commit(&mut store, [Change::RefundChanged(Refund { state: S::Done, ..row })]);
        assert_eq!(done.is_ok(), kind.rule().ends_refund(), "{kind:?}");
    }
}

/// The kinds that the file lists are those of the domain.
#[test]
fn only_operations_of_money_wait_for_a_person_and_only_for_one_of_money() {
    use OperationState as O;
    for kind in OperationKind::ALL {
        let (_place, mut store) = sold();
        let end = Change::OperationChanged(Operation { state: O::Abandoned, ..operation(1) });
        let asked = refund(5, 80);
        commit(&mut store, [end, Change::RefundAdded(asked.clone())]).unwrap();
        let op = step(7, &asked, kind, O::Planned);
        commit(&mut store, [Change::OperationAdded(op.clone())]).unwrap();
        for (version, state) in [(1, O::Sending), (2, O::Unknown), (3, O::NeedsPerson)] {
            let op = Operation { state, version, ..op.clone() };
            commit(&mut store, [Change::OperationChanged(op)]).unwrap();
        }
        for (n, next) in (8..).zip(OperationKind::ALL) {
            let op = step(n, &asked, next, O::Planned);
            let added = commit(&mut store, [Change::OperationAdded(op.clone())]);
            let waits = kind.rule().is_money() && next.rule().is_money();
            assert_eq!(added.is_err(), waits, "{kind:?} {next:?}");
            if added.is_ok() {
                let gone = Operation { state: O::Abandoned, ..op };
                commit(&mut store, [Change::OperationChanged(gone)]).unwrap();
            }
        }
    }
}

/// The note may name the customer: nothing edits it, and it goes with the customer. The chain of
/// the audit is the same whatever was typed.
#[test]
fn a_note_is_only_erased_and_goes_with_the_customer() {
    let heads = ["歐陽的朋友", "包裝破損"].map(|note| {
        let place = Place::new();
        let mut store = place.plain_writer();
        let id = CustomerId::from_bytes(bytes(9));
        let buyer = Customer { id, name: "歐陽".to_owned(), note: String::new(), salt: [1; 16] };
        let bought = Order { customer: Some(id), ..order(1) };
        let row = Refund { note: Some(note.to_owned()), ..refund(5, 80) };
        let sale = [Change::CustomerAdded(buyer), Change::OrderAdded(bought)];
        let refunded = [Change::PaymentAdded(payment(1)), Change::RefundAdded(row.clone())];
        commit(&mut store, sale.into_iter().chain(refunded)).unwrap();
        let put = |store: &SqliteStore, note: &str| {
            let sql = format!("UPDATE refunds SET note = {note}, version = version + 1");
            store.conn().execute_batch(&sql).map_err(|error| error.to_string())
        };
        for edited in ["'x'", "NULL"] {
            assert!(put(&store, edited).unwrap_err().contains("only erased with its customer"), "{edited}");
        }
        commit(&mut store, [Change::CustomerErased(id)]).unwrap();
        let kept = store.refund(row.id).unwrap().unwrap();
        assert_eq!(kept, Refund { note: None, version: 2, ..row });
        assert!(put(&store, "'x'").is_err());
        store.verify_audit().unwrap().head
    });
    assert_eq!(heads[0], heads[1]);
}

/// Only what is over, and after the instant.
#[test]
fn a_sale_is_found_by_the_end_of_its_refund() {
    let (_place, mut store) = sold();
    let row = refund(5, 80);
    commit(&mut store, [Change::RefundAdded(row.clone())]).unwrap();
    assert_eq!(store.payments_refunded_since(at(0)).unwrap(), [], "it is open");
    let ended = Refund { state: RefundState::Withdrawn, since: Some(at(9)), ..row };
    commit(&mut store, [Change::RefundChanged(ended.clone())]).unwrap();
    assert_eq!(store.refund(ended.id).unwrap().and_then(|row| row.ended_at()), Some(at(9)));
    let found =
        |since| store.payments_refunded_since(since).unwrap().into_iter().map(|p| p.id).collect::<Vec<_>>();
    assert_eq!((found(at(8)), found(at(9))), (vec![ended.payment], vec![]));
}

/// Version 8 had the table, and no words in it.
#[test]
fn a_refund_of_the_eighth_version_is_read_on() {
    let place = Place::new();
    let eighth = open_with(&place.shop, Mode::Maker, &embedded()[..8]).unwrap();
    let row = refund(5, 80);
    let sql = "INSERT INTO orders (created_at, id, amount, description) VALUES (1, ?1, 180, '')";
    eighth.conn().execute(sql, [order(1).id.as_bytes()]).unwrap();
    let sql = "INSERT INTO payments (order_id, created_at, id, sold_at, rail, bank_order_no, amount, state, shown, issued,
            expires_at, version)
        VALUES (?1, 1, ?2, 1, 'ctbc-card', 'C1', 180, 'awaiting', 1, 0, 2, 1)";
    eighth.conn().execute(sql, params![order(1).id.as_bytes(), row.payment.as_bytes()]).unwrap();
    let sql =
        "INSERT INTO refunds (payment_id, requested_at, id, xid, amount, reason, requester, state, version)
        VALUES (?1, ?2, ?3, '', 80, 'other', 'owner', 'requested', 1)";
    let values = params![row.payment.as_bytes(), row.requested_at.millis(), row.id.as_bytes()];
    eighth.conn().execute(sql, values).unwrap();
    drop(eighth);
    let store = place.writer();
    assert_eq!(
        store.refunds(9).unwrap(),
        [Refund { note: None, since: None, alone: false, asked_mono: None, ..row }]
    );
}

/// Version 9 did not keep what the requester was told.
#[test]
fn a_refund_of_the_ninth_version_is_read_on_and_was_told_nothing() {
    let place = Place::new();
    let ninth = open_with(&place.shop, Mode::Maker, &embedded()[..9]).unwrap();
    old_orders(ninth.conn(), 1..=1);
    old_payment(ninth.conn(), &payment(1));
    let row = Refund { since: None, alone: false, asked_mono: None, ..refund(5, 80) };
    let sql = "INSERT INTO refunds (payment_id, requested_at, id, xid, amount, reason, requester, state, version, note)
        VALUES (?1, ?2, ?3, '', 80, 'other', 'owner', 'requested', 1, ?4)";
    let values = params![row.payment.as_bytes(), row.requested_at.millis(), row.id.as_bytes(), row.note];
    ninth.conn().execute(sql, values).unwrap();
    drop(ninth);
    let mut store = place.writer();
    assert_eq!(store.refund(row.id).unwrap(), Some(row.clone()));
    // what ran is kept from now on; nothing was told, and that stays
    let ran = Course::parse("refund 2026-11-24");
    let who = Some(Actor::Owner);
    let approved = Refund { state: RefundState::Approved, approver: who, alone: true, ran, ..row };
    commit(&mut store, [Change::RefundChanged(approved.clone())]).unwrap();
    let kept = store.refund(approved.id).unwrap().unwrap();
    assert_eq!((kept.told, kept.ran, kept.changed()), (None, ran, None));
    let told = Refund { told: ran, ..kept };
    assert!(commit(&mut store, [Change::RefundChanged(told)]).is_err());
    let sql = "UPDATE refunds SET told = 'cancel', version = version + 1";
    assert!(store.conn().execute_batch(sql).unwrap_err().to_string().contains("never changes"));
}

/// Until it is requested again, or a month has gone.
#[test]
fn the_order_of_a_refund_that_failed_needs_a_person() {
    let (_place, mut store) = sold();
    let needs = |store: &SqliteStore, now: Moment| {
        store.orders_in(View::NeedsMe, now, Page { limit: 9, ..Page::default() }).unwrap().len()
    };
    let asked = refund(5, 80);
    commit(&mut store, [Change::RefundAdded(asked.clone())]).unwrap();
    let approved = Refund { approver: Some(Actor::Owner), state: RefundState::Approved, ..asked.clone() };
    commit(&mut store, [Change::RefundChanged(approved)]).unwrap();
    assert_eq!(needs(&store, at(9)), 0);
    for state in [RefundState::NeedsPerson, RefundState::Declined] {
        moved(&mut store, asked.id, &[state]);
        assert_eq!(needs(&store, at(9)), 1, "{state:?}");
    }
    assert_eq!(needs(&store, at(9).plus_days(31)), 0);
    commit(&mut store, [Change::RefundAdded(refund(6, 80))]).unwrap();
    assert_eq!(needs(&store, at(9)), 0);
}

/// Money rules 8: what was charged beside the payment is kept once and never edited.
#[test]
fn a_second_charge_is_kept_once() {
    let (_place, mut store) = sold();
    let charge = Charge { payment: payment(1).id, xid: "X2".to_owned(), amount: Twd::new(180), at: at(3) };
    commit(&mut store, [Change::ChargeAdded(charge.clone())]).unwrap();
    assert_eq!(store.charges_of(payment(1).id).unwrap(), std::slice::from_ref(&charge));
    assert_eq!(store.charges_of(payment(2).id).unwrap(), []);
    assert!(commit(&mut store, [Change::ChargeAdded(charge)]).is_err());
    for sql in ["UPDATE charges SET amount = 1", "DELETE FROM charges"] {
        assert!(store.conn().execute_batch(sql).is_err(), "{sql}");
    }
}
