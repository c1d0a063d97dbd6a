//! People: what each role may do, tried in the engine; and by the command line what a PIN opens.

use counterfoil_commands::{Code, CommandError};
use counterfoil_domain::refund::approval::ApprovalError;
use counterfoil_domain::{
    Actor, CustomerId, Denied, DiscrepancyId, LimitChange, OrderId, PaymentId, Person, PersonError, PersonId,
    Rail, RefundId, RefundState, Right, Role, Twd,
};
use counterfoil_engine::ports::{PinHash, Store};
use counterfoil_engine::{Buyer, Decision, EngineError, NewPerson, RefundAsked, RefundRefused};
use counterfoil_shop::{Clock, Composition, SecretString, VaultChoice, add_shop, compose, new_pin, sign_in};
use counterfoil_tests::world::{World, at, shop_json};
use serde_json::json;

use crate::refunds::{START, TUESDAY, asked, booking};
use crate::seen::fault;

pub(crate) fn add(world: &mut World, n: u8, role: Role, who: Actor) -> Result<Actor, EngineError> {
    let now = world.clocks();
    let new = NewPerson { id: PersonId::from_bytes([n; 16]), name: format!("person {n}"), role };
    let added = world.engine().add_person(now, new, PinHash::new("pin".to_owned()), who)?;
    Ok(Actor::Person(added.id))
}

/// A shop with a person of each role: clerk, accountant, owner.
pub(crate) fn with_people(seed: u64) -> (World, [Actor; 3]) {
    let mut world = World::new(START, seed);
    let owner = add(&mut world, 3, Role::Owner, Actor::Owner).unwrap();
    let clerk = add(&mut world, 1, Role::Clerk, owner).unwrap();
    let accountant = add(&mut world, 2, Role::Accountant, owner).unwrap();
    (world, [clerk, accountant, owner])
}

/// A card sale of NT$100 by this person, paid and captured.
pub(crate) fn paid(world: &mut World, who: Actor) -> PaymentId {
    let now = world.clocks();
    let mut sale = World::sale(OrderId::from_bytes([1; 16]), Rail::SinopacCard, 100);
    sale.who = who;
    let sold = world.engine().sell(now, &sale).unwrap();
    world.run_secs(5);
    world.pay(sold.payment);
    world.run_secs(400);
    sold.payment
}

pub(crate) fn id(actor: Actor) -> PersonId {
    match actor {
        Actor::Person(id) => id,
        other @ (Actor::Engine | Actor::Browser | Actor::Owner) => panic!("{other:?}"),
    }
}

