//! A bank that refuses (money rules 3 and 7), and what is left for a person when it contradicts
//! itself.

use std::cell::RefCell;
use std::rc::Rc;

use counterfoil_domain::{
    Bank, DiscrepancyKind, OperationKind, OperationState, PaymentId, PaymentState, Rail, View,
};
use counterfoil_engine::ports::{BankRequest, Inquiry, Page, RefusalOf, Said, Store};
use counterfoil_tests::ledger;
use counterfoil_tests::world::World;
use serde_json::{Value, json};

use crate::seen::{
    accounts, all_discrepancies, calls, cancel, coverage, discrepancies, fault, gaps, number, operations,
    reissue,
};

const START: &str = "2026-11-23T09:00:00+08:00";
const CREATE: OperationKind = OperationKind::IssueAccount;

fn refuses(world: &World, code: Option<&str>) {
    world.control("switch", &json!({ "refuse_all": code.map_or(Value::Null, Into::into) }));
}

fn refused(world: &mut World) -> Option<String> {
    world.engine().health().of(Bank::Sinopac).refused.as_ref().map(|refused| refused.code.clone())
}

/// Questions of every kind that reached the bank.
fn questions(world: &World) -> usize {
    ["OrderQuery", "OrderPayQuery", "OrderUnCapturedQuery"]
        .into_iter()
        .map(|service| calls(world, service))
        .sum()
}

fn needs_me(world: &mut World) -> usize {
    let now = world.clocks();
    let page = Page { limit: 50, ..Page::default() };
    world.engine().store().orders_in(View::NeedsMe, now.wall, page).unwrap().len()
}

/// A contract that was closed, for an hour or a night: one question finds out when it is over, and
/// nothing is left of it.
#[test]
fn a_shop_that_is_refused_asks_one_question_and_is_well_at_once_when_it_is_over() {
    for (hours, looks) in [(1, false), (8, false), (8, true)] {
        let case = format!("{hours} h, looks {looks}");
        let mut world = World::new(START, 31);
        let sold = accounts(&mut world, 20);
        world.run_secs(1_800);
        refuses(&world, Some("E0102"));
        world.pay(sold[7]);
        let before = questions(&world);
        world.run_secs(360);
        assert_eq!(refused(&mut world).as_deref(), Some("E0102"), "{case}");
        world.run_secs(hours * 3_600 - 360);
        let asked = questions(&world) - before;
        assert!((4..60).contains(&asked), "{case}: {asked} questions in all");
        assert_eq!(refused(&mut world).as_deref(), Some("E0102"), "{case}");
        assert_eq!(world.state(sold[7]), PaymentState::Awaiting, "{case}");
        refuses(&world, None);
        if looks {
            // a key press: polled at once, and the answer ends it
            let now = world.clocks();
            world.engine().watch(now, sold[0]).unwrap();
            world.run_secs(2);
            let now = world.clocks();
            world.engine().unwatch(now, sold[0]).unwrap();
        } else {
            let mut secs = 0;
            while refused(&mut world).is_some() {
                assert!(secs < 15 * 60 + 5, "{case}");
                world.run_secs(1);
                secs += 1;
            }
        }
        assert_eq!(refused(&mut world), None, "{case}");
        let before = questions(&world);
        world.run_secs(120);
        assert_eq!(world.state(sold[7]), PaymentState::Paid, "{case}");
        assert_eq!((gaps(&mut world), all_discrepancies(&mut world)), (vec![], vec![]), "{case}");
        assert!(questions(&world) - before <= 100, "{case}: {}", questions(&world) - before);
        world.run_secs(3 * 86_400);
        assert_eq!(all_discrepancies(&mut world), [], "{case}");
    }
}

/// A hiccup that the code does not explain.
#[test]
fn six_minutes_of_system_errors_leave_nothing_behind() {
    let mut world = World::new(START, 32);
    let sold = accounts(&mut world, 20);
    world.run_secs(4 * 3_600);
    refuses(&world, Some("E9999"));
    world.pay(sold[3]);
    let before = questions(&world);
    world.run_secs(360);
    assert!(questions(&world) - before < 10, "{}", questions(&world) - before);
    refuses(&world, None);
    world.run_secs(16 * 60);
    assert_eq!(refused(&mut world), None);
    assert_eq!(world.state(sold[3]), PaymentState::Paid);
    world.run_secs(1_800);
    assert_eq!((gaps(&mut world), all_discrepancies(&mut world)), (vec![], vec![]));
    let spans = world.engine().store().covered_by_number(Bank::Sinopac).unwrap();
    assert_eq!(spans, [], "no minute was split or asked by number");
}

