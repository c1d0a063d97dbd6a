//! What was planned, sold or stamped by a time that was wrong is made right when the bank's is
//! known (money rules 6).

use counterfoil_domain::card::PAGE_LIFE_MINS;
use counterfoil_domain::{Bank, Moment, PaymentId, PaymentState, Rail};
use counterfoil_engine::SaleRefused;
use counterfoil_engine::ports::Store;
use counterfoil_tests::world::{World, at};
use serde_json::json;

use crate::ctbc::{START, alone, opened};
use crate::seen::{all_discrepancies, calls, gaps, jump, secs_until};

const HOUR_MS: i64 = 3_600_000;
/// After so long three answers have found out a wrong Date.
const FOUND_OUT_SECS: i64 = 300;

/// Bank time, whatever the computer says.
fn bank_now(world: &World) -> Moment {
    world.now.plus_ms(-world.skew_ms)
}

fn ctbc_date_off(world: &World, mins: i64) {
    world.control("switch", &json!({ "ctbc_date_off_ms": mins * 60_000 }));
}

fn paid(world: &World, payment: PaymentId) {
    world.card_control("pay", payment, &json!({}));
}

/// A page that was opened by a wrong Date ends by the right one.
#[test]
fn the_end_of_a_page_moves_with_its_banks_clock() {
    let mut world = alone(60);
    opened(&mut world, 200);
    world.run_secs(30);
    world.end();
    ctbc_date_off(&world, 40);
    world.open();
    world.run_secs(100);
    let sold = opened(&mut world, 100).payment;
    let ends = bank_now(&world).plus_mins(PAGE_LIFE_MINS);
    let off = |world: &World| world.payment(sold).expires_at.ms_since(ends);
    assert!(off(&world) > HOUR_MS / 2, "{} ms", off(&world));
    ctbc_date_off(&world, 0);
    world.run_secs(FOUND_OUT_SECS);
    assert!(off(&world).abs() < 5_000, "{} ms", off(&world));
    // and what is right is not written again
    let version = world.payment(sold).version;
    world.run_secs(FOUND_OUT_SECS);
    assert_eq!(world.payment(sold).version, version);
}

/// Confirmed while a wrong Date was believed: once more when it is found out, and once only.
#[test]
fn money_that_was_stamped_by_a_wrong_date_is_stamped_again() {
    let mut world = alone(61);
    let sold = opened(&mut world, 100).payment;
    world.run_secs(5);
    world.end();
    ctbc_date_off(&world, 40);
    world.open();
    paid(&world, sold);
    world.run_secs(20);
    let stamped = |world: &World| world.payment(sold).confirmed_at.unwrap().ms_since(bank_now(world));
    assert_eq!(world.state(sold), PaymentState::Paid);
    assert!(stamped(&world) > HOUR_MS / 2, "{} ms", stamped(&world));
    ctbc_date_off(&world, 0);
    // nothing else is open: a sale asks
    opened(&mut world, 200);
    world.run_secs(FOUND_OUT_SECS + 120);
    assert!((-600_000..=0).contains(&stamped(&world)), "{} ms", stamped(&world));
    let payment = world.payment(sold);
    let evidence = world.engine().store().evidence_of(sold).unwrap();
    let proof = evidence.into_iter().find(|e| Some(e.id) == payment.proof).unwrap();
    assert_eq!(Some(proof.at), payment.confirmed_at);
    world.run_secs(3_600);
    assert_eq!(world.payment(sold).version, payment.version, "once is enough");
    assert_eq!(all_discrepancies(&mut world), []);
}

/// Sold without the bank by a computer that is a day ahead: as old as this run knows it, not as old
/// as the sale will be tomorrow.
#[test]
fn a_card_that_was_sold_tomorrow_is_asked_about_from_the_moment_it_is_found_out() {
    for restart in [false, true] {
        let mut world = alone(62);
        world.end();
        jump(&mut world, 30 * HOUR_MS);
        world.line.cut(true);
        world.open();
        let sold = opened(&mut world, 100).payment;
        if restart {
            world.end();
            world.open();
        }
        world.run_secs(10 * 60);
        world.line.cut(false);
        world.run_secs(FOUND_OUT_SECS);
        paid(&world, sold);
        world.run_secs(4 * 60);
        assert_eq!(world.state(sold), PaymentState::Paid, "restart {restart}");
    }
}

