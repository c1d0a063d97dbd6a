//! Refunds: what a person types to ask for one, and how a refund is shown.
//!
//! - [`before`]: what is told before asking, and what rests at a bank for too long.
//! - [`beside`]: what was given back elsewhere, and what was charged twice.
//! - `outcome`: what an answer of a bank came to, in words.
//! - [`queue`]: the refunds that people work off.
//! - [`room`]: what of a payment is left, and what a screen sends to ask for it.
//! - `refused`: why an act was not taken, as an error.
//! - `words`: the sentences.
//! - `ways`: how a refund can end, and what comes of a wish to have it back.

pub(crate) mod before;
pub(crate) mod beside;
mod outcome;
pub(crate) mod queue;
mod refused;
pub(crate) mod room;
mod ways;
mod words;

use counterfoil_domain::calendar::{BankCalendar, CalendarFile};
use counterfoil_domain::refund::{Course, Gone, PersonWhy, RefundWhy, Way, Word, choices};
use counterfoil_domain::{
    Actor, Moment, Operation, OperationKind, OperationState, PaymentId, Rail, Refund, RefundId, RefundReason,
    RefundState, Twd,
};
use counterfoil_engine::RefundAsked;
use counterfoil_engine::ports::Store;
use serde::Serialize;
use ts_rs::TS;

use self::outcome::refused;
pub(crate) use self::ways::ChoiceView;
use self::ways::{UNCLEAR, UNLISTED, choice, is_unclear, waits_for_list, wish};
use self::words::{named, said};
use crate::code::Code;
use crate::customers::Names;
use crate::error::{CommandError, Exit};
use crate::people::name_of;
use crate::views::{is_false, time};

/// The most rows of a list.
const ROWS_MAX: u32 = 500;
/// What shows that the shop has transferred it.
const BY_HAND: &str = "confirmed.by-hand";
/// What the customer of an account will see.
const TRANSFER: &str = "told.transfer";

/// A refund with its steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RefundView {
    /// UUID.
    pub refund: String,
    /// UUID.
    pub payment: String,
    /// Of which transaction at CTBC; absent for the only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub xid: Option<String>,
    /// Whole dollars.
    #[ts(type = "number")]
    pub amount: i64,
    /// Why it was asked for.
    pub reason: &'static str,
    /// The requester's own words.
    pub note: Option<String>,
    /// Who asked, and when.
    pub requester: String,
    /// RFC 3339.
    pub requested_at: String,
    /// Who agreed.
    pub approver: Option<String>,
    /// When, by bank time; absent where the audit does not tell it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub approved_at: Option<String>,
    /// The requester approved it alone.
    #[serde(skip_serializing_if = "is_false")]
    #[ts(optional, as = "Option<bool>")]
    pub alone: bool,
    /// How far it is.
    pub state: &'static str,
    /// The state in words, zh-TW and English.
    pub state_zh: String,
    /// English.
    pub state_en: String,
    /// What it waits for.
    pub waiting: Option<WaitingView>,
    /// What a person has to do, or why it came to nothing.
    pub why: Option<RefundWhyView>,
    /// What the requester was told that the payer will see; absent in rows of older programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub told: Option<ToldView>,
    /// What became of that, where a batch came between.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub changed: Option<ToldView>,
    /// What the bank has confirmed to a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub word: Option<WordView>,
    /// What comes of a person's wish to have it back from the bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub wish: Option<RefundWhyView>,
    /// The decisions that it leaves, where it needs a person.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<ChoiceView>>")]
    pub choices: Vec<ChoiceView>,
    /// Its steps, oldest first.
    pub steps: Vec<StepView>,
}

/// A sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SaidView {
    /// In zh-TW.
    pub text_zh: String,
    /// In English.
    pub text_en: String,
}

/// What a refund waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct WaitingView {
    /// Not before.
    pub until: String,
    /// The reason's name.
    pub why: &'static str,
    /// In words.
    #[serde(flatten)]
    #[ts(flatten)]
    pub text: SaidView,
}

/// A reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RefundWhyView {
    /// Its name.
    pub why: &'static str,
    /// In words.
    #[serde(flatten)]
    #[ts(flatten)]
    pub text: SaidView,
}

/// What the payer sees of a refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ToldView {
    /// `cancel`: no charge; `refund`: a purchase and a refund.
    pub way: &'static str,
    /// CTBC: the day of the batch that takes the refund along.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub batch: Option<String>,
    /// When it came to this; only of what differs from what was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub at: Option<String>,
    /// In words.
    #[serde(flatten)]
    #[ts(flatten)]
    pub text: SaidView,
}

