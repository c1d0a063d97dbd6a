//! What the key proves about people: a row that another hand has touched gives no right, also where
//! it is undone before anybody walks the chain.

use counterfoil_domain::{Actor, Person, PersonId, PinGiven, Role};
use counterfoil_engine::ports::{AuditHead, Change, Finding, PinHash, Store};
use counterfoil_engine::shop::ShopRecord;

use super::record::tampered;
use super::support::*;
use crate::migrate::embedded;
use crate::open::open_with;
use crate::{Mode, SqliteStore};

fn person(n: u32, name: &str, role: Role) -> Person {
    Person {
        id: PersonId::from_bytes(bytes(n)),
        name: name.to_owned(),
        role,
        ask_max: None,
        approve_max: None,
        retired: false,
        added_at: at(n),
        recovered_at: None,
        givers: Vec::new(),
        proved: true,
        version: 1,
    }
}

fn given() -> Vec<PinGiven> {
    vec![PinGiven { by: Actor::Owner, at: at(1), changed: None, binds: true }]
}

/// An owner, an accountant and a clerk whose PIN somebody else has set, in one-person mode.
fn shop_of_people() -> Place {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, [Change::ShopAdded(shop(at(0)))]).unwrap();
    let clerk = Person { givers: given(), ..person(3, "陳", Role::Clerk) };
    for one in [person(1, "林", Role::Owner), person(2, "王", Role::Accountant), clerk] {
        commit(&mut store, [Change::PersonAdded(one, PinHash::new("first".to_owned()))]).unwrap();
    }
    place
}

fn proved(store: &SqliteStore) -> Vec<bool> {
    store.people().unwrap().iter().map(|person| person.proved).collect()
}

/// How far the vault knows this file to have come.
fn kept(place: &Place) -> AuditHead {
    place.reader().audit_head().unwrap()
}

fn opened(place: &Place, kept: &AuditHead) -> SqliteStore {
    let mut store = SqliteStore::open(&place.shop, Mode::Writer).unwrap();
    store.link_with(&place.key(), Some(kept), at(0)).unwrap();
    store
}

#[test]
fn a_row_of_people_that_another_hand_has_written_is_not_proved() {
    let place = shop_of_people();
    let kept = kept(&place);
    assert_eq!(proved(&place.writer()), [true; 3]);
    assert_eq!(place.writer().person(person(3, "", Role::Clerk).id).unwrap().unwrap().givers, given());
    for (sql, expected) in [
        ("UPDATE people SET role = 'owner' WHERE name = '陳'", [true, true, false]),
        ("UPDATE people SET approve_max = 9 WHERE name = '王'", [true, false, true]),
        ("UPDATE people SET retired = 1 WHERE name = '林'", [false, true, true]),
        ("UPDATE people SET pin = 'x' WHERE name = '陳'", [true, true, false]),
        ("UPDATE people SET name = '林' || name, key = key || '2'", [false; 3]),
        ("DELETE FROM standing", [false; 3]),
        ("UPDATE standing SET body = replace(body, 'true', 'false')", [false; 3]),
    ] {
        let touched = tampered(&place, sql);
        let mut reader = SqliteStore::open(&touched.shop, Mode::Reader).unwrap();
        reader.link_with(&touched.key(), Some(&kept), at(0)).unwrap();
        for store in [&reader, &opened(&touched, &kept)] {
            assert_eq!(proved(store), expected, "{sql}");
            let clerk = store.person_named("陳").unwrap();
            let pin = clerk.as_ref().and_then(|clerk| store.pin_of(clerk.id).unwrap());
            assert_eq!(pin.is_some(), clerk.is_some_and(|clerk| clerk.proved), "{sql}");
            assert!(store.has_people().unwrap());
        }
    }
    // without the key nothing is
    let unlinked = SqliteStore::open(&place.shop, Mode::Reader).unwrap();
    assert_eq!(proved(&unlinked), [false; 3]);
}

/// Yesterday's row, and yesterday's proof of it, beside today's chain.
#[test]
fn a_row_that_was_put_back_is_not_proved_nor_is_its_proof() {
    let place = shop_of_people();
    let older = place.copy();
    let mut store = place.writer();
    let accountant = store.person_named("王").unwrap().unwrap();
    commit(&mut store, [Change::PersonChanged(Person { retired: true, ..accountant }, None)]).unwrap();
    let head = store.audit_head().unwrap();
    assert_eq!(head.people, Some(head.rows));
    // while a program has it open
    let attach = format!("ATTACH '{}' AS older;", older.file().display());
    let put_back = attach
        + "DELETE FROM people; INSERT INTO people SELECT * FROM older.people;
        DELETE FROM standing; INSERT INTO standing SELECT * FROM older.standing";
    let people_only = put_back.split("DELETE FROM standing").next().unwrap().to_owned();
    tampered_here(&place, &people_only);
    assert_eq!(proved(&store), [true, false, true]);
    tampered_here(&place, &put_back);
    assert_eq!(proved(&store), [false; 3]);
    drop(store);
    // and at the next start, by what the vault has kept
    assert_eq!(proved(&opened(&place, &head)), [false; 3]);
    let found = opened(&place, &head).verify(Some(&head), &mut |_| std::ops::ControlFlow::Continue(()));
    assert!(found.unwrap().unwrap().found.contains(&Finding::Standing));
}

