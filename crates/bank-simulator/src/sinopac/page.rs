//! The hosted pages: the card page with its OTP step, and a page on which an account can be paid by
//! hand.
//!
//! Plain forms without scripts. A card number is compared and forgotten: what stays until the OTP
//! step is yes or no.

use crate::html::{self, Brand, digits, escape};
use crate::http::{HttpAnswer, HttpRequest, form_member};

use super::bank::{Bank, World};
use super::ledger::{Kind, Order, OrderId, State};

/// Where the pages live.
pub(crate) const PATH: &str = "/QPay.WebPaySite/Bridge/";

/// The test card of the paper (sinopac.md 8): number, expiry month and year, CVV2, and the OTP of
/// the 3-D step.
const CARD: [&str; 4] = ["4143520001870127", "12", "35", "123"];
const OTP: &str = "123456";

const BRAND: Brand = Brand { name: "永豐銀行", colour: "#b1181e" };

/// A page, or the step after it.
pub(crate) fn answer(bank: &mut Bank, world: &mut World<'_>, request: &HttpRequest) -> HttpAnswer {
    let page = request.bare_path().strip_prefix(PATH).unwrap_or_default().to_owned();
    let found = request.query_member("TD").and_then(|ts_no| bank.ledger.by_ts_no(&ts_no)).filter(|id| {
        let ticket = request.query_member("TK");
        bank.ledger.get(*id).is_some_and(|order| ticket.as_deref() == Some(order.ticket.as_str()))
    });
    let Some(id) = found else { return message(404, "查無此訂單", "連結不正確。") };
    let Some(kind) = bank.ledger.get(id).map(|order| order.kind) else {
        return message(404, "查無此訂單", "連結不正確。");
    };
    match (page.as_str(), kind, request.method.as_str()) {
        ("PayCard" | "QRCode", Kind::Card, "GET") => card_form(bank, world, id, ""),
        ("PayCard" | "QRCode", Kind::Card, "POST") => card_sent(bank, world, id, &request.body),
        ("CardOtp", Kind::Card, "POST") => otp_sent(bank, world, id, &request.body),
        ("PayWebATM" | "PayOTP" | "QRCode", Kind::Account, "GET") => account_form(bank, id),
        ("PayWebATM" | "PayOTP" | "QRCode", Kind::Account, "POST") => account_paid(bank, world, id),
        ("PayCard" | "QRCode" | "CardOtp" | "PayWebATM" | "PayOTP", _, _) => {
            message(405, "無法使用", "這個頁面不接受這個要求。")
        }
        _ => message(404, "查無此頁", "連結不正確。"),
    }
}

fn card_form(bank: &Bank, world: &World<'_>, id: OrderId, note: &str) -> HttpAnswer {
    let Some(order) = bank.ledger.get(id) else { return message(404, "查無此訂單", "") };
    if let Some(over) = no_longer(order, world) {
        return over;
    }
    let number: String = (1..=4).map(|part| digits(&format!("CardNo{part}"), 4, "卡號")).collect();
    let body = format!(
        "{}{}<form method=\"post\" action=\"{}\"><label>信用卡卡號</label>{number}<label>有效期限（月／年）</label>{}{}\
         <label>背面末三碼</label>{}<div><button id=\"send\" type=\"submit\">確認付款</button></div></form>",
        summary(bank, order),
        if note.is_empty() { String::new() } else { format!("<p class=\"note\">{}</p>", escape(note)) },
        escape(&action("PayCard", order)),
        digits("ExpireMM", 2, "月"),
        digits("ExpireYY", 2, "年"),
        digits("CVV2", 3, "末三碼"),
    );
    page(200, "信用卡付款", &body)
}

fn card_sent(bank: &mut Bank, world: &mut World<'_>, id: OrderId, form: &[u8]) -> HttpAnswer {
    let Some(order) = bank.ledger.get(id) else { return message(404, "查無此訂單", "") };
    if let Some(over) = no_longer(order, world) {
        return over;
    }
    let field = |name: &str| form_member(form, name).unwrap_or_default();
    let digits =
        |text: &str, size: usize| text.len() == size && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<String> = (1..=4).map(|part| field(&format!("CardNo{part}"))).collect();
    let [month, year, cvv] = ["ExpireMM", "ExpireYY", "CVV2"].map(field);
    let month_fits = digits(&month, 2) && ("01"..="12").contains(&month.as_str());
    let well_formed =
        parts.iter().all(|part| digits(part, 4)) && month_fits && digits(&year, 2) && digits(&cvv, 3);
    if !well_formed {
        return card_form(bank, world, id, "卡號、有效期限或末三碼格式不正確，請重新輸入。");
    }
    let verdict = [parts.concat(), month, year, cvv] == CARD;
    let Some(order) = bank.ledger.get_mut(id) else { return message(404, "查無此訂單", "") };
    order.page_verdict = Some(verdict);
    let body = format!(
        "<p>簡訊驗證碼已傳送到您的手機。</p><form method=\"post\" action=\"{}\"><label>驗證碼</label>\
         <input name=\"OTP\" type=\"text\" inputmode=\"numeric\" autocomplete=\"off\" maxlength=\"6\" aria-label=\"驗證碼\" \
         required><div><button id=\"send\" type=\"submit\">送出</button></div></form>",
        escape(&action("CardOtp", order)),
    );
    page(200, "3D 驗證", &body)
}

