//! Builds one shop from its parts. A data folder is one profile = one shop.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use counterfoil_banks::ctbc::{self, Ctbc};
use counterfoil_banks::sinopac::prove::{Proof, Verdict, prove};
use counterfoil_banks::sinopac::seal::HashId;
use counterfoil_banks::sinopac::{SetUpError, Sinopac, base};
use counterfoil_banks::transport::{Deadlines, HttpTransport};
use counterfoil_commands::shop_file::{self, ShopFile};
use counterfoil_commands::{CommandError, Exit, OWNER, ProofView};
use counterfoil_domain::{Bank, Moment};
use counterfoil_engine::Engine;
use counterfoil_engine::ports::{
    AuditLine, Batch, Change, CtbcKeys, KeyringFault, SinopacKeys, Store, Vault, VaultError,
};
use counterfoil_engine::shop::{CtbcSettings, Environment, ShopRecord, SinopacSettings};
use counterfoil_store::{Mode, OpenError, SqliteStore};
use counterfoil_vault::{FileVault, MemoryVault, OsVault, keep_ctbc, keep_sinopac, open_ctbc, open_sinopac};
use secrecy::{ExposeSecret, SecretString};

use crate::clock::Clock;
use crate::desk::{Banks, Desk};
use crate::door::Door;
use crate::entropy::OsEntropy;

/// How long a person has to answer what the keyring asks, for example for its password.
const KEYRING_WAIT_MAX_SECS: u64 = 120;

/// Where secrets are kept.
#[derive(Debug, Clone)]
pub enum VaultChoice {
    /// The operating system's keyring.
    Os,
    /// A plain text file, for tests and demos.
    File(PathBuf),
    /// Nowhere: taken out of this shop file at every start. The demo shop's published sample keys.
    Memory(SecretString),
}

impl VaultChoice {
    /// As it is typed: `os`, or `file:PATH`.
    ///
    /// # Errors
    /// `usage`.
    pub fn parse(text: &str) -> Result<Self, CommandError> {
        match text.strip_prefix("file:") {
            Some(path) => Ok(Self::File(path.into())),
            None if text == "os" => Ok(Self::Os),
            None => Err(CommandError::input("usage").with("why", "--vault os|file:PATH")),
        }
    }
}

/// What a program is made of.
#[derive(Debug, Clone)]
pub struct Composition {
    /// The profile's folder.
    pub data: PathBuf,
    /// Where secrets are kept.
    pub vault: VaultChoice,
    /// The clock.
    pub clock: Clock,
    /// Address of the simulator inside the program, for shops of the demo environment.
    pub demo_base: Option<String>,
}

/// The folder of this user's data, when none is named.
pub fn default_data_folder() -> PathBuf {
    dirs::data_dir().unwrap_or_else(|| PathBuf::from(".")).join("counterfoil")
}

/// A store for commands that only look; works beside an open window.
///
/// # Errors
/// Exit 6, or `no-shop` where there is no data file.
pub fn open_reader(data: &Path) -> Result<SqliteStore, CommandError> {
    SqliteStore::open(data, Mode::Reader).map_err(|error| open_error(&error))
}

/// Whether something stands there that a program should open, if only to say what is wrong with it.
pub fn has_shop(data: &Path) -> bool {
    match open_reader(data) {
        Ok(store) => store.shop().map_or(true, |shop| shop.is_some()),
        Err(error) => error.code != "no-shop",
    }
}

/// One shop, ready to work.
///
/// # Errors
/// Data file, vault, keys, or a chosen clock on a production shop.
pub fn compose(from: &Composition) -> Result<Desk, CommandError> {
    open_desk(from, None)
}

/// One shop to be looked at, when its keys cannot be had: nothing is sold or asked until it is composed anew.
///
/// # Errors
/// As [`compose`], but for the keys.
pub fn compose_paused(from: &Composition, why: CommandError) -> Result<Desk, CommandError> {
    open_desk(from, Some(why))
}

