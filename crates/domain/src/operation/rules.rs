//! What an operation is: one exhaustive rule per kind (money rules 3 and 4). A new kind does not
//! compile until each question is answered.
//!
//! Left out: which operation comes next (the planner of refunds), and what an answer's code means
//! (each bank's `meaning`).

use crate::bank_state::BankState as B;
use crate::card::{CardState as C, PAGE_LIFE_MINS};
use crate::money::Twd;
use crate::operation::OperationKind;
use crate::rail::Bank;
use crate::seen::{RefundsSeen, Seen};

/// The answers to every question about one kind.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Only its bank is ever asked.
    pub bank: Bank,
    /// It opens the payment, so no reading comes before it, and its failure ends the payment.
    pub opens: bool,
    /// Right before an attempt a reading must show one of these. `None`: no reading comes before.
    pub object: Option<States>,
    /// A reading that shows one of these, other than the snapshot, proves that it was done.
    pub done: Done,
    /// A reading that shows one of these proves that it was not.
    pub not_done: States,
    /// Readings equal to the snapshot that prove that it was not done.
    pub unchanged: Unchanged,
    /// After an answer that it was not done this time.
    pub retry: Retry,
    /// When an unclear one is read.
    pub reads: Reads,
    /// What the bank's "accepted" comes to.
    pub accepted: Accepted,
    /// What the bank may show because of it, without anything being wrong.
    pub explains: Explains,
    /// What becomes of its refund once the bank has taken it.
    pub refund: Part,
    /// What becomes of its refund once the bank has refused it for good.
    pub declined: Declined,
    /// Every management write of CTBC waits for its batch (money rules 5). The form of a sale does
    /// not, and SinoPac has no batch.
    pub waits_for_batch: bool,
    /// How long it may take, in milliseconds: none starts that could straddle a batch.
    pub span_ms: i64,
    /// The message that carries it.
    pub message: Message,
}

/// What the bank may show because of an operation of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explains {
    /// Nothing that would be a discrepancy.
    Nothing,
    /// A refund.
    Refund,
    /// A card that goes back: 10 becomes 1, 1 becomes 0, 20 becomes 12.
    StepBack,
}

/// The part of an operation in its refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// No step of a refund, or one that moves nothing.
    Nothing,
    /// A step on the way, or back: two of them could pay twice, and it ends nothing.
    Way,
    /// The last step: two of them could pay twice.
    End,
    /// The last step, and harmless twice: SinoPac cancels an authorization once.
    SafeEnd,
}

/// What a refusal for good does to the refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declined {
    /// It ends: the bank refused it.
    Ends,
    /// The sale may have moved on meanwhile: it is read, and planned again.
    Replan,
}

/// A message of a bank, as the engine and the banks' wires tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// SinoPac: a new account.
    Account,
    /// SinoPac: a new card link.
    Link,
    /// CTBC: the form that the browser posts.
    Form,
    /// SinoPac: a command on a whole order, without an amount.
    Order,
    /// SinoPac: a refund with its amount.
    Refund,
    /// SinoPac: the same with the token of the call before.
    RefundWithToken,
    /// CTBC: a command on a card's transaction.
    Card,
}

