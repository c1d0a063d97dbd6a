//! What the file itself demands of a state with money, and of the steps of a card.

use counterfoil_domain::{CardState, Evidence, Payment, PaymentState, Query, Rail, Twd};
use counterfoil_engine::ports::{Change, Store, StoreError};

use super::support::*;
use crate::SqliteStore;

const NO_EVIDENCE: &str = "a payment has no evidence of its state";

/// Payment `n` in a new state that rests on this evidence, which comes before it in its commit.
fn proved(store: &SqliteStore, n: u32, state: PaymentState, proof: Evidence) -> [Change; 2] {
    let step = changed(store, n, |p| (p.state, p.proof) = (state, Some(proof.id)));
    [Change::EvidenceAdded(proof), step]
}

/// I5, every pair: what the answer must say for a state that it carries.
#[test]
fn money_rests_on_evidence_that_says_so() {
    use PaymentState as S;
    let (_place, mut store) = two_sales();
    let carries: [(S, &[S]); 4] = [
        (S::Authorized, &[S::Authorized, S::Paid, S::PaidLate, S::Settled]),
        (S::Paid, &[S::Paid, S::Settled]),
        (S::PaidLate, &[S::Paid, S::Settled]),
        (S::Settled, &[S::Settled]),
    ];
    let says: Vec<_> = S::ALL.map(Some).into_iter().chain([None]).collect();
    let pairs = carries.iter().flat_map(|(state, by)| says.iter().map(move |says| (*state, *by, *says)));
    for (n, (state, by, says)) in (100..).zip(pairs) {
        let before = if state == S::PaidLate { S::Expired } else { S::Awaiting };
        let first = Payment { state: before, ..payment(n) };
        commit(&mut store, [Change::OrderAdded(order(n)), Change::PaymentAdded(first)]).unwrap();
        let [answer, step] = proved(&store, n, state, Evidence { state: says, ..evidence(n, n) });
        commit(&mut store, [answer]).unwrap();
        if says.is_some_and(|says| by.contains(&says)) {
            commit(&mut store, [step]).unwrap();
        } else {
            refused(&mut store, step, NO_EVIDENCE);
        }
    }
    // and no other state needs any
    for (n, state) in (300..).zip(S::ALL).filter(|(_, state)| !carries.iter().any(|(s, _)| s == state)) {
        let free = Payment { state, ..payment(n) };
        commit(&mut store, [Change::OrderAdded(order(n)), Change::PaymentAdded(free)]).unwrap();
    }
}

/// I5: the evidence is this payment's own, the answer to a question, and with its amount.
#[test]
fn evidence_of_something_else_carries_no_money() {
    let (_place, mut store) = two_sales();
    for state in [PaymentState::Authorized, PaymentState::Paid, PaymentState::Settled] {
        let right = proof(5, 1, state);
        let wrong = [
            proof(5, 2, state),
            Evidence { query: Query::Create, ..right.clone() },
            Evidence { query: Query::Maintain, ..right.clone() },
            Evidence { amount: Some(Twd::new(181)), ..right.clone() },
            Evidence { amount: None, ..right.clone() },
        ];
        for wrong in wrong {
            let changes = proved(&store, 1, state, wrong.clone());
            let error = commit(&mut store, changes).unwrap_err();
            assert!(matches!(&error, StoreError::Refused(text) if text == NO_EVIDENCE), "{wrong:?}: {error}");
        }
        let bare = changed(&store, 1, |p| p.state = state);
        refused(&mut store, bare, NO_EVIDENCE);
        let [_, absent] = proved(&store, 1, state, right.clone());
        refused(&mut store, absent, NO_EVIDENCE);
        let mut late = proved(&store, 1, state, right);
        late.reverse();
        assert!(matches!(commit(&mut store, late), Err(StoreError::Refused(_))), "evidence comes first");
        let new = Payment { state, order: order(1).id, ..payment(9) };
        refused(&mut store, Change::PaymentAdded(new), NO_EVIDENCE);
    }
    let nowhere = changed(&store, 2, |p| p.proof = Some(evidence(9, 9).id));
    refused(&mut store, nowhere, "FOREIGN KEY constraint failed");
    for (n, query) in (50..).zip(Query::ALL) {
        let (_, steps) = arrived(n, payment(n));
        commit(&mut store, [Change::OrderAdded(order(n))].into_iter().chain(steps)).unwrap();
        let changes = proved(&store, n, PaymentState::Paid, Evidence { query, ..evidence(n, n) });
        let is_question = !matches!(query, Query::Create | Query::Maintain);
        assert_eq!(commit(&mut store, changes).is_ok(), is_question, "{query:?}");
    }
}

