//! Copies of a folder take turns, and each try is counted.

use counterfoil_vault::MemoryVault;

use super::*;

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
    let now = Mono::from_millis(1_000_000);
    for wrong in 1..=5 {
        let ends = || Err(VaultError::Unavailable("the program ends here".to_owned()));
        let error = counted(&mut kept, ("林", &[]), now, ends).unwrap_err();
        assert_eq!(error.code, Code::VaultUnavailable);
        assert_eq!(kept.get("林").unwrap(), Some(Tries { wrong, at: now }));
    }
    let never = || panic!("it is locked");
    let error = counted(&mut kept, ("林", &[]), now.plus_ms(29_001), never).unwrap_err();
    assert_eq!((error.code, &error.values["seconds"]), (Code::PinLocked, &1.into()));
    assert_eq!(kept.get("林").unwrap(), Some(Tries { wrong: 5, at: now }), "it does not count");
    counted(&mut kept, ("林", &[]), now.plus_ms(30_000), || Ok(true)).unwrap();
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
            let now = Mono::from_millis(1_000_000 + minutes * 60_000);
            let error = counted(&mut kept, (name, &["林".to_owned()]), now, || Ok(false)).unwrap_err();
            assert_eq!(error.code, Code::PinWrong);
            left.push(error.values["left"].clone());
        }
        assert_eq!(left, [4, 3, 2, 1, 0, 0, 0].map(serde_json::Value::from), "{name}");
    }
}