/// Sold without the bank by a computer that is two years ahead, and never opened: once the clock
/// is right it ends like any other page, and the order is sold again.
#[test]
fn a_card_that_was_sold_years_ahead_ends_with_a_page_of_today() {
    for opens in [false, true] {
        let mut world = alone(71);
        world.end();
        jump(&mut world, 2 * 365 * 24 * HOUR_MS);
        world.line.cut(true);
        world.open();
        let sold = world.sell(Rail::CtbcCard, 100);
        if opens {
            world.hand_out(sold.payment).unwrap();
        }
        world.end();
        jump(&mut world, -2 * 365 * 24 * HOUR_MS);
        world.line.cut(false);
        world.open();
        world.run_secs(45 * 60);
        assert_eq!(world.state(sold.payment), PaymentState::Expired, "{opens}");
        world.try_sell(sold.order, false, Rail::CtbcCard, 100).unwrap();
    }
}

/// Asked about by a Date that was ahead: its next point counts from now, not from then.
#[test]
fn a_card_that_was_asked_about_in_the_future_is_asked_about_again_soon() {
    let mut world = alone(63);
    let sold = opened(&mut world, 100).payment;
    world.run_secs(30);
    world.end();
    ctbc_date_off(&world, 28);
    world.open();
    world.run_secs(100);
    ctbc_date_off(&world, 0);
    world.run_secs(FOUND_OUT_SECS);
    paid(&world, sold);
    world.run_secs(4 * 60);
    assert_eq!(world.state(sold), PaymentState::Paid);
}

/// Several cards, and a computer that is behind: when the first answer tells, all of them are
/// planned again, not only the one that was asked about.
#[test]
fn every_payment_of_a_bank_is_planned_again_when_its_clock_moves() {
    let mut world = alone(64);
    let sold: Vec<_> = (0..6).map(|n| opened(&mut world, 100 + n).payment).collect();
    world.run_secs(5 * 60);
    world.end();
    // by its clock no time has passed, and the next points lie ahead
    world.sleep_to(world.now.plus_mins(4));
    jump(&mut world, -4 * 60_000);
    world.open();
    for payment in &sold {
        paid(&world, *payment);
    }
    world.run_secs(20);
    for payment in sold {
        assert_eq!(world.state(payment), PaymentState::Paid);
    }
}

/// The list of authorized cards is asked for half an hour after midnight: by the midnight of the
/// bank.
#[test]
fn the_daily_list_is_planned_again_when_the_clock_moves() {
    let mut world = World::new(START, 65);
    world.end();
    jump(&mut world, -8 * HOUR_MS);
    world.open();
    world.sell(Rail::SinopacAccount, 100);
    let lists = |world: &World| calls(world, "OrderUnCapturedQuery");
    world.run_secs(300);
    assert_eq!(lists(&world), 1);
    // when its midnight is not known, it is asked for soon; then once a day
    world.run_secs(20 * 60);
    assert_eq!(lists(&world), 2);
    world.run_secs(2 * 3_600);
    assert_eq!(lists(&world), 2);
}

/// Kept at the first anchor, then hourly: not with each answer.
#[test]
fn a_clock_is_kept_hourly() {
    let mut world = World::new(START, 66);
    let kept = |world: &mut World| world.engine().store().kept_clock(Bank::Sinopac).unwrap();
    world.run_secs(120);
    let first = kept(&mut world).expect("an anchor");
    world.run_secs(50 * 60);
    assert_eq!(kept(&mut world), Some(first));
    world.run_secs(20 * 60);
    let then = kept(&mut world).unwrap();
    assert!(then.bank_now.ms_since(first.bank_now) >= HOUR_MS, "{then:?}");
}