/// What the bank has confirmed to a person about a refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct WordView {
    /// `done` or `not-done`.
    pub confirmed: &'static str,
    /// In zh-TW.
    pub confirmed_zh: String,
    /// In English.
    pub confirmed_en: String,
    /// As typed: the bank's reference, or who told it and when.
    pub text: String,
    /// Who typed it.
    pub who: String,
}

/// One step: one request to the bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StepView {
    /// Which request.
    pub operation: &'static str,
    /// In zh-TW.
    pub operation_zh: String,
    /// In English.
    pub operation_en: String,
    /// How far it is.
    pub state: &'static str,
    /// The bank's code of the last answer.
    pub code: Option<String>,
    /// When the last attempt was sent.
    pub sent_at: Option<String>,
}

/// What was typed to ask for a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundTyped {
    /// UUID of the payment.
    pub payment: String,
    /// Of which transaction at CTBC; empty for the only one.
    pub xid: String,
    /// Whole dollars.
    pub amount: String,
    /// One of the names of [`RefundReason`].
    pub reason: String,
    /// In one's own words.
    pub note: Option<String>,
}

/// Checks what was typed.
///
/// # Errors
/// `not-found`, `amount-…`, `refund-reason`.
pub fn checked_refund<S: Store>(
    store: &S,
    typed: &RefundTyped,
    id: RefundId,
    who: Actor,
) -> Result<RefundAsked, CommandError> {
    let (payment, amount) = checked_amount(store, typed)?;
    let reason = RefundReason::parse(&typed.reason).ok_or_else(|| {
        let names: Vec<_> = RefundReason::ALL.into_iter().map(RefundReason::name).collect();
        CommandError::input(Code::RefundReason).with("names", names.join(", "))
    })?;
    let (xid, note) = (typed.xid.clone(), typed.note.clone());
    Ok(RefundAsked { id, payment, xid, amount, reason, note, who })
}

/// The payment and the amount that were typed.
///
/// # Errors
/// `not-found`, `amount-…`.
pub fn checked_amount<S: Store>(store: &S, typed: &RefundTyped) -> Result<(PaymentId, Twd), CommandError> {
    let missing = || CommandError::input(Code::NotFound).with("what", "payment");
    let payment = PaymentId::parse(&typed.payment).ok_or_else(missing)?;
    let payment = store.payment(payment)?.ok_or_else(missing)?;
    // no limit here: what is left is said with the reason for it
    let amount = Twd::parse(&typed.amount, Twd::new(i64::MAX));
    Ok((payment.id, amount.map_err(|error| CommandError::amount(error, payment.rail))?))
}

/// The id that was typed.
///
/// # Errors
/// `not-found`.
pub fn refund_id<S: Store>(store: &S, typed: &str) -> Result<RefundId, CommandError> {
    let missing = || CommandError::input(Code::NotFound).with("what", "refund");
    let id = RefundId::parse(typed).ok_or_else(missing)?;
    store.refund(id)?.map(|refund| refund.id).ok_or_else(missing)
}

/// One refund.
///
/// # Errors
/// `not-found`, or of the store.
pub fn refund_view<S: Store>(store: &S, id: RefundId, names: Names) -> Result<RefundView, CommandError> {
    let missing = || CommandError::input(Code::NotFound).with("what", "refund");
    view(store, &calendar_of(store)?, store.refund(id)?.ok_or_else(missing)?, names)
}

/// All refunds, newest first.
///
/// # Errors
/// Of the store.
pub fn refund_rows<S: Store>(store: &S, names: Names) -> Result<Vec<RefundView>, CommandError> {
    views(store, store.refunds(ROWS_MAX)?, names)
}

/// The refunds of a payment, oldest first.
///
/// # Errors
/// Of the store.
pub fn refunds_of<S: Store>(store: &S, of: PaymentId, names: Names) -> Result<Vec<RefundView>, CommandError> {
    views(store, store.refunds_of(of)?, names)
}

/// Whole dollars that were given back of a payment, what a person has booked included.
///
/// # Errors
/// Of the store.
pub fn refunded_of<S: Store>(store: &S, payment: PaymentId) -> Result<i64, CommandError> {
    let booked: Vec<_> = store.refunds_booked(payment)?.into_iter().map(|row| row.booked).collect();
    let Gone { returned, by_hand, .. } = Gone::of(&store.refunds_of(payment)?, &booked);
    Ok(returned.dollars().saturating_add(by_hand.dollars()))
}

