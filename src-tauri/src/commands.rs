//! The commands of the window: each hands its words to the desk and gives back a view. Nothing is checked or decided here.

use counterfoil_cli::Desk;
use counterfoil_commands::{CoverageView, OrderRowView, OrderView, PaymentView, SellRequest, ShopView};
use serde::Serialize;
use tauri::State;

use crate::counter::Counter;
use crate::failure::Failure;

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
    /// A customer can be played.
    demo: bool,
}

/// The shop that is open.
#[tauri::command]
pub(crate) async fn shop(counter: State<'_, Counter>) -> Result<ShopNow, Failure> {
    let demo = counter.demo_bank().is_ok();
    let read = move |desk: &mut Desk| {
        let (shop, card_limit) = (desk.shop(), desk.card_limit());
        Ok(ShopNow { shop, now: desk.bank_time().to_string(), card_limit, demo })
    };
    counter.ask(read).await
}

/// The newest orders.
#[tauri::command]
pub(crate) async fn newest(counter: State<'_, Counter>) -> Result<Vec<OrderRowView>, Failure> {
    counter.ask(|desk| desk.orders("all", "", None, NEWEST_MAX)).await
}

/// A page of a view, or of what a search finds, behind the order `after`.
#[tauri::command]
pub(crate) async fn orders(
    counter: State<'_, Counter>,
    view: String,
    typed: String,
    after: Option<String>,
) -> Result<Vec<OrderRowView>, Failure> {
    counter.ask(move |desk| desk.orders(&view, &typed, after.as_deref(), PAGE_ROWS)).await
}

/// An order with what the states of its payments rest on.
#[derive(Debug, Serialize)]
pub(crate) struct OrderInFull {
    order: OrderView,
    payments: Vec<PaymentView>,
}

/// One order; nobody is asked for it.
#[tauri::command]
pub(crate) async fn order(counter: State<'_, Counter>, order: String) -> Result<OrderInFull, Failure> {
    let read = move |desk: &mut Desk| {
        let order = counterfoil_commands::order_show(desk.engine().store(), &order)?;
        let payments: Result<_, _> = order.payments.iter().map(|row| desk.payment(&row.payment)).collect();
        Ok(OrderInFull { payments: payments?, order })
    };
    counter.ask(read).await
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

/// Begins a sale, and gives it back as it is committed: what the bank answers comes as the event `payment`.
#[tauri::command]
pub(crate) async fn sell(counter: State<'_, Counter>, request: SellRequest) -> Result<PaymentView, Failure> {
    counter.ask(move |desk| desk.begin_sale(&request).and_then(|id| desk.payment(&id.to_string()))).await
}

/// A payment as it stands. It is on the screen from now on: the bank is asked about it every few seconds.
#[tauri::command]
pub(crate) async fn payment(counter: State<'_, Counter>, payment: String) -> Result<PaymentView, Failure> {
    counter.ask(move |desk| desk.show(&payment).and_then(|()| desk.payment(&payment))).await
}

/// Begins to cancel an unpaid account: what the bank answers comes as the event `payment`.
#[tauri::command]
pub(crate) async fn cancel(counter: State<'_, Counter>, payment: String) -> Result<PaymentView, Failure> {
    counter.ask(move |desk| desk.begin_cancel(&payment)).await
}

/// Opens a payment's own link in the person's browser.
#[tauri::command]
pub(crate) async fn open_link(counter: State<'_, Counter>, payment: String) -> Result<(), Failure> {
    counter.ask(move |desk| desk.open_link(&payment)).await
}

/// In the demo shop: the customer pays now.
#[tauri::command]
pub(crate) async fn demo_pay(counter: State<'_, Counter>, payment: String) -> Result<(), Failure> {
    let bank = counter.demo_bank()?;
    let view = counter.ask(move |desk| desk.payment(&payment)).await?;
    Ok(bank.pay(&view.bank_order_no)?)
}
