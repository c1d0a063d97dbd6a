//! The refunds that people work off: how far each is, why it waits, and what whoever looks may do.
//! Left out: when the bank is asked next, which only the running engine knows.

use counterfoil_domain::calendar::BatchWait;
use counterfoil_domain::refund::alarm::reminded_on;
use counterfoil_domain::refund::approval::ApprovalError;
use counterfoil_domain::refund::{Course, withdraw};
use counterfoil_domain::{
    Actor, Clocks, DiscrepancyKind, Moment, Operation, OperationKind, OperationState, Payment, Person,
    Refund, RefundId, RefundState, Right, Role, Shows, Twd,
};
use counterfoil_engine::ports::{ForeignLine, ForeignMoney, Store};
use counterfoil_engine::{EngineError, RefundRefused, allowed, approval_of, approvers};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::outcome::{answered, shown};
use super::room::{RefundTotals, totals};
use super::{ROWS_MAX, RefundView, SaidView, operation_text, refund_view, said, state_text};
use crate::code::Code;
use crate::customers::Names;
use crate::discrepancies::{DiscrepancyRowView, discrepancy_rows};
use crate::error::CommandError;
use crate::failure::Failure;
use crate::orders::customer;
use crate::views::{CustomerView, is_false, time};

/// Refunds of the same customer within so many days are shown beside a new one.
const OTHERS_DAYS: i64 = 30;
/// The most that are shown.
const OTHERS_MAX: usize = 5;
/// Money that no order explains is shown for so many days.
const FOREIGN_DAYS: i64 = 30;
/// The most rows of it.
const FOREIGN_MAX: usize = 20;

/// Who looks, and when.
#[derive(Debug, Clone, Copy)]
pub struct Looks {
    /// Who.
    pub who: Actor,
    /// Bank time.
    pub at: Moment,
    /// All clocks.
    pub clocks: Clocks,
}

/// A refund as people work it off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RefundRowView {
    /// The refund.
    pub refund: RefundView,
    /// UUID of its order.
    pub order: String,
    /// The number the bank sees.
    pub bank_order_no: String,
    /// The payment method.
    #[ts(type = "Rail")]
    pub rail: counterfoil_domain::Rail,
    /// Who bought; `null` when nothing was typed, or when it was erased.
    pub customer: Option<CustomerView>,
    /// What came, and where it has gone; this refund included.
    pub totals: RefundTotals,
    /// Everything that was captured goes back.
    pub whole: bool,
    /// What has to happen, in its order, with what has.
    pub progress: Vec<ProgressView>,
    /// When the bank is asked next.
    pub next_at: Option<String>,
    /// Since when it is in its state.
    pub since: Option<String>,
    /// The workday on which Counterfoil reminds a person of it.
    pub reminds: String,
    /// Whoever looks is the person who asked.
    pub own: bool,
    /// Whoever looks may withdraw it.
    pub withdraw: bool,
    /// Whether whoever looks may approve it; absent when it is approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub approve: Option<ApproveView>,
    /// Other refunds to the same customer in the last 30 days, newest first.
    pub others: Vec<OtherRefundView>,
    /// What we sent and what the bank has shown, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<SideView>>")]
    pub sides: Vec<SideView>,
}

/// A part of the way of a refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ProgressView {
    /// `done`, `now` or `next`.
    pub state: &'static str,
    /// In words.
    #[serde(flatten)]
    #[ts(flatten)]
    pub text: SaidView,
}

/// Whether whoever looks may approve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ApproveView {
    /// It is the person's own, in one-person mode: the amount is typed again.
    #[serde(skip_serializing_if = "is_false")]
    #[ts(optional, as = "Option<bool>")]
    pub alone: bool,
    /// Not before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub cooled_at: Option<String>,
    /// Who may approve it now, other than the requester.
    pub others: Vec<ApproverView>,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub refused: Option<Failure>,
}

/// A person who may approve a refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ApproverView {
    /// As the shop calls this person.
    pub name: String,
    /// Role of this person.
    #[ts(type = "Role")]
    pub role: Role,
}

/// Another refund to the same customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct OtherRefundView {
    /// UUID.
    pub refund: String,
    /// Of which sale.
    pub bank_order_no: String,
    /// Whole dollars.
    #[ts(type = "number")]
    pub amount: i64,
    /// When it was asked for.
    pub requested_at: String,
    /// Its state in words.
    #[serde(flatten)]
    #[ts(flatten)]
    pub text: SaidView,
}