/// Refusals are answers, and prove nothing: after ten of them a person is asked.
#[test]
fn an_unclear_create_whose_readings_are_all_refused_needs_a_person() {
    let mut world = World::new(START, 33);
    fault(&world, "drop-before", "OrderCreate", 1);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(1);
    world.tamper = Some(Box::new(|request, reply| {
        if matches!(request, BankRequest::Ask(Inquiry::Order { .. })) {
            reply.said = Said::Refused(RefusalOf::Question);
            reply.code = "E2601".into();
        }
    }));
    world.run_secs(6 * 86_400);
    assert_eq!(operations(&mut world, sold.payment, CREATE), [(OperationState::NeedsPerson, 1)]);
    assert_eq!(world.state(sold.payment), PaymentState::Issuing, "nothing is claimed about it");
    assert_eq!(discrepancies(&mut world, sold.payment), [DiscrepancyKind::StaysUnknown]);
    assert_eq!(needs_me(&mut world), 1);
    // the bank answers again: it proves that there is nothing
    world.tamper = None;
    world.run_secs(4 * 86_400);
    assert_eq!(operations(&mut world, sold.payment, CREATE), [(OperationState::DidNotHappen, 1)]);
    assert_eq!(world.state(sold.payment), PaymentState::NotIssued);
    assert_eq!(discrepancies(&mut world, sold.payment), [], "and no person is asked any more");
}

/// A create that waits for a person, and then the bank says clearly what it is.
#[test]
fn what_a_person_was_asked_is_still_read_out() {
    let mut world = World::new(START, 34);
    fault(&world, "drop-after", "OrderCreate", 1);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(2);
    let plant = |world: &World, amount: i64| {
        world.control("plant", &json!({ "order": number(world, sold.payment), "amount": amount }));
    };
    plant(&world, 101);
    world.run_secs(6 * 86_400);
    assert_eq!(operations(&mut world, sold.payment, CREATE), [(OperationState::NeedsPerson, 1)]);
    plant(&world, 100);
    world.pay(sold.payment);
    world.run_secs(2 * 86_400);
    assert_eq!(operations(&mut world, sold.payment, CREATE), [(OperationState::Accepted, 1)]);
    assert!(world.state(sold.payment).has_money(), "{:?}", world.state(sold.payment));
    assert_eq!(ledger::must_fit(world.folder()), 1);
}

/// A row that contradicts itself, or has an unlisted state, does not prove that the account was
/// opened.
#[test]
fn an_odd_row_proves_no_create() {
    let odd = [
        (json!({ "state": "1A777" }), DiscrepancyKind::UnlistedState),
        (
            json!({ "state": "1A200", "created_at": "2026-11-23T09:05:00+08:00", "paid_at": "2026-11-23T08:59:00+08:00" }),
            DiscrepancyKind::PaidBeforeCreated,
        ),
    ];
    for (mut planted, discrepancy) in odd {
        let mut world = World::new(START, 35);
        fault(&world, "drop-after", "OrderCreate", 1);
        let sold = world.sell(Rail::SinopacAccount, 100);
        world.run_secs(2);
        planted["order"] = number(&world, sold.payment).into();
        world.control("plant", &planted);
        world.run_secs(1_800);
        assert_eq!(
            operations(&mut world, sold.payment, CREATE),
            [(OperationState::Unknown, 1)],
            "{discrepancy:?}"
        );
        assert_eq!(world.state(sold.payment), PaymentState::Issuing, "{discrepancy:?}");
        assert_eq!(discrepancies(&mut world, sold.payment), [discrepancy], "listed once");
        if discrepancy == DiscrepancyKind::UnlistedState {
            world.control("plant", &json!({ "order": number(&world, sold.payment), "state": "1A200" }));
            world.run_secs(3_600);
            assert_eq!(world.state(sold.payment), PaymentState::Awaiting, "{discrepancy:?}");
        }
    }
}

/// Late money stays with a person, whatever the bank does with it.
#[test]
fn late_money_stays_in_needs_me_when_it_is_paid_out() {
    let mut world = World::new(START, 36);
    world.control("switch", &json!({ "settle_days": 1 }));
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(5);
    cancel(&mut world, sold.payment);
    world.run_secs(60);
    assert_eq!((world.state(sold.payment), needs_me(&mut world)), (PaymentState::Cancelled, 0));
    world.pay(sold.payment);
    world.run_secs(3_600);
    assert_eq!((world.state(sold.payment), needs_me(&mut world)), (PaymentState::PaidLate, 1));
    world.run_secs(5 * 86_400);
    assert_eq!((world.state(sold.payment), needs_me(&mut world)), (PaymentState::Settled, 1));
    assert!(world.payment(sold.payment).late);
    assert_eq!(ledger::must_fit(world.folder()), 1, "posted once");
}

