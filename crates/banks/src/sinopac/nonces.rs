//! The nonces of the last calls, so that none is used twice. The bank was seen to hand one out
//! again; the second order with it is refused (E3001).

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

/// A nonce lives 60 seconds, and a key makes one call a second (two requests).
const KEPT_MAX: usize = 64;

/// Digests of the last nonces, oldest first.
#[derive(Default)]
pub(super) struct Nonces(Mutex<VecDeque<[u8; 32]>>);

impl Nonces {
    /// Takes a nonce for one call. False: an earlier call has it.
    pub(super) fn take(&self, nonce: &str) -> bool {
        let digest: [u8; 32] = Sha256::digest(nonce.as_bytes()).into();
        // no code panics while it holds the lock
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.contains(&digest) {
            return false;
        }
        if taken.len() == KEPT_MAX {
            taken.pop_front();
        }
        taken.push_back(digest);
        true
    }
}
