//! `shop add` beside files that it cannot work with.

use counterfoil_tests::outside::programs::{Bank, Ended, Shop};
use serde_json::Value;

fn code(ended: &Ended) -> (i32, &str) {
    (ended.status, ended.said["error"]["code"].as_str().unwrap_or_default())
}

/// What no bank part could work with is refused before anything is written, and not by every later
/// command.
#[test]
fn shop_add_is_as_strict_as_what_speaks_to_the_banks() {
    let bank = Bank::open();
    let base = bank.shop_file()["sinopac"]["base_url"].as_str().unwrap().to_owned();
    let rows: [(&str, &str, Value); 14] = [
        ("sinopac", "key_id", "".into()),
        ("sinopac", "key_id", "a b".into()),
        ("sinopac", "a1", "xyz".into()),
        ("sinopac", "b2", "".into()),
        ("sinopac", "base_url", "http://127.0.0.1:0/x".into()),
        ("sinopac", "base_url", format!("{base}?x").into()),
        ("sinopac", "return_url", "https://".into()),
        ("sinopac", "return_url", "https://u@shop.example/".into()),
        ("sinopac", "return_url", "https://shop.example/#x".into()),
        ("ctbc", "base_url", "http://127.0.0.1:0".into()),
        ("ctbc", "return_url", "https://".into()),
        ("ctbc", "return_url", "https://shop.example/王".into()),
        ("ctbc", "mac_key", "1234567890123456789012345".into()),
        ("ctbc", "mer_id", "".into()),
    ];
    for (part, name, value) in rows {
        let shop = Shop::in_folder(tempfile::tempdir().unwrap());
        let mut file = bank.shop_file();
        file[part][name] = value.clone();
        let ended = shop.add_file(&file);
        assert_eq!(code(&ended), (2, "shop-field"), "{part}.{name} {value}");
        let field = ended.said["error"]["values"]["field"].as_str();
        assert_eq!(field, Some(&*format!("{part}.{name}")), "{value}: {ended:?}");
        assert_eq!(code(&shop.run(&["coverage"])), (2, "no-shop"), "nothing was made");
    }
}

/// A file of another kind is named as what it is, and read no further than a shop file goes.
#[test]
fn a_file_that_is_no_shop_file_is_called_what_it_is() {
    let shop = Shop::in_folder(tempfile::tempdir().unwrap());
    let file = shop.folder().join("shop.json");
    let refused = |path: &str| {
        let ended = shop.run(&["shop", "add", "--file", path]);
        (ended.status, ended.said["error"]["code"].as_str().unwrap_or_default().to_owned())
    };
    let text = "{ \"name\": \"禾日茶行\" }";
    let utf16: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let big5 = b"{ \"name\": \"\xa5\xa9\xa4\xe9\" }".to_vec();
    let long = " ".repeat(64 * 1024 + 1).into_bytes();
    for (bytes, code) in [
        (utf16, "shop-file-encoding"),
        (big5, "shop-file-encoding"),
        (long, "shop-file-long"),
        (b"\xef\xbb\xbf{".to_vec(), "shop-file-json"),
    ] {
        std::fs::write(&file, bytes).unwrap();
        assert_eq!(refused(file.to_str().unwrap()), (2, code.to_owned()));
    }
    assert_eq!(refused("no such file"), (2, "shop-file-read".to_owned()));
    #[cfg(unix)]
    assert_eq!(refused("/dev/zero"), (2, "shop-file-long".to_owned()));
}
