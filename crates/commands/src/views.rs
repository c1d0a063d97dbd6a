//! What a screen or a script is given. Money is whole dollars, times are RFC 3339 with `+08:00`,
//! ids are UUIDs, bank numbers are strings; enums are their names, in kebab-case.
//! Longer than 500 lines because what one answer holds is read in one go.

use counterfoil_domain::calendar::BankCalendar;
use counterfoil_domain::card_refund::{RefundMeaning, refund_now};
use counterfoil_domain::{
    CardState, CardTail, Discrepancy, DiscrepancyKind, Evidence, Moment, OrderState, Payment, PaymentState,
    Query, Rail, named,
};
use counterfoil_engine::shop::Environment;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::acts::ActView;
use crate::health::CopiesView;
use crate::refunds::RefundView;
use crate::refunds::beside::{BookingView, ChargeView};
use crate::refunds::room::RefundTotals;
use crate::text::{Language, bank_code};

/// Cause and next step, in both languages, when a bank did not say yes. The raw code comes last and
/// small.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Why {
    /// The bank's code, or ours about its answer.
    pub code: String,
    /// What happened.
    pub cause_zh: String,
    /// What to do now.
    pub step_zh: String,
    /// What happened.
    pub cause_en: String,
    /// What to do now.
    pub step_en: String,
}

/// A sale, as `sell` gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SoldView {
    /// UUID.
    pub order: String,
    /// UUID.
    pub payment: String,
    /// The payment method.
    #[ts(type = "Rail")]
    pub rail: Rail,
    /// The number the bank sees.
    pub bank_order_no: String,
    /// Whole dollars.
    #[ts(type = "number")]
    pub amount: i64,
    /// How far it is.
    #[ts(type = "PaymentState")]
    pub state: PaymentState,
    /// 14 digits, once the bank gave them.
    pub account: Option<String>,
    /// The bank's page, once the bank gave it.
    pub link: Option<String>,
    /// Until when the customer can pay, as we asked for it.
    pub expires_at: String,
    /// Why there is no account or link.
    pub why: Option<Why>,
}

/// One verified answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct EvidenceView {
    /// Which query.
    #[ts(type = "Query")]
    pub query: Query,
    /// When it was answered.
    pub at: String,
    /// The bank's own code.
    pub said: String,
    /// What the code means, where the bank's error book holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub cause_zh: Option<String>,
    /// What the code means.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub cause_en: Option<String>,
}

/// A card at CTBC as the bank showed it last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CardView {
    /// `capture-queued` and `capture-locked` are "tonight's batch".
    #[ts(type = "CardState")]
    pub state: CardState,
    /// The bank's number of it: `10`, `-1`.
    pub number: String,
    /// The bank's own number of the transaction, once it was approved.
    pub xid: Option<String>,
    /// The last four digits of the card.
    pub card_tail: Option<String>,
    /// What it means for a refund now.
    #[ts(type = "RefundMeaning")]
    pub refund: RefundMeaning,
    /// When the batch starts that this hangs on.
    pub batch_at: Option<String>,
    /// Before that nothing may be sent.
    pub earliest: Option<String>,
}

/// How CTBC's page was left: the browser's return, signed by the bank, or a person's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PageLeftView {
    /// When it was said.
    pub at: String,
    /// Who says it: `browser`, or a person.
    pub who: String,
    /// The bank's code, as `8/05`; absent: a person says that the page is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub code: Option<String>,
    /// The bank was asked since, and knows of no card, or of one that failed.
    pub read: bool,
}