/// Closed over the end of a page, and opened a day later by a computer that has not noticed it: the
/// page ends when the bank's time is believed, and not when it is sure.
#[test]
fn a_page_that_ended_while_the_shop_was_closed_ends_soon_by_a_computer_that_is_a_day_behind() {
    let mut world = alone(68);
    let sold = opened(&mut world, 100).payment;
    world.run_secs(60);
    world.end();
    world.sleep_to(world.now.plus_days(1));
    jump(&mut world, -24 * HOUR_MS);
    world.open();
    world.run_secs(120);
    assert_eq!(world.state(sold), PaymentState::Expired);
}

/// Two banks with two clocks: a sale takes the day of its own.
#[test]
fn a_sale_takes_its_time_from_its_own_bank() {
    let mut world = World::new(START, 67);
    world.end();
    ctbc_date_off(&world, 2);
    world.open();
    let [account, card] = [Rail::SinopacAccount, Rail::CtbcCard].map(|rail| {
        world.run_secs(120);
        let sold = world.sell(rail, 100).payment;
        world.payment(sold).created_at.ms_since(bank_now(&world)) / 1_000
    });
    assert!((-2..=2).contains(&account) && (118..=122).contains(&card), "{account} {card}");
}

/// The shop was added by a computer that lived days ahead: the coverage begins by the bank's clock
/// all the same.
#[test]
fn a_shop_that_was_added_days_ahead_is_swept_from_the_first_answer() {
    for days in [1, 2, 40] {
        added_ahead(days);
    }
}

/// The beginning of the coverage as a computer with this time had it.
fn typed_at(world: &World, at: Moment) {
    let file = rusqlite::Connection::open(world.folder().join(counterfoil_store::DATA_FILE)).unwrap();
    let record: String = file.query_row("SELECT record FROM shop", [], |row| row.get(0)).unwrap();
    let mut shop: serde_json::Value = serde_json::from_str(&record).unwrap();
    shop["added_at"] = at.millis().into();
    shop["begins_by_bank"] = false.into();
    assert_eq!(file.execute("UPDATE shop SET record = ?1", [shop.to_string()]).unwrap(), 1);
}

fn added_ahead(days: i64) {
    let mut world = World::new(START, 46);
    world.end();
    typed_at(&world, at(START).plus_days(days));
    world.open();
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(2 * 3_600);
    world.pay(sold.payment);
    secs_until(&mut world, sold.payment, PaymentState::Paid, 360);
    world.run_secs(1_800);
    let minute = world.payment(sold.payment).paid_minute.unwrap();
    let covered = world.engine().store().coverage(Bank::Sinopac, 0, minute).unwrap();
    assert!(covered.iter().any(|c| c.span.holds(minute)), "{days} days: {covered:?}");
    assert!(world.engine().shop().added_at <= at(START).plus_secs(5), "{days} days");
    assert_eq!(gaps(&mut world), []);
}

/// The shop was added and sells by a clock that is hours ahead, in programs that end after each
/// sale: none of them hears enough to believe the bank's time. Put right, the money of the time
/// between is looked for.
#[test]
fn a_shop_that_sold_in_short_runs_hours_ahead_is_swept_from_its_first_answer() {
    for ahead_ms in [8 * HOUR_MS, 30 * HOUR_MS, -8 * HOUR_MS] {
        let mut world = World::new(START, 49);
        world.end();
        typed_at(&world, at(START).plus_ms(ahead_ms));
        jump(&mut world, ahead_ms);
        for dollars in [100, 200] {
            world.open();
            world.sell(Rail::SinopacAccount, dollars);
            world.run_secs(5);
            assert!(!world.engine().shop().begins_by_bank, "{ahead_ms} ms");
            world.end();
            world.sleep_to(world.now.plus_mins(60));
        }
        jump(&mut world, -ahead_ms);
        world.open();
        world.run_secs(1_800);
        let begins = world.engine().shop().added_at;
        assert!(begins <= at(START).plus_secs(5), "{ahead_ms} ms: {begins}");
        assert!(world.engine().shop().begins_by_bank && begins >= at(START).plus_days(-1), "{begins}");
        assert_eq!(gaps(&mut world), []);
    }
}

