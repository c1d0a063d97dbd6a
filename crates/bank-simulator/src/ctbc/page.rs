//! The hosted card page of `SSLAuthUI.jsp` (ctbc.md 3.2): card, OTP, cancel, time-out, and the way
//! back to the shop.
//!
//! Plain forms without scripts. A card number becomes a verdict and its masked form at once;
//! nothing else of it stays.

use std::time::Duration;

use crate::calls::Call;
use crate::faults::{Fault, FaultKind, Leg, Target};
use crate::html::{self, Brand, escape};
use crate::http::{Effect, HttpAnswer, HttpRequest, form_member};

use super::bank::Bank;
use super::codes::Code;
use super::reply::{self, Reply};
use super::url::{self, Turned};
use super::world::{Form, Verdict, World};
use super::{cards, tamper};

/// The OTP of the 3-D step.
const OTP: &str = "123456";
/// The page that a shop posts to, under both of its paths.
const OPENING: [&str; 2] = ["/mauth/SSLAuthUI.jsp", "/auth/SSLAuthUI.jsp"];
/// Its name in calls and faults.
const SERVICE: &str = "SSLAuthUI";
const BRAND: Brand = Brand { name: "中國信託商業銀行", colour: "#007a53" };

/// True for a path of the hosted pages.
pub(crate) fn is_page(path: &str) -> bool {
    path.starts_with("/mauth/") || OPENING.contains(&path)
}

/// A page, or the step after it. `call` is filled for the first one only: the others are the
/// customer's.
pub(crate) fn answer(
    bank: &mut Bank,
    world: &mut World<'_>,
    request: &HttpRequest,
    call: &mut Call,
) -> HttpAnswer {
    if request.method != "POST" {
        return message(405, "無法使用", "請由商店的結帳頁面進入。");
    }
    let path = request.bare_path();
    if OPENING.contains(&path) {
        return opening(bank, world, request, call);
    }
    let ticket = request.query_member("S").unwrap_or_default();
    let Some(at) = bank.forms.iter().position(|form| form.ticket == ticket) else {
        return message(404, "查無此交易", "連結不正確。");
    };
    match path.strip_prefix("/mauth/") {
        Some("SSLAuthCard.jsp") => card_sent(bank, world, at, &request.body),
        Some("SSLAuthOtp.jsp") => otp_sent(bank, world, at, &request.body),
        Some("SSLAuthCancel.jsp") => end(bank, world, at, "交易取消", Verdict::CANCELLED, None),
        _ => message(404, "查無此頁", "連結不正確。"),
    }
}

fn opening(bank: &mut Bank, world: &mut World<'_>, request: &HttpRequest, call: &mut Call) -> HttpAnswer {
    let mut read = url::read(bank, world, request);
    let (shop, lidm) = match &read {
        Ok((shop, asked)) => (Some(*shop), Some(asked.lidm.clone())),
        Err(turned) => (turned.shop, turned.asked.as_ref().map(|asked| asked.lidm.clone())),
    };
    let target =
        Target { leg: Leg::Page, service: SERVICE, command: None, order: lidm.as_deref(), can_replay: false };
    let fault = world.faults.take(&target);
    SERVICE.clone_into(&mut call.service);
    call.shop = shop.and_then(|at| bank.shops.get(at)).map(|shop| shop.mer_id.clone());
    call.order = lidm;
    call.fault = fault.as_ref().map(|fault| fault.name.clone());
    match fault.as_ref().map(|fault| (&fault.kind, fault.acts)) {
        Some((FaultKind::DropBefore, _)) => return tamper::dropped(),
        Some((FaultKind::Html(status), false)) => return tamper::html_page(*status),
        Some((FaultKind::Code(code), _)) => {
            if let (Ok((shop, asked)), Some(code)) = (&read, Code::find(code)) {
                let turned = Turned { code, shop: Some(*shop), asked: Some(asked.clone()) };
                read = Err(Box::new(turned));
            }
        }
        Some(_) | None => {}
    }
    if let (Ok((shop, asked)), Some(code)) = (&read, world.switches.refuse_all) {
        read = Err(Box::new(Turned { code, shop: Some(*shop), asked: Some(asked.clone()) }));
    }
    let (code, answer) = match read {
        Ok((shop, asked)) => {
            let ends = world.now.plus_minutes(world.switches.page_minutes);
            let ticket = world.dice.guid();
            bank.forms.push(Form {
                shop,
                ticket,
                asked,
                opened: world.now,
                ends,
                pending: None,
                done: false,
            });
            (Code::OK, card_form(bank, bank.forms.len() - 1, ""))
        }
        Err(turned) => (turned.code, turn_back(bank, world, &turned)),
    };
    call.code = code.joined();
    on_its_way(answer, fault.as_ref())
}

