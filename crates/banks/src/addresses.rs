//! Addresses of practice shops.

use url::Url;

/// `http://127.0.0.1` with or without a port and a path. `None` for anything else.
pub fn loopback_base(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let clean = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    (clean && url.scheme() == "http" && url.host_str() == Some("127.0.0.1")).then_some(url)
}
