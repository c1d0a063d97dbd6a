//! Longer than 500 lines because the traits are read side by side.
//!
//! What the engine needs from the world, as traits and plain values. The engine owns them; `store`,
//! `banks` and `vault` implement them and do not know each other.

use chrono::NaiveDate;
use counterfoil_domain::refund::Booked;
use counterfoil_domain::{
    Actor, Bank, BankAnswer, BankMinute, BankOrderNo, Capture, Charge, Closing, CoverageSpan, Customer,
    CustomerId, Discrepancy, DiscrepancyId, Entry, Evidence, Filter, MinuteSpan, Moment, Operation,
    OperationId, Order, OrderId, PageLeft, Payment, PaymentId, Person, PersonId, Reading, Refund, RefundId,
    Search, Twd, View,
};
use secrecy::SecretString;

pub use crate::audit::{
    ACCEPTED, ACCEPTED_ENDS, AuditFilter, AuditHead, AuditKey, AuditReport, AuditRow, FileDoubt,
    FileDoubtKind, Finding, RECORD_LOST,
};
pub use crate::bank_port::{
    BankPort, BankReply, BankRequest, BillKind, BillRow, BoxFuture, Fuse, Inquiry, PaidPart, RefusalOf, Said,
    Write,
};
pub use crate::card_port::{CardForm, CardSale, FormPort, FormRefused};
pub use crate::memory::{Jot, KeptClock, Silence};
use crate::shop::ShopRecord;

/// Random numbers, from the operating system in a shop, from a seed in simulated days.
pub trait Entropy: Send {
    /// Fills `bytes`.
    fn fill(&mut self, bytes: &mut [u8]);
}

// -------------------------------------------------------------------------------------------------
// store

/// Who did what to what, in one line; the chain makes it tamper-evident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// By bank time.
    pub at: Moment,
    /// Who acted.
    pub who: Actor,
    /// A verb: `sell`, `send`, `answer`, `reading`, `cover` …
    pub what: String,
    /// The id it is about.
    pub subject: String,
    /// Facts, short, without secrets.
    pub detail: String,
}

/// One atomic change: committed whole, with its audit line, or not at all. The only way to write.
#[derive(Debug, Clone)]
pub struct Commit {
    /// Exactly one per commit.
    pub audit: AuditLine,
    /// What it rests on.
    pub guards: Vec<Guard>,
    /// In this order.
    pub changes: Vec<Change>,
}

/// What a commit rests on, as it was read. [`StoreError::Conflict`] when it is so no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// All payments of an order, by the order's version. It goes up, so that of two decisions only
    /// one is committed.
    Order(OrderId, i64),
    /// A payment that the commit itself does not change, by its version.
    Payment(PaymentId, i64),
    /// The day of the books is not closed.
    Day(NaiveDate),
}

