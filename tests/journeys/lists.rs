//! The bank's lists (money rules 7): what they show that is not ours, what they do not show, and
//! what only the other list shows.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use counterfoil_commands::{
    CoverageAlarm, Looks, Names, coverage as coverage_view, discrepancy_rows, refund_queue,
};
use counterfoil_domain::{
    Actor, Bank, BankMinute, DiscrepancyKind, MinuteSpan, Moment, PaymentState, Query, Rail,
};
use counterfoil_engine::Engine;
use counterfoil_engine::ports::{AuditLine, BankRequest, Change, Commit, Inquiry, RefusalOf, Said, Store};
use counterfoil_store::{Mode, SqliteStore};
use counterfoil_tests::crash::Points;
use counterfoil_tests::ledger;
use counterfoil_tests::world::{Seeded, World, at, audit_key, shop_json};
use serde_json::json;

use crate::seen::{all_discrepancies, calls, coverage, discrepancies, gaps, number};

const START: &str = "2026-11-23T08:00:00+08:00";

/// Number, dollars, minute of payment and when it was seen, of each line that is not ours.
fn foreign_lines(world: &World) -> Vec<(String, i64, i64, i64)> {
    let file = ledger::read(world.folder());
    let mut rows =
        file.prepare("SELECT bank_order_no, amount, paid_minute, seen_at FROM foreign_lines").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn covers(world: &mut World, minute: BankMinute) -> bool {
    world.engine().store().coverage(Bank::Sinopac, 0, minute).unwrap().iter().any(|c| c.span.holds(minute))
}

#[test]
fn a_paid_order_that_is_not_ours_is_written_down_once() {
    let mut world = World::new(START, 81);
    let ours = world.sell(Rail::SinopacAccount, 100).payment;
    world.run_secs(600);
    world.pay(ours);
    let paid_at = world.now;
    let foreign =
        json!({ "order": "NOTOURS1", "amount": 777, "state": "1A400", "paid_at": paid_at.to_string() });
    world.control("plant", &foreign);
    world.run_secs(600);
    let lines = foreign_lines(&world);
    let [(order, dollars, minute, _)] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((order.as_str(), *dollars, *minute), ("NOTOURS1", 777, paid_at.minute().minutes()));
    assert_eq!(world.state(ours), PaymentState::Paid, "the line beside it is read");
    let written = |world: &World| {
        let lines = "SELECT count(*) FROM audit WHERE what = 'foreign'";
        ledger::read(world.folder()).query_row(lines, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    // its minute is asked about again by the next sweeps
    world.run_secs(1_800);
    assert_eq!(written(&world), 1);
    // and, after a start, on the next day
    world.end();
    world.open();
    world.run_secs(2 * 86_400);
    assert_eq!(foreign_lines(&world), lines, "once, as it was first seen");
    assert_eq!((gaps(&mut world), ledger::must_fit(world.folder())), (vec![], 1), "nor is it in our books");
}

/// Money rules 7: it is an alarm and a task, until a person has closed it; and only then silent.
#[test]
fn money_that_is_not_ours_is_told_until_a_person_closes_it() {
    let mut world = World::new(START, 86);
    world.run_secs(600);
    let paid_at = world.now;
    let plant = |world: &World, order: &str, state: &str| {
        let line = json!({ "order": order, "amount": 777, "state": state, "paid_at": paid_at.to_string() });
        world.control("plant", &line);
    };
    plant(&world, "NOTOURS1", "1A400");
    world.run_secs(600);
    let told = |world: &mut World| {
        let at = world.now;
        let store = world.engine().store();
        let rows = discrepancy_rows(store, false, Names::Full).unwrap();
        let alarms = coverage_view(store, at).unwrap().alarms;
        let rows = rows.into_iter().map(|row| (row.kind, row.bank_order_no, row.amount, row.paid_at));
        (rows.collect::<Vec<_>>(), alarms.into_iter().map(|alarm| alarm.kind).collect::<Vec<_>>())
    };
    let minute = paid_at.minute().start().to_string();
    let one = (DiscrepancyKind::ForeignMoney, Some("NOTOURS1".into()), Some(777), Some(minute));
    assert_eq!(told(&mut world), (vec![one.clone()], vec![CoverageAlarm::ForeignMoney]));
    // seen again, in another state too and by the next program, it is the same
    plant(&world, "NOTOURS1", "1A410");
    world.end();
    world.open();
    world.run_secs(2 * 86_400);
    assert_eq!(told(&mut world).0, [one]);
    let id = world.engine().store().discrepancies(1).unwrap()[0].id;
    let now = world.clocks();
    world.engine().close_discrepancy(now, id, Actor::Owner, "the web shop".into()).unwrap();
    world.end();
    world.open();
    world.run_secs(86_400);
    assert_eq!(told(&mut world), (vec![], vec![]));
}

/// A prefix that the shop calls its own silences the alarm, but not of a number of our own form,
/// and hides no money; taken back, it is told after all.
#[test]
fn a_prefix_of_its_own_silences_the_alarm_only() {
    let mut shop = shop_json();
    shop["sinopac"]["flags"] = json!({ "own_prefixes": ["WEB"] });
    let mut world = World::of_shop(shop, START, 87, Points::default());
    world.run_secs(600);
    let paid_at = world.now;
    // the second is what a file that was lost may have sold in 2032
    for order in ["WEB-1", "WEBX1ZAAAAAAAAA"] {
        let line = json!({ "order": order, "amount": 500, "state": "1A400", "paid_at": paid_at.to_string() });
        world.control("plant", &line);
    }
    world.run_secs(600);
    let told = |world: &mut World| -> Vec<String> {
        world.engine().store().discrepancies(9).unwrap().into_iter().map(|found| found.detail).collect()
    };
    assert_eq!(told(&mut world), ["WEBX1ZAAAAAAAAA"]);
    let (at, now) = (world.now, world.clocks());
    let looks = Looks { who: Actor::Owner, at, clocks: world.engine().clocks(now) };
    let listed = refund_queue(world.engine().store(), looks).unwrap().foreign;
    let [one] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((one.bank_order_no.as_str(), one.amount), ("WEB-1", Some(500)));
    // as a program kept it that told nobody
    let mut record = world.engine().shop().clone();
    record.sinopac.as_mut().unwrap().own_prefixes.clear();
    world.end();
    let mut store = SqliteStore::open(world.folder(), Mode::Writer).unwrap();
    store.link_with(&audit_key(), None, at).unwrap();
    let (what, subject, detail) = ("test".to_owned(), String::new(), String::new());
    let audit = AuditLine { at, who: Actor::Owner, what, subject, detail };
    store.commit(Commit { audit, guards: Vec::new(), changes: vec![Change::ShopChanged(record)] }).unwrap();
    drop(store);
    // without the key of the record it can be looked at, and nobody is told
    let store = SqliteStore::open(world.folder(), Mode::Writer).unwrap();
    let paused = Engine::open(store, Box::new(Seeded(1)), now).unwrap();
    assert_eq!(paused.store().discrepancies(9).unwrap().len(), 1);
    drop(paused);
    world.open();
    assert_eq!(told(&mut world), ["WEB-1", "WEBX1ZAAAAAAAAA"]);
}

#[test]
fn a_card_authorized_and_not_captured_is_an_alarm_once_and_silence_asks_again() {
    for silent in [false, true] {
        let mut world = World::new(START, 82);
        let [lost, paid] = [180, 190].map(|dollars| world.sell(Rail::SinopacCard, dollars).payment);
        world.run_secs(5);
        world.control("plant", &json!({ "order": number(&world, lost), "state": "1C300" }));
        world.pay(paid);
        world.run_secs(3_600);
        assert_eq!((world.state(lost), world.state(paid)), (PaymentState::Authorized, PaymentState::Paid));
        // the bank's two lists contradict each other about the other one
        world.control("plant", &json!({ "order": number(&world, paid), "state": "1C300" }));
        let left = Rc::new(Cell::new(u32::from(silent)));
        world.tamper = Some(Box::new(move |request, reply| {
            if matches!(request, BankRequest::Ask(Inquiry::Uncaptured)) && left.get() > 0 {
                left.set(left.get() - 1);
                reply.said = Said::Silent;
            }
        }));
        let asked = calls(&world, "OrderUnCapturedQuery");
        world.run_to(at("2026-11-24T00:29:00+08:00"));
        assert_eq!(calls(&world, "OrderUnCapturedQuery"), asked, "once a day");
        world.run_to(at("2026-11-24T00:31:00+08:00"));
        let alarm = vec![DiscrepancyKind::NotCaptured];
        assert_eq!(discrepancies(&mut world, lost), if silent { vec![] } else { alarm.clone() }, "{silent}");
        world.run_to(at("2026-11-24T00:44:00+08:00"));
        assert_eq!(calls(&world, "OrderUnCapturedQuery") - asked, 1, "{silent}");
        world.run_to(at("2026-11-24T00:47:00+08:00"));
        assert_eq!(calls(&world, "OrderUnCapturedQuery") - asked, 1 + usize::from(silent));
        assert_eq!(discrepancies(&mut world, lost), alarm, "{silent}");
        world.run_to(at("2026-11-25T09:00:00+08:00"));
        assert_eq!(discrepancies(&mut world, lost), alarm, "{silent}: said once");
        assert!(
            !discrepancies(&mut world, paid).contains(&DiscrepancyKind::NotCaptured),
            "{silent}: it has money"
        );
        assert_eq!(world.state(lost), PaymentState::Authorized, "which is no money");
    }
}

/// Windows with their answers' time, as they went.
type Asked = Rc<RefCell<Vec<(MinuteSpan, Moment)>>>;

/// Three misses, then the number; only its answer makes the minute count, and no minute counts by a
/// window that was asked before its rows were all there.
#[test]
fn a_known_payment_missing_from_its_window_is_asked_by_number_and_only_then_does_it_count() {
    let mut world = World::new(START, 83);
    world.run_secs(600);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(5);
    world.pay(sold.payment);
    world.run_secs(65);
    assert_eq!(world.state(sold.payment), PaymentState::Paid);
    let minute = world.payment(sold.payment).paid_minute.unwrap();
    let (misses, numbers) = (Rc::new(Cell::new(0_u32)), Rc::new(Cell::new(0_u32)));
    let windows = Asked::default();
    let (missed, asked, log) = (Rc::clone(&misses), Rc::clone(&numbers), Rc::clone(&windows));
    world.tamper = Some(Box::new(move |request, reply| match request {
        BankRequest::Ask(Inquiry::Paid { span, only }) if only.rail.is_none() => {
            let date = reply.bank_now.unwrap();
            log.borrow_mut().push((*span, date));
            if span.holds(minute) {
                reply.said = Said::Rows(Vec::new());
                missed.set(missed.get() + u32::from(date.minute() > minute.plus(10)));
            }
        }
        // the first answer about the number is lost
        BankRequest::Ask(Inquiry::Order { .. }) => {
            asked.set(asked.get() + 1);
            if asked.get() == 1 {
                reply.said = Said::Silent;
            }
        }
        BankRequest::Write(_)
        | BankRequest::Ask(
            Inquiry::Paid { .. }
            | Inquiry::Token { .. }
            | Inquiry::Uncaptured
            | Inquiry::Card { .. }
            | Inquiry::Bill { .. }
            | Inquiry::Time { .. },
        ) => {}
    }));
    while !covers(&mut world, minute) {
        assert!(numbers.get() < 2 && misses.get() < 9, "{} misses, {} numbers", misses.get(), numbers.get());
        assert!(numbers.get() == 0 || misses.get() == 3, "not before the third miss: {}", misses.get());
        world.run_secs(1);
    }
    assert_eq!((misses.get(), numbers.get()), (3, 2));
    world.run_secs(3_600);
    assert_eq!((gaps(&mut world), all_discrepancies(&mut world)), (vec![], vec![]));
    for covered in world.engine().store().coverage(Bank::Sinopac, 0, minute).unwrap() {
        let mut minute = covered.span.from;
        while minute <= covered.span.to {
            let counts =
                |(span, date): &(MinuteSpan, Moment)| span.holds(minute) && date.minute() > minute.plus(10);
            assert!(
                windows.borrow().iter().any(counts),
                "{minute} of {covered:?}: its rows may have been late"
            );
            minute = minute.plus(1);
        }
    }
}

/// A minute that the bank never shows: every unpaid number of ours is asked, the one with money
/// becomes paid, and the minute counts when all have been answered.
#[test]
fn money_in_a_minute_that_no_window_shows_is_found_by_its_number() {
    let mut world = World::new(START, 84);
    let lost = world.sell(Rail::SinopacAccount, 100).payment;
    let open = world.sell(Rail::SinopacAccount, 200).payment;
    // neither what has money, nor the other bank's, nor what is sold after it
    let paid = world.sell(Rail::SinopacAccount, 300).payment;
    world.sell(Rail::CtbcCard, 400);
    world.run_secs(10);
    world.pay(paid);
    world.run_secs(2 * 3_600);
    let hole = world.now.minute();
    world.pay(lost);
    // nobody looks until then
    world.sleep_to(world.now.plus_mins(1));
    let later = world.sell(Rail::SinopacAccount, 500).payment;
    let silences = Rc::new(Cell::new(2_u32));
    let left = Rc::clone(&silences);
    let still = number(&world, open);
    let asked = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&asked);
    world.tamper = Some(Box::new(move |request, reply| match request {
        BankRequest::Ask(Inquiry::Paid { span, only }) if span.holds(hole) => {
            let whole = only.rail.is_none();
            reply.said = if whole { Said::Refused(RefusalOf::Question) } else { Said::Silent };
        }
        BankRequest::Ask(Inquiry::Order { bank_order_no }) => {
            let number = bank_order_no.to_string();
            if number == still && left.get() > 0 && reply.bank_now.unwrap().minute() > hole.plus(10) {
                left.set(left.get() - 1);
                reply.said = Said::Silent;
            }
            log.borrow_mut().push((number, reply.bank_now.unwrap()));
        }
        BankRequest::Write(_)
        | BankRequest::Ask(
            Inquiry::Paid { .. }
            | Inquiry::Token { .. }
            | Inquiry::Uncaptured
            | Inquiry::Card { .. }
            | Inquiry::Bill { .. }
            | Inquiry::Time { .. },
        ) => {}
    }));
    let end = world.now.plus_mins(60);
    while world.now < end && !covers(&mut world, hole) {
        world.run_secs(5);
    }
    assert_eq!(silences.get(), 0, "the minute counts only when each number was answered");
    // what got no answer waits for a minute, then for five
    let asked = asked.borrow();
    let of = |payment| {
        let no = number(&world, payment);
        asked.iter().filter(|(asked, _)| *asked == no).map(|(_, at)| *at).collect::<Vec<_>>()
    };
    let [first, second, third] = of(open)[..] else { panic!("{asked:?}") };
    let waits = [second.ms_since(first) / 1_000, third.ms_since(second) / 1_000];
    assert!(matches!(waits, [60..62, 300..302]), "{waits:?}");
    assert_eq!(of(lost).len(), 1);
    assert!(asked.iter().all(|(no, _)| [lost, open, later].iter().any(|id| number(&world, *id) == *no)));
    assert_eq!(of(later).len(), 3, "by its own schedule alone");
    assert!(covers(&mut world, hole));
    assert_eq!((world.state(lost), world.state(open)), (PaymentState::Paid, PaymentState::Awaiting));
    let evidence = world.engine().store().evidence_of(lost).unwrap();
    assert_eq!(evidence.last().unwrap().query, Query::ByNumber);
    let seen = coverage(&mut world);
    assert_eq!(seen.by_number, [MinuteSpan { from: hole, to: hole }], "that one minute, and said so");
    assert_eq!(seen.gaps, []);
}

/// The bank's list and its answer by number name two minutes of one payment: the number's is taken,
/// and nothing stays red.
#[test]
fn a_minute_is_corrected_by_a_later_answer_by_number() {
    let mut world = World::new(START, 85);
    world.run_secs(600);
    let sold = world.sell(Rail::SinopacCard, 100);
    world.run_secs(5);
    world.pay(sold.payment);
    let real = world.now.minute();
    let first = Cell::new(true);
    world.tamper = Some(Box::new(move |request, reply| {
        if let (BankRequest::Ask(Inquiry::Order { .. }), Said::Rows(rows)) = (request, &mut reply.said)
            && rows.iter().any(|row| row.paid_minute.is_some())
            && first.replace(false)
        {
            rows[0].paid_minute = Some(real.plus(1));
        }
    }));
    let now = world.clocks();
    world.engine().watch(now, sold.payment).unwrap();
    world.run_secs(3);
    assert_eq!(world.payment(sold.payment).paid_minute, Some(real.plus(1)));
    world.run_secs(15 * 60);
    // a window ends between the two
    let now = world.clocks();
    world.engine().sweep_span(now, MinuteSpan { from: real.plus(1), to: real.plus(1) });
    world.run_secs(3_600);
    assert_eq!(world.payment(sold.payment).paid_minute, Some(real));
    assert!(covers(&mut world, real.plus(1)));
    assert_eq!((gaps(&mut world), all_discrepancies(&mut world)), (vec![], vec![]));
    assert_eq!(ledger::must_fit(world.folder()), 1, "posted once");
}

/// Neither its window nor its number shows a payment that was seen before: the minute stays red
/// until one of them does.
#[test]
fn a_known_payment_that_its_number_does_not_show_either_leaves_its_minute_red() {
    let mut world = World::new(START, 87);
    world.run_secs(600);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(5);
    world.pay(sold.payment);
    world.run_secs(65);
    let minute = world.payment(sold.payment).paid_minute.unwrap();
    world.tamper = Some(Box::new(move |request, reply| match request {
        BankRequest::Ask(Inquiry::Paid { span, .. }) if span.holds(minute) => {
            reply.said = Said::Rows(Vec::new());
        }
        BankRequest::Ask(Inquiry::Order { .. }) => reply.said = Said::Rows(Vec::new()),
        BankRequest::Write(_)
        | BankRequest::Ask(
            Inquiry::Paid { .. }
            | Inquiry::Token { .. }
            | Inquiry::Uncaptured
            | Inquiry::Card { .. }
            | Inquiry::Bill { .. }
            | Inquiry::Time { .. },
        ) => {}
    }));
    world.run_secs(4 * 3_600);
    assert!(gaps(&mut world).iter().any(|gap| gap.holds(minute)));
    assert_eq!(discrepancies(&mut world, sold.payment), [DiscrepancyKind::WentBack]);
    assert_eq!(world.state(sold.payment), PaymentState::Paid, "nothing is taken back");
    world.tamper = None;
    world.run_secs(3_600);
    assert_eq!(gaps(&mut world), []);
}

/// A minute that is refused is seen in parts: by rail, then by when the orders were made, of the
/// last sixty days. After twenty refused parts in a row the reason is not their size.
#[test]
fn a_refused_minute_is_seen_in_parts_until_twenty_of_them_are_refused() {
    let mut world = World::new(START, 88);
    world.run_secs(600);
    let hole = world.now.minute();
    let parts = Rc::new(RefCell::new(Vec::new()));
    let asked = Rc::new(RefCell::new(Vec::new()));
    let (log, times) = (Rc::clone(&parts), Rc::clone(&asked));
    world.tamper = Some(Box::new(move |request, reply| {
        let BankRequest::Ask(Inquiry::Paid { span, only }) = request else { return };
        if span.holds(hole) {
            reply.said = Said::Refused(RefusalOf::Question);
            if only.rail.is_some() {
                assert_eq!((span.from, span.to), (hole, hole));
                log.borrow_mut().push(*only);
            }
            if span.from == span.to {
                let secs = reply.bank_now.unwrap().ms_since(hole.start()) / 1_000;
                times.borrow_mut().push((only.rail.is_some(), secs));
            }
        }
    }));
    world.run_secs(3 * 3_600);
    // first it is seen in parts; when its rows are all there it is asked once more, and once again
    let asked = asked.borrow();
    let first = asked.iter().find(|(is_part, _)| *is_part).map(|(_, secs)| *secs);
    assert!(first.is_some_and(|secs| secs < 60), "{asked:?}");
    let whole: Vec<_> = asked.iter().filter(|(is_part, _)| !is_part).map(|(_, secs)| *secs).collect();
    assert!(matches!(whole[..], [..60, 660..720, 660..720]), "{whole:?}");
    let parts = parts.borrow();
    let whole: Vec<_> =
        parts.iter().filter(|part| part.made.is_none()).filter_map(|part| part.rail).collect();
    assert!(whole.contains(&Rail::SinopacAccount) && whole.contains(&Rail::SinopacCard), "{whole:?}");
    let made: Vec<_> = parts.iter().filter_map(|part| part.made).collect();
    assert_eq!(made.len(), 34, "down to the minute: {parts:?}");
    let oldest = made.iter().map(|made| made.from).min();
    assert_eq!((oldest, made.iter().map(|made| made.to).max()), (Some(hole.plus(-60 * 24 * 60)), Some(hole)));
    assert!(covers(&mut world, hole), "by number");
    assert_eq!(gaps(&mut world), []);
}

/// A row of a list whose amount differs is asked about by its number at once.
#[test]
fn a_row_with_another_amount_is_asked_about_by_number() {
    let mut world = World::new(START, 89);
    let sold = world.sell(Rail::SinopacAccount, 100).payment;
    // between two sweeps
    world.run_secs(2 * 3_600 + 150);
    world.control("plant", &json!({ "order": number(&world, sold), "amount": 101 }));
    world.pay(sold);
    while discrepancies(&mut world, sold).is_empty() {
        world.run_secs(1);
    }
    let asked = calls(&world, "OrderQuery");
    world.run_secs(4);
    assert_eq!(discrepancies(&mut world, sold), [DiscrepancyKind::AmountDiffers]);
    assert_eq!(calls(&world, "OrderQuery") - asked, 1);
}

/// Sold by a Date that was ahead, it lies after the minute that no window shows. Its number is
/// polled all the same.
#[test]
fn a_number_that_was_made_in_the_future_is_asked_too() {
    let mut world = World::new(START, 90);
    world.control("switch", &json!({ "date_off_ms": 50 * 60_000 }));
    world.end();
    world.open();
    let sold = world.sell(Rail::SinopacAccount, 100).payment;
    assert!(world.payment(sold).created_at.ms_since(world.now) > 40 * 60_000);
    world.control("switch", &json!({ "date_off_ms": 0 }));
    world.run_secs(30 * 60);
    let hole = world.now.minute();
    let asked = Rc::new(Cell::new(0_u32));
    let count = Rc::clone(&asked);
    world.tamper = Some(Box::new(move |request, reply| match request {
        BankRequest::Ask(Inquiry::Paid { span, .. }) if span.holds(hole) => {
            reply.said = Said::Refused(RefusalOf::Question);
        }
        BankRequest::Ask(Inquiry::Order { .. }) => count.set(count.get() + 1),
        BankRequest::Write(_)
        | BankRequest::Ask(
            Inquiry::Paid { .. }
            | Inquiry::Token { .. }
            | Inquiry::Uncaptured
            | Inquiry::Card { .. }
            | Inquiry::Bill { .. }
            | Inquiry::Time { .. },
        ) => {}
    }));
    world.run_secs(20 * 60);
    assert!(covers(&mut world, hole));
    assert_eq!(asked.get(), 1);
}
