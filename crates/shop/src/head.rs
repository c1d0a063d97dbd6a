//! How far the record has come, kept in the vault, and whether the data file is the one that had
//! come so far.
//!
//! A program that keeps its head looks first at the one that is there: another one than its own is
//! that of a copy of the file, which sold on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use counterfoil_commands::CommandError;
use counterfoil_domain::{Moment, Mono};
use counterfoil_engine::Notice;
use counterfoil_engine::ports::{AuditHead, FileDoubt, FileDoubtKind, Store};
use counterfoil_engine::shop::ShopRecord;
use counterfoil_vault::{keep_audit_head, open_audit_head};

use crate::compose::{open_reader, open_vault, vault_entry};
use crate::composition::Composition;
use crate::record::{entry, open_key, other_shop};
use crate::run_loop::Desk;

/// How far the record has come is kept this often, before money goes back, and at the end.
const HEAD_KEPT_MS: i64 = 60 * 1000;

/// What this program knows of the head in the vault. Whatever else is found there was kept by the
/// program of a copy of this file.
#[derive(Debug, Default)]
pub(crate) struct HeadInVault {
    known: Option<AuditHead>,
    was_read: bool,
    /// The rows of the newest head that this program has kept.
    kept_rows: u64,
    /// Found, and not kept by this program.
    missed: Option<AuditHead>,
    /// The folder held the file of another shop before.
    pub(crate) of_other_shop: bool,
}

impl HeadInVault {
    pub(crate) fn read(known: Option<AuditHead>, of_other_shop: bool) -> Self {
        Self { known, was_read: true, kept_rows: 0, missed: None, of_other_shop }
    }
}

/// Keeps how far the record has come, but for a head that this program does not know: that one is
/// looked at first.
///
/// # Errors
/// Vault or data file.
pub(crate) fn keep_head(
    from: &Composition,
    file: &str,
    head: &AuditHead,
    kept: &Mutex<HeadInVault>,
) -> Result<(), CommandError> {
    // one keeps at a time, so that none takes the head of another thread for a stranger's
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    let mut vault = open_vault(&from.vault)?;
    let found = open_audit_head(vault.as_ref(), file)?;
    if found.is_some() && kept.was_read && found != kept.known {
        kept.missed.clone_from(&found);
        kept.known = found;
        return Ok(());
    }
    // another thread may have been faster with a newer one
    if kept.kept_rows <= head.rows {
        keep_audit_head(vault.as_mut(), file, head)?;
        kept.known = Some(head.clone());
        (kept.was_read, kept.kept_rows) = (true, head.rows);
    }
    Ok(())
}

/// Another shop's file, from when this one was added.
fn other_file(shop: &ShopRecord, at: Moment) -> FileDoubt {
    FileDoubt { kind: FileDoubtKind::Other, from: shop.added_at.min(at), to: at }
}

/// Whether a data file is the one that this computer had last, for who only looks: also before a
/// program that writes has opened it. Where the vault cannot be had nothing is known.
///
/// # Errors
/// Of the data file.
pub fn file_doubt(from: &Composition, at: Moment) -> Result<Option<FileDoubt>, CommandError> {
    let mut store = open_reader(&from.data)?;
    let (Some(shop), file) = (store.shop()?, entry(&store)?) else { return Ok(None) };
    let Ok(vault) = open_vault(&from.vault) else { return Ok(None) };
    let kept = open_audit_head(vault.as_ref(), &file).ok().flatten();
    if let Ok(key) = open_key(from, vault.as_ref(), &file) {
        store.link_with(&key, kept.as_ref(), at)?;
        if let Some(found) = store.doubt(kept.as_ref(), at)? {
            return Ok(Some(found));
        }
    }
    let other = other_shop(from, vault.as_ref(), &vault_entry(&shop), &file).ok().flatten();
    Ok(other.map(|_| other_file(&shop, at)))
}

impl Desk {
    /// Keeps the head of the record each minute in which it has moved, on a thread of its own: no
    /// sale waits for the keyring.
    pub(crate) fn keep_head_when_due(&mut self, now: Mono) {
        let (kept_at, kept) = self.head_kept;
        if now.ms_since(kept_at) < HEAD_KEPT_MS {
            return;
        }
        let head = self.record_head().ok().filter(|(_, head)| head.rows != kept);
        self.head_kept = (now, head.as_ref().map_or(kept, |(_, head)| head.rows));
        if let Some((file, head)) = head {
            let (from, in_vault) = (self.from.clone(), Arc::clone(&self.head_in_vault));
            let keep = move || drop(keep_head(&from, &file, &head, &in_vault));
            // without a thread the next minute, or the end of the program, keeps it
            drop(std::thread::Builder::new().name("record".into()).spawn(keep));
        }
    }

    /// The data file is not the one that this computer had last, and no owner has accepted it.
    pub fn file_doubt(&self) -> Option<FileDoubt> {
        let doubt = || {
            let store = self.engine.store();
            let found = store.doubt(None, self.bank_time()).ok().flatten();
            found.or_else(|| {
                self.in_vault().of_other_shop.then(|| other_file(self.engine.shop(), self.bank_time()))
            })
        };
        self.doubt.get_or_init(doubt).clone()
    }

    /// Tells the record of a head that the program of a copy has kept: the copy sold on. Once,
    /// until an owner accepts it.
    ///
    /// # Errors
    /// Of the data file.
    pub(crate) fn note_missed_head(&mut self) -> Result<(), CommandError> {
        // a thread that waits for the keyring has it for a while
        let missed = self.head_in_vault.try_lock().ok().and_then(|mut kept| kept.missed.take());
        let Some(head) = missed.filter(|head| self.engine.store().holds(head).is_ok_and(|holds| !holds))
        else {
            return Ok(());
        };
        if self.file_doubt().is_none() {
            self.engine.record_lost(self.from.clock.now(), &head)?;
            self.doubt.take();
            self.hear(Notice::Health);
        }
        Ok(())
    }

    /// Keeps the head at the end of the program.
    pub(crate) fn keep_last_head(&mut self) {
        // a second time where the first has found the head of a copy
        for _ in 0..2 {
            let Ok((file, head)) = self.record_head() else { return };
            if keep_head(&self.from, &file, &head, &self.head_in_vault).is_err()
                || self.note_missed_head().is_err()
            {
                return;
            }
        }
    }

    pub(crate) fn in_vault(&self) -> MutexGuard<'_, HeadInVault> {
        self.head_in_vault.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
