//! Random numbers of the operating system.

use counterfoil_engine::ports::Entropy;

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    /// Ends the program when the operating system has no random numbers: a guessable id or return
    /// path must not exist.
    fn fill(&mut self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            std::process::abort();
        }
    }
}

/// Random bytes for what is not an id: a word that cannot be guessed.
pub fn random_hex() -> String {
    let mut bytes = [0_u8; 16];
    OsEntropy.fill(&mut bytes);
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}
