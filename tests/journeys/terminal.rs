//! What reaches the terminal, and what is said when nothing does.

use counterfoil_tests::outside::programs::{Bank, Shop, program};
#[cfg(target_os = "linux")]
use serde_json::Value;

/// The bank has opened the account: whoever sold must learn its number.
#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_a_failure_and_is_said_elsewhere() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let words = ["--json", "sell", "--rail", "sinopac-account", "--amount", "300"];
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = std::process::Command::new(program("counterfoil"));
    let ended = command.args(shop.options()).args(words).stdout(full).output().unwrap();
    let said: Value = serde_json::from_slice(&ended.stderr).unwrap();
    assert_eq!((ended.status.code(), said["error"]["code"].as_str()), (Some(6), Some("output-lost")));
    let found = shop.run(&["orders", "search", "300"]).said;
    let sold = &said["error"]["values"]["said"];
    assert_eq!(sold["account"], found["orders"][0]["payments"][0]["account"], "{said}");
}

/// Whatever stands in a file or in an argument, it commands no terminal.
#[test]
fn no_control_character_reaches_a_terminal() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let hostile = "no\u{1b}[31m\u{9b}2J\u{202e}file";
    for json in [&["--json"][..], &[]] {
        let mut command = std::process::Command::new(program("counterfoil"));
        command.args(shop.options()).args(json).args(["shop", "add", "--file", hostile]);
        let ended = command.output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(said.contains("file"), "{said}");
        let commands = |c: &char| c.is_control() && *c != '\n' || *c == '\u{202e}';
        assert_eq!(said.chars().find(commands), None, "{said:?}");
    }
}
