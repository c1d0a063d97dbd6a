//! Cancelling (money rules 3): what the bank puts off goes again at its time, what is lost is read
//! out, and nothing is sent that does not rest on a fresh reading that fits.

use counterfoil_commands::Note;
use counterfoil_domain::{
    BankState, DiscrepancyKind, OperationKind, OperationState, PaymentId, PaymentState, Rail, Seen,
};
use counterfoil_engine::ports::{BankRequest, Inquiry, Store, Write};
use counterfoil_engine::{BankCall, CancelStarted, Step};
use counterfoil_tests::world::World;
use serde_json::json;

use crate::seen::{all_discrepancies, calls, cancel, discrepancies, fault, note, number, operations};

const START: &str = "2026-11-23T09:00:00+08:00";
const CANCEL: OperationKind = OperationKind::CancelAccount;

/// A shop with one account that waits.
fn waiting(seed: u64) -> (World, PaymentId) {
    let mut world = World::new(START, seed);
    let sold = world.sell(Rail::SinopacAccount, 500);
    world.run_secs(5);
    assert_eq!(world.state(sold.payment), PaymentState::Awaiting);
    (world, sold.payment)
}

fn cancels(world: &mut World, payment: PaymentId) -> Vec<(OperationState, u32)> {
    operations(world, payment, CANCEL)
}

/// The next call that goes out, without its answer.
pub(crate) fn next_call(world: &mut World) -> BankCall {
    loop {
        let now = world.clocks();
        match world.engine().step(now).unwrap() {
            Step::Send(call) => return call,
            Step::Wait(at) => world.sleep_to(world.now.plus_ms(at.ms_since(now.mono))),
            Step::Idle => panic!("nothing to send"),
        }
    }
}

#[test]
fn what_the_bank_puts_off_goes_again_at_its_time_also_after_a_start() {
    for restart in [false, true] {
        let (mut world, payment) = waiting(61);
        fault(&world, "code:E3001", "OrderMaintain", 2);
        cancel(&mut world, payment);
        world.run_secs(5);
        assert_eq!(cancels(&mut world, payment), [(OperationState::NotNow, 1)]);
        if restart {
            world.end();
            world.open();
        }
        world.run_secs(50);
        assert_eq!(cancels(&mut world, payment), [(OperationState::NotNow, 1)], "not before its minute");
        world.run_secs(15);
        assert_eq!(cancels(&mut world, payment), [(OperationState::NotNow, 2)]);
        if restart {
            world.end();
            world.open();
        }
        world.run_secs(4 * 60);
        assert_eq!(
            cancels(&mut world, payment),
            [(OperationState::NotNow, 2)],
            "nor before its five minutes"
        );
        assert_eq!(note(&mut world, payment), Some(Note::BeingCancelled));
        world.run_secs(70);
        assert_eq!(cancels(&mut world, payment), [(OperationState::Accepted, 3)]);
        assert_eq!(world.state(payment), PaymentState::Cancelled);
    }
}

#[test]
fn after_its_attempts_a_person_is_asked_and_may_press_the_key_again() {
    let (mut world, payment) = waiting(62);
    fault(&world, "code:E3001", "OrderMaintain", 500);
    let first = cancel(&mut world, payment);
    assert_eq!(cancel(&mut world, payment), first, "pressed twice is pressed once");
    let mut hours = 0;
    while cancels(&mut world, payment)[0].0 != OperationState::NeedsPerson {
        assert!(hours < 60, "{:?}", cancels(&mut world, payment));
        world.run_secs(3_600);
        hours += 1;
    }
    assert_eq!(cancels(&mut world, payment), [(OperationState::NeedsPerson, 20)]);
    assert_eq!(note(&mut world, payment), None, "nothing is on its way");
    assert_eq!(world.state(payment), PaymentState::Awaiting);
    world.control("faults", &json!({ "clear": true }));
    let again = cancel(&mut world, payment);
    assert!(matches!(again, CancelStarted::Planned(_)) && again != first, "{again:?}");
    world.run_secs(10);
    assert_eq!(cancels(&mut world, payment).last(), Some(&(OperationState::Accepted, 1)));
    assert_eq!(calls(&world, "OrderMaintain"), 21);
    assert_eq!(world.state(payment), PaymentState::Cancelled);
}

#[test]
fn a_lost_cancel_did_not_happen_when_the_account_waits_at_two_readings_ten_minutes_apart() {
    let (mut world, payment) = waiting(63);
    fault(&world, "drop-before", "OrderMaintain", 1);
    cancel(&mut world, payment);
    world.run_secs(5);
    assert_eq!(cancels(&mut world, payment), [(OperationState::Unknown, 1)]);
    let snapshot = |world: &mut World| {
        let all = world.engine().store().operations_of(payment).unwrap();
        all.into_iter().find(|op| op.kind == CANCEL).unwrap().snapshot
    };
    assert_eq!(
        snapshot(&mut world),
        Some(Seen::of_sinopac(BankState::Waiting)),
        "what it was sent upon is kept"
    );
    // a start in between: the proof is in the file
    world.run_secs(12 * 60);
    world.end();
    world.open();
    world.run_secs(7 * 60);
    assert_eq!(cancels(&mut world, payment), [(OperationState::Unknown, 1)], "one reading proves nothing");
    world.run_secs(5 * 60);
    assert_eq!(cancels(&mut world, payment), [(OperationState::DidNotHappen, 1)]);
    assert_eq!((world.state(payment), all_discrepancies(&mut world)), (PaymentState::Awaiting, vec![]));
    cancel(&mut world, payment);
    world.run_secs(5);
    assert_eq!(world.state(payment), PaymentState::Cancelled);
}