/// A set of states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum States {
    /// No state.
    None,
    /// Whatever is shown under the number.
    Any,
    /// Each that a list of ours holds.
    Listed,
    /// These of SinoPac.
    Sinopac(&'static [B]),
    /// These of CTBC.
    Ctbc(&'static [C]),
}

impl Rule {
    /// It sends money back, so that a second one would send it twice. What takes a sale out of the
    /// bank's file, or a refund, is none: the bank's state tells what became of it.
    pub const fn gives_back(&self) -> bool {
        matches!(self.explains, Explains::Refund)
    }

    /// It gives money back, or takes it out of the bank's file: two of them could pay twice.
    pub const fn is_money(&self) -> bool {
        matches!(self.refund, Part::Way | Part::End)
    }

    /// Taken by the bank, it is the last step of its refund.
    pub const fn ends_refund(&self) -> bool {
        matches!(self.refund, Part::End | Part::SafeEnd)
    }
}

impl States {
    /// Does the set hold what is shown? One that several transactions share is in no set of CTBC's.
    pub fn holds(self, seen: &Seen) -> bool {
        match (self, seen) {
            (Self::None, Seen::Sinopac { .. } | Seen::Ctbc { .. })
            | (Self::Sinopac(_), Seen::Ctbc { .. })
            | (Self::Ctbc(_), Seen::Sinopac { .. }) => false,
            (Self::Any, Seen::Sinopac { .. } | Seen::Ctbc { .. }) => true,
            (Self::Listed, Seen::Sinopac { .. } | Seen::Ctbc { .. }) => seen.state() != B::Unlisted,
            (Self::Sinopac(states), Seen::Sinopac { state, .. }) => states.contains(state),
            (Self::Ctbc(states), Seen::Ctbc { state, several }) => !several && states.contains(state),
        }
    }
}

/// The proof that it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// One of these states.
    At(States),
    /// A refund of SinoPac that the snapshot does not show.
    NewRefund,
    /// It moves no money and leaves no trace.
    Traceless,
}

impl Done {
    /// Does a reading prove it? `amount` is what the operation names: a new refund of another
    /// amount is not ours.
    pub fn is_proved(self, snapshot: Option<&Seen>, amount: Option<Twd>, seen: &Seen) -> bool {
        if snapshot == Some(seen) {
            return false;
        }
        match self {
            Self::At(states) => states.holds(seen),
            Self::NewRefund => refunds(seen).is_some_and(|now| {
                let none = RefundsSeen::default();
                now.new_of(snapshot.and_then(refunds).unwrap_or(&none), amount).is_some()
            }),
            Self::Traceless => false,
        }
    }
}

/// The proof by readings equal to the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unchanged {
    /// One, so long after the send.
    Once {
        /// Milliseconds.
        after_ms: i64,
    },
    /// Two, [`super::APART_MS`] apart, the first so long after the send, and what else is needed.
    Twice {
        /// Milliseconds.
        after_ms: i64,
        /// What else.
        and: And,
    },
}

/// What two equal readings need beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum And {
    /// Nothing.
    Nothing,
    /// From 12: one of them after a completed batch. From 22, a remainder: both before the next
    /// batch starts; later ones prove nothing.
    Batch,
    /// The second on the next bank day, and BillQuery of the day of the send, asked on a later day,
    /// without a refund of the order.
    NextDayAndBill,
}

/// What follows an answer that it was not done this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// A few times within the clerk's patience, then given up: [`super::CREATE_ATTEMPTS_MAX`],
    /// [`super::CREATE_LIFE_MS`].
    Patience,
    /// Counted over days, then a person is asked: [`super::ATTEMPTS_MAX`],
    /// [`super::ATTEMPTS_DAYS_MAX`].
    Days,
    /// Its refund waits again for a new plan.
    Replan,
    /// Never: another one is made instead.
    Never,
}

/// When an unclear one is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// By the schedule of its payment.
    WithPayment,
    /// So many seconds after the send, then as named.
    At(&'static [i64], Then),
}

/// And then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Daily.
    Daily,
    /// After the next batch, and daily.
    Batch,
    /// On the next bank day, and daily.
    BankDay,
}

/// What the bank's "accepted" comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// The payment can be paid.
    Issued,
    /// The payment is cancelled.
    Cancelled,
    /// The bank has taken it; a reading shows what it came to.
    Taken,
    /// The second call may go, for a while.
    Token,
}

/// "Not there" and "unchanged" count from this long after the send: the bank's queries lag.
pub const COUNTS_AFTER_MS: i64 = 600_000;
/// The first reading that counts after a refund of SinoPac.
const REFUND_COUNTS_AFTER_MS: i64 = 1_800_000;
/// A first call of an account refund is over after this (its token lives 120 s).
const TOKEN_OVER_MS: i64 = 150_000;

