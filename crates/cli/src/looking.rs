//! For who only looks: whether the data file is sound, and what time it is while the banks are not
//! asked and this computer's clock may be wrong.

use counterfoil_commands::{CommandError, CoverageAlarm, CoverageView};
use counterfoil_domain::{Bank, Moment, View};
use counterfoil_engine::ports::{Page, Store};
use counterfoil_engine::{MADE_AT, SKEW_WARNING_MS};
use counterfoil_shop::{Composition, check_pages, file_doubt, open_reader};
use serde_json::{Value, json};

/// Bank time for who only looks: this computer's clock with the offset that was kept.
pub(crate) fn bank_time<S: Store>(store: &S, wall: Moment) -> Result<Moment, CommandError> {
    bank_and_time(store, wall).map(|(_, at)| at)
}

/// The same with the bank that has told it. A clock of before this program was made is wrong: the
/// time is then no earlier than the newest sale, which bears the bank's day.
fn bank_and_time<S: Store>(store: &S, wall: Moment) -> Result<(Bank, Moment), CommandError> {
    for bank in Bank::ALL {
        if let Some(kept) = store.kept_clock(bank)? {
            return Ok((bank, kept.bank_time(wall)));
        }
    }
    let shop = store.shop()?;
    let has = |bank: &Bank| shop.as_ref().is_some_and(|shop| shop.has(*bank));
    let bank = Bank::ALL.into_iter().find(has).unwrap_or(Bank::Sinopac);
    if wall >= MADE_AT {
        return Ok((bank, wall));
    }
    let newest = store.orders_in(View::All, wall, Page { limit: 1, ..Page::default() })?;
    let payments = newest.iter().flat_map(|(_, payments)| payments);
    let told = payments.flat_map(|p| [Some(p.created_at), p.confirmed_at, p.asked_at]).flatten();
    let known = told.chain(shop.as_ref().map(|shop| shop.added_at)).max();
    Ok((bank, known.map_or(MADE_AT, |known| known.max(MADE_AT))))
}

/// How far the banks were asked, and what is wrong with that.
///
/// # Errors
/// Of the data file.
pub(crate) fn coverage(from: &Composition) -> Result<CoverageView, CommandError> {
    let store = open_reader(&from.data)?;
    let wall = from.clock.wall();
    let (bank, at) = bank_and_time(&store, wall)?;
    let named = store.kept_doubt(bank)?.map(|off_ms| wall.plus_ms(off_ms));
    let off = wall < MADE_AT || at.ms_since(wall).abs() >= SKEW_WARNING_MS || named.is_some();
    // what lies after the time that the bank names is no gap, believed or not
    let mut view = counterfoil_commands::coverage(&store, named.map_or(at, |named| named.min(at)))?;
    if off {
        view.alarm(bank, CoverageAlarm::ClockOff, wall, named.unwrap_or(at));
    }
    if let (Some(shop), Some(doubt)) = (store.shop()?, file_doubt(from, at)?) {
        view.doubt(&shop, &doubt);
    }
    Ok(view)
}

/// Reads every page of the data file, beside whoever has it open.
///
/// # Errors
/// `file-damaged`: the next start of a program is refused too. Else of the data file.
pub(crate) fn check(from: &Composition) -> Result<Value, CommandError> {
    check_pages(&from.data, from.clock.wall())?;
    Ok(json!({ "ok": true }))
}