/// A row added or changed.
#[derive(Debug, Clone)]
pub enum Change {
    /// New shop; a data file holds one.
    ShopAdded(ShopRecord),
    /// The shop with its new settings.
    ShopChanged(ShopRecord),
    /// Money or a failure that a person must acknowledge; the same payment once more is no change.
    NewsAdded(PaymentId),
    /// A person has acknowledged it.
    NewsSeen(PaymentId),
    /// New, version 1, with a PIN. The first one is an owner.
    PersonAdded(Person, PinHash),
    /// As with payments; without a new PIN the old one stays.
    PersonChanged(Person, Option<PinHash>),
    /// An owner accepts this file: the people whom its record proves stand in it.
    PeopleAccepted,
    /// New; before the order that names it.
    CustomerAdded(Customer),
    /// Name and note are gone from the file, its log and what is searched. The id stays, and
    /// everything that refers to it.
    CustomerErased(CustomerId),
    /// All that people typed about an order. Its customer, if it names one, is erased before.
    OrderErased(OrderId),
    /// Name, note and salt as they shall be; the old ones are gone as with an erasure. Not for a
    /// customer that was erased.
    CustomerCorrected(Customer),
    /// New.
    OrderAdded(Order),
    /// New, version 1.
    PaymentAdded(Payment),
    /// Every field as it shall be; `version` is the one the caller read. The store writes `version
    /// + 1`, or refuses the commit.
    PaymentChanged(Payment),
    /// New, version 1. At most one operation of a payment may be neither final nor `NeedsPerson`.
    OperationAdded(Operation),
    /// As with payments.
    OperationChanged(Operation),
    /// New, version 1, [`RefundState::Requested`](counterfoil_domain::RefundState::Requested).
    /// At most one refund of a target is open.
    RefundAdded(Refund),
    /// As with payments.
    RefundChanged(Refund),
    /// A refund made elsewhere. Append-only.
    RefundBooked(BookedRefund),
    /// A booking is taken back: it counts no more.
    RefundUnbooked(UnbookedRefund),
    /// An answer to an attempt. Append-only.
    AnswerAdded(AnswerRecord),
    /// An answered reading of an unclear operation. Append-only.
    ReadingAdded(Reading),
    /// Append-only.
    EvidenceAdded(Evidence),
    /// Append-only; the same once more is no change.
    CaptureAdded(Capture),
    /// Append-only: once for each transaction.
    ChargeAdded(Charge),
    /// Takes the place of what was known of that payment's page.
    PageLeft(PageLeft),
    /// Whether the bank's time has made the end of that payment's page; twice is once.
    PageUndated(PaymentId, bool),
    /// Append-only.
    EntryAdded(Entry),
    /// Append-only; the same kind, payment and detail once more is no change, unless it was closed
    /// and gone since.
    DiscrepancyAdded(Discrepancy),
    /// Append-only: once for each discrepancy.
    DiscrepancyClosed(Closing),
    /// Append-only.
    CoverageAdded(CoverageSpan),
    /// A row of a bank that is not ours; the same number, kind, minute and state once more is no
    /// change. Append-only.
    ForeignLineAdded(ForeignLine),
}

/// A PIN as it is kept: a salted hash over a keyed one. Without the vault's key it tells nothing,
/// and yet no `Debug` shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct PinHash(String);

impl PinHash {
    /// As the vault made it.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PinHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PinHash(…)")
    }
}

/// The answer to one attempt of one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerRecord {
    /// Of which operation.
    pub operation: OperationId,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// When it was received, by bank time.
    pub at: Moment,
    /// What it means.
    pub meaning: BankAnswer,
    /// As in [`BankReply::code`].
    pub code: String,
    /// As in [`BankReply::transcript`].
    pub transcript: String,
}

/// A refund that was made at the bank's own back office, as a person has booked it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookedRefund {
    /// Of which payment.
    pub payment: PaymentId,
    /// Of which transaction, as in [`Refund::xid`].
    pub xid: String,
    /// What was given back.
    pub booked: Booked,
    /// By whom.
    pub who: Actor,
    /// In that person's words.
    pub reason: String,
}

/// A booking that a person has taken back. Added, never edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnbookedRefund {
    /// As in [`BookedRefund`].
    pub payment: PaymentId,
    /// As in [`BookedRefund`].
    pub xid: String,
    /// When it had been booked: which booking.
    pub booked_at: Moment,
    /// When it was taken back, by bank time.
    pub at: Moment,
    /// By whom.
    pub who: Actor,
    /// In that person's words.
    pub reason: String,
}

/// What a bank's row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForeignKind {
    /// Money that came in.
    Payment,
    /// Money that went back.
    Refund,
}

impl ForeignKind {
    /// The name in the row.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
        }
    }

    /// By its name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Payment, Self::Refund].into_iter().find(|kind| kind.name() == name)
    }
}

/// A row of the bank's that none of our payments explains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignLine {
    /// Of which bank.
    pub bank: Bank,
    /// The bank's number.
    pub bank_order_no: String,
    /// What it is about.
    pub kind: ForeignKind,
    /// The amount it shows.
    pub amount: Option<Twd>,
    /// Its state in the bank's code.
    pub said: String,
    /// The minute of payment.
    pub paid_minute: Option<BankMinute>,
    /// When we saw it first.
    pub seen_at: Moment,
}

