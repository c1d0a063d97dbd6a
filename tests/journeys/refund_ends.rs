//! After the end of a refund its sale is polled once more, and what the bank shows against that
//! end is a discrepancy (money rules 2 to 4).

use counterfoil_commands::{Names, refund_view};
use counterfoil_domain::refund::{PersonWhy, RefundWhy};
use counterfoil_domain::{Actor, DiscrepancyKind, PaymentId, Rail, RefundState};
use counterfoil_engine::Decision;
use counterfoil_engine::ports::Store;
use counterfoil_tests::crash::Points;
use counterfoil_tests::world::{World, at, shop_json};
use serde_json::json;

use crate::refunds::{DAY, START, booking, given_back, paid, request, state};
use crate::seen::{all_discrepancies, calls, discrepancies, fault, number};

/// Both steps, in the bank's back office.
fn reverse(world: &World, payment: PaymentId) {
    for operation in ["CapRev", "Reversal"] {
        world.card_control("refund", payment, &json!({ "operation": operation }));
    }
}

/// A person has reversed the sale in the bank's back office. The refund that finds it so within the
/// bank's lag is withdrawn at once: the next batch shows that nothing comes, and that is a
/// discrepancy.
#[test]
fn a_withdrawn_refund_does_not_silence_that_the_sale_is_gone() {
    let mut world = World::new(START, 81);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    reverse(&world, payment);
    let refund = request(&mut world, payment, 800, 1);
    world.run_secs(20);
    assert_eq!(state(&mut world, refund), RefundState::NeedsPerson);
    let now = world.clocks();
    world.engine().withdraw_refund(now, refund, Actor::Owner).unwrap();
    assert_eq!((state(&mut world, refund), all_discrepancies(&mut world)), (RefundState::Withdrawn, vec![]));
    world.run_to(at("2026-11-23T22:30:00+08:00"));
    assert_eq!(discrepancies(&mut world, payment), [DiscrepancyKind::WentBack]);
}

/// Whatever the end was, the sale is polled once after the next batch, also by a program that was
/// closed meanwhile, and then no more.
#[test]
fn a_sale_is_polled_once_after_the_end_of_its_refund() {
    for closed in [false, true] {
        let mut world = World::new(START, 82);
        let payment = paid(&mut world, Rail::CtbcCard, 800);
        world.run_to(at("2026-11-24T09:00:00+08:00"));
        let before = calls(&world, "Inquiry");
        world.run_secs(DAY);
        assert_eq!(calls(&world, "Inquiry"), before, "captured: not by itself");
        world.run_to(at("2026-11-25T19:55:00+08:00"));
        let refund = request(&mut world, payment, 300, 1);
        world.run_secs(20);
        let now = world.clocks();
        world.engine().withdraw_refund(now, refund, Actor::Owner).unwrap();
        let before = calls(&world, "Inquiry");
        if closed {
            world.end();
            world.sleep_to(at("2026-11-26T09:00:00+08:00"));
            world.open();
        }
        world.run_to(at("2026-11-26T10:00:00+08:00"));
        assert_eq!(calls(&world, "Inquiry"), before + 1, "closed: {closed}");
        world.run_secs(2 * DAY);
        assert_eq!(calls(&world, "Inquiry"), before + 1, "closed: {closed}");
    }
}

/// A refund is withdrawn, and a person makes it in the bank's back office instead.
#[test]
fn what_is_refunded_elsewhere_after_a_withdrawal_is_found() {
    for (rail, by) in
        [(Rail::CtbcCard, "2026-11-24T22:30:00+08:00"), (Rail::SinopacCard, "2026-11-25T00:20:00+08:00")]
    {
        let mut world = World::new(START, 83);
        let payment = paid(&mut world, rail, 800);
        world.run_to(at("2026-11-24T19:55:00+08:00"));
        let refund = request(&mut world, payment, 300, 1);
        let now = world.clocks();
        world.engine().withdraw_refund(now, refund, Actor::Owner).unwrap();
        if rail == Rail::CtbcCard {
            world.card_control("refund", payment, &json!({ "operation": "Refund", "amount": 800 }));
        } else {
            let order = crate::seen::number(&world, payment);
            world.control("refund", &json!({ "order": order, "amount": 800 }));
        }
        world.run_to(at(by));
        // CTBC shows it in its file, and then done
        let found = discrepancies(&mut world, payment);
        assert_eq!(found.first(), Some(&DiscrepancyKind::RefundedOutside), "{rail:?}");
        world.run_secs(2 * DAY);
        assert_eq!(discrepancies(&mut world, payment), [DiscrepancyKind::RefundedOutside], "one of it");
    }
}

