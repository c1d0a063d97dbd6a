//! Random numbers of the operating system.

use counterfoil_engine::ports::Entropy;

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    /// Ends the program when the operating system has no random numbers: a guessable id or return path must not exist.
    fn fill(&mut self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            std::process::abort();
        }
    }
}