/// A payment and what its state rests on, as `watch` and `cancel` give it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PaymentView {
    /// UUID.
    pub payment: String,
    /// UUID.
    pub order: String,
    /// The payment method.
    #[ts(type = "Rail")]
    pub rail: Rail,
    /// The number the bank sees.
    pub bank_order_no: String,
    /// How far it is.
    #[ts(type = "PaymentState")]
    pub state: PaymentState,
    /// Whole dollars.
    #[ts(type = "number")]
    pub amount: i64,
    /// 14 digits.
    pub account: Option<String>,
    /// The bank's page.
    pub link: Option<String>,
    /// The payee name that the customer's bank app will show.
    pub payee_name: String,
    /// Until when the customer can pay.
    pub expires_at: String,
    /// When it was made, whatever the bank has answered since.
    pub created_at: String,
    /// Of a card at CTBC, once the bank has shown one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub card: Option<CardView>,
    /// A card at CTBC that was never approved is no longer asked about by itself since then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub stopped_at: Option<String>,
    /// Oldest first, by the time that the bank's clock showed at each.
    pub evidence: Vec<EvidenceView>,
    /// The one that the state rests on, whichever is the newest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub proof: Option<EvidenceView>,
    /// How CTBC's page was left, while it may still be paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub left: Option<PageLeftView>,
    /// CTBC's page was given to a browser. That is done once.
    #[serde(skip_serializing_if = "is_false")]
    #[ts(optional, as = "Option<bool>")]
    pub opened: bool,
    /// What does not fit.
    pub discrepancies: Vec<DiscrepancyView>,
    /// The last answer of the bank that was not a yes.
    pub why: Option<Why>,
    /// The order may be reissued, with a new number (money rules 2).
    pub reissue: bool,
    /// It was paid after its end, by the bank's own times.
    pub late: bool,
    /// The minute in which it was paid, where the bank names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub paid_at: Option<String>,
    /// What a person should know now.
    #[ts(type = "Note | null")]
    pub note: Option<Note>,
}

named! {
    /// What a person should know about a payment now.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum Note {
        /// A card link cannot be recalled; it runs out.
        RunsOut = "runs-out",
        /// There was nothing to cancel.
        NothingToCancel = "nothing-to-cancel",
        /// The bank's lists do not show a new order yet, or it has not answered.
        BeingCancelled = "being-cancelled",
        /// Money came although the clerk had asked to cancel.
        PaidNotCancelled = "paid-not-cancelled",
        /// Another page of the order may still be paid: it is closed before this one is handed out.
        OldPageOpen = "old-page-open",
    }
}

/// What does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DiscrepancyView {
    /// UUID; `discrepancies close` takes it.
    pub discrepancy: String,
    /// Which discrepancy.
    #[ts(type = "DiscrepancyKind")]
    pub kind: DiscrepancyKind,
    /// First seen.
    pub at: String,
    /// The facts side by side.
    pub detail: String,
}

/// A payment inside an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PaymentRowView {
    /// UUID.
    pub payment: String,
    /// The payment method.
    #[ts(type = "Rail")]
    pub rail: Rail,
    /// The number the bank sees.
    pub bank_order_no: String,
    /// How far it is.
    #[ts(type = "PaymentState")]
    pub state: PaymentState,
    /// Whole dollars.
    #[ts(type = "number")]
    pub amount: i64,
    /// Whole dollars given back and confirmed.
    #[ts(type = "number")]
    pub refunded: i64,
    /// How far its open refund is, or that the bank has refused the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "RefundState")]
    pub refund: Option<&'static str>,
    /// 14 digits.
    pub account: Option<String>,
    /// The bank's page.
    pub link: Option<String>,
    /// Until when the customer can pay, as we asked for it.
    pub expires_at: String,
    /// It was paid after its end, by the bank's own times.
    pub late: bool,
    /// The minute in which it was paid, where the bank names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub paid_at: Option<String>,
    /// When the answer that first showed the money was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub seen_at: Option<String>,
    /// When the answer that the state rests on was received.
    pub confirmed_at: Option<String>,
    /// Which query it answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "Query")]
    pub confirmed_by: Option<Query>,
    /// The shop has asked to cancel it, and the outcome is not known yet.
    #[serde(skip_serializing_if = "is_false")]
    #[ts(optional, as = "Option<bool>")]
    pub cancelling: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
pub(crate) fn is_false(flag: &bool) -> bool {
    !flag
}

/// What was typed about who buys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CustomerView {
    /// May be empty.
    pub name: String,
    /// May be empty.
    pub note: String,
}

