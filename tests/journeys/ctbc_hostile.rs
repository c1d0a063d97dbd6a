//! Hostile answers to inquiries about a card sale, through engine and store: an attacker in the
//! middle, without the key or with an old answer, moves no payment and leaves no evidence; the next
//! honest answer heals.
//!
//! The bank's crate tests how the client reads each kind of answer; this file tests what becomes of
//! the payment.

use counterfoil_banks::ctbc::Found;
use counterfoil_banks::ctbc::seal::{self, ShopKey, api_enc, encipher};
use counterfoil_banks::transport::HttpReply;
use counterfoil_domain::{Bank, CardState, DiscrepancyKind, Evidence, PaymentId, PaymentState, Rail, Twd};
use counterfoil_engine::ports::{Entropy, Store};
use counterfoil_tests::crash::Points;
use counterfoil_tests::world::{Seeded, World, at, shop_json};
use futures_util::FutureExt;
use secrecy::SecretString;
use serde_json::json;

/// A Monday.
const START: &str = "2026-11-23T09:00:00+08:00";
/// What a forger would like to say: collected. It names no order, so it would do for any.
const FORGED: &str = "{\"QueryCode\":\"1\",\"XID\":\"FORGED\",\"AuthAmt\":\"901 300 0\",\"RespCode\":\"0\",\"ErrCode\":\"00\",\
                      \"AuthCode\":\"123456\",\"CurrentState\":\"12\",\"VERSION\":\"3.2\"}";

type Hand = fn(&mut HttpReply, &mut Seeded);

/// Answers made without the key, or that are no answers at all.
const HOSTILE: [(&str, Hand); 21] = [
    ("random bytes", |reply, random| {
        let mut bytes = vec![0; usize::try_from(random.below(600)).unwrap()];
        random.fill(&mut bytes);
        reply.body = bytes;
    }),
    ("random hex", |reply, random| {
        let mut bytes = vec![0; usize::try_from(8 * random.below(60)).unwrap()];
        random.fill(&mut bytes);
        say(reply, &hex::encode_upper(bytes));
    }),
    ("nothing", |reply, _| reply.body.clear()),
    ("half", |reply, _| reply.body.truncate(reply.body.len() / 2)),
    ("one digit short", |reply, _| cut(reply, |sealed| &sealed[..sealed.len() - 1])),
    ("one block short", |reply, _| cut(reply, |sealed| &sealed[..sealed.len() - 16])),
    ("without its first block", |reply, _| cut(reply, |sealed| &sealed[16..])),
    ("twice behind each other", |reply, _| {
        let twice = sealed(reply).repeat(2);
        say(reply, &twice);
    }),
    ("another key", |reply, _| say(reply, &api_enc(&key("abcdefghijklmnopqrstuvwx"), FORGED.as_bytes()))),
    ("a MAC of noughts", |reply, _| {
        say(reply, &encipher(&shop_key(), format!("{FORGED}{}", "0".repeat(48)).as_bytes()));
    }),
    ("a MAC of another message", |reply, _| {
        let mac = seal::mac(&shop_key(), b"{\"CurrentState\":\"12\"}");
        say(reply, &encipher(&shop_key(), format!("{FORGED}{mac}").as_bytes()));
    }),
    ("half a MAC", |reply, _| {
        let mac = seal::mac(&shop_key(), FORGED.as_bytes());
        say(reply, &encipher(&shop_key(), format!("{FORGED}{}", &mac[..24]).as_bytes()));
    }),
    ("in the clear", |reply, _| reply.body = FORGED.into()),
    ("values changed over", |reply, _| {
        reply.body = format!("MERID={}&ApiEnc=10000", sealed(reply)).into_bytes();
    }),
    ("two envelopes", |reply, _| {
        reply
            .body
            .extend_from_slice(format!("&ApiEnc={}", api_enc(&shop_key(), FORGED.as_bytes())).as_bytes());
    }),
    ("a page", |reply, _| reply.body = "<html><title>重要公告</title></html>".into()),
    ("a page around it", |reply, _| {
        reply.body.splice(..0, *b"<!-- ");
        reply.body.extend_from_slice(b" --><html></html>");
    }),
    ("a page behind it", |reply, _| reply.body.extend_from_slice(b"<html></html>")),
    ("over-long", |reply, _| say(reply, &"0".repeat(1_000_000))),
    ("over-long behind it", |reply, _| {
        let long = format!("{}{}", sealed(reply), "0".repeat(1_000_000));
        say(reply, &long);
    }),
    ("under another status", |reply, _| {
        say(reply, &api_enc(&shop_key(), FORGED.as_bytes()));
        reply.status = 503;
    }),
];