/// Which money that is not ours: rows of payments with a minute of payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForeignMoney<'a> {
    /// Paid from this minute on, and no discrepancy was ever raised about its number.
    Untold {
        /// The minute.
        since: BankMinute,
    },
    /// A person has to look at it still.
    Open,
    /// Under this number.
    Number(&'a str),
    /// Found by what was typed: a part of the number, or this amount.
    Found {
        /// Whatever the case of its letters; empty: no number.
        part: &'a str,
        /// Of which amount.
        amount: Option<Twd>,
    },
}

impl ForeignLine {
    /// It was paid: a minute of payment is money, whatever became of it since.
    pub fn is_money(&self) -> bool {
        self.kind == ForeignKind::Payment && self.paid_minute.is_some()
    }
}

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another write changed the row first: its version is not the expected one. Read and decide
    /// again.
    #[error("the row has changed meanwhile")]
    Conflict,
    /// A rule of the data file was broken (unique number, one open operation, append-only).
    #[error("a rule of the data file refused the change: {0}")]
    Refused(String),
    /// The audit chain does not say what the file holds about this payment's refunds. Nothing may
    /// be decided by it.
    #[error("the record does not prove the rows of this refund")]
    Unproved,
    /// The file was put back, and lacks what was decided since. Nothing may be decided by it before
    /// an owner has accepted it.
    #[error("the file was put back, and nobody has accepted it")]
    PutBack,
    /// Another thread still reads the record that a decision rests on. Decide again when it has.
    #[error("the record is still being read")]
    Unread,
    /// This copy of an upgrade cannot be removed, so nothing was erased.
    #[error("the copy {0} cannot be removed")]
    CopyStays(String),
    /// The disk has no room: the connection is done for. Nothing may be sent.
    #[error("the disk is full")]
    DiskFull,
    /// Another program holds the file: the connection is done for, as with each of these.
    #[error("another program holds the data file")]
    Locked,
    /// The file or its disk takes no writes any more.
    #[error("the data file takes no writes")]
    Denied,
    /// The file does not hold what a data file does.
    #[error("the data file is damaged")]
    Damaged,
    /// Any other error of the file or its disk.
    #[error("the data file cannot be used: {0}")]
    Storage(String),
    /// The audit chain is linked with a key, and it was not given. Nothing is committed or verified
    /// without it.
    #[error("the key of the audit chain is not here")]
    NoKey,
}

/// A page of a list, newest first, by keyset: ask the next page with `after` = the last row's
/// `(created_at, id)`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Page {
    /// Rows strictly older than this; `None`: from the newest.
    pub after: Option<(Moment, OrderId)>,
    /// At most this many, 1-500.
    pub limit: u32,
    /// Only these.
    pub only: Filter,
}

/// An order with its payments, oldest first.
pub type OrderRow = (Order, Vec<Payment>);

/// Keeps. One SQLite file per shop, one writer.
pub trait Store: Send {
    /// All or nothing, durable when it returns.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing of the commit is in the file.
    fn commit(&mut self, commit: Commit) -> Result<(), StoreError>;
    /// Takes the file for one decision about refunds of a payment, and proves what it rests on.
    /// From here to the commit, or to [`Store::let_go`], no other hand writes.
    ///
    /// # Errors
    /// [`StoreError::Unproved`], [`StoreError::PutBack`], [`StoreError::Unread`],
    /// [`StoreError::Storage`].
    fn hold(&mut self, payment: PaymentId) -> Result<(), StoreError>;
    /// Ends [`Store::hold`] where nothing was committed.
    fn let_go(&mut self);
    /// Remembers. Durable when it returns, like a commit.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn jot(&mut self, jots: &[Jot]) -> Result<(), StoreError>;
    /// A bank's clock as it was seen last; `None`: never.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn kept_clock(&self, bank: Bank) -> Result<Option<KeptClock>, StoreError>;
    /// What a bank's newest answers name and is not believed yet, in milliseconds to add to this
    /// computer's clock; `None`: nothing speaks against bank time.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn kept_doubt(&self, bank: Bank) -> Result<Option<i64>, StoreError>;
    /// Since when a bank refuses this shop, as a program saw it last; `None`: it does not.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn kept_refusal(&self, bank: Bank) -> Result<Option<Silence>, StoreError>;

