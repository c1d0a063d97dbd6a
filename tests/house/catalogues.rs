//! Both text catalogues hold the same keys: no screen may lack a word in either language.

use std::collections::BTreeMap;
use std::fs;

use crate::repository::{assert_none, root};

type Catalogue = BTreeMap<String, String>;

fn violations(chinese: &Catalogue, english: &Catalogue) -> Vec<String> {
    let lacks = |name: &str, one: &Catalogue, other: &Catalogue| -> Vec<String> {
        one.keys().filter(|key| !other.contains_key(*key)).map(|key| format!("{name} lacks {key}")).collect()
    };
    let mut found = lacks("English", chinese, english);
    found.extend(lacks("Chinese", english, chinese));
    found
}

#[test]
fn both_catalogues_hold_the_same_keys() {
    let read = |name: &str| -> Catalogue {
        let text = fs::read_to_string(root().join("ui/src/text").join(name)).expect("the catalogue exists");
        serde_json::from_str(&text).expect("a catalogue is keys and texts")
    };
    let chinese = read("zh-TW.json");
    assert!(!chinese.is_empty());
    assert_none(&violations(&chinese, &read("en.json")));
}

/// Fonts for Chinese draw the curved ones as wide as a Chinese sign.
#[test]
fn english_is_written_with_straight_quotation_marks() {
    for file in [
        "ui/src/text/en.json",
        "crates/commands/src/text/errors.en.json",
        "crates/commands/src/text/sinopac.json",
        "crates/commands/src/text/ctbc.json",
        "crates/commands/src/text/refunds.en.json",
    ] {
        let text = fs::read_to_string(root().join(file)).expect("the catalogue exists");
        let curved: Vec<&str> = text.lines().filter(|line| line.contains(['‘', '’', '“', '”'])).collect();
        assert!(curved.is_empty(), "{file}: {curved:?}");
    }
}

#[test]
fn a_planted_key_is_found() {
    let catalogue =
        |keys: &[&str]| -> Catalogue { keys.iter().map(|key| ((*key).into(), String::new())).collect() };
    assert_eq!(violations(&catalogue(&["a"]), &catalogue(&["a"])), Vec::<String>::new());
    assert_eq!(violations(&catalogue(&["a", "b"]), &catalogue(&["a"])), ["English lacks b"]);
    assert_eq!(violations(&catalogue(&["a"]), &catalogue(&["a", "b"])), ["Chinese lacks b"]);
}