/// What a list tells of a payment's refunds: how far the open one is, or that the last one was
/// refused.
///
/// # Errors
/// Of the store.
pub(crate) fn refund_told<S: Store>(
    store: &S,
    payment: PaymentId,
) -> Result<Option<&'static str>, CommandError> {
    let states: Vec<_> = store.refunds_of(payment)?.into_iter().map(|refund| refund.state).collect();
    let open = states.iter().rev().find(|state| !state.is_final());
    let refused = states.last().filter(|state| **state == RefundState::Declined);
    Ok(open.or(refused).map(|state| state.name()))
}

/// What came of it, as an exit status. A step that is unclear is unknown.
///
/// # Errors
/// Of the store.
pub fn refund_result<S: Store>(store: &S, refund: &Refund) -> Result<Exit, CommandError> {
    if is_unclear(refund, &store.operations_of(refund.payment)?) {
        return Ok(Exit::Unknown);
    }
    Ok(match refund.state {
        RefundState::Done
        | RefundState::Withdrawn
        | RefundState::Requested
        | RefundState::Approved
        | RefundState::Waiting
        | RefundState::Working
        | RefundState::AtBank => Exit::Done,
        RefundState::Declined => Exit::Declined,
        RefundState::NeedsPerson => Exit::Unknown,
    })
}

fn views<S: Store>(store: &S, refunds: Vec<Refund>, names: Names) -> Result<Vec<RefundView>, CommandError> {
    let calendar = calendar_of(store)?;
    refunds.into_iter().map(|refund| view(store, &calendar, refund, names)).collect()
}

/// `calendar`: the bank's. `names`: what was typed about a refund may name the customer.
fn view<S: Store>(
    store: &S,
    calendar: &BankCalendar,
    refund: Refund,
    names: Names,
) -> Result<RefundView, CommandError> {
    let operations = store.operations_of(refund.payment)?;
    let own: Vec<&Operation> = operations.iter().filter(|op| op.refund == Some(refund.id)).collect();
    let code = own.last().and_then(|op| op.code.clone()).unwrap_or_default();
    let unlisted = waits_for_list(&own, calendar);
    let start = CalendarFile::from(calendar.clone()).start;
    let values = |until: Option<Moment>| {
        let until = until.map_or_else(String::new, |at| short(at, refund.requested_at));
        [("start", start.clone()), ("until", until), ("code", code.clone())]
    };
    let undecided = RefundWhy::Person(PersonWhy::Undecided);
    let key = |why: RefundWhy| if unlisted && why == undecided { UNLISTED } else { why.name() };
    let payment = store.payment(refund.payment)?.ok_or_else(|| CommandError::input(Code::NotFound))?;
    let text = |why: RefundWhy| {
        if why == RefundWhy::Refused {
            refused(payment.rail, &code)
        } else {
            said(key(why), &values(refund.until))
        }
    };
    let waits = refund.why.zip(refund.until).filter(|(why, _)| matches!(why, RefundWhy::Wait(_)));
    let waiting =
        waits.map(|(why, until)| WaitingView { until: time(until), why: why.name(), text: text(why) });
    let why = refund.why.filter(|_| waiting.is_none());
    let why = why.map(|why| RefundWhyView { why: why.name(), text: text(why) });
    let SaidView { text_zh: state_zh, text_en: state_en } = state_text(refund.state);
    let why = why.or_else(|| is_unclear(&refund, &operations).then(|| named(UNCLEAR, &values(None))));
    let wish = wish(&refund, &operations).map(|key| named(key, &values(None)));
    let ways = choices(&refund, &payment, &operations, &store.refunds_of(refund.payment)?);
    let changed = refund.changed().map(|(was, ran)| {
        // the first step that is of it
        let first = own.iter().find(|op| Course::of(op.kind, op.planned_at, calendar) == Some(ran));
        let at = first.map(|op| time(op.planned_at));
        ToldView { text: changed(was, ran), at, ..told(ran, payment.rail) }
    });
    let by_hand = matches!(refund.why, Some(RefundWhy::ByHand(_)));
    let spoken = refund.word.clone();
    Ok(RefundView {
        refund: refund.id.to_string(),
        payment: refund.payment.to_string(),
        xid: Some(refund.xid).filter(|xid| !xid.is_empty()),
        amount: refund.amount.dollars(),
        reason: refund.reason.name(),
        note: refund.note.filter(|_| names == Names::Full),
        requester: name_of(store, refund.requester)?,
        requested_at: time(refund.requested_at),
        approver: refund.approver.map(|who| name_of(store, who)).transpose()?,
        approved_at: match refund.approver {
            Some(_) => Some(time(approved_at(store, refund.id)?.unwrap_or(refund.requested_at))),
            None => None,
        },
        alone: refund.alone && store.has_people()?,
        state: refund.state.name(),
        state_zh,
        state_en,
        waiting,
        why,
        told: refund.told.map(|course| told(course, payment.rail)),
        changed,
        word: spoken.filter(|_| names == Names::Full).map(|said| word(store, said, by_hand)).transpose()?,
        wish,
        choices: ways.into_iter().map(choice).collect(),
        steps: own.into_iter().map(step).collect(),
    })
}