/// One order with its payments, as `orders show` gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct OrderView {
    /// UUID.
    pub order: String,
    /// Whole dollars.
    #[ts(type = "number")]
    pub amount: i64,
    /// As typed.
    pub description: String,
    /// Who buys; `null` when nothing was typed, or when it was erased.
    pub customer: Option<CustomerView>,
    /// It was typed, and erased since.
    #[serde(skip_serializing_if = "is_false")]
    #[ts(optional, as = "Option<bool>")]
    pub customer_erased: bool,
    /// When.
    pub created_at: String,
    /// Follows from its payments.
    #[ts(type = "OrderState")]
    pub state: OrderState,
    /// Oldest first.
    pub payments: Vec<PaymentRowView>,
    /// Of all payments, oldest first.
    pub refunds: Vec<RefundView>,
    /// Refunds that were made elsewhere and booked here, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<BookingView>>")]
    pub bookings: Vec<BookingView>,
    /// Other charges under the number of a payment, oldest first: `refund --xid` gives one back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<ChargeView>>")]
    pub charges: Vec<ChargeView>,
    /// Oldest first.
    pub discrepancies: Vec<DiscrepancyView>,
    /// What people did about it, oldest first; the refunds say theirs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<ActView>>")]
    pub acts: Vec<ActView>,
}

/// One row of the list of orders, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct OrderRowView {
    /// UUID.
    pub order: String,
    /// Whole dollars.
    #[ts(type = "number")]
    pub amount: i64,
    /// As typed.
    pub description: String,
    /// Who buys; `null` when nothing was typed, or when it was erased.
    pub customer: Option<CustomerView>,
    /// It was typed, and erased since.
    #[serde(skip_serializing_if = "is_false")]
    #[ts(optional, as = "Option<bool>")]
    pub customer_erased: bool,
    /// When.
    pub created_at: String,
    /// Follows from its payments.
    #[ts(type = "OrderState")]
    pub state: OrderState,
    /// Oldest first.
    pub payments: Vec<PaymentRowView>,
}

/// What the workers did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, TS)]
pub struct WorkView {
    /// Turns of the engine.
    #[ts(type = "number")]
    pub steps: u64,
    /// Requests that may change something at a bank.
    #[ts(type = "number")]
    pub sent: u64,
    /// Questions answered.
    #[ts(type = "number")]
    pub read: u64,
    /// Operations that wait for a time or a reading.
    #[ts(type = "number")]
    pub waiting: u64,
    /// Operations that wait for a person.
    #[ts(type = "number")]
    pub needs_person: u64,
}

/// An order with what the states of its payments rest on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct OrderInFull {
    /// The order.
    pub order: OrderView,
    /// Its payments, oldest first.
    pub payments: Vec<PaymentView>,
    /// The money of all of them, and where it has gone.
    pub totals: RefundTotals,
}

/// The audit chain, walked, and compared with the rows that it speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AuditView {
    /// Everything fits.
    pub ok: bool,
    /// Rows walked.
    #[ts(type = "number")]
    pub rows: u64,
    /// Hash of the last row: a copy kept elsewhere reveals a shortened chain.
    pub head: String,
    /// Rows when the head was kept beside the keys last; that row is among them, or it is found.
    #[ts(type = "number | null")]
    pub kept: Option<u64>,
    /// The first row that does not fit.
    #[ts(type = "number | null")]
    pub broken_at: Option<u64>,
    /// Everything that another hand has touched, and a mark of the coverage that claims too much.
    pub found: Vec<String>,
    /// What an owner has accepted of it, so that it is found no more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub accepted: Vec<String>,
    /// The folder takes no file, so the data file was read as one that nobody writes.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub read_only: bool,
    /// Files in the shop's folder that this program did not write, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub strangers: Vec<String>,
    /// Copies of the data file beside it. The record is whole all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub copies: Option<CopiesView>,
}

/// The shop, always visible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ShopView {
    /// Its name.
    pub name: String,
    /// The payee name that the customer's bank app will show.
    pub payee_name: String,
    /// Of its contracts, which all have the same.
    #[ts(type = "Environment | null")]
    pub environment: Option<Environment>,
    /// Single limit of the account rail, whole dollars.
    #[ts(type = "number | null")]
    pub account_limit: Option<i64>,
    /// A QR of the card link may be shown for the customer's phone.
    pub link_qr: bool,
    /// The rails that the shop can sell by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, type = "Rail[]")]
    pub rails: Vec<Rail>,
}