    /// The shop of this file, `None` before `shop add`.
    ///
    /// # Errors
    /// As all reads: [`StoreError::Storage`].
    fn shop(&self) -> Result<Option<ShopRecord>, StoreError>;
    /// One order.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn order(&self, id: OrderId) -> Result<Option<Order>, StoreError>;
    /// One payment.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn payment(&self, id: PaymentId) -> Result<Option<Payment>, StoreError>;
    /// One payment by the bank's number.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn payment_by_number(&self, no: &BankOrderNo) -> Result<Option<Payment>, StoreError>;
    /// One payment by a bank's own reference (SinoPac TSNo), unique across its payments.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn payment_by_bank_ref(&self, bank: Bank, bank_ref: &str) -> Result<Option<Payment>, StoreError>;
    /// The payments of an order, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn payments_of(&self, order: OrderId) -> Result<Vec<Payment>, StoreError>;
    /// Payments that can still bring news: open ones, and ended ones with an `expires_at` later
    /// than `since`. Oldest first.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn payments_to_watch(&self, since: Moment) -> Result<Vec<Payment>, StoreError>;
    /// Payments of which a refund has ended after `since`. Oldest first.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn payments_refunded_since(&self, since: Moment) -> Result<Vec<Payment>, StoreError>;
    /// Cards with money and a row at the bank that still moves by itself: not collected yet, or a
    /// refund is in the file. Oldest first.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn payments_to_capture(&self) -> Result<Vec<Payment>, StoreError>;
    /// Payments with money and a `paid_minute` in the span.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn payments_paid_in(&self, span: MinuteSpan) -> Result<Vec<Payment>, StoreError>;
    /// One operation.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn operation(&self, id: OperationId) -> Result<Option<Operation>, StoreError>;
    /// The operations of a payment, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn operations_of(&self, payment: PaymentId) -> Result<Vec<Operation>, StoreError>;
    /// The readings of an operation, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn readings_of(&self, operation: OperationId) -> Result<Vec<Reading>, StoreError>;
    /// Operations that are not final, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn open_operations(&self) -> Result<Vec<Operation>, StoreError>;
    /// Operations of a bank that wait for an attempt of ours, due at `until` or earlier, oldest
    /// instant first. What a browser posts is none of ours.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn due_operations(&self, bank: Bank, until: Moment) -> Result<Vec<Operation>, StoreError>;
    /// The answers to the attempts of an operation, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn answers_of(&self, operation: OperationId) -> Result<Vec<AnswerRecord>, StoreError>;
    /// One refund.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn refund(&self, id: RefundId) -> Result<Option<Refund>, StoreError>;
    /// The refunds of a payment, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn refunds_of(&self, payment: PaymentId) -> Result<Vec<Refund>, StoreError>;
    /// Refunds that are not final, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn open_refunds(&self) -> Result<Vec<Refund>, StoreError>;
    /// All refunds, newest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn refunds(&self, limit: u32) -> Result<Vec<Refund>, StoreError>;
    /// Refunds of a payment that were made elsewhere and that a person has booked, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn refunds_booked(&self, payment: PaymentId) -> Result<Vec<BookedRefund>, StoreError>;
    /// Evidence about a payment, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn evidence_of(&self, payment: PaymentId) -> Result<Vec<Evidence>, StoreError>;
    /// The batches that captured a payment, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn captures_of(&self, payment: PaymentId) -> Result<Vec<Capture>, StoreError>;
    /// Second charges under the number of a payment, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn charges_of(&self, payment: PaymentId) -> Result<Vec<Charge>, StoreError>;
    /// How the card page of a payment was left, as far as it was.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn page_left(&self, payment: PaymentId) -> Result<Option<PageLeft>, StoreError>;
    /// The end of its card page was reckoned before the bank had told its time.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn is_page_undated(&self, payment: PaymentId) -> Result<bool, StoreError>;
    /// Money that no payment of ours explains; one row for each number, newest first.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn foreign_money(&self, which: ForeignMoney<'_>) -> Result<Vec<ForeignLine>, StoreError>;
    /// Open discrepancies of a payment, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn discrepancies_of(&self, payment: PaymentId) -> Result<Vec<Discrepancy>, StoreError>;
    /// Those that a person has closed and that every reading since has shown still, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn discrepancies_closed(&self, payment: PaymentId) -> Result<Vec<Discrepancy>, StoreError>;
    /// Open discrepancies, newest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn discrepancies(&self, limit: u32) -> Result<Vec<Discrepancy>, StoreError>;
    /// All discrepancies, each with how it was closed, newest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn discrepancies_ever(&self, limit: u32) -> Result<Vec<(Discrepancy, Option<Closing>)>, StoreError>;
    /// One discrepancy, and how it was closed.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn discrepancy(&self, id: DiscrepancyId) -> Result<Option<(Discrepancy, Option<Closing>)>, StoreError>;
    /// Every minute of the shop before this one is covered in the given pass; the store keeps the
    /// mark in the commit that moves it, so that coverage of a long life costs no more than of a
    /// short one. `None`: not even the shop's first minute.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn covered_before(&self, bank: Bank, pass: u8) -> Result<Option<BankMinute>, StoreError>;
    /// Spans of the running sweep that were covered by number only and that no later window has
    /// shown, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn covered_by_number(&self, bank: Bank) -> Result<Vec<MinuteSpan>, StoreError>;
    /// Coverage of the given pass that ends at `from` or later, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn coverage(&self, bank: Bank, pass: u8, from: BankMinute) -> Result<Vec<CoverageSpan>, StoreError>;
    /// Orders with their payments, newest first: those that a view shows, at bank time `now`.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn orders_in(&self, view: View, now: Moment, page: Page) -> Result<Vec<OrderRow>, StoreError>;
    /// How many orders a view shows at bank time `now`, counted up to `most`.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn count_in(&self, view: View, now: Moment, most: u32) -> Result<u32, StoreError>;
    /// Payments with news not acknowledged yet, oldest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn news(&self, limit: u32) -> Result<Vec<PaymentId>, StoreError>;
    /// Of those the ones that a search finds.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn search(&self, search: &Search, page: Page) -> Result<Vec<OrderRow>, StoreError>;
    /// One customer; an erased one has empty texts.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn customer(&self, id: CustomerId) -> Result<Option<Customer>, StoreError>;
    /// Customers who are not erased, by id, a page of those behind one; none: these were all.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn customers(&self, after: Option<CustomerId>) -> Result<Vec<Customer>, StoreError>;
    /// The orders that name a customer, in no order.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn orders_of_customer(&self, id: CustomerId) -> Result<Vec<Order>, StoreError>;
    /// The oldest orders of before an instant that name a customer, behind one of them. The
    /// customer may be erased.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn orders_before(
        &self,
        before: Moment,
        after: Option<(Moment, OrderId)>,
        limit: u32,
    ) -> Result<Vec<Order>, StoreError>;
    /// The log still holds what an erasure has removed from the tables.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn is_erasure_unfinished(&self) -> Result<bool, StoreError>;
    /// Empties the log where an erasure has left that to do; whether nothing is left to do. Another
    /// program that reads puts it off.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn finish_erasure(&mut self) -> Result<bool, StoreError>;
    /// One of the people, active or retired.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn person(&self, id: PersonId) -> Result<Option<Person>, StoreError>;
    /// Who bears this name, or one that looks like it (`typed::key`); retired people too.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn person_named(&self, name: &str) -> Result<Option<Person>, StoreError>;
    /// All people, retired ones too, in the order in which they were added.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn people(&self) -> Result<Vec<Person>, StoreError>;
    /// The shop has people: nothing is done without a name any more.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn has_people(&self) -> Result<bool, StoreError>;
    /// The PIN of a person.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn pin_of(&self, id: PersonId) -> Result<Option<PinHash>, StoreError>;
    /// How far the audit record has come.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn audit_end(&self) -> Result<AuditHead, StoreError>;
    /// Rows of the audit, newest first.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn audit_rows(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, StoreError>;
    /// What people did about one subject, oldest first; not what the engine or a browser did.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    fn acts_of(&self, subject: &str) -> Result<Vec<AuditRow>, StoreError>;
    /// Walks the audit chain from the first row, and every row that it speaks of.
    ///
    /// # Errors
    /// [`StoreError::NoKey`] where the chain is linked with one that is not here, or
    /// [`StoreError::Storage`].
    fn verify_audit(&self) -> Result<AuditReport, StoreError>;
}