/// Has an act tried that nothing else is in the way of: what it is about does not exist, so that a
/// person who may gets as far as that.
fn try_act(world: &mut World, right: Right, who: Actor) -> Vec<Result<(), EngineError>> {
    let now = world.clocks();
    let sold = world.engine().store().orders_in(
        counterfoil_domain::View::All,
        now.wall,
        counterfoil_engine::ports::Page { limit: 1, ..Default::default() },
    );
    let payment = sold.unwrap()[0].1[0].id;
    let engine = world.engine();
    let shop = engine.shop().clone();
    let none = RefundId::from_bytes([9; 16]);
    match right {
        Right::Sell => {
            let mut sale =
                World::sale(OrderId::from_bytes([who.name().as_bytes()[0]; 16]), Rail::SinopacAccount, 50);
            sale.who = who;
            vec![engine.sell(now, &sale).map(drop)]
        }
        Right::Cancel => vec![engine.cancel(now, payment, who).map(drop)],
        Right::Acknowledge => vec![engine.seen(now, payment, who)],
        Right::AskRefund => {
            let mut asked = asked(payment, 1, 7);
            asked.who = who;
            vec![engine.request_refund(now, &asked).map(drop)]
        }
        Right::ApproveRefund => {
            // a refund of this id has to be there before its amount can be looked at
            vec![engine.approve_refund(now, RefundId::from_bytes([8; 16]), None, who).map(drop)]
        }
        Right::WithdrawRefund => {
            vec![engine.withdraw_refund(now, RefundId::from_bytes([8; 16]), who)]
        }
        Right::DecideRefund => vec![engine.decide_refund(now, none, who, &Decision::KeepAsking).map(drop)],
        Right::BookRefund => {
            let mut booking = booking(payment, 1);
            booking.who = who;
            vec![engine.book_refund(now, &booking), engine.unbook_refund(now, &booking)]
        }
        Right::CloseDiscrepancy => {
            let id = DiscrepancyId::from_bytes([9; 16]);
            vec![engine.close_discrepancy(now, id, who, "settled".into())]
        }
        Right::EraseCustomer => vec![engine.erase_customer(now, CustomerId::from_bytes([9; 16]), who)],
        Right::Settings => vec![engine.change_settings(now, shop, who)],
        Right::Keys => vec![
            engine.add_bank(now, shop, who),
            engine.correct_number(now, counterfoil_domain::Bank::Sinopac, "NA0249_001", who).map(drop),
            engine.keys_changed(now, who),
        ],
        Right::People => {
            let other = PersonId::from_bytes([9; 16]);
            let new = NewPerson { id: other, name: "person 1".into(), role: Role::Clerk };
            let pin = || PinHash::new("pin".to_owned());
            vec![
                engine.add_person(now, new, pin(), who).map(drop),
                engine.limit_person(now, other, (LimitChange::Role, LimitChange::Role), who).map(drop),
                engine.retire_person(now, other, who).map(drop),
                engine.set_pin(now, other, pin(), who).map(drop),
            ]
        }
        Right::CorrectCustomer => {
            let to = Buyer { name: "a name".into(), note: String::new() };
            vec![engine.correct_customer(now, CustomerId::from_bytes([9; 16]), to, who).map(drop)]
        }
        // the desk and the views ask for it: nothing is changed
        Right::ExportAudit | Right::SeeCustomers => Vec::new(),
    }
}

fn denied(result: &Result<(), EngineError>) -> Option<Denied> {
    match result {
        Err(EngineError::Denied(denied)) => Some(*denied),
        _ => None,
    }
}

/// Role by right, cell by cell, in the function that builds the change.
#[test]
fn each_role_may_what_the_table_says_and_the_engine_asks_it() {
    let (mut world, [clerk, accountant, owner]) = with_people(1);
    let sold = paid(&mut world, clerk);
    let mut wanted = asked(sold, 10, 8);
    wanted.who = owner;
    let now = world.clocks();
    world.engine().request_refund(now, &wanted).unwrap();
    for right in Right::ALL {
        for (role, who) in Role::ALL.into_iter().zip([clerk, accountant, owner]) {
            for tried in try_act(&mut world, right, who) {
                let expected = (role < right.least()).then_some(Denied::Role { role, right });
                assert_eq!(denied(&tried), expected, "{role:?} {right:?} {tried:?}");
            }
        }
        // nobody without a name, whatever the right
        for (who, why) in [
            (Actor::Owner, Denied::SignedOut),
            (Actor::Engine, Denied::NotAPerson),
            (Actor::Browser, Denied::NotAPerson),
            (Actor::Person(PersonId::from_bytes([99; 16])), Denied::Unknown),
        ] {
            for tried in try_act(&mut world, right, who) {
                assert_eq!(denied(&tried), Some(why), "{who:?} {right:?} {tried:?}");
            }
        }
    }
}

