//! A vault in a plain text file, `{"shop": {"name": "secret"}}`, for tests and demos.
//!
//! Promises: the file is for its owner only, and refused when others can get at it; it is replaced
//! whole, by one program at a time. Each access reads it again, so no unrequested secret stays in
//! memory.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use counterfoil_engine::ports::{Vault, VaultError};
use secrecy::{ExposeSecret, SecretString};

/// Secrets by shop and name.
type Secrets = BTreeMap<String, BTreeMap<String, SecretString>>;

/// A file that is no larger than this holds a hundred shops.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Plain text. Holds the path only.
#[derive(Debug)]
pub struct FileVault {
    path: PathBuf,
}

impl FileVault {
    /// The vault in this file; it is made when the first secret is kept.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`] when the file is there and cannot be read as a vault, or others
    /// can get at it.
    pub fn open(path: &Path) -> Result<Self, VaultError> {
        let vault = Self { path: path.to_owned() };
        vault.read()?;
        Ok(vault)
    }

    fn read(&self) -> Result<Secrets, VaultError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Secrets::new()),
            Err(error) => return Err(self.unavailable(&error.to_string())),
        };
        #[cfg(unix)]
        {
            let entry = file.metadata().map_err(|error| self.unavailable(&error.to_string()))?;
            let mode = std::os::unix::fs::PermissionsExt::mode(&entry.permissions()) & 0o777;
            if mode & 0o077 != 0 {
                let text = format!("other users can get at it (mode {mode:03o}); for example chmod 600");
                return Err(self.unavailable(&text));
            }
        }
        let mut text = String::new();
        let read = file.take(FILE_BYTES_MAX).read_to_string(&mut text);
        read.map_err(|error| self.unavailable(&error.to_string()))?;
        let text = SecretString::from(text);
        // the parser's own sentence could repeat what it read
        serde_json::from_str(text.expose_secret()).map_err(|error| {
            self.unavailable(&format!("it is not a vault: line {}, column {}", error.line(), error.column()))
        })
    }

    /// Writes another file, for its owner only, and gives it the name once it is on the disk.
    fn write(&self, secrets: &Secrets) -> Result<(), VaultError> {
        let open: BTreeMap<&str, BTreeMap<&str, &str>> = secrets
            .iter()
            .map(|(shop, of)| {
                (shop.as_str(), of.iter().map(|(n, s)| (n.as_str(), s.expose_secret())).collect())
            })
            .collect();
        let text =
            serde_json::to_string_pretty(&open).map_err(|_| self.unavailable("it cannot be written"))?;
        let text = SecretString::from(text);
        self.replace(text.expose_secret().as_bytes()).map_err(|error| self.unavailable(&error.to_string()))
    }

    fn replace(&self, bytes: &[u8]) -> std::io::Result<()> {
        let unfinished = self.beside(".unfinished");
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&unfinished, &self.path)?;
        // the new name itself, where folders can be synced
        #[cfg(unix)]
        if let Some(folder) = self.path.parent() {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    /// Held while the file is read and replaced. Ends with the file that it returns.
    fn lock(&self) -> Result<File, VaultError> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let taken = options.open(self.beside(".lock")).and_then(|file| file.lock().map(|()| file));
        taken.map_err(|error| self.unavailable(&error.to_string()))
    }

    fn beside(&self, end: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(end);
        name.into()
    }

    fn unavailable(&self, why: &str) -> VaultError {
        VaultError::Unavailable(format!("{}: {why}", self.path.display()))
    }
}

impl Vault for FileVault {
    fn set(&mut self, shop: &str, name: &str, secret: SecretString) -> Result<(), VaultError> {
        let _one_at_a_time = self.lock()?;
        let mut secrets = self.read()?;
        secrets.entry(shop.to_owned()).or_default().insert(name.to_owned(), secret);
        self.write(&secrets)
    }

    fn get(&self, shop: &str, name: &str) -> Result<SecretString, VaultError> {
        let mut secrets = self.read()?;
        let secret = secrets.get_mut(shop).and_then(|of_shop| of_shop.remove(name));
        secret.ok_or_else(|| VaultError::Missing(name.to_owned()))
    }

    fn delete(&mut self, shop: &str, name: &str) -> Result<(), VaultError> {
        let _one_at_a_time = self.lock()?;
        let mut secrets = self.read()?;
        let Some(of_shop) = secrets.get_mut(shop) else { return Ok(()) };
        if of_shop.remove(name).is_none() {
            return Ok(());
        }
        secrets.retain(|_, of_shop| !of_shop.is_empty());
        self.write(&secrets)
    }

    fn is_plain_text(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MemoryVault, keep_ctbc, keep_sinopac, open_sinopac};
    use counterfoil_engine::ports::{CtbcKeys, SinopacKeys};

    const CANARIES: [&str; 6] =
        ["canary-key-id", "canary-a1", "canary-a2", "canary-b1", "canary-b2", "canary-mac"];

    fn keys() -> SinopacKeys {
        let [key_id, a1, a2, b1, b2, _] = CANARIES.map(SecretString::from);
        SinopacKeys { key_id, a1, a2, b1, b2 }
    }

