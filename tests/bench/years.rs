//! B19: a sweep and a look at the coverage, in a shop's fifth year against its first day.
//!
//! A sweep: what is covered before, the spans from there on, and the next span committed. The look:
//! the view of the window.

use std::path::Path;

use counterfoil_commands::{coverage, shop_file};
use counterfoil_domain::{Actor, Bank, CoverageSpan, MinuteSpan, Moment};
use counterfoil_engine::ports::{AuditLine, Change, Commit, Store};
use counterfoil_store::{DATA_FILE, Mode, SqliteStore};
use counterfoil_tests::world::shop_json;
use rusqlite::{Connection, params};

use crate::machine;
use crate::rounds::{Goal, Outcome, Plan, now};

/// Minutes of one span: the sweep's period.
const PERIOD: i64 = 5;
const DAY_MINS: i64 = 24 * 60;
const YEARS_MINS: i64 = 5 * 365 * DAY_MINS;
/// The first minute of the shop, since 1970.
const BEGAN: i64 = 29_000_000;
/// Sweeps in a round.
const TIMES: i64 = 200;

/// One shop, and its next minute.
struct Shop {
    store: SqliteStore,
    next: i64,
}

/// B19.
pub(crate) fn bench(plan: Plan) -> Result<Vec<Outcome>, String> {
    let folder = machine::folder()?;
    let mut old = Shop::covered(&folder.path().join("old"), YEARS_MINS)?;
    let mut new = Shop::covered(&folder.path().join("new"), DAY_MINS)?;
    let mut times = Vec::new();
    for _ in 0..plan.rounds {
        times.push((old.round()?, new.round()?));
    }
    let outcome = Outcome::of_times("day one", "us a sweep", &times)?;
    Ok(vec![outcome.aiming(Goal::AtMost(1.5))])
}

impl Shop {
    fn covered(folder: &Path, minutes: i64) -> Result<Self, String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let mut store = SqliteStore::open(folder, Mode::Maker).map_err(|error| text(&error))?;
        let began = Moment::from_millis(BEGAN * 60_000);
        let file = shop_file::parse(&shop_json().to_string(), began)
            .map_err(|error| error.code.name().to_owned())?;
        commit(&mut store, vec![Change::ShopAdded(file.shop)])?;
        drop(store);
        let conn = Connection::open(folder.join(DATA_FILE)).map_err(|error| text(&error))?;
        conn.execute_batch("PRAGMA synchronous = OFF; BEGIN").map_err(|error| text(&error))?;
        for from in (BEGAN..BEGAN + minutes).step_by(usize::try_from(PERIOD).unwrap_or(5)) {
            let sql = "INSERT INTO coverage (pass, from_minute, to_minute, at, by_number) VALUES (0, ?1, ?2, ?3, 0)";
            let to = from + PERIOD - 1;
            let mut insert = conn.prepare_cached(sql).map_err(|error| text(&error))?;
            insert.execute(params![from, to, to * 60_000]).map_err(|error| text(&error))?;
        }
        conn.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)").map_err(|error| text(&error))?;
        drop(conn);
        let store = SqliteStore::open(folder, Mode::Maker).map_err(|error| text(&error))?;
        let mut shop = Self { store, next: BEGAN + minutes };
        // the first sweep of a file without a mark writes it
        shop.sweep()?;
        Ok(shop)
    }

    /// Microseconds of one sweep and one look, on average.
    fn round(&mut self) -> Result<f64, String> {
        let started = now();
        for _ in 0..TIMES {
            self.sweep()?;
            let at = Moment::from_millis(self.next * 60_000);
            let seen = coverage(&self.store, at).map_err(|error| error.code.name().to_owned())?;
            if !seen.gaps.is_empty() {
                return Err(format!("a gap: {:?}", seen.gaps));
            }
        }
        let micros = u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX);
        Ok(f64::from(micros) / f64::from(u32::try_from(TIMES).unwrap_or(1)))
    }

    fn sweep(&mut self) -> Result<(), String> {
        let before = self.store.covered_before(Bank::Sinopac, 0).map_err(|error| error.to_string())?;
        let before = before.ok_or("nothing is covered")?;
        let spans = self.store.coverage(Bank::Sinopac, 0, before).map_err(|error| error.to_string())?;
        if !spans.is_empty() {
            return Err(format!("{} spans beyond the mark", spans.len()));
        }
        let minute = counterfoil_domain::BankMinute::from_minutes(self.next);
        let span = MinuteSpan { from: minute, to: minute.plus(PERIOD - 1) };
        self.next += PERIOD;
        let at = span.to.start();
        commit(
            &mut self.store,
            vec![Change::CoverageAdded(CoverageSpan {
                bank: Bank::Sinopac,
                span,
                at,
                by_number: false,
                pass: 0,
            })],
        )
    }
}

fn commit(store: &mut SqliteStore, changes: Vec<Change>) -> Result<(), String> {
    let audit = AuditLine {
        at: Moment::from_millis(0),
        who: Actor::Engine,
        what: "cover".into(),
        subject: String::new(),
        detail: String::new(),
    };
    store.commit(Commit { audit, guards: Vec::new(), changes }).map_err(|error| error.to_string())
}