fn otp_sent(bank: &mut Bank, world: &mut World<'_>, id: OrderId, form: &[u8]) -> HttpAnswer {
    let Some(order) = bank.ledger.get_mut(id) else { return message(404, "查無此訂單", "") };
    if let Some(over) = no_longer(order, world) {
        return over;
    }
    let Some(verdict) = order.page_verdict.take() else {
        return card_form(bank, world, id, "請先輸入卡片資料。");
    };
    let otp = form_member(form, "OTP").unwrap_or_default();
    let (title, result) = if otp != OTP {
        ("3D 驗證失敗", bank.decline(world, id, "E2720"))
    } else if verdict {
        ("付款完成", bank.pay(world, id, world.now))
    } else {
        ("交易失敗", bank.decline(world, id, "E2700"))
    };
    match result {
        Ok(token) => go_back(bank, id, title, &token),
        Err(_) => message(409, "無法付款", "訂單狀態已改變。"),
    }
}

/// The last page: its form brings the browser back to the shop.
fn go_back(bank: &Bank, id: OrderId, title: &str, token: &str) -> HttpAnswer {
    let Some(order) = bank.ledger.get(id) else { return message(404, "查無此訂單", "") };
    let shop_no = bank.shops.get(order.shop).map_or("", |shop| shop.number.as_str());
    let body = format!(
        "{}<form method=\"post\" action=\"{}\"><input type=\"hidden\" name=\"ShopNo\" value=\"{}\">\
         <input type=\"hidden\" name=\"PayToken\" value=\"{}\">\
         <div><button id=\"send\" type=\"submit\">返回商店</button></div></form>",
        summary(bank, order),
        escape(&order.return_url),
        escape(shop_no),
        escape(token),
    );
    page(200, title, &body)
}

fn account_form(bank: &Bank, id: OrderId) -> HttpAnswer {
    let Some(order) = bank.ledger.get(id) else { return message(404, "查無此訂單", "") };
    let button = match order.facts.state {
        State::Waiting => format!(
            "<form method=\"post\" action=\"{}\"><div><button id=\"send\" type=\"submit\">模擬轉帳</button></div></form>",
            escape(&action("PayWebATM", order))
        ),
        State::Expired => "<p class=\"note\">這個帳號已逾期。</p>".to_owned(),
        State::Authorized | State::Lapsed | State::Released | State::Paid | State::Settled => {
            "<p>這筆訂單已完成付款。</p>".to_owned()
        }
    };
    let account =
        format!("<dl><dt>銀行</dt><dd>807 永豐銀行</dd><dt>轉入帳號</dt><dd>{}</dd></dl>", order.account);
    page(200, "轉帳付款", &format!("{}{account}{button}", summary(bank, order)))
}

fn account_paid(bank: &mut Bank, world: &mut World<'_>, id: OrderId) -> HttpAnswer {
    let waiting = bank.ledger.get(id).is_some_and(|order| order.facts.state == State::Waiting);
    if waiting && bank.pay(world, id, world.now).is_ok() {
        return account_form(bank, id);
    }
    message(409, "無法付款", "訂單狀態不是待付款。")
}

/// The page of a card order that cannot be paid any more.
fn no_longer(order: &Order, world: &World<'_>) -> Option<HttpAnswer> {
    let over = || message(200, "連結已逾期", "付款時間已過，請向商店索取新的付款連結。");
    match order.facts.state {
        State::Waiting if world.now < order.ends => None,
        State::Waiting | State::Expired => Some(over()),
        State::Authorized | State::Lapsed | State::Released | State::Paid | State::Settled => {
            Some(message(200, "訂單已處理", "這筆訂單已經付款或已結束，不需要再次付款。"))
        }
    }
}

fn summary(bank: &Bank, order: &Order) -> String {
    let payee = bank.shops.get(order.shop).map_or("", |shop| shop.payee_name.as_str());
    format!(
        "<dl><dt>商店</dt><dd>{}</dd><dt>訂單編號</dt><dd>{}</dd><dt>品名</dt><dd>{}</dd><dt>金額</dt><dd>NT$ {}</dd></dl>",
        escape(payee),
        escape(&order.number),
        escape(&order.product),
        order.facts.amount / 100,
    )
}

fn action(page: &str, order: &Order) -> String {
    format!("{PATH}{page}?TD={}&TK={}", order.ts_no, order.ticket)
}

fn message(status: u16, title: &str, text: &str) -> HttpAnswer {
    html::message(BRAND, status, title, text)
}

fn page(status: u16, title: &str, body: &str) -> HttpAnswer {
    html::page(BRAND, status, title, body)
}
