//! Turns at a bank: all programs of this person keep the pace of one key together (money rules 6).
//!
//! A file in the runtime folder holds when the last call went. It is locked only while a turn is
//! taken, and no turn is taken before it is due: a program that dies while it waits holds up no
//! other. Where the file cannot be used, a program keeps the full pace alone.

use std::fs::OpenOptions;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use counterfoil_domain::{Bank, Mono};
use counterfoil_engine::CALLS_APART_MS;
use counterfoil_engine::ports::{BankRequest, Inquiry};
use counterfoil_engine::shop::{Environment, ShopRecord};
use sha2::{Digest as _, Sha256};

use crate::composition::Composition;

/// A question leaves a turn that is free for so long to whoever sells, refunds or cancels.
const READS_LATER_MS: i64 = 100;
/// More than any time takes.
const BYTES_MAX: u64 = 32;
/// Of the digest that names a file.
const NAME_BYTES: usize = 16;

/// How a call comes to its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// The next one, before any question.
    First,
    /// The next one that no other program takes first.
    Next,
    /// A nonce was fetched for it, and has taken the turn.
    Again,
}

impl Takes {
    /// Of a call.
    pub(crate) fn of(request: &BankRequest, is_write: bool, has_turn: bool) -> Self {
        let is_for_sale = is_write || matches!(request, BankRequest::Ask(Inquiry::Time { .. }));
        match (has_turn, is_for_sale) {
            (true, _) => Self::Again,
            (false, true) => Self::First,
            (false, false) => Self::Next,
        }
    }
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

    /// Waits until its turn is there, and takes it. `now`: of the computer, whatever clock was
    /// chosen.
    pub(crate) async fn wait(&self, takes: Takes, now: impl Fn() -> Mono) {
        let Some(file) = &self.0 else { return };
        while let Ok(Some(wait)) = take(file, takes, now()) {
            tokio::time::sleep(wait).await;
        }
    }
}

/// The name tells no one which shop sells here.
fn file_name(of: &str) -> String {
    let digest = Sha256::digest(of);
    format!("counterfoil-{}.turn", hex::encode(digest.get(..NAME_BYTES).unwrap_or_default()))
}

/// Takes the turn, if it is there; else how long it is until then at least.
fn take(path: &Path, takes: Takes, now: Mono) -> io::Result<Option<Duration>> {
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
    // one that lies ahead is of before a restart of the computer
    let free_at = last.filter(|last| *last <= now).map(|last| last.plus_ms(CALLS_APART_MS));
    if let Some(free_at) = free_at.filter(|free_at| takes != Takes::Again && *free_at > now) {
        let later = if takes == Takes::Next { READS_LATER_MS } else { 0 };
        let wait = free_at.plus_ms(later).ms_since(now);
        return Ok(Some(Duration::from_millis(u64::try_from(wait).unwrap_or(0))));
    }
    file.rewind()?;
    file.set_len(0)?;
    write!(file, "{}", now.millis())?;
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Mono {
        Mono::from_millis(1_000_000 + ms)
    }

    fn wait(file: &Path, takes: Takes, ms: i64) -> Option<u128> {
        take(file, takes, at(ms)).unwrap().map(|wait| wait.as_millis())
    }

    #[test]
    fn each_program_keeps_its_distance_to_the_last_call_of_any() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(file_name("sinopac-NA0001_001-http://127.0.0.1:80"));
        assert_eq!(wait(&file, Takes::First, 0), None, "the first of all");
        assert_eq!(wait(&file, Takes::First, 300), Some(700));
        assert_eq!(wait(&file, Takes::First, 1_000), None);
        assert_eq!(wait(&file, Takes::First, 1_001), Some(999));
        // with a nonce at hand it goes at once, and the next one keeps its distance
        assert_eq!(wait(&file, Takes::Again, 1_200), None);
        assert_eq!(wait(&file, Takes::First, 1_300), Some(900));
    }

    #[test]
    fn whoever_dies_while_it_waits_holds_up_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("turn");
        assert_eq!(wait(&file, Takes::First, 0), None);
        for killed in 1..=9 {
            assert!(wait(&file, Takes::First, killed).is_some());
        }
        assert_eq!(wait(&file, Takes::First, 1_000), None);
    }

    #[test]
    fn a_question_leaves_a_free_turn_to_whoever_sells() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("turn");
        assert_eq!(wait(&file, Takes::Next, 0), None, "no one else is there");
        let (asks, sells) = (wait(&file, Takes::Next, 10), wait(&file, Takes::First, 20));
        assert_eq!((asks, sells), (Some(990 + 100), Some(980)));
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
        for text in [at(1).millis().to_string(), "x".repeat(99), String::new()] {
            std::fs::write(&file, &text).unwrap();
            assert_eq!(wait(&file, Takes::Next, 0), None, "{text}");
            assert_eq!(std::fs::read_to_string(&file).unwrap(), at(0).millis().to_string());
        }
        assert!(take(folder.path(), Takes::Next, at(0)).is_err(), "a folder is no file");
    }
}
