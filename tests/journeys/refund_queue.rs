//! The refunds as people work them off: what is left, how far each is, who may approve, and where
//! the money has gone.

use counterfoil_commands::{
    Code, Looks, Names, RefundRowView, order_in_full, orders_in, refund_queue, refund_room, refund_row,
};
use counterfoil_domain::{Actor, CardState, LimitChange, Rail, RefundId, RefundState, Twd, View};
use counterfoil_engine::ports::{Page, Store};
use counterfoil_engine::{Decision, RefundAsked};
use counterfoil_tests::crash::Points;
use counterfoil_tests::world::{World, at, shop_json};
use serde_json::json;

use crate::people::{paid as sold, with_people};
use crate::refunds::{DAY, START, asked, decide, paid, request, state};
use crate::seen::fault;

fn row(world: &mut World, refund: RefundId, who: Actor) -> RefundRowView {
    let now = world.clocks();
    let looks = Looks { who, at: world.engine().bank_time(now), clocks: world.engine().clocks(now) };
    refund_row(world.engine().store(), refund, looks).unwrap()
}

/// What the list of what needs a person tells of refunds, order by order.
fn needing(world: &mut World) -> Vec<Option<&'static str>> {
    let now = world.clocks();
    let (at, page) = (world.engine().bank_time(now), Page { limit: 9, ..Page::default() });
    let rows = orders_in(world.engine().store(), View::NeedsMe, at, page, Names::Full).unwrap();
    rows.iter().flat_map(|row| &row.payments).map(|payment| payment.refund).collect()
}

/// What happened, what happens now, and what follows, by the name of each state.
fn progress(row: &RefundRowView) -> Vec<(&str, &str)> {
    row.progress.iter().map(|part| (part.text.text_en.as_str(), part.state)).collect()
}

/// A whole sale before its batch takes two requests, and each is ticked as the bank takes it.
#[test]
fn a_row_names_each_part_of_the_way_and_how_far_it_is() {
    let mut world = World::new(START, 51);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    assert_eq!(world.payment(payment).card, Some(CardState::CaptureQueued));
    let refund = request(&mut world, payment, 800, 1);
    let view = row(&mut world, refund, Actor::Owner);
    let way = ["Cancel capture", "Reverse authorization", "Bank confirms"];
    assert_eq!(progress(&view), [("Approval", "done"), (way[0], "now"), (way[1], "next"), (way[2], "next")]);
    assert!(view.whole && view.withdraw && view.approve.is_none());
    world.run_secs(3_600);
    let view = row(&mut world, refund, Actor::Owner);
    assert_eq!(state(&mut world, refund), RefundState::Done);
    assert!(view.progress.iter().all(|part| part.state == "done"), "{:?}", progress(&view));
    assert!(!view.withdraw);
}

/// A part waits for the capture: the queue says until when, and the ruler of the batch is there
/// only while it holds something up.
#[test]
fn the_batch_is_shown_while_it_holds_refunds_up() {
    let mut world = World::new(START, 52);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    let refund = request(&mut world, payment, 300, 1);
    world.run_secs(60);
    let queue = |world: &mut World| {
        let now = world.clocks();
        let looks = Looks {
            who: Actor::Owner,
            at: world.engine().bank_time(now),
            clocks: world.engine().clocks(now),
        };
        refund_queue(world.engine().store(), looks).unwrap()
    };
    let view = queue(&mut world);
    assert_eq!(view.batch, None);
    assert!(view.rows[0].refund.waiting.is_some() && !view.rows[0].whole);
    let now = world.clocks();
    let kept = world.engine().store().refund(refund).unwrap().unwrap();
    let next = world.engine().refund_asked_at(&kept, now).unwrap().unwrap();
    assert_eq!(Some(next), kept.until, "it is asked about when its wait is over");
    world.run_to(at("2026-11-23T20:14:00+08:00"));
    let batch = queue(&mut world).batch.unwrap();
    assert_eq!(
        (batch.from.as_str(), batch.until.as_str()),
        ("2026-11-23T19:50:00+08:00", "2026-11-23T22:10:00+08:00")
    );
    world.run_to(at("2026-11-24T23:30:00+08:00"));
    let view = queue(&mut world);
    assert_eq!(view.rows[0].refund.state, "done", "it stays on its day");
    world.run_to(at("2026-11-25T02:00:00+08:00"));
    assert_eq!(queue(&mut world).rows, []);
}