// -------------------------------------------------------------------------------------------------
// vault

/// The merchant keys of one SinoPac shop. No `Debug`, no `Serialize`, no `Clone`.
pub struct SinopacKeys {
    /// X-KeyID of the API gateway, a UUID.
    pub key_id: SecretString,
    /// First half of the first pair, 16 hex digits (hyphens and blanks are tolerated).
    pub a1: SecretString,
    /// Second half of the first pair.
    pub a2: SecretString,
    /// First half of the second pair.
    pub b1: SecretString,
    /// Second half of the second pair.
    pub b2: SecretString,
}

/// The key of one CTBC shop. No `Debug`, no `Serialize`, no `Clone`.
pub struct CtbcKeys {
    /// 壓碼字串: 24 visible ASCII characters, set in the bank's back office.
    pub mac_key: SecretString,
}

/// Why the vault did not do it.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// It failed, in the system's words.
    #[error("the vault cannot be used: {0}")]
    Unavailable(String),
    /// The system's keyring wants something of a person first.
    #[error("the keyring cannot be used: {0}")]
    Keyring(KeyringFault),
    /// Nothing is kept under this shop and name.
    #[error("the vault holds no {0}")]
    Missing(String),
    /// A file vault is plain text and never takes a production shop.
    #[error("a file vault is plain text and refuses production shops")]
    PlainText,
}

