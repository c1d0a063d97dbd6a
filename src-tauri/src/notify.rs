//! Desktop notifications for a person who is in another program, or whose window is put away: a
//! payment was paid, paid late, or failed; a refund has ended or needs a person.
//!
//! Promises: a notification never delays the shop and never fails it, even when the desktop shows
//! none. A lock screen may show it to anyone, so it names the news, amount, method and order
//! number, and never the customer or the account.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use counterfoil_commands::text::Language;
use counterfoil_commands::{PaymentView, Rail, RefundRowView, RefundState, ShopView};
use notify_rust::Notification;
use tauri::{AppHandle, Manager as _, WebviewWindow};

use crate::words;

/// Notifications waiting to be shown. More would not help: the window shows them all.
const WAITING_MAX: usize = 16;

/// The channel to the thread that shows them: showing one waits for the desktop's answer.
struct Teller(SyncSender<Told>);

/// One notification.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    title: String,
    body: String,
}

/// Makes ready to tell.
///
/// # Errors
/// When the system makes no thread.
pub(crate) fn open(app: &AppHandle) -> std::io::Result<()> {
    let (teller, told) = sync_channel(WAITING_MAX);
    let shown = app.clone();
    std::thread::Builder::new().name("notify".into()).spawn(move || show(&shown, &told))?;
    app.manage(Teller(teller));
    Ok(())
}

/// Tells that a payment has come to its state, unless the window has the focus or the state is none
/// to tell. For a payment that has just moved; whoever calls it twice tells twice.
/// Of a locked window it says no more than the news.
pub(crate) fn payment(app: &AppHandle, shop: &ShopView, view: &PaymentView, locked: bool) {
    let told = told(words::language(app), shop, view, locked);
    if let (Some(teller), Some(told)) = (app.try_state::<Teller>(), told) {
        let _too_many = teller.0.try_send(told);
    }
}

/// Tells that a refund has ended or needs a person; as above.
pub(crate) fn refund(app: &AppHandle, shop: &ShopView, row: &RefundRowView, locked: bool) {
    let told = told_refund(words::language(app), shop, row, locked);
    if let (Some(teller), Some(told)) = (app.try_state::<Teller>(), told) {
        let _too_many = teller.0.try_send(told);
    }
}

fn told_refund(language: Language, shop: &ShopView, row: &RefundRowView, locked: bool) -> Option<Told> {
    let what = words::refund(language, RefundState::parse(row.refund.state)?)?;
    Some(told_of(language, shop, what, (row.refund.amount, row.rail, &row.bank_order_no), locked))
}

fn told(language: Language, shop: &ShopView, view: &PaymentView, locked: bool) -> Option<Told> {
    let what = words::happened(language, view.state)?;
    Some(told_of(language, shop, what, (view.amount, view.rail, &view.bank_order_no), locked))
}

/// What has happened with which amount, by which method, under which number. Marks practice money
/// as such: a lock screen shows no shop name.
fn told_of(
    language: Language,
    shop: &ShopView,
    what: &str,
    (amount, rail, number): (i64, Rail, &str),
    locked: bool,
) -> Told {
    let practice = words::practice(language, shop.environment);
    if locked {
        return Told { title: format!("{practice}{what}"), body: words::locked(language).into() };
    }
    let (amount, rail) = (words::dollars(amount), words::rail(language, rail));
    Told { title: format!("{practice}{what} {amount}"), body: format!("{rail} {number}") }
}

/// The life of the thread; it ends with the program.
fn show(app: &AppHandle, told: &Receiver<Told>) {
    while let Ok(Told { title, body }) = told.recv() {
        // without a window the program is ending
        let looked_away = |window: WebviewWindow| window.is_focused().is_ok_and(|focused| !focused);
        if !app.get_webview_window(crate::MAIN).is_some_and(looked_away) {
            continue;
        }
        let mut notification = Notification::new();
        notification.appname("Counterfoil").summary(&title).body(&body);
        #[cfg(windows)]
        // as installed; a program that was not installed shows none, rather than one under a
        // foreign name
        notification.app_id(&app.config().identifier);
        let _nobody_shows_it = notification.show();
    }
}

#[cfg(test)]
mod tests {
    use counterfoil_commands::{Environment, PaymentState};

    use super::*;

    fn view(state: PaymentState) -> PaymentView {
        PaymentView {
            payment: "p".into(),
            order: "o".into(),
            rail: Rail::SinopacAccount,
            bank_order_no: "N7".into(),
            state,
            amount: 12_600,
            account: Some("99922511001200".into()),
            link: None,
            payee_name: "王小明".into(),
            expires_at: String::new(),
            created_at: String::new(),
            evidence: Vec::new(),
            proof: None,
            opened: false,
            discrepancies: Vec::new(),
            card: None,
            stopped_at: None,
            left: None,
            why: None,
            reissue: false,
            late: false,
            paid_at: None,
            note: None,
        }
    }

    fn shop(environment: Environment) -> ShopView {
        ShopView {
            name: "shop".into(),
            payee_name: "王小明".into(),
            environment: Some(environment),
            account_limit: None,
            link_qr: false,
            rails: Vec::new(),
        }
    }

    #[test]
    fn what_how_much_which_way_and_which_number_and_nothing_else() {
        let expected = [
            (Language::Chinese, PaymentState::Paid, "已付款 NT$12,600", "虛擬帳號 N7"),
            (Language::English, PaymentState::PaidLate, "Paid after the end NT$12,600", "Virtual account N7"),
            (Language::English, PaymentState::Failed, "Payment failed NT$12,600", "Virtual account N7"),
        ];
        for (language, state, title, body) in expected {
            let wanted = Told { title: title.into(), body: body.into() };
            assert_eq!(told(language, &shop(Environment::Production), &view(state), false), Some(wanted));
        }
        assert_eq!(
            told(Language::Chinese, &shop(Environment::Production), &view(PaymentState::Awaiting), false),
            None
        );
    }

    #[test]
    fn a_locked_window_tells_no_amount_and_no_number() {
        let told = |language| told(language, &shop(Environment::Demo), &view(PaymentState::Paid), true);
        let wanted = |title: &str, body: &str| Some(Told { title: title.into(), body: body.into() });
        assert_eq!(told(Language::Chinese), wanted("【示範】已付款", "解鎖後看金額與顧客。"));
        assert_eq!(told(Language::English), wanted("[DEMO] Paid", "Unlock to see the amount."));
    }

    #[test]
    fn money_that_is_none_is_told_as_such() {
        for (language, environment, title) in [
            (Language::Chinese, Environment::Demo, "【示範】已付款 NT$12,600"),
            (Language::Chinese, Environment::Custom, "【示範】已付款 NT$12,600"),
            (Language::English, Environment::Sandbox, "[TEST] Paid NT$12,600"),
        ] {
            assert_eq!(
                told(language, &shop(environment), &view(PaymentState::Paid), false).unwrap().title,
                title
            );
        }
    }
}
