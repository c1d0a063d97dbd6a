//! No secret anywhere but in the vault: data file, write-ahead log, what commands print, and the
//! list of processes are searched for keys and tokens in every coding; and the same search finds a
//! planted one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use counterfoil_tests::outside::programs::{Bank, Shop, wait_until_listening};
use counterfoil_tests::outside::{customer, http};
use serde_json::json;

/// HashID of the published sample keys (vector H-3).
const HASH_ID: &str = "87282A2FA0E209EBE1B3713AB56A06C2";

/// A secret in the codings in which it could lie about.
fn codings(secret: &str) -> Vec<(&'static str, Vec<u8>)> {
    let utf16 = |order: fn(u16) -> [u8; 2]| secret.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let mut all = vec![
        ("raw", secret.as_bytes().to_vec()),
        ("upper", secret.to_uppercase().into_bytes()),
        ("lower", secret.to_lowercase().into_bytes()),
        ("hex", hex::encode(secret).into_bytes()),
        ("HEX", hex::encode_upper(secret).into_bytes()),
        ("UTF-16LE", utf16(u16::to_le_bytes)),
        ("UTF-16BE", utf16(u16::to_be_bytes)),
    ];
    all.extend(hex::decode(secret.replace('-', "")).ok().map(|bytes| ("bytes", bytes)));
    // base64 in each of its three alignments, without the ends that depend on the neighbours
    for shift in 0..3 {
        let mut padded = vec![b'x'; shift];
        padded.extend_from_slice(secret.as_bytes());
        let coded = base64(&padded);
        let inner = &coded[if shift == 0 { 0 } else { 4 }..(padded.len() / 3) * 4];
        all.push(("base64", inner.as_bytes().to_vec()));
    }
    all
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes
        .chunks(3)
        .flat_map(|c| {
            let n = (u32::from(c[0]) << 16)
                | (u32::from(*c.get(1).unwrap_or(&0)) << 8)
                | u32::from(*c.get(2).unwrap_or(&0));
            [18, 12, 6, 0].map(|shift| char::from(LETTERS[((n >> shift) & 63) as usize]))
        })
        .collect()
}

/// The secrets found in each place.
fn found(secrets: &BTreeMap<&str, String>, places: &[(String, Vec<u8>)]) -> Vec<String> {
    let mut found = Vec::new();
    for (place, content) in places {
        for (name, secret) in secrets {
            for (coding, needle) in codings(secret) {
                if content.windows(needle.len()).any(|part| part == needle) {
                    found.push(format!("{name} as {coding} in {place}"));
                }
            }
        }
    }
    found
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all.push((path.display().to_string(), std::fs::read(&path).unwrap()));
            }
        }
    }
    all
}

/// Command lines and environments of every process that can be looked at.
fn processes() -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let ids =
        entries.flatten().filter(|e| e.file_name().to_string_lossy().bytes().all(|b| b.is_ascii_digit()));
    ids.flat_map(|e| ["cmdline", "environ"].map(|part| e.path().join(part)))
        .filter_map(|path| Some((path.display().to_string(), std::fs::read(&path).ok()?)))
        .collect()
}

#[test]
fn keys_and_tokens_lie_nowhere_but_in_the_vault() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let mut printed = Vec::new();
    let mut keep = |name: &str, value: &serde_json::Value| {
        printed.push((name.to_owned(), value.to_string().into_bytes()));
    };
    let account = shop.run(&["sell", "--rail", "sinopac-account", "--amount", "1234"]).said;
    let card = shop.run(&["sell", "--rail", "sinopac-card", "--amount", "560"]).said;
    bank.control("fault", &json!({ "kind": "wrong-sign", "match": "OrderQuery", "count": 1 }));
    bank.control("pay", &json!({ "order": account["bank_order_no"] }));
    let form = customer::pay_by_card(card["link"].as_str().unwrap());
    let watching = shop.start(&["watch", card["payment"].as_str().unwrap(), "--for", "60"]);
    wait_until_listening(http::port(&form.action));

    let keys = bank.shop_file();
    let key = |name: &str| keys["sinopac"][name].as_str().unwrap().to_owned();
    let mut secrets: BTreeMap<&str, String> = [
        ("a1", key("a1")),
        ("a2", key("a2")),
        ("b1", key("b1")),
        ("b2", key("b2")),
        ("key_id", key("key_id")),
    ]
    .into();
    secrets.insert("mac_key", keys["ctbc"]["mac_key"].as_str().unwrap().to_owned());
    secrets.insert("HashID", HASH_ID.to_owned());
    secrets.insert("PayToken", form.fields["PayToken"].clone());

    let data = PathBuf::from(shop.options()[1]);
    #[cfg(target_os = "linux")]
    {
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", watching.id())).unwrap();
        let dumps = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        let words: Vec<_> = dumps.split_whitespace().skip(4).take(2).collect();
        assert_eq!(words, ["0", "0"], "a crash would leave the keys on the disk");
    }
    let mut places = processes();
    assert_eq!(form.send(&[]).status, 200);
    // the data file is open: its write-ahead log is there to be searched
    let open = files(&data);
    assert!(
        open.iter().any(|(name, _)| name.ends_with("-wal")),
        "{:?}",
        open.iter().map(|f| &f.0).collect::<Vec<_>>()
    );
    places.extend(open);
    let watched = watching.ended();
    assert_eq!(watched.status, 0, "{}", watched.said);
    keep("watch", &watched.said);
    let page = shop.run(&["sell", "--rail", "ctbc-card", "--amount", "1680"]).said;
    let link = page["link"].as_str().unwrap();
    let watching = shop.start(&["watch", page["payment"].as_str().unwrap(), "--for", "60"]);
    wait_until_listening(http::port(link));
    let back = customer::pay_at_ctbc(&customer::card_page(link));
    assert_eq!(back.fields["merID"], "10000");
    places.extend(files(&data));
    let watched = watching.ended();
    assert_eq!(watched.status, 0, "{}", watched.said);
    keep("watch", &watched.said);
    keep("sell", &account);
    keep("sell", &card);
    keep("sell", &page);
    for words in
        [vec!["orders", "list"], vec!["audit", "verify"], vec!["coverage"], vec!["shop", "check", "demo"]]
    {
        keep(words[0], &shop.run(&words).said);
    }
    places.extend(files(&data));
    places.extend(printed);
    assert_eq!(found(&secrets, &places), Vec::<String>::new());

    // the search can find: in every coding, in a file of the same folder
    for (name, secret) in &secrets {
        for (coding, needle) in codings(secret) {
            let planted = vec![("planted".to_owned(), [b"before".as_slice(), &needle, b"after"].concat())];
            assert!(!found(&secrets, &planted).is_empty(), "{name} as {coding}");
        }
    }
    let vault: Vec<_> = files(shop.folder()).into_iter().filter(|(name, _)| name.ends_with("keys")).collect();
    assert!(!found(&secrets, &vault).is_empty(), "the vault holds them");
}
