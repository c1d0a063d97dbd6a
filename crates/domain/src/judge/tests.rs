//! Longer than 500 lines because the table of verdicts and its rules are read side by side.

use super::*;
use crate::bank_state::BankState;
use crate::card::PAGE_LIFE_MINS;
use crate::money::Twd;
use crate::payment::Issued;
use crate::seen::{RefundSeen, RefundsSeen};
use crate::testing::{known, operation, payment, row};
use crate::time::BankMinute;
use OperationKind as K;
use PaymentState as S;
use std::fmt::Write as _;

/// A row of SinoPac with a refund.
fn with_refund() -> Seen {
    Seen::Sinopac {
        state: BankState::Collected,
        refunds: RefundsSeen { flag: true, ..RefundsSeen::default() },
    }
}

/// Without an operation of ours.
fn of_row_alone(payment: &Payment, row: Option<&BankRow>, asked_at: Moment) -> Judgement {
    of_row(&known(payment, &[]), row, asked_at)
}

const LATER: Moment = Moment::from_millis(3_600_000);

fn kinds(j: &Judgement) -> Vec<DiscrepancyKind> {
    j.discrepancies.iter().map(|d| d.0).collect()
}

#[test]
fn the_bank_s_states() {
    use BankState as B;
    use PaymentState as S;
    let rows = [
        (S::Awaiting, B::Waiting, None),
        (S::Issuing, B::Waiting, Some(S::Awaiting)),
        (S::Awaiting, B::Expired, Some(S::Expired)),
        (S::Awaiting, B::Authorized, Some(S::Authorized)),
        (S::Awaiting, B::Collected, Some(S::Paid)),
        (S::Awaiting, B::Settled, Some(S::Settled)),
        (S::Authorized, B::Released, Some(S::Released)),
        (S::Expired, B::Collected, Some(S::PaidLate)),
        (S::Cancelled, B::Settled, Some(S::PaidLate)),
        (S::NotIssued, B::Collected, Some(S::PaidLate)),
        (S::Cancelled, B::Expired, None),
        (S::PaidLate, B::Collected, None),
        (S::Paid, B::Settled, Some(S::Settled)),
        // the same state again is no news, and goes nowhere back
        (S::Paid, B::Collected, None),
        (S::Settled, B::Settled, None),
        (S::Authorized, B::Authorized, None),
        (S::Released, B::Released, None),
    ];
    for (from, said, to) in rows {
        let j = of_row_alone(&payment(from), Some(&row(said)), LATER);
        let late = (to == Some(S::PaidLate)).then_some(DiscrepancyKind::PaidLate);
        assert_eq!((j.to, kinds(&j)), (to, late.into_iter().collect()), "{from:?} + {said:?}");
    }
}

#[test]
fn money_back_at_the_bank_s_own_site_is_a_discrepancy() {
    let refunded = BankRow { seen: with_refund(), ..row(BankState::Collected) };
    let j = of_row_alone(&payment(PaymentState::Paid), Some(&refunded), LATER);
    assert_eq!((j.to, kinds(&j)), (None, vec![DiscrepancyKind::RefundedOutside]));
}

#[test]
fn an_unequal_echo_changes_nothing() {
    let p = payment(PaymentState::Awaiting);
    let mut r = row(BankState::Collected);
    r.amount = Some(Twd::new(101));
    let j = of_row_alone(&p, Some(&r), LATER);
    assert_eq!((j.to, kinds(&j)), (None, vec![DiscrepancyKind::AmountDiffers]));
    let mut r = row(BankState::Collected);
    r.bank_order_no = "T1B".into();
    let j = of_row_alone(&p, Some(&r), LATER);
    assert_eq!((j.to, kinds(&j)), (None, vec![DiscrepancyKind::EchoDiffers]));
    let mut r = row(BankState::Collected);
    r.paid_minute = Some(BankMinute::from_minutes(9));
    let j = of_row_alone(&p, Some(&r), LATER);
    assert_eq!((j.to, kinds(&j)), (None, vec![DiscrepancyKind::PaidBeforeCreated]));
}

