//! What goes wrong with a refund's requests (docs/faults.md): whatever an answer looks like, one
//! request reaches the bank, and money goes back once or not at all.

use counterfoil_domain::{Rail, RefundState};
use counterfoil_tests::world::{World, at};
use serde_json::json;

use crate::refunds::{DAY, START, given_back, paid, request, state, steps, waits};
use crate::seen::{fault, jump};

/// Writes about refunds that the bank has acted on.
fn acted(world: &World) -> usize {
    let bank = world.bank.lock().unwrap();
    let writes = bank.calls().filter(|call| call.acted);
    writes.filter(|call| ["OrderMaintain", "Refund", "CapRev"].contains(&call.service.as_str())).count()
}

/// F3, F5 to F7, F9, F10: the bank has done it, and its answer is late, spoilt, forged or about
/// something else. The step is unknown, a reading finds it, and nothing is sent again.
#[test]
fn a_refund_whose_answer_cannot_be_believed_is_unknown_and_found() {
    let both = [
        "delay:31",
        "html-500",
        "html-502",
        "html-503",
        "truncated",
        "wrong-charset",
        "duplicate-keys",
        "big-body",
        "wrong-sign",
        "unequal-amount",
        "unequal-order",
        "unequal-shop",
        "unlisted-code",
    ];
    for (rail, service, kinds) in [
        (Rail::SinopacCard, "OrderMaintain", [both.as_slice(), &["bom", "wrong-nonce"]].concat()),
        (Rail::CtbcCard, "Refund", both.to_vec()),
    ] {
        for kind in kinds {
            let mut world = World::new(START, 40);
            let payment = paid(&mut world, rail, 800);
            if rail == Rail::CtbcCard {
                world.run_to(at("2026-11-24T09:00:00+08:00"));
            }
            world.control("fault", &json!({ "kind": kind, "match": service, "count": 1, "acts": true }));
            let refund = request(&mut world, payment, 300, 1);
            world.run_secs(30);
            assert_eq!(steps(&mut world, refund)[0].1, "unknown", "{rail:?} {kind}");
            assert_eq!(state(&mut world, refund), RefundState::Working, "{rail:?} {kind}");
            world.run_secs(600);
            assert_eq!(steps(&mut world, refund).len(), 1, "{rail:?} {kind}");
            assert_eq!(steps(&mut world, refund)[0].1, "accepted", "{rail:?} {kind}");
            assert_eq!(state(&mut world, refund), RefundState::AtBank, "{rail:?} {kind}");
            assert_eq!(acted(&world), 1, "{rail:?} {kind}: sent once");
        }
    }
}

/// F4: no connection. Nothing left, the refund waits and says so, and goes when there is one.
#[test]
fn f4_a_refund_that_never_left_goes_by_itself() {
    for rail in [Rail::SinopacCard, Rail::SinopacAccount, Rail::CtbcCard] {
        let mut world = World::new(START, 41);
        world.control("switch", &json!({ "refund_digits": "off" }));
        let payment = paid(&mut world, rail, 800);
        world.run_to(at("2026-11-24T09:00:00+08:00"));
        let refund = request(&mut world, payment, 300, 1);
        // the reading before the step goes through, the step does not
        world.run_secs(1);
        world.line.cut(true);
        world.run_secs(600);
        let (text, _) = waits(&mut world, refund).unwrap_or_default();
        assert!(text.contains("沒有送出去") || steps(&mut world, refund).is_empty(), "{rail:?} {text}");
        assert!(steps(&mut world, refund).iter().all(|step| step.1 == "not-sent"), "{rail:?}");
        assert_eq!((acted(&world), given_back(&world, payment)), (0, 0), "{rail:?}");
        world.line.cut(false);
        world.run_secs(2 * DAY);
        assert_eq!(
            (state(&mut world, refund), given_back(&world, payment)),
            (RefundState::Done, 300),
            "{rail:?}"
        );
    }
}

/// F17: the computer's clock jumps by hours on the evening of a batch. Bank time does not, and
/// nothing is sent in the bank's real window.
#[test]
fn f17_a_clock_that_jumps_sends_no_refund_into_the_batch() {
    for jump_ms in [3 * 3_600_000, -3 * 3_600_000, DAY * 1_000, -DAY * 1_000] {
        let mut world = World::new(START, 42);
        let payment = paid(&mut world, Rail::CtbcCard, 800);
        let bank_at = |world: &World, text: &str| at(text).plus_ms(world.skew_ms);
        world.run_to(bank_at(&world, "2026-11-23T19:30:00+08:00"));
        jump(&mut world, jump_ms);
        world.run_to(bank_at(&world, "2026-11-23T19:55:00+08:00"));
        let refund = request(&mut world, payment, 800, 1);
        world.run_to(bank_at(&world, "2026-11-23T22:09:50+08:00"));
        assert_eq!((acted(&world), steps(&mut world, refund)), (0, vec![]), "{jump_ms}");
        world.run_to(bank_at(&world, "2026-11-23T22:15:00+08:00"));
        assert_eq!(steps(&mut world, refund), [("refund".to_owned(), "accepted".to_owned())], "{jump_ms}");
    }
}

/// F18: the batch ends 40 minutes late. By the calendar the refund may go at 22:10; the bank shows
/// the sale locked, so it waits on and goes by the state after the batch.
#[test]
fn f18_a_refund_waits_for_a_batch_that_ends_late() {
    let mut world = World::new(START, 43);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    world.control("batch", &json!({ "bank": "ctbc", "shop": "10000", "end_late_minutes": 40 }));
    world.run_to(at("2026-11-23T19:55:00+08:00"));
    let refund = request(&mut world, payment, 800, 1);
    world.run_to(at("2026-11-23T22:20:00+08:00"));
    assert_eq!((acted(&world), steps(&mut world, refund)), (0, vec![]));
    assert_eq!(waits(&mut world, refund).map(|(text, _)| text.contains("正在處理這一筆")), Some(true));
    world.run_to(at("2026-11-23T23:30:00+08:00"));
    assert_eq!(steps(&mut world, refund), [("refund".to_owned(), "accepted".to_owned())]);
    world.run_to(at("2026-11-25T02:00:00+08:00"));
    assert_eq!((state(&mut world, refund), given_back(&world, payment)), (RefundState::Done, 800));
}

/// F18: the bank's batch starts between the inquiry and the write, before its published time: it
/// says so, and the step goes again after the lock, by a new plan.
#[test]
fn f18_a_step_that_meets_the_batch_waits_and_is_planned_again() {
    for code in ["code:3/40", "code:3/31"] {
        let mut world = World::new(START, 44);
        let payment = paid(&mut world, Rail::CtbcCard, 800);
        world.run_to(at("2026-11-24T09:00:00+08:00"));
        fault(&world, code, "Refund", 1);
        let refund = request(&mut world, payment, 300, 1);
        world.run_secs(60);
        assert_eq!(steps(&mut world, refund), [("refund".to_owned(), "not-now".to_owned())], "{code}");
        let until = waits(&mut world, refund).map(|(_, until)| until.as_str() >= "2026-11-24T09:30:00+08:00");
        assert_eq!((until, acted(&world)), (Some(true), 0), "{code}");
        world.run_secs(3_600);
        assert_eq!((state(&mut world, refund), acted(&world)), (RefundState::AtBank, 1), "{code}");
    }
}
