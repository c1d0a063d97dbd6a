//! An operation: one request to one bank. The table of operations is the outbox (`CONTRIBUTING.md`
//! rule 1: nothing is sent that is not committed, nothing is sent twice that may have arrived).

pub mod readings;
pub mod rules;

use serde::{Deserialize, Serialize};

pub use self::readings::{APART_MS, READINGS_MAX, ReadOut, Reading, Shows, read_out};
use self::rules::{Retry, Rule};
use crate::answer::BankAnswer;
use crate::ids::{OperationId, PaymentId, RefundId};
use crate::money::Twd;
use crate::named::named;
use crate::seen::Seen;
use crate::time::Moment;

named! {
    /// What is asked of the bank.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum OperationKind {
        /// SinoPac `OrderCreate` A.
        IssueAccount = "issue-account",
        /// SinoPac `OrderCreate` C.
        CreateLink = "create-link",
        /// CTBC: the form of a sale is handed to the browser, which posts it. Once, and never
        /// again: the bank takes a used number.
        PostForm = "post-form",
        /// SinoPac `OrderMaintain` C on an unpaid account.
        CancelAccount = "cancel-account",
        /// SinoPac `OrderMaintain` P on an authorized card.
        Capture = "capture",
        /// SinoPac `OrderMaintain` C on an authorized card.
        CancelAuthorization = "cancel-authorization",
        /// CTBC Cap: 1 becomes 10.
        Cap = "cap",
        /// CTBC Reversal, the whole authorization: 1 becomes 0.
        Reversal = "reversal",
        /// CTBC CapRev: 10 becomes 1.
        CapReversal = "cap-reversal",
        /// CTBC Refund: 12 becomes 20; a remainder from 22 too.
        Refund = "refund",
        /// CTBC RefundRev: 20 becomes 12.
        RefundReversal = "refund-reversal",
        /// SinoPac `OrderMaintain` R on a captured card.
        CardRefund = "card-refund",
        /// SinoPac `OrderMaintain` R on a paid account, the first call: the bank gives a token.
        AccountRefundToken = "account-refund-token",
        /// The second call, with the token.
        AccountRefund = "account-refund",
    }
}

impl OperationKind {
    /// What it is.
    pub const fn rule(self) -> Rule {
        rules::rule(self)
    }

    /// Opens a payment at the bank by a request of ours.
    pub const fn is_create(self) -> bool {
        self.rule().opens
    }
}

named! {
    /// The state of an operation.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum OperationState {
        /// Committed, not sent.
        Planned = "planned",
        /// Committed before the first byte leaves. Found at a start, it is `Unknown`.
        Sending = "sending",
        /// The bank has taken it.
        Accepted = "accepted",
        /// The bank refused it for good.
        Declined = "declined",
        /// The bank refused it for now.
        NotNow = "not-now",
        /// It never left this computer.
        NotSent = "not-sent",
        /// The bank is working on it.
        Pending = "pending",
        /// The outcome is unknown; readings will show it.
        Unknown = "unknown",
        /// Readings proved that it did not happen.
        DidNotHappen = "did-not-happen",
        /// Readings ran out: a person decides, with the evidence.
        NeedsPerson = "needs-person",
        /// Given up before anything was sent.
        Abandoned = "abandoned",
    }
}

impl OperationState {
    /// The transition table (money rules 2).
    pub const fn may_become(self, to: Self) -> bool {
        use OperationState as S;
        match self {
            S::Planned => matches!(to, S::Sending | S::Abandoned),
            S::Sending => {
                matches!(to, S::Accepted | S::Declined | S::NotNow | S::NotSent | S::Pending | S::Unknown)
            }
            // a new attempt later, counted; or none any more
            S::NotNow | S::NotSent => matches!(to, S::Sending | S::Abandoned | S::NeedsPerson),
            S::Pending | S::Unknown => {
                matches!(to, S::Accepted | S::Declined | S::DidNotHappen | S::NeedsPerson)
            }
            // a person's word, or later news from the bank
            S::NeedsPerson => {
                matches!(to, S::Accepted | S::Declined | S::DidNotHappen | S::Unknown)
            }
            S::Accepted | S::Declined | S::DidNotHappen | S::Abandoned => false,
        }
    }

