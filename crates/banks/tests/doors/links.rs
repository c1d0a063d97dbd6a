//! Fault F26: addresses that must not reach the browser.

use counterfoil_banks::opener::{LinkRefused, PayPages};
use counterfoil_engine::shop::Environment;

use crate::sinopac::script::{LINK, shop};

fn pages(environment: Environment) -> PayPages {
    let mut shop = shop();
    shop.environment = environment;
    PayPages::sinopac(&shop)
}

#[test]
fn the_banks_own_pages_open_in_their_own_world() {
    let sandbox =
        "https://sandbox.sinopac.com/QPay.WebPaySite/Bridge/PayCard?TD=NA024900000173&TK=a135ccb2-2e4c";
    let production =
        "https://funbiz.sinopac.com/QPay.WebPaySite/Bridge/PayCard?TD=NA024900000173&TK=a135ccb2-2e4c";
    for (environment, good, bad) in [
        (Environment::Sandbox, sandbox, production),
        (Environment::Production, production, sandbox),
        (Environment::Custom, LINK, sandbox),
        (Environment::Demo, LINK, production),
    ] {
        let pages = pages(environment);
        assert_eq!(pages.checked_link(good).map(|url| url.to_string()), Ok(good.to_owned()));
        assert_eq!(pages.checked_link(bad), Err(LinkRefused));
    }
}

#[test]
fn everything_else_is_refused() {
    let pages = pages(Environment::Production);
    let long = format!("https://funbiz.sinopac.com/{}", "x".repeat(600));
    for bad in [
        "",
        "https://",
        "http://funbiz.sinopac.com/x",
        "file:///etc/passwd",
        "smb://funbiz.sinopac.com/x",
        "javascript:alert(1)//https://funbiz.sinopac.com/",
        "https://funbiz.sinopac.com",
        "HTTPS://funbiz.sinopac.com/x",
        "https://FUNBIZ.sinopac.com/x",
        "https://funbiz.sinopac.com@evil.example/",
        "https://u:p@funbiz.sinopac.com/x",
        "https://funbiz.sinopac.com:443/x",
        "https://funbiz.sinopac.com:8443/x",
        "https://funbiz.sinopac.com.evil.example/x",
        "https://evil.example/?https://funbiz.sinopac.com/",
        "https://evil.example/#funbiz.sinopac.com/",
        "https://xn--funbiz-9za.sinopac.com/x",
        "https://funbiz.sin\u{43e}pac.com/x",
        "https://sinopac.com/x",
        "https://api.sinopac.com/x",
        "https://funbiz.sinopac.com\\@evil.example/",
        "https://funbiz.sinopac.com/\\..\\x",
        "https://funbiz.sinopac.com/x\r\nHost: evil",
        "https://funbiz.sinopac.com/ x",
        " https://funbiz.sinopac.com/x",
        "https://funbiz.sinopac.com/x ",
        "https://funbiz.sinopac.com/\u{0}",
        "https://funbiz.sinopac.com/\u{7f}",
        "https://funbiz.sinopac.com/付款",
        "https://funbiz.sinopac.com./x",
        "https:/funbiz.sinopac.com/x",
        "https:funbiz.sinopac.com/x",
        "https:///funbiz.sinopac.com/x",
        "//funbiz.sinopac.com/x",
        &long,
    ] {
        assert_eq!(pages.checked_link(bad), Err(LinkRefused), "{bad:?}");
    }
    let demo = self::pages(Environment::Custom);
    for bad in [
        "http://127.0.0.1/x",
        "http://127.0.0.1:4456/x",
        "http://localhost:4455/x",
        "https://127.0.0.1:4455/x",
        "http://127.0.0.1:44550/x",
        "http://127.0.0.1:4455",
        "http://127.1:4455/x",
        "http://[::1]:4455/x",
    ] {
        assert_eq!(demo.checked_link(bad), Err(LinkRefused), "{bad}");
    }
    let mut without = shop();
    without.base_url = None;
    assert_eq!(PayPages::sinopac(&without).checked_link("none:/x"), Err(LinkRefused));
}
