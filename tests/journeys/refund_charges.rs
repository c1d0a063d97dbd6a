//! What was paid or charged twice goes back (money rules 4 and 8): which of the two, asked about by
//! which name, and from where in the books.

use std::cell::RefCell;
use std::rc::Rc;

use counterfoil_commands::{Names, RefundTyped, checked_refund, discrepancy_rows};
use counterfoil_domain::{Actor, DiscrepancyKind, PaymentId, PaymentState, Rail, RefundId, RefundReason};
use counterfoil_domain::{RefundState, Twd};
use counterfoil_engine::ports::{BankRequest, Inquiry, Store};
use counterfoil_engine::{Booking, EngineError, RefundAsked, RefundRefused};
use counterfoil_tests::ledger;
use counterfoil_tests::world::{World, at};
use serde_json::json;

use crate::refunds::{DAY, START, asked, booking, given_back, request, state, steps, with_holidays};
use crate::seen::{discrepancies, fault};

const TUESDAY: &str = "2026-11-24T10:00:00+08:00";

/// A payment with two transactions under its number, by their XIDs.
struct Twice {
    payment: PaymentId,
    own: String,
    other: String,
}

/// The customer posts the form twice and pays both times.
fn charged_twice(world: &mut World, dollars: i64) -> Twice {
    let payment = world.sell(Rail::CtbcCard, dollars).payment;
    let form = world.hand_out(payment).unwrap();
    for _ in 0..2 {
        assert_eq!(world.post_form(&form), 200);
        world.card_control("pay", payment, &json!({}));
    }
    world.run_secs(600);
    assert_eq!(discrepancies(world, payment), [DiscrepancyKind::ChargedTwice]);
    let [charge] = world.engine().store().charges_of(payment).unwrap().try_into().unwrap();
    let own = world.payment(payment).own_xid().unwrap().to_owned();
    assert!(charge.xid != own && charge.amount == Twd::new(dollars), "{charge:?}");
    Twice { payment, own, other: charge.xid }
}

/// An order whose two payments, 900 each, were both paid: the first of them and the second.
fn paid_twice(world: &mut World) -> [PaymentId; 2] {
    world.control("switch", &json!({ "refund_digits": "off" }));
    fault(world, "drop-after", "OrderCreate", 1);
    let lost = world.sell(Rail::SinopacAccount, 900);
    world.run_secs(2);
    let again = world.try_sell(lost.order, true, Rail::SinopacAccount, 900).unwrap();
    world.run_secs(30);
    for payment in [again.payment, lost.payment] {
        world.pay(payment);
        world.run_secs(1_200);
    }
    [again.payment, lost.payment]
}

/// The XIDs that inquiries name from now on.
fn named(world: &mut World) -> Rc<RefCell<Vec<Option<String>>>> {
    let named = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&named);
    world.tamper = Some(Box::new(move |request, _| {
        if let BankRequest::Ask(Inquiry::Card { xid, .. }) = request {
            log.borrow_mut().push(xid.clone());
        }
    }));
    named
}

fn ask(world: &mut World, asked: &RefundAsked) -> RefundId {
    let now = world.clocks();
    world.engine().request_refund(now, asked).unwrap().id
}

/// What the discrepancies of the shop propose to give back: payment, XID, dollars.
fn proposals(world: &mut World) -> Vec<(String, Option<String>, i64)> {
    let rows = discrepancy_rows(world.engine().store(), false, Names::Full).unwrap();
    let all = rows.into_iter().flat_map(|row| row.refunds);
    all.map(|refund| (refund.payment, refund.xid, refund.amount)).collect()
}

/// Asks for what a discrepancy proposes.
fn request_proposed(world: &mut World, id: u8) -> RefundId {
    let (payment, xid, amount) = proposals(world).remove(0);
    let typed = RefundTyped {
        payment,
        xid: xid.unwrap_or_default(),
        amount: amount.to_string(),
        reason: "duplicate".to_owned(),
        note: None,
    };
    let id = RefundId::from_bytes([id; 16]);
    let asked = checked_refund(world.engine().store(), &typed, id, Actor::Owner);
    let asked = asked.unwrap_or_else(|e| panic!("{e:?}"));
    let now = world.clocks();
    world.engine().request_refund(now, &asked).unwrap().id
}

fn sides(debit: &str, credit: &str, dollars: i64) -> ledger::Entry {
    vec![(debit.to_owned(), dollars), (credit.to_owned(), -dollars)]
}

