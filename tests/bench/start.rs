//! B9: a start to the first list, in a shop with ten thousand orders against one with sixty. Both
//! hold what real sales leave: operations, answers with transcripts, evidence, entries, the record.
//!
//! A start: the data file opened to write and linked with its key, the engine's recovery, one page.

use counterfoil_commands::{Names, orders_in};
use counterfoil_domain::{Rail, View};
use counterfoil_engine::ports::Page;
use counterfoil_tests::world::World;
use serde_json::json;

use crate::rounds::{Goal, Outcome, Plan, now};

const MANY: u32 = 10_000;
/// A page full.
const FEW: u32 = 60;
/// Sales of an hour; then all of them are paid.
const AN_HOUR: u32 = 50;
/// The last sale is so many days old: nothing of it is asked about any more.
const LATER_DAYS: i64 = 60;
/// Starts in a round.
const TIMES: u32 = 20;

/// B9.
pub(crate) fn bench(plan: Plan) -> Result<Vec<Outcome>, String> {
    let (mut many, mut few) = (shop(MANY), shop(FEW));
    let mut times = Vec::new();
    for _ in 0..plan.rounds {
        times.push((starts(&mut many)?, starts(&mut few)?));
    }
    let outcome = Outcome::of_times("sixty orders", "us a start", &times)?;
    Ok(vec![outcome.aiming(Goal::AtMost(1.5))])
}

fn shop(sales: u32) -> World {
    let mut world = World::new("2026-11-24T09:00:00+08:00", 1);
    for n in 1..=sales {
        world.sell(Rail::SinopacAccount, 100 + i64::from(n % 900));
        world.run_secs(5);
        if n % AN_HOUR == 0 || n == sales {
            world.control("pay_all", &json!({ "shop": "NA0249_001" }));
            world.run_secs(3_600);
        }
    }
    world.end();
    world.sleep_to(world.now.plus_days(LATER_DAYS));
    // the first start of the new day asks what it has to
    world.open();
    world.run_secs(3_600);
    world
}

/// Microseconds of one start, on average.
fn starts(world: &mut World) -> Result<f64, String> {
    let began = now();
    for _ in 0..TIMES {
        world.open();
        let at = world.now;
        let page = Page { limit: 60, ..Page::default() };
        let rows = orders_in(world.engine().store(), View::All, at, page, Names::Full);
        if rows.map_err(|error| error.code.name().to_owned())?.is_empty() {
            return Err("an empty list".to_owned());
        }
    }
    let micros = u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX);
    Ok(f64::from(micros) / f64::from(TIMES))
}