/// Pages have ended while the shop was closed, and the computer comes back before that end: what
/// was asked by a time in doubt is asked again when the bank's is believed, each of them.
#[test]
fn pages_that_ended_by_the_bank_alone_end_when_its_time_is_believed() {
    for behind_mins in [11, 89, 20 * 60] {
        let mut world = World::new("2026-11-23T09:00:00+08:00", 50);
        let sold = [100, 200, 300].map(|dollars| opened(&mut world, dollars).payment);
        world.run_secs(90);
        let ends = world.payment(sold[2]).expires_at;
        world.end();
        world.sleep_to(ends.plus_mins(10));
        jump(&mut world, -behind_mins * 60_000);
        world.open();
        // three answers prove its time, and half an hour makes it sure
        world.run_secs(33 * 60);
        let states = sold.map(|payment| world.state(payment));
        assert_eq!(states, [PaymentState::Expired; 3], "{behind_mins} min behind");
        assert!(calls(&world, "Inquiry") <= 3 * 45, "{}", calls(&world, "Inquiry"));
    }
}
/// Confirmed by a Date that was two years off, in a run too short to find out: the next question
/// stamps the money anew.
#[test]
fn money_that_a_short_run_stamped_two_years_off_is_stamped_again() {
    for years in [-2, 2] {
        let mut world = alone(69);
        let sold = opened(&mut world, 100).payment;
        world.run_secs(5);
        world.end();
        ctbc_date_off(&world, years * 365 * 24 * 60);
        world.open();
        paid(&world, sold);
        world.run_secs(20);
        let stamped = |world: &mut World| {
            let proof = world.payment(sold).proof;
            let evidence = world.engine().store().evidence_of(sold).unwrap();
            let proof = evidence.into_iter().find(|one| Some(one.id) == proof).unwrap();
            proof.at.ms_since(bank_now(world)) / HOUR_MS
        };
        assert_eq!(world.state(sold), PaymentState::Paid);
        assert!(stamped(&mut world).abs() > 365 * 24, "{years}");
        world.end();
        ctbc_date_off(&world, 0);
        world.open();
        // past the next batch
        world.run_secs(15 * 3_600);
        assert!((-15..=0).contains(&stamped(&mut world)), "{years}: {} h", stamped(&mut world));
    }
}

/// A form that is handed out before CTBC has told its time ends by that clock of this computer,
/// until the bank tells: a run that ends before does not leave a page that seems over.
#[test]
fn a_page_of_a_run_that_never_heard_the_bank_is_not_over_in_the_next() {
    for off in [-40 * 60_000, -8 * HOUR_MS, 8 * HOUR_MS] {
        let mut world = alone(97);
        world.run_secs(600);
        world.end();
        jump(&mut world, off);
        world.open();
        world.line.cut(true);
        let sold = opened(&mut world, 300);
        world.end();
        world.line.cut(false);
        world.open();
        world.run_secs(240);
        assert_eq!(world.state(sold.payment), PaymentState::Awaiting, "{off}");
        assert_eq!(world.refused(sold.order, true, Rail::CtbcCard, 300), SaleRefused::StillOpen, "{off}");
        world.card_control("pay", sold.payment, &json!({}));
        world.run_secs(200);
        assert_eq!(world.state(sold.payment), PaymentState::Paid, "{off}");
        assert!(!world.payment(sold.payment).late, "{off}");
        // and one that is not paid ends a life after the bank was heard
        world.end();
        world.open();
        world.line.cut(true);
        let unpaid = opened(&mut world, 400);
        world.end();
        world.line.cut(false);
        world.open();
        world.run_secs(25 * 60);
        assert_eq!(world.state(unpaid.payment), PaymentState::Awaiting, "{off}");
        world.run_secs(15 * 60);
        assert_eq!(world.state(unpaid.payment), PaymentState::Expired, "{off}");
    }
}