/// Money rules 8: the customer posted the form twice. The second transaction is posted when it is
/// seen, and proposed for a refund by its XID. It goes back from where it was posted: on the day of
/// the sale by a reversal, later by a refund.
#[test]
fn of_two_charges_one_goes_back_by_its_xid() {
    for (when, expected) in [("23T10:00", ["cap-reversal", "reversal"].as_slice()), ("24T10:00", &["refund"])]
    {
        let mut world = World::new(START, 23);
        let Twice { payment, own, other } = charged_twice(&mut world, 300);
        let seen = [sides("receivable.ctbc", "sales", 300), sides("receivable.ctbc", "unexplained", 300)];
        assert_eq!(ledger::entries(world.folder())[&payment], seen);
        world.end();
        world.open();
        world.run_to(at(&format!("2026-11-{when}:00+08:00")));
        assert_eq!(ledger::entries(world.folder())[&payment], seen, "posted once");

        let proposed = (payment.to_string(), Some(other), 300);
        assert_eq!(proposals(&mut world), [proposed]);
        let refund = request_proposed(&mut world, 1);
        assert_eq!(proposals(&mut world), [], "it is asked for");
        world.run_secs(2 * DAY);
        let kinds: Vec<_> = steps(&mut world, refund).into_iter().map(|step| step.0).collect();
        assert_eq!(kinds, expected, "{when}");
        assert_eq!(state(&mut world, refund), RefundState::Done, "{when}");
        let entries = ledger::entries(world.folder());
        assert_eq!(entries[&payment][2..], [sides("unexplained", "receivable.ctbc", 300)]);
        assert_eq!(ledger::must_fit(world.folder()), 3);
        assert_eq!(world.state(payment), PaymentState::Paid);
        // the transaction that is left is the sale: its refund is one of a sale
        let wrong = RefundAsked { xid: "NONE".to_owned(), ..asked(payment, 300, 2) };
        let now = world.clocks();
        let refused = world.engine().request_refund(now, &wrong);
        assert!(matches!(refused, Err(EngineError::Refund(RefundRefused::NoSuchTransaction))), "{refused:?}");
        let own = RefundAsked { xid: own, ..asked(payment, 100, 3) };
        let now = world.clocks();
        world.engine().request_refund(now, &own).unwrap();
        world.run_secs(3 * DAY);
        assert_eq!(state(&mut world, own.id), RefundState::Done);
        let entries = ledger::entries(world.folder());
        assert_eq!(entries[&payment][3..], [sides("refunds", "receivable.ctbc", 100)]);
    }
}

/// One of the two went back at the bank's back office, and is booked: nothing more is proposed.
#[test]
fn what_was_booked_is_not_proposed_once_more() {
    for own_one in [false, true] {
        let mut world = World::new(START, 31);
        let Twice { payment, own, other } = charged_twice(&mut world, 300);
        assert_eq!(proposals(&mut world).len(), 1);
        let booking = Booking { xid: if own_one { own } else { other }, ..booking(payment, 300) };
        let now = world.clocks();
        world.engine().book_refund(now, &booking).unwrap();
        assert_eq!(proposals(&mut world), []);
    }
}

/// The same for two payments of one order at SinoPac.
#[test]
fn of_two_payments_of_an_order_the_second_goes_back() {
    let mut world = World::new(START, 24);
    let [again, lost] = paid_twice(&mut world);
    assert_eq!(ledger::entries(world.folder())[&lost], [sides("receivable.sinopac", "unexplained", 900)]);
    assert_eq!(proposals(&mut world), [(lost.to_string(), None, 900)]);
    let refund = request_proposed(&mut world, 1);
    world.run_secs(2 * DAY);
    assert_eq!((state(&mut world, refund), given_back(&world, lost)), (RefundState::Done, 900));
    assert_eq!(given_back(&world, again), 0);
    let entries = ledger::entries(world.folder());
    assert_eq!(entries[&lost][1..], [sides("unexplained", "receivable.sinopac", 900)]);
    assert_eq!(ledger::must_fit(world.folder()), 3);
}

/// The first of the two payments went back as the double one: the second is not proposed.
#[test]
fn of_two_payments_only_one_is_proposed() {
    let mut world = World::new(START, 29);
    let [again, _] = paid_twice(&mut world);
    assert_eq!(proposals(&mut world).len(), 1);
    request(&mut world, again, 100, 1);
    assert_eq!(proposals(&mut world).len(), 1, "a refund for another reason");
    world.run_secs(2 * DAY);
    let double = RefundAsked { reason: RefundReason::Duplicate, ..asked(again, 800, 2) };
    ask(&mut world, &double);
    assert_eq!(proposals(&mut world), []);
}

