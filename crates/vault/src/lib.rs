//! Hides. Where the merchant keys of a shop are kept.
//!
//! [`FileVault`] is a plain text file for tests and demos, and says so; [`MemoryVault`] forgets with the program. Promises: no
//! secret stands in a `Debug`, an error or a name; what is kept is on the disk whole or not at all. Left out: the stores of the
//! operating systems, which the composition does not offer yet, and the refusal of production shops, which the commands do by
//! [`Vault::is_plain_text`](counterfoil_engine::ports::Vault::is_plain_text).

mod file;
mod keys;
mod memory;

pub use file::FileVault;
pub use keys::{keep_sinopac, keep_unread, open_sinopac};
pub use memory::MemoryVault;
