//! What a person is told before asking for a refund, and what rests at a bank for too long.

use counterfoil_domain::refund::alarm::reminded_on;
use counterfoil_domain::refund::request::{Wanted, Warning, request, warning};
use counterfoil_domain::refund::{Course, PersonWhy, WaitWhy, Way, alarm};
use counterfoil_domain::{
    Actor, Bank, CardState, Moment, Mono, OperationKind, Payment, Rail, RefundId, RefundReason, Twd,
};
use counterfoil_engine::ports::Store;
use counterfoil_engine::{Awaited, RefundAsked, RefundRefused, awaited, target_rows};
use serde::Serialize;
use ts_rs::TS;

use super::queue::Looks;
use super::{
    RefundTyped, RefundWhyView, SaidView, ToldView, WaitingView, checked_refund, month_day, named, said,
};
use crate::code::Code;
use crate::error::CommandError;
use crate::views::time;

/// By its older paper SinoPac may refuse a second refund of a card sale.
pub(super) const SECOND: &str = "second-may-be-refused";

/// What a person is told before asking for a refund. Nothing is sent and nothing is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RefundPreview {
    /// UUID.
    pub payment: String,
    /// Of which transaction at CTBC; absent for the only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub xid: Option<String>,
    /// Whole dollars.
    #[ts(type = "number")]
    pub amount: i64,
    /// What asking does at once: who approves.
    pub now: SaidView,
    /// What happens at the bank then.
    pub then: SaidView,
    /// What the payer will see, by what is known now.
    pub told: ToldView,
    /// What it will wait for.
    pub waiting: Option<WaitingView>,
    /// The workday on which Counterfoil reminds a person of it, where the bank gets it now.
    pub reminds: String,
    /// What to know before: `second-may-be-refused`, `remainder-not-enabled`.
    pub warnings: Vec<RefundWhyView>,
}

/// A refund that rests at the bank for too long. It ends when the refund moves on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RefundAlarmView {
    /// UUID.
    pub refund: String,
    /// UUID.
    pub payment: String,
    /// `locked-too-long`, `pending-too-long` or `unanswered-too-long`.
    pub kind: &'static str,
    /// Since when.
    pub since: String,
    /// In words.
    #[serde(flatten)]
    #[ts(flatten)]
    pub text: SaidView,
}

/// What the person who `looks` is told before asking: true of what this person asks for now.
///
/// # Errors
/// As [`checked_refund`], the refund's rules, or of the store.
pub fn refund_preview<S: Store>(
    store: &S,
    typed: &RefundTyped,
    looks: Looks,
) -> Result<RefundPreview, CommandError> {
    let id = RefundId::from_random([0; 16]);
    let RefundAsked { payment, xid, amount, .. } = checked_refund(store, typed, id, looks.who)?;
    let missing = || CommandError::input(Code::NotFound).with("what", "payment");
    let (payment, shop) = (store.payment(payment)?.ok_or_else(missing)?, store.shop()?);
    let shop = shop.ok_or_else(|| CommandError::input(Code::NoShop))?;
    let rows = target_rows(store, &payment, &xid)?;
    let target = rows.of(&payment).ok_or(RefundRefused::NoSuchTransaction)?;
    let approvals = shop.approvals(payment.rail.bank(), store.has_people()?);
    request(&wanted(&payment, &xid, amount), &target, approvals).map_err(RefundRefused::from)?;
    let calendar = shop.calendar();
    let awaited = awaited(store, &payment, (id, amount), looks.who, looks.clocks)?;
    // what waits for its approval is not sent before
    let now = awaited.from(looks.at);
    let told = Course::told(&payment, amount, now, &calendar);
    // a part waits for the capture, and every step for the batch in its way
    let part = payment.card == Some(CardState::CaptureQueued) && amount < target.captured;
    let (wait, why) = if part {
        (calendar.wait_for_capture(now, OperationKind::Refund.rule().span_ms), WaitWhy::Capture)
    } else {
        (calendar.wait(now, OperationKind::CapReversal.rule().span_ms), WaitWhy::Batch)
    };
    let waiting = wait.filter(|_| payment.rail.bank() == Bank::Ctbc).map(|wait| {
        let why = why.name();
        let values = [("start", wait.starts_text()), ("until", wait.earliest_text(looks.at))];
        WaitingView { until: time(wait.earliest), why, text: said(why, &values) }
    });
    let warning = warning(&target, shop.contract()).map(|warning| match warning {
        Warning::MayBeRefused => SECOND,
        Warning::NotEnabled => PersonWhy::RemainderNotEnabled.name(),
    });
    Ok(RefundPreview {
        payment: payment.id.to_string(),
        xid: Some(xid).filter(|xid| !xid.is_empty()),
        amount: amount.dollars(),
        now: said(asking_key(awaited), &[]),
        then: said(then_key(&payment, told.way), &[]),
        told: super::told(told, payment.rail),
        reminds: reminded_on(now, &calendar).to_string(),
        waiting,
        warnings: warning.map(|warning| named(warning, &[])).into_iter().collect(),
    })
}

/// A request of this amount, to try the rules of asking by: whoever asks, for whatever reason.
pub(super) fn wanted(payment: &Payment, xid: &str, amount: Twd) -> Wanted {
    Wanted {
        id: RefundId::from_random([0; 16]),
        xid: payment.row_xid(xid).to_owned(),
        amount,
        reason: RefundReason::Returned,
        note: None,
        requester: Actor::Owner,
        now: Moment::from_millis(0),
        mono: Mono::from_millis(0),
    }
}

/// Who approves.
pub(super) const fn asking_key(awaited: Awaited) -> &'static str {
    match awaited {
        Awaited::AtOnce => "now.at-once",
        Awaited::Another => "now.people",
        Awaited::Either => "now.either",
        Awaited::Own => "now.own",
        Awaited::AnotherFirst => "now.no-bank-time",
        Awaited::NoneFirst => "now.none-yet",
        Awaited::None => "now.none",
    }
}

/// What the bank is asked to do.
pub(super) const fn then_key(payment: &Payment, way: Way) -> &'static str {
    match (payment.rail, way) {
        (Rail::SinopacAccount, Way::Cancel | Way::Refund) => "then.transfer",
        (Rail::SinopacCard | Rail::CtbcCard, Way::Cancel) => "then.cancel",
        (Rail::SinopacCard | Rail::CtbcCard, Way::Refund) => "then.refund",
    }
}

/// The refunds that rest at the bank for too long at bank time `now`, oldest first.
///
/// # Errors
/// Of the store.
pub fn refund_alarms<S: Store>(store: &S, now: Moment) -> Result<Vec<RefundAlarmView>, CommandError> {
    let calendar = store.shop()?.map(|shop| shop.calendar()).unwrap_or_default();
    let mut alarms = Vec::new();
    for refund in store.open_refunds()? {
        let Some(payment) = store.payment(refund.payment)? else { continue };
        let operations = store.operations_of(payment.id)?;
        let Some((kind, since)) = alarm(&refund, &payment, &operations, now, &calendar) else { continue };
        let key = format!("alarm.{}", kind.name());
        let values = [("since", month_day(&time(since)))];
        let text = said(&key, &values);
        let (refund, payment) = (refund.id.to_string(), payment.id.to_string());
        alarms.push(RefundAlarmView { refund, payment, kind: kind.name(), since: time(since), text });
    }
    Ok(alarms)
}
