//! B15: simulated time against real time: days of refunds with both banks, their trouble and all
//! invariants, as `cargo xtask storm` runs them.

use counterfoil_tests::uneven::{Kind, run};

use crate::rounds::{Goal, Outcome, Plan, now};

/// Simulated seconds of a real one: a day at least.
const LEAST: f64 = 86_400.0;

/// One number in each round.
pub(crate) fn bench(plan: Plan) -> Result<Vec<Outcome>, String> {
    let (mut rates, mut days) = (Vec::new(), Vec::new());
    for number in 1..=u64::from(plan.rounds) {
        let since = now();
        let outcome = run(Kind::Refunds, number);
        let took = since.elapsed().as_secs_f64();
        if let Some(violation) = outcome.violations.first() {
            return Err(format!("number {number}: {violation}"));
        }
        let simulated = f64::from(outcome.simulated_s);
        rates.push((simulated / took, 1.0));
        days.push(took / simulated * LEAST);
    }
    Ok(vec![
        Outcome::of("real time", "simulated s/s", &rates)?.aiming(Goal::AtLeast(LEAST)),
        Outcome::report("a storm day", "s", &days)?,
    ])
}
