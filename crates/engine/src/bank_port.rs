//! What the engine asks of a bank, and what comes back, in our units. A bank's crate turns it into
//! bytes and answers into these values.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use chrono::NaiveDate;
use counterfoil_domain::operation::OperationKind;
use counterfoil_domain::{
    BankAnswer, BankMinute, BankOrderNo, BankRow, DiscrepancyKind, Handles, Issued, MinuteSpan, Moment, Rail,
    Twd,
};
use secrecy::SecretString;

/// A call to a bank, in our units. The bank's crate may need two HTTP requests for it.
#[derive(Debug, Clone)]
pub enum BankRequest {
    /// It changes nothing at the bank.
    Ask(Inquiry),
    /// It may. An adapter that cannot send it answers [`BankAnswer::NotSent`].
    Write(Write),
}

impl BankRequest {
    /// It opens something that a customer pays.
    pub const fn is_sale(&self) -> bool {
        matches!(self, Self::Write(Write::IssueAccount { .. } | Write::CreateLink { .. }))
    }
}

/// A request that may change something at the bank. Answer: [`Said::Write`].
#[derive(Debug, Clone)]
pub enum Write {
    /// Open a virtual account.
    IssueAccount {
        /// The new number.
        bank_order_no: BankOrderNo,
        /// To collect.
        amount: Twd,
        /// As typed, or the payee's name; the bank's crate widens what the wire does not take.
        product: String,
        /// Last day, bank time.
        expires_on: NaiveDate,
        /// Mandatory on every order.
        return_url: String,
    },
    /// Open a card link.
    CreateLink {
        /// The new number.
        bank_order_no: BankOrderNo,
        /// To collect.
        amount: Twd,
        /// As above.
        product: String,
        /// Life of the link, 1-30.
        minutes: u8,
        /// Capture at once.
        auto_billing: bool,
        /// Where the customer's browser posts the token.
        return_url: String,
    },
    /// An operation of SinoPac on a whole order that the bank has: cancel or capture.
    Manage {
        /// Which one.
        kind: OperationKind,
        /// Of which order.
        bank_order_no: BankOrderNo,
    },
    /// A refund of SinoPac, in full or in part.
    Refund {
        /// `CardRefund`, or the first or second call of an account refund.
        kind: OperationKind,
        /// Of which order.
        bank_order_no: BankOrderNo,
        /// To give back; the same in both calls. Without it the bank would give back everything.
        amount: Twd,
        /// What the first call brought. The second call has one, every other refund has none.
        token: Option<SecretString>,
    },
    /// An operation of CTBC on one transaction of a card.
    Card {
        /// Which one.
        kind: OperationKind,
        /// The number that the transaction was sold under.
        bank_order_no: BankOrderNo,
        /// The whole amount of the authorization.
        authorized: Twd,
        /// To give back, of a refund. Every other operation is of the whole and has none.
        amount: Option<Twd>,
        /// What names the transaction, as read just before.
        handles: Handles,
    },
}

impl Write {
    /// The operation that it is an attempt of.
    pub const fn kind(&self) -> OperationKind {
        match self {
            Self::IssueAccount { .. } => OperationKind::IssueAccount,
            Self::CreateLink { .. } => OperationKind::CreateLink,
            Self::Manage { kind, .. } | Self::Refund { kind, .. } | Self::Card { kind, .. } => *kind,
        }
    }
}

/// A question. Answer: [`Said::Rows`] (to [`Inquiry::Bill`] [`Said::Bill`]), or that it was
/// refused.
#[derive(Debug, Clone)]
pub enum Inquiry {
    /// One order by its number: no row when the bank has no such order.
    Order {
        /// The number.
        bank_order_no: BankOrderNo,
    },
    /// The result behind the token that a customer's browser brought: one row.
    Token {
        /// A secret while it lives; it is kept in memory only.
        token: SecretString,
    },
    /// Everything paid in a span of minutes.
    Paid {
        /// Both ends included.
        span: MinuteSpan,
        /// A part of it, to see what a full minute holds. A part never covers.
        only: PaidPart,
    },
    /// What time it is there: nothing else of the answer is read, and only one sale believes it.
    Time {
        /// A number that no sale has.
        bank_order_no: BankOrderNo,
    },
    /// Authorized cards that are not captured.
    Uncaptured,
    /// One card sale of CTBC by its number: no row when nothing was ever authorized.
    ///
    /// The bank shows the latest of several transactions of one number. The rows behind it are then
    /// [`CardState::Unlisted`](counterfoil_domain::CardState) and only name the others, where the
    /// bank names them: each has its XID as `bank_ref` and is read by another question.
    Card {
        /// The number.
        bank_order_no: BankOrderNo,
        /// The one that was to be collected: the bank finds nothing by another.
        amount: Twd,
        /// Just this transaction of the number. `Silent` where the bank shows only another one.
        xid: Option<String>,
    },
    /// What was paid and refunded at SinoPac on one of the last 30 days, not today.
    Bill {
        /// By bank time.
        day: NaiveDate,
    },
}

