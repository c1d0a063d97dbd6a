//! The commands of the window: each hands its words to the desk and gives back a view. Nothing is checked or decided here.

use counterfoil_commands::{OrderRowView, PaymentView, SellRequest, ShopView};
use serde::Serialize;
use tauri::State;

use crate::counter::Counter;
use crate::failure::Failure;

/// Rows of the recent strip.
const NEWEST_MAX: u32 = 10;

/// The shop and the bank's date.
#[derive(Debug, Serialize)]
pub(crate) struct ShopNow {
    #[serde(flatten)]
    shop: ShopView,
    now: String,
    /// A customer can be played.
    demo: bool,
}

/// The shop that is open.
#[tauri::command]
pub(crate) async fn shop(counter: State<'_, Counter>) -> Result<ShopNow, Failure> {
    let (shop, now) = counter.ask(|desk| Ok((desk.shop(), desk.bank_time().to_string()))).await?;
    Ok(ShopNow { shop, now, demo: counter.demo_bank().is_ok() })
}

/// The newest orders.
#[tauri::command]
pub(crate) async fn newest(counter: State<'_, Counter>) -> Result<Vec<OrderRowView>, Failure> {
    counter.ask(|desk| desk.newest_orders(NEWEST_MAX)).await
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