/// What a fault does to the first page.
fn on_its_way(mut answer: HttpAnswer, fault: Option<&Fault>) -> HttpAnswer {
    match fault.map(|fault| &fault.kind) {
        Some(FaultKind::DropAfter) => answer = tamper::dropped(),
        Some(FaultKind::Html(status)) => answer = tamper::html_page(*status),
        Some(FaultKind::Delay(seconds)) => {
            answer.effect = Effect::Delay(Duration::from_secs(*seconds));
        }
        Some(FaultKind::Cut(seconds)) => {
            let (after, hold) = (answer.body.len() / 2, Duration::from_secs(*seconds));
            answer.effect = Effect::Cut { after, hold };
        }
        Some(_) | None => {}
    }
    answer
}

/// Kinds that mean something for the first page.
pub(crate) fn takes(fault: &Fault) -> bool {
    matches!(
        fault.kind,
        FaultKind::DropBefore
            | FaultKind::DropAfter
            | FaultKind::Html(_)
            | FaultKind::Delay(_)
            | FaultKind::Cut(_)
            | FaultKind::Code(_)
    )
}

/// A refused form. Where safe, the browser carries the code to the shop; else only the page shows
/// it.
fn turn_back(bank: &mut Bank, world: &mut World<'_>, turned: &Turned) -> HttpAnswer {
    let told = turned.shop.zip(turned.asked.as_ref());
    let reply = told.and_then(|(shop, asked)| reply::build(bank, world, shop, asked, turned.code, None));
    let says = format!("{}（{}）", turned.code.text(), turned.code.joined());
    html::page(BRAND, 200, "無法交易", &format!("<p class=\"note\">{says}</p>{}", way_back(reply.as_ref())))
}

fn card_form(bank: &Bank, at: usize, note: &str) -> HttpAnswer {
    let Some(form) = bank.forms.get(at) else { return message(404, "查無此交易", "") };
    let number: String = (1..=4).map(|part| html::digits(&format!("CardNo{part}"), 4, "卡號")).collect();
    let note =
        if note.is_empty() { String::new() } else { format!("<p class=\"note\">{}</p>", escape(note)) };
    let body = format!(
        "{}{note}<form method=\"post\" action=\"{}\"><label>信用卡卡號</label>{number}<label>有效期限（月／年）</label>{}{}\
         <label>背面末三碼</label>{}<div><button id=\"send\" type=\"submit\">確認付款</button></div></form>{}",
        summary(bank, form),
        action("SSLAuthCard", form),
        html::digits("ExpireMM", 2, "月"),
        html::digits("ExpireYY", 2, "年"),
        html::digits("CVV2", 3, "末三碼"),
        cancel(form),
    );
    html::page(BRAND, 200, "信用卡付款", &body)
}

/// The way out of both steps.
fn cancel(form: &Form) -> String {
    format!(
        "<form method=\"post\" action=\"{}\"><button id=\"cancel\" type=\"submit\">取消交易</button></form>",
        action("SSLAuthCancel", form)
    )
}

