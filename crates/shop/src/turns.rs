//! Turns at a bank: all programs of this person keep the pace of one key together (money rules 6).
//!
//! A file in the runtime folder holds the last turn that was taken. It is locked only while the
//! next one is taken. Where it cannot be used, a program keeps the full pace alone.

use std::fs::OpenOptions;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use counterfoil_domain::{Bank, Mono};
use counterfoil_engine::CALLS_APART_MS;
use counterfoil_engine::shop::{Environment, ShopRecord};
use sha2::{Digest as _, Sha256};

use crate::composition::Composition;

/// No call waits for a turn longer than this: what lies further ahead is of before a restart of the
/// computer.
const WAIT_MAX_MS: i64 = 10_000;
/// More than any time takes.
const BYTES_MAX: u64 = 32;
/// Of the digest that names a file.
const NAME_BYTES: usize = 16;

/// Whether a call waits for its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// It does.
    Next,
    /// A nonce was fetched for it, and has taken the turn.
    Again,
}

/// The turns at one bank; `None` at the bank of the demo, which no other program asks.
#[derive(Debug, Clone)]
pub(crate) struct Turns(Option<PathBuf>);

impl Turns {
    /// Of this shop at a bank.
    pub(crate) fn at(from: &Composition, shop: &ShopRecord, bank: Bank) -> Self {
        let sinopac = || shop.sinopac.as_ref().map(|s| (s.environment, s.base_url.as_ref(), &s.shop_no));
        let ctbc = || shop.ctbc.as_ref().map(|c| (c.environment, c.base_url.as_ref(), &c.mer_id));
        let at = match bank {
            Bank::Sinopac => sinopac(),
            Bank::Ctbc => ctbc(),
        };
        let at = at.filter(|(environment, ..)| *environment != Environment::Demo);
        Self(at.map(|(environment, base, number)| {
            // a bank for practice lives as long as its data folder
            // not every system has a folder for what lives as long as a session
            let shared = || dirs::runtime_dir().or_else(dirs::cache_dir);
            let folder = if environment == Environment::Custom { None } else { shared() };
            let folder = folder.unwrap_or_else(|| from.data.clone());
            let base = base.map_or("", String::as_str);
            folder.join(file_name(&format!("{}-{environment:?}-{number}-{base}", bank.name())))
        }))
    }

    /// Waits for the next turn, and takes it. `now`: of the computer, whatever clock was chosen.
    pub(crate) async fn wait(&self, takes: Takes, now: Mono) {
        let Some(file) = &self.0 else { return };
        let wait = take(file, takes, now).unwrap_or_default();
        tokio::time::sleep(wait).await;
    }
}

/// The name tells no one which shop sells here.
fn file_name(of: &str) -> String {
    let digest = Sha256::digest(of);
    format!("counterfoil-{}.turn", hex::encode(digest.get(..NAME_BYTES).unwrap_or_default()))
}

/// Takes the next turn: how long it is until then.
fn take(path: &Path, takes: Takes, now: Mono) -> io::Result<Duration> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = options.open(path)?;
    file.lock()?;
    let mut text = String::new();
    io::Read::by_ref(&mut file).take(BYTES_MAX).read_to_string(&mut text)?;
    let last = text.trim().parse().ok().map(Mono::from_millis);
    let last = last.filter(|last| last.ms_since(now) <= WAIT_MAX_MS);
    let turn = last.map_or(now, |last| match takes {
        Takes::Next => last.plus_ms(CALLS_APART_MS).max(now),
        Takes::Again => last.max(now),
    });
    file.rewind()?;
    file.set_len(0)?;
    write!(file, "{}", turn.millis())?;
    let wait = if takes == Takes::Next { turn.ms_since(now) } else { 0 };
    Ok(Duration::from_millis(u64::try_from(wait).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Mono {
        Mono::from_millis(1_000_000 + ms)
    }

    #[test]
    fn each_program_waits_for_the_turns_that_others_have_taken() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(file_name("sinopac-NA0001_001-http://127.0.0.1:80"));
        let wait = |takes, ms| take(&file, takes, at(ms)).unwrap().as_millis();
        assert_eq!(wait(Takes::Next, 0), 0);
        assert_eq!([1, 2, 3].map(|ms| wait(Takes::Next, ms)), [999, 1_998, 2_997]);
        // the turns are taken up to 3 s
        assert_eq!(wait(Takes::Next, 4_000), 0);
        // with a nonce at hand it goes at once, and the next one keeps its distance
        assert_eq!((wait(Takes::Again, 4_200), wait(Takes::Next, 4_300)), (0, 900));
    }

    #[test]
    fn a_file_is_named_by_a_hash_that_no_two_shops_share() {
        let names =
            ["sinopac-Live-NA0001_001-", "sinopac-Live-NA0001-001-", "ctbc-Live-NA0001_001-"].map(file_name);
        for (n, name) in names.iter().enumerate() {
            assert!(!name.contains("NA0001") && !names[..n].contains(name), "{name}");
            assert_eq!(name.len(), "counterfoil-.turn".len() + 2 * NAME_BYTES);
        }
    }

    #[test]
    fn what_another_start_of_the_computer_or_nobody_wrote_holds_up_no_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("turn");
        for text in [at(WAIT_MAX_MS + 1).millis().to_string(), "x".repeat(99), String::new()] {
            std::fs::write(&file, &text).unwrap();
            assert_eq!(take(&file, Takes::Next, at(0)).unwrap(), Duration::ZERO, "{text}");
            assert_eq!(std::fs::read_to_string(&file).unwrap(), at(0).millis().to_string());
        }
        assert!(take(folder.path(), Takes::Next, at(0)).is_err(), "a folder is no file");
    }
}
