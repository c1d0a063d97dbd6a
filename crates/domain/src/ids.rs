//! Ids. Ours are UUIDs, made by the composition and passed in; the bank's numbers are strings.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::rail::Rail;
use crate::time::Moment;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Of this instant, with 10 of 16 random bytes of the composition (a version 7 UUID).
            /// Ids that are made one after the other lie side by side in the data file, so that a
            /// sale writes the last page of each index and not any page of it.
            pub fn new(at: Moment, random: [u8; 16]) -> Self {
                let [_, _, _, _, _, _, rest @ ..] = random;
                let millis = u64::try_from(at.millis()).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid())
            }

            /// From 16 random bytes of the composition (a version 4 UUID).
            pub fn from_random(bytes: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
            }

            /// Reads the usual text form. `None` when it is none.
            pub fn parse(text: &str) -> Option<Self> {
                Uuid::try_parse(text).ok().map(Self)
            }

            /// The 16 bytes, as the store keeps them.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// From the 16 bytes that the store kept.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// What was sold.
    OrderId
);
id!(
    /// One agreement to collect for an order by one rail.
    PaymentId
);
id!(
    /// One request to one bank.
    OperationId
);
id!(
    /// One request of a person to give money back.
    RefundId
);
id!(
    /// One verified answer that a state rests on.
    EvidenceId
);
id!(
    /// Who buys, as far as a person typed it.
    CustomerId
);
id!(
    /// One of the people of the shop.
    PersonId
);
id!(
    /// One thing that does not fit and waits for a person.
    DiscrepancyId
);

/// The number a bank sees: SinoPac OrderNo, CTBC lidm. One per payment, never reused (money rules
/// 1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BankOrderNo(String);

const BASE36: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

impl BankOrderNo {
    /// Seconds of bank time in base 36, 40 random bits in base 36 (8 characters), and a letter for
    /// the rail: 15 characters until the year 2038 and beyond, never more than 19. Never from a
    /// counter: a restored file would repeat one.
    pub fn make(bank_now: Moment, random: [u8; 5], rail: Rail) -> Self {
        let seconds = u64::try_from(bank_now.millis().div_euclid(1000)).unwrap_or(0);
        let bits = random.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        let letter = match rail {
            Rail::SinopacAccount => 'A',
            Rail::SinopacCard => 'C',
            Rail::CtbcCard => 'T',
        };
        Self(format!("{}{:0>8}{letter}", base36(seconds), base36(bits)))
    }

    /// Whether [`Self::make`] makes such a number from 2026 to 2099.
    pub fn has_our_form(number: &str) -> bool {
        const SECONDS: std::ops::Range<u64> = 1_767_225_600..4_102_444_800;
        const RANDOM_CHARS: usize = 8;
        let Some(digits) = number.strip_suffix(['A', 'C', 'T']) else { return false };
        let read = |text: &str| {
            let is_ours = text.bytes().all(|byte| BASE36.contains(&byte));
            is_ours.then(|| u64::from_str_radix(text, 36).ok()).flatten()
        };
        let at = digits.len().saturating_sub(RANDOM_CHARS);
        let Some((seconds, random)) = digits.split_at_checked(at) else { return false };
        read(seconds).is_some_and(|seconds| SECONDS.contains(&seconds))
            && read(random).is_some_and(|random| random < 1 << 40)
    }

    /// A number as a row of the store has it, or as a bank wrote it.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BankOrderNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn base36(mut n: u64) -> String {
    let mut digits = Vec::new();
    loop {
        let digit = usize::try_from(n % 36).unwrap_or(0);
        digits.push(BASE36.get(digit).copied().unwrap_or(b'0'));
        n /= 36;
        if n == 0 {
            break;
        }
    }
    digits.iter().rev().map(|b| char::from(*b)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bank_numbers_fit_both_banks(ms in 0_i64..4_102_444_800_000, random: [u8; 5]) {
            for rail in [Rail::SinopacAccount, Rail::SinopacCard, Rail::CtbcCard] {
                let no = BankOrderNo::make(Moment::from_millis(ms), random, rail);
                prop_assert!(no.as_str().len() <= 19);
                prop_assert!(no.as_str().chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()));
                prop_assert!(no.as_str().ends_with(|c: char| c.is_ascii_uppercase()));
            }
        }
    }

    proptest! {
        #[test]
        fn a_number_of_ours_has_our_form(ms in 1_767_225_600_000_i64..4_102_444_800_000, random: [u8; 5]) {
            for rail in [Rail::SinopacAccount, Rail::SinopacCard, Rail::CtbcCard] {
                let no = BankOrderNo::make(Moment::from_millis(ms), random, rail);
                prop_assert!(BankOrderNo::has_our_form(no.as_str()));
            }
        }
    }

    #[test]
    fn what_others_sell_has_not_our_form() {
        let ours = BankOrderNo::make(Moment::from_millis(1_795_000_000_000), [0xff; 5], Rail::CtbcCard);
        assert!(BankOrderNo::has_our_form(ours.as_str()));
        let changed = |from: usize, to: &str| {
            let mut text = ours.as_str().to_owned();
            text.replace_range(from..=from, to);
            text
        };
        let odd = [changed(14, "B"), changed(0, "S"), changed(6, "F"), changed(3, "x"), changed(3, "+")];
        for other in
            odd.iter().map(String::as_str).chain(["", "A", "WEB20261128001", "WEB-00000000A", "王小姐A"])
        {
            assert!(!BankOrderNo::has_our_form(other), "{other}");
        }
    }

    #[test]
    fn ids_sort_by_their_instant_and_keep_their_random_bits() {
        let id = |ms, byte| OrderId::new(Moment::from_millis(ms), [byte; 16]);
        let (early, late) = (id(1_795_000_000_000, 0xFF), id(1_795_000_000_001, 0));
        assert!(early < late);
        assert_eq!(early.to_string(), "01a1ee56-5e00-7fff-bfff-ffffffffffff");
        assert_eq!(OrderId::parse(&late.to_string()), Some(late));
        // a clock before 1970 makes an id as well
        assert_eq!(id(-1, 0).to_string(), "00000000-0000-7000-8000-000000000000");
    }

    #[test]
    fn forty_random_bits_are_all_kept() {
        let at = Moment::from_millis(1_795_000_000_000);
        let no = |random| BankOrderNo::make(at, random, Rail::SinopacAccount).to_string();
        assert_eq!(no([0; 5]).len(), no([255; 5]).len());
        let bytes = [[0, 0, 0, 0, 0], [1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0]];
        let numbers: std::collections::BTreeSet<_> =
            bytes.into_iter().chain([[0, 0, 0, 0, 1]]).map(no).collect();
        assert_eq!(numbers.len(), 6, "every byte counts");
    }
}
