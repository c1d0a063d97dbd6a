//! The audit record of a shop: its key out of the vault, how far it had come kept beside the key,
//! and the walk over it.
//!
//! The entries go by the id of the data file, so that two folders on one computer keep apart.
//! Promise: the key is in the vault before the file has a row that needs it.

use std::ops::ControlFlow;

use counterfoil_commands::{AuditView, Code, CommandError, Exit, RecordAccepted};
use counterfoil_domain::{Actor, Moment, Right};
use counterfoil_engine::ports::{
    AuditHead, AuditKey, AuditReport, Commit, Entropy, Finding, Store, StoreError, Vault, VaultError,
};
use counterfoil_engine::shop::ShopRecord;
use counterfoil_store::{Progress, SqliteStore};
use counterfoil_vault::{
    has_pepper, keep_audit_file, keep_audit_head, keep_audit_key, open_audit_files, open_audit_head,
    open_audit_key,
};

use crate::compose::{open_reader, open_vault, vault_entry};
use crate::composition::{Composition, VaultChoice};
use crate::entropy::OsEntropy;
use crate::run_loop::Desk;

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
) -> Result<(), CommandError> {
    // only where the vault knows people: nothing else walks the chain of a shop without them
    if has_pepper(vault, &vault_entry(shop))? && store.people_are_gone()? {
        return Err(CommandError::new(Code::RecordPeopleGone, Exit::Storage));
    }
    let file = entry(store)?;
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
    store.link_with(&key, kept.as_ref(), at)?;
    if let Some(lost) = kept.filter(|kept| store.holds(kept).is_ok_and(|holds| !holds)) {
        store.commit(Commit { audit: lost.line(at), guards: Vec::new(), changes: Vec::new() })?;
    }
    Ok(())
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

/// Keeps how far the record has come.
///
/// # Errors
/// Vault or data file.
pub(crate) fn keep_head(from: &Composition, file: &str, head: &AuditHead) -> Result<(), CommandError> {
    Ok(keep_audit_head(open_vault(&from.vault)?.as_mut(), file, head)?)
}

/// The name of a data file in the vault.
///
/// # Errors
/// Of the data file.
pub(crate) fn entry(store: &SqliteStore) -> Result<String, CommandError> {
    Ok(format!("file {}", store.file_id()?))
}

fn open_key(from: &Composition, vault: &dyn Vault, file: &str) -> Result<AuditKey, VaultError> {
    match &from.vault {
        VaultChoice::Memory(_) => Ok(AuditKey::new(DEMO_KEY, 1)),
        VaultChoice::Os | VaultChoice::File(_) => open_audit_key(vault, file),
    }
}

/// Walks the record of a shop, every row that it speaks of, the file's own rules and the marks of
/// coverage. Works beside an open window. `None`: who waits has stopped it.
///
/// # Errors
/// `audit-key-missing` where the record cannot be verified, vault, or data file.
pub fn verify_audit(from: &Composition, tell: Progress<'_>) -> Result<Option<AuditView>, CommandError> {
    let mut store = open_reader(&from.data)?;
    let (vault, file) = (open_vault(&from.vault)?, entry(&store)?);
    let key = match open_key(from, vault.as_ref(), &file) {
        // each file gets one when it is opened first, so this one is not from here
        Err(VaultError::Missing(_)) => return Err(StoreError::NoKey.into()),
        opened => opened?,
    };
    store.link_with(&key, None, from.clock.wall())?;
    let kept = open_audit_head(vault.as_ref(), &file)?;
    let Some(report) = store.verify(kept.as_ref(), tell)? else { return Ok(None) };
    let mut view = audit_view(report, kept);
    view.read_only = store.is_frozen();
    let lies = store.marks_that_lie()?.into_iter();
    view.found.extend(lies.map(|(bank, pass)| format!("coverage mark of {} pass {pass}", bank.name())));
    view.ok = view.found.is_empty();
    Ok(Some(view))
}

impl Desk {
    /// Has an owner accept what the record shows about keys and files that were put back or copied.
    /// Walks all of it first: what else it shows stays.
    ///
    /// # Errors
    /// `role-may-not`, `record-nothing`, `record-people`, vault, or data file.
    pub fn accept_record(&mut self, who: Actor) -> Result<RecordAccepted, CommandError> {
        self.allowed(who, Right::Keys)?;
        let from = self.parts().0;
        let store = self.engine().store();
        let vault = open_vault(&from.vault)?;
        let (shop, file) = (vault_entry(self.engine().shop()), entry(store)?);
        if who == Actor::Owner && has_pepper(vault.as_ref(), &shop)? {
            // the file and its record have lost their people, so that whoever comes is the owner
            return Err(CommandError::new(Code::RecordPeopleGone, Exit::Storage));
        }
        let kept = open_audit_head(vault.as_ref(), &file)?;
        let nothing = || CommandError::input(Code::RecordNothing);
        let report = store.verify(kept.as_ref(), &mut |_| ControlFlow::Continue(()))?.ok_or_else(nothing)?;
        let accepts = report.acceptance().ok_or_else(nothing)?;
        self.engine.accept_record(from.clock.now(), &report, who)?;
        let rows = report.tables.into_iter().filter(|(_, rows)| *rows > 0);
        Ok(RecordAccepted { shop, accepts, rows: rows.collect() })
    }
}

fn audit_view(report: AuditReport, kept: Option<AuditHead>) -> AuditView {
    let AuditReport { rows, head, broken_at, found, accepted, .. } = report;
    let [found, accepted] =
        [found, accepted].map(|all| all.iter().map(Finding::to_string).collect::<Vec<_>>());
    let kept = kept.map(|kept| kept.rows);
    AuditView { ok: found.is_empty(), rows, head, kept, broken_at, found, accepted, read_only: false }
}