/// Does this to the file itself, with every trigger dropped.
pub(super) fn tampered_here(place: &Place, sql: &str) {
    let conn = place.raw();
    let triggers: Vec<(String, String)> = {
        let mut all = conn.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").unwrap();
        all.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    };
    for (name, _) in &triggers {
        conn.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    conn.execute_batch("PRAGMA foreign_keys = 0; PRAGMA ignore_check_constraints = 1").unwrap();
    conn.execute_batch(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    for (_, trigger) in triggers {
        conn.execute_batch(&trigger).unwrap();
    }
}

#[test]
fn a_table_that_was_emptied_does_not_make_whoever_comes_the_owner() {
    let place = shop_of_people();
    let head = kept(&place);
    for sql in ["DELETE FROM people", "DELETE FROM people; DELETE FROM standing"] {
        let store = opened(&tampered(&place, sql), &head);
        assert!(store.people_are_gone().unwrap() && store.has_people().unwrap(), "{sql}");
    }
    let none = Place::new();
    let mut store = none.writer();
    commit(&mut store, [Change::ShopAdded(shop(at(0)))]).unwrap();
    assert_eq!(store.audit_head().unwrap().people, Some(0));
    assert!(!store.people_are_gone().unwrap() && !store.has_people().unwrap());
}

/// Whoever sets a new PIN under the key says that the row is right; it stays named.
#[test]
fn a_new_pin_proves_a_row_again_and_hides_nothing() {
    let place = shop_of_people();
    let head = kept(&place);
    let touched =
        tampered(&place, "UPDATE people SET approve_max = 9 WHERE name = '王'; DELETE FROM standing");
    let mut store = opened(&touched, &head);
    // a change of the shop proves nobody
    commit(&mut store, [Change::ShopChanged(shop(at(0)))]).unwrap();
    assert!(store.has_people().unwrap());
    let accountant = store.person_named("王").unwrap().unwrap();
    let pin = Some(PinHash::new("second".to_owned()));
    commit(&mut store, [Change::PersonChanged(accountant, pin)]).unwrap();
    assert_eq!(proved(&store), [false, true, false]);
    let report = store.verify_audit().unwrap();
    let is_named = |one: &Finding| matches!(one, Finding::WasChanged { table: "people", .. });
    assert!(report.found.iter().any(is_named), "{:?}", report.found);
    let next = store.audit_head().unwrap();
    drop(store);
    assert_eq!(proved(&opened(&touched, &next)), [false, true, false]);
}

/// One person is enough only where the record says so.
#[test]
fn one_person_mode_that_another_hand_switched_on_is_off() {
    let place = shop_of_people();
    let one_person = |place: &Place| place.writer().shop().unwrap().unwrap().one_person;
    assert!(!one_person(&place));
    let by_hand = "UPDATE shop SET record = json_set(record, '$.one_person', json('true'))";
    assert!(!one_person(&tampered(&place, by_hand)));
    let on = ShopRecord { one_person: true, ..shop(at(0)) };
    commit(&mut place.writer(), [Change::ShopChanged(on)]).unwrap();
    assert!(one_person(&place));
}

/// A backup from before a setting of the shop was changed keeps its people; one from before
/// one-person mode was switched off does not.
#[test]
fn only_what_gives_a_right_ages_a_backup() {
    let place = shop_of_people();
    let on = ShopRecord { one_person: true, ..shop(at(0)) };
    for (change, stand) in
        [(ShopRecord { name: "分店".to_owned(), ..on.clone() }, true), (shop(at(0)), false)]
    {
        commit(&mut place.writer(), [Change::ShopChanged(on.clone())]).unwrap();
        let backup = place.copy();
        let mut store = place.writer();
        commit(&mut store, [Change::ShopChanged(change)]).unwrap();
        let head = store.audit_head().unwrap();
        assert_eq!(proved(&opened(&backup, &head)), [stand; 3]);
    }
}

/// The first opening by this version reads who stands out of the record; the rows stay as they are.
#[test]
fn a_file_of_the_twentieth_version_has_its_people_proved_by_the_record() {
    let place = shop_of_people();
    let changed = tampered(&place, "UPDATE people SET role = 'owner' WHERE name = '陳'");
    for (place, expected) in [(&place, [true; 3]), (&changed, [true, true, false])] {
        place
            .raw()
            .execute_batch(
                "DROP TABLE standing; DROP TABLE pages_left; DROP TABLE pages_undated; DROP TABLE clock_doubts; DROP INDEX audit_of_doubt; ALTER TABLE coverage_marks DROP COLUMN mark; PRAGMA user_version = 20;
            DELETE FROM refinery_schema_history WHERE version > 20",
            )
            .unwrap();
        let older = open_with(&place.shop, Mode::Writer, &embedded()[..20]).unwrap();
        let before = older.audit_head().unwrap();
        drop(older);
        let kept = AuditHead { people: None, ..before.clone() };
        let store = opened(place, &kept);
        assert_eq!(proved(&store), expected);
        assert_eq!(store.audit_head().unwrap().rows, before.rows, "no line of its own");
        assert_eq!(store.audit_head().unwrap().people, Some(before.rows));
    }
}