/// Each role sees what it may do: the clerk withdraws its own and approves nothing, the accountant
/// approves what another asked for, and nobody their own.
#[test]
fn a_row_says_who_may_approve_and_withdraw() {
    let (mut world, [clerk, accountant, owner]) = with_people(53);
    let payment = sold(&mut world, clerk);
    let now = world.clocks();
    let wanted = RefundAsked { who: accountant, ..asked(payment, 40, 1) };
    world.engine().request_refund(now, &wanted).unwrap();
    let code =
        |view: &RefundRowView| view.approve.as_ref().unwrap().refused.as_ref().map(|refused| refused.code);
    let by_clerk = row(&mut world, wanted.id, clerk);
    assert_eq!((code(&by_clerk), by_clerk.withdraw), (Some(Code::RoleMayNot), false));
    let own = row(&mut world, wanted.id, accountant);
    assert_eq!((code(&own), own.own, own.withdraw), (Some(Code::RefundOwnRequest), true, true));
    let other = row(&mut world, wanted.id, owner);
    assert_eq!((code(&other), other.own, other.withdraw), (None, false, true));
    // one alone, slowly
    let mut shop = world.engine().shop().clone();
    shop.one_person = true;
    world.engine().change_settings(now, shop, owner).unwrap();
    let own = row(&mut world, wanted.id, accountant);
    assert_eq!(code(&own), Some(Code::RefundOwnRequest), "asked for before");
    world.engine().withdraw_refund(now, wanted.id, accountant).unwrap();
    let wanted = RefundAsked { who: accountant, ..asked(payment, 40, 2) };
    let now = world.clocks();
    world.engine().request_refund(now, &wanted).unwrap();
    let alone = row(&mut world, wanted.id, accountant).approve.unwrap();
    assert!(alone.alone && alone.refused.is_none() && alone.cooled_at.is_some());
    world.run_secs(601);
    assert_eq!(row(&mut world, wanted.id, accountant).approve.unwrap().cooled_at, None);
}

/// What is in flight counts as gone, and an open refund says why no second one is taken.
#[test]
fn what_is_left_of_a_sale_is_told_before_asking() {
    let (mut world, [clerk, _, owner]) = with_people(54);
    let payment = sold(&mut world, clerk);
    let now = world.clocks();
    world
        .engine()
        .limit_person(now, person(clerk), (LimitChange::Most(Twd::new(60)), LimitChange::Kept), owner)
        .unwrap();
    let room = |world: &mut World| refund_room(world.engine().store(), payment, "", clerk).unwrap();
    let before = room(&mut world);
    assert_eq!((before.totals.left, before.ask_max, before.refused), (100, Some(60), None));
    let wanted = RefundAsked { who: clerk, ..asked(payment, 40, 1) };
    world.engine().request_refund(now, &wanted).unwrap();
    let after = room(&mut world);
    assert_eq!((after.totals.in_flight, after.totals.left), (40, 60));
    assert_eq!(after.refused.map(|refused| refused.code), Some(Code::RefundOneIsOpen));
}

fn person(actor: Actor) -> counterfoil_domain::PersonId {
    match actor {
        Actor::Person(id) => id,
        other @ (Actor::Engine | Actor::Browser | Actor::Owner) => panic!("{other:?}"),
    }
}

