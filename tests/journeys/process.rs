//! The built command line beside the bank as a process of its own: what scripts rely on, bad input,
//! a second instance.

use counterfoil_store::{Mode, SqliteStore};
use counterfoil_tests::outside::programs::{Bank, Running, Shop, wait_until_listening};
use counterfoil_tests::outside::{customer, http};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

fn sell(shop: &Shop, rail: &str, more: &[&str]) -> (i32, Value) {
    let mut words = vec!["sell", "--rail", rail];
    words.extend_from_slice(more);
    let ended = shop.run(&words);
    (ended.status, ended.said)
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_else(|| panic!("no {member}: {value}"))
}

#[test]
fn a_lost_answer_ends_with_4_and_is_found_by_watching() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    bank.control("fault", &json!({ "kind": "drop-after", "match": "OrderCreate", "count": 1 }));
    let (status, sold) = sell(&shop, "sinopac-account", &["--amount", "300"]);
    assert_eq!((status, text(&sold, "state")), (4, "issuing"));
    assert_eq!((&sold["account"], &sold["link"]), (&Value::Null, &Value::Null));
    assert!(!text(&sold["why"], "step_zh").is_empty() && !text(&sold["why"], "step_en").is_empty());
    bank.control("pay", &json!({ "order": sold["bank_order_no"] }));
    let watched = shop.run(&["watch", text(&sold, "payment"), "--for", "60"]);
    assert_eq!((watched.status, text(&watched.said, "state")), (0, "paid"));
    assert_eq!(bank.books(), 1);
}

#[test]
fn a_refusal_ends_with_3_and_says_what_to_do() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    for (code, way_out) in [("E0602", "永豐"), ("E1200", "轉入網址")] {
        bank.control("fault", &json!({ "kind": format!("code:{code}"), "match": "OrderCreate", "count": 1 }));
        let (status, sold) = sell(&shop, "sinopac-card", &["--amount", "300"]);
        assert_eq!((status, text(&sold, "state")), (3, "not-issued"), "{code}");
        assert_eq!(text(&sold["why"], "code"), code);
        let sentence = format!("{}{}", text(&sold["why"], "cause_zh"), text(&sold["why"], "step_zh"));
        assert!(sentence.contains(way_out), "{code}: {sentence}");
    }
}

/// A bank that hands out a nonce a second time makes nobody fail: within one program it is noticed,
/// and what the program before used is refused clearly and goes again.
#[test]
fn a_nonce_that_is_handed_out_twice_costs_a_question_and_no_sale() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    bank.control("switch", &json!({ "nonce_twice": true }));
    for (dollars, books) in [("300", 1), ("301", 2), ("302", 3)] {
        let (status, sold) = sell(&shop, "sinopac-account", &["--amount", dollars]);
        assert_eq!((status, text(&sold, "state"), bank.books()), (0, "awaiting", books), "{sold}");
    }
}

#[test]
fn cancelling_an_account_and_a_card() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let (_, account) = sell(&shop, "sinopac-account", &["--amount", "300"]);
    let cancelled = shop.run(&["cancel", text(&account, "payment")]);
    assert_eq!((cancelled.status, text(&cancelled.said, "state")), (0, "cancelled"));
    let (_, card) = sell(&shop, "sinopac-card", &["--amount", "300", "--expires", "5"]);
    let cancelled = shop.run(&["cancel", text(&card, "payment")]);
    assert_eq!((cancelled.status, text(&cancelled.said, "state")), (0, "awaiting"));
    assert_eq!(text(&cancelled.said, "note"), "runs-out");
}