/// An unclear operation is read this many seconds after its send; from 10 min on two of them prove
/// what did not happen.
const UNCLEAR_S: &[i64] = &[60, 300, 660, 1_320, 3_600];
/// A create sooner: its clerk waits.
const CREATE_S: &[i64] = &[5, 20, 60, 300, 660, 1_320, 3_600];
const REFUND_S: &[i64] = &[60, 300, 1_860, 3_600];
const TOKEN_S: &[i64] = &[155];

/// One request: its commit, the way there, and the bank's time to answer.
const SPAN_MS: i64 = 60_000;

const TWICE: Unchanged = Unchanged::Twice { after_ms: COUNTS_AFTER_MS, and: And::Nothing };
const NEXT_DAY: Unchanged = Unchanged::Twice { after_ms: REFUND_COUNTS_AFTER_MS, and: And::NextDayAndBill };
pub(crate) const COLLECTED: States = States::Sinopac(&[B::Collected, B::Settled]);

/// The rule of a kind.
pub const fn rule(kind: OperationKind) -> Rule {
    use OperationKind as K;
    match kind {
        K::IssueAccount => of_create(Message::Account),
        K::CreateLink => of_create(Message::Link),
        // the browser posts it: we get no answer, and never post a used number again
        K::PostForm => Rule {
            bank: Bank::Ctbc,
            opens: false,
            object: None,
            done: Done::At(States::Any),
            not_done: States::None,
            // the customer has the page's whole life; what comes later still moves the payment
            unchanged: Unchanged::Once { after_ms: PAGE_LIFE_MINS * 60_000 },
            retry: Retry::Never,
            reads: Reads::WithPayment,
            accepted: Accepted::Taken,
            explains: Explains::Nothing,
            refund: Part::Nothing,
            declined: Declined::Ends,
            waits_for_batch: false,
            span_ms: SPAN_MS,
            message: Message::Form,
        },
        K::CancelAccount => Rule {
            bank: Bank::Sinopac,
            opens: false,
            object: Some(States::Sinopac(&[B::Waiting])),
            done: Done::At(States::Sinopac(&[B::Expired])),
            not_done: COLLECTED,
            unchanged: TWICE,
            retry: Retry::Days,
            reads: Reads::At(UNCLEAR_S, Then::Daily),
            accepted: Accepted::Cancelled,
            explains: Explains::Nothing,
            refund: Part::Nothing,
            declined: Declined::Ends,
            waits_for_batch: false,
            span_ms: SPAN_MS,
            message: Message::Order,
        },
        K::Capture => of_authorization(COLLECTED),
        K::CancelAuthorization => Rule {
            refund: Part::SafeEnd,
            declined: Declined::Replan,
            retry: Retry::Replan,
            ..of_authorization(States::Sinopac(&[B::Released]))
        },
        K::Cap => of_ctbc(
            &[C::Authorized],
            &[C::CaptureQueued, C::CaptureLocked, C::Captured, C::CaptureFailed],
            &[],
        ),
        K::Reversal => back(Part::End, of_ctbc(&[C::Authorized], &[C::Cancelled], &[])),
        K::CapReversal => Rule {
            // it takes its Reversal along, with the inquiry between the two
            span_ms: 3 * SPAN_MS,
            ..back(
                Part::Way,
                of_ctbc(
                    &[C::CaptureQueued],
                    &[C::Authorized, C::Cancelled],
                    &[C::CaptureLocked, C::Captured],
                ),
            )
        },
        K::Refund => Rule {
            unchanged: Unchanged::Twice { after_ms: COUNTS_AFTER_MS, and: And::Batch },
            retry: Retry::Replan,
            explains: Explains::Refund,
            refund: Part::End,
            ..of_ctbc(&[C::Captured, C::Refunded], &[C::RefundQueued, C::RefundLocked, C::Refunded], &[])
        },
        K::RefundReversal => {
            back(Part::Way, of_ctbc(&[C::RefundQueued], &[C::Captured], &[C::RefundLocked, C::Refunded]))
        }
        K::CardRefund => Rule { object: Some(COLLECTED), ..refund_of_sinopac(Message::Refund) },
        K::AccountRefundToken => Rule {
            bank: Bank::Sinopac,
            opens: false,
            object: Some(COLLECTED),
            done: Done::Traceless,
            not_done: States::None,
            unchanged: Unchanged::Once { after_ms: TOKEN_OVER_MS },
            retry: Retry::Replan,
            reads: Reads::At(TOKEN_S, Then::Daily),
            accepted: Accepted::Token,
            explains: Explains::Nothing,
            refund: Part::Nothing,
            declined: Declined::Ends,
            waits_for_batch: false,
            span_ms: SPAN_MS,
            message: Message::Refund,
        },
        // its reading is the one before the first call: none may come between the two
        K::AccountRefund => refund_of_sinopac(Message::RefundWithToken),
    }
}