/// What we did, or what the bank said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SideView {
    /// When.
    pub at: String,
    /// The bank said it.
    pub bank: bool,
    /// In words.
    #[serde(flatten)]
    #[ts(flatten)]
    pub text: SaidView,
    /// The bank's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub code: Option<String>,
}

/// The refunds to work off, and what holds them up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RefundsView {
    /// Open ones, oldest first; then those that ended today.
    pub rows: Vec<RefundRowView>,
    /// CTBC's batch, while it holds up everything that is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub batch: Option<HoldView>,
    /// What the banks have that does not fit, and that a refund may settle.
    pub discrepancies: Vec<DiscrepancyRowView>,
    /// Money of the last 30 days at the bank that no order of this shop explains, newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<ForeignView>>")]
    pub foreign: Vec<ForeignView>,
}

/// Money at the bank that no order of this shop explains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ForeignView {
    /// The number that the bank shows.
    pub bank_order_no: String,
    /// Whole dollars; `null`: the bank did not say.
    #[ts(type = "number | null")]
    pub amount: Option<i64>,
    /// When it was paid.
    pub paid_at: Option<String>,
}

/// The span in which CTBC takes no refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HoldView {
    /// From then on nothing was sent.
    pub from: String,
    /// The batch itself.
    pub starts: String,
    /// Its end.
    pub ends: String,
    /// Not before.
    pub until: String,
}

/// A person's decision on a screen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DecisionTyped {
    /// Its name.
    pub choice: String,
    /// The bank's reference, who told it, or what shows the transfer.
    pub text: String,
}

/// The refunds that are open, and those that ended on the day of `looks`.
///
/// # Errors
/// Of the store.
pub fn refund_queue<S: Store>(store: &S, looks: Looks) -> Result<RefundsView, CommandError> {
    let ended = |refund: &Refund| refund.ended_at().is_some_and(|at| at.day() == looks.at.day());
    let newest = store.refunds(ROWS_MAX)?;
    let ended: Vec<_> = newest.into_iter().filter(ended).collect();
    let rows = store.open_refunds()?.into_iter().chain(ended);
    let rows = rows.map(|refund| refund_row(store, refund.id, looks)).collect::<Result<_, _>>()?;
    let (batch, discrepancies) = (hold(store, looks.at)?, of_money(store)?);
    Ok(RefundsView { rows, batch, discrepancies, foreign: foreign(store, looks.at)? })
}

/// Money of numbers that the shop calls its own: of the rest, `discrepancies` tell.
fn foreign<S: Store>(store: &S, at: Moment) -> Result<Vec<ForeignView>, CommandError> {
    let since = at.plus_days(-FOREIGN_DAYS).minute();
    let mut lines = store.foreign_money(ForeignMoney::Untold { since })?;
    lines.truncate(FOREIGN_MAX);
    let view = |line: ForeignLine| ForeignView {
        bank_order_no: line.bank_order_no,
        amount: line.amount.map(Twd::dollars),
        paid_at: line.paid_minute.map(|minute| time(minute.start())),
    };
    Ok(lines.into_iter().map(view).collect())
}

/// The batch that holds up what would be sent now.
fn hold<S: Store>(store: &S, at: Moment) -> Result<Option<HoldView>, CommandError> {
    let Some(shop) = store.shop()?.filter(|shop| shop.ctbc.is_some()) else { return Ok(None) };
    let wait = shop.calendar().wait(at, OperationKind::Refund.rule().span_ms);
    Ok(wait.map(|BatchWait { batch, earliest }| {
        // the same margin on both sides
        let margin_ms = earliest.ms_since(batch.ends).max(0);
        HoldView {
            from: time(batch.starts.plus_ms(-margin_ms)),
            starts: time(batch.starts),
            ends: time(batch.ends),
            until: time(earliest),
        }
    }))
}