/// An inquiry of CTBC may carry no amount: evidence of no other method may lack one.
#[test]
fn only_a_card_at_ctbc_is_proved_without_an_amount() {
    let (_place, mut store) = two_sales();
    for (n, rail) in (100..).zip(Rail::ALL) {
        let first = Payment { rail, ..payment(n) };
        commit(&mut store, [Change::OrderAdded(order(n)), Change::PaymentAdded(first)]).unwrap();
        let silent = Evidence { amount: None, ..evidence(n, n) };
        let changes = proved(&store, n, PaymentState::Paid, silent);
        assert_eq!(commit(&mut store, changes).is_ok(), rail == Rail::CtbcCard, "{rail:?}");
        let other = Evidence { amount: Some(Twd::new(1)), ..evidence(n + 50, n) };
        let changes = proved(&store, n, PaymentState::Paid, other);
        assert!(commit(&mut store, changes).is_err(), "{rail:?}");
    }
}

#[test]
fn a_proof_stays_until_a_better_one_comes() {
    let (_place, mut store) = two_sales();
    let changes = proved(&store, 1, PaymentState::Paid, evidence(5, 1));
    commit(&mut store, changes).unwrap();
    // an earlier commit's evidence still carries the row
    let later = changed(&store, 1, |p| p.return_port = Some(1));
    commit(&mut store, [later]).unwrap();
    let dropped = changed(&store, 1, |p| p.proof = None);
    refused(&mut store, dropped, NO_EVIDENCE);
    let settled = changed(&store, 1, |p| p.state = PaymentState::Settled);
    refused(&mut store, settled, NO_EVIDENCE);
    let waiting = proof(6, 1, PaymentState::Awaiting);
    let [answer, step] = proved(&store, 1, PaymentState::Paid, waiting);
    commit(&mut store, [answer]).unwrap();
    refused(&mut store, step, NO_EVIDENCE);
    let changes = proved(&store, 1, PaymentState::Settled, proof(7, 1, PaymentState::Settled));
    commit(&mut store, changes).unwrap();
    assert_eq!(store.evidence_of(payment(1).id).unwrap()[2], proof(7, 1, PaymentState::Settled));
}

/// Each change of the row looks at its evidence again, so an edit that got past the triggers is
/// found.
#[test]
fn evidence_that_was_edited_by_hand_carries_nothing_more() {
    let (place, mut store) = two_sales();
    let changes = proved(&store, 1, PaymentState::Paid, evidence(5, 1));
    commit(&mut store, changes).unwrap();
    let edit = "DROP TRIGGER evidence_is_not_edited; UPDATE evidence SET state = 'awaiting'";
    place.raw().execute_batch(edit).unwrap();
    let later = changed(&store, 1, |p| p.return_port = Some(1));
    refused(&mut store, later, NO_EVIDENCE);
}

/// Every pair. Readings miss states, so a step may skip some; what no chain of the bank's steps
/// leads to is refused.
#[test]
fn cards_step_only_along_their_table() {
    use CardState as C;
    let (_place, mut store) = two_sales();
    for (n, from, to) in pairs(CardState::ALL) {
        let first = Payment { rail: Rail::CtbcCard, card: Some(from), ..payment(n) };
        commit(&mut store, [Change::OrderAdded(order(n)), Change::PaymentAdded(first)]).unwrap();
        let step = changed(&store, n, |p| p.card = Some(to));
        if from == to || from.may_become(to) {
            commit(&mut store, [step]).unwrap();
            assert_eq!(store.payment(payment(n).id).unwrap().unwrap().card, Some(to));
        } else {
            refused(&mut store, step, "no such step of a card");
        }
    }
    for (from, to) in [
        (C::Captured, C::CaptureQueued),
        (C::Captured, C::Authorized),
        (C::Captured, C::Failed),
        (C::Refunded, C::CaptureQueued),
        (C::Cancelled, C::CaptureQueued),
    ] {
        assert!(!from.may_become(to));
    }
}

/// The list of the index, by hand and by the domain.
#[test]
fn cards_that_the_next_batch_decides_are_polled() {
    use CardState as C;
    let place = Place::new();
    let mut store = place.writer();
    for (n, card) in (1..).zip(CardState::ALL) {
        let payment = Payment { rail: Rail::CtbcCard, card: Some(card), ..payment(n) };
        commit(&mut store, [Change::OrderAdded(order(n)), Change::PaymentAdded(payment)]).unwrap();
    }
    let polled: Vec<_> = store.payments_to_capture().unwrap().into_iter().filter_map(|p| p.card).collect();
    let waiting = [C::CaptureQueued, C::CaptureLocked, C::CaptureFailed, C::RefundQueued, C::RefundLocked];
    assert_eq!(polled, waiting);
    let by_the_domain = CardState::ALL.into_iter().filter(|state| state.waits_for_batch());
    assert_eq!(polled, by_the_domain.collect::<Vec<_>>());
}
