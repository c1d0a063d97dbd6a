//! Refunds at their edges: who did what, starts in the middle, a person's words, a transaction that
//! is named, a statement that proves nothing.

use std::cell::RefCell;
use std::rc::Rc;

use counterfoil_domain::refund::{PersonWhy, RefundWhy};
use counterfoil_domain::{
    Actor, DiscrepancyKind, Moment, OperationKind, OperationState, PaymentId, PaymentState, Rail, RefundId,
    RefundState, Twd,
};
use counterfoil_engine::ports::{BankRequest, BillKind, BillRow, Inquiry, Said, Store, Write};
use counterfoil_engine::{BankCall, Decision, EngineError, RefundRefused, Step};
use counterfoil_tests::ledger;
use counterfoil_tests::world::{World, at};
use serde_json::json;

use crate::refunds::{
    DAY, START, TUESDAY, booking, decide, given_back, paid, request, state, steps, wish, withdraw,
};
use crate::seen::{all_discrepancies, fault, number, operations};

/// What was written down of people's acts: what, and by whom.
fn acts(world: &World, prefix: &str) -> Vec<(String, String)> {
    let file = ledger::read(world.folder());
    let mut rows = file.prepare("SELECT what, who FROM audit WHERE what LIKE ?1 ORDER BY seq").unwrap();
    let rows = rows.query_map([format!("{prefix}%")], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Questions about this payment from now on, in seconds since now.
fn questions(world: &mut World, payment: PaymentId) -> Rc<RefCell<Vec<i64>>> {
    let (of, start) = (number(world, payment), world.now);
    let asked = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&asked);
    world.tamper = Some(Box::new(move |request, reply| {
        if let BankRequest::Ask(Inquiry::Order { bank_order_no } | Inquiry::Card { bank_order_no, .. }) =
            request
            && bank_order_no.as_str() == of
        {
            log.borrow_mut().push(reply.bank_now.map_or(0, |date: Moment| date.ms_since(start) / 1_000));
        }
    }));
    asked
}

/// A Refund that no reading can settle, from Tuesday on.
fn undecided(world: &mut World, dollars: i64) -> (PaymentId, RefundId) {
    let payment = paid(world, Rail::CtbcCard, 800);
    world.run_to(at(TUESDAY));
    fault(world, "code:3/53", "Refund", 1);
    let refund = request(world, payment, dollars, 1);
    world.run_secs(3_600);
    assert_eq!(state(world, refund), RefundState::NeedsPerson);
    (payment, refund)
}

#[test]
fn each_act_of_a_person_bears_the_persons_name() {
    let mut world = World::new(START, 1);
    let (_, refund) = undecided(&mut world, 800);
    decide(&mut world, refund, &Decision::NotDone { told_by: "林小姐".to_owned() }).unwrap();
    let free = paid(&mut world, Rail::SinopacCard, 500);
    fault(&world, "drop-before", "OrderQuery", 1);
    let kept = request(&mut world, free, 500, 2);
    withdraw(&mut world, kept).unwrap();
    assert_eq!(state(&mut world, kept), RefundState::Withdrawn);
    let now = world.clocks();
    let booking = booking(free, 100);
    world.engine().book_refund(now, &booking).unwrap();
    let people: Vec<_> =
        acts(&world, "refund").into_iter().filter(|(what, _)| what != "refund-plan").collect();
    assert!(people.iter().all(|(_, who)| who == "owner"), "{people:?}");
    for what in ["refund", "refund-decide", "refund-withdraw", "refund-book"] {
        assert!(people.iter().any(|act| act.0 == what), "{what}");
    }
}

/// The bank confirms on the telephone that it was done.
#[test]
fn a_person_says_that_it_was_done() {
    let mut world = World::new(START, 2);
    let (payment, refund) = undecided(&mut world, 300);
    let before = world.engine().store().refund(refund).unwrap().unwrap();
    let said = Decision::Done { reference: "A123".to_owned() };
    assert_eq!(decide(&mut world, refund, &said).unwrap(), RefundState::Done);
    let row = world.engine().store().refund(refund).unwrap().unwrap();
    assert_eq!((row.until, row.why, row.version), (None, None, before.version + 1));
    let refunds = operations(&mut world, payment, OperationKind::Refund);
    assert_eq!(refunds, [(OperationState::Accepted, 1)]);
    // posted, and over
    let entries = ledger::entries(world.folder()).remove(&payment).unwrap();
    assert_eq!(entries[1], [("refunds".to_owned(), 300), ("receivable.ctbc".to_owned(), -300)]);
    assert!(matches!(
        decide(&mut world, refund, &said),
        Err(EngineError::Refund(RefundRefused::NothingToDecide))
    ));
    world.run_secs(2 * DAY);
    assert_eq!((steps(&mut world, refund).len(), ledger::entries(world.folder())[&payment].len()), (1, 2));
}

/// It is asked about on, and a person has another say.
#[test]
fn a_person_has_the_bank_asked_on() {
    let mut world = World::new(START, 3);
    let (payment, refund) = undecided(&mut world, 800);
    decide(&mut world, refund, &Decision::KeepAsking).unwrap();
    let refunds = operations(&mut world, payment, OperationKind::Refund);
    assert_eq!(refunds, [(OperationState::Unknown, 1)]);
    let asked = questions(&mut world, payment);
    world.run_secs(60);
    assert!(!asked.borrow().is_empty());
    assert_eq!(given_back(&world, payment), 0);
}

/// The weeks that a person took are no weeks of trying.
#[test]
fn a_word_after_weeks_sends_the_step_again() {
    let mut world = World::new(START, 16);
    let (payment, refund) = undecided(&mut world, 800);
    world.run_secs(16 * DAY);
    decide(&mut world, refund, &Decision::NotDone { told_by: "林小姐".to_owned() }).unwrap();
    world.run_secs(2 * DAY);
    let row = world.engine().store().refund(refund).unwrap().unwrap();
    assert_eq!((row.state, row.why, given_back(&world, payment)), (RefundState::Done, None, 800));
}

/// The shop transfers the money itself: posted against its own account, once, and nothing is sent
/// for it any more.
#[test]
fn a_person_transfers_the_money_by_hand() {
    let mut world = World::new(START, 4);
    let (payment, refund) = undecided(&mut world, 800);
    let unclear = decide(&mut world, refund, &Decision::ByHand { proof: None });
    assert!(matches!(&unclear, Err(EngineError::Refund(RefundRefused::NotAChoice(_)))), "{unclear:?}");
    let told_by = "林小姐".to_owned();
    fault(&world, "code:3/20", "Refund", 1);
    decide(&mut world, refund, &Decision::NotDone { told_by }).unwrap();
    world.run_secs(60);
    assert_eq!(state(&mut world, refund), RefundState::NeedsPerson, "too old for the bank");
    assert_eq!(decide(&mut world, refund, &Decision::ByHand { proof: None }).unwrap(), RefundState::Done);
    let entries = ledger::entries(world.folder()).remove(&payment).unwrap();
    assert_eq!(entries[1], [("refunds".to_owned(), 800), ("bank".to_owned(), -800)]);
    world.run_secs(2 * DAY);
    assert_eq!((given_back(&world, payment), ledger::entries(world.folder())[&payment].len()), (0, 2));
}

/// A word is asked for nothing but what needs one, and nothing is taken back that was sent at
/// SinoPac.
#[test]
fn nothing_is_decided_or_withdrawn_that_is_on_its_way() {
    let mut world = World::new(START, 5);
    let payment = paid(&mut world, Rail::SinopacCard, 800);
    let refund = request(&mut world, payment, 800, 1);
    world.run_secs(30);
    assert_eq!(state(&mut world, refund), RefundState::AtBank);
    let decided = decide(&mut world, refund, &Decision::ByHand { proof: None });
    assert!(matches!(decided, Err(EngineError::Refund(RefundRefused::NothingToDecide))), "{decided:?}");
    let sent = withdraw(&mut world, refund);
    assert!(matches!(sent, Err(EngineError::Refund(RefundRefused::Withdraw(_)))), "{sent:?}");
    assert_eq!(wish(&mut world, refund), None);
}

/// What a screen shows as under way: from the key to the plan, and from the step to its answer.
#[test]
fn a_refund_is_under_way_until_it_rests() {
    let mut world = World::new(START, 6);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    world.run_to(at(TUESDAY));
    let other = RefundId::from_bytes([9; 16]);
    let planning = |world: &mut World, refund| {
        let now = world.clocks();
        world.engine().is_planning(refund, now)
    };
    let refund = request(&mut world, payment, 800, 1);
    assert!(planning(&mut world, refund) && !planning(&mut world, other));
    let mut ms = 0;
    while planning(&mut world, refund) {
        assert!(ms < 10_000);
        assert!(!planning(&mut world, other));
        world.run_to(world.now.plus_ms(100));
        ms += 100;
    }
    assert_eq!(state(&mut world, refund), RefundState::AtBank);
    world.run_secs(120);
    assert!(!planning(&mut world, refund));
    withdraw(&mut world, refund).unwrap();
    assert_eq!(wish(&mut world, refund), Some("wish.wanted"));
    assert!(planning(&mut world, refund));
    world.run_secs(60);
    assert_eq!(wish(&mut world, refund), None);
    assert_eq!(state(&mut world, refund), RefundState::Withdrawn);
    let people = acts(&world, "refund-withdraw");
    assert!(people.iter().all(|(_, who)| who == "owner") && !people.is_empty(), "{people:?}");
}

/// At the bank it is asked about after 1, 5, 15 and 60 minutes, then every three hours; after a
/// start once at once.
#[test]
fn a_refund_at_the_bank_is_asked_about_less_and_less_often() {
    let mut world = World::new(START, 7);
    let payment = paid(&mut world, Rail::SinopacCard, 800);
    let refund = request(&mut world, payment, 800, 1);
    world.run_secs(5);
    assert_eq!(state(&mut world, refund), RefundState::AtBank);
    let asked = questions(&mut world, payment);
    world.run_secs(8 * 3_600);
    let mins: Vec<_> = asked.borrow().iter().map(|secs| (secs + 5) / 60).collect();
    assert_eq!(mins, [1, 6, 21, 81, 261, 441]);
    world.end();
    world.open();
    world.run_secs(30);
    assert_eq!(asked.borrow().len(), mins.len() + 1);
}

/// A start in the middle: what waits, works or is unclear goes on, what a person decides stays, and
/// nothing is asked about what is over.
#[test]
fn a_start_goes_on_with_what_is_open_and_with_nothing_else() {
    let mut world = World::new(START, 8);
    let (unclear, refund) = undecided(&mut world, 800);
    let over = paid(&mut world, Rail::SinopacCard, 500);
    let done = request(&mut world, over, 500, 2);
    world.run_secs(2 * DAY);
    assert_eq!(state(&mut world, done), RefundState::Done);
    for (payment, expected) in [(unclear, 1), (over, 0)] {
        let asked = questions(&mut world, payment);
        world.end();
        world.open();
        world.run_secs(60);
        assert_eq!(asked.borrow().len(), expected);
    }
    assert_eq!(state(&mut world, refund), RefundState::NeedsPerson);
}

/// The statement of its day is asked for when that day is over, once a day, and proves nothing
/// while it shows a line of the order that is no payment.
#[test]
fn the_statement_of_the_day_is_asked_for_once_a_day_after_it() {
    for refunded in [false, true] {
        let mut world = World::new(START, 10);
        let payment = paid(&mut world, Rail::SinopacCard, 800);
        world.run_to(at(TUESDAY));
        fault(&world, "drop-before", "OrderMaintain", 1);
        let refund = request(&mut world, payment, 300, 1);
        let bills = Rc::new(RefCell::new(Vec::new()));
        let log = Rc::clone(&bills);
        let no = number(&world, payment);
        world.tamper = Some(Box::new(move |request, reply| {
            if let (BankRequest::Ask(Inquiry::Bill { day }), Said::Bill(rows)) = (request, &mut reply.said) {
                log.borrow_mut().push((*day, reply.bank_now.unwrap()));
                let row = |no: &str, kind| BillRow {
                    bank_order_no: no.to_owned(),
                    kind,
                    amount: Some(Twd::new(300)),
                    at: None,
                    bank_ref: None,
                    refund_no: None,
                };
                rows.push(row(&no, BillKind::Payment));
                rows.push(row("OTHER", BillKind::Refund));
                if refunded {
                    rows.push(row(&no, BillKind::Refund));
                }
            }
        }));
        world.run_secs(4 * DAY);
        let bills = bills.borrow();
        assert!(bills.iter().all(|(day, _)| day.to_string() == "2026-11-24"));
        assert!(bills[0].1 >= at("2026-11-25T00:00:00+08:00"));
        let days: Vec<_> = bills.iter().map(|(_, at)| at.day().to_string()).collect();
        let expected = ["2026-11-25", "2026-11-26", "2026-11-27"];
        assert_eq!(days, if refunded { &expected[..] } else { &expected[..1] });
        let went_again = steps(&mut world, refund).len() == 2;
        assert_eq!(went_again, !refunded, "{:?}", steps(&mut world, refund));
    }
}

/// A second payment of an order is posted as not explained, and goes back from there.
#[test]
fn a_second_payment_goes_back_from_what_is_not_explained() {
    let mut world = World::new(START, 11);
    let sold = world.sell(Rail::SinopacAccount, 400);
    world.run_secs(5);
    let now = world.clocks();
    world.engine().cancel(now, sold.payment, Actor::Owner).unwrap();
    world.run_secs(60);
    let again = world.try_sell(sold.order, true, Rail::SinopacCard, 400).unwrap().payment;
    world.run_secs(5);
    world.pay(again);
    world.run_secs(300);
    world.pay(sold.payment);
    world.run_secs(600);
    assert_eq!(world.state(sold.payment), PaymentState::PaidLate);
    assert_eq!(all_discrepancies(&mut world), [DiscrepancyKind::PaidTwice, DiscrepancyKind::PaidLate]);
    world.control("switch", &json!({ "refund_digits": "off" }));
    let refund = request(&mut world, sold.payment, 400, 1);
    world.run_secs(2 * DAY);
    assert_eq!(state(&mut world, refund), RefundState::Done);
    let entries = ledger::entries(world.folder()).remove(&sold.payment).unwrap();
    assert_eq!(entries[1], [("unexplained".to_owned(), 400), ("receivable.sinopac".to_owned(), -400)]);
}

/// A question that is due waits for the one question of a refused shop.
#[test]
fn a_refund_at_a_bank_that_refuses_waits_for_the_one_question() {
    let mut world = World::new(START, 12);
    let payment = paid(&mut world, Rail::SinopacCard, 800);
    world.control("switch", &json!({ "refuse_all": "E0102" }));
    world.run_secs(12 * 60);
    let asked = questions(&mut world, payment);
    let refund = request(&mut world, payment, 800, 1);
    world.run_secs(30 * 60);
    // every quarter of an hour
    assert_eq!(asked.borrow().len(), 2, "{:?}", asked.borrow());
    assert_eq!(given_back(&world, payment), 0);
    world.control("switch", &json!({ "refuse_all": null }));
    world.run_secs(16 * 60);
    assert_eq!((state(&mut world, refund), steps(&mut world, refund).len()), (RefundState::AtBank, 1));
}

/// A remainder names the batch of its capture, a first refund the one that the bank shows.
#[test]
fn a_remainder_names_the_batch_of_its_capture() {
    let mut world = World::new(START, 13);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    world.run_to(at(TUESDAY));
    let capture = world.engine().store().captures_of(payment).unwrap().pop().unwrap();
    let writes = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&writes);
    world.tamper = Some(Box::new(move |request, _| {
        if let BankRequest::Write(Write::Card { amount, handles, .. }) = request {
            log.borrow_mut().push((*amount, handles.batch_id.clone()));
        }
    }));
    for (dollars, id, until) in [(300, 1, "2026-11-25T09:00:00+08:00"), (500, 2, "2026-11-26T09:00:00+08:00")]
    {
        let refund = request(&mut world, payment, dollars, id);
        world.run_to(at(until));
        assert_eq!(state(&mut world, refund), RefundState::Done);
    }
    let batch = Some(capture.batch_id);
    let expected = [(Some(Twd::new(300)), batch.clone()), (Some(Twd::new(500)), batch)];
    assert_eq!(*writes.borrow(), expected);
}

