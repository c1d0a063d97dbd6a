//! No refund is a dead end, and none is sent before its time: what the bank said holds over starts,
//! a wish to have a refund back is kept, and the shop pays out nothing that was not collected.

use counterfoil_commands::{Names, refund_view};
use counterfoil_domain::refund::{Choice, PersonWhy, RefundWhy};
use counterfoil_domain::{DiscrepancyKind, PaymentId, Rail, RefundId, RefundState};
use counterfoil_engine::ports::Store;
use counterfoil_engine::{Booking, Decision, EngineError, RefundRefused};
use counterfoil_tests::world::{World, at};
use serde_json::json;

use crate::refunds::{
    DAY, START, TUESDAY, booking, decide, given_back, paid, request, state, steps, waits, wish, withdraw,
};
use crate::seen::{all_discrepancies, calls, discrepancies, fault};

/// A card of CTBC that was captured, and its refund, on the morning after.
fn queued(world: &mut World) -> (PaymentId, RefundId) {
    let payment = paid(world, Rail::CtbcCard, 800);
    world.run_to(at(TUESDAY));
    let refund = request(world, payment, 300, 1);
    world.run_secs(60);
    assert_eq!(state(world, refund), RefundState::AtBank);
    (payment, refund)
}

fn not_done() -> Decision {
    Decision::NotDone { told_by: "中信 林小姐 11/25".to_owned() }
}

fn done() -> Decision {
    Decision::Done { reference: "CR-20261125-7".to_owned() }
}

fn why(world: &mut World, refund: RefundId) -> Option<RefundWhy> {
    world.engine().store().refund(refund).unwrap().unwrap().why
}

fn choices(world: &mut World, refund: RefundId) -> Vec<&'static str> {
    let view = refund_view(world.engine().store(), refund, Names::Full).unwrap();
    view.choices.into_iter().map(|choice| choice.choice).collect()
}

fn start_again(world: &mut World) {
    world.end();
    world.open();
    world.run_secs(60);
}

/// Told when it goes at the earliest, a refund is not sent before, however often the program
/// starts.
#[test]
fn a_refusal_for_now_holds_over_every_start() {
    for (rail, service, code, until) in [
        (Rail::SinopacCard, "OrderMaintain", "E3610", "2026-11-25T00:10:00+08:00"),
        (Rail::SinopacCard, "OrderMaintain", "E3604", "2026-11-25T00:10:00+08:00"),
        (Rail::SinopacAccount, "OrderMaintain", "E3611", "2026-11-25T00:10:00+08:00"),
        (Rail::CtbcCard, "Refund", "3/31", "2026-11-24T09:30"),
        (Rail::CtbcCard, "Refund", "3/71", "2026-11-24T10:00"),
        (Rail::CtbcCard, "Refund", "8/90", "2026-11-24T09:01"),
    ] {
        let mut world = World::new(START, 60);
        let payment = paid(&mut world, rail, 800);
        world.run_to(at(TUESDAY));
        let before = calls(&world, service);
        fault(&world, &format!("code:{code}"), service, 9);
        let refund = request(&mut world, payment, 300, 1);
        world.run_secs(20);
        let told =
            waits(&mut world, refund).unwrap_or_else(|| panic!("{code}: {:?}", steps(&mut world, refund)));
        assert!(told.1.starts_with(until), "{code}: {}", told.1);
        assert_eq!(calls(&world, service), before + 1, "{code}");
        for _ in 0..5 {
            world.end();
            world.open();
            world.run_secs(5);
        }
        assert_eq!(calls(&world, service), before + 1, "{code}: sent again before its time");
        assert_eq!(waits(&mut world, refund), Some(told), "{code}");
        world.run_to(at(&world_time(until)).plus_ms(60_000));
        assert_eq!(calls(&world, service), before + 2, "{code}: and then it goes");
    }
}

/// A minute, or a whole instant.
fn world_time(text: &str) -> String {
    if text.len() > 16 { text.to_owned() } else { format!("{text}:59+08:00") }
}

/// The bank refuses to take it back for now, or the answer is lost: it is asked again, also by
/// another run of the program, and before the batch it is back.
#[test]
fn a_wish_to_have_it_back_outlives_refusals_and_starts() {
    for kind in ["code:3/15", "code:3/40", "drop-before", "html-502"] {
        let mut world = World::new(START, 61);
        let (payment, refund) = queued(&mut world);
        fault(&world, kind, "RefundRev", 1);
        withdraw(&mut world, refund).unwrap();
        world.run_secs(60);
        assert_eq!(
            (state(&mut world, refund), wish(&mut world, refund)),
            (RefundState::AtBank, Some("wish.wanted")),
            "{kind}"
        );
        start_again(&mut world);
        world.run_secs(4 * 3_600);
        assert_eq!(
            state(&mut world, refund),
            RefundState::Withdrawn,
            "{kind}: {:?}",
            steps(&mut world, refund)
        );
        world.run_secs(2 * DAY);
        assert_eq!((given_back(&world, payment), all_discrepancies(&mut world)), (0, vec![]), "{kind}");
    }
}

