//! Discrepancies that a person closes, and those that a later answer of the bank settles.

use counterfoil_commands::{Names, discrepancy_rows};
use counterfoil_domain::{Actor, DiscrepancyId, DiscrepancyKind, PaymentState, Rail};
use counterfoil_engine::ports::{BankRequest, Inquiry, Said, Store};
use counterfoil_tests::ledger;
use counterfoil_tests::world::World;
use serde_json::json;

use crate::ctbc::{START, discrepancies, opened, watch};

fn close(world: &mut World, id: DiscrepancyId) {
    let now = world.clocks();
    world.engine().close_discrepancy(now, id, Actor::Owner, "the bank refunded it for us".into()).unwrap();
}

/// On screen the bank is asked every few seconds: what it shows still stays closed. Gone and shown
/// again, it is a new one.
#[test]
fn what_a_person_has_closed_comes_back_only_after_a_reading_without_it() {
    let mut world = World::new(START, 80);
    let sold = opened(&mut world, 300);
    let (id, outside) = (sold.payment, DiscrepancyKind::RefundedOutside);
    world.card_control("pay", id, &json!({}));
    world.card_control("plant", id, &json!({ "state": "20" }));
    watch(&mut world, id);
    world.run_secs(4);
    assert_eq!(discrepancies(&mut world, id), [outside]);
    let first = world.engine().store().discrepancies_of(id).unwrap().remove(0);
    close(&mut world, first.id);
    assert_eq!(discrepancies(&mut world, id), []);
    let rows = |world: &mut World| world.engine().store().verify_audit().unwrap().rows;
    let before = rows(&mut world);
    for _ in 0..3 {
        watch(&mut world, id);
        world.run_secs(4);
    }
    assert_eq!((discrepancies(&mut world, id), rows(&mut world)), (vec![], before), "it is shown still");

    world.card_control("plant", id, &json!({ "state": "12" }));
    watch(&mut world, id);
    world.run_secs(4);
    world.card_control("plant", id, &json!({ "state": "20" }));
    watch(&mut world, id);
    world.run_secs(4);
    assert_eq!(discrepancies(&mut world, id), [outside]);
    assert_eq!(world.state(id), PaymentState::Paid);
    assert_ne!(world.engine().store().discrepancies_of(id).unwrap()[0].id, first.id);
}

#[test]
fn a_discrepancy_is_closed_once_and_only_if_it_is_there() {
    let mut world = World::new(START, 81);
    let sold = opened(&mut world, 300);
    world.card_control("pay", sold.payment, &json!({}));
    world.card_control("plant", sold.payment, &json!({ "state": "13" }));
    watch(&mut world, sold.payment);
    world.run_secs(4);
    let found = world.engine().store().discrepancies(9).unwrap().remove(0);
    assert_eq!(found.kind, DiscrepancyKind::CaptureFailed);
    close(&mut world, found.id);
    close(&mut world, found.id);
    let (_, closing) = world.engine().store().discrepancy(found.id).unwrap().unwrap();
    let closing = closing.unwrap();
    assert_eq!((closing.who, closing.reason.as_str()), (Actor::Owner, "the bank refunded it for us"));
    // the reason may name a customer
    for (names, shown) in [(Names::Full, "the bank refunded it for us"), (Names::Masked, "")] {
        let rows = discrepancy_rows(world.engine().store(), true, names).unwrap();
        assert_eq!(rows[0].closed.as_ref().map(|closed| closed.reason.as_str()), Some(shown));
    }
    assert!(world.engine().store().verify_audit().unwrap().broken_at.is_none());
    let now = world.clocks();
    let missing = DiscrepancyId::from_random([9; 16]);
    assert!(world.engine().close_discrepancy(now, missing, Actor::Owner, "r".into()).is_err());
}

