//! How a refund can end, as it is typed, and what comes of a wish to have it back from the bank.

use counterfoil_domain::calendar::BankCalendar;
use counterfoil_domain::refund::Choice;
use counterfoil_domain::{
    CardState, Moment, Operation, OperationKind, OperationState, Refund, RefundState, Seen,
};
use serde::Serialize;
use ts_rs::TS;

use super::{SaidView, said};

pub(super) const UNCLEAR: &str = "unclear";
pub(super) const LATE: &str = "wish.late";
pub(super) const REFUSED: &str = "wish.refused";
pub(super) const WANTED: &str = "wish.wanted";

/// With a holiday list a batch is sure to have run within so many days, whatever the holiday.
const SURE_DAYS: i64 = 21;

/// The bank's answer to a step is unclear, and readings go on.
pub(super) fn is_unclear(refund: &Refund, operations: &[Operation]) -> bool {
    let unclear = |op: &Operation| op.refund == Some(refund.id) && op.state == OperationState::Unknown;
    !refund.state.is_final() && operations.iter().any(unclear)
}

pub(super) const UNLISTED: &str = "undecided.unlisted";

/// A person decides a refund of `own` steps because no batch is sure to have run: the dates of the
/// shop's holidays would let its readings settle it.
pub(super) fn waits_for_list(own: &[&Operation], calendar: &BankCalendar) -> bool {
    let captured = Seen::of_ctbc(CardState::Captured);
    let unsure = |sent: Moment| calendar.completed_batch(sent, sent.plus_days(SURE_DAYS)).is_none();
    own.iter().any(|op| {
        op.state == OperationState::NeedsPerson
            && op.kind == OperationKind::Refund
            && op.snapshot.as_ref() == Some(&captured)
            && op.sent_at.is_some_and(unsure)
    })
}

/// What comes of the wish to have it back: its sentence.
pub(super) fn wish(refund: &Refund, operations: &[Operation]) -> Option<&'static str> {
    refund.wish?;
    match refund.state {
        RefundState::Withdrawn | RefundState::Declined => None,
        RefundState::Done => Some(LATE),
        RefundState::Requested
        | RefundState::Approved
        | RefundState::Waiting
        | RefundState::Working
        | RefundState::AtBank
        | RefundState::NeedsPerson => Some(if refund.is_wish_refused(operations) { REFUSED } else { WANTED }),
    }
}

/// A way out, as it is typed.
pub(super) fn way(choice: Choice) -> &'static str {
    match choice {
        Choice::Done => "refund decide --done",
        Choice::NotDone => "refund decide --not-done",
        Choice::KeepAsking => "refund decide --keep-asking",
        Choice::ByHand => "refund decide --by-hand",
        Choice::Withdraw => "refund withdraw",
    }
}

/// A decision that a refund leaves to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ChoiceView {
    /// Its name.
    pub choice: &'static str,
    /// How it is typed.
    pub typed: &'static str,
    /// The words on its key, zh-TW.
    pub key_zh: String,
    /// English.
    pub key_en: String,
    /// What it does.
    #[serde(flatten)]
    #[ts(flatten)]
    pub text: SaidView,
}

pub(super) fn choice(choice: Choice) -> ChoiceView {
    let key = format!("choice.{}", choice.name());
    let SaidView { text_zh: key_zh, text_en: key_en } = said(&key, &[]);
    let text = said(&format!("{key}.about"), &[]);
    ChoiceView { choice: choice.name(), typed: way(choice), key_zh, key_en, text }
}