/// The page of a card sale at CTBC as a browser sees it: one form, once, on the port that was
/// promised; the rest is the bank's.
#[test]
fn a_card_page_is_served_once_and_paid_by_the_banks_word() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let (status, sold) = sell(&shop, "ctbc-card", &["--amount", "1680", "--description", "茶葉 & 點心"]);
    assert_eq!((status, text(&sold, "state"), &sold["account"]), (0, "awaiting", &Value::Null));
    let link = text(&sold, "link");
    let watching = shop.start(&["watch", text(&sold, "payment"), "--for", "60"]);
    wait_until_listening(http::port(link));
    // a look ahead and another method get the page that everybody gets, and use nothing up
    assert!(!http::exchange("HEAD", link, "text/plain", "").body.contains("<form"));
    let page = http::get(link);
    assert_eq!(page.status, 200);
    assert_eq!(
        (page.body.matches("<form").count(), page.body.matches("<input type=\"hidden\"").count()),
        (1, 2)
    );
    let form = customer::card_form(&page, link);
    assert!(form.fields.keys().eq(["URLEnc", "merID"]), "{:?}", form.fields.keys());
    assert_eq!(form.action, format!("{}/mauth/SSLAuthUI.jsp", bank.origin()));
    assert!(!http::get(link).body.contains("<form"), "once");
    let forged =
        http::post_form(link, [("merID", "10000"), ("URLResEnc", "00112233445566778899AABBCCDDEEFF")]);
    assert_eq!(forged.status, 200);
    let back = customer::pay_at_ctbc(&form);
    assert_eq!(back.action, link);
    assert_eq!(back.send(&[]).status, 200);
    assert_eq!(back.send(&[]).status, 200, "brought twice");
    let watched = watching.ended();
    assert_eq!((watched.status, text(&watched.said, "state")), (0, "paid"), "{}", watched.said);
    let card = &watched.said["card"];
    assert_eq!((text(card, "state"), text(card, "number")), ("capture-queued", "10"));
    assert_eq!(text(card, "card_tail"), "4444");
    let shown = shop.run(&["orders", "show", text(&sold, "order")]).said;
    assert_eq!((text(&shown, "description"), &shown["discrepancies"]), ("茶葉 & 點心", &json!([])));
    let cancelled = shop.run(&["cancel", text(&sold, "payment")]);
    assert_eq!((cancelled.status, text(&cancelled.said, "note")), (3, "nothing-to-cancel"));
}

/// The texts that a query finds in the audit of a shop.
fn audit(shop: &Shop, sql: &str, value: &str) -> Vec<String> {
    let file = std::path::Path::new(shop.options()[1]).join("counterfoil.db");
    let data = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut query = data.prepare(sql).unwrap();
    query.query_map([value], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// What the journal of a shop says about the returns of a payment.
fn returns_noted(shop: &Shop, payment: &str) -> Vec<String> {
    let sql =
        "SELECT detail FROM audit WHERE who = 'browser' AND what = 'return' AND subject = ?1 ORDER BY seq";
    audit(shop, sql, payment)
}

/// A card sale with its page open in a browser while `watch` runs: payment, the watcher, the form.
fn card_page_open(shop: &Shop) -> (Value, Running, customer::Form) {
    let (_, sold) = sell(shop, "ctbc-card", &["--amount", "1680"]);
    let watching = shop.start(&["watch", text(&sold, "payment"), "--for", "60"]);
    wait_until_listening(http::port(text(&sold, "link")));
    let form = customer::card_page(text(&sold, "link"));
    (sold, watching, form)
}

/// Right-length hex made without the key changes nothing; the journal notes it as not verified.
#[test]
fn a_forged_return_changes_nothing_and_is_noted_as_not_verified() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let (sold, watching, _form) = card_page_open(&shop);
    let forged = [("merID", "10000"), ("URLResEnc", "00112233445566778899AABBCCDDEEFF")];
    assert_eq!(http::post_form(text(&sold, "link"), forged).status, 200);
    let noted = || returns_noted(&shop, text(&sold, "payment"));
    while noted().is_empty() {}
    assert_eq!(noted(), ["not verified"]);
    drop(watching);
    let shown = shop.run(&["orders", "show", text(&sold, "order")]).said;
    let payment = &shown["payments"][0];
    assert_eq!((text(payment, "state"), &shown["discrepancies"]), ("awaiting", &json!([])), "{shown}");
    assert_eq!(shop.run(&["audit", "verify"]).status, 0);
}

/// A return with the bank's own seal, of a sale that was approved: the word of the inquiry makes it
/// paid, and the journal has the code, but neither the sealed text nor anything of the card.
#[test]
fn a_signed_return_is_noted_with_its_code() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let (sold, watching, form) = card_page_open(&shop);
    let back = customer::pay_at_ctbc(&form);
    assert_eq!(back.send(&[]).status, 200);
    let watched = watching.ended();
    assert_eq!((watched.status, text(&watched.said, "state")), (0, "paid"), "{}", watched.said);
    assert_eq!(returns_noted(&shop, text(&sold, "payment")), ["verified 0/00"]);
    assert_eq!(shop.run(&["audit", "verify"]).status, 0);
}

