//! One-person mode before the request: what is told is what that very request keeps.

use counterfoil_commands::{Looks, refund_row};
use counterfoil_domain::{Actor, Rail, Role};
use counterfoil_engine::ports::PinHash;
use counterfoil_engine::shop::ShopRecord;
use counterfoil_tests::world::{World, at};

use crate::people::{add, id, paid, with_people};
use crate::refunds::{START, asked};
use crate::refunds_told::preview_for;

/// What is told before a request is true of that request: of who asks, and of whether it cools.
#[test]
fn one_person_mode_promises_what_this_request_keeps() {
    let (mut world, [clerk, accountant, owner]) = with_people(3);
    let sold = paid(&mut world, owner);
    let now = world.clocks();
    let to = ShopRecord { one_person: true, ..world.engine().shop().clone() };
    world.engine().change_settings(now, to, owner).unwrap();
    let told = |world: &mut World, who| preview_for(world, sold, 40, who).now.text_zh;
    let alone = "10 分鐘後";
    // a clerk approves nothing, and either of the others may wait for the other
    assert_eq!(told(&mut world, clerk), "現在只記下申請，由會計或負責人核准。");
    for who in [accountant, owner] {
        let told = told(&mut world, who);
        assert!(told.contains("由另一位核准") && told.contains(alone), "{told}");
    }
    let now = world.clocks();
    world.engine().retire_person(now, id(accountant), owner).unwrap();
    let own = told(&mut world, owner);
    assert!(own.contains(alone) && !own.contains("另一位"), "{own}");
    // no bank has named a time in this run: such a request cools for nobody
    world.end();
    world.open();
    let alone_now = told(&mut world, owner);
    assert!(!alone_now.contains(alone) && alone_now.contains("目前沒有人能核准"), "{alone_now}");
    add(&mut world, 7, Role::Accountant, owner).unwrap();
    let told = told(&mut world, owner);
    assert!(!told.contains(alone) && told.contains("由另一位核准"), "{told}");
    let mut wanted = asked(sold, 40, 8);
    wanted.who = owner;
    let now = world.clocks();
    assert_eq!(world.engine().request_refund(now, &wanted).unwrap().asked_mono, None);
}

/// Nobody else can approve it: it is told, and taken down, as it goes after its ten minutes.
#[test]
fn alone_what_is_told_counts_from_the_approval() {
    for (time, alone, way, until) in [
        ("19:35", false, "cancel", None),
        ("19:35", true, "cancel", None),
        ("19:45", false, "cancel", None),
        ("19:45", true, "refund", Some("2026-11-23T22:10:00+08:00")),
    ] {
        let mut world = World::new(START, 3);
        let sold = crate::refunds::paid(&mut world, Rail::CtbcCard, 800);
        let owner = add(&mut world, 3, Role::Owner, Actor::Owner).unwrap();
        let now = world.clocks();
        let shop = world.engine().shop().clone();
        let to = ShopRecord { one_person: alone, ..shop };
        world.engine().change_settings(now, to, owner).unwrap();
        world.run_to(at(&format!("2026-11-23T{time}:00+08:00")));
        let told = preview_for(&mut world, sold, 800, owner);
        let waits = told.waiting.map(|waiting| waiting.until);
        assert_eq!((told.told.way, waits.as_deref()), (way, until), "{time} {alone}");
        let mut wanted = asked(sold, 800, 8);
        wanted.who = owner;
        let now = world.clocks();
        let refund = world.engine().request_refund(now, &wanted).unwrap();
        assert_eq!(refund.told.map(|course| course.way.name()), Some(way), "{time} {alone}");
    }
}

/// Whoever set the PIN of the only other approver counts as that one: no other person is promised
/// or named, and once the two are apart both are.
#[test]
fn no_other_approval_is_promised_of_a_person_who_counts_as_the_requester() {
    for one_person in [false, true] {
        let (mut world, [clerk, accountant, owner]) = with_people(9);
        let sold = paid(&mut world, owner);
        let now = world.clocks();
        let to = ShopRecord { one_person, ..world.engine().shop().clone() };
        world.engine().change_settings(now, to, owner).unwrap();
        for by in [owner, accountant] {
            let now = world.clocks();
            world.engine().set_pin(now, id(accountant), PinHash::new("other".to_owned()), by).unwrap();
        }
        let mine = preview_for(&mut world, sold, 40, owner).now.text_zh;
        assert!(!mine.contains("由另一位") && !mine.contains("由會計"), "{mine}");
        assert_eq!(mine.contains("10 分鐘後"), one_person, "{mine}");
        let mut wanted = asked(sold, 40, 8);
        wanted.who = owner;
        let now = world.clocks();
        let refund = world.engine().request_refund(now, &wanted).unwrap().id;
        let others = |world: &mut World| {
            let now = world.clocks();
            let looks =
                Looks { who: clerk, at: world.engine().bank_time(now), clocks: world.engine().clocks(now) };
            let row = refund_row(world.engine().store(), refund, looks).unwrap();
            row.approve.unwrap().others.into_iter().map(|other| other.name).collect::<Vec<_>>()
        };
        assert_eq!(others(&mut world), Vec::<String>::new());
        world.run_secs(24 * 3_600 + 60);
        assert_eq!(others(&mut world).len(), 1);
    }
}