fn card_sent(bank: &mut Bank, world: &mut World<'_>, at: usize, sent: &[u8]) -> HttpAnswer {
    if let Some(over) = no_longer(bank, world, at) {
        return over;
    }
    let field = |name: &str| form_member(sent, name).unwrap_or_default();
    let digits =
        |text: &str, size: usize| text.len() == size && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<String> = (1..=4).map(|part| field(&format!("CardNo{part}"))).collect();
    let [month, year, cvv] = ["ExpireMM", "ExpireYY", "CVV2"].map(field);
    let month_fits = digits(&month, 2) && ("01"..="12").contains(&month.as_str());
    let well_formed =
        parts.iter().all(|part| digits(part, 4)) && month_fits && digits(&year, 2) && digits(&cvv, 3);
    if !well_formed {
        return card_form(bank, at, "卡號、有效期限或末三碼格式不正確，請重新輸入。");
    }
    let number = parts.concat();
    let verdict = cards::verdict(&number, &month, &year, world.now);
    let Some(form) = bank.forms.get_mut(at) else { return message(404, "查無此交易", "") };
    form.pending = Some((verdict, cards::masked(&number)));
    let body = format!(
        "<p>簡訊驗證碼已傳送到您的手機。</p><form method=\"post\" action=\"{}\"><label>驗證碼</label>{}\
         <div><button id=\"send\" type=\"submit\">送出</button></div></form>{}",
        action("SSLAuthOtp", form),
        html::digits("OTP", 6, "驗證碼"),
        cancel(form),
    );
    html::page(BRAND, 200, "3D 驗證", &body)
}

fn otp_sent(bank: &mut Bank, world: &mut World<'_>, at: usize, sent: &[u8]) -> HttpAnswer {
    if let Some(over) = no_longer(bank, world, at) {
        return over;
    }
    let Some((verdict, masked)) = bank.forms.get_mut(at).and_then(|form| form.pending.take()) else {
        return card_form(bank, at, "請先輸入卡片資料。");
    };
    let right = form_member(sent, "OTP").as_deref() == Some(OTP);
    let verdict = if right { verdict } else { Verdict::declined(Code("12", "40")) };
    let title = if verdict.code == Code::OK { "付款完成" } else { "交易失敗" };
    end(bank, world, at, title, verdict, Some(masked))
}

/// The answer for a used page, or for one open too long; the latter reports 10/E0 to the shop.
fn no_longer(bank: &mut Bank, world: &mut World<'_>, at: usize) -> Option<HttpAnswer> {
    let form = bank.forms.get(at)?;
    if form.done {
        return Some(message(200, "交易已處理", "這筆交易已經結束，請返回商店查詢結果。"));
    }
    (world.now >= form.ends).then(|| end(bank, world, at, "刷卡頁逾時", Verdict::TIMED_OUT, None))
}

/// The last page: its form brings the browser back to the shop.
fn end(
    bank: &mut Bank,
    world: &mut World<'_>,
    at: usize,
    title: &str,
    verdict: Verdict,
    masked: Option<String>,
) -> HttpAnswer {
    let Ok(reply) = bank.conclude(world, at, verdict, masked, world.now) else {
        return message(200, "交易已處理", "這筆交易已經結束，請返回商店查詢結果。");
    };
    let summary = bank.forms.get(at).map_or_else(String::new, |form| summary(bank, form));
    html::page(BRAND, 200, title, &format!("{summary}{}", way_back(reply.as_ref())))
}

fn way_back(reply: Option<&Reply>) -> String {
    let Some(reply) = reply.filter(|reply| !reply.lost) else { return String::new() };
    format!(
        "<form method=\"post\" action=\"{}\"><input type=\"hidden\" name=\"URLResEnc\" value=\"{}\">\
         <input type=\"hidden\" name=\"merID\" value=\"{}\">\
         <div><button id=\"send\" type=\"submit\">返回商店</button></div></form>",
        escape(&reply.url),
        reply.sealed,
        escape(&reply.mer_id),
    )
}

fn summary(bank: &Bank, form: &Form) -> String {
    let payee = bank.shops.get(form.shop).map_or("", |shop| shop.payee_name.as_str());
    let asked = &form.asked;
    let payee = if asked.merchant_name.is_empty() { payee } else { &asked.merchant_name };
    format!(
        "<dl><dt>商店</dt><dd>{}</dd><dt>訂單編號</dt><dd>{}</dd><dt>品名</dt><dd>{}</dd><dt>金額</dt><dd>NT$ {}</dd></dl>",
        escape(payee),
        escape(&asked.lidm),
        escape(&asked.detail),
        asked.amount,
    )
}

fn action(page: &str, form: &Form) -> String {
    format!("/mauth/{page}.jsp?S={}", form.ticket)
}

fn message(status: u16, title: &str, text: &str) -> HttpAnswer {
    html::message(BRAND, status, title, text)
}