/// What the bank shows as it should be again is closed with that answer, and is a new discrepancy
/// when it comes back. Where money may have gone astray a person decides.
#[test]
fn a_later_answer_closes_what_it_settles() {
    use DiscrepancyKind as D;
    for (kind, odd, right) in [
        (D::CaptureFailed, "13", Some("12")),
        (D::UnlistedState, "77", Some("11")),
        (D::WentBack, "0", Some("10")),
        (D::RefundedOutside, "20", None),
    ] {
        let mut world = World::new(START, 84);
        let id = opened(&mut world, 300).payment;
        world.card_control("pay", id, &json!({}));
        watch(&mut world, id);
        world.run_secs(4);
        let shows = |world: &mut World, state: &str| {
            world.run_secs(900);
            world.card_control("plant", id, &json!({ "state": state }));
            watch(world, id);
            world.run_secs(4);
        };
        shows(&mut world, odd);
        assert_eq!(discrepancies(&mut world, id), [kind]);
        let first = world.engine().store().discrepancies_of(id).unwrap().remove(0);
        shows(&mut world, right.unwrap_or("12"));
        let Some(right) = right else {
            assert_eq!(discrepancies(&mut world, id), [kind], "a person decides");
            continue;
        };
        assert_eq!(discrepancies(&mut world, id), [], "{kind:?}");
        let (_, closing) = world.engine().store().discrepancy(first.id).unwrap().unwrap();
        let closing = closing.unwrap();
        assert_eq!((closing.who, closing.reason.as_str()), (Actor::Engine, right));
        let rests = world.engine().store().evidence_of(id).unwrap();
        assert!(rests.iter().any(|one| one.at == closing.at && one.said == right), "{kind:?}: {rests:?}");
        shows(&mut world, odd);
        let again = world.engine().store().discrepancies_of(id).unwrap();
        assert!(again.iter().any(|d| d.kind == kind && d.id != first.id), "{kind:?}: {again:?}");
    }
}

/// The same kind with other facts is another discrepancy: the closed one is gone, and new when it
/// is shown again.
#[test]
fn a_closed_discrepancy_is_gone_when_the_bank_shows_other_facts() {
    let mut world = World::new(START, 82);
    let sold = opened(&mut world, 300);
    let id = sold.payment;
    world.card_control("pay", id, &json!({}));
    let mut shows = |state: &str| {
        world.card_control("plant", id, &json!({ "state": state }));
        watch(&mut world, id);
        world.run_secs(4);
        let open = world.engine().store().discrepancies_of(id).unwrap();
        for found in &open {
            close(&mut world, found.id);
        }
        open.iter().map(|d| (d.kind, d.detail.clone())).collect::<Vec<_>>()
    };
    let outside = DiscrepancyKind::RefundedOutside;
    let queued = shows("20");
    assert_eq!(queued.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), [outside]);
    assert_eq!(shows("20"), []);
    let locked = shows("21");
    assert_eq!(locked.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), [outside]);
    assert_ne!(queued, locked);
    assert_eq!(shows("20"), queued, "new again");
}

/// An answer about something else is one discrepancy for each set of facts.
#[test]
fn an_unequal_answer_is_written_down_once_for_its_facts() {
    let mut world = World::new(START, 83);
    let sold = world.sell(Rail::SinopacAccount, 100).payment;
    world.run_secs(5);
    for (facts, count) in [("bank 1", 1), ("bank 1", 1), ("bank 2", 2), ("bank 1", 2)] {
        world.tamper = Some(Box::new(move |request, reply| {
            if matches!(request, BankRequest::Ask(Inquiry::Order { .. })) {
                reply.said = Said::Unequal(DiscrepancyKind::EchoDiffers, facts.into());
            }
        }));
        watch(&mut world, sold);
        world.run_secs(4);
        let found = world.engine().store().discrepancies_of(sold).unwrap();
        assert_eq!(found.len(), count, "{facts}: {found:?}");
        let lines = "SELECT count(*) FROM audit WHERE what = 'reading' AND detail = 'unequal'";
        let lines: i64 = ledger::read(world.folder()).query_row(lines, [], |row| row.get(0)).unwrap();
        assert_eq!(usize::try_from(lines).unwrap(), count, "{facts}: known facts are no news");
    }
}
