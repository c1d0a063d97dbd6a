//! Assembles one shop: opens its data file and vault, and builds its banks.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use counterfoil_banks::ctbc::{self, Ctbc};
use counterfoil_banks::sinopac::shop::base;
use counterfoil_banks::sinopac::{SetUpError, Sinopac};
use counterfoil_banks::transport::{Deadlines, HttpTransport};
use counterfoil_commands::{Code, CommandError, Exit};
use counterfoil_domain::{Bank, Moment};
use counterfoil_engine::Engine;
use counterfoil_engine::ports::{CtbcKeys, SinopacKeys, Store, Vault, VaultError};
use counterfoil_engine::shop::{CtbcSettings, Environment, ShopRecord, SinopacSettings};
use counterfoil_store::{Mode, OpenError, PagesLook, SqliteStore};
use counterfoil_vault::{FileVault, OsVault, open_ctbc, open_sinopac};

use crate::composition::{Composition, VaultChoice};
use crate::entropy::OsEntropy;
use crate::head::HeadInVault;
use crate::record;
use crate::return_listener::ReturnListener;
use crate::run_loop::{Banks, Desk};

/// How long a person has to answer what the keyring asks, for example for its password.
const KEYRING_WAIT_MAX_SECS: u64 = 120;

/// A store for commands that only look; works beside an open window.
///
/// # Errors
/// Exit 6, or `no-shop` where there is no data file.
pub fn open_reader(data: &Path) -> Result<SqliteStore, CommandError> {
    SqliteStore::open(data, Mode::Reader).map_err(|error| open_error(&error))
}

/// Reads every page of a data file, beside an open window too.
///
/// # Errors
/// `file-damaged`, or as [`open_reader`].
pub fn check_pages(data: &Path, now: Moment) -> Result<(), CommandError> {
    let look = open_reader(data)?.look(now);
    look.map_or(Ok(()), PagesLook::take).map_err(|error| open_error(&error))
}

/// Whether `data` holds anything that a program should open, if only to show what is wrong with it.
pub fn has_shop(data: &Path) -> bool {
    match open_reader(data) {
        Ok(store) => store.shop().map_or(true, |shop| shop.is_some()),
        Err(error) => error.code != Code::NoShop,
    }
}

/// One shop, ready to work.
///
/// # Errors
/// Data file, vault, keys, or a chosen clock on a production shop.
pub fn compose(from: &Composition) -> Result<Desk, CommandError> {
    open_desk(from, None)
}

/// The same, or when its keys cannot be had, a shop to look at: it sells and asks nothing until
/// composed again.
///
/// # Errors
/// As [`compose`], but for the keys.
pub fn compose_or_paused(from: &Composition) -> Result<Desk, CommandError> {
    match open_desk(from, None) {
        Err(why) if why.exit == Exit::Vault => open_desk(from, Some(why)),
        opened => opened,
    }
}

fn open_desk(from: &Composition, paused: Option<CommandError>) -> Result<Desk, CommandError> {
    let mut store = SqliteStore::open(&from.data, Mode::Writer).map_err(|error| open_error(&error))?;
    let shop = store.shop()?.ok_or_else(|| CommandError::input(Code::NoShop))?;
    if shop.is_production() && from.clock.is_chosen() {
        return Err(CommandError::new(Code::ClockRefused, Exit::NotAllowed));
    }
    let banks = if paused.is_none() { open_banks(from, &shop)? } else { Banks::default() };
    let mut head = HeadInVault::default();
    if paused.as_ref().is_none_or(has_answered) {
        let linked = open_vault(&from.vault)
            .and_then(|mut vault| record::link(from, vault.as_mut(), &mut store, &shop, from.clock.wall()));
        match linked {
            Ok(linked) => head = linked,
            // a paused shop without it can still be looked at, but by no one in the place of its
            // people
            Err(why) if paused.is_none() || why.code == Code::RecordPeopleGone => return Err(why),
            Err(_) => {}
        }
    }
    let mut engine = Engine::open(store, Box::new(OsEntropy), from.clock.now())?;
    for bank in Bank::ALL.into_iter().filter(|bank| banks.shut.get(*bank).is_some()) {
        engine.shut(bank);
    }
    let returns = ReturnListener::new(&with_demo_bases(from, shop));
    Ok(Desk::new(engine, banks, from.clone(), returns, (paused, head)))
}

