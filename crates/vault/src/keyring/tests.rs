//! Fault F27 on a keyring in memory, and what the thread promises. The real Secret Service has a
//! journey of its own.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Mutex;

use keyring_core::api::CredentialStoreApi;
use keyring_core::mock::{Cred, Store};
use keyring_core::{CredentialPersistence, Error};

use super::*;
use crate::{keep_sinopac, open_sinopac};
use counterfoil_engine::ports::SinopacKeys;

/// Longer than any test runs: what does not answer at once never does.
const LONG: Duration = Duration::from_mins(10);

fn over(store: &Arc<Store>) -> OsVault {
    let store = Arc::clone(store);
    OsVault::over(move || Ok(store), LONG).unwrap()
}

/// The entry as the keyring has it.
fn entry(store: &Store, shop: &str, name: &str) -> Entry {
    store.build("tw.counterfoil", &format!("{shop}/{name}"), None).unwrap()
}

/// The next call on this entry ends with this error.
fn fails(store: &Store, name: &str, error: Error) {
    let entry = entry(store, "demo", name);
    entry.as_any().downcast_ref::<Cred>().unwrap().set_error(error);
}

fn fault<T>(done: Result<T, VaultError>) -> KeyringFault {
    match done {
        Err(VaultError::Keyring(fault)) => fault,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was done"),
    }
}

/// A system error that we do not know.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Said(&'static str);

#[test]
fn each_secret_is_an_entry_of_its_own_in_bytes() {
    let store = Store::new().unwrap();
    let mut vault = over(&store);
    let keys = ["k", "1", "2", "3", "4"].map(SecretString::from);
    let [key_id, a1, a2, b1, b2] = keys;
    keep_sinopac(&mut vault, "demo", SinopacKeys { key_id, a1, a2, b1, b2 }).unwrap();
    assert_eq!(entry(&store, "demo", "sinopac.b2").get_secret().unwrap(), b"4");
    let opened = open_sinopac(&vault, "demo").unwrap();
    assert_eq!((opened.key_id.expose_secret(), opened.b2.expose_secret()), ("k", "4"));
    vault.set("demo", "sinopac.b2", "new 茶".into()).unwrap();
    assert_eq!(vault.get("demo", "sinopac.b2").unwrap().expose_secret(), "new 茶");
    assert!(
        matches!(vault.get("other", "sinopac.b2"), Err(VaultError::Missing(name)) if name == "sinopac.b2")
    );
    for _ in 0..2 {
        vault.delete("demo", "sinopac.b2").unwrap();
    }
    assert!(matches!(open_sinopac(&vault, "demo"), Err(VaultError::Missing(name)) if name == "sinopac.b2"));
    assert!(!vault.is_plain_text());
}

#[test]
fn f27_what_the_keyring_refuses_is_told_and_done_later() {
    let store = Store::new().unwrap();
    let mut vault = over(&store);
    vault.set("demo", "sinopac.a1", "kept".into()).unwrap();
    let locked = || Error::NoStorageAccess(Box::new(Said("closed")));
    fails(&store, "sinopac.a1", locked());
    assert_eq!(fault(vault.get("demo", "sinopac.a1")), KeyringFault::Locked);
    fails(&store, "sinopac.a1", locked());
    assert_eq!(fault(vault.set("demo", "sinopac.a1", "other".into())), KeyringFault::Locked);
    fails(&store, "sinopac.a1", locked());
    assert_eq!(fault(vault.delete("demo", "sinopac.a1")), KeyringFault::Locked);
    // a write that fails in an unknown way, in the system's words
    fails(&store, "sinopac.a1", Error::PlatformFailure(Box::new(Said("disk full"))));
    let failed = vault.set("demo", "sinopac.a1", "other".into());
    assert!(matches!(failed, Err(VaultError::Unavailable(why)) if why == "disk full"));
    // none of it changed what is kept
    assert_eq!(vault.get("demo", "sinopac.a1").unwrap().expose_secret(), "kept");
}

#[test]
fn f27_an_entry_that_another_program_wrote_is_no_key() {
    let store = Store::new().unwrap();
    let vault = over(&store);
    let unreadable = KeyringFault::Unreadable("sinopac.a1".into());
    let utf_16: Vec<u8> = "86D50DEF".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [utf_16, vec![0xff, 0xfe], b"a\0".to_vec()] {
        entry(&store, "demo", "sinopac.a1").set_secret(&bytes).unwrap();
        assert_eq!(fault(vault.get("demo", "sinopac.a1")), unreadable, "{bytes:?}");
    }
    let wrapped = || Box::new(Said("canary"));
    let errors =
        [Error::Ambiguous(vec![]), Error::BadEncoding(vec![1]), Error::BadDataFormat(vec![1], wrapped())];
    for error in errors {
        fails(&store, "sinopac.a1", error);
        assert_eq!(fault(vault.get("demo", "sinopac.a1")), unreadable);
    }
}

#[test]
fn f27_a_secret_is_kept_up_to_the_limit_of_windows() {
    let store = Store::new().unwrap();
    let mut vault = over(&store);
    for bytes in [1_281, 2_560] {
        let secret = "x".repeat(bytes);
        vault.set("demo", "sinopac.a1", secret.as_str().into()).unwrap();
        assert_eq!(vault.get("demo", "sinopac.a1").unwrap().expose_secret(), secret);
    }
    // bytes, not characters: 854 characters of three bytes
    for long in ["x".repeat(2_561), "茶".repeat(854)] {
        let too_long = KeyringFault::TooLong { name: "sinopac.a2".into(), bytes_max: 2_560 };
        assert_eq!(fault(vault.set("demo", "sinopac.a2", long.into())), too_long);
    }
    // the keyring was not even asked
    assert_eq!(store.inner.lock().unwrap().borrow().len(), 1);
}