fn open_desk(from: &Composition, paused: Option<CommandError>) -> Result<Desk, CommandError> {
    let store = SqliteStore::open(&from.data, Mode::Writer).map_err(|error| open_error(&error))?;
    let shop = store.shop()?.ok_or_else(|| CommandError::input("no-shop"))?;
    if shop.is_production() && from.clock.is_chosen() {
        return Err(CommandError::new("clock-refused", Exit::NotAllowed));
    }
    let mut banks = Banks::default();
    if paused.is_none() && shop.sinopac.is_some() {
        banks.sinopac = Some(Arc::new(sinopac(from, &shop)?));
    }
    if paused.is_none() && shop.ctbc.is_some() {
        let card = Arc::new(ctbc(from, &shop)?);
        banks.ctbc = Some(card.clone());
        banks.forms = Some(card);
    }
    let engine = Engine::open(store, Box::new(OsEntropy), from.clock.now())?;
    let door = Door::new(&with_demo_bases(from, shop));
    Ok(Desk::new(engine, banks, from.clone(), door, paused))
}

/// Takes a shop file: keys to the vault, the rest to a new data file. For the shop that is already there it brings back the
/// keys that the vault has lost, and nothing else.
///
/// # Errors
/// The file's own fields, `shop-exists`, vault, data file.
pub fn add_shop(from: &Composition, json: &str) -> Result<ShopRecord, CommandError> {
    let now = from.clock.now();
    let ShopFile { mut shop, sinopac, ctbc } = shop_file::parse(json, now)?;
    if let Some(settings) = shop.sinopac.as_mut().filter(|s| s.environment == Environment::Demo) {
        settings.base_url.clone_from(&from.demo_base);
    }
    if shop.is_production() && from.clock.is_chosen() {
        return Err(CommandError::new("clock-refused", Exit::NotAllowed));
    }
    let mut vault = open_vault(&from.vault)?;
    if shop.is_production() && vault.is_plain_text() {
        return Err(VaultError::PlainText.into());
    }
    if let Some(keys) = &sinopac {
        HashId::derive(keys).map_err(|bad| {
            let field = format!("sinopac.{}", bad.field.name());
            CommandError::input("shop-field")
                .with("field", field)
                .with("why", "16 個十六進位字 / 16 hex digits")
        })?;
    }
    let mut store = SqliteStore::open(&from.data, Mode::Writer).map_err(|error| open_error(&error))?;
    let old = store.shop()?;
    if let Some(old) = &old {
        let same = place(old) == place(&shop);
        if !(same && lost_keys(vault.as_ref(), old)?) {
            return Err(CommandError::input("shop-exists").with("name", old.name.clone()));
        }
    }
    // the keys first: a shop without keys would be worse than keys without a shop
    if let Some(keys) = sinopac {
        keep_sinopac(vault.as_mut(), &place(&shop), keys)?;
    }
    if let Some(keys) = ctbc {
        keep_ctbc(vault.as_mut(), &place(&shop), keys)?;
    }
    let (what, changes) = match &old {
        Some(_) => ("shop-keys", vec![]),
        None => ("shop-add", vec![Change::ShopAdded(shop.clone())]),
    };
    let audit = AuditLine {
        at: now,
        who: OWNER.into(),
        what: what.into(),
        subject: shop.name.clone(),
        detail: String::new(),
    };
    store.commit(Batch { audit, changes })?;
    Ok(old.unwrap_or(shop))
}

/// Whether the vault has lost keys of a shop, for example because the system's keyring was made anew.
fn lost_keys(vault: &dyn Vault, shop: &ShopRecord) -> Result<bool, VaultError> {
    if shop.ctbc.is_some() {
        match open_ctbc(vault, &place(shop)) {
            Ok(_) => {}
            Err(VaultError::Missing(_) | VaultError::Keyring(KeyringFault::Unreadable(_))) => {
                return Ok(true);
            }
            Err(error) => return Err(error),
        }
    }
    if shop.sinopac.is_none() {
        return Ok(false);
    }
    match open_sinopac(vault, &place(shop)) {
        Ok(keys) => Ok(HashId::derive(&keys).is_err()),
        Err(VaultError::Missing(_) | VaultError::Keyring(KeyringFault::Unreadable(_))) => Ok(true),
        Err(error) => Err(error),
    }
}