/// The computer slept between the reading and the request.
#[test]
fn a_request_does_not_rest_on_a_reading_that_is_ten_minutes_old() {
    for (mins, fresh) in [(9, true), (11, false)] {
        let (mut world, payment) = waiting(64);
        world.run_secs(20);
        cancel(&mut world, payment);
        let read = next_call(&mut world);
        assert!(matches!(read.request, BankRequest::Ask(Inquiry::Order { .. })), "{:?}", read.request);
        let reply = world.call(read.bank, read.request.clone());
        let now = world.clocks();
        world.engine().answered(now, read.ticket, &reply).unwrap();
        world.sleep_to(world.now.plus_mins(mins));
        let next = next_call(&mut world);
        assert_eq!(
            matches!(next.request, BankRequest::Write(Write::Manage { .. })),
            fresh,
            "{mins}: {:?}",
            next.request
        );
        assert_eq!(
            matches!(next.request, BankRequest::Ask(Inquiry::Order { .. })),
            !fresh,
            "{mins}: {:?}",
            next.request
        );
    }
}

#[test]
fn a_reading_before_it_without_an_answer_is_asked_for_again_a_minute_later() {
    let (mut world, payment) = waiting(65);
    fault(&world, "drop-before", "OrderQuery", 1);
    cancel(&mut world, payment);
    world.run_secs(55);
    assert_eq!(cancels(&mut world, payment), [(OperationState::Planned, 0)]);
    assert_eq!(calls(&world, "OrderMaintain"), 0);
    world.run_secs(15);
    assert_eq!(world.state(payment), PaymentState::Cancelled);
}

#[test]
fn a_bank_that_says_another_amount_or_an_impossible_time_is_not_written_to() {
    let planted = [
        (json!({ "amount": 501 }), DiscrepancyKind::AmountDiffers),
        (
            json!({ "state": "1A200", "created_at": "2026-11-23T09:05:00+08:00", "paid_at": "2026-11-23T08:59:00+08:00" }),
            DiscrepancyKind::PaidBeforeCreated,
        ),
    ];
    for (mut planted, discrepancy) in planted {
        let (mut world, payment) = waiting(66);
        planted["order"] = number(&world, payment).into();
        world.control("plant", &planted);
        cancel(&mut world, payment);
        world.run_secs(1_800);
        assert_eq!(calls(&world, "OrderMaintain"), 0, "{discrepancy:?}");
        assert_eq!(discrepancies(&mut world, payment), [discrepancy], "once");
        assert_eq!(world.state(payment), PaymentState::Awaiting, "{discrepancy:?}");
        assert_eq!(note(&mut world, payment), Some(Note::BeingCancelled), "{discrepancy:?}");
        // the bank mends its books
        if discrepancy == DiscrepancyKind::AmountDiffers {
            world.control("plant", &json!({ "order": number(&world, payment), "amount": 500 }));
            world.run_secs(70);
            assert_eq!(world.state(payment), PaymentState::Cancelled, "{discrepancy:?}");
        }
    }
}

/// New orders turn up in the bank's lists minutes later.
#[test]
fn a_cancel_within_the_bank_s_lag_waits_and_says_so() {
    let mut world = World::new(START, 67);
    world.control("switch", &json!({ "late_seconds": 300 }));
    let payment = world.sell(Rail::SinopacAccount, 100).payment;
    world.run_secs(5);
    cancel(&mut world, payment);
    world.run_secs(120);
    assert_eq!(world.state(payment), PaymentState::Awaiting);
    assert_eq!(cancels(&mut world, payment), [(OperationState::Planned, 0)]);
    assert_eq!(note(&mut world, payment), Some(Note::BeingCancelled));
    world.run_secs(260);
    assert_eq!(world.state(payment), PaymentState::Cancelled);
    assert_eq!(note(&mut world, payment), None);
    assert_eq!((calls(&world, "OrderMaintain"), all_discrepancies(&mut world)), (1, vec![]));
}

/// A restart before the bank confirms whether it opened the account: the engine neither gives up
/// the account nor opens it again.
#[test]
fn a_start_does_not_give_up_a_create_that_may_have_arrived() {
    for (kind, ends) in [
        ("drop-before", (OperationState::DidNotHappen, PaymentState::NotIssued)),
        ("drop-after", (OperationState::Accepted, PaymentState::Awaiting)),
    ] {
        let mut world = World::new(START, 68);
        fault(&world, kind, "OrderCreate", 1);
        let payment = world.sell(Rail::SinopacAccount, 100).payment;
        world.run_secs(2);
        world.end();
        world.sleep_to(world.now.plus_mins(3));
        world.open();
        let create = operations(&mut world, payment, OperationKind::IssueAccount);
        assert_eq!(create, [(OperationState::Unknown, 1)], "{kind}");
        assert_eq!(world.state(payment), PaymentState::Issuing, "{kind}");
        let asked = calls(&world, "OrderQuery");
        world.run_secs(10);
        assert!(calls(&world, "OrderQuery") > asked, "{kind}: read at once");
        world.run_secs(30 * 60);
        let create = operations(&mut world, payment, OperationKind::IssueAccount);
        assert_eq!((create, world.state(payment)), (vec![(ends.0, 1)], ends.1), "{kind}");
        assert_eq!(calls(&world, "OrderCreate"), 1, "{kind}: never sent again");
    }
}