#[test]
fn what_goes_back_is_a_discrepancy_unless_it_is_lag() {
    let p = payment(PaymentState::Paid);
    let j = of_row_alone(&p, Some(&row(BankState::Waiting)), LATER);
    assert_eq!((j.to, kinds(&j)), (None, vec![DiscrepancyKind::WentBack]));
    let j = of_row_alone(&p, Some(&row(BankState::Waiting)), Moment::from_millis(LAG_MS));
    assert_eq!((j.to, kinds(&j)), (None, vec![DiscrepancyKind::WentBack]), "the time for lag is over");
    let j = of_row_alone(&p, Some(&row(BankState::Waiting)), Moment::from_millis(LAG_MS - 1));
    assert_eq!((j.to, kinds(&j)), (None, vec![]));
}

#[test]
fn an_unlisted_state_is_shown_raw_and_not_guessed() {
    let mut r = row(BankState::Unlisted);
    r.said = "1A777".into();
    let j = of_row_alone(&payment(PaymentState::Awaiting), Some(&r), LATER);
    assert_eq!(
        j,
        Judgement {
            discrepancies: vec![(DiscrepancyKind::UnlistedState, "1A777".into())],
            ..Judgement::default()
        }
    );
}

#[test]
fn an_order_that_the_bank_confirmed_cannot_vanish() {
    let p = payment(PaymentState::Awaiting);
    assert_eq!(kinds(&of_row_alone(&p, None, LATER)), vec![DiscrepancyKind::WentBack]);
    assert_eq!(of_row_alone(&p, None, Moment::from_millis(LAG_MS - 1)), Judgement::default(), "queries lag");
    let mut unknown = payment(PaymentState::Issuing);
    unknown.confirmed_at = None;
    assert_eq!(of_row_alone(&unknown, None, LATER), Judgement::default());
    assert_eq!(of_row_alone(&payment(PaymentState::NotIssued), None, LATER), Judgement::default());
}

const LIFE_MS: i64 = PAGE_LIFE_MINS * 60_000;

fn sale(state: S) -> Payment {
    Payment {
        rail: Rail::CtbcCard,
        confirmed_at: None,
        expires_at: Moment::from_millis(LIFE_MS),
        ..payment(state)
    }
}

fn seen(state: CardState, several: bool) -> BankRow {
    BankRow { seen: Seen::Ctbc { state, several }, ..row(BankState::Waiting) }
}

fn judged(was: S, state: CardState, at_ms: i64) -> (Option<S>, Vec<DiscrepancyKind>) {
    let judgement = of_row_alone(&sale(was), Some(&seen(state, false)), Moment::from_millis(at_ms));
    (judgement.to, judgement.discrepancies.into_iter().map(|(kind, _)| kind).collect())
}

/// Money rules 2, a row each.
#[test]
fn the_table_of_card_states() {
    use CardState as C;
    use DiscrepancyKind as D;
    let rows: [(C, Option<S>, &[D]); 12] = [
        (C::Failed, None, &[]),
        (C::Cancelled, Some(S::Released), &[]),
        (C::Authorized, Some(S::Authorized), &[]),
        (C::CaptureQueued, Some(S::Paid), &[]),
        (C::CaptureLocked, Some(S::Paid), &[]),
        (C::Captured, Some(S::Paid), &[]),
        (C::CaptureFailed, Some(S::Paid), &[D::CaptureFailed]),
        (C::RefundQueued, Some(S::Paid), &[D::RefundedOutside]),
        (C::RefundLocked, Some(S::Paid), &[D::RefundedOutside]),
        (C::Refunded, Some(S::Paid), &[D::RefundedOutside]),
        (C::RefundFailed, Some(S::Paid), &[D::RefundedOutside]),
        (C::Unlisted, None, &[D::UnlistedState]),
    ];
    for (state, to, discrepancies) in rows {
        assert_eq!(judged(S::Awaiting, state, 1_000), (to, discrepancies.to_vec()), "{state:?}");
        assert_eq!(CardState::parse(state.name()), Some(state));
        assert_eq!(CardState::of_number(state.number().unwrap_or("14")), state);
    }
}

#[test]
fn a_failed_card_ends_the_payment_when_the_page_is_over() {
    assert_eq!(judged(S::Awaiting, CardState::Failed, LIFE_MS - 1), (None, vec![]));
    assert_eq!(judged(S::Awaiting, CardState::Failed, LIFE_MS), (Some(S::Failed), vec![]));
    assert_eq!(judged(S::Failed, CardState::Failed, 2 * LIFE_MS), (None, vec![]));
    assert_eq!(judged(S::Expired, CardState::Failed, 2 * LIFE_MS), (None, vec![]));
}