/// Refused for good, it is told, and a second request goes out.
#[test]
fn a_wish_that_the_bank_refuses_is_told_and_can_be_asked_again() {
    let mut world = World::new(START, 62);
    let (payment, refund) = queued(&mut world);
    fault(&world, "code:3/2", "RefundRev", 1);
    withdraw(&mut world, refund).unwrap();
    world.run_secs(120);
    assert_eq!(
        (state(&mut world, refund), wish(&mut world, refund)),
        (RefundState::AtBank, Some("wish.refused"))
    );
    start_again(&mut world);
    assert_eq!(calls(&world, "RefundRev"), 1, "not by itself");
    withdraw(&mut world, refund).unwrap();
    world.run_secs(120);
    assert_eq!(state(&mut world, refund), RefundState::Withdrawn, "{:?}", steps(&mut world, refund));
    assert_eq!(given_back(&world, payment), 0);
}

/// Beside the batch nothing is sent; the batch takes it along, and the person is told.
#[test]
fn a_wish_beside_the_batch_is_too_late() {
    let mut world = World::new(START, 63);
    let (payment, refund) = queued(&mut world);
    world.run_to(at("2026-11-24T19:55:00+08:00"));
    withdraw(&mut world, refund).unwrap();
    world.run_secs(60);
    let (text, until) = waits(&mut world, refund).unwrap();
    assert!(text.contains("22:10"), "{text}");
    assert_eq!(
        (until.as_str(), wish(&mut world, refund)),
        ("2026-11-24T22:10:00+08:00", Some("wish.wanted"))
    );
    world.run_secs(DAY);
    assert_eq!((state(&mut world, refund), wish(&mut world, refund)), (RefundState::Done, Some("wish.late")));
    assert_eq!((calls(&world, "RefundRev"), given_back(&world, payment)), (0, 300));
}

/// What the bank has at SinoPac, or has begun to cancel, is refused at once.
#[test]
fn what_cannot_come_back_is_refused_at_once() {
    let mut world = World::new(START, 64);
    let payment = paid(&mut world, Rail::SinopacCard, 800);
    let refund = request(&mut world, payment, 300, 1);
    world.run_secs(30);
    let refused = withdraw(&mut world, refund);
    assert!(matches!(refused, Err(EngineError::Refund(RefundRefused::Withdraw(_)))), "{refused:?}");
    assert_eq!(wish(&mut world, refund), None);
}

/// CTBC could not refund (23). It is ours, so it is no discrepancy; the bank's word ends it, and
/// the sale is free for another refund.
#[test]
fn a_refund_that_failed_at_the_bank_ends_by_its_word() {
    for word in [not_done(), done()] {
        let mut world = World::new(START, 65);
        let (payment, refund) = queued(&mut world);
        world.control("batch", &json!({ "shop": "10000", "fail": "refunds" }));
        world.run_secs(DAY);
        assert_eq!(state(&mut world, refund), RefundState::NeedsPerson);
        assert_eq!(why(&mut world, refund), Some(RefundWhy::Person(PersonWhy::RefundFailed)));
        assert_eq!(discrepancies(&mut world, payment), [], "ours");
        assert_eq!(choices(&mut world, refund), ["done", "not-done", "keep-asking"]);
        let by_hand = decide(&mut world, refund, &Decision::ByHand { proof: None });
        let ways = vec![Choice::Done, Choice::NotDone, Choice::KeepAsking];
        assert!(
            matches!(&by_hand, Err(EngineError::Refund(RefundRefused::NotAChoice(left))) if *left == ways),
            "{by_hand:?}"
        );
        let end = if word == done() { RefundState::Done } else { RefundState::Declined };
        assert_eq!(decide(&mut world, refund, &word).unwrap(), end);
        let view = refund_view(world.engine().store(), refund, Names::Full).unwrap();
        assert_eq!(view.word.unwrap().who, "owner");
        if end == RefundState::Declined {
            let again = request(&mut world, payment, 300, 2);
            world.run_secs(60);
            assert!(choices(&mut world, again).contains(&"withdraw"), "{:?}", why(&mut world, again));
        }
    }
}