/// A row of the bank's statement of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillRow {
    /// The order.
    pub bank_order_no: String,
    /// What it is about.
    pub kind: BillKind,
    /// `None` where it cannot be read.
    pub amount: Option<Twd>,
    /// The minute of the payment, the capture, or the request of the refund (PayDate).
    pub at: Option<BankMinute>,
    /// TSNo. The paper does not tell whether a refund has one of its own.
    pub bank_ref: Option<String>,
    /// RefundNo. The paper has none in these rows.
    pub refund_no: Option<String>,
}

/// What a row of the statement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillKind {
    /// Money that came in.
    Payment,
    /// Money that goes back.
    Refund,
    /// Neither in a word that we know: it may be either.
    Unlisted,
}

/// A part of a window: of one rail, and of orders made in these minutes. That the bank's
/// conditions combine is an inference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PaidPart {
    /// Of this rail alone.
    pub rail: Option<Rail>,
    /// Of orders made in these minutes of bank time alone, both ends included.
    pub made: Option<MinuteSpan>,
}

impl BankRequest {
    /// HTTP requests a call costs at most: SinoPac wants a nonce before each, CTBC is asked twice
    /// before "nothing" is believed.
    pub const HTTP_REQUESTS: i64 = 2;
}

/// What came of a bank call.
#[derive(Debug, Clone)]
pub struct BankReply {
    /// The answer itself.
    pub said: Said,
    /// The bank's clock: the HTTP Date header of an answer that verified, and that its signed Date
    /// agrees with within 90 s.
    pub bank_now: Option<Moment>,
    /// The HTTP Date header of whatever came last, verified or not: good for the day of a sale that
    /// cannot wait, and for nothing else.
    pub heard: Option<Moment>,
    /// The code of the answer as the bank wrote it (`S0000`, `E0403`), or ours for an answer that
    /// has none (`http-500`, `timeout`, `bad-sign`). Never a secret, at most 40 characters.
    pub code: String,
    /// Request and answer with every secret masked, for the answers table and diagnostics; bounded.
    pub transcript: String,
}

/// The answer, by kind of request.
#[derive(Debug, Clone)]
pub enum Said {
    /// To a write.
    Write {
        /// Its meaning.
        meaning: BankAnswer,
        /// Account or link of an accepted create.
        issued: Option<Issued>,
        /// The answer was verified, but echoes another amount, number or shop: the facts side by
        /// side.
        unequal: Option<String>,
        /// The RefundToken of an accepted first call of an account refund. In memory only.
        token: Option<SecretString>,
    },
    /// To a question: verified rows. Bounded by what the bank shows.
    Rows(Vec<BankRow>),
    /// To [`Inquiry::Bill`]: every row of the day.
    Bill(Vec<BillRow>),
    /// To a question: a verified answer about something else, with the facts side by side. No state
    /// changes by it.
    Unequal(DiscrepancyKind, String),
    /// A verified refusal of a question (money rules 3).
    Refused(RefusalOf),
    /// No clear answer to a question. May be asked again.
    Silent,
}

/// What a verified refusal of a question is about (money rules 3): a column of each bank's code
/// table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalOf {
    /// Of everything that this shop may ask: nothing is split, one question at a time finds out
    /// when it is over.
    Shop,
    /// Of this question: another one may be answered.
    Question,
    /// The code does not say.
    Unclear,
    /// Of its nonce, which another program of this shop may have used: asked again at once.
    Nonce,
}

/// A boxed future, so that banks are objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Burns while a write is on its way to its first byte: both clocks must say that the commit of
/// `Sending` is young (money rules 6). A computer that slept between the two sends nothing.
#[derive(Clone)]
pub struct Fuse {
    is_whole: Arc<dyn Fn() -> bool + Send + Sync>,
    has_nonce: bool,
}

impl Fuse {
    /// `is_whole` is asked right before the first byte leaves.
    pub fn new(is_whole: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self { is_whole: Arc::new(is_whole), has_nonce: false }
    }

    /// Whether the nonce that was fetched last ([`Inquiry::Time`]) is for this write.
    #[must_use]
    pub fn with_nonce(self, has_nonce: bool) -> Self {
        Self { has_nonce, ..self }
    }

    /// It is, and young.
    pub fn has_nonce(&self) -> bool {
        self.has_nonce
    }

    /// For what changes nothing at the bank.
    pub fn endless() -> Self {
        Self::new(|| true)
    }

    /// The write may leave.
    pub fn is_whole(&self) -> bool {
        (self.is_whole)()
    }
}

/// A bank. Stateless: turns a request into bytes and an answer into known values. Never retries,
/// never follows redirects.
pub trait BankPort: Send + Sync {
    /// One call. Always resolves within the bank's own total deadline, and never to an error: an
    /// error is an answer too.
    /// A write whose fuse has burnt down by its first byte is [`BankAnswer::NotSent`].
    fn call_while(&self, request: BankRequest, fuse: Fuse) -> BoxFuture<'_, BankReply>;

    /// The same without a fuse: a question, or a test.
    fn call(&self, request: BankRequest) -> BoxFuture<'_, BankReply> {
        self.call_while(request, Fuse::endless())
    }
}