#[test]
fn never_authorized_is_expired_when_the_page_is_over() {
    let nothing = |was, at| of_row_alone(&sale(was), None, Moment::from_millis(at));
    assert_eq!(nothing(S::Awaiting, LIFE_MS - 1).to, None);
    assert_eq!(nothing(S::Awaiting, LIFE_MS).to, Some(S::Expired));
    let mut ended = sale(S::Expired);
    ended.confirmed_at = Some(Moment::from_millis(LIFE_MS));
    let later = of_row_alone(&ended, None, Moment::from_millis(9 * LIFE_MS));
    assert_eq!((later.to, later.discrepancies), (None, vec![]));
    let mut paid = sale(S::Paid);
    paid.confirmed_at = Some(Moment::from_millis(0));
    assert_eq!(
        of_row_alone(&paid, None, Moment::from_millis(LIFE_MS)).discrepancies[0].0,
        DiscrepancyKind::WentBack
    );
}

#[test]
fn a_card_that_goes_back_among_states_with_money_is_a_discrepancy() {
    let mut paid = sale(S::Paid);
    paid.confirmed_at = Some(Moment::from_millis(0));
    paid.card = Some(CardState::Captured);
    let back = seen(CardState::CaptureQueued, false);
    let later = of_row_alone(&paid, Some(&back), Moment::from_millis(LIFE_MS));
    assert_eq!((later.to, later.discrepancies.len()), (None, 1));
    assert_eq!(later.discrepancies[0].0, DiscrepancyKind::WentBack);
    assert!(of_row_alone(&paid, Some(&back), Moment::from_millis(1)).discrepancies.is_empty(), "lag");
    assert!(!paid.is_card_news(CardState::CaptureQueued, None));
}

#[test]
fn money_after_the_end_is_late_and_several_are_charged_twice() {
    assert_eq!(
        judged(S::Expired, CardState::CaptureQueued, LIFE_MS),
        (Some(S::PaidLate), vec![DiscrepancyKind::PaidLate])
    );
    let twice =
        of_row_alone(&sale(S::Awaiting), Some(&seen(CardState::Captured, true)), Moment::from_millis(1));
    assert_eq!(twice.to, Some(S::Paid));
    assert_eq!(twice.discrepancies[0].0, DiscrepancyKind::ChargedTwice);
}

/// Of several under one number the newest may be the one that failed: the money of another is not
/// given up for it.
#[test]
fn of_several_a_failed_one_ends_nothing() {
    for (state, was) in [
        (CardState::Failed, S::Awaiting),
        (CardState::Cancelled, S::Awaiting),
        (CardState::Authorized, S::Awaiting),
    ] {
        let twice = of_row_alone(&sale(was), Some(&seen(state, true)), Moment::from_millis(2 * LIFE_MS));
        assert_eq!((twice.to, twice.discrepancies[0].0), (None, DiscrepancyKind::ChargedTwice), "{state:?}");
    }
}

#[test]
fn an_authorization_that_is_not_there_any_more_is_a_discrepancy() {
    for (was, discrepancies) in [(S::Authorized, 1), (S::Released, 1), (S::Awaiting, 0)] {
        let mut p = sale(was);
        p.confirmed_at = Some(Moment::from_millis(0));
        let gone = of_row_alone(&p, None, Moment::from_millis(LIFE_MS - 1));
        assert_eq!((gone.to, gone.discrepancies.len()), (None, discrepancies), "{was:?}");
    }
}

#[test]
fn an_authorization_that_is_gone_after_the_money_is_a_discrepancy() {
    let mut paid = sale(S::Paid);
    paid.confirmed_at = Some(Moment::from_millis(0));
    for state in [CardState::Cancelled, CardState::Authorized] {
        let judgement = of_row_alone(&paid, Some(&seen(state, false)), Moment::from_millis(LIFE_MS));
        assert_eq!((judgement.to, judgement.discrepancies[0].0), (None, DiscrepancyKind::WentBack));
    }
}

fn issued_as(bank_ref: &str) -> Issued {
    Issued { account: None, link: None, web_atm: None, bank_ref: Some(bank_ref.into()) }
}

const ASKED: Question = Question { query: Query::ByNumber, scheduled: true, at: LATER, since_send: LATER };

