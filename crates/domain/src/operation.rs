//! An operation: one request to one bank. The table of operations is the outbox (`CONTRIBUTING.md` rule 1: nothing is sent that
//! is not committed, nothing is sent twice that may have arrived).

use serde::{Deserialize, Serialize};

use crate::answer::BankAnswer;
use crate::card::PAGE_LIFE_MINS;
use crate::ids::{OperationId, PaymentId};
use crate::reading::BankState;
use crate::time::Moment;

/// What is asked of the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationKind {
    /// SinoPac `OrderCreate` A.
    IssueAccount,
    /// SinoPac `OrderCreate` C.
    CreateLink,
    /// CTBC: the form of a sale is handed to the browser, which posts it. Once, and never again: the bank takes a used number.
    PostForm,
    /// SinoPac `OrderMaintain` C on an unpaid account.
    CancelAccount,
    /// SinoPac `OrderMaintain` P on an authorised card.
    Capture,
    /// SinoPac `OrderMaintain` C on an authorised card.
    CancelAuthorization,
}

impl OperationKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::IssueAccount,
        Self::CreateLink,
        Self::PostForm,
        Self::CancelAccount,
        Self::Capture,
        Self::CancelAuthorization,
    ];

    /// The name in rows and JSON: kebab-case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IssueAccount => "issue-account",
            Self::CreateLink => "create-link",
            Self::PostForm => "post-form",
            Self::CancelAccount => "cancel-account",
            Self::Capture => "capture",
            Self::CancelAuthorization => "cancel-authorization",
        }
    }

    /// Reads [`OperationKind::name`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }

    /// Opens a payment at the bank by a request of ours.
    pub const fn is_create(self) -> bool {
        matches!(self, Self::IssueAccount | Self::CreateLink)
    }
}

/// Where an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationState {
    /// Committed, not sent.
    Planned,
    /// Committed before the first byte leaves. Found at a start, it is `Unknown`.
    Sending,
    /// The bank has taken it.
    Accepted,
    /// The bank refused it for good.
    Declined,
    /// The bank refused it for now.
    NotNow,
    /// It never left this computer.
    NotSent,
    /// The bank is working on it.
    Pending,
    /// Nobody knows; readings will tell.
    Unknown,
    /// Readings proved that it did not happen.
    DidNotHappen,
    /// Readings ran out: a person decides, with the evidence.
    NeedsPerson,
    /// Given up before anything was sent.
    Abandoned,
}

impl OperationState {
    /// Every state.
    pub const ALL: [Self; 11] = [
        Self::Planned,
        Self::Sending,
        Self::Accepted,
        Self::Declined,
        Self::NotNow,
        Self::NotSent,
        Self::Pending,
        Self::Unknown,
        Self::DidNotHappen,
        Self::NeedsPerson,
        Self::Abandoned,
    ];

    /// The name in rows and JSON: kebab-case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::NotNow => "not-now",
            Self::NotSent => "not-sent",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
            Self::DidNotHappen => "did-not-happen",
            Self::NeedsPerson => "needs-person",
            Self::Abandoned => "abandoned",
        }
    }

    /// Reads [`OperationState::name`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

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
            S::NeedsPerson => matches!(to, S::Accepted | S::Declined | S::DidNotHappen),
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
    /// Whose.
    pub payment: PaymentId,
    /// What.
    pub kind: OperationKind,
    /// Where it stands.
    pub state: OperationState,
    /// When it was decided.
    pub planned_at: Moment,
    /// Earliest time of the next attempt.
    pub due_at: Moment,
    /// Attempts begun, i.e. times it became `Sending`.
    pub attempts: u32,
    /// When the last attempt began.
    pub sent_at: Option<Moment>,
    /// The bank's state read just before the last attempt; `None` for a create: it was not there.
    pub snapshot: Option<BankState>,
    /// Code of the last answer, as the bank wrote it.
    pub code: Option<String>,
    /// Scheduled readings answered since it became unclear.
    pub readings: u32,
    /// The first reading that counts towards "did not happen".
    pub unchanged_since: Option<Moment>,
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
/// Scheduled answered readings of an `Unknown` before a person is asked.
pub const READINGS_MAX: u32 = 10;
/// "Not there" and "unchanged" count from this long after the send: the bank's queries lag.
pub const COUNTS_AFTER_MS: i64 = 600_000;
/// Two equal readings prove "did not happen" when they are at least this far apart.
pub const APART_MS: i64 = 600_000;

/// May an operation that was refused for now, or never left, be tried again, and after how many milliseconds? `None`: no.
/// `waited_ms`: by the monotonic clock since it was planned, for a create. `now`: bank time.
pub fn next_attempt(op: &Operation, waited_ms: i64, now: Moment) -> Option<i64> {
    let wait_ms = wait_after(op);
    let in_time = if op.kind.is_create() {
        op.attempts < CREATE_ATTEMPTS_MAX && waited_ms.saturating_add(wait_ms) < CREATE_LIFE_MS
    } else {
        op.attempts < ATTEMPTS_MAX && now.plus_ms(wait_ms) < op.planned_at.plus_days(ATTEMPTS_DAYS_MAX)
    };
    in_time.then_some(wait_ms)
}

/// From an attempt that came to nothing to the next, in milliseconds.
pub fn wait_after(op: &Operation) -> i64 {
    if op.kind.is_create() {
        return i64::from(op.attempts).saturating_mul(2_500);
    }
    let place = usize::try_from(op.attempts).unwrap_or(9).saturating_sub(1);
    [1, 5, 15, 60].get(place).copied().unwrap_or(180) * 60_000
}

