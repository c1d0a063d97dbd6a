//! How refunds go on, by keyboard: a person decides what no reading settles, the bank's word ends
//! it, the shop transfers what the bank cannot refund, the batch is told before asking, and of two
//! people at once one is answered that the other was first.

use chrono::{DateTime, NaiveTime, TimeDelta};
use counterfoil_tests::outside::browser::Browser;
use counterfoil_tests::outside::customer;
use counterfoil_tests::outside::programs::{Bank, Shop};
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{ALT, CONTROL, ENTER, F4};
use serde_json::{Value, json};

use crate::people::{CLERK_PIN, OWNER, OWNER_PIN, sign_in, with_people};
use crate::refunds::{ask, listed, paid};

const ACCOUNTANT_PIN: &str = "951736";

/// The clerk is at the counter, and a refund of an account succeeds.
fn open() -> (Bank, Shop, Window) {
    open_with(&[])
}

/// The same with more people: name, role, PIN.
fn open_with(people: &[(&str, &str, &str)]) -> (Bank, Shop, Window) {
    let bank = Bank::open();
    bank.control("switch", &json!({ "refund_digits": "off" }));
    let shop = with_people(&bank);
    for (name, role, pin) in people {
        let add = ["--as", OWNER, "people", "add", "--name", name, "--role", role];
        assert_eq!(shop.run_typing(&add, &format!("{OWNER_PIN}\n{pin}\n")).status, 0, "{name}");
    }
    let window = Window::open(&shop.options(), &[]);
    sign_in(&window, "2", CLERK_PIN);
    (bank, shop, window)
}

/// Sells by CTBC's card page and is paid.
fn paid_by_card(window: &Window, browser: &Browser, amount: &str) {
    window.press("gc");
    window.see("#amount:focus");
    window.press(amount);
    window.press(F4);
    customer::pay_at_ctbc(&customer::card_page(&browser.address())).send(&[]);
    window.see("[data-banner=paid]");
    window.press(ENTER);
    window.gone("[data-banner]");
}

/// The owner takes the counter over, and approves the one refund that waits.
fn approve(window: &Window) {
    window.press_with(CONTROL, "l");
    sign_in(window, "1", OWNER_PIN);
    window.press("gv");
    window.see("[data-approval]");
    window.press(OWNER_PIN);
    window.press(ENTER);
    window.see("[data-callout=done]");
}

/// Chooses one of the ways by the words on it.
fn choose(window: &Window, way: &str) {
    let key = "return [...document.querySelectorAll('[data-decide] button')]
        .find((one) => one.innerText.includes(arguments[0]))?.querySelector('kbd').innerText;";
    window.see("[data-decide]");
    let key = window.run(key, &json!([way]));
    window.press(key.as_str().unwrap_or_else(|| panic!("no {way}: {}", window.text())));
}

#[test]
fn a_person_decides_with_both_sides_in_view() {
    let (bank, shop, window) = open();
    paid(&bank, &window, "3450");
    // the bank knows no account of the payer, it says
    bank.control("fault", &json!({ "kind": "code:E9922", "match": "OrderMaintain", "count": 1 }));
    ask(&window, "1000");
    approve(&window);
    window.press("gf");
    window.see("[data-needs-person='1'] [data-refund-state=needs-person]");
    window.press(ENTER);
    window.shows("[data-sides]", &["本店的操作", "向銀行登記退款", "銀行的回覆", "已收款", "E9922"]);
    window.shows("[data-decide]", &["繼續查", "本店自行轉帳", "撤回"]);
    choose(&window, "繼續查");
    window.see("[data-decide] b");
    window.press(ENTER);
    window.read("繼續向銀行查詢");
    window.see("[data-needs-person='1']");
    // what was never sent can still be taken back
    choose(&window, "撤回");
    window.press(ENTER);
    window.read("已撤回 NT$1,000");
    window.see("[data-needs-person='0']");
    window.see("[data-refund-state=withdrawn]");
    assert_eq!(listed(&shop)["refunds"][0]["state"], "withdrawn");
    assert_eq!(bank.acted("OrderMaintain"), 0, "the bank has moved nothing");
}