/// An authorization that lapsed at the bank ends the payment: the order may go on.
#[test]
fn a_released_card_may_be_issued_anew() {
    let mut world = World::new(START, 37);
    let sold = world.sell(Rail::SinopacCard, 100);
    world.run_secs(5);
    assert!(!reissue(&mut world, sold.payment));
    world.control("plant", &json!({ "order": number(&world, sold.payment), "state": "1C351" }));
    world.run_secs(120);
    assert_eq!(world.state(sold.payment), PaymentState::Released);
    assert!(reissue(&mut world, sold.payment));
    let again: PaymentId = world.try_sell(sold.order, true, Rail::SinopacCard, 100).unwrap().payment;
    world.run_secs(3);
    assert_eq!(world.state(again), PaymentState::Awaiting);
}

/// A window that hung again and again waits a quarter of an hour, but only while the bank answers
/// no other one.
#[test]
fn a_window_that_hung_is_asked_again_soon_after_the_bank_answers_another() {
    let mut world = World::new(START, 70);
    let sold = world.sell(Rail::SinopacAccount, 100).payment;
    world.run_secs(2 * 3_600 + 150);
    world.pay(sold);
    fault(&world, "drop-after", "OrderQuery", 5);
    world.run_secs(15 * 60);
    assert_eq!(world.state(sold), PaymentState::Paid);
}

/// What the program before kept of a refusal ends with the first answer of this one.
#[test]
fn a_refusal_that_ended_while_the_program_was_closed_is_said_no_more() {
    let mut world = World::new(START, 39);
    accounts(&mut world, 2);
    world.run_secs(120);
    refuses(&world, Some("E0102"));
    world.run_secs(400);
    assert!(refused(&mut world).is_some());
    world.end();
    refuses(&world, None);
    world.open();
    assert!(refused(&mut world).is_some(), "as it was seen last");
    world.run_secs(60);
    assert_eq!(refused(&mut world), None);
    assert_eq!(world.engine().store().kept_refusal(Bank::Sinopac).unwrap(), None);
}

/// Answers to these questions of SinoPac are refusals that do not say of what; each is written
/// down.
fn refuse_unclearly(world: &mut World, refused: fn(&Inquiry) -> bool) -> Rc<RefCell<Vec<Inquiry>>> {
    let asked = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&asked);
    world.tamper = Some(Box::new(move |request, reply| {
        let BankRequest::Ask(inquiry) = request else { return };
        if refused(inquiry) {
            log.borrow_mut().push(inquiry.clone());
            reply.said = Said::Refused(RefusalOf::Unclear);
            reply.code = "E3604".into();
        }
    }));
    asked
}

/// Three in a row are of the shop, wherever they come from.
#[test]
fn three_refusals_that_do_not_say_of_what_are_of_the_shop() {
    let mut world = World::new(START, 36);
    let sold = world.sell(Rail::SinopacAccount, 100).payment;
    world.run_secs(30);
    let asked = refuse_unclearly(&mut world, |inquiry| matches!(inquiry, Inquiry::Order { .. }));
    let now = world.clocks();
    world.engine().watch(now, sold).unwrap();
    while asked.borrow().len() < 3 {
        assert_eq!(refused(&mut world), None, "{} refusals", asked.borrow().len());
        world.run_secs(1);
    }
    world.run_secs(1);
    assert_eq!(refused(&mut world).as_deref(), Some("E3604"));
    world.tamper = None;
    world.run_secs(20 * 60);
    assert_eq!((refused(&mut world), gaps(&mut world)), (None, vec![]));
}

/// The first question of a program has the nonce that the last question of another had: it goes
/// again at once, and no screen says anything. A bank that refuses every nonce refuses the shop.
#[test]
fn a_refused_nonce_is_asked_again_at_once_and_the_third_in_a_row_is_of_the_shop() {
    let mut world = World::new(START, 39);
    world.sell(Rail::SinopacAccount, 100);
    world.run_secs(1_800);
    for (refusals, then) in [(2, None), (3, Some("E3001"))] {
        world.end();
        fault(&world, "code:E3001", "OrderQuery", refusals);
        let before = questions(&world);
        world.open();
        world.run_secs(10);
        assert!(questions(&world) > before + usize::try_from(refusals).unwrap() - 1, "{refusals}");
        assert_eq!(refused(&mut world).as_deref(), then, "{refusals}");
        world.run_secs(600);
        assert_eq!((refused(&mut world), gaps(&mut world)), (None, vec![]));
    }
}

