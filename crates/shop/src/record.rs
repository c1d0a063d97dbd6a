//! The audit record of a shop: its key out of the vault, how far it had come kept beside the key,
//! and the walk over it.
//!
//! The entries go by the id of the data file, so that two folders on one computer keep apart.
//! Promise: the key is in the vault before the file has a row that needs it.

use counterfoil_commands::{AuditView, CommandError};
use counterfoil_domain::{Actor, Moment};
use counterfoil_engine::ports::{
    AuditHead, AuditKey, AuditLine, AuditReport, Commit, Entropy, Finding, Store, StoreError, Vault,
    VaultError,
};
use counterfoil_engine::shop::ShopRecord;
use counterfoil_store::{Progress, SqliteStore};
use counterfoil_vault::{
    keep_audit_file, keep_audit_head, keep_audit_key, keep_lost_head, open_audit_file, open_audit_head,
    open_audit_key, open_lost_heads,
};

use crate::compose::{open_reader, open_vault, vault_entry};
use crate::composition::{Composition, VaultChoice};
use crate::entropy::OsEntropy;

/// The demo shop's keys are published, and so is this one.
const DEMO_KEY: [u8; 32] = *b"the demo shop's key, public to a";

/// Links a shop's data file with its key, and looks whether the file still holds what was kept.
///
/// A key is made where the vault has none: the rows that are there are sealed with it. Where the
/// computer had one for this shop before, the record says from then on that nothing proves them.
/// `shop`: as it is from now on.
///
/// # Errors
/// Vault or data file.
pub(crate) fn link(
    from: &Composition,
    vault: &mut dyn Vault,
    store: &mut SqliteStore,
    shop: &ShopRecord,
    at: Moment,
) -> Result<(), CommandError> {
    let (file, entry) = (entry(store)?, vault_entry(shop));
    let known = open_audit_file(vault, &entry)?;
    let key = match open_key(from, vault, &file) {
        Err(VaultError::Missing(_)) => {
            let mut random = [0; 32];
            OsEntropy.fill(&mut random);
            let key = AuditKey::new(random, store.audit_head()?.rows + 1);
            let is_first = known.is_none() || store.shop()?.is_none();
            let key = if is_first { key } else { key.replacing() };
            keep_audit_key(vault, &file, &key)?;
            key
        }
        opened => opened?,
    };
    if known.as_deref() != Some(&file) {
        keep_audit_file(vault, &entry, &file)?;
    }
    let kept = open_audit_head(vault, &file)?;
    store.link_with(&key, kept.as_ref(), at)?;
    if let Some(lost) = kept.filter(|kept| store.holds(kept).is_ok_and(|holds| !holds)) {
        // a vault that does not take it does not stop the shop: the record itself says it too
        drop(keep_lost_head(vault, &file, &lost));
        let (subject, detail) = (format!("row {}", lost.rows), String::new());
        let audit = AuditLine { at, who: Actor::Engine, what: "record-lost".into(), subject, detail };
        store.commit(Commit { audit, guards: Vec::new(), changes: Vec::new() })?;
    }
    Ok(())
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
    let mut heads = open_lost_heads(vault.as_ref(), &file)?;
    heads.extend(kept.clone());
    let Some(report) = store.verify(&heads, tell)? else { return Ok(None) };
    let mut view = audit_view(report, kept);
    let lies = store.marks_that_lie()?.into_iter();
    view.found.extend(lies.map(|(bank, pass)| format!("coverage mark of {} pass {pass}", bank.name())));
    view.ok = view.found.is_empty();
    Ok(Some(view))
}

fn audit_view(report: AuditReport, kept: Option<AuditHead>) -> AuditView {
    let AuditReport { rows, head, broken_at, found } = report;
    let found: Vec<String> = found.iter().map(Finding::to_string).collect();
    AuditView { ok: found.is_empty(), rows, head, kept: kept.map(|kept| kept.rows), broken_at, found }
}
