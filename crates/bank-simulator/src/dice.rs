//! Seeded random numbers (splitmix64): one seed gives one history.
//!
//! Promises repeatable values that look random to a client. Leaves out secrecy: nothing real is
//! protected by them.

use sha2::{Digest, Sha256};

/// A seeded stream of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number in `0..bound`; 0 when the bound is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    /// 64 lower-case hex digits: the SHA-256 of the next number.
    pub(crate) fn hex64(&mut self) -> String {
        hex::encode(Sha256::digest(self.next().to_be_bytes()))
    }

    /// A lower-case GUID of version 4.
    pub(crate) fn guid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        let start = high >> 32;
        let variant = (low >> 48) & 0x3FFF | 0x8000;
        format!(
            "{start:08x}-{:04x}-4{:03x}-{variant:04x}-{:012x}",
            (high >> 16) & 0xFFFF,
            high & 0x0FFF,
            low & 0xFFFF_FFFF_FFFF
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_stream() {
        let mut one = Dice::new(7);
        let mut two = Dice::new(7);
        assert_eq!((one.hex64(), one.guid(), one.below(10)), (two.hex64(), two.guid(), two.below(10)));
        assert_ne!(Dice::new(8).hex64(), Dice::new(7).hex64());
        assert_eq!(Dice::new(1).below(0), 0);
    }

    #[test]
    fn a_guid_is_of_version_four() {
        let guid = Dice::new(3).guid();
        assert_eq!(guid.len(), 36);
        assert_eq!(guid.as_bytes()[14], b'4');
        assert!(matches!(guid.as_bytes()[19], b'8' | b'9' | b'a' | b'b'));
    }
}