/// The row lacks what a write must name: a person is told, and the bank is not asked on and on.
#[test]
fn a_row_without_an_authorization_code_asks_a_person() {
    let mut world = World::new(START, 12);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    world.run_to(at(TUESDAY));
    let asked = Rc::new(RefCell::new(0));
    let (log, lacks) = (Rc::clone(&asked), Rc::new(RefCell::new(true)));
    let still = Rc::clone(&lacks);
    world.tamper = Some(Box::new(move |_, reply| {
        if let Said::Rows(rows) = &mut reply.said {
            *log.borrow_mut() += 1;
            if *still.borrow() {
                for row in rows {
                    row.handles = None;
                }
            }
        }
    }));
    let refund = request(&mut world, payment, 800, 1);
    world.run_secs(600);
    assert_eq!(state(&mut world, refund), RefundState::NeedsPerson);
    let row = world.engine().store().refund(refund).unwrap().unwrap();
    assert_eq!(row.why, Some(RefundWhy::Person(PersonWhy::DoubtfulReading)));
    assert!(*asked.borrow() < 6, "{} questions in ten minutes", asked.borrow());
    // it is read on, and goes when the row is whole
    *lacks.borrow_mut() = false;
    world.run_secs(2 * DAY);
    assert_eq!((state(&mut world, refund), given_back(&world, payment)), (RefundState::Done, 800));
}

