//! Copies of a folder take turns, and each try is counted.

use counterfoil_vault::MemoryVault;

use super::*;

fn at(ms: i64) -> SinceBoot {
    SinceBoot { at: Mono::from_millis(ms), known: true }
}

/// A copy of the folder has the same vault, and so the same tries.
#[test]
fn copies_of_a_folder_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    let vault = VaultChoice::File(folder.path().join("keys"));
    let in_folder = |name: &str| Composition {
        data: folder.path().join(name),
        vault: vault.clone(),
        clock: crate::clock::Clock::System,
        demo_base: None,
    };
    let held = lock(&in_folder("shop")).unwrap();
    let path = folder.path().join("keys").with_added_extension(LOCK_FILE);
    let other = File::open(path).unwrap();
    assert!(other.try_lock().is_err());
    drop(held);
    drop(lock(&in_folder("copy")).unwrap());
    other.try_lock().unwrap();
}

/// A program that ends between counting and comparing has used its try up, and while locked no
/// PIN is looked at, not even the right one.
#[test]
fn a_try_is_counted_before_its_pin_is_compared() {
    let mut vault = MemoryVault::new();
    let pepper = pepper_or(&mut vault, "shop", [7; 32]).unwrap();
    let mut kept = TriesKept::of(&mut vault, "shop", &pepper);
    let waits = &mut Waits::default();
    let now = Mono::from_millis(1_000_000);
    let tries = |wrong| Some(Tries { wrong, at: Some(now) });
    for wrong in 1..=5 {
        let ends = || Err(VaultError::Unavailable("the program ends here".to_owned()));
        let error = counted(&mut kept, waits, ("林", &[]), at(1_000_000), ends).unwrap_err();
        assert_eq!(error.code, Code::VaultUnavailable);
        assert_eq!(kept.get("林").unwrap(), tries(wrong));
    }
    let never = || panic!("it is locked");
    let error = counted(&mut kept, waits, ("林", &[]), at(1_029_001), never).unwrap_err();
    assert_eq!((error.code, &error.values["seconds"]), (Code::PinLocked, &1.into()));
    assert_eq!(kept.get("林").unwrap(), tries(5), "it does not count");
    counted(&mut kept, waits, ("林", &[]), at(1_030_000), || Ok(true)).unwrap();
    assert_eq!(kept.get("林").unwrap(), None);
}

/// A name that does not exist counts down alike, so that the number tells nothing of it.
#[test]
fn a_wrong_pin_says_how_many_tries_are_left_before_the_wait() {
    let mut vault = MemoryVault::new();
    let pepper = pepper_or(&mut vault, "shop", [7; 32]).unwrap();
    let mut kept = TriesKept::of(&mut vault, "shop", &pepper);
    for name in ["林", "made up"] {
        let mut left = Vec::new();
        for minutes in [0, 0, 0, 0, 0, 1, 3] {
            let now = at(1_000_000 + minutes * 60_000);
            let people = ["林".to_owned()];
            let error =
                counted(&mut kept, &mut Waits::default(), (name, &people), now, || Ok(false)).unwrap_err();
            assert_eq!(error.code, Code::PinWrong);
            left.push(error.values["left"].clone());
        }
        assert_eq!(left, [4, 3, 2, 1, 0, 0, 0].map(serde_json::Value::from), "{name}");
    }
}

/// A run whose clock may have been moved ends no wait by it, and leaves no time by which another
/// run would: each waits as long as it has itself seen pass.
#[test]
fn a_clock_that_nobody_vouches_for_ends_no_wait() {
    let mut vault = MemoryVault::new();
    let pepper = pepper_or(&mut vault, "shop", [7; 32]).unwrap();
    let mut kept = TriesKept::of(&mut vault, "shop", &pepper);
    let moved = |ms| SinceBoot { known: false, ..at(ms) };
    let wrong = |kept: &mut TriesKept<'_>, waits: &mut Waits, now| {
        counted(kept, waits, ("林", &[]), now, || Ok(false)).unwrap_err().code
    };
    let day = 86_400_000;
    let first = &mut Waits::default();
    for _ in 0..5 {
        assert_eq!(wrong(&mut kept, first, at(day)), Code::PinWrong);
    }
    // a program that says it is a year later, or a day earlier
    let ahead = &mut Waits::default();
    assert_eq!(wrong(&mut kept, ahead, moved(365 * day)), Code::PinLocked);
    assert_eq!(wrong(&mut kept, ahead, moved(365 * day + 29_999)), Code::PinLocked);
    assert_eq!(wrong(&mut kept, ahead, moved(365 * day + 30_000)), Code::PinWrong);
    assert_eq!(kept.get("林").unwrap(), Some(Tries { wrong: 6, at: None }));
    assert_eq!(wrong(&mut kept, ahead, moved(365 * day + 89_999)), Code::PinLocked, "a minute from there");
    // to one that knows the time the wait begins when it looks first
    assert_eq!(wrong(&mut kept, &mut Waits::default(), at(9 * day)), Code::PinLocked);
    assert_eq!(kept.get("林").unwrap(), Some(Tries { wrong: 6, at: Some(Mono::from_millis(9 * day)) }));
    assert_eq!(wrong(&mut kept, &mut Waits::default(), at(9 * day + 59_999)), Code::PinLocked);
    assert_eq!(wrong(&mut kept, &mut Waits::default(), at(9 * day + 60_000)), Code::PinWrong);
    // and one that was counted by another program in between begins again
    kept.set("林", Some(Tries { wrong: 8, at: None }), &[]).unwrap();
    assert_eq!(wrong(&mut kept, ahead, moved(400 * day)), Code::PinLocked);
}