/// Two people, within their limits; and who has left does nothing more.
#[test]
fn a_refund_takes_two_people_within_their_limits() {
    let (mut world, [clerk, accountant, owner]) = with_people(2);
    let sold = paid(&mut world, clerk);
    let now = world.clocks();
    let limit = |world: &mut World, who: Actor, ask, approve| {
        let limits = (LimitChange::Most(Twd::new(ask)), approve);
        world.engine().limit_person(now, id(who), limits, owner).unwrap();
    };
    limit(&mut world, clerk, 39, LimitChange::Kept);
    let mut wanted = asked(sold, 40, 8);
    wanted.who = clerk;
    let above = |right, limit| Some(Denied::AboveLimit { right, limit: Twd::new(limit) });
    let tried = world.engine().request_refund(now, &wanted).map(drop);
    assert_eq!(denied(&tried), above(Right::AskRefund, 39));
    limit(&mut world, clerk, 40, LimitChange::Kept);
    let refund = world.engine().request_refund(now, &wanted).unwrap();
    assert_eq!((refund.state, refund.requester, refund.approver), (RefundState::Requested, clerk, None));

    limit(&mut world, accountant, 40, LimitChange::Most(Twd::new(39)));
    let tried = world.engine().approve_refund(now, refund.id, None, accountant).map(drop);
    assert_eq!(denied(&tried), above(Right::ApproveRefund, 39));
    limit(&mut world, accountant, 40, LimitChange::Most(Twd::new(40)));
    world.engine().retire_person(now, id(accountant), owner).unwrap();
    let tried = world.engine().approve_refund(now, refund.id, None, accountant).map(drop);
    assert_eq!(denied(&tried), Some(Denied::Retired));
    let approved = world.engine().approve_refund(now, refund.id, None, owner).unwrap();
    assert_eq!((approved.approver, approved.alone), (Some(owner), false));
    world.run_secs(60);
    assert_eq!(crate::refunds::state(&mut world, refund.id), RefundState::AtBank);
}

/// A key pressed twice is one approval. Another person is told that somebody was first, and so is
/// whoever approves what was withdrawn.
#[test]
fn of_two_approvals_by_two_people_the_second_is_refused() {
    let (mut world, [clerk, accountant, owner]) = with_people(59);
    let sold = paid(&mut world, clerk);
    let now = world.clocks();
    let wanted = RefundAsked { who: clerk, ..asked(sold, 40, 8) };
    let refund = world.engine().request_refund(now, &wanted).unwrap().id;
    let mut approve = |who| match world.engine().approve_refund(now, refund, None, who) {
        Ok(_) => None,
        Err(EngineError::Refund(RefundRefused::Approval(ApprovalError::NotRequested(state)))) => Some(state),
        Err(other) => panic!("{other}"),
    };
    assert_eq!([accountant, accountant].map(&mut approve), [None, None]);
    assert_eq!(approve(owner), Some(RefundState::Approved));
    world.engine().withdraw_refund(now, refund, clerk).unwrap();
    let approved = world.engine().approve_refund(now, refund, None, accountant);
    assert!(approved.is_err(), "what was withdrawn is not approved: {approved:?}");
}

/// That the bank has not done it has the refund sent again: the person who asked for it does not
/// say so alone.
#[test]
fn another_person_than_the_requester_says_that_it_was_not_done() {
    let (mut world, [clerk, accountant, owner]) = with_people(9);
    let mut sale = World::sale(OrderId::from_bytes([1; 16]), Rail::CtbcCard, 800);
    sale.who = clerk;
    let now = world.clocks();
    let sold = world.engine().sell(now, &sale).unwrap().payment;
    world.run_secs(2);
    world.open_page(sold);
    world.card_control("pay", sold, &json!({}));
    world.run_to(at(TUESDAY));
    fault(&world, "code:3/53", "Refund", 1);
    let now = world.clocks();
    let wanted = RefundAsked { who: accountant, ..asked(sold, 800, 8) };
    let refund = world.engine().request_refund(now, &wanted).unwrap().id;
    world.engine().approve_refund(now, refund, None, owner).unwrap();
    world.run_secs(3_600);
    assert_eq!(crate::refunds::state(&mut world, refund), RefundState::NeedsPerson);
    let now = world.clocks();
    let not_done = Decision::NotDone { told_by: "林小姐".to_owned() };
    let own = world.engine().decide_refund(now, refund, accountant, &not_done);
    let own_word = RefundRefused::Approval(ApprovalError::OwnWord);
    assert!(matches!(own, Err(EngineError::Refund(refused)) if refused == own_word));
    world.engine().decide_refund(now, refund, owner, &not_done).unwrap();
    world.run_secs(60);
    assert_eq!(crate::refunds::state(&mut world, refund), RefundState::AtBank);
}

