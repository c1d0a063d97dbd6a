//! The commands that wait. Each drives the shop until the bank's answer is clear or its time is
//! over.

use counterfoil_commands::{
    CommandError, Exit, Names, Note, PaymentView, SellRequest, Sent, SoldView, SweepView, WorkView,
    checked_sale, payment_result, payment_view, refund_result, refund_view, sale_result, sold_view,
    sweep_view,
};
use counterfoil_domain::{
    Actor, MinuteSpan, OperationId, OperationKind, OperationState, PaymentId, PaymentState, RefundId,
    RefundState,
};
use counterfoil_engine::ports::Store;
use counterfoil_engine::{CancelStarted, ReturnSpot};
use counterfoil_shop::Desk;
use serde_json::Value;

/// `sell` waits this long for a clear answer: three attempts within 20 s, the last with the bank's
/// whole deadline.
const SELL_MS_MAX: i64 = 60_000;
/// `cancel` waits this long: a reading, the request, and a reading.
const CANCEL_MS_MAX: i64 = 90_000;
/// A refund this long: two requests with a reading before each, and one after.
const REFUND_MS_MAX: i64 = 90_000;

/// Sells, and waits until the bank's answer is clear or surely is not.
///
/// # Errors
/// As [`Desk::begin_sale`].
pub(crate) async fn sell(
    desk: &mut Desk,
    request: &SellRequest,
    who: Actor,
) -> Result<(SoldView, Exit), CommandError> {
    let sale = checked_sale(desk.engine(), request, ReturnSpot::default(), who)?;
    desk.wait_for_bank_time(sale.rail.bank()).await.map_err(|why| why.sent(Sent::No, false))?;
    let id = desk.begin_sale(request, who)?;
    let sold = sold(desk, id).await;
    sold.map_err(|why| desk.sent_so_far(id, |_| true, why))
}

async fn sold(desk: &mut Desk, id: PaymentId) -> Result<(SoldView, Exit), CommandError> {
    desk.run_until(SELL_MS_MAX, |engine, _| {
        let ops = engine.store().operations_of(id)?;
        let waits = |s: OperationState| {
            matches!(
                s,
                OperationState::Planned
                    | OperationState::Sending
                    | OperationState::NotSent
                    | OperationState::NotNow
            )
        };
        // a form waits for its browser, not for us
        Ok(!ops.iter().any(|op| waits(op.state) && op.kind != OperationKind::PostForm))
    })
    .await?;
    let store = desk.engine().store();
    let view = sold_view(store, id)?;
    let declined = store.operations_of(id)?.iter().any(|op| op.state == OperationState::Declined);
    let exit = sale_result(view.state, declined);
    Ok((view, exit))
}

/// Watches a payment until it has money or an end, asking at least once.
///
/// # Errors
/// `not-found`, or the data file.
pub(crate) async fn watch(
    desk: &mut Desk,
    payment: &str,
    for_secs: u32,
) -> Result<(PaymentView, Exit), CommandError> {
    let id = desk.known_payment(payment)?;
    desk.listen_again()?;
    desk.show(payment)?;
    desk.run_until(i64::from(for_secs) * 1000, |engine, _| {
        let state = engine.store().payment(id)?.map(|p| p.state);
        Ok(state.is_some_and(|s| s.has_money() || (!s.is_open() && engine.was_read(id))))
    })
    .await?;
    desk.wait_for_browser(id).await?;
    result(desk, id, None)
}

/// Cancels an unpaid account, and waits for what came of it. A card link runs out, and the view
/// says so.
///
/// # Errors
/// `not-found`, or the data file.
pub(crate) async fn cancel(
    desk: &mut Desk,
    payment: &str,
    who: Actor,
) -> Result<(PaymentView, Exit), CommandError> {
    let id = desk.known_payment(payment)?;
    let op = match desk.cancel(id, who)? {
        CancelStarted::RunsOut(_) => return cancelled(desk, id, Some(Note::RunsOut)),
        CancelStarted::Nothing(_) => return cancelled(desk, id, Some(Note::NothingToCancel)),
        CancelStarted::Planned(op) => op,
        CancelStarted::PageClosed => {
            desk.run_until(CANCEL_MS_MAX, |engine, _| {
                let left = engine.store().page_left(id)?;
                let awaits = engine.store().payment(id)?.is_some_and(|p| p.state == PaymentState::Awaiting);
                Ok(!awaits || left.is_none_or(|left| left.read_at.is_some()))
            })
            .await?;
            return cancelled(desk, id, None);
        }
    };
    let ended = cancel_ended(desk, id, op).await;
    ended.map_err(|why| desk.sent_so_far(id, |one| one.id == op, why))
}

async fn cancel_ended(
    desk: &mut Desk,
    id: PaymentId,
    op: OperationId,
) -> Result<(PaymentView, Exit), CommandError> {
    desk.run_until(CANCEL_MS_MAX, |engine, _| {
        let state = engine.store().operation(op)?.map(|op| op.state);
        Ok(state.is_none_or(|s| s.is_final() || s.wants_reading() || s == OperationState::NeedsPerson))
    })
    .await?;
    cancelled(desk, id, None)
}