/// Out of the capture file, and the reversal is refused, also by "no refunds in the contract": the
/// customer is not charged, so nothing is transferred by hand. The bank's word ends it.
#[test]
fn half_a_reversal_is_never_paid_by_hand_and_ends_by_the_banks_word() {
    for (code, word) in [("3/2", done()), ("9/nx", not_done()), ("3/1", done()), ("3/20", not_done())] {
        let mut world = World::new(START, 66);
        let payment = paid(&mut world, Rail::CtbcCard, 800);
        fault(&world, &format!("code:{code}"), "Reversal", 9);
        let refund = request(&mut world, payment, 800, 1);
        // 3/20 is unclear first, and is read out
        world.run_secs(3_600);
        let half = Some(RefundWhy::Person(PersonWhy::HalfReversed));
        assert_eq!(
            (state(&mut world, refund), why(&mut world, refund)),
            (RefundState::NeedsPerson, half),
            "{code}"
        );
        assert_eq!(discrepancies(&mut world, payment), [DiscrepancyKind::NotCaptured], "{code}");
        assert!(!choices(&mut world, refund).contains(&"by-hand"), "{code}");
        assert!(decide(&mut world, refund, &Decision::ByHand { proof: None }).is_err(), "{code}");
        let end = if word == done() { RefundState::Done } else { RefundState::Declined };
        assert_eq!(decide(&mut world, refund, &word).unwrap(), end, "{code}");
        world.run_secs(DAY);
        assert_eq!(state(&mut world, refund), end, "{code}");
    }
}

/// A person books in the back office's name what a refund of ours waits for: the same money is not
/// done once more.
#[test]
fn what_was_booked_is_not_done_as_well() {
    let mut world = World::new(START, 69);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    fault(&world, "code:3/2", "Reversal", 9);
    let refund = request(&mut world, payment, 800, 1);
    world.run_secs(60);
    world.card_control("refund", payment, &json!({ "operation": "Reversal" }));
    decide(&mut world, refund, &Decision::KeepAsking).unwrap();
    world.run_secs(60);
    let outside = Some(RefundWhy::Discrepancy(DiscrepancyKind::RefundedOutside));
    assert_eq!((state(&mut world, refund), why(&mut world, refund)), (RefundState::NeedsPerson, outside));
    // when the bank's lag is over, the person can see that it was not ours
    world.run_secs(DAY);
    assert!(discrepancies(&mut world, payment).contains(&DiscrepancyKind::WentBack));
    let now = world.clocks();
    let booking = booking(payment, 800);
    world.engine().book_refund(now, &booking).unwrap();
    let twice = decide(&mut world, refund, &done());
    assert!(matches!(twice, Err(EngineError::Refund(RefundRefused::Request(_)))), "{twice:?}");
    assert_eq!(decide(&mut world, refund, &not_done()).unwrap(), RefundState::Declined);
}

/// Another hand took the refund out of the bank's file. No holiday list is needed to see that.
#[test]
fn a_refund_that_was_taken_back_at_the_bank_is_for_a_person() {
    let mut world = World::new(START, 67);
    let (payment, refund) = queued(&mut world);
    world.card_control("refund", payment, &json!({ "operation": "RefundRev" }));
    world.run_secs(DAY);
    let vanished = Some(RefundWhy::Person(PersonWhy::Vanished));
    assert_eq!((state(&mut world, refund), why(&mut world, refund)), (RefundState::NeedsPerson, vanished));
    assert_eq!(decide(&mut world, refund, &not_done()).unwrap(), RefundState::Declined);
    let again = request(&mut world, payment, 300, 2);
    world.run_secs(3 * DAY);
    assert_eq!((state(&mut world, again), given_back(&world, payment)), (RefundState::Done, 300));
}

/// The bank could not collect the sale (13): nothing goes back, and the shop pays out nothing.
#[test]
fn what_the_bank_could_not_collect_is_not_refunded() {
    let mut world = World::new(START, 68);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    let order = crate::seen::number(&world, payment);
    world.control("batch", &json!({ "shop": "10000", "fail": [order] }));
    let refund = request(&mut world, payment, 300, 1);
    world.run_secs(2 * DAY);
    assert_eq!(discrepancies(&mut world, payment), [DiscrepancyKind::CaptureFailed]);
    assert_eq!(
        (state(&mut world, refund), why(&mut world, refund)),
        (RefundState::Declined, Some(RefundWhy::NothingCollected))
    );
}

