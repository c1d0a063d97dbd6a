//! The commands about refunds. Nothing is checked or decided here but whose PIN was typed.

use counterfoil_commands::{
    BookingTyped, Code, CommandError, DecisionTyped, Exit, Failure, PinTyped, RefundPreview, RefundRequest,
    RefundRoom, RefundRowView, RefundTyped, RefundsView,
};
use counterfoil_shop::{Actor, Desk, Right};

use crate::counter::Counter;
use crate::settings::apart;

/// What of a payment can be given back now.
pub(crate) async fn refund_room(
    counter: &Counter,
    payment: String,
    xid: String,
) -> Result<RefundRoom, Failure> {
    counter.look_as(move |desk, who| desk.refund_room(&payment, &xid, who)).await
}

/// What a person is told before asking.
pub(crate) async fn refund_preview(
    counter: &Counter,
    payment: String,
    xid: String,
    amount: String,
) -> Result<RefundPreview, Failure> {
    let typed = RefundTyped { payment, xid, amount, reason: "returned".to_owned(), note: None };
    counter.look_as(move |desk, who| desk.refund_preview(&typed, who)).await
}

/// Asks for a refund; what comes of it arrives as the event `refund`.
pub(crate) async fn request_refund(
    counter: &Counter,
    request: RefundRequest,
) -> Result<RefundRowView, Failure> {
    let asked = move |desk: &mut Desk, who| {
        let (id, typed) = request.read()?;
        desk.request_refund_as(id, &typed, who)?;
        desk.refund_row(&id.to_string(), who)
    };
    decided(counter, asked).await
}

/// Has whoever is at the counter decide about a refund, once the record has been read: the first
/// decision of a run rests on all of it, and nothing else at the desk waits for that.
async fn decided<T: Send + 'static>(
    counter: &Counter,
    decide: impl FnOnce(&mut Desk, Actor) -> Result<T, CommandError> + Send + 'static,
) -> Result<T, Failure> {
    // whoever began it also ends it, whoever has signed in meanwhile
    let (read, who) = counter.ask_as(|desk, who| Ok((desk.record_read(), who))).await?;
    read.wait().await;
    counter.ask(move |desk| decide(desk, who)).await
}

/// The refunds to work off.
pub(crate) async fn refunds(counter: &Counter) -> Result<RefundsView, Failure> {
    counter.look_as(|desk, who| desk.refunds(who)).await
}

/// One of them, also one that has ended.
pub(crate) async fn refund(counter: &Counter, refund: String) -> Result<RefundRowView, Failure> {
    counter.look_as(move |desk, who| desk.refund_row(&refund, who)).await
}

/// Approves a refund with the PIN of whoever is at the counter. `amount`: as typed again, which
/// one-person mode wants.
pub(crate) async fn approve_refund(
    counter: &Counter,
    refund: String,
    amount: Option<String>,
    pin: PinTyped,
) -> Result<RefundRowView, Failure> {
    let who = by_pin(counter, Right::ApproveRefund, pin).await?;
    counter
        .ask(move |desk| {
            desk.approve_refund(&refund, amount.as_deref(), who)?;
            desk.refund_row(&refund, who)
        })
        .await
}

/// Whoever is at the counter and has typed the PIN once more, where there are people. Whoever
/// begins something also ends it, whoever has signed in meanwhile.
pub(crate) async fn by_pin(counter: &Counter, right: Right, pin: PinTyped) -> Result<Actor, Failure> {
    let parts = move |desk: &mut Desk, who| {
        // whoever may not do it types no PIN for it
        desk.allowed(who, right)?;
        let name = desk.who(who)?.person.map(|person| person.name);
        Ok((desk.parts().0, who, name, desk.record_read()))
    };
    let (from, who, name, read) = counter.ask_as(parts).await?;
    if let Some(name) = name {
        let theirs = apart(move || async move { counterfoil_shop::sign_in(&from, &name, &pin.into()) });
        is_same(theirs.await?, who)?;
    }
    read.wait().await;
    Ok(who)
}

/// A PIN approves in the name of the person whose it is, and in no other.
fn is_same(theirs: Actor, who: Actor) -> Result<(), CommandError> {
    if theirs == who { Ok(()) } else { Err(CommandError::new(Code::PinWrong, Exit::NotAllowed)) }
}

/// Withdraws a refund, or has the bank asked whether it can be.
pub(crate) async fn withdraw_refund(counter: &Counter, refund: String) -> Result<RefundRowView, Failure> {
    let withdrawn = move |desk: &mut Desk, who| {
        desk.withdraw_refund(&refund, who)?;
        desk.refund_row(&refund, who)
    };
    decided(counter, withdrawn).await
}

/// A person's word about a refund that needs one.
pub(crate) async fn decide_refund(
    counter: &Counter,
    refund: String,
    decision: DecisionTyped,
) -> Result<RefundRowView, Failure> {
    let taken = move |desk: &mut Desk, who| {
        desk.take_decision(&refund, decision, who)?;
        desk.refund_row(&refund, who)
    };
    decided(counter, taken).await
}

/// Books a refund that was made at the bank's back office.
pub(crate) async fn book_refund(counter: &Counter, booking: BookingTyped) -> Result<RefundsView, Failure> {
    let booked = move |desk: &mut Desk, who| {
        let (typed, refund_no) = booking.read();
        desk.book_refund(&typed, refund_no.as_deref(), false, who)?;
        desk.refunds(who)
    };
    decided(counter, booked).await
}

/// Closes a discrepancy: a person has settled it.
pub(crate) async fn close_discrepancy(
    counter: &Counter,
    discrepancy: String,
    reason: String,
) -> Result<RefundsView, Failure> {
    let closed = move |desk: &mut Desk, who| {
        desk.close_discrepancy(&discrepancy, &reason, who)?;
        desk.refunds(who)
    };
    counter.ask_as(closed).await
}
