//! The demo shop: a fresh data file at every start, because the bank inside the program begins with
//! empty books.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use counterfoil_commands::{Code, CommandError};
use counterfoil_domain::Actor;
use counterfoil_engine::ports::Store;
use counterfoil_engine::shop::Environment;
use counterfoil_store::{Mode, OpenError, SqliteStore};
use counterfoil_vault::MemoryVault;

use crate::clock::Clock;
use crate::compose::{open_error, open_reader};
use crate::composition::{Composition, VaultChoice};
use crate::contracts::add_shop;

/// The folder of the demo shop inside the folder of this user's data.
const FOLDER: &str = "demo";

/// Adds the demo shop of `shop_file` to a folder of its own below `data`, its bank at `base`, its
/// clock as far ahead as the bank's.
///
/// Removes what an earlier demo left there, and touches nothing else there.
///
/// # Errors
/// `shop-exists` when a shop that is no demo is there, `in-use` beside another demo window, or the
/// data file.
pub fn demo_shop(
    data: &Path,
    shop_file: &str,
    base: String,
    ahead_ms: Arc<AtomicI64>,
    who: Actor,
) -> Result<Composition, CommandError> {
    let from = Composition {
        data: data.join(FOLDER),
        vault: VaultChoice::Memory(MemoryVault::new()),
        clock: Clock::Ahead(ahead_ms),
        demo_base: Some(base),
    };
    remove_earlier(&from)?;
    add_shop(&from, shop_file, who)?;
    Ok(from)
}

fn remove_earlier(from: &Composition) -> Result<(), CommandError> {
    if open_reader(&from.data).is_err_and(|error| error.code == Code::NoShop) {
        return Ok(());
    }
    // as a writer, which also brings up the file of an older program, and meets another window
    let shop = match SqliteStore::open(&from.data, Mode::Writer) {
        Ok(store) => store.shop()?,
        Err(error @ OpenError::InUse) => return Err(open_error(&error)),
        // what cannot be read as a shop is judged by the writer that comes next
        Err(_) => None,
    };
    let Some(shop) = shop else { return Ok(()) };
    let demo = |environment| environment == Environment::Demo;
    let is_demo = shop.sinopac.as_ref().map(|s| s.environment).is_none_or(demo)
        && shop.ctbc.as_ref().map(|c| c.environment).is_none_or(demo);
    if !is_demo {
        return Err(CommandError::input(Code::ShopExists).with("name", shop.name));
    }
    counterfoil_store::remove_own(&from.data).map_err(|error| CommandError::of_system(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::compose;

    const BASE: &str = "http://127.0.0.1:9/x";

    fn file(name: &str, environment: &str) -> String {
        let key = "0123456789ABCDEF";
        let base = if environment == "custom" { Some(BASE) } else { None };
        serde_json::json!({ "name": name, "sinopac": { "environment": environment, "shop_no": "NA0249_001", "base_url": base,
            "key_id": "b5e6986d-8636-4aa0-8c93-441ad14b2098", "a1": key, "a2": key, "b1": key, "b2": key, "return_url": "loopback" } })
        .to_string()
    }

    fn name(from: &Composition) -> String {
        open_reader(&from.data)
            .ok()
            .and_then(|store| store.shop().ok()?)
            .map(|shop| shop.name)
            .unwrap_or_default()
    }

    #[test]
    fn every_start_is_fresh_and_a_running_one_is_left_alone() {
        let data = tempfile::tempdir().unwrap();
        let demo = |shop: &str| {
            demo_shop(data.path(), &file(shop, "demo"), BASE.into(), Arc::default(), Actor::Owner)
        };
        assert_eq!(name(&demo("first").unwrap()), "first");
        let second = demo("second").unwrap();
        assert_eq!(name(&second), "second");
        let open = compose(&second).unwrap();
        assert_eq!(demo("third").err().unwrap().code, Code::InUse);
        drop(open);
        assert_eq!(name(&demo("third").unwrap()), "third");
    }

    #[test]
    fn a_shop_that_is_no_demo_is_not_removed() {
        let data = tempfile::tempdir().unwrap();
        let kept = Composition {
            data: data.path().join(FOLDER),
            vault: VaultChoice::File(data.path().join("keys")),
            clock: Clock::System,
            demo_base: None,
        };
        add_shop(&kept, &file("kept", "custom"), Actor::Owner).unwrap();
        let refused =
            demo_shop(data.path(), &file("demo", "demo"), BASE.into(), Arc::default(), Actor::Owner);
        assert_eq!(refused.err().unwrap().code, Code::ShopExists);
        assert_eq!(name(&kept), "kept");
    }
}
