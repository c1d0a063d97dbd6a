//! Names, PINs, limits, and who else may act as a person.

use super::*;

#[test]
fn names() {
    assert_eq!(checked_name("　林小姐 "), Ok("林小姐".to_owned()));
    assert_eq!(checked_name(" 　"), Err(PersonError::NameEmpty));
    assert_eq!(checked_name(&"林".repeat(30)).map(|name| name.chars().count()), Ok(30));
    assert_eq!(checked_name(&"林".repeat(31)), Err(PersonError::NameTooLong { chars: 31 }));
    for hidden in ["a\u{1b}b", "a\u{202e}b", "a\u{200b}b", "負\u{2060}責人"] {
        assert_eq!(checked_name(hidden), Err(PersonError::NameControl { place: 2 }), "{hidden:?}");
    }
    for reserved in [
        "owner",
        "Engine",
        "BROWSER",
        "ｏwner",
        "оwnеr",
        "o w n e r",
        "ΕΝGΙΝΕ",
        "負責人",
        "負 責 人",
        "程式",
        "引擎",
        "系統",
        "System",
        "Nobody",
        "n.o.body",
    ] {
        assert_eq!(checked_name(reserved), Err(PersonError::NameReserved), "{reserved}");
    }
}

#[test]
fn pins_have_the_digits_of_the_role_and_are_not_the_first_guess() {
    for (role, min) in [(Role::Clerk, 6), (Role::Accountant, 6), (Role::Owner, 8)] {
        let pin = |digits: usize| "274958103664".repeat(2)[..digits].to_owned();
        assert_eq!(check_pin(&pin(min), role), Ok(()));
        assert_eq!(check_pin(&pin(12), role), Ok(()));
        for wrong in [pin(min - 1), pin(13), String::new(), "27495a".into(), "２７４９５８１０".into()]
        {
            assert_eq!(check_pin(&wrong, role), Err(PinError::Digits { min }), "{wrong}");
        }
    }
    for guessed in [
        "000000",
        "777777777",
        "123456",
        "012345678901",
        "890123",
        "987654",
        "3210987",
        "112233",
        "121212",
        "12121212",
        "123123",
        "45674567",
        // birthdays: 2 December 1990, 29 February 2000, 民國 79 and 115
        "19900512",
        "20261130",
        "901202",
        "120290",
        "021290",
        "000229",
        "12021990",
        "02121990",
        "791202",
        "0791202",
        "1150229",
        "01151130",
    ] {
        assert_eq!(check_pin(guessed, Role::Clerk), Err(PinError::Guessable), "{guessed}");
    }
    for fine in
        ["123457", "113265", "135790", "901313", "19901312", "18900512", "2001202", "02000512", "901131"]
    {
        assert_eq!(check_pin(fine, Role::Clerk), Ok(()), "{fine}");
    }
}

#[test]
fn limits_are_the_persons_own_or_the_roles() {
    let person = |role| Person {
        id: PersonId::from_bytes([1; 16]),
        name: "林".into(),
        role,
        ask_max: None,
        approve_max: None,
        retired: false,
        added_at: Moment::from_millis(0),
        recovered_at: None,
        givers: Vec::new(),
        proved: true,
        version: 1,
    };
    let limits = |person: &Person| [Right::AskRefund, Right::ApproveRefund].map(|r| person.limit(r));
    assert_eq!(limits(&person(Role::Owner)), [None, None]);
    assert_eq!(limits(&person(Role::Accountant)), [None, Some(Twd::new(30_000))]);
    let own = Person { ask_max: Some(Twd::new(5)), approve_max: Some(Twd::new(7)), ..person(Role::Owner) };
    assert_eq!(limits(&own), [Some(Twd::new(5)), Some(Twd::new(7))]);
    assert_eq!(own.limit(Right::Sell), None);
    let changed =
        [LimitChange::Kept, LimitChange::to(None), LimitChange::to(Some(9))].map(|to| to.of(own.ask_max));
    assert_eq!(changed, [own.ask_max, None, Some(Twd::new(9))]);
    let recovered = Person { recovered_at: Some(Moment::from_millis(0)), ..own };
    let day = |n: i64| Moment::from_millis(n * 86_400_000);
    assert!(recovered.was_recovered(day(29)) && !recovered.was_recovered(day(30)));
}

fn someone() -> Person {
    Person {
        id: PersonId::from_bytes([1; 16]),
        name: "林".into(),
        role: Role::Clerk,
        ask_max: None,
        approve_max: None,
        retired: false,
        added_at: Moment::from_millis(0),
        recovered_at: None,
        givers: Vec::new(),
        proved: true,
        version: 1,
    }
}