#[test]
fn f27_no_keyring_is_said_at_once() {
    let none = || OsVault::over(|| Err(Error::PlatformFailure(Box::new(Said("no bus")))), LONG);
    assert_eq!(fault(none()), KeyringFault::Absent);
}

#[cfg(target_os = "linux")]
#[test]
fn f27_a_dismissed_question_is_a_refusal_whatever_it_was_about() {
    use secret_service::Error as Service;
    let rows = [
        (Service::Prompt, KeyringFault::Denied),
        (Service::Locked, KeyringFault::Locked),
        (Service::NoResult, KeyringFault::Absent),
        (Service::Unavailable, KeyringFault::Absent),
        (Service::PromptDisconnected, KeyringFault::Unanswered),
    ];
    for (why, expected) in rows {
        let shown = why.to_string();
        assert_eq!(
            fault::<()>(Err(platform::meaning(Error::PlatformFailure(Box::new(why)), "x"))),
            expected,
            "{shown}"
        );
    }
    let refused = Error::NoStorageAccess(Box::new(Service::Prompt));
    assert_eq!(fault::<()>(Err(platform::meaning(refused, "x"))), KeyringFault::Denied);
    let unknown = platform::meaning(Error::PlatformFailure(Box::new(Service::Crypto("odd"))), "x");
    assert!(matches!(unknown, VaultError::Unavailable(why) if why.contains("odd")));
}

/// The real Credential Manager never prompts, so its test needs no session of its own; its entries
/// are gone afterwards.
#[cfg(target_os = "windows")]
#[test]
fn the_credential_manager_keeps_replaces_and_forgets() {
    let mut vault = OsVault::open(LONG).unwrap();
    let longest = "x".repeat(2_560);
    for secret in ["86D50DEF3EB7400E", "茶 \u{1f375}", &longest] {
        vault.set("counterfoil-test 茶行", "sinopac.a1", secret.into()).unwrap();
        let again = OsVault::open(LONG).unwrap();
        assert_eq!(again.get("counterfoil-test 茶行", "sinopac.a1").unwrap().expose_secret(), secret);
    }
    for _ in 0..2 {
        vault.delete("counterfoil-test 茶行", "sinopac.a1").unwrap();
        let gone = vault.get("counterfoil-test 茶行", "sinopac.a1");
        assert!(matches!(gone, Err(VaultError::Missing(name)) if name == "sinopac.a1"));
    }
}

/// A keyring that waits for a person until the other end of its channel is dropped, and notes which
/// thread asked.
#[derive(Debug)]
struct Asking {
    person: Mutex<mpsc::Receiver<()>>,
    threads: Arc<Mutex<Vec<Option<String>>>>,
}

impl CredentialStoreApi for Asking {
    fn vendor(&self) -> String {
        "test".into()
    }
    fn id(&self) -> String {
        "test".into()
    }
    fn build(&self, _: &str, _: &str, _: Option<&HashMap<&str, &str>>) -> keyring_core::Result<Entry> {
        self.threads.lock().unwrap().push(thread::current().name().map(str::to_owned));
        assert!(self.person.lock().unwrap().recv().is_err(), "nobody says anything");
        Err(Error::NoEntry)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn persistence(&self) -> CredentialPersistence {
        CredentialPersistence::ProcessOnly
    }
}

#[test]
fn f27_a_question_that_nobody_answers_is_not_waited_for_for_ever() {
    let (person, asked) = mpsc::channel();
    let threads = Arc::default();
    let store = Arc::new(Asking { person: Mutex::new(asked), threads: Arc::clone(&threads) });
    let mut vault = OsVault::over(move || Ok(store), LONG).unwrap();
    // the wait of a person who has gone
    vault.wait = Duration::ZERO;
    assert_eq!(fault(vault.get("demo", "sinopac.a1")), KeyringFault::Unanswered);
    assert_eq!(fault(vault.set("demo", "sinopac.a1", "x".into())), KeyringFault::Unanswered);
    // the question ends at last: the keyring answers again
    drop(person);
    vault.wait = LONG;
    assert!(matches!(vault.get("demo", "sinopac.a1"), Err(VaultError::Missing(_))));
    let keyring = Some("keyring".to_owned());
    assert_eq!(*threads.lock().unwrap(), [keyring.clone(), keyring.clone(), keyring], "one thread");
}

#[test]
fn a_keyring_that_breaks_down_is_told_and_does_not_hang() {
    let (person, asked) = mpsc::channel();
    let store = Arc::new(Asking { person: Mutex::new(asked), threads: Arc::default() });
    let vault = OsVault::over(move || Ok(store), LONG).unwrap();
    person.send(()).unwrap();
    for _ in 0..2 {
        assert!(
            matches!(vault.get("demo", "x"), Err(VaultError::Unavailable(why)) if why.contains("thread"))
        );
    }
}

#[test]
fn no_secret_is_ever_shown() {
    let store = Store::new().unwrap();
    let mut vault = over(&store);
    let canary = "canary".repeat(1_000);
    let mut shown = vec![format!("{:?}", vault.set("demo", "sinopac.a1", canary.into()))];
    vault.set("demo", "sinopac.a1", "canary\0".into()).unwrap();
    shown.push(format!("{:?}", vault.get("demo", "sinopac.a1")));
    fails(&store, "sinopac.a1", Error::BadEncoding(b"canary".to_vec()));
    shown.push(format!("{:?}", vault.get("demo", "sinopac.a1")));
    vault.set("demo", "sinopac.a1", "canary".into()).unwrap();
    shown.push(format!("{:?} {vault:?}", vault.get("demo", "sinopac.a1")));
    assert!(!shown.iter().any(|text| text.contains("canary")), "{shown:?}");
}