/// The shop that is open, and how late it is at its bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ShopNow {
    /// The shop.
    #[serde(flatten)]
    pub shop: ShopView,
    /// Bank time.
    pub now: String,
    /// The most that a card link takes at once; of the account the shop says it.
    #[ts(type = "number | null")]
    pub card_limit: Option<i64>,
    /// The most that CTBC's card page takes at once.
    #[ts(type = "number | null")]
    pub ctbc_limit: Option<i64>,
    /// A customer can be played.
    pub demo: bool,
}

named! {
    /// What the demo bank, its customer or its clock can be made to do.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum DemoAction {
        /// The customer pays.
        Pay = "pay",
        /// The customer's card is declined.
        Decline = "decline",
        /// The customer's time runs out.
        Expire = "expire",
        /// The bank acts on the next sale, and its answer is lost.
        LoseAnswer = "lose-answer",
        /// An hour passes.
        Hour = "hour",
        /// A day passes.
        Day = "day",
    }
}

/// A time as every view writes it.
pub(crate) fn time(at: Moment) -> String {
    at.to_string()
}

impl EvidenceView {
    /// Of a payment by this rail.
    pub(crate) fn of(rail: Rail, e: Evidence) -> Self {
        // what a state rests on was a yes; the book explains a yes that is none
        let explained = |language| bank_code(language, rail, &e.said).filter(|_| e.said != "S0000");
        let cause = |language| explained(language).map(|entry| entry.cause.clone());
        let [cause_zh, cause_en] = Language::ALL.map(cause);
        Self { query: e.query, at: time(e.at), cause_zh, cause_en, said: e.said }
    }
}

impl CardView {
    /// Of a payment at bank time `at`; `None`: the bank has shown no card.
    pub(crate) fn of(
        payment: &Payment,
        discrepancies: &[DiscrepancyKind],
        at: Moment,
        calendar: &BankCalendar,
    ) -> Option<Self> {
        let state = payment.card?;
        let refund = refund_now(state, discrepancies, at, calendar);
        Some(Self {
            state,
            number: state.number().unwrap_or_default().into(),
            xid: payment.issued.as_ref().and_then(|issued| issued.bank_ref.clone()),
            card_tail: payment.card_tail.map(CardTail::digits),
            refund: refund.meaning,
            batch_at: refund.batch_at.map(time),
            earliest: refund.earliest.map(time),
        })
    }
}

impl From<Discrepancy> for DiscrepancyView {
    fn from(d: Discrepancy) -> Self {
        Self { discrepancy: d.id.to_string(), kind: d.kind, at: time(d.at), detail: d.detail }
    }
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::{EvidenceId, PaymentId};

    use super::*;

    fn said(rail: Rail, code: &str) -> EvidenceView {
        let evidence = Evidence {
            id: EvidenceId::from_bytes([1; 16]),
            payment: PaymentId::from_bytes([2; 16]),
            query: Query::ByNumber,
            at: Moment::from_millis(0),
            state: None,
            said: code.to_owned(),
            amount: None,
            paid_minute: None,
        };
        EvidenceView::of(rail, evidence)
    }

    /// States have words of their own; a pair is explained by the book of its bank and no other.
    #[test]
    fn what_the_bank_s_book_holds_stands_with_the_evidence() {
        let pair = said(Rail::CtbcCard, "9/nz");
        for (language, cause) in Language::ALL.into_iter().zip([pair.cause_zh, pair.cause_en]) {
            assert_eq!(cause, bank_code(language, Rail::CtbcCard, "9/nz").map(|entry| entry.cause.clone()));
            assert!(cause.is_some());
        }
        assert_eq!(said(Rail::SinopacCard, "9/nz").cause_zh, None);
        assert_eq!(said(Rail::SinopacAccount, "S0000").cause_zh, None);
        for number in CardState::ALL.into_iter().filter_map(CardState::number).chain(["QueryCode 0"]) {
            assert_eq!(said(Rail::CtbcCard, number).cause_zh, None, "{number}");
        }
    }
}