/// A card is one transaction; an account is known by its number alone.
#[test]
fn another_transaction_under_the_same_number_is_another_charge() {
    let ours = |was| Payment { issued: Some(issued_as("X1")), ..sale(was) };
    let theirs = |bank_ref, state| BankRow { issued: Some(issued_as(bank_ref)), ..seen(state, false) };
    for (state, kind) in [
        (CardState::Captured, DiscrepancyKind::ChargedTwice),
        (CardState::Authorized, DiscrepancyKind::ChargedTwice),
        (CardState::Failed, DiscrepancyKind::EchoDiffers),
    ] {
        let verdict = judge(&known(&ours(S::Authorized), &[]), Some(&theirs("X2", state)), &ASKED);
        assert_eq!((verdict.to, verdict.discrepancies[0].0), (None, kind), "{state:?}");
        assert!(!verdict.fits, "no write may rest on it");
    }
    let verdict = judge(&known(&ours(S::Authorized), &[]), Some(&theirs("X1", CardState::Captured)), &ASKED);
    assert_eq!((verdict.to, verdict.fits), (Some(S::Paid), true));
    // a try that failed is none
    let verdict = judge(&known(&ours(S::Failed), &[]), Some(&theirs("X2", CardState::Captured)), &ASKED);
    assert_eq!((verdict.to, verdict.discrepancies[0].0), (Some(S::PaidLate), DiscrepancyKind::PaidLate));
    let account = Payment { issued: Some(issued_as("X1")), ..payment(S::Awaiting) };
    let row = BankRow { issued: Some(issued_as("X2")), ..row(BankState::Collected) };
    assert_eq!(judge(&known(&account, &[]), Some(&row), &ASKED).to, Some(S::Paid));
    let other = BankOrderNo::from_text("T9A");
    let taken = Known { ref_taken_by: Some(&other), ..known(&account, &[]) };
    let verdict = judge(&taken, Some(&row), &ASKED);
    assert_eq!((verdict.to, verdict.discrepancies[0].0), (None, DiscrepancyKind::EchoDiffers));
}

/// Twice not there: a create has not happened, and the payment was never issued. A cancel that has
/// not happened ends nothing.
#[test]
fn only_a_create_that_did_not_happen_ends_its_payment() {
    for (kind, state, shows, row, to) in [
        (K::IssueAccount, S::Issuing, Shows::NotThere, None, Some(S::NotIssued)),
        (
            K::CancelAccount,
            S::Awaiting,
            Shows::Order(Seen::of_sinopac(BankState::Waiting)),
            Some(row(BankState::Waiting)),
            None,
        ),
    ] {
        let snapshot = row.as_ref().map(|row| row.seen.clone());
        let op = [Operation { snapshot, ..operation(kind) }];
        let earlier = [Reading {
            operation: op[0].id,
            at: Moment::from_millis(1_200_000),
            asked_at: Moment::from_millis(1_200_000),
            query: Query::ByNumber,
            scheduled: true,
            shows,
        }];
        let payment = Payment { confirmed_at: None, ..payment(state) };
        let known = Known { readings: &earlier, ..known(&payment, &op) };
        let verdict = judge(&known, row.as_ref(), &ASKED);
        let op_to = verdict.operation.unwrap().to;
        assert_eq!((op_to, verdict.to), (Some(OperationState::DidNotHappen), to), "{kind:?}");
    }
}

/// A refusal counts towards the readings after which a person is asked.
#[test]
fn a_refused_reading_counts_and_proves_nothing() {
    let op = [operation(K::IssueAccount)];
    let reading = |n: i64| Reading {
        operation: op[0].id,
        at: Moment::from_millis(n),
        asked_at: Moment::from_millis(n),
        query: Query::ByNumber,
        scheduled: true,
        shows: Shows::Nothing,
    };
    let payment = payment(S::Issuing);
    for (before, to) in [(8, None), (9, Some(OperationState::NeedsPerson))] {
        let readings: Vec<_> = (0..before).map(reading).collect();
        let verdict = judge_refused(&Known { readings: &readings, ..known(&payment, &op) });
        let operation = verdict.operation.unwrap();
        assert_eq!((operation.to, operation.kept), (to, Some(Shows::Nothing)), "{before}");
        let kinds: Vec<_> = verdict.discrepancies.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds.contains(&DiscrepancyKind::StaysUnknown), to.is_some(), "{before}");
        assert_eq!(verdict.to, None);
    }
}

