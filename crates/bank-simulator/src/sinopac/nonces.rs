//! One-time numbers (sinopac.md 2): 60 seconds, single use, bound to shop and source address.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::dice::Dice;
use crate::time::BankTime;

const LIFE_MS: i64 = 60_000;
/// A used or old number is remembered so long, then it is as good as unknown.
const MEMORY_MS: i64 = 3_600_000;
/// Milliseconds from 0001-01-01 to 1970-01-01, and from UTC to Taipei.
const YEAR_ONE_MS: i64 = 62_135_596_800_000;
const TAIPEI_MS: i64 = 8 * 3_600_000;

struct Issued {
    shop: usize,
    ip: IpAddr,
    at: BankTime,
    used: bool,
}

/// All one-time numbers that are remembered.
#[derive(Default)]
pub(crate) struct Nonces {
    by_text: BTreeMap<String, Issued>,
    oldest_first: VecDeque<(BankTime, String)>,
    /// The last one of each shop and address that was handed out once.
    once: BTreeMap<(usize, IpAddr), String>,
}

/// A number in the bank's form: 108 characters of base64.
pub(crate) fn fresh(now: BankTime, dice: &mut Dice) -> String {
    let ms = now.unix_ms() + TAIPEI_MS + YEAR_ONE_MS;
    let digit = dice.below(10);
    let decimal = if digit == 0 { String::new() } else { format!(".{digit}") };
    STANDARD.encode(format!("{ms}{decimal}:{}", dice.hex64()))
}

impl Nonces {
    /// Hands one out; `twice`: the last one again, if it was handed out only once.
    pub(crate) fn issue(
        &mut self,
        shop: usize,
        ip: IpAddr,
        now: BankTime,
        dice: &mut Dice,
        twice: bool,
    ) -> String {
        if let Some(again) = self.once.remove(&(shop, ip)).filter(|_| twice) {
            return again;
        }
        while self.oldest_first.front().is_some_and(|row| now.ms_since(row.0) > MEMORY_MS) {
            if let Some((_, text)) = self.oldest_first.pop_front() {
                self.by_text.remove(&text);
            }
        }
        let text = fresh(now, dice);
        self.by_text.insert(text.clone(), Issued { shop, ip, at: now, used: false });
        self.oldest_first.push_back((now, text.clone()));
        self.once.insert((shop, ip), text.clone());
        text
    }

    /// Uses one up. E3001 unknown or used, E3002 other shop or address, E3003 too old.
    pub(crate) fn redeem(
        &mut self,
        text: &str,
        shop: usize,
        ip: IpAddr,
        now: BankTime,
    ) -> Result<(), &'static str> {
        let issued = self.by_text.get_mut(text).filter(|issued| !issued.used).ok_or("E3001")?;
        if issued.shop != shop || issued.ip != ip {
            return Err("E3002");
        }
        if now.ms_since(issued.at) > LIFE_MS {
            return Err("E3003");
        }
        issued.used = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn the_form_is_the_published_one() {
        let mut dice = Dice::new(1);
        let now = BankTime::from_rfc3339("2018-04-27T13:34:42.288+08:00").unwrap();
        for _ in 0..200 {
            let nonce = fresh(now, &mut dice);
            assert_eq!(nonce.len(), 108);
            let text = String::from_utf8(STANDARD.decode(&nonce).unwrap()).unwrap();
            assert!(text.starts_with("63660432882288"), "{text}");
            assert_eq!(text.split_once(':').unwrap().1.len(), 64);
        }
    }

    #[test]
    fn each_misuse_has_its_code() {
        let mut dice = Dice::new(1);
        let mut nonces = Nonces::default();
        let now = BankTime::from_unix_ms(0);
        let other: IpAddr = "10.0.0.1".parse().unwrap();
        let nonce = nonces.issue(0, HOME, now, &mut dice, false);
        assert_eq!(nonces.redeem("unknown", 0, HOME, now), Err("E3001"));
        assert_eq!(nonces.redeem(&nonce, 1, HOME, now), Err("E3002"));
        assert_eq!(nonces.redeem(&nonce, 0, other, now), Err("E3002"));
        assert_eq!(nonces.redeem(&nonce, 0, HOME, now.plus_ms(60_001)), Err("E3003"));
        assert_eq!(nonces.redeem(&nonce, 0, HOME, now.plus_ms(60_000)), Ok(()));
        assert_eq!(nonces.redeem(&nonce, 0, HOME, now), Err("E3001"));
    }

    #[test]
    fn old_numbers_are_forgotten() {
        let mut dice = Dice::new(1);
        let mut nonces = Nonces::default();
        let now = BankTime::from_unix_ms(0);
        nonces.issue(0, HOME, now, &mut dice, false);
        nonces.issue(0, HOME, now.plus_days(1), &mut dice, false);
        assert_eq!(nonces.by_text.len(), 1);
    }
}