fn shown_missing(world: &mut World, payment: PaymentId) -> bool {
    discrepancies(world, payment).contains(&DiscrepancyKind::RefundNotShown)
}

/// Another hand did it, says the bank (3/53), and a person is told that it was done: what the next
/// batch shows is compared with that word.
#[test]
fn a_word_that_the_bank_does_not_bear_out_is_a_discrepancy() {
    for made in [false, true] {
        let mut world = World::new(START, 84);
        let payment = paid(&mut world, Rail::CtbcCard, 800);
        world.run_to(at("2026-11-24T09:00:00+08:00"));
        fault(&world, "code:3/53", "Refund", 1);
        let refund = request(&mut world, payment, 800, 1);
        world.run_secs(3_600);
        assert_eq!(state(&mut world, refund), RefundState::NeedsPerson);
        let now = world.clocks();
        let word = Decision::Done { reference: "CR-1".to_owned() };
        world.engine().decide_refund(now, refund, Actor::Owner, &word).unwrap();
        if made {
            world.card_control("refund", payment, &json!({ "operation": "Refund", "amount": 800 }));
        }
        world.run_to(at("2026-11-24T22:00:00+08:00"));
        assert!(!shown_missing(&mut world, payment), "the bank has its time");
        world.run_to(at("2026-11-24T22:30:00+08:00"));
        assert_eq!(shown_missing(&mut world, payment), !made);
        let before = calls(&world, "Inquiry");
        world.run_secs(3 * DAY);
        assert_eq!(calls(&world, "Inquiry") >= before + 3, !made, "read on while it is in doubt");
        assert_eq!(shown_missing(&mut world, payment), !made);
    }
}

/// Nothing of a lost refund arrived. Without the shop's holidays no batch is sure to have run, so a
/// person is asked, and told what would settle it; with them it is settled.
#[test]
fn without_a_holiday_list_an_unclear_refund_names_it() {
    for listed in [false, true] {
        let mut shop = shop_json();
        if listed {
            shop["ctbc"]["batch"] = json!({ "holidays": ["2026-12-25"] });
        }
        let mut world = World::of_shop(shop, START, 85, Points::default());
        let payment = paid(&mut world, Rail::CtbcCard, 800);
        world.run_to(at("2026-11-24T09:00:00+08:00"));
        fault(&world, "drop-before", "Refund", 1);
        let refund = request(&mut world, payment, 800, 1);
        world.run_secs(if listed { 3 } else { 7 } * DAY);
        let view = refund_view(world.engine().store(), refund, Names::Full).unwrap();
        let text = view.why.map(|why| (why.why, why.text.text_zh.contains("休息日")));
        let expected = if listed { ("done", None) } else { ("needs-person", Some(("undecided", true))) };
        assert_eq!((view.state, text), expected);
    }
}

/// A refund fails for good at the bank, and the next one succeeds: only then SinoPac lists both.
/// The second is done by its own line, so that no person transfers the money once more.
#[test]
fn a_refund_after_one_that_failed_ends_by_its_own_line() {
    let mut world = World::new(START, 87);
    world.control("switch", &json!({ "refund_digits": "off" }));
    let payment = paid(&mut world, Rail::SinopacAccount, 900);
    let first = request(&mut world, payment, 900, 1);
    world.run_secs(60);
    let order = number(&world, payment);
    world.control("refund_state", &json!({ "order": order, "state": "2A290" }));
    world.run_secs(DAY);
    assert_eq!(state(&mut world, first), RefundState::NeedsPerson);
    let second = request(&mut world, payment, 900, 2);
    world.run_secs(DAY);
    world.control("refund_state", &json!({ "order": order, "state": "2A900" }));
    world.run_secs(DAY);
    assert_eq!((state(&mut world, second), given_back(&world, payment)), (RefundState::Done, 900));
    assert_eq!(state(&mut world, first), RefundState::Declined);
}