/// A discrepancy holds a refund back until a person has closed it.
#[test]
fn a_discrepancy_that_a_person_has_closed_holds_nothing_back() {
    let mut world = World::new(START, 13);
    let payment = paid(&mut world, Rail::SinopacCard, 800);
    let no = number(&world, payment);
    world.tamper = Some(Box::new(move |_, reply| {
        if let Said::Rows(rows) = &mut reply.said {
            for row in rows.iter_mut().filter(|row| row.bank_order_no == no) {
                row.amount = Some(Twd::new(801));
            }
        }
    }));
    let refund = request(&mut world, payment, 500, 1);
    world.run_secs(60);
    let row = world.engine().store().refund(refund).unwrap().unwrap();
    assert_eq!(row.why, Some(RefundWhy::Person(PersonWhy::DoubtfulReading)));
    assert_eq!(steps(&mut world, refund), []);
    let open = world.engine().store().discrepancies_of(payment).unwrap().remove(0);
    let now = world.clocks();
    world.engine().close_discrepancy(now, open.id, Actor::Owner, "asked the bank".to_owned()).unwrap();
    world.run_secs(60);
    assert_eq!(steps(&mut world, refund), [("card-refund".to_owned(), "accepted".to_owned())]);
}

/// The next write of the engine, with what leaves before it answered.
fn next_write(world: &mut World) -> BankCall {
    loop {
        let now = world.clocks();
        match world.engine().step(now).unwrap() {
            Step::Send(call) if call.is_write => return call,
            Step::Send(call) => {
                let reply = world.call(call.bank, call.request);
                let now = world.clocks();
                world.engine().answered(now, call.ticket, &reply).unwrap();
            }
            Step::Wait(at) => world.run_to(world.now.plus_ms(at.ms_since(now.mono))),
            Step::Idle => panic!("nothing is due"),
        }
    }
}