    /// Nothing more will happen to it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Accepted | Self::Declined | Self::DidNotHappen | Self::Abandoned)
    }

    /// Only readings can tell what became of it.
    pub const fn wants_reading(self) -> bool {
        matches!(self, Self::Pending | Self::Unknown)
    }

    /// The bank has done it, or may have.
    pub const fn may_have_acted(self) -> bool {
        match self {
            Self::Sending | Self::Accepted | Self::Pending | Self::Unknown | Self::NeedsPerson => true,
            Self::Planned
            | Self::Declined
            | Self::NotNow
            | Self::NotSent
            | Self::DidNotHappen
            | Self::Abandoned => false,
        }
    }

    /// A reading may still prove what became of it, also while a person is asked.
    pub const fn may_be_proved(self) -> bool {
        matches!(self, Self::Pending | Self::Unknown | Self::NeedsPerson)
    }
}

impl From<BankAnswer> for OperationState {
    fn from(answer: BankAnswer) -> Self {
        match answer {
            BankAnswer::Accepted => Self::Accepted,
            BankAnswer::Declined => Self::Declined,
            BankAnswer::NotNow => Self::NotNow,
            BankAnswer::NotSent => Self::NotSent,
            BankAnswer::Pending => Self::Pending,
            BankAnswer::Unknown => Self::Unknown,
        }
    }
}

/// One operation, as a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Ours.
    pub id: OperationId,
    /// Of which payment.
    pub payment: PaymentId,
    /// What.
    pub kind: OperationKind,
    /// The refund that it is a step of.
    pub refund: Option<RefundId>,
    /// Which step of its refund, from 1.
    pub step: Option<u32>,
    /// The money that it names. A request without an amount would refund all of it.
    pub amount: Option<Twd>,
    /// Its state.
    pub state: OperationState,
    /// When it was decided.
    pub planned_at: Moment,
    /// Earliest time of the next attempt.
    pub due_at: Moment,
    /// Attempts begun, i.e. times it became `Sending`.
    pub attempts: u32,
    /// When the last attempt began.
    pub sent_at: Option<Moment>,
    /// What the bank showed just before the last attempt. `None`: it was not there, or no reading
    /// comes before.
    pub snapshot: Option<Seen>,
    /// Code of the last answer, as the bank wrote it.
    pub code: Option<String>,
    /// Row version, 1 when new.
    pub version: i64,
}

/// Attempts of a create that surely did not reach the bank (money rules 3).
pub const CREATE_ATTEMPTS_MAX: u32 = 3;
/// No attempt of a create begins later than this after it was planned: the clerk has moved on.
pub const CREATE_LIFE_MS: i64 = 20_000;
/// Attempts of any other operation before a person is asked.
pub const ATTEMPTS_MAX: u32 = 20;
/// And the longest it is tried.
pub const ATTEMPTS_DAYS_MAX: i64 = 14;
/// May an operation that was refused for now, or never left, be tried again, and after how many
/// milliseconds? `None`: no. `waited_ms`: by the monotonic clock since it was planned, for a
/// create. `now`: bank time.
pub fn next_attempt(op: &Operation, waited_ms: i64, now: Moment) -> Option<i64> {
    let wait_ms = wait_after(op);
    let in_time = match op.kind.rule().retry {
        Retry::Patience => {
            op.attempts < CREATE_ATTEMPTS_MAX && waited_ms.saturating_add(wait_ms) < CREATE_LIFE_MS
        }
        Retry::Days => {
            op.attempts < ATTEMPTS_MAX && now.plus_ms(wait_ms) < op.planned_at.plus_days(ATTEMPTS_DAYS_MAX)
        }
        Retry::Replan | Retry::Never => false,
    };
    in_time.then_some(wait_ms)
}

