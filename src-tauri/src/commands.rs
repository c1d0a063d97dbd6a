//! The commands of counter and orders: each hands its words to the desk and gives back a view. Nothing is checked or decided here.

use counterfoil_commands::{
    CoverageView, Failure, FilterTyped, HealthView, OrderInFull, OrderRowView, PaymentView, SellRequest,
    ShopView, ViewCount,
};
use counterfoil_shop::{Desk, Rail};
use serde::Serialize;
use tauri::State;

use crate::counter::{Counter, PERSON};

/// Rows of the recent strip.
const NEWEST_MAX: u32 = 10;
/// Rows that the list of orders takes at once.
const PAGE_ROWS: u32 = 60;

/// The shop and the bank's date.
#[derive(Debug, Serialize)]
pub(crate) struct ShopNow {
    #[serde(flatten)]
    shop: ShopView,
    now: String,
    /// The most that a card link takes at once; of the account the view says it.
    card_limit: Option<i64>,
    /// The most that CTBC's card page takes at once.
    ctbc_limit: Option<i64>,
    /// A customer can be played.
    demo: bool,
}

/// The shop that is open.
#[tauri::command]
pub(crate) async fn shop(counter: State<'_, Counter>) -> Result<ShopNow, Failure> {
    let read = |desk: &mut Desk| {
        let limits = [Rail::SinopacCard, Rail::CtbcCard].map(|rail| desk.limit(rail));
        Ok((desk.shop(), limits, desk.bank_time().to_string()))
    };
    let (shop, [card_limit, ctbc_limit], now) = counter.ask(read).await?;
    Ok(ShopNow { shop, now, card_limit, ctbc_limit, demo: counter.demo_bank().is_ok() })
}

/// What is wrong now.
#[tauri::command]
pub(crate) async fn health(counter: State<'_, Counter>) -> Result<HealthView, Failure> {
    counter.ask(|desk| Ok(desk.health())).await
}

/// Another try at what could not be opened; the event `shop` follows.
#[tauri::command]
pub(crate) async fn again(counter: State<'_, Counter>) -> Result<(), Failure> {
    counter.again().await;
    Ok(())
}

/// The newest orders.
#[tauri::command]
pub(crate) async fn newest(counter: State<'_, Counter>) -> Result<Vec<OrderRowView>, Failure> {
    counter.ask(|desk| desk.orders("all", "", &FilterTyped::default(), None, NEWEST_MAX)).await
}

/// A page of a view, or of what a search finds, of those that a filter leaves, behind the order `after`.
#[tauri::command]
pub(crate) async fn orders(
    counter: State<'_, Counter>,
    view: String,
    typed: String,
    filter: FilterTyped,
    after: Option<String>,
) -> Result<Vec<OrderRowView>, Failure> {
    counter.ask(move |desk| desk.orders(&view, &typed, &filter, after.as_deref(), PAGE_ROWS)).await
}

/// One order with what the states of its payments rest on; nobody is asked for it.
#[tauri::command]
pub(crate) async fn order(counter: State<'_, Counter>, order: String) -> Result<OrderInFull, Failure> {
    counter.ask(move |desk| desk.order(&order)).await
}

/// How many orders stand in the views that a person works off.
#[tauri::command]
pub(crate) async fn views(counter: State<'_, Counter>) -> Result<Vec<ViewCount>, Failure> {
    counter.ask(Desk::view_counts).await
}

/// How far the bank has been asked, and the bank's date.
#[derive(Debug, Serialize)]
pub(crate) struct CoverageNow {
    #[serde(flatten)]
    coverage: CoverageView,
    now: String,
}

/// The foot line.
#[tauri::command]
pub(crate) async fn coverage(counter: State<'_, Counter>) -> Result<CoverageNow, Failure> {
    let read =
        |desk: &mut Desk| Ok(CoverageNow { coverage: desk.coverage()?, now: desk.bank_time().to_string() });
    counter.ask(read).await
}

/// Payments with news that nobody has seen yet, oldest first.
#[tauri::command]
pub(crate) async fn unseen(counter: State<'_, Counter>) -> Result<Vec<PaymentView>, Failure> {
    counter.ask(|desk| desk.news()).await
}

/// Somebody has seen the news about a payment; they are not told again.
#[tauri::command]
pub(crate) async fn seen(counter: State<'_, Counter>, payment: String) -> Result<(), Failure> {
    counter.ask(move |desk| desk.seen(&payment, PERSON)).await
}

/// Begins a sale, and gives it back as it is committed: what the bank answers comes as the event `payment`.
#[tauri::command]
pub(crate) async fn sell(counter: State<'_, Counter>, request: SellRequest) -> Result<PaymentView, Failure> {
    let sold = |desk: &mut Desk, request: &SellRequest| {
        desk.begin_sale(request, PERSON).and_then(|id| desk.payment(&id.to_string()))
    };
    counter.ask_with_time(request.rail.clone(), move |desk| sold(desk, &request)).await
}

/// A payment as it stands. It is on the screen from now on: the bank is asked about it every few seconds.
#[tauri::command]
pub(crate) async fn payment(counter: State<'_, Counter>, payment: String) -> Result<PaymentView, Failure> {
    counter.ask(move |desk| desk.show(&payment).and_then(|()| desk.payment(&payment))).await
}

/// A payment is no longer on the screen.
#[tauri::command]
pub(crate) async fn leave(counter: State<'_, Counter>, payment: String) -> Result<(), Failure> {
    counter.ask(move |desk| desk.leave(&payment)).await
}

/// Begins to cancel an unpaid account: what the bank answers comes as the event `payment`.
#[tauri::command]
pub(crate) async fn cancel(counter: State<'_, Counter>, payment: String) -> Result<PaymentView, Failure> {
    counter.ask(move |desk| desk.begin_cancel(&payment, PERSON)).await
}

/// Opens a payment's own link in the person's browser.
#[tauri::command]
pub(crate) async fn open_link(counter: State<'_, Counter>, payment: String) -> Result<(), Failure> {
    counter.ask(move |desk| desk.open_link(&payment)).await
}

/// Forgets who bought an order.
#[tauri::command]
pub(crate) async fn erase_customer(
    counter: State<'_, Counter>,
    order: String,
) -> Result<OrderInFull, Failure> {
    counter.ask(move |desk| desk.erase_customer(&order, PERSON)).await
}
