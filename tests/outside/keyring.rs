//! A Secret Service of its own: the real one of a GNOME desktop on a session bus of its own, without a person and a display.
//!
//! Nothing of the developer's session is read or changed. The bus starts the service when it is first asked, and holds the
//! question until the service is ready, as on a desktop; so nothing here waits or looks again. All of it ends with its owner:
//! the bus is ended, and a service without a bus ends itself.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::programs::Running;

/// Where the service stands on the bus.
const SERVICE: &str = "/org/freedesktop/secrets";

/// How the service is started: with the password of its keyring, which is made when there is none; an empty one is refused.
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

    /// A bus at which nobody keeps secrets.
    ///
    /// # Panics
    /// As above.
    pub fn none() -> Self {
        Self::at_bus(None)
    }

    fn at_bus(service: Option<&str>) -> Self {
        for program in ["gnome-keyring-daemon", "dbus-daemon", "dbus-send"] {
            let found = Command::new(program).arg("--version").stdout(Stdio::null()).status();
            assert!(found.is_ok(), "{program} is not installed: `cargo xtask setup` does it");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path();
        let mut environment: Vec<_> =
            ["XDG_DATA_HOME", "XDG_CONFIG_HOME"].map(|name| (name, private(place, name))).into();
        let address = format!("unix:path={}", place.join("bus").display());
        environment.push(("DBUS_SESSION_BUS_ADDRESS", address.into()));
        let mut keyring = Self { environment, bus: None, folder };
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
        let collection = format!("array:objpath:{SERVICE}/collection/login");
        self.call(SERVICE, "org.freedesktop.Secret.Service.Lock", &[&collection]);
    }

    /// Deletes the one entry of the program under this name, as a person does who cleans up.
    ///
    /// # Panics
    /// When there is none or another one.
    pub fn forget(&self, user: &str) {
        let attributes = format!("dict:string:string:service,tw.counterfoil,username,{user}");
        let found = self.call(SERVICE, "org.freedesktop.Secret.Service.SearchItems", &[&attributes]);
        let items: Vec<&str> = found.split_whitespace().filter(|word| word.starts_with(SERVICE)).collect();
        let [item] = items[..] else { panic!("{user}: {found}") };
        self.call(item, "org.freedesktop.Secret.Item.Delete", &[]);
    }

    fn call(&self, path: &str, method: &str, arguments: &[&str]) -> String {
        let mut send = Command::new("dbus-send");
        send.args(["--session", "--print-reply=literal", "--dest=org.freedesktop.secrets", path, method]);
        send.args(arguments).envs(self.environment.iter().cloned()).stdin(Stdio::null());
        let done = send.output().expect("it was looked for");
        assert!(done.status.success(), "{method}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    fn start(&mut self, service: Option<&str>) {
        // each session has its own, as after a sign-in: what an earlier one has not ended yet is not found there
        let session = tempfile::tempdir_in(self.folder.path()).expect("a folder").keep();
        if let Some(command) = service {
            let script = session.join("start");
            std::fs::write(&script, command).expect("a file");
            let exec = format!("Exec=/bin/sh {}", script.display());
            let text = format!("[D-BUS Service]\nName=org.freedesktop.secrets\n{exec}\n");
            std::fs::write(session.join("secrets.service"), text).expect("a file");
        }
        // nothing of what this machine has installed takes part, above all no window that asks for a password
        let text = format!(
            "<busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>\
             <servicedir>{}</servicedir><policy context=\"default\"><allow eavesdrop=\"true\"/>\
             <allow send_destination=\"*\"/><allow own=\"*\"/></policy></busconfig>",
            self.folder.path().join("bus").display(),
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
