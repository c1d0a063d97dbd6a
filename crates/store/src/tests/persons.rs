//! The people of a shop: what the file itself keeps, and a file that has none yet.

use counterfoil_domain::refund::SinopacPaper;
use counterfoil_domain::{Actor, Moment, Person, PersonId, PinChanged, PinGiven, RefundId, Role, Twd};
use counterfoil_engine::ports::{AuditLine, Change, Commit, PinHash, Store, StoreError};
use counterfoil_engine::shop::{ACCOUNT_LIMIT, Environment, ReturnAddress, ShopRecord, SinopacSettings};
use rusqlite::params;

use super::support::*;
use crate::migrate::embedded;
use crate::open::open_with;
use crate::people::given_by_record;
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

fn pin(text: &str) -> PinHash {
    PinHash::new(text.to_owned())
}

fn added(store: &mut SqliteStore, person: &Person) -> Result<(), StoreError> {
    commit(store, [Change::PersonAdded(person.clone(), pin("first"))])
}

fn changed(store: &mut SqliteStore, person: Person, pin: Option<PinHash>) -> Result<(), StoreError> {
    commit(store, [Change::PersonChanged(person, pin)])
}

fn refused(result: Result<(), StoreError>, why: &str) {
    match result {
        Err(StoreError::Refused(text)) => assert!(text.contains(why), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn people_are_read_as_they_were_written_and_change_by_one_version() {
    let place = Place::new();
    let mut store = place.writer();
    assert!(!store.has_people().unwrap());
    let (owner, clerk) = (person(1, "林", Role::Owner), person(2, "陳", Role::Clerk));
    added(&mut store, &owner).unwrap();
    added(&mut store, &clerk).unwrap();
    assert!(store.has_people().unwrap());
    assert_eq!(store.people().unwrap(), [owner.clone(), clerk.clone()]);
    assert_eq!(store.person_named("陳").unwrap(), Some(clerk.clone()));
    assert_eq!(
        (store.person_named("王").unwrap(), store.pin_of(person(9, "", Role::Clerk).id).unwrap()),
        (None, None)
    );

    let limited = Person { ask_max: Some(Twd::new(5)), approve_max: Some(Twd::new(0)), ..clerk.clone() };
    changed(&mut store, limited.clone(), None).unwrap();
    let kept = Person { version: 2, ..limited };
    assert_eq!(store.person(clerk.id).unwrap(), Some(kept.clone()));
    assert_eq!(store.pin_of(clerk.id).unwrap(), Some(pin("first")), "without a new one the old one stays");
    changed(&mut store, Person { recovered_at: Some(at(7)), ..kept.clone() }, Some(pin("second"))).unwrap();
    assert_eq!(store.pin_of(clerk.id).unwrap(), Some(pin("second")));
    assert!(matches!(changed(&mut store, kept, None), Err(StoreError::Conflict)), "read before");
}

#[test]
fn the_file_keeps_names_roles_and_an_owner() {
    let place = Place::new();
    let mut store = place.writer();
    refused(added(&mut store, &person(1, "陳", Role::Clerk)), "the first person is an owner");
    let owner = person(1, "林", Role::Owner);
    added(&mut store, &owner).unwrap();
    refused(added(&mut store, &person(2, "林", Role::Clerk)), "people");
    refused(added(&mut store, &Person { version: 2, ..person(2, "陳", Role::Clerk) }), "version 1");
    refused(changed(&mut store, Person { retired: true, ..owner.clone() }, None), "the last owner stays");
    let second = person(3, "王", Role::Owner);
    added(&mut store, &second).unwrap();
    changed(&mut store, Person { retired: true, ..owner.clone() }, None).unwrap();
    // the name stays with who has left, however it is written, and who has left stays as they were
    for alike in ["林", " 林\u{200b}", "王"] {
        refused(added(&mut store, &person(4, alike, Role::Clerk)), "people.key");
    }
    assert_eq!(store.person_named("林").unwrap().map(|p| p.id), Some(owner.id));
    added(&mut store, &person(4, "Ｗang", Role::Clerk)).unwrap();
    assert_eq!(store.person_named("WANG").unwrap().map(|p| p.name), Some("Ｗang".to_owned()));
    refused(added(&mut store, &person(5, "w a n g", Role::Clerk)), "people.key");
    let back = Person { version: 2, ..owner };
    refused(changed(&mut store, back, Some(pin("x"))), "who is retired stays");
    refused(changed(&mut store, Person { retired: true, ..second }, None), "the last owner stays");
    let edit = |sql: &str| store.conn().execute_batch(sql).unwrap_err().to_string();
    for (sql, why) in [
        ("DELETE FROM people", "never deleted"),
        ("UPDATE people SET role = 'owner', version = version + 1 WHERE role = 'clerk'", "never change"),
        ("UPDATE people SET name = 'x', version = version + 1 WHERE role = 'clerk'", "never change"),
        ("UPDATE people SET key = 'x', version = version + 1 WHERE role = 'clerk'", "never change"),
        ("UPDATE people SET pin = 'x' WHERE role = 'clerk'", "one version at a time"),
    ] {
        assert!(edit(sql).contains(why), "{sql}");
    }
    assert_eq!(store.verify_audit().unwrap().broken_at, None);
}

/// Before version 21 only the record said who had set a PIN.
#[test]
fn who_else_can_act_as_a_person_of_an_older_file_follows_from_the_record() {
    for environment in [None, Some(Environment::Sandbox), Some(Environment::Custom)] {
        let is_practice = environment == Some(Environment::Custom);
        let place = Place::new();
        let mut store = place.writer();
        let sinopac = environment.map(|environment| SinopacSettings {
            environment,
            base_url: None,
            shop_no: "NA0249_001".to_owned(),
            return_address: ReturnAddress::Loopback { port: 0 },
            auto_billing: true,
            account_limit: ACCOUNT_LIMIT,
            paper: SinopacPaper::V25,
            own_prefixes: Vec::new(),
        });
        commit(&mut store, [Change::ShopAdded(ShopRecord { sinopac, ..shop(at(0)) })]).unwrap();
        let (owner, clerk) = (person(1, "林", Role::Owner), person(2, "陳", Role::Clerk));
        let [by_owner, by_clerk] = [owner.id, clerk.id].map(Actor::Person);
        let mut line = |n: u32, who: Actor, what: &str, changes: Vec<Change>| {
            let audit = AuditLine {
                at: at(n),
                who,
                what: what.to_owned(),
                subject: if n == 1 { owner.id } else { clerk.id }.to_string(),
                detail: String::new(),
            };
            store.commit(Commit { audit, guards: Vec::new(), changes }).unwrap();
            assert_eq!(given_by_record(store.conn(), owner.id).unwrap(), [], "the first owner's own");
            given_by_record(store.conn(), clerk.id).unwrap()
        };
        let given = |n: u32, changed_at: Option<Moment>, binds| {
            let changed = changed_at.map(|at| PinChanged { at, mono: None, sure: true });
            vec![PinGiven { by: by_owner, at: at(n), changed, binds }]
        };
        line(1, Actor::Owner, "people-add", vec![Change::PersonAdded(owner.clone(), pin("a"))]);
        let added = line(2, by_owner, "people-add", vec![Change::PersonAdded(clerk.clone(), pin("b"))]);
        assert_eq!(added, given(2, None, !is_practice), "{environment:?}");
        let own = line(3, by_clerk, "people-pin", vec![]);
        assert_eq!(own, given(2, Some(at(3)), !is_practice));
        assert_eq!(line(4, by_clerk, "people-pin", vec![]), own, "the first change counts");
        assert_eq!(line(5, by_owner, "people-limits", vec![]), own);
        assert_eq!(line(6, by_owner, "people-pin", vec![]), given(6, None, true), "again another hand's");
        let last = line(7, by_clerk, "people-pin", vec![]);
        assert_eq!(last, given(6, Some(at(7)), true));
        // what stands is made of it once, in a file that has none yet
        store.conn().execute_batch("DELETE FROM standing").unwrap();
        drop(store);
        assert_eq!(
            place.writer().person(clerk.id).unwrap().map(|p| (p.proved, p.givers)),
            Some((true, last))
        );
    }
}

/// Version 14 knew no people: one person asked and approved, and the file said so by the names.
#[test]
fn a_file_of_the_fourteenth_version_has_no_people_and_keeps_who_approved() {
    let place = Place::new();
    let older = open_with(&place.shop, Mode::Maker, &embedded()[..14]).unwrap();
    let rows = "INSERT INTO orders (created_at, id, amount, description) VALUES (1, zeroblob(16), 180, '');
        INSERT INTO payments (order_id, created_at, id, sold_at, rail, bank_order_no, amount, state, shown, issued,
            expires_at, version)
        VALUES (zeroblob(16), 1, zeroblob(16), 1, 'sinopac-card', 'C1', 180, 'awaiting', 1, 0, 2, 1);";
    older.conn().execute_batch(rows).unwrap();
    let add =
        "INSERT INTO refunds (payment_id, requested_at, id, xid, amount, reason, requester, state, version)
        VALUES (zeroblob(16), 1, ?1, ?2, 10, 'returned', 'owner', 'requested', 1)";
    for n in [1, 2] {
        older.conn().execute(add, params![bytes(n), n.to_string()]).unwrap();
    }
    let approve = "UPDATE refunds SET approver = 'owner', state = 'approved', version = 2 WHERE id = ?1";
    older.conn().execute(approve, [bytes(1)]).unwrap();
    drop(older);

    let mut store = place.writer();
    assert!(!store.has_people().unwrap());
    let refund = |n| store.refund(RefundId::from_bytes(bytes(n))).unwrap().unwrap();
    let (approved, asked) = (refund(1), refund(2));
    assert_eq!((approved.approver, approved.alone, approved.asked_mono), (Some(Actor::Owner), true, None));
    assert_eq!((asked.approver, asked.alone), (None, false));
    // from now on the row itself says it
    let by_hand =
        "UPDATE refunds SET approver = requester, state = 'approved', version = 2 WHERE approver IS NULL";
    let why = store.conn().execute_batch(by_hand).unwrap_err().to_string();
    assert!(why.contains("the approver is never the requester"), "{why}");
    let again = store.conn().execute_batch("UPDATE refunds SET asked_mono = 1, version = version + 1");
    assert!(again.unwrap_err().to_string().contains("asked for once"));
    added(&mut store, &person(1, "林", Role::Owner)).unwrap();
    assert_eq!(store.verify_audit().unwrap().broken_at, None);
}
