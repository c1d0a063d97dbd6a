//! What a view adds to a payment's state: its evidence, what became of its operations, and why.

use counterfoil_domain::{
    Evidence, Operation, OperationKind, OperationState, PageLeft, Payment, PaymentState,
};

use crate::text::{BookEntry, Language, bank_code, cancel_explained, code_of, explained, own_entry};
use crate::views::{Note, PaymentRowView, Why, time};

/// What CTBC signs about a card that was approved.
const SUCCESS: &str = "0/00";

/// The evidence that the state rests on. It may be older than another by its time, which a wrong
/// clock of this computer has made.
pub(crate) fn proof_of<'e>(payment: &Payment, evidence: &'e [Evidence]) -> Option<&'e Evidence> {
    evidence.iter().find(|one| Some(one.id) == payment.proof)
}

pub(crate) fn note_of(payment: &Payment, operations: &[Operation]) -> Option<Note> {
    if is_cancelling(payment, operations) {
        return Some(Note::BeingCancelled);
    }
    let in_vain = operations.iter().any(is_cancel) && !is_cancelled(operations);
    (payment.shown && payment.state.has_money() && in_vain).then_some(Note::PaidNotCancelled)
}

/// It was asked for, and the bank has not answered it yet.
fn is_cancelling(payment: &Payment, operations: &[Operation]) -> bool {
    let coming = |op: &Operation| !op.state.is_final() && op.state != OperationState::NeedsPerson;
    payment.state == PaymentState::Awaiting && operations.iter().any(|op| is_cancel(op) && coming(op))
}

fn is_cancel(op: &Operation) -> bool {
    op.kind == OperationKind::CancelAccount
}

/// The bank has taken one of the requests to cancel.
fn is_cancelled(operations: &[Operation]) -> bool {
    operations.iter().any(|op| is_cancel(op) && op.state == OperationState::Accepted)
}

/// The form of a card sale has left for a browser.
pub(crate) fn is_opened(operations: &[Operation]) -> bool {
    let left = |state| !matches!(state, OperationState::Planned | OperationState::Abandoned);
    operations.iter().any(|op| op.kind == OperationKind::PostForm && left(op.state))
}

pub(crate) fn row_of(p: &Payment, operations: &[Operation], proof: Option<&Evidence>) -> PaymentRowView {
    let issued = p.issued.as_ref().filter(|_| p.shown);
    let confirmed_at = proof.map(|proof| proof.at).or(p.confirmed_at).map(time);
    PaymentRowView {
        payment: p.id.to_string(),
        rail: p.rail,
        bank_order_no: p.bank_order_no.to_string(),
        state: p.state,
        amount: p.amount.dollars(),
        refunded: 0,
        refund: None,
        account: issued.and_then(|i| i.account.clone()),
        link: issued.and_then(|i| i.link.clone()),
        expires_at: time(p.expires_at),
        late: p.late,
        paid_at: p.paid_minute.map(|minute| time(minute.start())),
        seen_at: confirmed_at.clone().filter(|_| p.state.has_money()),
        confirmed_at,
        confirmed_by: proof.map(|proof| proof.query),
        cancelling: is_cancelling(p, operations),
    }
}

/// The last answer of the bank that was not a yes, explained in both languages. Where money came it
/// no longer matters how the payment was opened.
pub(crate) fn why(payment: &Payment, operations: Vec<Operation>) -> Option<Why> {
    let money = payment.state.has_money();
    let cancelled = is_cancelled(&operations);
    let of_operation = |op: Operation| {
        if op.state == OperationState::Accepted || (cancelled && is_cancel(&op)) {
            return None;
        }
        if is_cancel(&op) {
            return cancel_why(payment, op);
        }
        let (state, code) = code_of(op).filter(|_| !money)?;
        told(code.clone(), |language| explained(language, payment.rail, state, &code))
    };
    operations.into_iter().rev().find_map(of_operation)
}

/// Why a card page brought no money, by what the bank has signed.
pub(crate) fn left_why(payment: &Payment, left: &PageLeft) -> Option<Why> {
    let code = left.code.as_ref().filter(|code| *code != SUCCESS)?;
    told(code.clone(), |language| bank_code(language, payment.rail, code).cloned())
}

