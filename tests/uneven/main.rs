//! `storm`: simulated days from numbers. `cargo xtask storm` builds and starts it.

#![allow(clippy::print_stdout, reason = "a program that prints")]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use counterfoil_tests::uneven::{Kind, Outcome, run};
use serde_json::json;
use sha2::{Digest, Sha256};

#[expect(clippy::disallowed_methods, reason = "a tool that says how long it took")]
fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1)?.parse::<u64>().ok()
    };
    let uneven = words.iter().any(|word| word == "--uneven");
    let (kind, name, option) =
        if uneven { (Kind::Uneven, "uneven", "--uneven ") } else { (Kind::Refunds, "refunds", "") };
    let started = Instant::now();
    let (runs, first) = (value("--runs").unwrap_or(1), value("--number").unwrap_or(1));
    let mut all = Outcome::default();
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    let mut hash = Sha256::new();
    for number in first..first.saturating_add(runs) {
        let outcome = std::panic::catch_unwind(|| run(kind, number)).unwrap_or_else(|_| Outcome {
            // its message went to standard error
            violations: vec!["the run stopped".into()],
            ..Outcome::default()
        });
        for violation in &outcome.violations {
            println!("{number}: {violation}");
        }
        if !outcome.violations.is_empty() {
            println!("again: cargo xtask storm {option}--runs 1 --number {number}");
        }
        hash.update(&outcome.hash);
        all.violations.extend(outcome.violations);
        all.payments += outcome.payments;
        all.refunds += outcome.refunds;
        all.questions += outcome.questions;
        for (kind, count) in outcome.kinds {
            *kinds.entry(kind).or_default() += count;
        }
    }
    let took_s = started.elapsed().as_secs();
    let line = json!({
        "storm": name, "runs": runs, "violations": all.violations.len(), "payments": all.payments,
        "refunds": all.refunds,
        "questions": all.questions, "kinds": kinds, "hash": hex::encode(hash.finalize()), "took_s": took_s,
    });
    println!("{line}");
    if all.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