/// A limit holds for the sum of a payment, on whatever days.
#[test]
fn many_small_refunds_of_a_payment_come_no_further_than_one_large_one() {
    let (mut world, [clerk, accountant, owner]) = with_people(5);
    let sold = paid(&mut world, clerk);
    let limit = LimitChange::Most(Twd::new(60));
    for (who, approve) in [(clerk, LimitChange::Kept), (accountant, limit)] {
        let now = world.clocks();
        world.engine().limit_person(now, id(who), (limit, approve), owner).unwrap();
    }
    let ask = |world: &mut World, who, dollars, id| {
        let now = world.clocks();
        world.engine().request_refund(now, &RefundAsked { who, ..asked(sold, dollars, id) }).map(drop)
    };
    let approve = |world: &mut World, id| {
        let now = world.clocks();
        world.engine().approve_refund(now, RefundId::from_bytes([id; 16]), None, accountant).map(drop)
    };
    let above = |right| Some(Denied::AboveLimit { right, limit: Twd::new(60) });
    ask(&mut world, clerk, 40, 1).unwrap();
    ask(&mut world, clerk, 40, 1).unwrap();
    approve(&mut world, 1).unwrap();
    world.run_secs(2 * crate::refunds::DAY);
    assert_eq!(crate::refunds::state(&mut world, RefundId::from_bytes([1; 16])), RefundState::Done);
    assert_eq!(denied(&ask(&mut world, clerk, 21, 2)), above(Right::AskRefund));
    ask(&mut world, owner, 21, 3).unwrap();
    assert_eq!(denied(&approve(&mut world, 3)), above(Right::ApproveRefund));
    // what was withdrawn counts no more
    let now = world.clocks();
    world.engine().withdraw_refund(now, RefundId::from_bytes([3; 16]), owner).unwrap();
    ask(&mut world, clerk, 20, 4).unwrap();
    approve(&mut world, 4).unwrap();
}

/// The same order once more, with a guess of who bought it: a clerk's answer confirms none.
#[test]
fn a_repeated_sale_confirms_no_customer_to_a_clerk() {
    let (mut world, [clerk, _, owner]) = with_people(6);
    let mut sale = World::sale(OrderId::from_bytes([1; 16]), Rail::SinopacAccount, 100);
    sale.customer = Buyer { name: "王小明".into(), note: String::new() };
    sale.who = clerk;
    let now = world.clocks();
    let sold = world.engine().sell(now, &sale).unwrap();
    for (who, name, is_same) in
        [(clerk, "王小明", true), (clerk, "林小姐", true), (owner, "王小明", true), (owner, "林小姐", false)]
    {
        sale.customer.name = name.into();
        sale.who = who;
        let again = world.engine().sell(now, &sale);
        assert_eq!(again.ok(), is_same.then_some(sold), "{who:?} {name}");
    }
}