#[test]
fn a_transfer_by_the_shop_wants_its_proof_and_stands_apart() {
    let (bank, shop, window) = open();
    paid(&bank, &window, "800");
    bank.control("fault", &json!({ "kind": "code:E9922", "match": "OrderMaintain", "count": 1 }));
    ask(&window, "800");
    approve(&window);
    window.press("gf");
    window.see("[data-needs-person='1'] [data-refund-state=needs-person]");
    choose(&window, "自行轉帳");
    window.see("#decide_text:focus");
    window.read("從本店帳戶轉帳 NT$800");
    window.press(ENTER);
    window.see("[data-wrong=decide_text]");
    window.press("網銀 0042");
    window.press(ENTER);
    window.read("已登記：本店轉帳退還 NT$800");
    window.gone("[data-refund-state=needs-person]");
    let row = window.shows("[data-refund]", &["本店已轉帳", "網銀 0042"]);
    assert!(!row.contains("已退款"), "{row}");
    window.newest_order();
    window.shows("[data-slip]", &["人工紀錄"]);
    assert_eq!(listed(&shop)["refunds"][0]["state"], "done");
    assert_eq!(bank.acted("OrderMaintain"), 0, "the bank has moved nothing");
}

/// The bank's clock: a shop that opens within the day after it takes a minute to believe it.
fn shortly_before_the_batch(bank: &Bank) {
    let at = bank.control("clock", &json!({}))["at"].as_str().expect("a time").to_owned();
    let now = DateTime::parse_from_rfc3339(&at).expect("a time");
    let of_the_day = NaiveTime::from_hms_opt(19, 53, 30).expect("a time of the day");
    let today = now.with_time(of_the_day).single().expect("Taipei has each hour once");
    let next = if today > now { today } else { today + TimeDelta::days(1) };
    bank.control("clock", &json!({ "at": next.to_rfc3339() }));
}

/// Waits until both banks' time is believed, which takes longer than one script may.
fn believed(window: &Window) {
    let script = "const [done] = arguments;
        const look = () => document.querySelector('[data-health=clock]') && !document.querySelector('[data-health=clock-doubted]');
        if (look()) return done(true);
        const eye = new MutationObserver(() => look() && done(true));
        eye.observe(document, { childList: true, subtree: true, attributes: true });
        setTimeout(() => done(false), 40_000);";
    assert!((0..5).any(|_| window.ask(script, &json!([])) == true), "{}", window.text());
}

/// At 19:55 a person is told before asking, again in the queue, and nothing leaves.
#[test]
fn at_five_to_eight_the_batch_is_told_and_the_refund_waits() {
    let (bank, browser) = (Bank::open(), Browser::new());
    shortly_before_the_batch(&bank);
    let shop = Shop::add(&bank);
    let window = Window::open(&shop.options(), &[("PATH", &browser.path())]);
    // three answers that agree over a minute are believed
    window.see("[data-health=clock-doubted]");
    paid_by_card(&window, &browser, "1680");
    believed(&window);
    window.newest_order();
    window.press("x");
    window.see("#refund_amount:focus");
    window.press_with(ALT, "a");
    window.shows("[data-refund-told] [data-callout]", &["銀行批次 20:00 開始，最早 22:10（本機須開機）"]);
    window.press_with(ALT, "1");
    window.press_with(CONTROL, ENTER);
    window.gone("[data-refund-request]");
    window.press("gf");
    window.see("[data-batch-until]");
    window.shows("[data-refund]:has([data-refund-state=waiting])", &["銀行批次 20:00 開始，最早 22:10"]);
    for service in ["CapRev", "Reversal", "Refund"] {
        assert_eq!(bank.acted(service), 0, "{service}");
    }
}

/// Two calls past the screens at the same moment: what each is answered.
fn at_once(window: &Window, calls: &Value) -> Vec<Value> {
    let answers = window.ask(
        "const [calls, done] = arguments;
         const one = ([name, given]) => window.__TAURI_INTERNALS__.invoke(name, given)
             .then((row) => row.refund?.state ?? 'done', (why) => why);
         Promise.all(calls.map(one)).then(done);",
        &json!([calls]),
    );
    answers.as_array().cloned().unwrap_or_default()
}

/// One of the two is taken. The other is told what to look at, in words.
fn one_is_refused(answers: &[Value], code: &str, names: &str) {
    let refused: Vec<_> = answers.iter().filter(|answer| answer.is_object()).collect();
    assert_eq!((answers.len(), refused.len()), (2, 1), "{answers:?}");
    assert_eq!(refused[0]["code"], code, "{answers:?}");
    let said = refused[0]["zh"].as_str().unwrap_or_default();
    assert!(said.contains(names) && said.contains("G F"), "{said}");
}