/// The banks of a shop. One whose keys are lost is shut, and the other one goes on.
fn open_banks(from: &Composition, shop: &ShopRecord) -> Result<Banks, CommandError> {
    let mut banks = Banks::default();
    if shop.sinopac.is_some() {
        match sinopac(from, shop) {
            Ok(open) => banks.sinopac = Some(Arc::new(open)),
            Err(why) => banks.shut(Bank::Sinopac, why)?,
        }
    }
    if shop.ctbc.is_some() {
        match ctbc(from, shop) {
            Ok(open) => {
                let card = Arc::new(open);
                banks.ctbc = Some(card.clone());
                banks.card = Some(card);
            }
            Err(why) => banks.shut(Bank::Ctbc, why)?,
        }
    }
    let none = banks.sinopac.is_none() && banks.ctbc.is_none();
    let why = Bank::ALL.into_iter().find_map(|bank| banks.shut.get(bank).clone());
    why.filter(|_| none).map_or(Ok(banks), Err)
}

impl Banks {
    fn shut(&mut self, bank: Bank, why: CommandError) -> Result<(), CommandError> {
        if !has_answered(&why) {
            return Err(why);
        }
        *self.shut.get_mut(bank) = Some(why);
        Ok(())
    }
}

/// The vault is open and lacks a key of a bank: whoever types it anew writes to the record. One
/// that did not open is not asked again.
fn has_answered(why: &CommandError) -> bool {
    let codes =
        [Code::VaultMissing, Code::VaultUnreadable, Code::CtbcVaultMissing, Code::CtbcVaultUnreadable];
    codes.contains(&why.code)
}

pub(crate) fn sinopac(from: &Composition, shop: &ShopRecord) -> Result<Sinopac<HttpTransport>, CommandError> {
    let (settings, keys, net) = sinopac_parts(from, shop)?;
    Sinopac::new(&settings, &keys, net).map_err(unusable)
}

/// Settings with the address filled in, keys out of the vault, and the wire.
pub(crate) fn sinopac_parts(
    from: &Composition,
    shop: &ShopRecord,
) -> Result<(SinopacSettings, SinopacKeys, HttpTransport), CommandError> {
    let (settings, net) = sinopac_wire(from, shop)?;
    let vault = open_vault(&from.vault)?;
    if shop.is_production() && vault.is_plain_text() {
        return Err(VaultError::PlainText.into());
    }
    let keys = open_sinopac(vault.as_ref(), &vault_entry(shop))?;
    Ok((settings, keys, net))
}

pub(crate) fn sinopac_wire(
    from: &Composition,
    shop: &ShopRecord,
) -> Result<(SinopacSettings, HttpTransport), CommandError> {
    let absent = || CommandError::input(Code::RailAbsent).with("rail", "sinopac");
    let mut settings = shop.sinopac.clone().ok_or_else(absent)?;
    if settings.environment == Environment::Demo {
        let base = from.demo_base.clone().ok_or_else(|| CommandError::input(Code::DemoInWindow))?;
        settings.base_url = Some(base);
    }
    let url = base(&settings).map_err(unusable)?;
    let net = HttpTransport::new(&url, Deadlines::SHOP)
        .map_err(|_| CommandError::new(Code::NoTls, Exit::Unknown))?;
    Ok((settings, net))
}

pub(crate) fn ctbc(from: &Composition, shop: &ShopRecord) -> Result<Ctbc<HttpTransport>, CommandError> {
    let (settings, keys, net) = ctbc_parts(from, shop)?;
    Ctbc::new(&settings, &keys, net).map_err(|error| unusable_card(&error))
}

/// Settings with the address filled in, the key out of the vault, and the wire.
pub(crate) fn ctbc_parts(
    from: &Composition,
    shop: &ShopRecord,
) -> Result<(CtbcSettings, CtbcKeys, HttpTransport), CommandError> {
    let (settings, net) = ctbc_wire(from, shop)?;
    let vault = open_vault(&from.vault)?;
    if shop.is_production() && vault.is_plain_text() {
        return Err(VaultError::PlainText.into());
    }
    Ok((settings, open_ctbc(vault.as_ref(), &vault_entry(shop))?, net))
}

pub(crate) fn ctbc_wire(
    from: &Composition,
    shop: &ShopRecord,
) -> Result<(CtbcSettings, HttpTransport), CommandError> {
    let absent = || CommandError::input(Code::RailAbsent).with("rail", "ctbc-card");
    let settings = shop.ctbc.clone().map(|settings| with_demo_base(from, settings)).ok_or_else(absent)??;
    let url = ctbc::shop::base(&settings).map_err(|error| unusable_card(&error))?;
    let net = HttpTransport::new(&url, Deadlines::SHOP)
        .map_err(|_| CommandError::new(Code::NoTls, Exit::Unknown))?;
    Ok((settings, net))
}

/// The shop with the addresses of the demo, for what compares origins.
fn with_demo_bases(from: &Composition, mut shop: ShopRecord) -> ShopRecord {
    if let Some(sinopac) = shop.sinopac.as_mut().filter(|s| s.environment == Environment::Demo) {
        sinopac.base_url.clone_from(&from.demo_base);
    }
    shop.ctbc = shop.ctbc.and_then(|ctbc| with_demo_base(from, ctbc).ok());
    shop
}