/// The same person never, until an owner lets one person alone approve; then slowly, and marked.
#[test]
fn one_person_alone_approves_only_in_one_person_mode_and_slowly() {
    let (mut world, [_, _, owner]) = with_people(3);
    let sold = paid(&mut world, owner);
    let mut wanted = asked(sold, 40, 8);
    wanted.who = owner;
    let now = world.clocks();
    let before = world.engine().request_refund(now, &wanted).unwrap().id;
    let approve = |world: &mut World, refund: RefundId, again: Option<i64>| {
        let now = world.clocks();
        match world.engine().approve_refund(now, refund, again.map(Twd::new), owner) {
            Ok(refund) => Ok(refund.alone),
            Err(EngineError::Refund(RefundRefused::Approval(why))) => Err(why),
            Err(other) => panic!("{other:?}"),
        }
    };
    world.run_secs(11 * 60);
    assert_eq!(approve(&mut world, before, Some(40)), Err(ApprovalError::OwnRequest));
    let shop = world.engine().shop().clone();
    let to = counterfoil_engine::shop::ShopRecord { one_person: true, ..shop };
    let now = world.clocks();
    world.engine().change_settings(now, to, owner).unwrap();
    // the mode opens nothing that was asked for before
    assert_eq!(approve(&mut world, before, Some(40)), Err(ApprovalError::OwnRequest));
    let now = world.clocks();
    world.engine().withdraw_refund(now, before, owner).unwrap();
    wanted.id = RefundId::from_bytes([9; 16]);
    let refund = world.engine().request_refund(now, &wanted).unwrap().id;
    world.run_secs(11 * 60);
    assert_eq!(approve(&mut world, refund, None), Err(ApprovalError::AmountAgain));
    assert_eq!(approve(&mut world, refund, Some(41)), Err(ApprovalError::AmountAgain));
    assert_eq!(approve(&mut world, refund, Some(40)), Ok(true));
    // what was approved stays approved when the mode ends
    let to = counterfoil_engine::shop::ShopRecord { one_person: false, ..world.engine().shop().clone() };
    let now = world.clocks();
    world.engine().change_settings(now, to, owner).unwrap();
    world.run_secs(60);
    assert_eq!(crate::refunds::state(&mut world, refund), RefundState::AtBank);
}

/// Whoever set the PIN of the one who set it may know it too, and no later giver hides that.
#[test]
fn a_hand_reaches_through_a_third_person_for_a_day() {
    let (mut world, [_, accountant, owner]) = with_people(6);
    let second = add(&mut world, 4, Role::Owner, owner).unwrap();
    let sold = paid(&mut world, owner);
    let pin = |world: &mut World, of: Actor, by: Actor| {
        let now = world.clocks();
        world.engine().set_pin(now, id(of), PinHash::new("other".to_owned()), by).unwrap();
    };
    pin(&mut world, second, owner);
    pin(&mut world, second, second);
    pin(&mut world, accountant, second);
    pin(&mut world, accountant, accountant);
    let mut wanted = asked(sold, 40, 8);
    wanted.who = owner;
    let now = world.clocks();
    let refund = world.engine().request_refund(now, &wanted).unwrap().id;
    let approve = |world: &mut World| {
        let now = world.clocks();
        match world.engine().approve_refund(now, refund, None, accountant) {
            Ok(refund) => Ok(refund.approver),
            Err(EngineError::Refund(RefundRefused::Approval(why))) => Err(why),
            Err(other) => panic!("{other:?}"),
        }
    };
    assert_eq!(approve(&mut world), Err(ApprovalError::OneHand));
    world.run_secs(23 * 3_600);
    assert_eq!(approve(&mut world), Err(ApprovalError::OneHand));
    world.run_secs(3_600);
    assert_eq!(approve(&mut world), Ok(Some(accountant)));
}

