//! B18: what an idle window computes with three open slips, in percent of one core, against two
//! percent.

use std::time::Duration;

use counterfoil_tests::outside::process::cpu_ticks;
use counterfoil_tests::outside::programs::{Bank, Shop};
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::F2;

use crate::rounds::{Goal, Outcome, Plan};

/// The window is left alone for so long.
const IDLE_S: u32 = 60;
/// Percent of one core.
const LIMIT: f64 = 2.0;

/// B18.
#[expect(clippy::disallowed_methods, reason = "what an idle minute costs can only be seen after it")]
pub(crate) fn bench(_: Plan) -> Result<Vec<Outcome>, String> {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let window = Window::open(&shop.options(), &[]);
    window.see("#amount");
    for amount in ["111", "222", "333"] {
        window.press(amount);
        window.press(F2);
        window.see("[data-account]");
    }
    // what a start and a sale still have to do
    std::thread::sleep(Duration::from_secs(20));
    let before = cpu_ticks(shop.folder());
    std::thread::sleep(Duration::from_secs(u64::from(IDLE_S)));
    let ticks = u32::try_from(cpu_ticks(shop.folder()) - before).unwrap_or(u32::MAX);
    // a tick is a hundredth of a second, so that ticks by seconds are percent
    let percent = f64::from(ticks) / f64::from(IDLE_S);
    let outcome = Outcome::of_times("two percent of a core", "% of a core", &[(percent, LIMIT)])?;
    Ok(vec![outcome.aiming(Goal::AtMost(1.0))])
}