/// Proves the keys of a shop with one harmless question.
///
/// # Errors
/// Vault, or settings that cannot be used.
pub async fn prove_keys(from: &Composition, shop: &ShopRecord) -> Result<Proof, CommandError> {
    let (settings, keys, net) = sinopac_parts(from, shop)?;
    Ok(prove(&settings, &keys, net).await)
}

/// Proves the key of a shop at CTBC with one harmless question.
///
/// # Errors
/// Vault, or settings that cannot be used.
pub async fn prove_card_key(from: &Composition, shop: &ShopRecord) -> Result<Proof, CommandError> {
    let (settings, keys, net) = ctbc_parts(from, shop)?;
    Ok(ctbc::prove::prove(&settings, &keys, net).await)
}

/// Proves keys that were typed for a shop that is open, and keeps them unless the bank says that one is wrong.
///
/// # Errors
/// Vault, or settings that cannot be used.
pub async fn prove_and_keep_keys(
    from: &Composition,
    shop: &ShopRecord,
    keys: SinopacKeys,
) -> Result<ProofView, CommandError> {
    let proof = prove_with(from, shop, &keys).await?;
    let keep = may_be_kept(&proof);
    if keep {
        keep_sinopac(open_vault(&from.vault)?.as_mut(), &place(shop), keys)?;
    }
    Ok(proof_view(&proof, keep))
}

/// Proves the keys of a shop file, and adds the shop unless the bank says that one is wrong.
///
/// # Errors
/// As [`add_shop`].
pub async fn prove_and_add_shop(from: &Composition, file: &SecretString) -> Result<ProofView, CommandError> {
    let json = file.expose_secret();
    let ShopFile { shop, sinopac, ctbc: _ } = shop_file::parse(json, from.clock.now())?;
    let keys = sinopac.ok_or_else(|| CommandError::input("rail-absent").with("rail", "sinopac"))?;
    let proof = prove_with(from, &shop, &keys).await?;
    let keep = may_be_kept(&proof);
    if keep {
        add_shop(from, json)?;
    }
    Ok(proof_view(&proof, keep))
}

/// What is wrong with the keys of a shop, without asking the bank; `None`: they are there and of their form.
pub(crate) fn keys_trouble(from: &Composition, shop: &ShopRecord) -> Option<CommandError> {
    let first = shop.sinopac.as_ref().and_then(|_| sinopac(from, shop).err());
    first.or_else(|| shop.ctbc.as_ref().and_then(|_| ctbc(from, shop).err()))
}

async fn prove_with(
    from: &Composition,
    shop: &ShopRecord,
    keys: &SinopacKeys,
) -> Result<Proof, CommandError> {
    let (settings, net) = settings_and_net(from, shop)?;
    Ok(prove(&settings, keys, net).await)
}

/// What was not refuted is kept: the bank may be away today.
fn may_be_kept(proof: &Proof) -> bool {
    match proof.verdict {
        Verdict::Good | Verdict::AddressNotListed | Verdict::Unclear => true,
        Verdict::Wrong | Verdict::Exchanged => false,
    }
}

/// A proof as a screen shows it.
pub fn proof_view(proof: &Proof, kept: bool) -> ProofView {
    let failure = proof_failure(Bank::Sinopac, proof);
    ProofView {
        ok: failure.is_none(),
        kept,
        fields: proof.fields.iter().map(|field| (*field).to_owned()).collect(),
        failure: failure.map(Into::into),
    }
}

