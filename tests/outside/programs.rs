//! Starting the built programs, and ending them whatever happens: the bank simulator, the command
//! line, and what they need.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::http;
#[cfg(target_os = "linux")]
use super::keyring::Keyring;

/// The folder that this program was built into: `…/debug` or `…/release`.
fn built() -> PathBuf {
    let this = std::env::current_exe().expect("this program has a path");
    let folder = this.parent().expect("a program lies in a folder");
    // a test lies one deeper than a program
    let folder =
        if folder.ends_with("deps") { folder.parent().expect("deps lies in a folder") } else { folder };
    folder.to_path_buf()
}

/// A program of ours.
///
/// # Panics
/// When it was not built: `cargo xtask` builds all of them first.
pub fn program(name: &str) -> PathBuf {
    let path = built().join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.is_file(),
        "{} is not built: cargo build --workspace --features custom-protocol",
        path.display()
    );
    path
}

/// Most polls of a port until a program listens there, 20 ms apart.
const LISTEN_LOOKS_MAX: u32 = 1_500;

/// Waits until a program that does not announce when it is ready takes connections.
///
/// # Panics
/// When it never does.
#[expect(
    clippy::disallowed_methods,
    reason = "a program that says nothing when it listens can only be looked at"
)]
pub fn wait_until_listening(port: u16) {
    for _ in 0..LISTEN_LOOKS_MAX {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("nobody listens on port {port}; the window's driver is installed by `cargo xtask setup`");
}

/// A process that ends with its owner.
pub struct Running(Child);

impl Running {
    /// Starts a command; its standard output is where the command sends it.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(command: &mut Command) -> Self {
        let shown = command.get_program().to_owned();
        Self(command.stdin(Stdio::null()).spawn().unwrap_or_else(|why| {
            panic!("{}: {why}; `cargo xtask setup` installs what tests need", shown.display())
        }))
    }

    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// The process.
    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(Some(_))) {
            return;
        }
        // asked first, so that it can end what it started itself
        if cfg!(unix) {
            let asked = Command::new("kill").arg(self.0.id().to_string()).status();
            if asked.is_ok_and(|status| status.success()) {
                let _ended = self.0.wait();
                return;
            }
        }
        let _ended = self.0.kill();
        let _ended = self.0.wait();
    }
}

/// The bank, as a process of its own with one shop and the computer's clock.
pub struct Bank {
    /// Its addresses, as it printed them.
    addresses: Value,
    shop: Value,
    _running: Running,
    _folder: tempfile::TempDir,
}

impl Bank {
    /// Starts it on any free port.
    ///
    /// # Panics
    /// When it does not start.
    pub fn open() -> Self {
        Self::of(counterfoil_bank_simulator::demo_shop())
    }

    /// The same with CTBC's batch hours away, whenever the test runs: it holds no refund up.
    ///
    /// # Panics
    /// When it does not start.
    #[expect(clippy::disallowed_methods, reason = "the built programs run by the computer's clock")]
    pub fn between_batches() -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let hour = (since.as_secs() / 3_600 + 8) % 24;
        let mut shop = counterfoil_bank_simulator::demo_shop();
        shop["ctbc"]["batch"] = json!({ "start": if (8..20).contains(&hour) { "02:00" } else { "14:00" } });
        Self::of(shop)
    }

    fn of(mut shop: Value) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        shop["sinopac"]["environment"] = "custom".into();
        shop["ctbc"]["environment"] = "custom".into();
        // the simulator's file does not look at it
        shop["ctbc"]["base_url"] = "http://127.0.0.1:1".into();
        let shops = folder.path().join("shops.json");
        std::fs::write(&shops, json!([shop]).to_string()).expect("a file");
        let mut command = Command::new(program("bank-simulator"));
        command.args(["--listen", "127.0.0.1:0", "--shops"]).arg(&shops).stdout(Stdio::piped());
        let mut running = Running::start(&mut command);
        let mut line = String::new();
        let said = running.child().stdout.take().expect("it was piped");
        BufReader::new(said).read_line(&mut line).expect("the bank says its addresses");
        let addresses: Value = serde_json::from_str(&line).unwrap_or_else(|why| panic!("{why}: {line}"));
        shop["sinopac"]["base_url"] = addresses["sinopac"].clone();
        shop["ctbc"]["base_url"] = addresses["ctbc"].clone();
        Self { addresses, shop, _running: running, _folder: folder }
    }

    /// Scheme, host and port of its pages.
    ///
    /// # Panics
    /// When it printed none.
    pub fn origin(&self) -> String {
        self.addresses["ctbc"].as_str().expect("an address").to_owned()
    }

    /// A control call.
    ///
    /// # Panics
    /// When it is refused.
    pub fn control(&self, call: &str, arguments: &Value) -> Value {
        let base = self.addresses["control"].as_str().expect("an address");
        let mut arguments = arguments.clone();
        // a switch is the bank's, everything else is about the shop
        if call != "switch" && arguments.get("shop").is_none() {
            arguments["shop"] = self.shop["sinopac"]["shop_no"].clone();
        }
        let answer = http::post_json(&format!("{base}/{call}"), &arguments);
        assert_eq!(answer.status, 200, "{call} {arguments}: {}", answer.body);
        answer.json()
    }

    /// The shop file that it knows, with its own address in it.
    pub fn shop_file(&self) -> Value {
        self.shop.clone()
    }

    /// Every waiting account is paid now.
    pub fn pay_all(&self) {
        self.control("pay_all", &json!({}));
    }

    /// How often the bank has done what this service asks for.
    ///
    /// # Panics
    /// When it tells no calls.
    pub fn acted(&self, service: &str) -> usize {
        let [sinopac, ctbc] = [("sinopac", "shop_no"), ("ctbc", "mer_id")];
        let (bank, number) = if service.starts_with("Order") { sinopac } else { ctbc };
        let calls = self.control("calls", &json!({ "shop": self.shop[bank][number], "service": service }));
        let lines = calls["calls"].as_array().unwrap_or_else(|| panic!("no calls: {calls}"));
        lines.iter().filter(|call| call["acted"] == true).count()
    }

    /// The number of orders in its books.
    ///
    /// # Panics
    /// When it shows none.
    pub fn books(&self) -> usize {
        let books = self.control("books", &json!({}));
        let rows = books["orders"].as_array();
        rows.unwrap_or_else(|| panic!("no books: {books}")).len()
    }
}