/// From an attempt that came to nothing to the next, in milliseconds.
pub fn wait_after(op: &Operation) -> i64 {
    match op.kind.rule().retry {
        Retry::Patience => i64::from(op.attempts).saturating_mul(2_500),
        Retry::Days | Retry::Replan | Retry::Never => {
            let place = usize::try_from(op.attempts).unwrap_or(9).saturating_sub(1);
            [1, 5, 15, 60].get(place).copied().unwrap_or(180) * 60_000
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::operation;
    use OperationState as S;

    #[test]
    fn the_table_of_operation_states() {
        let rows: &[(S, &[S])] = &[
            (S::Planned, &[S::Sending, S::Abandoned]),
            (S::Sending, &[S::Accepted, S::Declined, S::NotNow, S::NotSent, S::Pending, S::Unknown]),
            (S::NotNow, &[S::Sending, S::Abandoned, S::NeedsPerson]),
            (S::NotSent, &[S::Sending, S::Abandoned, S::NeedsPerson]),
            (S::Pending, &[S::Accepted, S::Declined, S::DidNotHappen, S::NeedsPerson]),
            (S::Unknown, &[S::Accepted, S::Declined, S::DidNotHappen, S::NeedsPerson]),
            (S::NeedsPerson, &[S::Accepted, S::Declined, S::DidNotHappen, S::Unknown]),
            (S::Accepted, &[]),
            (S::Declined, &[]),
            (S::DidNotHappen, &[]),
            (S::Abandoned, &[]),
        ];
        for (from, tos) in rows {
            for to in S::ALL {
                assert_eq!(from.may_become(to), tos.contains(&to), "{from:?} -> {to:?}");
            }
        }
        // an unclear send is never sent again
        assert!(!S::Unknown.may_become(S::Sending));
    }

    /// What each state answers: final, waits for a reading, may have acted, may still be proved.
    #[test]
    fn what_each_state_of_an_operation_answers() {
        let (yes, no) = (true, false);
        let rows = [
            (S::Planned, [no, no, no, no]),
            (S::Sending, [no, no, yes, no]),
            (S::Accepted, [yes, no, yes, no]),
            (S::Declined, [yes, no, no, no]),
            (S::NotNow, [no, no, no, no]),
            (S::NotSent, [no, no, no, no]),
            (S::Pending, [no, yes, yes, yes]),
            (S::Unknown, [no, yes, yes, yes]),
            (S::DidNotHappen, [yes, no, no, no]),
            (S::NeedsPerson, [no, no, yes, yes]),
            (S::Abandoned, [yes, no, no, no]),
        ];
        assert_eq!(rows.len(), S::ALL.len());
        for (state, answers) in rows {
            let ours =
                [state.is_final(), state.wants_reading(), state.may_have_acted(), state.may_be_proved()];
            assert_eq!(ours, answers, "{state:?}");
        }
    }

    #[test]
    fn a_create_is_tried_three_times_within_twenty_seconds() {
        let mut o = operation(OperationKind::CreateLink);
        let now = Moment::from_millis(0);
        assert_eq!(next_attempt(&o, 100, now), Some(2_500));
        assert_eq!(next_attempt(&o, 17_499, now), Some(2_500));
        assert_eq!(next_attempt(&o, 17_500, now), None);
        o.attempts = 2;
        assert_eq!(next_attempt(&o, 100, now), Some(5_000));
        o.attempts = 3;
        assert_eq!(next_attempt(&o, 100, now), None);
    }

    #[test]
    fn a_cancel_is_tried_twenty_times_within_fourteen_days() {
        let mut o = operation(OperationKind::CancelAccount);
        let minutes = |o: &Operation, now| next_attempt(o, i64::MAX, now).map(|ms| ms / 60_000);
        let start = Moment::from_millis(0);
        for (attempts, wait) in [(1, 1), (2, 5), (3, 15), (4, 60), (5, 180), (19, 180)] {
            o.attempts = attempts;
            assert_eq!(minutes(&o, start), Some(wait), "after attempt {attempts}");
        }
        o.attempts = 20;
        assert_eq!(minutes(&o, start), None);
        o.attempts = 5;
        let last = start.plus_days(14).plus_mins(-180);
        assert_eq!(minutes(&o, last.plus_ms(-1)), Some(180));
        assert_eq!(minutes(&o, last), None);
    }
}
