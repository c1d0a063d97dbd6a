//! Opens a bank's card page in the system browser, and before that decides whether an address may
//! be opened at all.
//!
//! Promise: only the pages of the bank that the shop is set up for, recognised by the exact
//! beginning of the text, so that no reading of an odd address by a browser matters; never through
//! a shell. The addresses come from answers of the bank in which they are not signed (sinopac.md
//! 3.4).

use std::io;
use std::process::{Child, Command, Stdio};

use counterfoil_engine::shop::{CtbcSettings, Environment, SinopacSettings};
use url::Url;

use crate::addresses::loopback_base;
use crate::ctbc;

/// Longer than any address of the bank (255, sinopac.md 4.1).
const LINK_CHARS_MAX: usize = 512;

/// The address is none of the bank's own. It is not repeated here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the link does not lead to the bank's pages")]
pub struct LinkRefused;

/// The pages of one bank in one world: what every address of theirs begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayPages {
    start: String,
}

impl PayPages {
    /// SinoPac's pages for a shop (sinopac.md 1.1). `demo` and `custom` take exactly the scheme,
    /// host and port of their base.
    pub fn sinopac(shop: &SinopacSettings) -> Self {
        let start = match shop.environment {
            Environment::Sandbox => "https://sandbox.sinopac.com/".to_owned(),
            Environment::Production => "https://funbiz.sinopac.com/".to_owned(),
            Environment::Demo | Environment::Custom => {
                let base = shop.base_url.as_deref().and_then(loopback_base);
                // without a base there is no page: an unopenable beginning
                base.map_or_else(
                    || "none:".to_owned(),
                    |url| format!("{}/", url.origin().ascii_serialization()),
                )
            }
        };
        Self { start }
    }

    /// CTBC's card pages for a shop (ctbc.md 2).
    pub fn ctbc(shop: &CtbcSettings) -> Self {
        let base = ctbc::shop::base(shop).ok();
        let start = base.map(|url| format!("{}/", url.origin().ascii_serialization()));
        Self { start: start.unwrap_or_else(|| "none:".to_owned()) }
    }

    /// The origin of these pages, as a browser sends it.
    pub fn origin(&self) -> &str {
        self.start.trim_end_matches('/')
    }

    /// Checks an address.
    ///
    /// # Errors
    /// [`LinkRefused`] for everything that does not begin, letter for letter, with the bank's
    /// scheme and host and a slash, or that holds anything but visible ASCII, or a backslash.
    pub fn checked_link(&self, text: &str) -> Result<Url, LinkRefused> {
        let plain = text.len() <= LINK_CHARS_MAX && text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        if !plain || !text.starts_with(&self.start) {
            return Err(LinkRefused);
        }
        let url = Url::parse(text).map_err(|_| LinkRefused)?;
        // the parser must read the same address that we have read
        let same = url.origin().ascii_serialization() == self.origin();
        if same && url.username().is_empty() && url.password().is_none() { Ok(url) } else { Err(LinkRefused) }
    }
}

/// Starts the system browser on an address that [`PayPages::checked_link`] has let through. The
/// child may be waited for; it ends soon, while the browser lives on.
///
/// # Errors
/// The system's own, when there is no such program.
pub fn open(url: &Url) -> io::Result<Child> {
    let (program, before): (&str, &[&str]) = if cfg!(target_os = "windows") {
        // not `cmd /c start`: that one reads & and ^ in an address
        ("rundll32.exe", &["url.dll,FileProtocolHandler"])
    } else if cfg!(target_os = "macos") {
        ("/usr/bin/open", &[])
    } else {
        ("xdg-open", &[])
    };
    Command::new(program)
        .args(before)
        .arg(url.as_str())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}