/// A shop in a data folder of its own, with its keys in a plain file unless a keyring is named.
pub struct Shop {
    data: PathBuf,
    vault: String,
    environment: Vec<(&'static str, PathBuf)>,
    folder: tempfile::TempDir,
}

/// What a command ended with.
#[derive(Debug)]
pub struct Ended {
    /// Exit status.
    pub status: i32,
    /// What stood on standard output, or the error on standard error.
    pub said: Value,
    /// All of standard error.
    pub errors: String,
}

impl Shop {
    /// Adds the shop that this bank knows, through the command line.
    ///
    /// # Panics
    /// When it is refused.
    pub fn add(bank: &Bank) -> Self {
        let shop = Self::in_folder(tempfile::tempdir().expect("a folder"));
        let added = shop.add_file(&bank.shop);
        assert_eq!(added.status, 0, "{added:?}");
        shop
    }

    /// A folder without a shop yet.
    pub fn in_folder(folder: tempfile::TempDir) -> Self {
        let vault = format!("file:{}", folder.path().join("keys").display());
        Self { data: folder.path().join("shop"), vault, environment: Vec::new(), folder }
    }

    /// A folder without a shop yet; its keys will go into this keyring.
    ///
    /// # Panics
    /// When no folder can be made.
    #[cfg(target_os = "linux")]
    pub fn in_keyring(keyring: &Keyring) -> Self {
        let mut shop = Self::in_folder(tempfile::tempdir().expect("a folder"));
        shop.vault = "os".into();
        shop.environment = keyring.environment().to_vec();
        shop
    }

    /// Hands a shop file to the command line.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn add_file(&self, shop: &Value) -> Ended {
        let file = self.folder.path().join("shop.json");
        std::fs::write(&file, shop.to_string()).expect("a file");
        self.run(&["shop", "add", "--file", file.to_str().expect("a path")])
    }

    /// `--data … --vault …`
    ///
    /// # Panics
    /// When the folder's path is no text.
    pub fn options(&self) -> [&str; 4] {
        ["--data", self.data.to_str().expect("a path"), "--vault", &self.vault]
    }

    /// Starts a command of the command line, its output kept.
    pub fn start(&self, words: &[&str]) -> Running {
        let mut command = Command::new(program("counterfoil"));
        command.args(self.options()).arg("--json").args(words).envs(self.environment.iter().cloned());
        Running::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()))
    }

    /// Runs a command of the command line to its end.
    ///
    /// # Panics
    /// When it says no JSON.
    pub fn run(&self, words: &[&str]) -> Ended {
        self.start(words).ended()
    }

    /// Runs a command on a disk on which no file may grow beyond so many bytes.
    ///
    /// # Panics
    /// When it says no JSON.
    #[cfg(unix)]
    pub fn run_on_a_full_disk(&self, bytes: u64, words: &[&str]) -> Ended {
        // a write beyond it is an error then, and ends no program
        let limited = format!("trap '' XFSZ; ulimit -f {}; exec \"$@\"", bytes / 512);
        let mut command = Command::new("sh");
        command.args(["-c", &limited, "sh"]).arg(program("counterfoil"));
        command.args(self.options()).arg("--json").args(words).envs(self.environment.iter().cloned());
        Running::start(command.stdout(Stdio::piped()).stderr(Stdio::piped())).ended()
    }

    /// Runs a command that reads these lines from its standard input.
    ///
    /// # Panics
    /// When it cannot be started, or says no JSON.
    pub fn run_typing(&self, words: &[&str], lines: &str) -> Ended {
        let mut command = Command::new(program("counterfoil"));
        command.args(self.options()).arg("--json").args(words).envs(self.environment.iter().cloned());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command line starts");
        let mut input = child.stdin.take().expect("it was piped");
        // a command that wants no line may have ended before
        let _ = input.write_all(format!("{lines}\n").as_bytes());
        drop(input);
        Running(child).ended()
    }

    /// The same shop with its keys, in another data folder.
    ///
    /// # Panics
    /// When no folder can be made.
    #[must_use]
    pub fn elsewhere(&self, data: PathBuf) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { data, vault: self.vault.clone(), environment: self.environment.clone(), folder }
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Running {
    /// Waits for the end of a command of the command line.
    ///
    /// # Panics
    /// When it says no JSON.
    pub fn ended(mut self) -> Ended {
        let (out, errors) = (text(self.0.stdout.take()), text(self.0.stderr.take()));
        let status = self.0.wait().expect("it was started").code().unwrap_or(-1);
        let text = if status == 0 || errors.is_empty() { &out } else { &errors };
        let said = serde_json::from_str(text).unwrap_or_else(|why| panic!("{why}: {status} {text}"));
        Ended { status, said, errors }
    }
}

/// Everything that comes out of a pipe; a command of ours says little, so one pipe may be read
/// after the other.
fn text(pipe: Option<impl Read>) -> String {
    let mut text = String::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_string(&mut text).expect("a command says text");
    }
    text
}