    fn fill(vault: &mut dyn Vault) {
        keep_sinopac(vault, "demo", keys()).unwrap();
        keep_ctbc(vault, "demo", CtbcKeys { mac_key: CANARIES[5].into() }).unwrap();
    }

    fn place() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vault.json");
        (folder, path)
    }

    #[cfg(unix)]
    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    }

    #[test]
    fn what_is_kept_is_opened_by_shop_and_name() {
        let (_folder, path) = place();
        let mut file = FileVault::open(&path).unwrap();
        let mut memory = MemoryVault::new();
        let both: [&mut dyn Vault; 2] = [&mut file, &mut memory];
        for vault in both {
            fill(vault);
            let opened = open_sinopac(vault, "demo").unwrap();
            let all = [opened.key_id, opened.a1, opened.a2, opened.b1, opened.b2];
            assert_eq!(all.map(|s| s.expose_secret().to_owned()), CANARIES[..5]);
            assert_eq!(vault.get("demo", "ctbc.mac_key").unwrap().expose_secret(), CANARIES[5]);
            vault.set("demo", "sinopac.a1", "new".into()).unwrap();
            assert_eq!(vault.get("demo", "sinopac.a1").unwrap().expose_secret(), "new");
            // another shop has keys of its own
            assert!(
                matches!(open_sinopac(vault, "other"), Err(VaultError::Missing(name)) if name == "sinopac.key_id")
            );
            vault.delete("demo", "sinopac.b2").unwrap();
            vault.delete("demo", "sinopac.b2").unwrap();
            vault.delete("nobody", "nothing").unwrap();
            assert!(
                matches!(open_sinopac(vault, "demo"), Err(VaultError::Missing(name)) if name == "sinopac.b2")
            );
            assert!(vault.is_plain_text());
        }
        // and after a restart
        let again = FileVault::open(&path).unwrap();
        assert_eq!(again.get("demo", "sinopac.a1").unwrap().expose_secret(), "new");
    }

    /// Each of these would replace what the other has just kept.
    #[test]
    fn two_programs_that_write_at_once_lose_nothing() {
        let (_folder, path) = place();
        std::thread::scope(|scope| {
            for name in ["one", "other"] {
                let path = &path;
                scope.spawn(move || {
                    let mut vault = FileVault::open(path).unwrap();
                    for n in 0..20 {
                        vault.set("demo", &format!("{name} {n}"), "kept".into()).unwrap();
                    }
                });
            }
        });
        let vault = FileVault::open(&path).unwrap();
        assert_eq!(vault.read().unwrap()["demo"].len(), 40);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_owner_only_and_refused_otherwise() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, path) = place();
        let mut vault = FileVault::open(&path).unwrap();
        fill(&mut vault);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for mode in [0o640, 0o604, 0o660] {
            chmod(&path, mode);
            assert!(matches!(FileVault::open(&path), Err(VaultError::Unavailable(_))), "{mode:o}");
            assert!(matches!(vault.get("demo", "sinopac.a1"), Err(VaultError::Unavailable(_))));
            assert!(matches!(vault.set("demo", "x", "y".into()), Err(VaultError::Unavailable(_))));
        }
        // a file that was left open to others is not made private by replacing it
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
    }

    #[test]
    fn what_a_crash_left_is_made_anew_and_a_failed_write_keeps_the_old_file() {
        let (_folder, path) = place();
        let unfinished = path.with_extension("json.unfinished");
        fs::write(&unfinished, "half").unwrap();
        let mut vault = FileVault::open(&path).unwrap();
        fill(&mut vault);
        assert!(!unfinished.exists());
        // a folder in the way of the new file: nothing can be written
        fs::create_dir(&unfinished).unwrap();
        assert!(matches!(vault.set("demo", "sinopac.a1", "new".into()), Err(VaultError::Unavailable(_))));
        assert_eq!(vault.get("demo", "sinopac.a1").unwrap().expose_secret(), CANARIES[1]);
    }

    /// No `Debug` and no error shows a planted secret, whatever went wrong.
    #[test]
    fn no_secret_is_ever_shown() {
        let (_folder, path) = place();
        let mut file = FileVault::open(&path).unwrap();
        let mut memory = MemoryVault::new();
        fill(&mut file);
        fill(&mut memory);
        let mut shown = vec![format!("{file:?} {memory:?} {:?}", file.get("demo", "sinopac.a1"))];
        let mut note = |error: VaultError| shown.push(format!("{error} {error:?}"));
        note(file.get("demo", "sinopac.c1").unwrap_err());
        let whole = fs::read_to_string(&path).unwrap();
        let cut = whole.get(..whole.len() - 3).unwrap();
        let broken = [cut.to_owned(), whole.replace("\"canary-a1\"", "canary-a1"), format!("[{whole}]")];
        for text in broken {
            fs::write(&path, text).unwrap();
            note(file.get("demo", "sinopac.a1").unwrap_err());
            note(FileVault::open(&path).unwrap_err());
        }
        let shown = shown.join("\n");
        assert!(!shown.contains("canary"), "{shown}");
        assert!(shown.contains("sinopac.c1") && shown.contains("vault.json"));
    }
}
