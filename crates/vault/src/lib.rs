//! The vault. Where the merchant keys of a shop are kept, and what protects its people's PINs.
//!
//! [`OsVault`] is the keyring of the operating system; [`FileVault`] is a plain text file for tests
//! and demos, and says so; [`MemoryVault`] forgets with the program. Promises: no secret appears in
//! a `Debug`, an error or a name; none replaces another. Left out: the refusal of production shops,
//! which the composition does by
//! [`Vault::is_plain_text`](counterfoil_engine::ports::Vault::is_plain_text).

mod file;
mod keyring;
mod keys;
mod memory;
mod pins;
mod platform;

pub use file::FileVault;
pub use keyring::OsVault;
pub use keys::{
    forget_untold, keep_audit_file, keep_audit_folder, keep_audit_head, keep_audit_key, keep_ctbc,
    keep_sinopac, keep_untold, open_audit_files, open_audit_folder, open_audit_head, open_audit_key,
    open_ctbc, open_sinopac, open_untold,
};
pub use memory::MemoryVault;
pub use pins::{Pepper, TriesKept, has_pepper, move_people, open_pepper, pepper_or};