/// Of several under one number the payment takes a card's state only from one with money.
#[test]
fn of_several_only_money_is_news_of_the_card() {
    let paid = Payment { card: Some(CardState::Authorized), ..sale(S::Authorized) };
    assert_eq!(card_news(&paid, &seen(CardState::Failed, true)), None);
    let captured = card_news(&paid, &seen(CardState::Captured, true));
    assert_eq!(captured, Some((CardState::Captured, None)));
    // a single one is news in any state, unless the payment shows it already
    let failed = card_news(&sale(S::Awaiting), &seen(CardState::Failed, false));
    assert_eq!(failed, Some((CardState::Failed, None)));
    assert_eq!(card_news(&paid, &seen(CardState::Authorized, false)), None);
}

/// The card moves as far as the bank shows, also by a refund at its site: not by another amount, a
/// state that goes back, or an unlisted one.
#[test]
fn a_card_moves_only_by_a_row_of_this_sale_and_time() {
    let queued = Payment {
        card: Some(CardState::CaptureQueued),
        confirmed_at: Some(Moment::from_millis(0)),
        ..sale(S::Paid)
    };
    let unseen = Payment { card: None, ..queued.clone() };
    let other_amount = BankRow { amount: Some(Twd::new(9)), ..seen(CardState::Captured, false) };
    let rows = [
        (&queued, seen(CardState::Captured, false), Some(CardState::Captured)),
        (&queued, other_amount, None),
        (&unseen, seen(CardState::RefundQueued, false), Some(CardState::RefundQueued)),
        (&unseen, seen(CardState::Authorized, false), None),
        (&unseen, seen(CardState::Unlisted, false), None),
    ];
    for (payment, row, card) in rows {
        let verdict = judge(&known(payment, &[]), Some(&row), &ASKED);
        assert_eq!((verdict.to, verdict.card.map(|card| card.0)), (None, card), "{:?}", row.seen);
    }
    // reversed, or the bank's query lags: a later reading tells
    let early = Question { at: Moment::from_millis(1), since_send: Moment::from_millis(1), ..ASKED };
    let verdict = judge(&known(&queued, &[]), Some(&seen(CardState::Cancelled, false)), &early);
    assert_eq!((verdict.card, verdict.discrepancies), (None, vec![]));
}

/// Money keeps its payment state while the bank changes its minute: only an inquiry by number that
/// fits may change ours.
#[test]
fn only_an_inquiry_by_number_moves_the_minute_of_payment() {
    let minute = |minute| Some(BankMinute::from_minutes(minute));
    let refunded = BankRow { seen: with_refund(), ..row(BankState::Collected) };
    let undated = BankRow { paid_minute: None, ..row(BankState::Collected) };
    let rows = [
        (S::Paid, minute(11), Query::ByNumber, row(BankState::Collected), true),
        (S::Paid, None, Query::ByNumber, row(BankState::Collected), true),
        (S::PaidLate, minute(11), Query::ByNumber, row(BankState::Collected), true),
        (S::Paid, minute(10), Query::ByNumber, row(BankState::Collected), false),
        (S::Paid, minute(11), Query::ByNumber, undated, false),
        (S::Paid, minute(11), Query::ByNumber, refunded, false),
        (S::Paid, minute(11), Query::ByWindow, row(BankState::Collected), false),
        (S::Settled, minute(11), Query::ByNumber, row(BankState::Collected), false),
        (S::Expired, minute(11), Query::ByNumber, row(BankState::Expired), false),
    ];
    for (state, paid_minute, query, row, moves) in rows {
        let payment = Payment { paid_minute, ..payment(state) };
        let verdict = judge(&known(&payment, &[]), Some(&row), &Question { query, ..ASKED });
        assert_eq!(verdict.minute, moves, "{state:?} {paid_minute:?} {query:?} {row:?}");
    }
}

/// An account that the customer never saw is cancelled once a newer payment has replaced it.
#[test]
fn only_an_unseen_account_that_was_replaced_is_cancelled() {
    for (state, shown, superseded, cancel) in [
        (S::Awaiting, false, true, true),
        (S::Awaiting, true, true, false),
        (S::Awaiting, false, false, false),
        (S::Expired, false, true, false),
        (S::NotIssued, true, false, true),
    ] {
        let payment = Payment { shown, ..payment(state) };
        let known = Known { superseded, ..known(&payment, &[]) };
        let verdict = judge(&known, Some(&row(BankState::Waiting)), &ASKED);
        assert_eq!(verdict.cancel, cancel, "{state:?} {shown} {superseded}");
    }
}