/// What opens a payment at SinoPac.
const fn of_create(message: Message) -> Rule {
    Rule {
        bank: Bank::Sinopac,
        opens: true,
        object: None,
        done: Done::At(States::Listed),
        not_done: States::None,
        unchanged: TWICE,
        retry: Retry::Patience,
        reads: Reads::At(CREATE_S, Then::Daily),
        accepted: Accepted::Issued,
        explains: Explains::Nothing,
        refund: Part::Nothing,
        declined: Declined::Ends,
        waits_for_batch: false,
        span_ms: SPAN_MS,
        message,
    }
}

/// A refund of SinoPac, from what was read before it.
const fn refund_of_sinopac(message: Message) -> Rule {
    Rule {
        bank: Bank::Sinopac,
        opens: false,
        object: None,
        done: Done::NewRefund,
        not_done: States::None,
        unchanged: NEXT_DAY,
        retry: Retry::Replan,
        reads: Reads::At(REFUND_S, Then::BankDay),
        accepted: Accepted::Taken,
        explains: Explains::Refund,
        refund: Part::End,
        declined: Declined::Ends,
        waits_for_batch: false,
        span_ms: SPAN_MS,
        message,
    }
}

/// What SinoPac does to an authorized card.
const fn of_authorization(done: States) -> Rule {
    Rule {
        bank: Bank::Sinopac,
        opens: false,
        object: Some(States::Sinopac(&[B::Authorized])),
        done: Done::At(done),
        not_done: States::None,
        unchanged: TWICE,
        retry: Retry::Days,
        reads: Reads::At(UNCLEAR_S, Then::Daily),
        accepted: Accepted::Taken,
        explains: Explains::Nothing,
        refund: Part::Nothing,
        declined: Declined::Ends,
        waits_for_batch: false,
        span_ms: SPAN_MS,
        message: Message::Order,
    }
}

/// What CTBC does to a sale: from, to, and what proves that it was not done.
const fn of_ctbc(object: &'static [C], done: &'static [C], not_done: &'static [C]) -> Rule {
    Rule {
        bank: Bank::Ctbc,
        opens: false,
        object: Some(States::Ctbc(object)),
        done: Done::At(States::Ctbc(done)),
        not_done: States::Ctbc(not_done),
        unchanged: TWICE,
        retry: Retry::Days,
        reads: Reads::At(UNCLEAR_S, Then::Batch),
        accepted: Accepted::Taken,
        explains: Explains::Nothing,
        refund: Part::Nothing,
        declined: Declined::Ends,
        waits_for_batch: true,
        span_ms: SPAN_MS,
        message: Message::Card,
    }
}

/// It takes a step of a card back.
const fn back(refund: Part, rule: Rule) -> Rule {
    Rule { retry: Retry::Replan, explains: Explains::StepBack, refund, declined: Declined::Replan, ..rule }
}

pub(crate) const fn refunds(seen: &Seen) -> Option<&RefundsSeen> {
    match seen {
        Seen::Sinopac { refunds, .. } => Some(refunds),
        Seen::Ctbc { .. } => None,
    }
}
