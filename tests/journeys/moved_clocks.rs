//! What was planned, sold or stamped by a time that was wrong is made right when the bank's is
//! known (money rules 6).

use counterfoil_domain::card::PAGE_LIFE_MINS;
use counterfoil_domain::{Bank, Moment, PaymentId, PaymentState, Rail};
use counterfoil_engine::ports::Store;
use counterfoil_tests::world::World;
use serde_json::json;

use crate::ctbc::{START, alone, opened};
use crate::seen::{all_discrepancies, calls, jump};

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
