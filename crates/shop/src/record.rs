//! The audit record of a shop: its key out of the vault, how far it had come kept beside the key,
//! and the walk over it.
//!
//! The entries go by the id of the data file, so that two folders on one computer keep apart.
//! Promise: the key is in the vault before the file has a row that needs it.

use std::ops::ControlFlow;
use std::sync::Arc;

use counterfoil_commands::{AuditView, Code, CommandError, CopiesView, Exit, RecordAccepted};
use counterfoil_domain::{Actor, Moment, Right};
use counterfoil_engine::Notice;
use counterfoil_engine::ports::{
    AuditFilter, AuditHead, AuditKey, AuditLine, AuditReport, Commit, Entropy, Finding, Store, StoreError,
    Vault, VaultError,
};
use counterfoil_engine::shop::ShopRecord;
use counterfoil_store::{Progress, SqliteStore, copies_by_hand};
use counterfoil_vault::{
    forget_untold, has_pepper, keep_audit_file, keep_audit_folder, keep_audit_key, open_audit_files,
    open_audit_folder, open_audit_head, open_audit_key, open_untold,
};
use tokio::sync::{oneshot, watch};

use crate::compose::{open_reader, open_vault, vault_entry};
use crate::composition::{Composition, VaultChoice};
use crate::entropy::OsEntropy;
use crate::head::{HeadInVault, keep_head};
use crate::run_loop::{Desk, HEAD_WAIT};

/// The demo shop's keys are published, and so is this one.
const DEMO_KEY: [u8; 32] = *b"the demo shop's key, public to a";

/// Links a shop's data file with its key, and looks whether the file still holds what was kept.
///
/// A key is made where the vault has none: the rows that are there are sealed with it. Where the
/// shop had another file on this computer before, the record says from then on that nothing proves
/// what this one held. `shop`: as it is from now on.
///
/// # Errors
/// `record-people-gone`, vault or data file.
pub(crate) fn link(
    from: &Composition,
    vault: &mut dyn Vault,
    store: &mut SqliteStore,
    shop: &ShopRecord,
    at: Moment,
) -> Result<HeadInVault, CommandError> {
    let file = entry(store)?;
    let gone = || CommandError::new(Code::RecordPeopleGone, Exit::Storage);
    if !store.has_people()? && has_people_elsewhere(vault, &vault_entry(shop))? {
        return Err(gone());
    }
    let kept = open_audit_head(vault, &file)?;
    let (key, is_new) = match open_key(from, vault, &file) {
        Err(VaultError::Missing(_)) => {
            let mut random = [0; 32];
            OsEntropy.fill(&mut random);
            (AuditKey::new(random, store.audit_head()?.rows + 1), true)
        }
        opened => (opened?, false),
    };
    let key = if matches!(from.vault, VaultChoice::Memory(_)) {
        key
    } else {
        kept_key(vault, &vault_entry(shop), &file, key, is_new)?
    };
    let of_other_shop = other_shop(from, vault, &vault_entry(shop), &file)?.is_some();
    if !of_other_shop {
        settle(from, vault, &file)?;
    }
    store.link_with(&key, kept.as_ref(), at)?;
    if store.people_are_gone()? {
        return Err(gone());
    }
    if let Some(lost) = kept.as_ref().filter(|kept| store.holds(kept).is_ok_and(|holds| !holds)) {
        store.commit(Commit { audit: lost.line(at), guards: Vec::new(), changes: Vec::new() })?;
    }
    tell(vault, store, &file, at)?;
    Ok(HeadInVault::read(kept, of_other_shop))
}

/// Gives the record the wrong PINs of a terminal beside a window.
fn tell(vault: &mut dyn Vault, store: &mut SqliteStore, file: &str, at: Moment) -> Result<(), CommandError> {
    let untold = open_untold(vault, file)?;
    for line in &untold {
        let mut parts = line.splitn(3, ' ').map(str::to_owned);
        let mut part = || parts.next().unwrap_or_default();
        let (what, subject, detail) = (part(), part(), part());
        let audit = AuditLine { at, who: Actor::Engine, what, subject, detail };
        store.commit(Commit { audit, guards: Vec::new(), changes: Vec::new() })?;
    }
    if !untold.is_empty() {
        // a vault that only reads stops no shop
        drop(forget_untold(vault, file));
    }
    Ok(())
}