/// A reading outside the schedule is kept where it says something about the operation.
#[test]
fn a_reading_that_says_nothing_is_not_kept() {
    let op = [operation(K::IssueAccount)];
    let payment = Payment { confirmed_at: None, ..payment(S::Issuing) };
    let asked = Question { scheduled: false, ..ASKED };
    let foreign = BankRow { amount: Some(Twd::new(9)), ..row(BankState::Waiting) };
    let shown = Shows::Order(Seen::of_sinopac(BankState::Waiting));
    for (row, to, kept) in [
        (None, None, Some(Shows::NotThere)),
        (Some(row(BankState::Waiting)), Some(OperationState::Accepted), Some(shown)),
        (Some(foreign), None, None),
    ] {
        let verdict = judge(&known(&payment, &op), row.as_ref(), &asked).operation.unwrap();
        assert_eq!((verdict.to, verdict.kept), (to, kept), "{row:?}");
    }
}

/// A verdict in a few characters: where the payment goes, what becomes of the operation, what does
/// not fit, and whether a write may follow.
fn cell(known: &Known<'_>, row: Option<&BankRow>) -> String {
    let asked = Question { query: Query::ByNumber, scheduled: false, at: LATER, since_send: LATER };
    let verdict = judge(known, row, &asked);
    let op = verdict.operation.and_then(|op| op.to).map(|to| format!("/{}", to.name()));
    let discrepancies = verdict.discrepancies.iter().map(|(kind, _)| format!("!{}", kind.name()));
    let to = verdict.to.map_or("-", PaymentState::name).to_owned();
    let marks =
        [op.unwrap_or_default(), discrepancies.collect(), if verdict.cancel { "+cancel" } else { "" }.into()];
    to + &marks.concat()
}

