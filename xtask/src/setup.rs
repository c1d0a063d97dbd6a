//! What a fresh machine lacks. Debian: installs it. Windows and macOS: says what to install and
//! where from.
//!
//! Every step first looks whether it is needed, so a second run takes no time and needs no network.

use std::fs;
use std::path::Path;

use crate::run::{Done, command, finish, output, quietly, root, say, sh, sh_in};

/// To compile everything but the window.
const PROGRAM_PACKAGES: &[&str] = &["build-essential"];

/// To compile the window: <https://v2.tauri.app/start/prerequisites/>.
const BUILD_PACKAGES: &[&str] = &[
    "build-essential",
    "libayatana-appindicator3-dev",
    "libdbus-1-dev",
    "librsvg2-dev",
    "libwebkit2gtk-4.1-dev",
    "libxdo-dev",
    "patchelf",
    "pkg-config",
];

/// To drive the window from a test and to see Chinese in its pictures.
/// Chromium is the engine of the window on Windows: keys and input methods are tried there too.
const WINDOW_PACKAGES: &[&str] =
    &["chromium", "chromium-driver", "fonts-noto-cjk", "webkit2gtk-driver", "xvfb"];

/// To compile the C parts for Windows on Linux.
const WINDOWS_PACKAGES: &[&str] = &["gcc-mingw-w64-x86-64-win32"];

/// To keep keys in a real keyring in a test: a bus, and the Secret Service of GNOME.
const KEYRING_PACKAGES: &[&str] = &["dbus", "gnome-keyring"];

/// A tool of cargo: its program, its package, its version. Versions are written down, so that
/// everybody runs the same checks. Built without optimisation: they are small, and building is most
/// of their cost.
struct Tool {
    program: &'static str,
    package: &'static str,
    version: &'static str,
}

const NEXTEST: Tool = Tool { program: "cargo-nextest", package: "cargo-nextest", version: "0.9.143" };
const DENY: Tool = Tool { program: "cargo-deny", package: "cargo-deny", version: "0.20.2" };
const MUTANTS: Tool = Tool { program: "cargo-mutants", package: "cargo-mutants", version: "27.1.0" };
const DRIVER: Tool = Tool { program: "tauri-driver", package: "tauri-driver", version: "2.1.0" };

/// Everything that `cargo xtask test` needs.
pub(crate) fn everything() -> Done {
    system(&[BUILD_PACKAGES, WINDOW_PACKAGES, KEYRING_PACKAGES].concat())?;
    node()?;
    tools()?;
    node_modules()
}

/// Everything that the programs without a window need: a C compiler, for SQLite and for TLS.
pub(crate) fn for_the_programs() -> Done {
    system(PROGRAM_PACKAGES)
}

/// Everything that opening the window needs.
pub(crate) fn for_the_window() -> Done {
    system(BUILD_PACKAGES)?;
    node()?;
    node_modules()
}

/// Everything that taking pictures of the window needs.
pub(crate) fn for_pictures() -> Done {
    system(&[BUILD_PACKAGES, WINDOW_PACKAGES].concat())?;
    node()?;
    tool(&DRIVER)?;
    node_modules()
}

/// Everything that checking for another system needs: its standard library, and the screens.
pub(crate) fn for_another_system(target: &str) -> Done {
    system(&[PROGRAM_PACKAGES, if target.contains("windows") { WINDOWS_PACKAGES } else { &[] }].concat())?;
    sh(&format!("rustup target add {target}"))?;
    node()?;
    node_modules()
}

/// Everything that a run of mutants needs.
pub(crate) fn for_mutants() -> Done {
    system(PROGRAM_PACKAGES)?;
    tool(&NEXTEST)?;
    tool(&MUTANTS)
}

fn system(packages: &[&str]) -> Done {
    if cfg!(windows) {
        return for_windows();
    }
    if cfg!(target_os = "macos") {
        return needs("xcode-select -p", "the Xcode command line tools: run `xcode-select --install`");
    }
    if !quietly("dpkg-query --version") {
        say("This is not Debian or Ubuntu. Please install what these Debian packages hold:");
        say(&format!("  {}", packages.join(" ")));
        return Ok(());
    }
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let words = format!("apt-get install -y --no-install-recommends {}", missing.join(" "));
    as_root("apt-get update -q")?;
    as_root(&words)
}

fn for_windows() -> Done {
    needs(
        "cl /?",
        "the C++ build tools of Visual Studio: https://visualstudio.microsoft.com/visual-cpp-build-tools/",
    )
    .or_else(|_| {
        needs(
            "where link",
            "Visual Studio build tools: https://visualstudio.microsoft.com/visual-cpp-build-tools/",
        )
    })?;
    say(
        "WebView2 is part of Windows 11; for Windows 10: https://developer.microsoft.com/microsoft-edge/webview2/",
    );
    Ok(())
}

fn node() -> Done {
    needs("node --version", "Node.js 20.19 or newer: https://nodejs.org/")?;
    let npm = if cfg!(windows) { "npm.cmd --version" } else { "npm --version" };
    needs(npm, "npm, which comes with Node.js: https://nodejs.org/")
}

fn needs(probe: &str, what: &str) -> Done {
    if quietly(probe) { Ok(()) } else { Err(format!("please install {what}")) }
}

fn installed(package: &str) -> bool {
    output(&format!("dpkg-query -W -f ${{db:Status-Status}} {package}"))
        .is_some_and(|status| status == "installed")
}

fn as_root(words: &str) -> Done {
    let root = output("id -u").is_some_and(|id| id.trim() == "0");
    let mut command = if root { command(words) } else { command(&format!("sudo {words}")) };
    finish(command.env("DEBIAN_FRONTEND", "noninteractive"))
}

fn tools() -> Done {
    tool(&NEXTEST)?;
    tool(&DENY)?;
    // Tauri has no driver for macOS, so no window test runs there
    if cfg!(target_os = "macos") { Ok(()) } else { tool(&DRIVER) }
}

fn tool(tool: &Tool) -> Done {
    let Tool { program, package, version } = tool;
    // the driver knows no `--version`; its help is enough to see that it is there
    if quietly(&format!("{program} --version")) || quietly(&format!("{program} --help")) {
        return Ok(());
    }
    let words = format!("cargo install --locked --debug --version {version} {package}");
    // outside our target folder and without our lints: it is a third-party program
    finish(command(&words).env("CARGO_PROFILE_DEV_DEBUG", "0").env_remove("CARGO_TARGET_DIR"))
}

/// `npm ci` when the lock file is not the one that was installed last.
fn node_modules() -> Done {
    let lock = fs::read(root().join("ui/package-lock.json"))
        .map_err(|error| format!("ui/package-lock.json cannot be read: {error}"))?;
    let mark = root().join("ui/node_modules/.counterfoil-lock");
    if fs::read(&mark).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    sh_in("ui", "npm ci --no-fund --no-audit")?;
    write(&mark, &lock)
}

fn write(path: &Path, bytes: &[u8]) -> Done {
    fs::write(path, bytes).map_err(|error| format!("{} cannot be written: {error}", path.display()))
}
