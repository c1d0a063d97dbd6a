//! Days whose sales are refunded (docs/uneven-days.md): the first numbers, every time.
//! `cargo xtask storm --runs N` runs more of them.

use counterfoil_tests::uneven::{Kind, run};

/// Numbers of one test: the tests run side by side.
const NUMBERS: u64 = 4;

fn quiet(first: u64) {
    for number in first..first + NUMBERS {
        let outcome = run(Kind::Refunds, number);
        assert!(outcome.violations.is_empty(), "number {number}: {:#?}", outcome.violations);
        assert!(outcome.payments >= 200 && outcome.refunds >= 60, "number {number}: {outcome:?}");
        assert!(outcome.kinds.get("died") >= Some(&3), "number {number}: {outcome:?}");
    }
}

#[test]
fn numbers_1_to_4() {
    quiet(1);
}

#[test]
fn numbers_5_to_8() {
    quiet(5);
}

#[test]
fn numbers_9_to_12() {
    quiet(9);
}

#[test]
fn numbers_13_to_16() {
    quiet(13);
}

#[test]
fn numbers_17_to_20() {
    quiet(17);
}

#[test]
fn numbers_21_to_24() {
    quiet(21);
}

#[test]
fn the_same_number_gives_the_same_log() {
    assert_eq!(run(Kind::Refunds, 25).hash, run(Kind::Refunds, 25).hash);
}