/// Why keys are not proved; `None`: they are.
pub(crate) fn proof_failure(bank: Bank, proof: &Proof) -> Option<CommandError> {
    let fields: Vec<String> = proof.fields.iter().map(|field| format!("{}.{field}", bank.name())).collect();
    let code = match proof.verdict {
        Verdict::Good => return None,
        Verdict::Wrong => CommandError::new("keys-wrong", Exit::Declined),
        Verdict::Exchanged => CommandError::new("keys-exchanged", Exit::Declined),
        Verdict::AddressNotListed => CommandError::new("address-not-listed", Exit::Declined),
        Verdict::Unclear => CommandError::new("keys-unproved", Exit::Unknown),
    };
    Some(code.with("fields", fields.join(", ")).with("code", proof.code.clone()))
}

fn sinopac(from: &Composition, shop: &ShopRecord) -> Result<Sinopac<HttpTransport>, CommandError> {
    let (settings, keys, net) = sinopac_parts(from, shop)?;
    Sinopac::new(&settings, &keys, net).map_err(unusable)
}

/// Settings with the address filled in, keys out of the vault, and the wire.
fn sinopac_parts(
    from: &Composition,
    shop: &ShopRecord,
) -> Result<(SinopacSettings, SinopacKeys, HttpTransport), CommandError> {
    let (settings, net) = settings_and_net(from, shop)?;
    let vault = open_vault(&from.vault)?;
    if shop.is_production() && vault.is_plain_text() {
        return Err(VaultError::PlainText.into());
    }
    let keys = open_sinopac(vault.as_ref(), &place(shop))?;
    Ok((settings, keys, net))
}

fn settings_and_net(
    from: &Composition,
    shop: &ShopRecord,
) -> Result<(SinopacSettings, HttpTransport), CommandError> {
    let absent = || CommandError::input("rail-absent").with("rail", "sinopac");
    let mut settings = shop.sinopac.clone().ok_or_else(absent)?;
    if settings.environment == Environment::Demo {
        let base = from.demo_base.clone().ok_or_else(|| CommandError::input("demo-in-window"))?;
        settings.base_url = Some(base);
    }
    let url = base(&settings).map_err(unusable)?;
    let net =
        HttpTransport::new(&url, Deadlines::SHOP).map_err(|_| CommandError::new("no-tls", Exit::Unknown))?;
    Ok((settings, net))
}

fn ctbc(from: &Composition, shop: &ShopRecord) -> Result<Ctbc<HttpTransport>, CommandError> {
    let (settings, keys, net) = ctbc_parts(from, shop)?;
    Ctbc::new(&settings, &keys, net).map_err(|error| unusable_card(&error))
}

/// Settings with the address filled in, the key out of the vault, and the wire.
fn ctbc_parts(
    from: &Composition,
    shop: &ShopRecord,
) -> Result<(CtbcSettings, CtbcKeys, HttpTransport), CommandError> {
    let absent = || CommandError::input("rail-absent").with("rail", "ctbc-card");
    let settings = shop.ctbc.clone().map(|settings| with_demo_base(from, settings)).ok_or_else(absent)??;
    let url = ctbc::shop::base(&settings).map_err(|error| unusable_card(&error))?;
    let net =
        HttpTransport::new(&url, Deadlines::SHOP).map_err(|_| CommandError::new("no-tls", Exit::Unknown))?;
    let vault = open_vault(&from.vault)?;
    if shop.is_production() && vault.is_plain_text() {
        return Err(VaultError::PlainText.into());
    }
    Ok((settings, open_ctbc(vault.as_ref(), &place(shop))?, net))
}

/// The shop with the addresses of the demo, for what compares origins.
fn with_demo_bases(from: &Composition, mut shop: ShopRecord) -> ShopRecord {
    if let Some(sinopac) = shop.sinopac.as_mut().filter(|s| s.environment == Environment::Demo) {
        sinopac.base_url.clone_from(&from.demo_base);
    }
    shop.ctbc = shop.ctbc.and_then(|ctbc| with_demo_base(from, ctbc).ok());
    shop
}