/// The bank's own seal about another sale, brought to this one's address: still nothing but a
/// reason to ask.
#[test]
fn a_signed_return_of_another_sale_pays_nothing_here() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let (_, watching, form) = card_page_open(&shop);
    let mut of_other = customer::pay_at_ctbc(&form);
    assert_eq!(of_other.send(&[]).status, 200);
    assert_eq!(watching.ended().status, 0);
    let (sold, watching, _form) = card_page_open(&shop);
    text(&sold, "link").clone_into(&mut of_other.action);
    assert_eq!(of_other.send(&[]).status, 200);
    let noted = || returns_noted(&shop, text(&sold, "payment"));
    while noted().is_empty() {}
    assert_eq!(noted(), ["verified 0/00, of another sale"]);
    drop(watching);
    let shown = shop.run(&["orders", "show", text(&sold, "order")]).said;
    assert_eq!(text(&shown["payments"][0], "state"), "awaiting", "{shown}");
}

#[test]
fn a_card_sale_that_cannot_be_shown_at_the_bank_is_refused_before_anything_is_written() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    for more in [&["--description", "🍵"][..], &["--expires", "20"]] {
        let words = [&["--amount", "100"], more].concat();
        let (status, refused) = sell(&shop, "ctbc-card", &words);
        let code = if more[0] == "--description" { "card-text" } else { "expiry-out-of-range" };
        assert_eq!((status, text(&refused["error"], "code")), (2, code));
    }
    assert_eq!(shop.run(&["orders", "list"]).said["orders"], json!([]));
    let (status, open) = sell(&shop, "ctbc-card", &["--amount", "100"]);
    assert_eq!(status, 0);
    let cancelled = shop.run(&["cancel", text(&open, "payment")]);
    assert_eq!((cancelled.status, text(&cancelled.said, "note")), (0, "runs-out"));
}

#[test]
fn f15_a_second_instance_reads_and_does_not_write() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let (_, sold) = sell(&shop, "sinopac-account", &["--amount", "300"]);
    let window = SqliteStore::open(std::path::Path::new(shop.options()[1]), Mode::Writer).unwrap();
    for words in [vec!["sell", "--rail", "sinopac-account", "--amount", "5"], vec!["work", "--until-idle"]] {
        let refused = shop.run(&words);
        assert_eq!((refused.status, text(&refused.said["error"], "code")), (6, "in-use"));
    }
    for words in [
        vec!["orders", "list"],
        vec!["orders", "show", text(&sold, "order")],
        vec!["coverage"],
        vec!["audit", "verify"],
    ] {
        assert_eq!(shop.run(&words).status, 0, "{words:?}");
    }
    drop(window);
    assert_eq!(sell(&shop, "sinopac-account", &["--amount", "5"]).0, 0);
    assert_eq!(bank.books(), 2);
}

/// A sale and three checks of the keys, each by a program of its own: they keep the pace of the key
/// together, so each waits for the second of the one before.
#[test]
#[expect(clippy::disallowed_methods, reason = "the built programs run by the computer's clock")]
fn programs_that_are_started_one_after_another_take_turns() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let start = std::time::Instant::now();
    assert_eq!(sell(&shop, "sinopac-account", &["--amount", "300"]).0, 0);
    for _ in 0..3 {
        assert_eq!(shop.run(&["shop", "check", "demo"]).status, 0);
    }
    assert!(start.elapsed() >= std::time::Duration::from_secs(3), "{:?}", start.elapsed());
}

#[test]
fn f29_bad_amounts_end_with_2_and_reach_nobody() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let amounts = [
        ("-1", "amount-not-positive"),
        ("0", "amount-not-positive"),
        ("1.5", "amount-decimals"),
        ("30001", "amount-above-account-limit"),
        ("1000000000", "amount-above-account-limit"),
        ("1e9", "amount-not-a-number"),
        ("9223372036854775807", "amount-above-account-limit"),
        ("三百", "amount-not-a-number"),
        ("", "amount-empty"),
    ];
    for (typed, code) in amounts {
        let (status, said) = sell(&shop, "sinopac-account", &["--amount", typed]);
        assert_eq!((status, text(&said["error"], "code")), (2, code), "{typed:?}");
        assert!(text(&said["error"], "message").contains(" / "), "both languages: {said}");
    }
    for expires in ["2020-01-01", "2099-01-01", "soon", "31"] {
        let (status, said) = sell(&shop, "sinopac-account", &["--amount", "5", "--expires", expires]);
        assert_eq!((status, text(&said["error"], "code")), (2, "expiry-out-of-range"), "{expires}");
    }
    assert_eq!(bank.books(), 0);
    let (status, sold) = sell(&shop, "sinopac-account", &["--amount", "１，２３４"]);
    assert_eq!((status, &sold["amount"]), (0, &json!(1_234)), "full-width digits are digits");
}

