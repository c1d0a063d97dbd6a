//! Uneven days (docs/uneven-days.md): the first numbers, every time. `cargo xtask storm --uneven
//! --runs N` runs more of them.

use std::collections::BTreeMap;

use counterfoil_tests::uneven::{Kind, run};

/// Numbers of one test: the tests run side by side.
const NUMBERS: u64 = 12;

fn quiet(first: u64) {
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    let mut payments = 0;
    for number in first..first + NUMBERS {
        let outcome = run(Kind::Uneven, number);
        assert!(outcome.violations.is_empty(), "number {number}: {:#?}", outcome.violations);
        payments += outcome.payments;
        outcome.kinds.into_iter().for_each(|(kind, count)| *kinds.entry(kind).or_default() += count);
    }
    assert!(payments > 50 && kinds.len() > 5, "{payments} payments, {kinds:?}");
}

#[test]
fn numbers_1_to_12() {
    quiet(1);
}

#[test]
fn numbers_13_to_24() {
    quiet(13);
}

#[test]
fn numbers_25_to_36() {
    quiet(25);
}

#[test]
fn the_same_number_gives_the_same_log() {
    assert_eq!(run(Kind::Uneven, 4).hash, run(Kind::Uneven, 4).hash);
    assert_ne!(run(Kind::Uneven, 4).hash, run(Kind::Uneven, 7).hash);
}
