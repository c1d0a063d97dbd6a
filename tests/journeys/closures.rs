//! A shop that was closed: what fell due meanwhile is asked at the start, however long it was
//! (money rules 3 and 6).

use std::cell::RefCell;
use std::rc::Rc;

use counterfoil_banks::ctbc::{Action, Found};
use counterfoil_domain::{
    CardState, DiscrepancyKind, OperationKind, OperationState, PaymentState, Rail, Twd,
};
use counterfoil_engine::Step;
use counterfoil_engine::ports::{BankRequest, Inquiry, Said, Store};
use counterfoil_tests::world::{World, at};
use futures_util::FutureExt;
use serde_json::json;

use crate::ctbc::opened;
use crate::seen::{all_discrepancies, calls, fault, gaps, operations, reissue, secs_until};

const START: &str = "2026-11-23T09:00:00+08:00";

/// Closed for so many minutes.
fn closed(world: &mut World, mins: i64) {
    world.end();
    world.sleep_to(world.now.plus_mins(mins));
    world.open();
}

#[test]
fn a_lost_account_is_read_out_at_the_start() {
    for hours in [2, 14, 30] {
        let mut world = World::new(START, 51);
        fault(&world, "drop-after", "OrderCreate", 1);
        let sold = world.sell(Rail::SinopacAccount, 100);
        world.run_secs(2);
        assert_eq!(world.state(sold.payment), PaymentState::Issuing);
        closed(&mut world, hours * 60);
        world.run_secs(60);
        assert_eq!(world.state(sold.payment), PaymentState::Awaiting, "closed {hours} h");
    }
}

#[test]
fn what_ran_out_meanwhile_has_run_out_at_the_start_and_may_be_issued_anew() {
    let closures = [
        (Rail::SinopacAccount, 5),
        (Rail::SinopacCard, 1),
        (Rail::SinopacCard, 15),
        (Rail::SinopacAccount, 18),
        (Rail::CtbcCard, 20),
        (Rail::SinopacAccount, 60),
    ];
    for (rail, days) in closures {
        let mut world = World::new(START, 52);
        let sold = world.sell(rail, 100);
        world.run_secs(10);
        closed(&mut world, days * 24 * 60);
        world.run_secs(120);
        assert_eq!(world.state(sold.payment), PaymentState::Expired, "{rail:?} closed {days} days");
        assert!(reissue(&mut world, sold.payment), "{rail:?} closed {days} days");
        assert_eq!(counterfoil_tests::ledger::must_fit(world.folder()), 0, "{rail:?} closed {days} days");
    }
}

#[test]
fn money_of_a_long_holiday_is_seen_at_the_start() {
    let mut world = World::new(START, 53);
    let [in_time, late] = [100, 200].map(|dollars| world.sell(Rail::SinopacAccount, dollars).payment);
    world.run_secs(10);
    world.end();
    world.sleep_to(world.now.plus_days(1));
    // no program has the file open: only the bank's books know
    let orders = world.books();
    let pay = |world: &World, dollars: i64| {
        let line = orders.iter().find(|line| line.amount == dollars).unwrap();
        world.control("pay", &json!({ "order": line.order }));
    };
    pay(&world, 100);
    world.sleep_to(world.now.plus_days(8));
    pay(&world, 200);
    world.sleep_to(world.now.plus_days(9));
    world.open();
    world.run_secs(300);
    assert_eq!((world.state(in_time), world.state(late)), (PaymentState::Paid, PaymentState::PaidLate));
    world.run_secs(1_800);
    assert_eq!(gaps(&mut world), []);
    assert_eq!(counterfoil_tests::ledger::must_fit(world.folder()), 2);
}

/// A refund in the bank's own back office: asked about after each batch, until one has moved it.
#[test]
fn a_card_in_refund_is_followed_until_the_bank_has_refunded_it() {
    let mut world = World::new(START, 54);
    world.control("switch", &json!({ "refund_cover": false }));
    let sold = opened(&mut world, 100);
    world.card_control("pay", sold.payment, &json!({}));
    world.run_to(at("2026-11-24T14:00:00+08:00"));
    let payment = world.payment(sold.payment);
    assert_eq!(payment.card, Some(CardState::Captured));
    let adapter = world.card_adapter();
    let found = adapter.inquire(&payment.bank_order_no, payment.amount, None).now_or_never().unwrap().found;
    let Found::Row(row) = found else { panic!("{found:?}") };
    let refund = Action::Refund { amount: Twd::new(40) };
    adapter.manage(refund, payment.amount, &row.handles.unwrap()).now_or_never().unwrap();
    let now = world.clocks();
    world.engine().watch(now, sold.payment).unwrap();
    world.run_secs(10);
    let now = world.clocks();
    world.engine().unwatch(now, sold.payment).unwrap();
    assert_eq!(world.payment(sold.payment).card, Some(CardState::RefundQueued));
    world.run_to(at("2026-11-24T23:00:00+08:00"));
    assert_eq!(world.payment(sold.payment).card, Some(CardState::Refunded), "after the batch of the evening");
    assert_eq!(world.state(sold.payment), PaymentState::Paid);
    let discrepancies = all_discrepancies(&mut world);
    assert!(
        !discrepancies.is_empty()
            && discrepancies.iter().all(|kind| *kind == DiscrepancyKind::RefundedOutside),
        "{discrepancies:?}"
    );
}