/// The answer to the step is lost. By the number alone the bank shows two transactions, which prove
/// nothing: the step is read out by its own XID.
#[test]
fn a_lost_answer_about_the_second_charge_is_read_out_by_its_xid() {
    let mut world = World::new(START, 25);
    let Twice { payment, other, .. } = charged_twice(&mut world, 300);
    world.run_to(at(TUESDAY));
    fault(&world, "drop-after", "Refund", 1);
    let refund = ask(&mut world, &RefundAsked { xid: other.clone(), ..asked(payment, 300, 1) });
    let names = named(&mut world);
    world.run_secs(120);
    assert_eq!(steps(&mut world, refund), [("refund".to_owned(), "accepted".to_owned())]);
    assert!(names.borrow().iter().all(|name| name.as_ref() == Some(&other)), "{:?}", names.borrow());
    world.run_secs(2 * DAY);
    assert_eq!((state(&mut world, refund), given_back(&world, payment)), (RefundState::Done, 300));
}

/// The same of one that never arrived: it goes again, once, when it surely did not happen.
#[test]
fn a_refund_of_the_second_charge_that_never_arrived_goes_again() {
    let mut world = with_holidays(26);
    let Twice { payment, other, .. } = charged_twice(&mut world, 300);
    world.run_to(at(TUESDAY));
    fault(&world, "drop-before", "Refund", 1);
    let refund = ask(&mut world, &RefundAsked { xid: other, ..asked(payment, 300, 1) });
    let names = named(&mut world);
    world.run_secs(3_600);
    assert!(names.borrow().len() < 8, "{} questions in an hour", names.borrow().len());
    world.run_secs(5 * DAY);
    let states: Vec<_> = steps(&mut world, refund).into_iter().map(|step| step.1).collect();
    assert_eq!(states, ["did-not-happen", "accepted"]);
    assert_eq!((state(&mut world, refund), given_back(&world, payment)), (RefundState::Done, 300));
}

/// The same of the sale itself, before the batch: two readings that show no other prove it.
#[test]
fn a_lost_reversal_of_one_of_two_charges_goes_again() {
    let mut world = World::new(START, 30);
    let Twice { payment, .. } = charged_twice(&mut world, 300);
    fault(&world, "drop-before", "Reversal", 1);
    let refund = ask(&mut world, &asked(payment, 300, 1));
    world.run_secs(2 * 3_600);
    let expected = [("cap-reversal", "accepted"), ("reversal", "did-not-happen"), ("reversal", "accepted")];
    let expected = expected.map(|(kind, state)| (kind.to_owned(), state.to_owned()));
    assert_eq!(
        (steps(&mut world, refund), state(&mut world, refund)),
        (expected.to_vec(), RefundState::Done)
    );
}

/// The sale itself goes back: it is asked about by its own XID, and named in no other way in the
/// file.
#[test]
fn the_first_of_two_charges_goes_back_by_its_own_name() {
    for by_name in [false, true] {
        let mut world = World::new(START, 27);
        let Twice { payment, own, .. } = charged_twice(&mut world, 300);
        world.run_to(at(TUESDAY));
        let xid = if by_name { own.clone() } else { String::new() };
        let refund = ask(&mut world, &RefundAsked { xid, ..asked(payment, 300, 1) });
        assert_eq!(world.engine().store().refund(refund).unwrap().unwrap().xid, "");
        let names = named(&mut world);
        world.run_secs(5);
        assert_eq!(names.borrow()[0], Some(own));
        world.run_secs(2 * DAY);
        assert_eq!((state(&mut world, refund), given_back(&world, payment)), (RefundState::Done, 300));
        let entries = ledger::entries(world.folder());
        assert_eq!(entries[&payment][2..], [sides("refunds", "receivable.ctbc", 300)]);
    }
}

/// Whoever refunds the first of the two as the double one means the second: nothing more is
/// proposed, and what goes back after it is a refund of the sale.
#[test]
fn the_double_one_goes_back_once_whichever_is_named() {
    let mut world = World::new(START, 28);
    let Twice { payment, other, .. } = charged_twice(&mut world, 300);
    world.run_to(at(TUESDAY));
    let double = RefundAsked { reason: RefundReason::Duplicate, ..asked(payment, 300, 1) };
    let double = ask(&mut world, &double);
    assert_eq!(proposals(&mut world), []);
    world.run_secs(2 * DAY);
    assert_eq!((state(&mut world, double), proposals(&mut world)), (RefundState::Done, vec![]));
    let sale = ask(&mut world, &RefundAsked { xid: other, ..asked(payment, 300, 2) });
    world.run_secs(2 * DAY);
    assert_eq!(state(&mut world, sale), RefundState::Done);
    let back = [sides("unexplained", "receivable.ctbc", 300), sides("refunds", "receivable.ctbc", 300)];
    assert_eq!(ledger::entries(world.folder())[&payment][2..], back);
}