#[test]
fn of_two_people_at_one_refund_the_second_is_told_and_nothing_happens_twice() {
    let (bank, shop, window) = open_with(&[("黃淑芬", "accountant", ACCOUNTANT_PIN)]);
    paid(&bank, &window, "900");
    let payment = window.attribute("[data-slip] [data-payment]", "data-payment");
    let request = |refund: &str| {
        let more = json!({ "refund": refund, "payment": payment, "amount": "300", "reason": "returned" });
        json!(["request_refund", { "request": more }])
    };
    let [one, two] = ["0193a9a0-0000-4000-8000-0000000000f1", "0193a9a0-0000-4000-8000-0000000000f2"];
    let asked = at_once(&window, &json!([request(one), request(two)]));
    one_is_refused(&asked, "refund-one-is-open", "還沒結束");
    let refund = listed(&shop)["refunds"][0]["refund"].clone();
    window.press_with(CONTROL, "l");
    sign_in(&window, "1", OWNER_PIN);
    window.press("gv");
    window.see("[data-approval]");
    let approve = json!(["approve_refund", { "refund": refund, "amount": null, "pin": OWNER_PIN }]);
    // a key pressed twice is one approval
    let twice = at_once(&window, &json!([approve, approve]));
    assert!(twice.iter().all(Value::is_string), "{twice:?}");
    window.press("gf");
    window.see("[data-refund-state=at-bank]");
    // whoever else still has it before them
    window.press_with(CONTROL, "l");
    sign_in(&window, "3", ACCOUNTANT_PIN);
    let late = json!(["approve_refund", { "refund": refund, "amount": null, "pin": ACCOUNTANT_PIN }]);
    let [answer] = at_once(&window, &json!([late])).try_into().expect("one answer");
    let said = answer["zh"].as_str().unwrap_or_default();
    assert_eq!(answer["code"], "refund-state", "{answer}");
    assert!(said.contains("「銀行處理中」") && said.contains("G F"), "{said}");
    let keep =
        json!(["decide_refund", { "refund": refund, "decision": { "choice": "keep-asking", "text": "" } }]);
    let decided = at_once(&window, &json!([keep, keep]));
    for answer in &decided {
        assert_eq!(answer["code"], "refund-nothing-to-decide", "{decided:?}");
        assert!(answer["zh"].as_str().unwrap_or_default().contains("G F"), "{decided:?}");
    }
    let listed = listed(&shop);
    assert_eq!(listed["refunds"].as_array().map(Vec::len), Some(1), "{listed}");
    let books = bank.control("books", &json!({}));
    let given = books["orders"][0]["refunds"].as_array().map(Vec::len);
    assert_eq!(given, Some(1), "the bank has one refund: {books}");
}

/// The capture was taken back and the reversal is refused: nothing but the bank's word ends it,
/// whichever it is.
#[test]
fn the_word_of_the_bank_ends_a_refund_that_no_reading_settles() {
    let (bank, browser) = (Bank::between_batches(), Browser::new());
    let shop = with_people(&bank);
    let window = Window::open(&shop.options(), &[("PATH", &browser.path())]);
    bank.control("fault", &json!({ "kind": "code:3/2", "bank": "ctbc", "match": "Reversal", "count": 99 }));
    let words = [("1680", "done", "REF-77", "done"), ("1690", "not-done", "王專員 14:05", "declined")];
    for (amount, word, said, state) in words {
        sign_in(&window, "2", CLERK_PIN);
        paid_by_card(&window, &browser, amount);
        window.newest_order();
        ask(&window, amount);
        approve(&window);
        window.press("gf");
        window.see("[data-needs-person='1'] [data-refund-state=needs-person]");
        window.press(window.see(&format!("[data-way={word}] kbd")).trim());
        window.see("#decide_text:focus");
        // a word without its source is none
        window.press(ENTER);
        window.see("[data-wrong=decide_text]");
        window.press(said);
        window.press(ENTER);
        window.see("[data-needs-person='0']");
        let row = window.see(&format!("[data-refund]:has([data-refund-state={state}])"));
        assert!(row.contains(amount_shown(amount).as_str()) && row.contains(said), "{row}");
        window.press_with(CONTROL, "l");
    }
    let listed = listed(&shop);
    let states = [&listed["refunds"][0]["state"], &listed["refunds"][1]["state"]];
    assert_eq!(states, ["declined", "done"], "{listed}");
    assert_eq!(bank.acted("Reversal"), 0, "the bank has moved nothing more");
}

/// `1680` as screens write it.
fn amount_shown(amount: &str) -> String {
    let (thousands, rest) = amount.split_at(amount.len() - 3);
    format!("{thousands},{rest}")
}
