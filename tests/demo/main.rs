//! `cargo xtask demo --headless --json`: the main job of the program, from a shop's eyes, over real
//! loopback HTTP.
//!
//! Bank and commands run as processes; what a step says is what the built program printed. No step
//! sets a state by itself: money moves because a customer pays at the bank, and a payment is paid
//! because the bank was asked.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a step that fails says so with a sentence, which is caught and printed"
)]

mod refunds;

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

use counterfoil_tests::outside::programs::{Bank, Ended, Running, Shop, wait_until_listening};
use counterfoil_tests::outside::{customer, http};
use serde_json::{Value, json};

/// How long `watch` may take for money that is already at the bank, seconds.
const WATCH_SECS: &str = "90";

fn main() -> ExitCode {
    let as_json = std::env::args().any(|word| word == "--json");
    // a failed step reports on standard output, in its own line
    std::panic::set_hook(Box::new(|_| {}));
    let mut story = Story { as_json, told: Vec::new() };
    story.tell();
    let failed: Vec<&str> = story.told.iter().filter(|(_, ok)| !ok).map(|(step, _)| *step).collect();
    let ok = failed.is_empty();
    let detail = json!({ "steps": story.told.len(), "failed": failed });
    story.say("summary", ok, &detail, None);
    if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The steps so far.
struct Story {
    as_json: bool,
    told: Vec<(&'static str, bool)>,
}

impl Story {
    fn tell(&mut self) {
        let opened = self.step("sell.sinopac-account", || {
            let bank = Bank::open();
            let shop = Shop::add(&bank);
            let sold = awaiting(&shop, "sinopac-account", "1234");
            let account = sold["account"].as_str().unwrap_or_default();
            assert!(account.len() == 14 && account.bytes().all(|b| b.is_ascii_digit()), "no account: {sold}");
            ((bank, shop, sold.clone()), sold)
        });
        // without a bank and a shop there is nothing to tell
        let Some((bank, shop, account)) = opened else { return };
        self.step("paid.sinopac-account", || {
            let watching = watch(&shop, &account);
            bank.control("pay", &json!({ "order": account["bank_order_no"] }));
            ((), paid(watching))
        });

        let card = self.step("sell.sinopac-card", || {
            let sold = awaiting(&shop, "sinopac-card", "560");
            let link = sold["link"].as_str().unwrap_or_default();
            assert!(link.starts_with(&bank.origin()), "no link of the bank: {sold}");
            (sold.clone(), sold)
        });
        let watching = self.step("return.sinopac-card", || {
            let sold = card.as_ref().expect("needs sell.sinopac-card");
            let watching = watch(&shop, sold);
            let form = customer::pay_by_card(sold["link"].as_str().expect("a link"));
            wait_until_listening(http::port(&form.action));
            let answer = form.send(&[]);
            assert_eq!(answer.status, 200, "{}: {}", form.action, answer.body);
            (watching, json!({ "fields": form.fields.keys().collect::<Vec<_>>(), "status": answer.status }))
        });
        self.step("paid.sinopac-card", || ((), paid(watching.expect("needs return.sinopac-card"))));

        let page = self.step("sell.ctbc-card", || {
            let sold = awaiting(&shop, "ctbc-card", "1680");
            let link = sold["link"].as_str().unwrap_or_default();
            assert!(link.starts_with("http://127.0.0.1:"), "no page of this computer: {sold}");
            (sold.clone(), sold)
        });
        let watching = self.step("return.ctbc-card", || {
            let sold = page.as_ref().expect("needs sell.ctbc-card");
            let watching = watch(&shop, sold);
            let link = text(sold, "link");
            wait_until_listening(http::port(link));
            let opened = customer::card_page(link);
            assert!(opened.fields.keys().eq(["URLEnc", "merID"]), "{:?}", opened.fields.keys());
            let form = customer::pay_at_ctbc(&opened);
            let answer = form.send(&[]);
            assert_eq!(answer.status, 200, "{}: {}", form.action, answer.body);
            (watching, json!({ "fields": form.fields.keys().collect::<Vec<_>>(), "status": answer.status }))
        });
        self.step("paid.ctbc-card", || ((), paid(watching.expect("needs return.ctbc-card"))));

        self.step("sweep", || {
            let coverage = done(shop.run(&["coverage"]));
            let words = ["sweep", "--from", text(&coverage, "from"), "--to", text(&coverage, "to")];
            let swept = done(shop.run(&words));
            assert_eq!(swept["complete"], json!(true), "minutes that nobody has an answer for: {swept}");
            let gaps = done(shop.run(&["coverage"]))["gaps"].clone();
            assert_eq!(gaps, json!([]), "minutes that nobody has an answer for");
            for sold in [Some(&account), card.as_ref(), page.as_ref()].into_iter().flatten() {
                let order = done(shop.run(&["orders", "show", text(sold, "order")]));
                assert_eq!(
                    (&order["state"], &order["discrepancies"]),
                    (&json!("paid"), &json!([])),
                    "{order}"
                );
            }
            ((), swept)
        });
        self.step("audit", || {
            let verified = done(shop.run(&["audit", "verify"]));
            assert!(verified["ok"] == true && verified["rows"].as_u64() > Some(0), "{verified}");
            ((), verified)
        });
        refunds::tell(self);
    }

    /// Does a step and tells how it went. `None` when it failed.
    fn step<T>(&mut self, name: &'static str, act: impl FnOnce() -> (T, Value)) -> Option<T> {
        let started = now();
        let done = catch_unwind(AssertUnwindSafe(act));
        let (result, detail) = match done {
            Ok((result, detail)) => (Some(result), detail),
            Err(why) => (None, json!({ "error": sentence(why.as_ref()) })),
        };
        let took = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.told.push((name, result.is_some()));
        self.say(name, result.is_some(), &detail, Some(took));
        result
    }

    fn say(&self, step: &str, ok: bool, detail: &Value, took_ms: Option<u64>) {
        let mut line = json!({ "step": step, "ok": ok, "detail": detail });
        if let Some(took_ms) = took_ms {
            line["took_ms"] = took_ms.into();
        }
        let word = if ok { "ok    " } else { "FAILED" };
        let line = if self.as_json { line.to_string() } else { format!("{word} {step:<24} {detail}") };
        // a reader that has gone is not an error of the journey
        let _told = writeln!(std::io::stdout(), "{line}");
    }
}

fn awaiting(shop: &Shop, rail: &str, amount: &str) -> Value {
    let sold = done(shop.run(&["sell", "--rail", rail, "--amount", amount]));
    assert_eq!(sold["state"], "awaiting", "{sold}");
    sold
}

fn watch(shop: &Shop, sold: &Value) -> Running {
    shop.start(&["watch", text(sold, "payment"), "--for", WATCH_SECS])
}

fn paid(watching: Running) -> Value {
    let view = done(watching.ended());
    let evidence = view["evidence"].as_array().map_or(0, Vec::len);
    assert!(view["state"] == "paid" && evidence > 0, "not paid by the bank's word: {view}");
    view
}

fn done(ended: Ended) -> Value {
    assert_eq!(ended.status, 0, "ended with {}: {}", ended.status, ended.said);
    ended.said
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_else(|| panic!("no {member}: {value}"))
}

fn sentence(why: &(dyn std::any::Any + Send)) -> String {
    let text =
        why.downcast_ref::<String>().map(String::as_str).or_else(|| why.downcast_ref::<&str>().copied());
    text.unwrap_or("failed without a sentence").to_owned()
}

#[expect(clippy::disallowed_methods, reason = "the contract wants to know how long a step took")]
fn now() -> Instant {
    Instant::now()
}