/// A state in words.
fn state_text(state: RefundState) -> SaidView {
    said(&format!("state.{}", state.name()), &[])
}

/// `by_hand`: no bank has said it; it names the shop's own transfer.
fn word<S: Store>(
    store: &S,
    Word { confirmed, text, who }: Word,
    by_hand: bool,
) -> Result<WordView, CommandError> {
    let key = if by_hand { BY_HAND.to_owned() } else { format!("confirmed.{}", confirmed.name()) };
    let SaidView { text_zh: confirmed_zh, text_en: confirmed_en } = said(&key, &[]);
    let who = name_of(store, who)?;
    Ok(WordView { confirmed: confirmed.name(), confirmed_zh, confirmed_en, text, who })
}

/// Only the audit keeps when somebody approved. Without people a request approves itself.
fn approved_at<S: Store>(store: &S, refund: RefundId) -> Result<Option<Moment>, CommandError> {
    let acts = store.acts_of(&refund.to_string())?;
    Ok(acts.iter().find(|act| act.what == "refund-approve").map(|act| act.at))
}

/// A transfer shows on no card: it goes back to the account that it came from.
fn told(told: Course, rail: Rail) -> ToldView {
    let (way, batch) = (told.way.name(), told.batch.map(|day| day.to_string()));
    let text =
        if rail == Rail::SinopacAccount { said(TRANSFER, &[]) } else { said(&format!("told.{way}"), &[]) };
    ToldView { way, batch, at: None, text }
}

/// The way, if it has changed, else the day.
fn changed(told: Course, ran: Course) -> SaidView {
    let day = |of: Course| of.batch.map_or_else(String::new, |day| month_day(&day.to_string()));
    let key = if told.way == ran.way { "changed.batch" } else { changed_key(ran.way) };
    said(key, &[("told", day(told)), ("ran", day(ran))])
}

const fn changed_key(ran: Way) -> &'static str {
    match ran {
        Way::Cancel => "changed.cancel",
        Way::Refund => "changed.refund",
    }
}

fn step(op: &Operation) -> StepView {
    let [operation_zh, operation_en] = operation_text(op.kind).map(str::to_owned);
    StepView {
        operation: op.kind.name(),
        operation_zh,
        operation_en,
        state: op.state.name(),
        code: op.code.clone(),
        sent_at: op.sent_at.filter(|_| op.state != OperationState::Planned).map(time),
    }
}

/// What a request to a bank is called, in zh-TW and English.
pub const fn operation_text(kind: OperationKind) -> [&'static str; 2] {
    match kind {
        OperationKind::IssueAccount => ["開立虛擬帳號", "Issue account"],
        OperationKind::CreateLink => ["開立刷卡連結", "Create card link"],
        OperationKind::PostForm => ["開啟刷卡頁", "Open card page"],
        OperationKind::CancelAccount => ["取消帳號", "Cancel account"],
        OperationKind::Capture | OperationKind::Cap => ["請款", "Capture"],
        OperationKind::CancelAuthorization => ["取消授權", "Cancel authorization"],
        OperationKind::Reversal => ["取消授權", "Reverse authorization"],
        OperationKind::CapReversal => ["取消請款", "Cancel capture"],
        OperationKind::Refund | OperationKind::CardRefund => ["刷卡退款", "Card refund"],
        OperationKind::RefundReversal => ["撤回退款", "Withdraw refund"],
        OperationKind::AccountRefundToken => ["向銀行登記退款", "Register the refund"],
        OperationKind::AccountRefund => ["匯款退款", "Transfer back"],
    }
}

/// `22:10`, or with its day when that is another one.
fn short(at: Moment, since: Moment) -> String {
    let text = time(at);
    let clock = text.get(11..16).unwrap_or_default();
    if at.day() == since.day() { clock.to_owned() } else { format!("{} {clock}", month_day(&text)) }
}

/// `11/24` of `2026-11-24`.
fn month_day(day: &str) -> String {
    day.get(5..10).unwrap_or_default().replace('-', "/")
}

fn calendar_of<S: Store>(store: &S) -> Result<BankCalendar, CommandError> {
    Ok(store.shop()?.map(|shop| shop.calendar()).unwrap_or_default())
}