/// What a person can do something about at the system's keyring. Nothing is ever kept elsewhere
/// instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringFault {
    /// None is there, or none was ever set up.
    #[error("there is none")]
    Absent,
    /// And did not ask anybody to unlock it.
    #[error("it is locked")]
    Locked,
    /// A person, or the system, said no.
    #[error("it refused")]
    Denied,
    /// It asks a person, and got no answer in time.
    #[error("it asks, and nobody has answered")]
    Unanswered,
    /// Longer than every system keeps; nothing was kept.
    #[error("{name} is longer than {bytes_max} bytes")]
    TooLong {
        /// Of the secret.
        name: String,
        /// The limit.
        bytes_max: usize,
    },
    /// The entry of this name is not as we keep it: an older program's, or there are two.
    #[error("{0} was kept by another program")]
    Unreadable(String),
}

/// Hides. One entry per secret: shop and name, for example `("demo", "sinopac.a1")`.
pub trait Vault: Send {
    /// Keeps a secret, replacing an older one.
    ///
    /// # Errors
    /// [`VaultError`].
    fn set(&mut self, shop: &str, name: &str, secret: SecretString) -> Result<(), VaultError>;
    /// Opens a secret.
    ///
    /// # Errors
    /// [`VaultError`].
    fn get(&self, shop: &str, name: &str) -> Result<SecretString, VaultError>;
    /// Forgets a secret; forgetting an absent one is no error.
    ///
    /// # Errors
    /// [`VaultError`].
    fn delete(&mut self, shop: &str, name: &str) -> Result<(), VaultError>;
    /// Plain text vaults say so, and production shops are refused.
    fn is_plain_text(&self) -> bool;
}