/// The whole judgement: state of the payment x what the bank shows x our open operation.
/// `cargo xtask bindings` rewrites the file; read its difference line by line.
#[test]
fn the_golden_table_of_verdicts() {
    let mut table = String::new();
    let sinopac = BankState::ALL.map(|state| (state.name(), Some(row(state))));
    let refunded = ("refunded", Some(BankRow { seen: with_refund(), ..row(BankState::Collected) }));
    let foreign = ("other-amount", Some(BankRow { amount: Some(Twd::new(9)), ..row(BankState::Collected) }));
    let rows: Vec<_> = sinopac.into_iter().chain([refunded, foreign, ("not-there", None)]).collect();
    for op in [
        None,
        Some(OperationKind::IssueAccount),
        Some(OperationKind::CancelAccount),
        Some(OperationKind::CardRefund),
    ] {
        block(&mut table, Rail::SinopacAccount, op, &rows);
    }
    let cards = CardState::ALL.map(|state| (state.name(), Some(seen(state, false))));
    let several = ("several", Some(seen(CardState::Captured, true)));
    let rows: Vec<_> = cards.into_iter().chain([several, ("not-there", None)]).collect();
    for op in [
        None,
        Some(K::PostForm),
        Some(K::Reversal),
        Some(K::CapReversal),
        Some(K::Refund),
        Some(K::RefundReversal),
    ] {
        block(&mut table, Rail::CtbcCard, op, &rows);
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/judge/verdicts.txt");
    if std::env::var_os("COUNTERFOIL_WRITE_BINDINGS").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap().replace('\r', "");
    for (ours, golden) in table.lines().zip(golden.lines()) {
        assert_eq!(ours, golden);
    }
    assert_eq!(table.len(), golden.len());
}

fn block(table: &mut String, rail: Rail, op: Option<OperationKind>, rows: &[(&str, Option<BankRow>)]) {
    let open = op.map(|kind| Operation {
        snapshot: match rail {
            Rail::SinopacAccount | Rail::SinopacCard => {
                kind.rule().object.map(|_| Seen::of_sinopac(BankState::Waiting))
            }
            Rail::CtbcCard => kind.rule().object.map(|_| Seen::of_ctbc(CardState::CaptureQueued)),
        },
        ..operation(kind)
    });
    let operations: Vec<Operation> = open.into_iter().collect();
    let name = op.map_or("nothing", OperationKind::name);
    writeln!(table, "{} with {name} unclear", rail.name()).unwrap();
    for state in S::ALL {
        let payment = Payment { rail, ..payment(state) };
        for (name, row) in rows {
            let cell = cell(&known(&payment, &operations), row.as_ref());
            writeln!(table, "  {:<10} {name:<14} {cell}", state.name()).unwrap();
        }
    }
}

/// Ours explains one refund, not every one (faults F9, F21); what a person has booked is explained.
#[test]
fn a_refund_of_ours_explains_no_second_one() {
    use crate::refund::Booked;
    let paid = payment(PaymentState::Paid);
    let one = |amount| RefundSeen { status: "2C900".into(), amount: Some(Twd::new(amount)), date: None };
    let shows = |list: &[(&str, i64)]| {
        let list = list.iter().map(|(no, amount)| ((*no).to_owned(), one(*amount))).collect();
        let refunds = RefundsSeen { flag: true, list, ..RefundsSeen::default() };
        BankRow { seen: Seen::Sinopac { state: BankState::Collected, refunds }, ..row(BankState::Collected) }
    };
    let state = OperationState::Accepted;
    let op = Operation { state, amount: Some(Twd::new(30)), ..operation(OperationKind::CardRefund) };
    let booked = [Booked { refund_no: Some("R2".into()), amount: Twd::new(5), at: Moment::from_millis(0) }];
    let outside = [DiscrepancyKind::RefundedOutside];
    for (list, booked, expected) in [
        (&[("R1", 30)][..], &[][..], &[][..]),
        (&[("R1", 31)], &[], &outside),
        (&[("R1", 30), ("R2", 5)], &[], &outside),
        (&[("R1", 30), ("R2", 5)], &booked, &[]),
        (&[("R1", 30), ("R3", 5)], &booked, &outside),
    ] {
        let ops = [op.clone()];
        let known = Known { booked, ..known(&paid, &ops) };
        assert_eq!(kinds(&of_row(&known, Some(&shows(list)), LATER)), expected, "{list:?}");
    }
    // CTBC names no refund: one that is booked explains the state
    let card = BankRow { seen: Seen::of_ctbc(CardState::Refunded), ..row(BankState::Collected) };
    let paid = Payment { rail: Rail::CtbcCard, ..paid };
    let of = |booked: &[Booked]| kinds(&of_row(&Known { booked, ..known(&paid, &[]) }, Some(&card), LATER));
    assert_eq!((of(&[]), of(&booked)), (outside.to_vec(), vec![]));
    // one that is on its way long after the booking is another one
    let queued = BankRow { seen: Seen::of_ctbc(CardState::RefundQueued), ..row(BankState::Collected) };
    let at = |days: i64| {
        let booked = [Booked { at: LATER.plus_days(-days), ..booked[0].clone() }];
        kinds(&of_row(&Known { booked: &booked, ..known(&paid, &[]) }, Some(&queued), LATER))
    };
    assert_eq!((at(6), at(8)), (vec![], outside.to_vec()));
}

/// A person has heard that the bank did not do it: what the bank shows of it then is a discrepancy.
/// One that failed there gave nothing back, and says the same.
#[test]
fn money_that_went_back_against_a_person_s_word_is_a_discrepancy() {
    let paid = Payment { rail: Rail::CtbcCard, ..sale(S::Paid) };
    let refund = crate::testing::refund(30).id;
    let (state, amount) = (OperationState::Accepted, Some(Twd::new(30)));
    let ops = [Operation { refund: Some(refund), state, amount, ..operation(OperationKind::Refund) }];
    let of = |card: CardState, not_done: &[crate::ids::RefundId]| {
        let card = BankRow { seen: Seen::of_ctbc(card), ..row(BankState::Collected) };
        kinds(&of_row(&Known { not_done, ..known(&paid, &ops) }, Some(&card), LATER))
    };
    for card in [CardState::RefundQueued, CardState::RefundLocked, CardState::Refunded] {
        assert_eq!(of(card, &[]), [], "{card:?}: ours");
        assert_eq!(of(card, &[refund]), [DiscrepancyKind::RefundedOutside], "{card:?}");
    }
    for not_done in [&[][..], &[refund]] {
        assert_eq!(of(CardState::RefundFailed, not_done), []);
    }
}