/// Why a payment that the clerk asked to cancel is not cancelled.
fn cancel_why(payment: &Payment, op: Operation) -> Option<Why> {
    let state = op.state;
    let known = code_of(op).map(|(_, code)| code);
    if payment.state.has_money() {
        let code = known.unwrap_or_else(|| state.name().into());
        return told(code, |language| own_entry(language, "cancel-paid")).filter(|_| payment.shown);
    }
    let code = known.filter(|_| payment.state == PaymentState::Awaiting)?;
    told(code.clone(), |language| cancel_explained(language, payment.rail, state, &code))
}

fn told(code: String, entry: impl Fn(Language) -> Option<BookEntry>) -> Option<Why> {
    let [zh, en] = Language::ALL.map(entry);
    let (zh, en) = (zh?, en?);
    Some(Why { code, cause_zh: zh.cause, step_zh: zh.step, cause_en: en.cause, step_en: en.step })
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::{
        BankOrderNo, EvidenceId, Moment, OperationId, OrderId, PaymentId, Query, Rail, Twd,
    };

    use super::*;

    fn payment(state: PaymentState) -> Payment {
        Payment {
            id: PaymentId::from_bytes([1; 16]),
            order: OrderId::from_bytes([2; 16]),
            rail: Rail::SinopacAccount,
            bank_order_no: BankOrderNo::from_text("T1A"),
            amount: Twd::new(100),
            state,
            shown: true,
            issued: None,
            created_at: Moment::from_millis(0),
            expires_at: Moment::from_millis(57_599_000),
            paid_minute: None,
            confirmed_at: None,
            proof: None,
            late: true,
            asked_at: None,
            return_port: None,
            return_path: None,
            card: None,
            card_tail: None,
            version: 1,
        }
    }

    fn operation(kind: OperationKind, state: OperationState, code: Option<&str>) -> Operation {
        let at = Moment::from_millis(0);
        Operation {
            id: OperationId::from_bytes([3; 16]),
            payment: PaymentId::from_bytes([1; 16]),
            kind,
            state,
            planned_at: at,
            due_at: at,
            attempts: 1,
            sent_at: Some(at),
            snapshot: None,
            code: code.map(str::to_owned),
            version: 1,
            refund: None,
            step: None,
            amount: None,
        }
    }

    fn evidence(id: u8, query: Query, at_ms: i64) -> Evidence {
        Evidence {
            id: EvidenceId::from_bytes([id; 16]),
            payment: PaymentId::from_bytes([1; 16]),
            query,
            at: Moment::from_millis(at_ms),
            state: None,
            said: "S0000".into(),
            amount: None,
            paid_minute: None,
        }
    }

    #[test]
    fn a_row_tells_until_when_it_could_be_paid_and_that_it_was_paid_late() {
        let mut payment = payment(PaymentState::Settled);
        let row = row_of(&payment, &[], None);
        assert_eq!((row.expires_at.as_str(), row.late), ("1970-01-01T23:59:59+08:00", true));
        payment.late = false;
        assert!(!row_of(&payment, &[], None).late);
    }

    /// Late money: the bank's own minute, and when it was seen here.
    #[test]
    fn a_row_tells_when_it_was_paid_and_when_that_was_seen() {
        let mut paid = payment(PaymentState::PaidLate);
        paid.confirmed_at = Some(Moment::from_millis(5 * 60_000));
        let times = |payment: &Payment| {
            let row = row_of(payment, &[], None);
            (row.paid_at, row.seen_at)
        };
        assert_eq!(times(&paid), (None, Some("1970-01-01T08:05:00+08:00".into())), "a card at CTBC");
        paid.paid_minute = Some(Moment::from_millis(61_000).minute());
        assert_eq!(times(&paid).0.as_deref(), Some("1970-01-01T08:01:00+08:00"));
        paid.state = PaymentState::Awaiting;
        assert_eq!(times(&paid).1, None, "nothing was seen yet");
    }

    /// With a computer's clock that was 8 hours fast at the sale, the create is the newest by time.
    #[test]
    fn what_confirms_a_payment_is_its_proof_and_not_the_newest_answer() {
        let mut paid = payment(PaymentState::Paid);
        let said = [evidence(8, Query::ByWindow, 60_000), evidence(7, Query::Create, 8 * 3_600_000)];
        paid.proof = Some(said[0].id);
        paid.confirmed_at = Some(said[1].at);
        assert_eq!(proof_of(&paid, &said), Some(&said[0]));
        let row = row_of(&paid, &[], proof_of(&paid, &said));
        assert_eq!(row.confirmed_at.as_deref(), Some("1970-01-01T08:01:00+08:00"));
        assert_eq!(row.confirmed_by, Some(Query::ByWindow));
        paid.proof = None;
        assert_eq!(proof_of(&paid, &said), None);
    }

    #[test]
    fn a_cancel_that_nobody_has_answered_is_told_in_rows_and_in_its_own_words() {
        use OperationState as S;
        let awaiting = payment(PaymentState::Awaiting);
        let ops = |state, code| {
            let issued = operation(OperationKind::IssueAccount, S::Accepted, Some("S0000"));
            vec![issued, operation(OperationKind::CancelAccount, state, code)]
        };
        for state in [S::Planned, S::Sending, S::NotNow, S::Unknown] {
            assert!(row_of(&awaiting, &ops(state, None), None).cancelling, "{state:?}");
            assert_eq!(note_of(&awaiting, &ops(state, None)), Some(Note::BeingCancelled));
        }
        for state in [S::Declined, S::DidNotHappen, S::NeedsPerson] {
            assert!(!row_of(&awaiting, &ops(state, None), None).cancelling, "{state:?}");
            assert_eq!(note_of(&awaiting, &ops(state, None)), None);
        }
        assert_eq!(why(&awaiting, ops(S::Planned, None)), None);
        let lost = why(&awaiting, ops(S::Unknown, Some("reset"))).unwrap();
        assert!(lost.cause_zh.starts_with("取消要求的回覆遺失") && lost.step_zh.contains("不要轉帳"));
        assert!(lost.cause_en.contains("cancellation") && lost.step_en.contains("not to pay"));
        assert_eq!(lost.code, "reset");
        assert_eq!(why(&payment(PaymentState::Cancelled), ops(S::Unknown, Some("reset"))), None);
    }

    #[test]
    fn money_for_what_was_to_be_cancelled_is_told_and_nothing_is_to_be_done_again() {
        use OperationState as S;
        for state in [PaymentState::Paid, PaymentState::PaidLate, PaymentState::Settled] {
            let mut paid = payment(state);
            let cancel = |state| operation(OperationKind::CancelAccount, state, Some("E0403"));
            for end in [S::Declined, S::DidNotHappen, S::Unknown, S::NeedsPerson, S::Abandoned] {
                assert_eq!(note_of(&paid, &[cancel(end)]), Some(Note::PaidNotCancelled));
                let told = why(&paid, vec![cancel(end)]).unwrap();
                assert!(told.cause_zh.contains("曾要求取消"), "{told:?}");
                assert_eq!(told.step_zh, "請決定出貨或退款。");
                assert_eq!(told.step_en, "Deliver or refund.");
            }
            for ops in [vec![cancel(S::Accepted)], vec![cancel(S::Declined), cancel(S::Accepted)]] {
                assert_eq!(note_of(&paid, &ops), None, "cancelled, and paid all the same");
                assert_eq!(why(&paid, ops), None);
            }
            let create = operation(OperationKind::IssueAccount, S::DidNotHappen, Some("timeout"));
            assert_eq!(why(&paid, vec![create]), None, "it is no use to issue it again");
            // the clerk did not ask: the engine cancels what was never shown
            paid.shown = false;
            assert_eq!(note_of(&paid, &[cancel(S::Declined)]), None);
            assert_eq!(why(&paid, vec![cancel(S::Declined)]), None);
        }
    }

    #[test]
    fn a_page_is_opened_once_its_form_has_left() {
        use OperationState as S;
        let form = |state| [operation(OperationKind::PostForm, state, None)];
        assert!(!is_opened(&form(S::Planned)) && !is_opened(&form(S::Abandoned)) && !is_opened(&[]));
        assert!([S::Sending, S::Pending, S::Unknown, S::Accepted].iter().all(|s| is_opened(&form(*s))));
        assert!(!is_opened(&[operation(OperationKind::CreateLink, S::Accepted, None)]));
    }
}