#[test]
fn the_first_person_is_an_owner_and_the_last_owner_stays() {
    let mut world = World::new(START, 4);
    let refused = |result: Result<Person, EngineError>| match result {
        Err(EngineError::Person(why)) => why,
        other => panic!("{other:?}"),
    };
    let first = add(&mut world, 1, Role::Clerk, Actor::Owner).map(|_| ());
    assert!(matches!(first, Err(EngineError::Person(PersonError::FirstIsOwner))), "{first:?}");
    let owner = add(&mut world, 1, Role::Owner, Actor::Owner).unwrap();
    let clerk = add(&mut world, 2, Role::Clerk, owner).unwrap();
    let now = world.clocks();
    let engine = world.engine();
    assert_eq!(refused(engine.retire_person(now, id(owner), owner)), PersonError::LastOwner);
    let approve = (LimitChange::Kept, LimitChange::Most(Twd::new(1)));
    assert_eq!(refused(engine.limit_person(now, id(clerk), approve, owner)), PersonError::ApprovesNothing);
    let negative = (LimitChange::Most(Twd::new(-1)), LimitChange::Kept);
    assert_eq!(refused(engine.limit_person(now, id(clerk), negative, owner)), PersonError::LimitNegative);
    let pin = || PinHash::new("other".to_owned());
    assert_eq!(refused(engine.recover_person(now, id(clerk), pin())), PersonError::NoOwner);
    // one's own PIN is nobody else's business
    engine.set_pin(now, id(clerk), pin(), clerk).unwrap();
    assert_eq!(engine.store().pin_of(id(clerk)).unwrap(), Some(pin()));
    engine.retire_person(now, id(clerk), owner).unwrap();
    assert_eq!(engine.retire_person(now, id(clerk), owner).unwrap().version, 3, "done twice is done once");
    assert_eq!(refused(engine.set_pin(now, id(clerk), pin(), owner)), PersonError::Retired);
    assert!(add(&mut world, 2, Role::Clerk, owner).is_err(), "the id is taken");
}

/// Two people signed in at one desk, as two windows of it would be: each act counts for whoever
/// does it, and for nobody it is locked.
#[test]
fn two_sessions_at_one_desk_keep_their_own_rights() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Composition {
        data: folder.path().join("shop"),
        vault: VaultChoice::File(folder.path().join("keys")),
        clock: Clock::System,
        demo_base: None,
    };
    add_shop(&shop, &shop_json().to_string(), Actor::Owner).unwrap();
    let mut desk = compose(&shop).unwrap();
    desk.may_look(Actor::Owner).unwrap();
    let pin = |role: Role, text: &str| new_pin(&shop, role, &SecretString::from(text)).unwrap();
    let session = |name: &str, text: &str| sign_in(&shop, name, &SecretString::from(text));
    desk.add_person("林", "owner", pin(Role::Owner, "27495810"), Actor::Owner).unwrap();
    let owner = session("林", "27495810").unwrap();
    desk.add_person("陳", "clerk", pin(Role::Clerk, "836201"), owner).unwrap();
    let clerk = session("陳", "836201").unwrap();

    let code = |result: Result<(), CommandError>| result.err().map(|error| error.code);
    let mut tried = |who: Actor| {
        let keys = desk.parts_for_keys(counterfoil_domain::Bank::Ctbc, "10000", who).map(drop);
        let added = desk.add_person("王", "king", pin(Role::Clerk, "495172"), who).map(drop);
        [
            code(desk.may_look(who)),
            code(desk.set_one_person(true, who)),
            code(keys),
            code(added),
            code(desk.allowed(who, Right::Sell)),
        ]
    };
    let may_not = Some(Code::RoleMayNot);
    assert_eq!(tried(clerk), [None, may_not, may_not, Some(Code::PersonRole), None]);
    assert_eq!(tried(owner), [None, None, None, Some(Code::PersonRole), None]);
    let locked = Some(Code::Locked);
    assert_eq!(tried(Actor::Owner), [locked, locked, locked, Some(Code::PersonRole), locked]);
    let shown = |desk: &counterfoil_shop::Desk, who| desk.who(who).unwrap().person.map(|person| person.name);
    assert_eq!((shown(&desk, clerk), shown(&desk, owner)), (Some("陳".into()), Some("林".into())));
    assert_eq!((shown(&desk, Actor::Owner), desk.health().one_person), (None, true));

    // who is retired at one desk acts no more at the other
    desk.retire_person("陳", owner).unwrap();
    assert_eq!(code(desk.may_look(clerk)), Some(Code::PersonRetired));
    assert_eq!(shown(&desk, clerk), None);
    assert_eq!(session("陳", "836201").err().map(|error| error.code), Some(Code::PinWrong));
}
