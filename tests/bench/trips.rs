//! B5, second half: HTTP requests to the bank per sale, counted by the bank. Two are the least: a
//! nonce, and the order.

use counterfoil_domain::{PaymentState, Rail};
use counterfoil_tests::world::World;
use serde_json::json;

use crate::rounds::{Outcome, Plan};

/// The longest that a sale may take here, simulated milliseconds; nothing else is due within them.
const SALE_MS: i64 = 1_000;
/// Requests of a sale that cannot be avoided.
const LEAST: f64 = 2.0;

/// One sale by each rail in every round.
pub(crate) fn bench(plan: Plan) -> Result<Vec<Outcome>, String> {
    let mut world = World::new("2026-11-23T10:00:00+08:00", 5);
    // the first sweep and all that a start does
    world.run_secs(120);
    let mut rounds = Vec::new();
    for dollars in (100..).take(usize::try_from(plan.rounds).unwrap_or(1)) {
        for rail in [Rail::SinopacAccount, Rail::SinopacCard] {
            let before = requests(&world)?;
            let sold = world.sell(rail, dollars);
            let end = world.now.plus_ms(SALE_MS);
            while world.state(sold.payment) == PaymentState::Issuing && world.now < end {
                world.run_to(world.now.plus_ms(1));
            }
            if world.state(sold.payment) != PaymentState::Awaiting {
                return Err("a sale did not come through".to_owned());
            }
            rounds.push((LEAST, requests(&world)? - before));
            world.run_secs(37);
        }
    }
    // fewer are better, so the least is what is reached for
    let mut outcome = Outcome::of("round trips", "HTTP requests/sale", &rounds)?;
    (outcome.ours, outcome.bound) = (outcome.bound.unwrap_or(0.0), Some(outcome.ours));
    Ok(vec![outcome])
}

fn requests(world: &World) -> Result<f64, String> {
    let calls = world.control("calls", &json!({}));
    let calls = calls.get("calls").and_then(|calls| calls.as_array()).ok_or("the bank counts no calls")?;
    Ok(f64::from(u32::try_from(calls.len()).unwrap_or(u32::MAX)))
}