/// Genuine answers in an odd form.
const ODD: [(&str, Hand); 5] = [
    ("the other order", |reply, _| reply.body = format!("ApiEnc={}&MERID=10000", sealed(reply)).into_bytes()),
    ("blanks and line ends around it", |reply, _| {
        reply.body.splice(..0, *b"\r\n ");
        reply.body.extend_from_slice(b" \r\n\t ");
    }),
    ("blanks behind its values", |reply, _| {
        reply.body = format!("MERID=10000 &ApiEnc={} ", sealed(reply)).into_bytes();
    }),
    ("small letters", |reply, _| {
        let small = sealed(reply).to_lowercase();
        say(reply, &small);
    }),
    ("something more", |reply, _| reply.body.extend_from_slice(b"&More=1")),
];

fn key(text: &str) -> ShopKey {
    ShopKey::new(&SecretString::from(text), seal::IV).unwrap()
}

fn shop_key() -> ShopKey {
    key(shop_json()["ctbc"]["mac_key"].as_str().unwrap())
}

fn sealed(reply: &HttpReply) -> String {
    let body = std::str::from_utf8(&reply.body).unwrap();
    body.split_once("ApiEnc=").unwrap().1.to_owned()
}

fn say(reply: &mut HttpReply, sealed: &str) {
    reply.body = format!("MERID=10000&ApiEnc={sealed}").into_bytes();
}

fn cut(reply: &mut HttpReply, part: fn(&str) -> &str) {
    let whole = sealed(reply);
    say(reply, part(&whole));
}

/// A shop with this bank alone, and a sale that the customer has paid on the bank's page but the
/// engine has not polled yet.
fn paid(dollars: i64) -> (World, PaymentId) {
    let mut shop = shop_json();
    shop.as_object_mut().unwrap().remove("sinopac");
    let mut world = World::of_shop(shop, START, 31, Points::default());
    let payment = another(&mut world, dollars);
    (world, payment)
}

fn another(world: &mut World, dollars: i64) -> PaymentId {
    let sold = world.sell(Rail::CtbcCard, dollars);
    world.open_page(sold.payment);
    world.card_control("pay", sold.payment, &json!({}));
    sold.payment
}

fn spoil(world: &World, hand: Hand) {
    let mut random = Seeded(5);
    world.line.spoil(Some(Box::new(move |reply| hand(reply, &mut random))));
}

fn watch(world: &mut World, payment: PaymentId) {
    let now = world.clocks();
    world.engine().watch(now, payment).unwrap();
}

fn evidence(world: &mut World, payment: PaymentId) -> Vec<Evidence> {
    world.engine().store().evidence_of(payment).unwrap()
}

fn discrepancies(world: &mut World, payment: PaymentId) -> Vec<DiscrepancyKind> {
    world.engine().store().discrepancies_of(payment).unwrap().into_iter().map(|d| d.kind).collect()
}

#[test]
fn a_hostile_answer_pays_nothing_and_an_honest_one_heals() {
    for (what, hand) in HOSTILE {
        let (mut world, payment) = paid(300);
        spoil(&world, hand);
        watch(&mut world, payment);
        let before = world.payment(payment);
        let calls = world.calls;
        world.run_secs(12);
        assert!(world.calls - calls >= 2, "{what}: asked again");
        assert_eq!(world.payment(payment), before, "{what}");
        assert_eq!(
            (evidence(&mut world, payment), discrepancies(&mut world, payment)),
            (vec![], vec![]),
            "{what}"
        );
        assert!(world.engine().health().of(Bank::Ctbc).silence.is_some(), "{what}: said");
        world.line.spoil(None);
        world.run_secs(60);
        assert_eq!(world.state(payment), PaymentState::Paid, "{what}: healed");
        let said: Vec<_> = evidence(&mut world, payment).into_iter().map(|e| e.said).collect();
        assert_eq!((said, discrepancies(&mut world, payment)), (vec!["10".to_owned()], vec![]), "{what}");
    }
}