/// Whether any data file of the shop has had people, as far as the vault knows. In a file that
/// holds none, also in one under another id, whoever comes would be the owner.
pub(crate) fn has_people_elsewhere(vault: &dyn Vault, shop: &str) -> Result<bool, VaultError> {
    for file in open_audit_files(vault, shop)? {
        if open_audit_head(vault, &file)?.is_some_and(|head| head.people.is_some_and(|row| row > 0)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The store of a folder with what proves its people, for who only looks. A file that has no key
/// here, for example on another computer, proves none.
///
/// # Errors
/// Vault, or data file.
pub fn open_proved(from: &Composition) -> Result<SqliteStore, CommandError> {
    let mut store = open_reader(&from.data)?;
    let (vault, file) = (open_vault(&from.vault)?, entry(&store)?);
    match open_key(from, vault.as_ref(), &file) {
        Err(VaultError::Missing(_)) => {}
        opened => {
            let kept = open_audit_head(vault.as_ref(), &file)?;
            store.link_with(&opened?, kept.as_ref(), from.clock.wall())?;
        }
    }
    Ok(store)
}

/// Keeps a file's key, and with the shop that the file has one. A file that the shop's first one is
/// not may have been linked anywhere, by a hand that wrote all of it. Nothing new is not written: a
/// vault that only reads stops no shop.
fn kept_key(
    vault: &mut dyn Vault,
    shop: &str,
    file: &str,
    key: AuditKey,
    is_new: bool,
) -> Result<AuditKey, CommandError> {
    let known = open_audit_files(vault, shop)?;
    let is_known = known.iter().any(|one| one == file);
    let key = if is_known || known.is_empty() { key } else { key.replacing() };
    if is_new || !is_known {
        keep_audit_key(vault, file, &key)?;
    }
    if !is_known {
        keep_audit_file(vault, shop, file)?;
    }
    Ok(key)
}

/// Keeps that the folder is this file's from now on. Nothing new is not written.
fn settle(from: &Composition, vault: &mut dyn Vault, file: &str) -> Result<(), VaultError> {
    let folder = folder_entry(from);
    if matches!(from.vault, VaultChoice::Memory(_))
        || open_audit_folder(vault, &folder)?.as_deref() == Some(file)
    {
        return Ok(());
    }
    keep_audit_folder(vault, &folder, file)
}

/// The file that the folder held, where that was another shop's: a hand has swapped the two, and
/// each for itself looks right.
pub(crate) fn other_shop(
    from: &Composition,
    vault: &dyn Vault,
    shop: &str,
    file: &str,
) -> Result<Option<Finding>, VaultError> {
    let Some(held) = open_audit_folder(vault, &folder_entry(from))? else { return Ok(None) };
    let is_ours = held == file || open_audit_files(vault, shop)?.contains(&held);
    Ok((!is_ours).then_some(Finding::OtherShop(held)))
}

/// The name of a data folder in the vault.
fn folder_entry(from: &Composition) -> String {
    let folder = from.data.canonicalize().unwrap_or_else(|_| from.data.clone());
    format!("folder {}", folder.display())
}

/// The name of a data file in the vault.
///
/// # Errors
/// Of the data file.
pub(crate) fn entry(store: &SqliteStore) -> Result<String, CommandError> {
    Ok(format!("file {}", store.file_id()?))
}

pub(crate) fn open_key(from: &Composition, vault: &dyn Vault, file: &str) -> Result<AuditKey, VaultError> {
    match &from.vault {
        VaultChoice::Memory(_) => Ok(AuditKey::new(DEMO_KEY, 1)),
        VaultChoice::Os | VaultChoice::File(_) => open_audit_key(vault, file),
    }
}

/// Walks the record of a shop, every row that it speaks of, the file's own rules and the marks of
/// coverage. Works beside an open window. `None`: who waits has stopped it. `printed`: what an
/// export or a screen showed at some time, which the record must hold still.
///
/// # Errors
/// `audit-key-missing` where the record cannot be verified, vault, or data file.
pub fn verify_audit(
    from: &Composition,
    printed: Option<&AuditHead>,
    tell: Progress<'_>,
) -> Result<Option<AuditView>, CommandError> {
    let mut store = open_reader(&from.data)?;
    let (vault, file) = (open_vault(&from.vault)?, entry(&store)?);
    let key = match open_key(from, vault.as_ref(), &file) {
        // each file gets one when it is opened first, so this one is not from here
        Err(VaultError::Missing(_)) => return Err(StoreError::NoKey.into()),
        opened => opened?,
    };
    let kept = open_audit_head(vault.as_ref(), &file)?;
    store.link_with(&key, kept.as_ref(), from.clock.wall())?;
    let Some(mut report) = store.verify(kept.as_ref(), tell)? else { return Ok(None) };
    if let Some(printed) = printed
        && !store.holds(printed)?
    {
        report.found.push(Finding::Cut(printed.clone()));
    }
    // a row that cannot be read is one thing, and the rest is looked at all the same
    let shop = store.shop();
    if let Ok(Some(shop)) = &shop {
        report.found.extend(other_shop(from, vault.as_ref(), &vault_entry(shop), &file)?);
    }
    let mut view = audit_view(report, kept);
    view.read_only = store.is_frozen();
    if shop.is_err() {
        view.found.push("shop: its record cannot be read".to_owned());
    }
    let lies = if shop.is_ok() { store.marks_that_lie()? } else { Vec::new() };
    view.found
        .extend(lies.into_iter().map(|(bank, pass)| format!("coverage mark of {} pass {pass}", bank.name())));
    view.ok = view.found.is_empty();
    view.copies = CopiesView::of(copies_by_hand(&from.data));
    view.strangers = strangers(from);
    Ok(Some(view))
}

/// What else lies in the shop's folder. A vault of tests may lie there too.
fn strangers(from: &Composition) -> Vec<String> {
    let mut names = counterfoil_store::strangers(&from.data);
    if let VaultChoice::File(vault) = &from.vault
        && let Some(vault) = vault.file_name().and_then(|name| name.to_str())
    {
        names.retain(|name| !name.starts_with(vault));
    }
    names
}

/// The verb of a sale in the record.
const SALE: &str = "sell";

/// Whether the vault has been given how far the record has come.
pub struct HeadKept(Option<oneshot::Receiver<()>>);

impl HeadKept {
    /// Waits for the vault, and no longer than a request that gives money back does.
    pub async fn wait(self) {
        if let Some(kept) = self.0 {
            drop(tokio::time::timeout(HEAD_WAIT, kept).await);
        }
    }
}

/// Whether the record was read once, which the first decision about a refund rests on.
#[derive(Debug, Clone, Default)]
pub struct RecordRead(Option<watch::Receiver<()>>);

impl RecordRead {
    /// Waits for it: away from the desk.
    pub async fn wait(self) {
        if let Some(mut reading) = self.0 {
            // nothing is said until the thread ends
            while reading.changed().await.is_ok() {}
        }
    }
}

impl Desk {
    /// Has a thread of its own read the record. Until then nothing about a refund is decided or
    /// sent; whoever wants to waits for [`Desk::record_read`] first.
    pub(crate) fn read_record(&mut self) {
        let Some(walk) = self.engine.store().walk_ahead() else { return };
        let (reading, read) = watch::channel(());
        let walk = move || {
            walk();
            drop(reading);
        };
        // without a thread the first decision reads it
        drop(std::thread::Builder::new().name("record".into()).spawn(walk));
        self.record_read = RecordRead(Some(read));
    }

    /// When the record has been read.
    pub fn record_read(&self) -> RecordRead {
        self.record_read.clone()
    }

    /// Does what a person asks for. Where that is an act and no sale, the vault is given how far
    /// the record has come; whoever answers the person waits for [`HeadKept`] first, so that nobody
    /// cuts off what was answered. A sale waits for no keyring: each minute keeps it.
    pub fn acting<T>(&mut self, job: impl FnOnce(&mut Self) -> T) -> (T, HeadKept) {
        let before = self.engine.store().audit_head().map_or(0, |head| head.rows);
        let done = job(self);
        let head = self.record_head().ok().filter(|(_, head)| head.rows != before && self.is_act());
        let Some((file, head)) = head else { return (done, HeadKept(None)) };
        self.head_kept.1 = head.rows;
        let (kept, is_kept) = oneshot::channel();
        let (from, in_vault) = (self.from.clone(), Arc::clone(&self.head_in_vault));
        let keep = move || {
            drop(keep_head(&from, &file, &head, &in_vault));
            let _ = kept.send(());
        };
        // without a thread the next minute, or the end of the program, keeps it
        drop(std::thread::Builder::new().name("record".into()).spawn(keep));
        (done, HeadKept(Some(is_kept)))
    }

    /// The newest row of the record is a person's, and no sale.
    fn is_act(&self) -> bool {
        let newest = AuditFilter { limit: 1, ..AuditFilter::default() };
        let rows = self.engine.store().audit_rows(&newest).unwrap_or_default();
        let is_ours = |who: &str| [Actor::Engine, Actor::Browser].iter().any(|actor| actor.name() == who);
        rows.first().is_some_and(|row| !is_ours(&row.who) && row.what != SALE)
    }

    /// Has an owner accept what the record shows about keys and files that were put back or copied.
    /// Walks all of it first: what else it shows stays.
    ///
    /// # Errors
    /// `role-may-not`, `record-nothing`, `record-people`, vault, or data file.
    pub fn accept_record(&mut self, who: Actor) -> Result<RecordAccepted, CommandError> {
        self.allowed(who, Right::Keys)?;
        let from = self.parts().0;
        let store = self.engine().store();
        let mut vault = open_vault(&from.vault)?;
        let (shop, file) = (vault_entry(self.engine().shop()), entry(store)?);
        if who == Actor::Owner && has_pepper(vault.as_ref(), &shop)? {
            // the file and its record have lost their people, so that whoever comes is the owner
            return Err(CommandError::new(Code::RecordPeopleGone, Exit::Storage));
        }
        let kept = open_audit_head(vault.as_ref(), &file)?;
        let nothing = || CommandError::input(Code::RecordNothing);
        let mut report =
            store.verify(kept.as_ref(), &mut |_| ControlFlow::Continue(()))?.ok_or_else(nothing)?;
        let other = other_shop(&from, vault.as_ref(), &shop, &file)?;
        if let Some(Finding::OtherShop(held)) = &other
            && open_audit_head(vault.as_ref(), held)?
                .is_some_and(|head| head.people.is_some_and(|row| row > 0))
        {
            // whoever has signed in is no owner of the shop that the folder belongs to
            return Err(CommandError::new(Code::RecordOtherShop, Exit::NotAllowed));
        }
        report.found.extend(other);
        let accepts = report.acceptance().ok_or_else(nothing)?;
        self.engine.accept_record(from.clock.now(), &report, who)?;
        settle(&from, vault.as_mut(), &file)?;
        self.in_vault().of_other_shop = false;
        self.doubt.take();
        self.hear(Notice::Health);
        let rows = report.tables.into_iter().filter(|(_, rows)| *rows > 0);
        Ok(RecordAccepted { shop, accepts, rows: rows.collect() })
    }
}

fn audit_view(report: AuditReport, kept: Option<AuditHead>) -> AuditView {
    let AuditReport { rows, head, broken_at, found, accepted, .. } = report;
    let [found, accepted] =
        [found, accepted].map(|all| all.iter().map(Finding::to_string).collect::<Vec<_>>());
    let kept = kept.map(|kept| kept.rows);
    AuditView {
        ok: found.is_empty(),
        rows,
        head,
        kept,
        broken_at,
        found,
        accepted,
        copies: None,
        read_only: false,
        strangers: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use counterfoil_commands::SellRequest;

    use super::*;
    use crate::clock::Clock;
    use crate::compose::compose;
    use crate::contracts::add_shop;

    /// A hand that cuts off what a person was told leaves a trace, also where the program was ended
    /// right then.
    #[test]
    fn the_vault_knows_an_act_before_its_answer_and_no_sale_waits_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let vault = VaultChoice::File(folder.path().join("keys"));
        let from =
            Composition { data: folder.path().join("shop"), vault, clock: Clock::System, demo_base: None };
        let key = "0123456789ABCDEF";
        let file = serde_json::json!({ "name": "shop", "sinopac": { "environment": "custom",
            "shop_no": "NA0249_001", "base_url": "http://127.0.0.1:9/x", "a1": key, "a2": key, "b1": key, "b2": key,
            "key_id": "b5e6986d-8636-4aa0-8c93-441ad14b2098", "return_url": "loopback" } });
        add_shop(&from, &file.to_string(), Actor::Owner).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _inside = runtime.enter();
        let mut desk = compose(&from).unwrap();
        let kept = || {
            let vault = open_vault(&from.vault).unwrap();
            open_audit_head(vault.as_ref(), &entry(&open_reader(&from.data).unwrap()).unwrap()).unwrap()
        };
        let (done, head) = desk.acting(|desk| desk.set_customer_days(30, Actor::Owner));
        done.unwrap();
        runtime.block_on(head.wait());
        assert_eq!(kept(), desk.engine().store().audit_head().ok());

        let before = kept();
        let sale = SellRequest {
            order: "0192f3a0-0000-7000-8000-000000000001".to_owned(),
            rail: "sinopac-account".to_owned(),
            amount: "100".to_owned(),
            description: None,
            customer: None,
            note: None,
            expires: None,
            again: None,
        };
        let (sold, head) = desk.acting(|desk| desk.begin_sale(&sale, Actor::Owner));
        sold.unwrap();
        assert!(head.0.is_none(), "a sale waits for no keyring");
        let (_, head) = desk.acting(|desk| desk.work_view());
        assert!(head.0.is_none(), "nothing to keep");
        assert_eq!(kept(), before);
    }
}