/// What a reading says about an unclear operation (money rules 3, reading out).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadOut {
    /// Further along the success path: it was done.
    Accepted,
    /// Proved not done.
    DidNotHappen,
    /// Unchanged, but not proof yet; counts from this instant.
    Unchanged,
    /// Says nothing either way.
    Nothing,
}

/// Reads out an unclear operation. `seen`: the bank's state, `None` when the bank has no such order. `asked_at`: when the
/// reading was asked for; both instants by bank time.
pub fn read_out(op: &Operation, seen: Option<BankState>, asked_at: Moment) -> ReadOut {
    let Some(sent_at) = op.sent_at else { return ReadOut::Nothing };
    let unchanged = match (op.kind, seen) {
        // a state that no list holds proves nothing: the order waits for one that does
        (OperationKind::IssueAccount | OperationKind::CreateLink, Some(BankState::Unlisted)) => {
            return ReadOut::Nothing;
        }
        (OperationKind::IssueAccount | OperationKind::CreateLink | OperationKind::PostForm, Some(_))
        | (OperationKind::CancelAccount, Some(BankState::Expired))
        | (OperationKind::Capture, Some(BankState::Collected | BankState::Settled))
        | (OperationKind::CancelAuthorization, Some(BankState::Released)) => return ReadOut::Accepted,
        (OperationKind::CancelAccount, Some(BankState::Collected | BankState::Settled)) => {
            return ReadOut::DidNotHappen;
        }
        // the customer has the page's whole life; what comes later still moves the payment
        (OperationKind::PostForm, None) if asked_at < sent_at.plus_mins(PAGE_LIFE_MINS) => {
            return ReadOut::Nothing;
        }
        (OperationKind::PostForm, None) => return ReadOut::DidNotHappen,
        (_, seen) => seen == op.snapshot,
    };
    if !unchanged || asked_at.ms_since(sent_at) < COUNTS_AFTER_MS {
        return ReadOut::Nothing;
    }
    match op.unchanged_since {
        Some(first) if asked_at.ms_since(first) >= APART_MS => ReadOut::DidNotHappen,
        Some(_) => ReadOut::Nothing,
        None => ReadOut::Unchanged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use OperationState as S;

    fn op(kind: OperationKind) -> Operation {
        Operation {
            id: OperationId::from_bytes([1; 16]),
            payment: PaymentId::from_bytes([2; 16]),
            kind,
            state: S::Unknown,
            planned_at: Moment::from_millis(0),
            due_at: Moment::from_millis(0),
            attempts: 1,
            sent_at: Some(Moment::from_millis(0)),
            snapshot: None,
            code: None,
            readings: 0,
            unchanged_since: None,
            version: 1,
        }
    }

    #[test]
    fn the_table_of_operation_states() {
        let rows: &[(S, &[S])] = &[
            (S::Planned, &[S::Sending, S::Abandoned]),
            (S::Sending, &[S::Accepted, S::Declined, S::NotNow, S::NotSent, S::Pending, S::Unknown]),
            (S::NotNow, &[S::Sending, S::Abandoned, S::NeedsPerson]),
            (S::NotSent, &[S::Sending, S::Abandoned, S::NeedsPerson]),
            (S::Pending, &[S::Accepted, S::Declined, S::DidNotHappen, S::NeedsPerson]),
            (S::Unknown, &[S::Accepted, S::Declined, S::DidNotHappen, S::NeedsPerson]),
            (S::NeedsPerson, &[S::Accepted, S::Declined, S::DidNotHappen]),
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

    #[test]
    fn not_there_is_proved_by_two_readings_ten_minutes_apart_from_ten_minutes_after_the_send() {
        let mut o = op(OperationKind::IssueAccount);
        let at = |secs: i64| Moment::from_millis(secs * 1000);
        assert_eq!(read_out(&o, None, at(5)), ReadOut::Nothing);
        assert_eq!(read_out(&o, None, at(599)), ReadOut::Nothing);
        assert_eq!(read_out(&o, None, at(600)), ReadOut::Unchanged);
        o.unchanged_since = Some(at(600));
        assert_eq!(read_out(&o, None, at(1199)), ReadOut::Nothing);
        assert_eq!(read_out(&o, None, at(1200)), ReadOut::DidNotHappen);
        assert_eq!(read_out(&o, Some(BankState::Waiting), at(5)), ReadOut::Accepted);
    }

    #[test]
    fn a_cancel_is_read_out_by_the_end_state() {
        let mut o = op(OperationKind::CancelAccount);
        o.snapshot = Some(BankState::Waiting);
        let at = |secs: i64| Moment::from_millis(secs * 1000);
        assert_eq!(read_out(&o, Some(BankState::Expired), at(5)), ReadOut::Accepted);
        assert_eq!(read_out(&o, Some(BankState::Collected), at(5)), ReadOut::DidNotHappen);
        assert_eq!(read_out(&o, Some(BankState::Waiting), at(60)), ReadOut::Nothing);
        assert_eq!(read_out(&o, Some(BankState::Waiting), at(600)), ReadOut::Unchanged);
    }

    #[test]
    fn a_create_is_tried_three_times_within_twenty_seconds() {
        let mut o = op(OperationKind::CreateLink);
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
        let mut o = op(OperationKind::CancelAccount);
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

    #[test]
    fn a_create_in_a_state_that_no_list_holds_is_read_on() {
        let o = op(OperationKind::CreateLink);
        let late = Moment::from_millis(7_200_000);
        assert_eq!(read_out(&o, Some(BankState::Unlisted), late), ReadOut::Nothing);
    }
}