/// A window that is refused three times: a number is asked, and its answer shows that the refusal
/// was of the window. It is split, and its minutes are covered by number in the end.
#[test]
fn a_window_that_is_refused_is_split_when_another_question_is_answered() {
    let mut world = World::new(START, 37);
    world.sell(Rail::SinopacAccount, 100);
    world.run_secs(3_600);
    let asked = refuse_unclearly(&mut world, |inquiry| matches!(inquiry, Inquiry::Paid { .. }));
    for _ in 0..12 * 60 {
        world.run_secs(60);
        assert_eq!(refused(&mut world), None, "a number was answered");
    }
    assert!(asked.borrow().len() > 6, "{}", asked.borrow().len());
    assert!(!coverage(&mut world).by_number.is_empty());
    world.tamper = None;
    world.run_secs(3_600);
    assert_eq!(gaps(&mut world), []);
}

/// Without a number of ours at SinoPac the other question is its last minute: refused as well, the
/// refusal is of the shop.
#[test]
fn a_window_that_is_refused_like_the_last_minute_is_refused_to_the_shop() {
    let mut world = World::new(START, 38);
    world.sell(Rail::CtbcCard, 300);
    world.run_secs(600);
    let asked = refuse_unclearly(&mut world, |inquiry| matches!(inquiry, Inquiry::Paid { .. }));
    let one_minute = |asked: &RefCell<Vec<Inquiry>>| match asked.borrow().last() {
        Some(Inquiry::Paid { span, .. }) if span.from == span.to => Some(span.from),
        Some(_) | None => None,
    };
    let mut secs = 0;
    while one_minute(&asked).is_none() {
        assert!(secs < 3_600, "{:?}", asked.borrow());
        assert_eq!(refused(&mut world), None, "{:?}", asked.borrow());
        world.run_secs(1);
        secs += 1;
    }
    assert_eq!(one_minute(&asked), Some(world.now.minute().plus(-1)));
    world.run_secs(62);
    assert_eq!(refused(&mut world).as_deref(), Some("E3604"));
    world.tamper = None;
    world.run_secs(20 * 60);
    assert_eq!((refused(&mut world), gaps(&mut world)), (None, vec![]));
}

/// Refused readings of an unclear create are days apart in the end; silent ones come every minute.
#[test]
fn refused_readings_are_far_apart_and_silent_ones_are_not() {
    for silent in [false, true] {
        let mut world = World::new(START, 40);
        fault(&world, "drop-before", "OrderCreate", 1);
        world.sell(Rail::SinopacAccount, 100);
        // three of its readings have shown nothing
        world.run_secs(14 * 60);
        let asked = Rc::new(RefCell::new(0));
        let count = Rc::clone(&asked);
        world.tamper = Some(Box::new(move |request, reply| {
            if matches!(request, BankRequest::Ask(Inquiry::Order { .. })) {
                *count.borrow_mut() += 1;
                reply.said = if silent { Said::Silent } else { Said::Refused(RefusalOf::Question) };
            }
        }));
        world.run_secs(2 * 3_600);
        let asked = *asked.borrow();
        assert!(if silent { asked > 100 } else { asked < 5 }, "silent {silent}: {asked}");
    }
}

/// While the shop is refused the reading before a write is its one question too.
#[test]
fn a_cancel_at_a_bank_that_refuses_waits_for_the_one_question() {
    let mut world = World::new(START, 41);
    let sold = world.sell(Rail::SinopacAccount, 100).payment;
    world.run_secs(1_800);
    refuses(&world, Some("E0102"));
    world.run_secs(8 * 60);
    assert!(refused(&mut world).is_some());
    // after three of them the next is fifteen minutes away
    let mut before = questions(&world);
    while questions(&world) == before {
        world.run_secs(1);
    }
    before = questions(&world);
    world.run_secs(60);
    cancel(&mut world, sold);
    world.run_secs(4 * 60);
    assert_eq!(questions(&world), before);
    refuses(&world, None);
    world.run_secs(16 * 60);
    assert_eq!(world.state(sold), PaymentState::Cancelled);
}