/// Discrepancies about money that came twice, went back elsewhere, or is missing.
fn of_money<S: Store>(store: &S) -> Result<Vec<DiscrepancyRowView>, CommandError> {
    use DiscrepancyKind as K;
    let is_money = |row: &DiscrepancyRowView| match row.kind {
        K::PaidTwice
        | K::ChargedTwice
        | K::RefundedOutside
        | K::RefundNotShown
        | K::CaptureFailed
        | K::ForeignMoney => true,
        K::AmountDiffers
        | K::EchoDiffers
        | K::PaidBeforeCreated
        | K::WentBack
        | K::UnlistedState
        | K::NotCaptured
        | K::CoveredByNumber
        | K::StaysUnknown
        | K::PaidLate => false,
    };
    let mut rows = discrepancy_rows(store, false, Names::Masked)?;
    rows.retain(is_money);
    Ok(rows)
}

/// One of them.
///
/// # Errors
/// `not-found`, or of the store.
pub fn refund_row<S: Store>(store: &S, id: RefundId, looks: Looks) -> Result<RefundRowView, CommandError> {
    let missing = |what| CommandError::input(Code::NotFound).with("what", what);
    let names = Names::seen_by(store, looks.who)?;
    let refund = store.refund(id)?.ok_or_else(|| missing("refund"))?;
    let payment = store.payment(refund.payment)?.ok_or_else(|| missing("payment"))?;
    let order = store.order(payment.order)?.ok_or_else(|| missing("order"))?;
    let operations = store.operations_of(payment.id)?;
    let own: Vec<&Operation> = operations.iter().filter(|op| op.refund == Some(refund.id)).collect();
    let totals = totals(store, &payment, &refund.xid)?;
    let is_own = looks.who == refund.requester;
    let right = if is_own { Right::AskRefund } else { Right::WithdrawRefund };
    let may_withdraw = allowed(store, looks.who, right, Twd::ZERO).is_ok()
        && withdraw(&refund, &operations, looks.who, looks.at).is_ok()
        && refund.wanted_back(&operations).is_none();
    let is_asked = refund.state == RefundState::Requested;
    Ok(RefundRowView {
        order: order.id.to_string(),
        bank_order_no: payment.bank_order_no.to_string(),
        rail: payment.rail,
        customer: order.customer.map(|id| customer(store, id, names)).transpose()?.flatten(),
        whole: refund.amount.dollars() == totals.captured,
        totals,
        progress: progress(store, &refund, &payment, &own)?,
        next_at: None,
        since: refund.since.map(time),
        reminds: reminded_on(sent_at(&own).unwrap_or(looks.at), &super::calendar_of(store)?).to_string(),
        own: is_own,
        withdraw: may_withdraw,
        approve: if is_asked { Some(approve_view(store, &refund, &payment, looks)?) } else { None },
        others: others(store, &refund, order.customer, looks)?,
        sides: sides(store, &payment, &own)?,
        refund: refund_view(store, refund.id, names)?,
    })
}

/// When the bank got it: an alarm counts from the last request.
fn sent_at(own: &[&Operation]) -> Option<Moment> {
    own.iter().rfind(|op| op.kind != OperationKind::RefundReversal)?.sent_at
}

