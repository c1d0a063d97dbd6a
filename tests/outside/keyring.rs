//! A Secret Service of its own: the real one of a GNOME desktop on a session bus of its own,
//! without a person and a display.
//!
//! Nothing of the developer's session is read or changed. The bus starts the service when it is
//! first asked, and holds the question until the service is ready, as on a desktop; so nothing here
//! waits or looks again. All of it ends with its owner: the bus is ended, and a service without a
//! bus ends itself.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use secret_service::EncryptionType;
use secret_service::blocking::SecretService;
use zbus::blocking::connection::Builder;

use super::programs::Running;
use super::prompter::Prompter;

/// How the service is started: with the password of its keyring, which is made when there is none;
/// an empty one is refused.
const SIGNED_IN: &str =
    "printf %s test | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null";

/// As after a sign-in without a password: no keyring is made, and an old one stays locked.
const NOT_SIGNED_IN: &str = "exec gnome-keyring-daemon --foreground --components=secrets >/dev/null";

/// A keyring, and the bus at which it is asked.
pub struct Keyring {
    environment: Vec<(&'static str, PathBuf)>,
    bus: Option<Running>,
    folder: tempfile::TempDir,
}

impl Keyring {
    /// An unlocked keyring with nothing in it.
    ///
    /// # Panics
    /// When the programs for it are missing or do not start.
    pub fn open() -> Self {
        Self::at_bus(Some(SIGNED_IN))
    }

    /// A service that has no keyring yet.
    ///
    /// # Panics
    /// As above.
    pub fn empty() -> Self {
        Self::at_bus(Some(NOT_SIGNED_IN))
    }

    /// A bus without a keyring.
    ///
    /// # Panics
    /// As above.
    pub fn none() -> Self {
        Self::at_bus(None)
    }

    fn at_bus(service: Option<&str>) -> Self {
        for program in ["gnome-keyring-daemon", "dbus-daemon"] {
            let found = Command::new(program).arg("--version").stdout(Stdio::null()).status();
            assert!(found.is_ok(), "{program} is not installed: `cargo xtask setup` does it");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path();
        let mut environment: Vec<_> =
            ["XDG_DATA_HOME", "XDG_CONFIG_HOME"].map(|name| (name, private(place, name))).into();
        let mut keyring = Self { environment: Vec::new(), bus: None, folder };
        environment.push(("DBUS_SESSION_BUS_ADDRESS", keyring.bus_address().into()));
        keyring.environment = environment;
        keyring.start(service);
        keyring
    }

    /// What a program needs to find it, and nothing else.
    pub fn environment(&self) -> &[(&'static str, PathBuf)] {
        &self.environment
    }

    /// Ends the session, and begins another with the password: what was locked is open.
    ///
    /// # Panics
    /// When the bus does not start.
    pub fn sign_in_again(&mut self) {
        self.bus = None;
        self.start(Some(SIGNED_IN));
    }

    /// Locks it, as a screen lock or a person does.
    ///
    /// # Panics
    /// When it stays open.
    pub fn lock(&self) {
        self.service().get_default_collection().and_then(|keyring| keyring.lock()).expect("it is locked");
    }

    /// Deletes the one entry of the program under this name, as a person does who cleans up.
    ///
    /// # Panics
    /// When there is none or another one.
    pub fn forget(&self, user: &str) {
        self.write(user, None);
    }

    /// Writes other bytes into the one entry of the program under this name, as another program
    /// does.
    ///
    /// # Panics
    /// When there is none or another one.
    pub fn overwrite(&self, user: &str, secret: &[u8]) {
        self.write(user, Some(secret));
    }

    /// Gives the one entry of this name other bytes, or none any more.
    fn write(&self, user: &str, secret: Option<&[u8]>) {
        let service = self.service();
        let name = HashMap::from([("service", "tw.counterfoil"), ("username", user)]);
        let found = service.search_items(name).expect("an answer").unlocked;
        let [item] = &found[..] else { panic!("{user}: {} entries", found.len()) };
        let written = match secret {
            Some(bytes) => item.set_secret(bytes, "text/plain"),
            None => item.delete(),
        };
        written.expect("it is written");
    }

    /// A desktop that dismisses the keyring's prompt.
    ///
    /// # Panics
    /// When there is one already.
    pub fn dismissing(&self) -> Prompter {
        Prompter::at(&self.bus_address())
    }

    fn service(&self) -> SecretService<'_> {
        let bus = Builder::address(self.bus_address().as_str()).and_then(Builder::build).expect("its bus");
        SecretService::connect_with_existing(EncryptionType::Plain, bus).expect("its service")
    }

    fn bus_address(&self) -> String {
        format!("unix:path={}", self.folder.path().join("bus").display())
    }

    fn start(&mut self, service: Option<&str>) {
        // each session has its own, as after a sign-in: what an earlier one has not ended yet is
        // not found there
        let session = tempfile::tempdir_in(self.folder.path()).expect("a folder").keep();
        if let Some(command) = service {
            let script = session.join("start");
            std::fs::write(&script, command).expect("a file");
            let exec = format!("Exec=/bin/sh {}", script.display());
            let text = format!("[D-BUS Service]\nName=org.freedesktop.secrets\n{exec}\n");
            std::fs::write(session.join("secrets.service"), text).expect("a file");
        }
        // nothing of what this machine has installed takes part, above all no window that asks for
        // a password
        let text = format!(
            "<busconfig><type>session</type><listen>{}</listen><auth>EXTERNAL</auth>\
             <servicedir>{}</servicedir><policy context=\"default\"><allow eavesdrop=\"true\"/>\
             <allow send_destination=\"*\"/><allow own=\"*\"/></policy></busconfig>",
            self.bus_address(),
            session.display()
        );
        let settings = session.join("bus.conf");
        std::fs::write(&settings, text).expect("a file");
        let mut bus = Command::new("dbus-daemon");
        bus.args(["--nofork", "--nopidfile", "--print-address=1", "--config-file"]).arg(settings);
        bus.envs(self.environment.iter().cloned()).env("XDG_RUNTIME_DIR", &session);
        bus.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env_remove("GNOME_KEYRING_CONTROL");
        let mut bus = Running::start(bus.stdout(Stdio::piped()).stderr(Stdio::null()));
        let mut address = String::new();
        let said = bus.child().stdout.take().expect("it was piped");
        BufReader::new(said).read_line(&mut address).expect("the bus says its address");
        assert!(address.starts_with("unix:"), "the bus does not start: {address}");
        self.bus = Some(bus);
    }
}

/// A folder for its owner only.
fn private(place: &Path, name: &str) -> PathBuf {
    let path = place.join(name);
    std::fs::create_dir(&path).expect("a folder");
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("its folder");
    path
}