/// A transfer by hand is no money that the bank returned: it stands apart, with what proves it, and
/// the bank is asked nothing more.
#[test]
fn what_the_shop_transferred_stands_apart_from_what_the_bank_returned() {
    let mut world = World::new(START, 55);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    world.run_to(at("2026-11-24T09:00:00+08:00"));
    fault(&world, "code:3/20", "Refund", 1);
    let refund = request(&mut world, payment, 300, 1);
    world.run_secs(60);
    let view = row(&mut world, refund, Actor::Owner);
    assert_eq!(view.refund.state, "needs-person");
    assert_eq!(needing(&mut world), [Some("needs-person")]);
    assert!(view.refund.approved_at.is_some());
    // what we sent and what the bank said, each from its side
    assert!(
        view.sides.iter().any(|side| !side.bank)
            && view.sides.iter().any(|side| side.code.as_deref() == Some("3/20")),
        "{:?}",
        view.sides
    );
    let proof = Some("轉帳序號 0042".to_owned());
    assert_eq!(decide(&mut world, refund, &Decision::ByHand { proof }).unwrap(), RefundState::Done);
    let view = row(&mut world, refund, Actor::Owner);
    assert_eq!((view.totals.returned, view.totals.by_hand, view.totals.left), (0, 300, 500));
    assert_eq!(needing(&mut world), []);
    let word = view.refund.word.unwrap();
    assert_eq!((word.confirmed_zh.as_str(), word.text.as_str()), ("本店轉帳的憑證", "轉帳序號 0042"));
    let rest = request(&mut world, payment, 500, 2);
    world.run_secs(2 * DAY);
    assert_eq!(state(&mut world, rest), RefundState::Done);
    let now = world.clocks();
    let (time, order) = (world.engine().bank_time(now), world.payment(payment).order.to_string());
    let full = order_in_full(world.engine().store(), &order, time, Names::Full).unwrap();
    let totals = full.totals;
    assert_eq!((totals.captured, totals.returned, totals.by_hand, totals.left), (800, 500, 300, 0));
}

/// Money under a prefix of the shop's own is listed for 30 days, once, whatever its state becomes.
#[test]
fn money_of_a_prefix_of_its_own_stands_in_the_queue() {
    let mut shop = shop_json();
    shop["sinopac"]["flags"] = json!({ "own_prefixes": ["WEB-"] });
    let mut world = World::of_shop(shop, START, 57, Points::default());
    world.run_secs(600);
    let paid_at = world.now.to_string();
    let plant = |world: &World, state: &str| {
        let money = json!({ "order": "WEB-9", "amount": 777, "state": state, "paid_at": paid_at });
        world.control("plant", &money);
    };
    plant(&world, "1A400");
    let foreign = |world: &mut World, days| {
        let now = world.clocks();
        let at = world.engine().bank_time(now).plus_days(days);
        let looks = Looks { who: Actor::Owner, at, clocks: world.engine().clocks(now) };
        let rows = refund_queue(world.engine().store(), looks).unwrap().foreign;
        rows.into_iter().map(|row| (row.bank_order_no, row.amount)).collect::<Vec<_>>()
    };
    world.run_secs(600);
    let listed = [("WEB-9".to_owned(), Some(777))];
    assert_eq!(foreign(&mut world, 0), listed);
    plant(&world, "1A900");
    world.run_secs(900);
    assert_eq!(foreign(&mut world, 29), listed);
    assert_eq!(foreign(&mut world, 31), []);
}

/// The same customer by name, and the same sale; not what was withdrawn.
#[test]
fn other_refunds_to_the_same_customer_stand_beside_a_new_one() {
    let mut world = World::new(START, 56);
    world.control("switch", &json!({ "refund_digits": "off" }));
    let payment = paid(&mut world, Rail::SinopacAccount, 900);
    let first = request(&mut world, payment, 400, 1);
    world.run_secs(3_600);
    assert_eq!(state(&mut world, first), RefundState::Done);
    let second = request(&mut world, payment, 100, 2);
    let view = row(&mut world, second, Actor::Owner);
    let others: Vec<_> = view.others.iter().map(|other| (other.refund.as_str(), other.amount)).collect();
    assert_eq!(others, [(first.to_string().as_str(), 400)]);
}
