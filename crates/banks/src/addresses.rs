//! Addresses that a person types: of practice shops, and of pages for customers.

use url::Url;

/// `http://127.0.0.1` with or without a port and a path. `None` for anything else.
pub fn loopback_base(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let clean = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    let port = url.port() != Some(0);
    (clean && port && url.scheme() == "http" && url.host_str() == Some("127.0.0.1")).then_some(url)
}

/// An https page that a browser can be sent to: with a host, and nothing that a browser keeps to
/// itself.
pub fn is_page(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        url.scheme() == "https"
            && url.host_str().is_some_and(|host| !host.is_empty())
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_practice_shop_is_on_this_computer_only() {
        for good in
            ["http://127.0.0.1", "http://127.0.0.1/x", "http://127.0.0.1:80", "http://127.0.0.1:9/a/b"]
        {
            assert!(loopback_base(good).is_some(), "{good}");
        }
        for bad in [
            "http://127.0.0.1:0",
            "http://127.0.0.1:0/x",
            "http://127.0.0.1:70000",
            "http://127.0.0.1@evil.example",
            "http://u@127.0.0.1",
            "http://127.0.0.1?x",
            "http://127.0.0.1#x",
            "http://localhost",
            "https://127.0.0.1",
            "127.0.0.1",
        ] {
            assert!(loopback_base(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_page_for_customers_has_a_host() {
        for good in ["https://shop.example", "https://shop.example/thanks?a=1", "https://shop.example:8443/"]
        {
            assert!(is_page(good), "{good}");
        }
        for bad in [
            "https://",
            "https://u@shop.example",
            "https://u:p@shop.example",
            "https://shop.example/#x",
            "http://shop.example",
            "shop.example",
            "https://[",
            "",
        ] {
            assert!(!is_page(bad), "{bad}");
        }
    }
}