/// Both banks of the simulator share one address.
pub(crate) fn with_demo_base(
    from: &Composition,
    mut settings: CtbcSettings,
) -> Result<CtbcSettings, CommandError> {
    if settings.environment == Environment::Demo {
        let base = from.demo_base.as_deref().ok_or_else(|| CommandError::input(Code::DemoInWindow))?;
        let end = base.match_indices('/').nth(2).map_or(base.len(), |(at, _)| at);
        settings.base_url = base.get(..end).map(str::to_owned);
    }
    Ok(settings)
}

fn unusable_card(error: &ctbc::SetUpError) -> CommandError {
    match error {
        ctbc::SetUpError::Key(_) => {
            CommandError::new(Code::CtbcVaultMissing, Exit::Vault).with("name", "ctbc.mac_key")
        }
        ctbc::SetUpError::MerId
        | ctbc::SetUpError::MerchantId
        | ctbc::SetUpError::TerminalId
        | ctbc::SetUpError::ReturnUrl(_)
        | ctbc::SetUpError::BaseUrl => {
            let field = format!("ctbc.{}", error.field());
            CommandError::input(Code::ShopField).with("field", field).with("why", error.to_string())
        }
    }
}

/// The vault entry of a shop's keys. A person's data folders share one keyring, so the keys of a
/// practice shop or another branch with the same name must not replace these.
pub(crate) fn vault_entry(shop: &ShopRecord) -> String {
    match (&shop.sinopac, &shop.ctbc) {
        (Some(sinopac), _) => format!("{} {} {}", shop.name, sinopac.environment.name(), sinopac.shop_no),
        (None, Some(ctbc)) => format!("{} {} {}", shop.name, ctbc.environment.name(), ctbc.mer_id),
        (None, None) => shop.name.clone(),
    }
}

fn unusable(error: SetUpError) -> CommandError {
    match error {
        SetUpError::Key(bad) => CommandError::new(Code::VaultMissing, Exit::Vault)
            .with("name", format!("sinopac.{}", bad.field.name())),
        SetUpError::KeyId => {
            CommandError::new(Code::VaultMissing, Exit::Vault).with("name", "sinopac.key_id")
        }
        SetUpError::BaseUrl => CommandError::input(Code::ShopField)
            .with("field", "sinopac.base_url")
            .with("why", "http://127.0.0.1:PORT/…"),
    }
}

pub(crate) fn open_vault(choice: &VaultChoice) -> Result<Box<dyn Vault>, CommandError> {
    match choice {
        VaultChoice::File(path) => Ok(Box::new(FileVault::open(path)?)),
        VaultChoice::Memory(vault) => Ok(Box::new(vault.clone())),
        VaultChoice::Os => Ok(Box::new(OsVault::open(Duration::from_secs(KEYRING_WAIT_MAX_SECS))?)),
    }
}

/// Why the data file was not opened, as a code.
pub(crate) fn open_error(error: &OpenError) -> CommandError {
    let storage = |code| CommandError::new(code, Exit::Storage);
    match error {
        OpenError::InUse => storage(Code::InUse),
        OpenError::Missing(_) => CommandError::input(Code::NoShop),
        OpenError::Gone(folder) => storage(Code::FileMissing).with("path", folder.display().to_string()),
        OpenError::NotPlain(file) => storage(Code::FileLinked).with("path", file.display().to_string()),
        OpenError::ExposedFile { file, .. } => {
            storage(Code::FileExposed).with("path", file.display().to_string())
        }
        OpenError::Exposed { folder, .. } => {
            storage(Code::FileNotPrivate).with("path", folder.display().to_string())
        }
        OpenError::Place { folder, .. } => {
            storage(Code::FilePlace).with("path", folder.display().to_string())
        }
        OpenError::NotOurs(_) => storage(Code::FileForeign),
        OpenError::Newer { file, program } => {
            storage(Code::FileNewer).with("file", *file).with("program", *program)
        }
        OpenError::Older { .. } => storage(Code::FileOlder),
        OpenError::Damaged(_) => storage(Code::FileDamaged),
        OpenError::Locked => storage(Code::FileLocked),
        OpenError::Full => storage(Code::DiskFull),
        OpenError::Denied => storage(Code::FileDenied),
        OpenError::Io { why, .. } => CommandError::of_system(why),
        OpenError::Copy(_) | OpenError::Upgrade(_) | OpenError::Setting { .. } | OpenError::Sqlite(_) => {
            storage(Code::Storage)
        }
    }
}
