//! A desktop session without a desktop: a bus on which a test monitors what programs send, and
//! calls them as a tray would.
//!
//! This bus has no tray and no notification service; the monitor sees the messages all the same.
//! Tests wait for a line of the bus, so nothing here sleeps and looks again.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{ChildStdout, Command, Stdio};

use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;

use super::keyring::Keyring;
use super::programs::Running;

/// Where the library of the tray puts the menu of the icon `counterfoil`.
const MENU: &str = "/org/ayatana/NotificationItem/tray_icon_tray_app_counterfoil/Menu";

/// A bus.
pub struct Session {
    bus: Keyring,
}

/// A desktop with a tray, as long as it lives: a program owns the name at which icons are handed
/// in. It shows none of them.
pub struct Tray(#[expect(dead_code, reason = "the connection owns the name")] Connection);

/// The bus messages since this was created.
pub struct Listener {
    lines: Lines<BufReader<ChildStdout>>,
    _monitor: Running,
}

/// The menu of the tray, and the program that owns it.
#[derive(Debug, Clone)]
pub struct Menu {
    /// The program's name at the bus.
    pub owner: String,
    /// Number and words of each line.
    pub lines: Vec<(i32, String)>,
}

impl Session {
    /// A bus with nothing connected.
    ///
    /// # Panics
    /// When its programs are missing.
    pub fn open() -> Self {
        Self { bus: Keyring::none() }
    }

    /// What a program needs to find it.
    ///
    /// # Panics
    /// When its path is no text.
    pub fn address(&self) -> (&str, &str) {
        let found = self.bus.environment().iter().find(|(name, _)| *name == "DBUS_SESSION_BUS_ADDRESS");
        let (name, address) = found.expect("a bus has an address");
        (name, address.to_str().expect("an address"))
    }

    /// Gives the desktop a tray.
    ///
    /// # Panics
    /// When it has one.
    pub fn tray(&self) -> Tray {
        let (_, address) = self.address();
        let bus = Builder::address(address).and_then(Builder::build).expect("a bus");
        bus.request_name("org.kde.StatusNotifierWatcher").expect("there is no tray yet");
        Tray(bus)
    }

    /// Monitors from now on every notification, every tray with a menu, and every program that
    /// leaves.
    ///
    /// # Panics
    /// When the bus sends nothing.
    pub fn listen(&self) -> Listener {
        let mut monitor = Command::new("dbus-monitor");
        let heard = [
            "interface='org.freedesktop.Notifications'",
            "interface='com.canonical.dbusmenu',type='signal'",
            "member='NameOwnerChanged'",
        ];
        monitor.arg("--session").args(heard);
        monitor.envs([self.address()]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut monitor = Running::start(&mut monitor);
        let said = monitor.child().stdout.take().expect("it was piped");
        let mut listener = Listener { lines: BufReader::new(said).lines(), _monitor: monitor };
        // a monitor gives its own name back, and hears everything that comes later
        listener.until(|line| line.contains("member=NameLost"));
        listener
    }

    /// The current menu of this program's tray.
    ///
    /// # Panics
    /// When it has none.
    pub fn menu(&self, owner: &str) -> Menu {
        let layout = ["int32:0", "int32:-1", "array:string:label"];
        let text = self.ask(owner, MENU, "com.canonical.dbusmenu.GetLayout", &layout);
        Menu {
            owner: owner.to_owned(),
            lines: lines_of(&text.unwrap_or_else(|| panic!("{owner} has no menu"))),
        }
    }

    /// Chooses a line of the tray's menu.
    ///
    /// # Panics
    /// When the program does not take it.
    pub fn choose(&self, menu: &Menu, line: usize) {
        let number = format!("int32:{}", menu.lines[line].0);
        let event = [&number, "string:clicked", "variant:string:", "uint32:0"];
        let done = self.ask(&menu.owner, MENU, "com.canonical.dbusmenu.Event", &event);
        assert!(done.is_some(), "{menu:?}");
    }

    fn ask(&self, owner: &str, path: &str, method: &str, arguments: &[&str]) -> Option<String> {
        let mut send = Command::new("dbus-send");
        send.args(["--session", "--print-reply", &format!("--dest={owner}"), path, method]).args(arguments);
        let done = send.envs([self.address()]).stdin(Stdio::null()).output().expect("it is installed");
        done.status.success().then(|| String::from_utf8_lossy(&done.stdout).into_owned())
    }
}

impl Listener {
    /// Waits for the next notification and gives its title and body; of several programs' the
    /// first.
    ///
    /// # Panics
    /// When the bus ends before.
    pub fn notification(&mut self) -> [String; 2] {
        self.until(|line| line.contains("member=Notify"));
        // the program, a number, a picture, the title, the body
        let [_program, _picture, title, body] = std::array::from_fn(|_| {
            let line = self.until(|line| line.trim_start().starts_with("string \""));
            line.trim().trim_start_matches("string ").trim_matches('"').to_owned()
        });
        [title, body]
    }

    /// Waits until a program has a tray with a menu, and gives its name at the bus.
    ///
    /// # Panics
    /// When the bus ends before.
    pub fn tray(&mut self) -> String {
        let line = self.until(|line| line.contains(MENU) && line.contains("member=LayoutUpdated"));
        let owner = line.split("sender=").nth(1).and_then(|rest| rest.split(' ').next());
        owner.unwrap_or_else(|| panic!("{line}")).to_owned()
    }

    /// Waits until a message holds these words.
    ///
    /// # Panics
    /// When the bus ends before.
    pub fn says(&mut self, words: &str) {
        self.until(|line| line.contains(words));
    }

    /// Waits until a program has left the bus, and gives how many notifications were sent before.
    ///
    /// # Panics
    /// When the bus ends before.
    pub fn notifications_until_gone(&mut self, owner: &str) -> usize {
        let (owner, mut count, mut twice) = (format!("string \"{owner}\""), 0, 0);
        self.until(|line| {
            count += usize::from(line.contains("member=Notify"));
            // its name, then the name's old owner (itself); the new owner is empty
            twice = if line.trim() == owner { twice + 1 } else { 0 };
            twice == 2
        });
        count
    }

    fn until(&mut self, mut wanted: impl FnMut(&str) -> bool) -> String {
        let mut lines = self.lines.by_ref().map(|line| line.expect("the bus says text"));
        lines.find(|line| wanted(line)).expect("the bus has not ended")
    }
}

/// Number and words of the lines in what a menu answers: `int32 2 … string "label" … string
/// "Open"`.
fn lines_of(layout: &str) -> Vec<(i32, String)> {
    let (mut number, mut lines) = (0, Vec::new());
    let mut words = layout.lines().map(str::trim);
    while let Some(line) = words.next() {
        if let Some(found) = line.strip_prefix("int32 ") {
            number = found.parse().expect("a number");
        } else if line == "string \"label\"" && number != 0 {
            // zero is the menu itself
            let value = words.next().expect("a label has words");
            lines.push((number, value.split('"').nth(1).expect("words in quotes").to_owned()));
        }
    }
    lines
}