/// Waits until a refund rests: it waits for an instant, is at the bank, is over, or needs a person.
///
/// # Errors
/// Of the data file.
pub(crate) async fn refund(desk: &mut Desk, id: RefundId) -> Result<(Value, Exit), CommandError> {
    let rested = rested(desk, id).await;
    rested.map_err(|why| refund_sent(desk, id, why))
}

async fn rested(desk: &mut Desk, id: RefundId) -> Result<(Value, Exit), CommandError> {
    desk.run_until(REFUND_MS_MAX, |engine, now| {
        let state = engine.store().refund(id)?.map(|refund| refund.state);
        let rests = state.is_none_or(|state| match state {
            RefundState::Approved | RefundState::Working => false,
            RefundState::Requested
            | RefundState::Waiting
            | RefundState::AtBank
            | RefundState::Done
            | RefundState::Declined
            | RefundState::Withdrawn
            | RefundState::NeedsPerson => true,
        });
        Ok(rests && !engine.is_planning(id, now))
    })
    .await?;
    shown(desk, id)
}

/// Waits until the bank was asked whether a refund can be taken back, and for what came of it.
///
/// # Errors
/// Of the data file.
pub(crate) async fn withdrawal(desk: &mut Desk, id: RefundId) -> Result<(Value, Exit), CommandError> {
    let withdrawn = withdrawn(desk, id).await;
    withdrawn.map_err(|why| refund_sent(desk, id, why))
}

async fn withdrawn(desk: &mut Desk, id: RefundId) -> Result<(Value, Exit), CommandError> {
    desk.run_until(REFUND_MS_MAX, |engine, now| {
        let over = engine.store().refund(id)?.is_none_or(|refund| refund.state.is_final());
        Ok(over || !engine.is_planning(id, now))
    })
    .await?;
    let (view, _) = shown(desk, id)?;
    let state = desk.engine().store().refund(id)?.map(|refund| refund.state);
    let exit = if state == Some(RefundState::Withdrawn) { Exit::Done } else { Exit::Unknown };
    Ok((view, exit))
}

fn refund_sent(desk: &Desk, id: RefundId, why: CommandError) -> CommandError {
    match desk.engine().store().refund(id) {
        Ok(Some(refund)) => desk.sent_so_far(refund.payment, |op| op.refund == Some(id), why),
        Ok(None) | Err(_) => why.sent(Sent::Maybe, true),
    }
}

fn shown(desk: &Desk, id: RefundId) -> Result<(Value, Exit), CommandError> {
    let store = desk.engine().store();
    let exit = store.refund(id)?.map_or(Ok(Exit::Done), |refund| refund_result(store, &refund))?;
    Ok((serde_json::json!(refund_view(store, id, Names::Full)?), exit))
}

/// Runs the workers: until nothing is due any more, or for a time.
///
/// # Errors
/// Of the data file.
pub(crate) async fn work(desk: &mut Desk, for_secs: Option<u32>) -> Result<WorkView, CommandError> {
    desk.listen_again()?;
    desk.watch_pages();
    match for_secs {
        Some(secs) => desk.run_until(i64::from(secs) * 1000, |_, _| Ok(false)).await?,
        None => until_quiet(desk).await?,
    };
    desk.work_view()
}

/// Asks about a span of minutes now, and waits for the answers.
///
/// # Errors
/// Of the data file.
pub(crate) async fn sweep(desk: &mut Desk, span: MinuteSpan) -> Result<SweepView, CommandError> {
    desk.sweep(span);
    until_quiet(desk).await?;
    sweep_view(desk.engine().store(), span, desk.engine().swept())
}

async fn until_quiet(desk: &mut Desk) -> Result<bool, CommandError> {
    desk.run_until(i64::from(u32::MAX), |engine, now| Ok(engine.is_quiet(now)?)).await
}

fn cancelled(desk: &Desk, id: PaymentId, note: Option<Note>) -> Result<(PaymentView, Exit), CommandError> {
    let (view, _) = result(desk, id, note)?;
    let exit = match note {
        _ if view.state == PaymentState::Cancelled => Exit::Done,
        // nothing is wrong, and nothing was sent
        Some(Note::RunsOut) => Exit::Done,
        Some(Note::NothingToCancel | Note::BeingCancelled | Note::PaidNotCancelled) => Exit::Declined,
        Some(Note::OldPageOpen) | None => Exit::Unknown,
    };
    Ok((view, exit))
}

fn result(desk: &Desk, id: PaymentId, note: Option<Note>) -> Result<(PaymentView, Exit), CommandError> {
    let view = payment_view(desk.engine().store(), id, desk.bank_time(), note)?;
    let exit = payment_result(view.state);
    Ok((view, exit))
}