/// Approval, each request to the bank, and the bank's word.
fn progress<S: Store>(
    store: &S,
    refund: &Refund,
    payment: &Payment,
    own: &[&Operation],
) -> Result<Vec<ProgressView>, CommandError> {
    let calendar = super::calendar_of(store)?;
    let course = refund.ran.or(refund.told);
    let course =
        course.unwrap_or_else(|| Course::told(payment, refund.amount, refund.requested_at, &calendar));
    let mut kinds: Vec<OperationKind> = Vec::new();
    let sent = own.iter().filter(|op| op.state != OperationState::Abandoned).map(|op| op.kind);
    for kind in sent.chain(course.steps(payment).iter().copied()) {
        if kind != OperationKind::RefundReversal && !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let taken =
        |kind: &OperationKind| own.iter().any(|op| op.kind == *kind && op.state == OperationState::Accepted);
    let mut rows = vec![(said("progress.approve", &[]), refund.approver.is_some())];
    for kind in &kinds {
        let [text_zh, text_en] = operation_text(*kind).map(str::to_owned);
        rows.push((SaidView { text_zh, text_en }, taken(kind)));
    }
    rows.push((said("progress.confirm", &[]), refund.is_done_at_bank()));
    let now = rows.iter().position(|(_, done)| !done);
    let state = |at: usize, done: bool| {
        if done {
            "done"
        } else if now == Some(at) {
            "now"
        } else {
            "next"
        }
    };
    let rows = rows.into_iter().enumerate();
    Ok(rows.map(|(at, (text, done))| ProgressView { state: state(at, done), text }).collect())
}

/// Tries the approval with the right amount typed again: what is left in the way is told.
fn approve_view<S: Store>(
    store: &S,
    refund: &Refund,
    payment: &Payment,
    looks: Looks,
) -> Result<ApproveView, CommandError> {
    let shop = store.shop()?.ok_or_else(|| CommandError::input(Code::NoShop))?;
    let approvals = shop.approvals(payment.rail.bank(), store.has_people()?);
    let (again, clocks) = (Some(refund.amount), looks.clocks);
    let (alone, cooled_at, refused) = match approval_of(store, refund, approvals, again, looks.who, clocks) {
        Ok(approved) => (approved.alone, None, None),
        Err(EngineError::Refund(RefundRefused::Approval(ApprovalError::Cooling { left_ms }))) => {
            (true, Some(time(looks.at.plus_ms(left_ms))), None)
        }
        Err(error) => (false, None, Some(CommandError::from(error).into())),
    };
    let others = approvers(store, payment, (refund.id, refund.amount), refund.requester, clocks)?;
    let others = others.into_iter().map(|Person { name, role, .. }| ApproverView { name, role }).collect();
    Ok(ApproveView { alone, cooled_at, others, refused })
}

/// Of the same name, or of the same sale.
fn others<S: Store>(
    store: &S,
    refund: &Refund,
    bought: Option<counterfoil_domain::CustomerId>,
    looks: Looks,
) -> Result<Vec<OtherRefundView>, CommandError> {
    let since = looks.at.plus_days(-OTHERS_DAYS);
    let name = bought.map(|id| store.customer(id)).transpose()?.flatten().map(|customer| customer.name);
    let mut found = Vec::new();
    for other in store.refunds(ROWS_MAX)? {
        let recent = other.id != refund.id && other.requested_at >= since;
        if !recent || other.state == RefundState::Withdrawn || found.len() >= OTHERS_MAX {
            continue;
        }
        let Some(payment) = store.payment(other.payment)? else { continue };
        let customer = store.order(payment.order)?.and_then(|order| order.customer);
        let customer = customer.map(|id| store.customer(id)).transpose()?.flatten();
        let named = customer.zip(name.as_ref()).is_some_and(|(other, name)| other.is_named(name));
        if named || payment.id == refund.payment {
            found.push(OtherRefundView {
                refund: other.id.to_string(),
                bank_order_no: payment.bank_order_no.to_string(),
                amount: other.amount.dollars(),
                requested_at: time(other.requested_at),
                text: state_text(other.state),
            });
        }
    }
    Ok(found)
}

/// Each request with its answers, and what the bank showed before and after it.
fn sides<S: Store>(store: &S, payment: &Payment, own: &[&Operation]) -> Result<Vec<SideView>, CommandError> {
    let mut sides = Vec::new();
    for op in own {
        if let (Some(sent), Some(before)) = (op.sent_at, &op.snapshot) {
            let text = shown(&Shows::Order(before.clone()));
            sides.push((sent, SideView { at: time(sent), bank: true, text, code: None }));
        }
        if let Some(sent) = op.sent_at.filter(|_| op.state != OperationState::Planned) {
            let [zh, en] = operation_text(op.kind);
            let text = SaidView {
                text_zh: said("side.sent", &[("step", zh.to_owned())]).text_zh,
                text_en: said("side.sent", &[("step", en.to_owned())]).text_en,
            };
            sides.push((sent, SideView { at: time(sent), bank: false, text, code: None }));
        }
        for answer in store.answers_of(op.id)? {
            let text = answered(payment.rail, answer.meaning, &answer.code);
            let code = Some(answer.code);
            sides.push((answer.at, SideView { at: time(answer.at), bank: true, text, code }));
        }
        for reading in store.readings_of(op.id)? {
            let text = shown(&reading.shows);
            sides.push((reading.at, SideView { at: time(reading.at), bank: true, text, code: None }));
        }
    }
    sides.sort_by_key(|(at, _)| *at);
    Ok(sides.into_iter().map(|(_, side)| side).collect())
}
