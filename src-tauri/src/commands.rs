//! The commands of counter and orders: each hands its words to the desk and gives back a view.
//! Nothing is checked or decided here.

use counterfoil_commands::{
    CoverageNow, Failure, FilterTyped, ForeignRowView, HealthView, NEWEST_MAX, OrderInFull, OrderRowView,
    PAGE_ROWS, PaymentView, Rail, SellRequest, ShopNow, View, ViewCount,
};
use counterfoil_shop::Desk;
use tauri::Manager as _;

use crate::counter::Counter;
use crate::tray;
use crate::words::Spoken;

/// The shop that is open.
pub(crate) async fn shop(counter: &Counter) -> Result<ShopNow, Failure> {
    let read = |desk: &mut Desk| {
        let limits = [Rail::SinopacCard, Rail::CtbcCard].map(|rail| desk.limit(rail));
        Ok((desk.shop(), limits, desk.bank_time().to_string()))
    };
    let (shop, [card_limit, ctbc_limit], now) = counter.ask(read).await?;
    Ok(ShopNow { shop, now, card_limit, ctbc_limit, demo: counter.demo_bank().is_ok() })
}

/// What is wrong now.
pub(crate) async fn health(counter: &Counter) -> Result<HealthView, Failure> {
    let read = |desk: &mut Desk, who| {
        let health = desk.health();
        Ok(if desk.may_look(who).is_ok() { health } else { health.masked() })
    };
    counter.ask_as(read).await
}

/// Another try at what could not be opened; the event `shop` follows.
pub(crate) async fn again(counter: &Counter) -> Result<(), Failure> {
    counter.again().await;
    Ok(())
}

/// The screens speak this language: so do the tray and every notification from now on.
pub(crate) async fn speak(counter: &Counter, language: String) -> Result<(), Failure> {
    let app = counter.app();
    if let Some(spoken) = app.try_state::<Spoken>() {
        spoken.is(&language);
    }
    tray::speak(&app);
    Ok(())
}

/// The newest orders.
pub(crate) async fn newest(counter: &Counter) -> Result<Vec<OrderRowView>, Failure> {
    let page = (None, NEWEST_MAX);
    counter.look_as(move |desk, who| desk.orders(View::All, "", &FilterTyped::default(), page, who)).await
}

/// A page of a view, or of what a search finds, of those that a filter leaves, behind the order
/// `after`.
pub(crate) async fn orders(
    counter: &Counter,
    view: View,
    typed: String,
    filter: FilterTyped,
    after: Option<String>,
) -> Result<Vec<OrderRowView>, Failure> {
    let rows =
        move |desk: &mut Desk, who| desk.orders(view, &typed, &filter, (after.as_deref(), PAGE_ROWS), who);
    counter.look_as(rows).await
}

/// Money at the bank that is in no order: what a search finds of it, or what a view asks a person
/// to look at.
pub(crate) async fn foreign_found(
    counter: &Counter,
    view: View,
    typed: String,
) -> Result<Vec<ForeignRowView>, Failure> {
    counter.look(move |desk| desk.foreign_found(view, &typed)).await
}

/// One order, with the evidence behind its payments' states; polls no bank.
pub(crate) async fn order(counter: &Counter, order: String) -> Result<OrderInFull, Failure> {
    counter.look_as(move |desk, who| desk.order(&order, who)).await
}

/// The number of orders in each work view.
pub(crate) async fn views(counter: &Counter) -> Result<Vec<ViewCount>, Failure> {
    counter.look(Desk::view_counts).await
}

/// The foot line.
pub(crate) async fn coverage(counter: &Counter) -> Result<CoverageNow, Failure> {
    counter.ask(Desk::coverage).await
}

/// Payments with unacknowledged news, oldest first.
pub(crate) async fn unseen(counter: &Counter) -> Result<Vec<PaymentView>, Failure> {
    counter.look(|desk| desk.news()).await
}

/// Acknowledges the news about a payment, so it is not shown again.
pub(crate) async fn seen(counter: &Counter, payment: String) -> Result<(), Failure> {
    counter.ask_as(move |desk, who| desk.seen(&payment, who)).await
}

/// Begins a sale and returns it as committed; the bank's answer arrives as the event `payment`.
pub(crate) async fn sell(counter: &Counter, request: SellRequest) -> Result<PaymentView, Failure> {
    let sold = |desk: &mut Desk, request: &SellRequest, who| {
        desk.begin_sale(request, who).and_then(|id| desk.payment(&id.to_string()))
    };
    counter.ask_with_time(request.rail.clone(), move |desk, who| sold(desk, &request, who)).await
}

/// A payment as it is now. It counts as on screen from here on: the engine polls it every few
/// seconds.
pub(crate) async fn payment(counter: &Counter, payment: String) -> Result<PaymentView, Failure> {
    counter.look(move |desk| desk.show(&payment).and_then(|()| desk.payment(&payment))).await
}

/// An amount is being typed, or was taken back: the bank is asked for nothing else meanwhile.
pub(crate) async fn sale_nears(counter: &Counter, typed: bool) -> Result<(), Failure> {
    let job = move |desk: &mut Desk| {
        desk.sale_nears(typed);
        Ok(())
    };
    counter.ask(job).await
}

/// A payment is no longer on the screen.
pub(crate) async fn leave(counter: &Counter, payment: String) -> Result<(), Failure> {
    counter.ask(move |desk| desk.leave(&payment)).await
}

/// Begins to cancel an unpaid account: what the bank answers comes as the event `payment`.
pub(crate) async fn cancel(counter: &Counter, payment: String) -> Result<PaymentView, Failure> {
    counter.ask_as(move |desk, who| desk.begin_cancel(&payment, who)).await
}

/// Opens a payment's own link in the person's browser.
pub(crate) async fn open_link(counter: &Counter, payment: String) -> Result<(), Failure> {
    counter.look(move |desk| desk.open_link(&payment)).await
}

/// Forgets who bought an order.
pub(crate) async fn erase_customer(counter: &Counter, order: String) -> Result<OrderInFull, Failure> {
    counter.ask_as(move |desk, who| desk.erase_customer(&order, who)).await
}

/// Puts the right name and note in the place of wrong ones, which are erased.
pub(crate) async fn correct_customer(
    counter: &Counter,
    order: String,
    name: String,
    note: String,
) -> Result<OrderInFull, Failure> {
    counter
        .ask_as(move |desk, who| {
            desk.correct_customer(&order, Some(&name), Some(&note), who).map(|(order, _)| order)
        })
        .await
}