const HOUR: i64 = 3_600_000;
const GIVER: Actor = Actor::Person(PersonId::from_bytes([7; 16]));
const OTHER: Actor = Actor::Person(PersonId::from_bytes([8; 16]));

/// Both clocks at these hours, in a run in which no bank has named a time.
fn at(bank: i64, mono: i64) -> Clocks {
    Clocks { at: Moment::from_millis(bank * HOUR), mono: Mono::from_millis(mono * HOUR), passed: None }
}

/// The same where a bank has.
fn told(bank: i64, mono: i64) -> Clocks {
    Clocks { passed: Some(Moment::from_millis(bank * HOUR)), ..at(bank, mono) }
}

/// Whoever has set a PIN can change it as its person too: that shows before a day is over.
#[test]
fn whoever_set_a_pin_is_another_hand_until_a_day_after_its_change() {
    let kept = someone().pin_set_by(GIVER, vec![], at(0, 0), true);
    let changed = kept.clone().pin_changed(told(100, 100));
    let hand = |person: &Person, at| (person.must_change_pin(), person.other_hands(at));
    assert_eq!(
        [at(100, 100), at(9_000, 9_000)].map(|at| hand(&kept, at)),
        [(); 2].map(|()| (true, vec![GIVER]))
    );
    assert_eq!(hand(&changed, told(123, 123)), (false, vec![GIVER]));
    assert_eq!(hand(&changed, told(124, 124)), (false, vec![]));
    assert_eq!((kept.apart_at(), changed.apart_at()), (None, Some(at(124, 0).at)));
    let again = changed.clone().pin_changed(told(110, 110));
    assert_eq!(again, changed, "the first change counts");
    for practice in [someone().pin_set_by(GIVER, vec![], at(0, 0), false)] {
        let changed = practice.clone().pin_changed(at(100, 100));
        for person in [practice, changed] {
            assert_eq!((hand(&person, at(100, 100)), person.apart_at()), ((false, vec![]), None));
        }
    }
    let shown = |person: &Person, day: i64| person.is_pin_given(at(day * 24, 0).at);
    assert!(shown(&kept, 30), "until it is changed");
    assert!(shown(&changed, 29) && !shown(&changed, 30));
}

/// No clock of the computer passes the day, nor all of them together: a bank has to say so.
#[test]
fn the_day_passes_by_what_a_bank_says() {
    let hands = |changed: Clocks, now: Clocks| {
        someone().pin_set_by(GIVER, vec![], at(0, 0), true).pin_changed(changed).other_hands(now).len()
    };
    for moved in [at(200, 101), at(101, 200), at(200, 200)] {
        assert_eq!(hands(told(100, 100), moved), 1, "{moved:?}");
    }
    assert_eq!(hands(told(100, 100), told(124, 5)), 0, "a bank says so");
    assert_eq!(hands(told(100, 100), told(123, 200)), 1, "a bank says that it is not over");
    // a clock that was put back for the change
    assert_eq!(hands(at(50, 100), told(100, 200)), 1);
    let undated = someone().pin_set_by(GIVER, vec![], at(0, 0), true).pin_changed(at(50, 100));
    assert_eq!(undated.dated(at(100, 101)), None);
    let dated = undated.dated(told(100, 101)).unwrap();
    assert_eq!([told(123, 2), told(124, 3)].map(|now| dated.other_hands(now).len()), [1, 0]);
    assert_eq!(dated.dated(told(130, 9)), None, "once");
}

/// Who could act as the giver may know the PIN too, and no later giver hides an earlier one.
#[test]
fn every_giver_of_the_day_is_a_hand() {
    let given = someone().pin_set_by(GIVER, vec![OTHER, GIVER], at(0, 0), true);
    assert_eq!(given.other_hands(at(0, 0)), [OTHER, GIVER]);
    let recovered = given.pin_changed(told(1, 1)).pin_set_by(Actor::Owner, vec![], told(2, 2), true);
    assert_eq!(recovered.other_hands(at(2, 2)), [OTHER, GIVER, Actor::Owner]);
    assert_eq!(recovered.pin_given().map(|given| given.by), Some(Actor::Owner));
    let own = recovered.pin_changed(told(3, 3));
    assert_eq!(own.other_hands(told(26, 26)), [Actor::Owner], "each until a day after its own change");
    let next = own.pin_set_by(GIVER, vec![], told(26, 26), true);
    assert_eq!(next.givers.len(), 2, "who is apart is forgotten");
    assert_eq!(next.clone().pin_set_by(GIVER, vec![], at(26, 26), true).givers.len(), 2);
    let me = Actor::Person(next.id);
    assert_eq!(someone().pin_set_by(GIVER, vec![me], at(0, 0), true).other_hands(at(0, 0)), [GIVER]);
}