/// Both banks of the simulator stand at one address.
pub(crate) fn with_demo_base(
    from: &Composition,
    mut settings: CtbcSettings,
) -> Result<CtbcSettings, CommandError> {
    if settings.environment == Environment::Demo {
        let base = from.demo_base.as_deref().ok_or_else(|| CommandError::input("demo-in-window"))?;
        let end = base.match_indices('/').nth(2).map_or(base.len(), |(at, _)| at);
        settings.base_url = base.get(..end).map(str::to_owned);
    }
    Ok(settings)
}

fn unusable_card(error: &ctbc::SetUpError) -> CommandError {
    match error {
        ctbc::SetUpError::Key(_) => {
            CommandError::new("vault-missing", Exit::Vault).with("name", "ctbc.mac_key")
        }
        ctbc::SetUpError::MerId
        | ctbc::SetUpError::MerchantId
        | ctbc::SetUpError::TerminalId
        | ctbc::SetUpError::ReturnUrl(_)
        | ctbc::SetUpError::BaseUrl => {
            let field = format!("ctbc.{}", error.field());
            CommandError::input("shop-field").with("field", field).with("why", error.to_string())
        }
    }
}

/// Under which name the keys of a shop stand in the vault. A keyring is one for all data folders of a person, so a practice
/// shop, or another branch, with the same name must not replace the keys of this one.
fn place(shop: &ShopRecord) -> String {
    match (&shop.sinopac, &shop.ctbc) {
        (Some(sinopac), _) => format!("{} {} {}", shop.name, sinopac.environment.name(), sinopac.shop_no),
        (None, Some(ctbc)) => format!("{} {} {}", shop.name, ctbc.environment.name(), ctbc.mer_id),
        (None, None) => shop.name.clone(),
    }
}

fn unusable(error: SetUpError) -> CommandError {
    match error {
        SetUpError::Key(bad) => CommandError::new("vault-missing", Exit::Vault)
            .with("name", format!("sinopac.{}", bad.field.name())),
        SetUpError::KeyId => CommandError::new("vault-missing", Exit::Vault).with("name", "sinopac.key_id"),
        SetUpError::BaseUrl => CommandError::input("shop-field")
            .with("field", "sinopac.base_url")
            .with("why", "http://127.0.0.1:PORT/…"),
    }
}

fn open_vault(choice: &VaultChoice) -> Result<Box<dyn Vault>, CommandError> {
    match choice {
        VaultChoice::File(path) => Ok(Box::new(FileVault::open(path)?)),
        VaultChoice::Memory(shop) => {
            let ShopFile { shop, sinopac, ctbc } =
                shop_file::parse(shop.expose_secret(), Moment::from_millis(0))?;
            let mut vault = MemoryVault::new();
            if let Some(keys) = sinopac {
                keep_sinopac(&mut vault, &place(&shop), keys)?;
            }
            if let Some(keys) = ctbc {
                keep_ctbc(&mut vault, &place(&shop), keys)?;
            }
            Ok(Box::new(vault))
        }
        VaultChoice::Os => Ok(Box::new(OsVault::open(Duration::from_secs(KEYRING_WAIT_MAX_SECS))?)),
    }
}

/// Why the data file was not opened, as a code.
pub(crate) fn open_error(error: &OpenError) -> CommandError {
    let storage = |code| CommandError::new(code, Exit::Storage);
    match error {
        OpenError::InUse => storage("in-use"),
        OpenError::Missing(_) => CommandError::input("no-shop"),
        OpenError::Exposed { folder, .. } => {
            storage("file-not-private").with("path", folder.display().to_string())
        }
        OpenError::Place { folder, .. } => storage("file-place").with("path", folder.display().to_string()),
        OpenError::NotOurs(_) => storage("file-foreign"),
        OpenError::Newer { file, program } => {
            storage("file-newer").with("file", *file).with("program", *program)
        }
        OpenError::Older { .. } => storage("file-older"),
        OpenError::Damaged(_) => storage("file-damaged"),
        OpenError::Copy(_)
        | OpenError::Upgrade(_)
        | OpenError::Setting { .. }
        | OpenError::Io { .. }
        | OpenError::Sqlite(_) => storage("storage"),
    }
}
