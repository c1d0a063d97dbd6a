//! Answers that are lost or spoilt, to each of the five operations: what the client says of them,
//! and what the bank has done. Either way the next inquiry shows it, and the next batch moves the
//! money once or not at all.

use counterfoil_domain::BankAnswer::{self, Accepted, NotNow, Unknown};

use super::refusals::READY;
use super::*;

/// A fault, whether the bank acts under it, and what the client says.
type Fault = (&'static str, bool, (BankAnswer, &'static str));

const FAULTS: [Fault; 32] = [
    // done, and the answer is lost
    ("drop-after", true, (Unknown, "reset")),
    ("delay:31", true, (Unknown, "timeout")),
    ("cut", true, (Unknown, "reset")),
    ("hang:60", true, (Unknown, "reset")),
    ("big-body", true, (Unknown, "too-large")),
    ("html-200", true, (Unknown, "html")),
    ("html-500", true, (Unknown, "http-500")),
    ("html-502", true, (Unknown, "http-502")),
    ("html-503", true, (Unknown, "http-503")),
    // done, and the answer cannot be read, or not be believed
    ("truncated", true, (Unknown, "bad-mac")),
    ("flip:0", true, (Unknown, "bad-mac")),
    ("flip:40", true, (Unknown, "bad-mac")),
    ("wrong-mac", true, (Unknown, "bad-mac")),
    ("wrong-charset", true, (Unknown, "bad-mac")),
    ("duplicate-keys", true, (Unknown, "no-envelope")),
    ("duplicate-keys-inside", true, (Unknown, "bad-mac")),
    ("replay", true, (Unknown, "echo-differs")),
    ("unequal-amount", true, (Unknown, "echo-differs")),
    ("unequal-order", true, (Unknown, "echo-differs")),
    ("unequal-shop", true, (Unknown, "echo-differs")),
    ("unlisted-code", true, (Unknown, "99/zz")),
    // done, and the bank says that it does not know
    ("code:2/4", true, (Unknown, "2/4")),
    ("code:4/1", true, (Unknown, "4/1")),
    // done, and the answer is good in an odd form
    ("bom", true, (Accepted, "0/00")),
    ("no-mac", true, (Accepted, "0/00")),
    ("delay:29", true, (Accepted, "0/00")),
    // not done, and the outcome is unknown
    ("drop-before", false, (Unknown, "reset")),
    ("html-200", false, (Unknown, "html")),
    ("html-503", false, (Unknown, "http-503")),
    ("code:4/1", false, (Unknown, "4/1")),
    // not done, and the bank confirms that
    ("code:2/40", false, (NotNow, "2/40")),
    ("code:8/90", false, (NotNow, "8/90")),
];

/// Where the sale is afterwards, and what the next batch makes of the money: captured and refunded.
fn outcome(action: Action, did: bool) -> (&'static str, (i64, i64)) {
    match (action, did) {
        (Action::Capture | Action::ReverseAuthorization, false) | (Action::ReverseCapture, true) => {
            ("1", (0, 0))
        }
        (Action::Capture, true) | (Action::ReverseCapture, false) => ("10", (500, 0)),
        (Action::ReverseAuthorization, true) => ("0", (0, 0)),
        (Action::Refund { .. }, true) | (Action::ReverseRefund, false) => ("20", (500, 500)),
        (Action::Refund { .. }, false) | (Action::ReverseRefund, true) => ("12", (500, 0)),
    }
}

/// The shop with a sale ready for the operation, and an older answer of the same kind about another
/// sale.
fn ready(action: Action, way: &[Step]) -> Shop {
    let mut shop = Shop::new();
    let sale = shop.order.clone();
    let older = BankOrderNo::from_text("OLDER");
    shop.order = older;
    for step in way.iter().chain(&[Do(action)]) {
        shop.step(*step);
    }
    shop.order = sale;
    shop.capture_line = (None, None);
    for step in way {
        shop.step(*step);
    }
    shop
}

fn holds(action: Action, way: &[Step], (kind, acts, answer): Fault) {
    let what = format!("{} under {kind}, acts {acts}", service(action));
    let mut shop = ready(action, way);
    let handles = shop.handles(action);
    let writes = shop.writes();
    let fault = json!({ "kind": kind, "match": service(action), "order": ORDER, "acts": acts });
    shop.control("fault", fault);
    let reply = shop.send(action, WHOLE, &handles);
    assert_eq!(said(&reply), answer, "{what}");
    let (state, (captured, refunded)) = outcome(action, acts);
    assert_eq!(shop.state(), state, "{what}: as the next inquiry shows it");
    assert_eq!(shop.writes() - writes, 1, "{what}: nothing is sent again");
    shop.step(Batch);
    assert_eq!(shop.money(), (captured, refunded, 0), "{what}: after the batch");
}

#[test]
fn whatever_becomes_of_an_answer_an_inquiry_shows_what_was_done() {
    for (action, way) in READY {
        for fault in FAULTS {
            holds(action, way, fault);
        }
    }
}

/// A reply without its MAC is for the shop to settle, and counts as it was settled.
#[test]
fn a_shop_may_insist_on_the_mac_of_answers() {
    for (setting, kind, answer) in [
        ("require", "no-mac", (Unknown, "bad-mac")),
        ("require", "wrong-mac", (Unknown, "bad-mac")),
        ("ignore", "wrong-mac", (Accepted, "0/00")),
    ] {
        let mut file = shop_json();
        file["ctbc"]["flags"]["reply_mac"] = setting.into();
        let mut shop = Shop::of(&file);
        shop.step(Sold);
        let handles = shop.handles(CAP_REV);
        shop.control("fault", json!({ "kind": kind, "match": "CapRev" }));
        assert_eq!(said(&shop.send(CAP_REV, WHOLE, &handles)), answer, "{setting} {kind}");
        assert_eq!(shop.state(), "1", "{setting} {kind}: done all the same");
    }
}