/// Wanted back while its step is on its way. The bank does not take that step now: the refund is
/// withdrawn at once, not when the wait is over.
#[test]
fn a_refund_that_the_bank_does_not_take_now_is_withdrawn_at_once() {
    let mut world = World::new(START, 15);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    world.run_to(at(TUESDAY));
    let refund = request(&mut world, payment, 800, 1);
    fault(&world, "code:3/71", "Refund", 1);
    let write = next_write(&mut world);
    withdraw(&mut world, refund).unwrap();
    let reply = world.call(write.bank, write.request);
    let now = world.clocks();
    world.engine().answered(now, write.ticket, &reply).unwrap();
    assert_eq!(state(&mut world, refund), RefundState::Waiting);
    world.run_secs(60);
    assert_eq!((state(&mut world, refund), given_back(&world, payment)), (RefundState::Withdrawn, 0));
}

/// The clerk looks at the payment between the two calls of its refund: the second does not rest on
/// what was read before, so both go again.
#[test]
fn an_inquiry_between_the_two_calls_makes_both_go_again() {
    let mut world = World::new(START, 14);
    world.control("switch", &json!({ "refund_digits": "off" }));
    let payment = paid(&mut world, Rail::SinopacAccount, 800);
    let refund = request(&mut world, payment, 800, 1);
    let first = next_write(&mut world);
    let reply = world.call(first.bank, first.request);
    let now = world.clocks();
    world.engine().watch(now, payment).unwrap();
    let Step::Wait(at) = world.engine().step(now).unwrap() else { panic!("it keeps its distance") };
    world.sleep_to(world.now.plus_ms(at.ms_since(now.mono)));
    let now = world.clocks();
    let Step::Send(look) = world.engine().step(now).unwrap() else { panic!("the screen asks") };
    assert!(!look.is_write);
    world.engine().answered(now, first.ticket, &reply).unwrap();
    let reply = world.call(look.bank, look.request);
    world.engine().answered(now, look.ticket, &reply).unwrap();
    world.engine().unwatch(now, payment).unwrap();
    world.run_secs(600);
    let states: Vec<_> = steps(&mut world, refund);
    let expected = [
        ("account-refund-token", "accepted"),
        ("account-refund", "abandoned"),
        ("account-refund-token", "accepted"),
        ("account-refund", "accepted"),
    ];
    assert_eq!(states, expected.map(|(kind, state)| (kind.to_owned(), state.to_owned())));
}
