//! The refunds of the story: a bank and a shop of their own, at chosen hours of three workdays.

use std::cell::RefCell;

use counterfoil_tests::outside::customer;
use counterfoil_tests::outside::http;
use counterfoil_tests::outside::programs::{Bank, Shop, wait_until_listening};
use serde_json::{Value, json};

use crate::{Story, WATCH_SECS, done, paid, text};

/// A Tuesday; the batch runs from 20:00 to 22:00.
const TUESDAY: &str = "2026-11-24T10:00:00+08:00";
const WEDNESDAY: &str = "2026-11-25T11:00:00+08:00";
const BESIDE_THE_BATCH: &str = "2026-11-25T19:55:00+08:00";
const IN_THE_BATCH: &str = "2026-11-25T21:00:00+08:00";
const AFTER_THE_BATCH: &str = "2026-11-25T22:10:00+08:00";
const THURSDAY: &str = "2026-11-26T23:00:00+08:00";

/// The five steps.
pub(crate) fn tell(story: &mut Story) {
    let begun = story.step("refund.ctbc-card.reversal", || {
        let days = Days::begin();
        let payment = days.sells_by_card("1680");
        let asked = days.asks(&payment, "1680");
        let refund = ended(&days.works(&asked), &["cap-reversal", "reversal"]);
        (days, refund)
    });
    let Some(days) = begun else { return };
    let sold = days.sells_by_card("900");
    let late = days.sells_by_card("450");
    story.step("refund.sinopac-account", || {
        let payment = days.sells("sinopac-account", "1234");
        let asked = days.asks(&payment, "1000");
        assert_eq!(asked["state"], "at-bank", "{asked}");
        days.to("2026-11-24T10:30:00+08:00");
        ((), ended(&days.works(&asked), &["account-refund-token", "account-refund"]))
    });
    story.step("refund.sinopac-card", || {
        let payment = days.sells("sinopac-card", "560");
        let asked = days.asks(&payment, "200");
        assert_eq!(asked["state"], "at-bank", "{asked}");
        days.to(WEDNESDAY);
        ((), ended(&days.works(&asked), &["card-refund"]))
    });
    let settled = days.asks(&sold, "400");
    story.step("refund.ctbc-card.blackout", || {
        days.to(BESIDE_THE_BATCH);
        let asked = days.asks(&late, "450");
        assert_eq!(asked["state"], "waiting", "{asked}");
        let told = asked["waiting"]["text_zh"].as_str().unwrap_or_default();
        assert!(told.contains("20:00") && told.contains("22:10"), "{asked}");
        days.to(IN_THE_BATCH);
        let still = days.works(&asked);
        assert_eq!(still["state"], "waiting", "{still}");
        assert_eq!(still["steps"], json!([]), "{still}");
        days.to(AFTER_THE_BATCH);
        let sent = days.works(&asked);
        assert_eq!(sent["state"], "at-bank", "{sent}");
        days.to(THURSDAY);
        ((), ended(&days.works(&asked), &["refund"]))
    });
    story.step("refund.ctbc-card.settled", || {
        assert_eq!(settled["state"], "at-bank", "{settled}");
        ((), ended(&days.works(&settled), &["refund"]))
    });
}

/// A bank whose clock is set, and a shop whose computer shows the same time.
struct Days {
    bank: Bank,
    shop: Shop,
    at: RefCell<String>,
}

impl Days {
    fn begin() -> Self {
        let bank = Bank::open();
        let shop = Shop::in_folder(tempfile::tempdir().expect("a folder"));
        let days = Self { bank, shop, at: RefCell::default() };
        // every refund of an account succeeds, whatever its number
        days.bank.control("switch", &json!({ "refund_digits": "off" }));
        days.to(TUESDAY);
        let file = days.shop.folder().join("shop.json");
        std::fs::write(&file, days.bank.shop_file().to_string()).expect("a file");
        days.run(&["shop", "add", "--file", file.to_str().expect("a path")]);
        days
    }

    /// The clock of bank and computer goes on to this time; what the bank does by night is done.
    fn to(&self, at: &str) {
        self.bank.control("clock", &json!({ "at": at }));
        self.at.replace(at.to_owned());
    }

    fn run(&self, words: &[&str]) -> Value {
        let at = self.at.borrow().clone();
        done(self.shop.run(&words_at(&at, words)))
    }

    /// A sale that the customer pays, until the shop has seen it.
    fn sells(&self, rail: &str, amount: &str) -> String {
        let sold = self.run(&["sell", "--rail", rail, "--amount", amount]);
        self.bank.control("pay", &json!({ "order": sold["bank_order_no"] }));
        let seen = self.run(&["watch", text(&sold, "payment"), "--for", WATCH_SECS]);
        assert_eq!(seen["state"], "paid", "{seen}");
        text(&sold, "payment").to_owned()
    }

    /// The same with a card at CTBC, on the bank's pages.
    fn sells_by_card(&self, amount: &str) -> String {
        let sold = self.run(&["sell", "--rail", "ctbc-card", "--amount", amount]);
        let payment = text(&sold, "payment");
        let at = self.at.borrow().clone();
        let watching = self.shop.start(&words_at(&at, &["watch", payment, "--for", WATCH_SECS]));
        let link = text(&sold, "link");
        wait_until_listening(http::port(link));
        let form = customer::pay_at_ctbc(&customer::card_page(link));
        assert_eq!(form.send(&[]).status, 200);
        paid(watching);
        payment.to_owned()
    }

    fn asks(&self, payment: &str, amount: &str) -> Value {
        self.run(&["refund", "request", payment, "--amount", amount, "--reason", "returned"])
    }

    /// The workers run until nothing is due; the refund as it is then.
    fn works(&self, refund: &Value) -> Value {
        self.run(&["work", "--until-idle"]);
        self.run(&["refund", "show", text(refund, "refund")])
    }
}

fn words_at<'a>(at: &'a str, words: &[&'a str]) -> Vec<&'a str> {
    ["--at", at].into_iter().chain(words.iter().copied()).collect()
}

fn ended(refund: &Value, steps: &[&str]) -> Value {
    assert_eq!(refund["state"], "done", "{refund}");
    let taken = refund["steps"].as_array().into_iter().flatten();
    assert!(taken.map(|step| text(step, "operation")).eq(steps.iter().copied()), "{refund}");
    refund.clone()
}