/// What was sold a moment before a start is looked for as if there had been none; a card of the
/// other bank is not.
#[test]
fn a_start_looks_for_what_was_just_sold() {
    for rail in [Rail::SinopacAccount, Rail::CtbcCard] {
        let mut world = World::new(START, 55);
        let sold = world.sell(rail, 100).payment;
        world.run_secs(90);
        closed(&mut world, 0);
        world.run_secs(5);
        let windows = calls(&world, "OrderQuery");
        if rail == Rail::SinopacAccount {
            world.pay(sold);
            let secs = secs_until(&mut world, sold, PaymentState::Paid, 60);
            assert!(secs <= 31, "{secs} s");
        } else {
            world.run_secs(600);
            assert_eq!(calls(&world, "OrderQuery") - windows, 2, "the sweep alone");
        }
    }
}

/// The form of a sale is there after a start too, until its time is over by a clock that the bank
/// has set: this computer's alone may be hours ahead.
#[test]
fn a_form_is_handed_out_after_a_start() {
    for (mins, answered, is_wanted) in
        [(5, true, true), (5, false, true), (40, true, false), (40, false, true), (8 * 60, false, true)]
    {
        let mut world = World::new(START, 56);
        let sold = world.sell(Rail::CtbcCard, 100).payment;
        closed(&mut world, mins);
        if answered {
            world.run_secs(5);
        }
        assert_eq!(world.hand_out(sold).is_some(), is_wanted, "{mins} min, answered: {answered}");
    }
}

/// A window of a long closure that hangs waits longer and longer, and looks go on meanwhile.
#[test]
fn looks_go_on_beside_a_window_that_hangs() {
    let mut world = World::new(START, 57);
    world.run_secs(60);
    closed(&mut world, 3 * 60);
    let asked = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&asked);
    let start = world.now;
    world.tamper = Some(Box::new(move |request, reply| {
        if let BankRequest::Ask(Inquiry::Paid { span, .. }) = request {
            // the looks and the later windows are short
            if span.to.minutes() - span.from.minutes() > 60 {
                log.borrow_mut().push(reply.bank_now.unwrap().ms_since(start) / 60_000);
                reply.said = Said::Silent;
            } else if let Said::Rows(rows) = &reply.said
                && rows.is_empty()
            {
                reply.said = Said::Silent;
            }
        }
    }));
    let sold = world.sell(Rail::SinopacAccount, 100).payment;
    world.run_secs(100);
    world.pay(sold);
    let secs = secs_until(&mut world, sold, PaymentState::Paid, 60);
    assert!(secs <= 31, "{secs} s");
    world.run_secs(60 * 60);
    assert_eq!(*asked.borrow(), [0, 1, 6, 11, 16, 31, 46, 61], "minutes");
}

/// The program ended between the claim of a create and its answer: it is unclear from the start on,
/// and read out.
#[test]
fn a_create_that_was_being_sent_at_the_end_is_unclear_at_the_start() {
    for arrived in [true, false] {
        let mut world = World::new(START, 58);
        world.run_secs(5);
        let sold = world.sell(Rail::SinopacAccount, 100).payment;
        let now = world.clocks();
        let Step::Send(call) = world.engine().step(now).unwrap() else { panic!("the create goes") };
        assert!(call.is_write);
        if arrived {
            world.call(call.bank, call.request);
        }
        let create = OperationKind::IssueAccount;
        assert_eq!(operations(&mut world, sold, create), [(OperationState::Sending, 1)]);
        closed(&mut world, 1);
        assert_eq!(operations(&mut world, sold, create), [(OperationState::Unknown, 1)]);
        let id = world.engine().store().operations_of(sold).unwrap()[0].id;
        let answers = world.engine().store().answers_of(id).unwrap();
        assert_eq!(answers.iter().map(|one| one.code.as_str()).collect::<Vec<_>>(), ["ended"]);
        let (days, state) = if arrived { (1, PaymentState::Awaiting) } else { (3, PaymentState::NotIssued) };
        world.run_secs(days * 86_400);
        assert_eq!(world.state(sold), state);
    }
}