#[test]
fn f28_hostile_text_is_kept_as_typed() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let long = "茶".repeat(61);
    for bad in [long.as_str(), "a\u{1b}[31mb", "a\nb"] {
        let (status, said) = sell(&shop, "sinopac-account", &["--amount", "5", "--description", bad]);
        assert_eq!(status, 2, "{said}");
    }
    let texts = [
        "=HYPERLINK(\"x\")",
        "＝1+1",
        "<img onerror=x>",
        "'; DROP TABLE orders;--",
        "50% \"off\"",
        "\u{202e}abc",
        "🍵🧧",
    ];
    for typed in texts {
        let (status, sold) = sell(&shop, "sinopac-account", &["--amount", "5", "--description", typed]);
        assert_eq!(status, 0, "{typed}: {sold}");
        let shown = shop.run(&["orders", "show", text(&sold, "order")]);
        assert_eq!(text(&shown.said, "description"), typed);
    }
}

#[test]
fn orders_are_found_by_customer_amount_and_account_and_listed_by_view() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let (status, first) =
        sell(&shop, "sinopac-account", &["--amount", "1234", "--customer", "林小姐", "--note", "週五取貨"]);
    assert_eq!(status, 0, "{first}");
    let (_, second) = sell(&shop, "sinopac-account", &["--amount", "500", "--description", "紅茶"]);
    let orders = |words: &[&str]| -> Vec<Value> {
        let ended = shop.run(words);
        assert_eq!(ended.status, 0, "{}", ended.said);
        ended.said["orders"].as_array().unwrap().iter().map(|order| order["order"].clone()).collect()
    };
    let account = text(&first, "account");
    for typed in ["林小", "取貨", "1,234", "NT$1234", account, &account[10..], text(&first, "bank_order_no")]
    {
        assert_eq!(orders(&["orders", "search", typed]), [first["order"].clone()], "{typed}");
    }
    assert_eq!(orders(&["orders", "search", "\"* NEAR("]), [Value::Null; 0]);
    bank.control("pay", &json!({ "order": first["bank_order_no"] }));
    assert_eq!(shop.run(&["watch", text(&first, "payment"), "--for", "60"]).status, 0);
    let both = [second["order"].clone(), first["order"].clone()];
    assert_eq!(orders(&["orders", "list"]), both);
    assert_eq!(orders(&["orders", "list", "--view", "paid"]), both[1..]);
    assert_eq!(orders(&["orders", "list", "--view", "unpaid"]), both[..1]);
    assert_eq!(orders(&["orders", "list", "--limit", "1", "--after", text(&second, "order")]), both[1..]);
    let shown = shop.run(&["orders", "show", text(&first, "order")]).said;
    assert_eq!(shown["customer"], json!({ "name": "林小姐", "note": "週五取貨" }));
    let wrong = shop.run(&["orders", "list", "--view", "mine"]);
    assert_eq!((wrong.status, text(&wrong.said["error"], "code")), (2, "view-unknown"));
    for (word, longest) in [("--customer", 60), ("--note", 200)] {
        let long = "林".repeat(longest + 1);
        let (status, said) = sell(&shop, "sinopac-account", &["--amount", "5", word, &long]);
        assert_eq!((status, &said["error"]["values"]["max"]), (2, &json!(longest)), "{said}");
    }
}

/// A copy of the bank's shop file with one thing changed; what `shop add` and then `shop check`
/// say.
fn checked(bank: &Bank, change: impl FnOnce(&mut Value)) -> (i32, Value) {
    let mut file = bank.shop_file();
    change(&mut file);
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::in_folder(folder);
    let added = shop.add_file(&file);
    if added.status != 0 {
        return (added.status, added.said);
    }
    let ended = shop.run(&["shop", "check", "demo"]);
    (ended.status, ended.said)
}

#[test]
fn keys_are_proved_and_the_wrong_one_is_named() {
    let bank = Bank::open();
    assert_eq!(checked(&bank, |_| {}).0, 0);
    let lower = checked(&bank, |f| f["sinopac"]["a1"] = text(&f["sinopac"], "a1").to_lowercase().into());
    assert_eq!(lower.0, 0, "letter case is no mistake: {}", lower.1);
    let (status, said) = checked(&bank, |f| f["sinopac"]["b2"] = "7FB3385F414E4F9".into());
    assert_eq!((status, text(&said["error"]["values"], "field")), (2, "sinopac.b2"), "truncated");
    let (status, said) =
        checked(&bank, |f| f["sinopac"]["key_id"] = "00000000-0000-4000-8000-000000000000".into());
    assert_eq!((status, text(&said["error"]["values"], "fields")), (3, "sinopac.key_id"));
    let (status, said) = checked(&bank, |f| {
        let a1 = f["sinopac"]["a1"].take();
        f["sinopac"]["a1"] = f["sinopac"]["b1"].take();
        f["sinopac"]["b1"] = a1;
    });
    assert_eq!((status, text(&said["error"], "code")), (3, "keys-exchanged"), "{said}");
    assert!(text(&said["error"]["values"], "fields").contains("sinopac.a1"), "{said}");
    let (status, said) = checked(&bank, |f| f["sinopac"]["shop_no"] = "NA9999_001".into());
    assert_eq!((status, text(&said["error"]["values"], "fields")), (3, "sinopac.shop_no"));
}