/// The bank lists those that succeeded alone: its last status is of the one that failed.
#[test]
fn a_refund_that_fails_after_one_that_succeeded_ends_at_once() {
    let mut world = World::new(START, 89);
    world.control("switch", &json!({ "refund_digits": "off", "refund_list": "done" }));
    let payment = paid(&mut world, Rail::SinopacAccount, 900);
    let first = request(&mut world, payment, 300, 1);
    world.run_secs(2 * DAY);
    assert_eq!(state(&mut world, first), RefundState::Done);
    let second = request(&mut world, payment, 300, 2);
    world.run_secs(60);
    let order = number(&world, payment);
    world.control("refund_state", &json!({ "order": order, "state": "2A290" }));
    world.run_secs(DAY);
    let failed = Some(RefundWhy::Person(PersonWhy::FailedForGood));
    let row = world.engine().store().refund(second).unwrap().unwrap();
    assert_eq!(
        (row.state, row.why, state(&mut world, first)),
        (RefundState::NeedsPerson, failed, RefundState::Done)
    );
}

/// The first call of an account's refund is refused for one that is under way, which another hand
/// has made: a person knows at once, and nothing stays unclear.
#[test]
fn another_hand_before_the_first_call_is_told_at_once() {
    for (kind, times) in [("code:E9918", 1), ("drop-before", 1)] {
        let mut world = World::new(START, 90);
        world.control("switch", &json!({ "refund_digits": "off" }));
        let payment = paid(&mut world, Rail::SinopacAccount, 900);
        fault(&world, kind, "OrderMaintain", times);
        let refund = request(&mut world, payment, 300, 1);
        world.run_secs(10);
        let order = number(&world, payment);
        world.control("refund", &json!({ "order": order, "amount": 40 }));
        world.run_secs(2 * DAY);
        let outside = Some(RefundWhy::Discrepancy(DiscrepancyKind::RefundedOutside));
        let row = world.engine().store().refund(refund).unwrap().unwrap();
        assert_eq!((row.state, row.why), (RefundState::NeedsPerson, outside), "{kind}");
    }
}

/// Without a number a booking is compared by its amount, beside a refund of ours too.
#[test]
fn a_booking_beside_a_refund_of_ours_is_borne_out_by_its_own_line() {
    for made in [false, true] {
        let mut world = World::new(START, 91);
        let payment = paid(&mut world, Rail::SinopacCard, 800);
        let order = number(&world, payment);
        if made {
            world.control("refund", &json!({ "order": order, "amount": 300 }));
        }
        let now = world.clocks();
        let booking = booking(payment, 300);
        world.engine().book_refund(now, &booking).unwrap();
        let refund = request(&mut world, payment, 500, 1);
        world.run_secs(5 * DAY);
        assert_eq!(shown_missing(&mut world, payment), !made);
        let row = world.engine().store().refund(refund).unwrap().unwrap();
        let doubtful = (RefundState::NeedsPerson, Some(RefundWhy::Person(PersonWhy::DoubtfulReading)));
        let expected = if made { (RefundState::Done, None) } else { doubtful };
        assert_eq!((row.state, row.why), expected, "made: {made}");
    }
}

/// A person books what the bank does not show: a discrepancy, when the bank has had its time.
#[test]
fn a_booking_that_the_bank_does_not_bear_out_is_a_discrepancy() {
    for rail in [Rail::CtbcCard, Rail::SinopacCard] {
        for made in [false, true] {
            let mut world = World::new(START, 88);
            let payment = paid(&mut world, rail, 800);
            world.run_to(at("2026-11-24T09:00:00+08:00"));
            let args = json!({ "bank": "ctbc", "shop": "10000", "order": number(&world, payment),
                "operation": "Refund", "amount": 100 });
            let of_sinopac = json!({ "shop": "NA0249_001", "order": number(&world, payment), "amount": 100 });
            if made {
                world.control("refund", if rail == Rail::CtbcCard { &args } else { &of_sinopac });
            }
            let now = world.clocks();
            let booking = booking(payment, 100);
            world.engine().book_refund(now, &booking).unwrap();
            world.run_secs(2 * DAY);
            assert_eq!(shown_missing(&mut world, payment), !made, "{rail:?}");
        }
    }
}
