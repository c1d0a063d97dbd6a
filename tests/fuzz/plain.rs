//! What is read without a key: Big5, addresses, the form of a return, the shop file.

use counterfoil_banks::ctbc::seal;
use counterfoil_banks::opener::PayPages;
use counterfoil_banks::return_door::{result_of, token_of};
use counterfoil_commands::{Code, shop_file};
use counterfoil_domain::{Moment, Twd};
use counterfoil_engine::shop::{Environment, ReturnAddress, SinopacSettings};
use secrecy::ExposeSecret;

const SHOP: &str = "NA0249_001";
const MER_ID: &str = "10000";

/// Bytes as Big5, and the same as text to be written in it.
pub(crate) fn big5(bytes: &[u8]) {
    if let Ok(text) = seal::from_big5(bytes) {
        assert!(text.len() <= 3 * bytes.len());
        both_ways(&text);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        both_ways(text);
    }
}

/// What is written is read as the same text, and holds no reference to a character that Big5 lacks.
fn both_ways(text: &str) {
    match seal::big5(text) {
        Ok(written) => {
            assert!(written.len() <= text.len());
            assert_eq!(seal::from_big5(&written).as_deref(), Ok(text));
            assert_eq!(count(&written, *b"&#"), count(text.as_bytes(), *b"&#"));
        }
        Err(seal::Unmappable(character)) => assert!(!character.is_ascii() && text.contains(character)),
    }
}

fn count(bytes: &[u8], pair: [u8; 2]) -> usize {
    bytes.windows(2).filter(|window| **window == pair).count()
}

/// An address for the system browser.
pub(crate) fn pay_link(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for (environment, base_url, host, start) in [
        (Environment::Sandbox, None, "sandbox.sinopac.com", "https://sandbox.sinopac.com/"),
        (Environment::Production, None, "funbiz.sinopac.com", "https://funbiz.sinopac.com/"),
        (Environment::Custom, Some("http://127.0.0.1:4455/api"), "127.0.0.1", "http://127.0.0.1:4455/"),
    ] {
        let shop = SinopacSettings {
            environment,
            base_url: base_url.map(str::to_owned),
            shop_no: SHOP.to_owned(),
            return_address: ReturnAddress::Loopback { port: 0 },
            auto_billing: true,
            account_limit: Twd::new(30_000),
            paper: counterfoil_domain::refund::SinopacPaper::V25,
            own_prefixes: Vec::new(),
        };
        let Ok(url) = PayPages::sinopac(&shop).checked_link(&text) else { continue };
        assert_eq!(url.host_str(), Some(host));
        assert!(url.as_str().starts_with(start) && text.starts_with(start));
        assert!(url.username().is_empty() && url.password().is_none());
        assert!(url.as_str().len() <= 4 * 512 && url.as_str().bytes().all(|b| b.is_ascii_graphic()));
    }
}

/// The form that a browser brings to the return door, from either bank.
pub(crate) fn return_door(body: &[u8]) {
    token(body);
    result(body);
}

fn token(body: &[u8]) {
    let Some(token) = token_of(body, SHOP) else { return };
    assert!((16..=100).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_alphanumeric()));
    assert_eq!(token_of(body, "NA0249_002"), None, "a token of another shop");
    for again in [&b"&PayToken="[..], b"&ShopNo=NA0249_001"] {
        assert_eq!(token_of(&[body, again].concat(), SHOP), None, "one of them stands twice");
    }
}

fn result(body: &[u8]) {
    assert_eq!(result_of(body, ""), None, "a shop without this bank");
    let Some(sealed) = result_of(body, MER_ID) else { return };
    assert!((16..=body.len()).contains(&sealed.len()) && sealed.bytes().all(|b| b.is_ascii_hexdigit()));
    assert_eq!(result_of(body, "10001"), None, "a result of another shop");
    for again in [&b"&URLResEnc="[..], b"&merID=10000"] {
        assert_eq!(result_of(&[body, again].concat(), MER_ID), None, "one of them stands twice");
    }
}

/// A shop file. Only the vault's part holds the keys, and no error repeats what was typed.
pub(crate) fn shop_file(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match shop_file::parse(&text, Moment::from_millis(0)) {
        Ok(file) => {
            let kept = serde_json::to_string(&file.shop).unwrap();
            assert!(kept.len() <= 6 * text.len() + 1000);
            for key in file.sinopac.iter().flat_map(|keys| [&keys.a1, &keys.a2, &keys.b1, &keys.b2]) {
                // a short one may occur anywhere by chance
                let key = key.expose_secret();
                let once = text.matches(key).count() == 1;
                assert!(key.len() < 8 || !once || !kept.contains(key), "a key is kept");
            }
        }
        Err(error) => {
            assert!(matches!(error.code, Code::ShopFileJson | Code::ShopField), "{:?}", error.code);
            assert!(error.to_json().to_string().len() <= 1000, "an error without end");
        }
    }
}
