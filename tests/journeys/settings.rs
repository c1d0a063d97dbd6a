//! What a person changes about an open shop, and what a program asks about it meanwhile.

use counterfoil_domain::{Actor, Bank, DiscrepancyKind, Moment, OrderId, Rail};
use counterfoil_engine::ports::{AuditLine, BankRequest, Inquiry, Said, Store};
use counterfoil_engine::shop::{CtbcSettings, Environment, ReturnAddress, ShopRecord};
use counterfoil_engine::{BankTimes, Buyer, Sale, Step};
use counterfoil_tests::crash::Points;
use counterfoil_tests::ledger;
use counterfoil_tests::world::{World, shop_json};
use serde_json::json;

use crate::ctbc::{alone, opened};
use crate::seen::{gaps, jump};

const START: &str = "2026-11-23T09:00:00+08:00";

/// A shop with SinoPac alone, and the record of one with both banks.
fn without_ctbc(seed: u64) -> (World, ShopRecord) {
    let mut shop = shop_json();
    shop.as_object_mut().unwrap().remove("ctbc");
    let world = World::of_shop(shop, START, seed, Points::default());
    let both = World::new(START, seed).engine().shop().clone();
    (world, both)
}

/// Who did this, about what, with which detail: the newest line, and how many there are.
fn audit(world: &World, what: &str) -> (String, String, String, usize) {
    let file = ledger::read(world.folder());
    let mut lines =
        file.prepare("SELECT who, subject, detail FROM audit WHERE what = ?1 ORDER BY seq").unwrap();
    let lines = lines.query_map([what], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    let lines: Vec<(String, String, String)> = lines.map(Result::unwrap).collect();
    let (who, subject, detail) = lines.last().cloned().unwrap_or_default();
    (who, subject, detail, lines.len())
}

fn kept(world: &mut World) -> ShopRecord {
    let shop = world.engine().store().shop().unwrap().unwrap();
    assert_eq!(world.engine().shop(), &shop);
    shop
}

/// Only a bank that the shop has had none with is added, and nothing else is taken.
#[test]
fn a_bank_is_added_where_there_was_none() {
    let (mut world, both) = without_ctbc(91);
    let (now, before) = (world.clocks(), kept(&mut world));
    let mut typed = both.clone();
    typed.payee_name = "another".into();
    typed.sinopac.as_mut().unwrap().shop_no = "NA0249_009".into();
    world.engine().add_bank(now, typed.clone(), Actor::Owner).unwrap();
    assert_eq!(kept(&mut world), ShopRecord { ctbc: both.ctbc.clone(), ..before });
    let owner = |detail: &str, lines| ("owner".into(), both.name.clone(), detail.into(), lines);
    assert_eq!(audit(&world, "bank-add"), owner("ctbc", 1));
    world.engine().add_bank(now, typed, Actor::Owner).unwrap();
    assert_eq!(audit(&world, "bank-add"), owner("ctbc", 1), "there is nothing to add any more");
}

/// The bank knows the shop by another number: until the first sale at that bank.
#[test]
fn a_number_is_corrected_until_the_first_sale_there() {
    let mut world = World::new(START, 92);
    let correct = |world: &mut World, bank, number: &str| {
        let now = world.clocks();
        world.engine().correct_number(now, bank, number, Actor::Owner).unwrap()
    };
    assert!(correct(&mut world, Bank::Ctbc, "10001"));
    assert!(correct(&mut world, Bank::Ctbc, "10000"));
    let (who, _, detail, lines) = audit(&world, "mer-id");
    assert_eq!((who.as_str(), detail.as_str(), lines), ("owner", "10000", 2));
    assert!(!world.engine().has_sold_at(Bank::Sinopac).unwrap());
    world.sell(Rail::SinopacAccount, 100);
    assert!(world.engine().has_sold_at(Bank::Sinopac).unwrap());
    assert!(!world.engine().has_sold_at(Bank::Ctbc).unwrap());
    let before = kept(&mut world);
    assert!(!correct(&mut world, Bank::Sinopac, "NA0249_009"));
    assert_eq!(kept(&mut world), before);
    assert!(correct(&mut world, Bank::Ctbc, "10002"), "no sale there yet");
    assert_eq!(kept(&mut world).ctbc.unwrap().mer_id, "10002");
}

/// Settings take what may change, keep what makes the shop this shop, and name the person.
#[test]
fn settings_keep_what_makes_the_shop() {
    let mut world = World::new(START, 93);
    let (now, before) = (world.clocks(), kept(&mut world));
    let mut to = before.clone();
    to.name = "another".into();
    to.payee_name = "茶行".into();
    let ctbc = to.ctbc.as_mut().unwrap();
    (ctbc.mer_id, ctbc.terminal_id, ctbc.iv) = ("77777".into(), "90000009".into(), [0; 8]);
    (ctbc.environment, ctbc.base_url) = (Environment::Production, None);
    world.engine().change_settings(now, to, Actor::Owner).unwrap();
    let mut expected = before.clone();
    expected.payee_name = "茶行".into();
    expected.ctbc = before.ctbc.map(|ctbc| CtbcSettings { terminal_id: "90000009".into(), ..ctbc });
    assert_eq!(kept(&mut world), expected);
    assert_eq!(audit(&world, "settings"), ("owner".into(), before.name, "payee ctbc".into(), 1));
}

/// What happens outside of the data file, and what the counter has acknowledged, has its line.
#[test]
fn notes_and_acknowledged_news_name_the_person() {
    let mut world = World::new(START, 94);
    let sold = world.sell(Rail::SinopacAccount, 100).payment;
    world.run_secs(5);
    world.pay(sold);
    world.run_secs(300);
    let now = world.clocks();
    world.engine().seen(now, sold, Actor::Owner).unwrap();
    let (who, subject, _, lines) = audit(&world, "seen");
    assert_eq!((who.as_str(), subject, lines), ("owner", sold.to_string(), 1));
    let note = AuditLine {
        at: now.wall,
        who: Actor::Owner,
        what: "keys".into(),
        subject: "ctbc".into(),
        detail: "changed".into(),
    };
    world.engine().note(note).unwrap();
    assert_eq!(audit(&world, "keys"), ("owner".into(), "ctbc".into(), "changed".into(), 1));
}

/// A QR for the customer's phone: with a page of the shop always, with a loopback address for
/// practice only.
#[test]
fn a_link_is_shown_as_a_qr_where_a_phone_can_return() {
    assert!(!alone(95).engine().link_qr_allowed(), "without SinoPac there is no link");
    let mut world = World::new(START, 95);
    assert!(world.engine().link_qr_allowed());
    let mut shop = shop_json();
    shop["sinopac"]["environment"] = "sandbox".into();
    shop["sinopac"].as_object_mut().unwrap().remove("base_url");
    let mut sandbox = World::of_shop(shop, START, 95, Points::default());
    assert!(!sandbox.engine().link_qr_allowed());
    let mut to = kept(&mut sandbox);
    to.sinopac.as_mut().unwrap().return_address = ReturnAddress::Page { url: "https://shop.example/".into() };
    let now = sandbox.clocks();
    sandbox.engine().change_settings(now, to, Actor::Owner).unwrap();
    assert!(sandbox.engine().link_qr_allowed());
}

fn times(world: &mut World, bank: Bank) -> BankTimes {
    let now = world.clocks();
    world.engine().bank_times(bank, now)
}

/// A screen says when CTBC is asked next; SinoPac is swept, so only while it refuses the shop.
#[test]
fn a_screen_says_when_a_bank_is_asked_next() {
    let mut world = World::new(START, 96);
    opened(&mut world, 300);
    world.sell(Rail::SinopacAccount, 100);
    world.run_secs(200);
    let card = times(&mut world, Bank::Ctbc);
    assert_eq!((card.at, card.known, card.named), (world.now, true, None));
    let next: Moment = card.next_try.expect("its page is open");
    assert!(next > world.now && next <= world.now.plus_mins(3), "{next}");
    assert_eq!(times(&mut world, Bank::Sinopac).next_try, None);
    world.sleep_to(next.plus_ms(-1));
    assert_eq!(times(&mut world, Bank::Ctbc).next_try, Some(next));
    world.sleep_to(next);
    assert_eq!(times(&mut world, Bank::Ctbc).next_try, None, "now");
    world.control("switch", &json!({ "refuse_all": "E0102" }));
    world.run_secs(360);
    let refused = times(&mut world, Bank::Sinopac);
    assert!(refused.next_try.is_some_and(|next| next > world.now), "{refused:?}");
}

/// Quiet: nothing is due, nothing is under way, every due minute is covered.
#[test]
fn a_shop_is_quiet_when_nothing_is_due() {
    let mut world = World::new(START, 97);
    let quiet = |world: &mut World| {
        let now = world.clocks();
        world.engine().is_quiet(now).unwrap()
    };
    world.run_secs(120);
    assert!(quiet(&mut world));
    world.sleep_to(world.now.plus_mins(10));
    assert!(!quiet(&mut world), "a sweep is due");
    world.run_secs(120);
    assert!(quiet(&mut world));
    world.sell(Rail::SinopacAccount, 100);
    assert!(!quiet(&mut world), "its create goes now");
    let now = world.clocks();
    let Step::Send(call) = world.engine().step(now).unwrap() else { panic!("the create goes") };
    assert_eq!(world.engine().calls_under_way(), 1);
    let reply = world.call(call.bank, call.request);
    let now = world.clocks();
    world.engine().answered(now, call.ticket, &reply).unwrap();
    assert_eq!(world.engine().calls_under_way(), 0);
    world.control("switch", &json!({ "refuse_all": "E0102" }));
    world.run_secs(600);
    let next = times(&mut world, Bank::Sinopac).next_try.expect("it is refused");
    world.sleep_to(next.plus_ms(-1));
    assert!(quiet(&mut world), "a refused shop has nothing to wait for");
    world.sleep_to(next);
    assert!(!quiet(&mut world));
}

/// What a person does has their name on it.
#[test]
fn what_a_person_did_is_under_their_name() {
    let mut world = World::new(START, 98);
    let now = world.clocks();
    let buyer = Buyer { name: "林小姐".into(), note: String::new() };
    let sale =
        Sale { customer: buyer, ..World::sale(OrderId::from_random([7; 16]), Rail::SinopacAccount, 100) };
    let sold = world.engine().sell(now, &sale).unwrap();
    let nameless = world.sell(Rail::SinopacAccount, 200);
    let order = |world: &mut World, id| world.engine().store().order(id).unwrap().unwrap();
    assert_eq!(order(&mut world, nameless.order).customer, None, "nobody to remember");
    world.run_secs(600);
    let now = world.clocks();
    world.engine().cancel(now, sold.payment, Actor::Owner).unwrap();
    let customer = order(&mut world, sold.order).customer.unwrap();
    world.engine().erase_customer(now, customer, Actor::Owner).unwrap();
    world.tamper = Some(Box::new(|request, reply| {
        if matches!(request, BankRequest::Ask(Inquiry::Order { .. })) {
            reply.said = Said::Unequal(DiscrepancyKind::EchoDiffers, "ours 100, bank 101".into());
        }
    }));
    world.engine().watch(now, sold.payment).unwrap();
    world.run_secs(5);
    let found = world.engine().store().discrepancies_of(sold.payment).unwrap().remove(0);
    let now = world.clocks();
    world.engine().close_discrepancy(now, found.id, Actor::Owner, "the bank's mistake".into()).unwrap();
    for what in ["cancel", "erase-customer", "close-discrepancy"] {
        assert_eq!(audit(&world, what).0, "owner", "{what}");
    }
}

/// The nonce that named the time serves the sale: its create follows at once.
#[test]
fn the_first_sale_goes_at_once_when_the_time_was_named() {
    let mut world = World::new(START, 99);
    world.sell(Rail::SinopacAccount, 100);
    let now = world.clocks();
    let Step::Send(call) = world.engine().step(now).unwrap() else { panic!("it waits") };
    assert!(matches!(call.request, BankRequest::Write(_)), "{:?}", call.request);
}

/// A shop without CTBC is swept like any other.
#[test]
fn a_shop_with_sinopac_alone_is_swept() {
    let (mut world, _) = without_ctbc(100);
    world.run_secs(3_600);
    assert_eq!(gaps(&mut world), []);
    assert!(world.calls > 10, "{} calls", world.calls);
}

/// The computer is an hour behind, and only SinoPac has said so: a start knows it for CTBC too.
#[test]
fn a_bank_that_never_told_its_time_starts_with_the_other_one_s() {
    let mut world = World::new(START, 101);
    jump(&mut world, -3_600_000);
    world.run_secs(1_800);
    world.end();
    world.open();
    let bank = world.now.plus_ms(-world.skew_ms);
    assert!(times(&mut world, Bank::Ctbc).at.ms_since(bank).abs() < 5_000);
}