#[test]
fn a_hostile_answer_after_the_batch_collects_nothing_and_takes_nothing_back() {
    for (what, hand) in HOSTILE {
        let (mut world, payment) = paid(300);
        watch(&mut world, payment);
        world.run_secs(5);
        let (before, seen) = (world.payment(payment), evidence(&mut world, payment));
        assert_eq!(
            (before.state, before.card),
            (PaymentState::Paid, Some(CardState::CaptureQueued)),
            "{what}"
        );
        spoil(&world, hand);
        let calls = world.calls;
        world.run_to(at("2026-11-23T22:20:00+08:00"));
        assert!(world.calls > calls, "{what}: asked");
        assert_eq!(world.payment(payment), before, "{what}");
        assert_eq!(
            (evidence(&mut world, payment), discrepancies(&mut world, payment)),
            (seen, vec![]),
            "{what}"
        );
        world.line.spoil(None);
        world.run_to(at("2026-11-23T23:00:00+08:00"));
        let healed = world.payment(payment);
        assert_eq!((healed.state, healed.card), (PaymentState::Paid, Some(CardState::Captured)), "{what}");
        assert_eq!(evidence(&mut world, payment).len(), 2, "{what}");
        assert!(world.engine().store().verify_audit().unwrap().broken_at.is_none());
    }
}

/// The forger's words are good ones: under the shop's own key they would be believed.
#[test]
fn the_same_words_under_the_right_key_are_believed() {
    let (mut world, payment) = paid(300);
    spoil(&world, |reply, _| say(reply, &api_enc(&shop_key(), FORGED.as_bytes())));
    watch(&mut world, payment);
    world.run_secs(4);
    let payment = world.payment(payment);
    assert_eq!((payment.state, payment.card), (PaymentState::Paid, Some(CardState::Captured)));
}

#[test]
fn a_genuine_answer_in_an_odd_form_is_an_answer() {
    for (what, hand) in ODD {
        let (mut world, payment) = paid(300);
        spoil(&world, hand);
        watch(&mut world, payment);
        world.run_secs(4);
        assert_eq!(world.state(payment), PaymentState::Paid, "{what}");
        assert_eq!(discrepancies(&mut world, payment), [], "{what}");
    }
}

/// A genuine answer recorded from an inquiry about another sale, or one in another shop's envelope:
/// reported once, and it moves neither sale.
#[test]
fn an_answer_about_something_else_is_a_discrepancy_and_moves_nothing() {
    for kind in ["replay", "unequal-shop"] {
        let (mut world, other) = paid(300);
        // recorded before we have seen it ourselves: its transaction is not known from another
        // payment
        let number = world.payment(other).bank_order_no;
        let recorded = world.card_adapter().inquire(&number, Twd::new(300), None).now_or_never().unwrap();
        assert!(matches!(recorded.found, Found::Row(_)));
        // this one, of the same amount, is unpaid
        world.sleep_to(world.now.plus_secs(1));
        let sold = world.sell(Rail::CtbcCard, 300);
        world.open_page(sold.payment);
        watch(&mut world, sold.payment);
        let order = world.payment(sold.payment).bank_order_no.to_string();
        let (before, of_other) = (world.payment(sold.payment), world.payment(other));
        let fault = json!({ "kind": kind, "bank": "ctbc", "match": "*", "order": order, "shop": "10000", "count": 9 });
        world.control("fault", &fault);
        world.run_secs(10);
        assert_eq!(world.payment(sold.payment), before, "{kind}");
        assert_eq!(evidence(&mut world, sold.payment), [], "{kind}");
        assert_eq!(discrepancies(&mut world, sold.payment), [DiscrepancyKind::EchoDiffers], "{kind}: once");
        assert_eq!((world.payment(other), evidence(&mut world, other)), (of_other, vec![]), "{kind}");
        world.control("faults", &json!({ "clear": true }));
        world.card_control("pay", sold.payment, &json!({}));
        world.run_secs(60);
        assert_eq!(world.state(sold.payment), PaymentState::Paid, "{kind}: healed");
    }
}