/// A sale that the bank's back office has reversed: the discrepancy is there with a refund too, and
/// the shop pays nothing out.
#[test]
fn a_sale_reversed_at_the_bank_is_a_discrepancy_and_no_transfer() {
    let mut world = World::new(START, 69);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    for operation in ["CapRev", "Reversal"] {
        world.card_control("refund", payment, &json!({ "operation": operation }));
    }
    let refund = request(&mut world, payment, 800, 1);
    world.run_secs(3_600);
    assert_eq!(discrepancies(&mut world, payment), [DiscrepancyKind::WentBack]);
    assert_eq!(state(&mut world, refund), RefundState::NeedsPerson);
    assert_eq!(choices(&mut world, refund), ["keep-asking", "withdraw"]);
    withdraw(&mut world, refund).unwrap();
    assert_eq!(state(&mut world, refund), RefundState::Withdrawn);
}

/// A bank that does not answer before a step: the refund says so, and goes on by itself.
#[test]
fn a_bank_that_does_not_answer_is_told() {
    let mut world = World::new(START, 70);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    world.run_to(at(TUESDAY));
    fault(&world, "drop-before", "Inquiry", 3);
    let refund = request(&mut world, payment, 300, 1);
    world.run_secs(45);
    let (text, _) = waits(&mut world, refund).unwrap_or_else(|| panic!("{:?}", state(&mut world, refund)));
    assert!(text.starts_with("銀行沒有回覆"), "{text}");
    world.run_secs(3_600);
    assert_eq!(state(&mut world, refund), RefundState::AtBank);
}

/// Booked is what the sale still has, of a transaction that is there, and each RefundNo once.
#[test]
fn a_booking_is_checked_like_a_refund() {
    let mut world = World::new(START, 71);
    let payment = paid(&mut world, Rail::SinopacCard, 800);
    let unpaid = world.sell(Rail::SinopacCard, 100).payment;
    let mut book = |payment, xid: &str, dollars, refund_no: Option<&str>| {
        world.run_secs(1);
        let now = world.clocks();
        let booking = Booking {
            xid: xid.to_owned(),
            refund_no: refund_no.map(str::to_owned),
            ..booking(payment, dollars)
        };
        match world.engine().book_refund(now, &booking) {
            Ok(()) => "booked",
            Err(EngineError::Refund(RefundRefused::Request(_))) => "refused",
            Err(EngineError::Refund(RefundRefused::BookedBefore)) => "before",
            Err(EngineError::Refund(RefundRefused::NoSuchTransaction)) => "no such",
            Err(other) => panic!("{other:?}"),
        }
    };
    assert_eq!(book(payment, "", 801, None), "refused");
    assert_eq!(book(payment, "nope", 100, None), "no such");
    assert_eq!(book(unpaid, "", 100, None), "refused");
    assert_eq!(book(payment, "", 500, Some("R1")), "booked");
    assert_eq!(book(payment, "", 100, Some("R1")), "before");
    assert_eq!(book(payment, "", 301, Some("R2")), "refused");
    assert_eq!(book(payment, "", 300, Some("R2")), "booked");
}

/// A booking in error is taken back once: its amount is free again, and both are posted. What the
/// bank did give back is a discrepancy again.
#[test]
fn a_booking_is_taken_back_by_another_row() {
    let mut world = World::new(START, 73);
    let payment = paid(&mut world, Rail::SinopacCard, 800);
    let booking = |dollars, refund_no: Option<&str>| Booking {
        refund_no: refund_no.map(str::to_owned),
        ..booking(payment, dollars)
    };
    let now = world.clocks();
    world.engine().book_refund(now, &booking(500, Some("R1"))).unwrap();
    world.run_secs(1);
    let now = world.clocks();
    for other in [booking(400, None), booking(500, Some("R2"))] {
        let refused = world.engine().unbook_refund(now, &other);
        assert!(matches!(refused, Err(EngineError::Refund(RefundRefused::NoSuchBooking))), "{refused:?}");
    }
    world.engine().unbook_refund(now, &booking(500, Some("R1"))).unwrap();
    assert!(world.engine().unbook_refund(now, &booking(500, None)).is_err(), "once");
    assert_eq!(counterfoil_tests::ledger::must_fit(world.folder()), 3, "the sale, the booking, and back");
    let refund = request(&mut world, payment, 800, 1);
    world.run_secs(3 * DAY);
    assert_eq!((state(&mut world, refund), given_back(&world, payment)), (RefundState::Done, 800));
    assert!(world.engine().store().verify_audit().unwrap().broken_at.is_none());
}

/// Readings tell what became of it, and it says so.
#[test]
fn a_step_that_is_unclear_is_said_to_be() {
    let mut world = World::new(START, 72);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    world.run_to(at(TUESDAY));
    fault(&world, "drop-after", "Refund", 1);
    let refund = request(&mut world, payment, 300, 1);
    world.run_secs(30);
    let view = refund_view(world.engine().store(), refund, Names::Full).unwrap();
    assert_eq!(view.why.map(|why| why.why), Some("unclear"));
}