#[test]
fn a_second_shop_in_one_folder_and_a_production_shop_in_a_plain_vault_are_refused() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let second = shop.add_file(&bank.shop_file());
    assert_eq!((second.status, text(&second.said["error"], "code")), (2, "shop-exists"));
    let fresh = Shop::in_folder(tempfile::tempdir().unwrap());
    let mut file = bank.shop_file();
    for part in ["sinopac", "ctbc"] {
        file[part]["environment"] = "production".into();
        file[part].as_object_mut().unwrap().remove("base_url");
    }
    let refused = fresh.add_file(&file);
    assert_eq!((refused.status, text(&refused.said["error"], "code")), (7, "vault-plain-text"));
    let refused = fresh.run(&["--at", "2026-11-23T09:00:00+08:00", "coverage"]);
    assert_eq!(refused.status, 2, "there is no shop: {}", refused.said);
}

#[test]
fn the_audit_names_who_acted_and_a_person_acts_as_nobody_else() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let (_, sold) = sell(&shop, "sinopac-account", &["--amount", "300", "--as", "owner"]);
    for other in ["engine", "browser", "somebody"] {
        let refused = shop.run(&["cancel", text(&sold, "payment"), "--as", other]);
        assert_eq!((refused.status, text(&refused.said["error"], "code")), (7, "not-allowed"), "{other}");
    }
    assert_eq!(shop.run(&["cancel", text(&sold, "payment")]).status, 0);
    for (what, who) in [
        ("shop-add", "owner"),
        ("sell", "owner"),
        ("cancel", "owner"),
        ("send", "engine"),
        ("answer", "engine"),
    ] {
        let named = audit(&shop, "SELECT DISTINCT who FROM audit WHERE what = ?1", what);
        assert_eq!(named, [who], "{what}");
    }
}

#[test]
fn the_browser_s_token_only_makes_us_ask() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let (_, other) = sell(&shop, "sinopac-card", &["--amount", "77"]);
    let (_, card) = sell(&shop, "sinopac-card", &["--amount", "560"]);
    let watching = shop.start(&["watch", text(&card, "payment"), "--for", "60"]);
    // the other order is paid, and its token is brought to this one's address
    let of_other = bank.control("pay", &json!({ "order": other["bank_order_no"] }));
    let token = of_other["return"]["fields"]["PayToken"].as_str().unwrap().to_owned();
    let form = customer::pay_by_card(text(&card, "link"));
    wait_until_listening(http::port(&form.action));
    let mut forged = form.clone();
    forged.fields.insert("PayToken".into(), token);
    assert_eq!(forged.send(&[]).status, 200, "a neutral page");
    assert_eq!(form.send(&[]).status, 200);
    let seen = watching.ended();
    assert_eq!((seen.status, text(&seen.said, "state")), (0, "paid"));
    assert!(!seen.said.to_string().contains(form.fields["PayToken"].as_str()));
}

/// A poll may be faster than the browser, which still gets an answer when it comes back.
#[test]
fn a_browser_that_comes_back_after_the_money_was_seen_is_answered() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let (_, sold) = sell(&shop, "sinopac-card", &["--amount", "300"]);
    let watching = shop.start(&["watch", text(&sold, "payment"), "--for", "60"]);
    let paid = bank.control("pay", &json!({ "order": sold["bank_order_no"] }));
    let state = || {
        let shown = shop.run(&["orders", "show", text(&sold, "order")]);
        text(&shown.said["payments"][0], "state").to_owned()
    };
    while state() != "paid" {}
    let fields = paid["return"]["fields"].as_object().unwrap();
    let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()));
    assert_eq!(http::post_form(text(&paid["return"], "url"), fields).status, 200);
    let watched = watching.ended();
    assert_eq!((watched.status, text(&watched.said, "state")), (0, "paid"), "{}", watched.said);
}
