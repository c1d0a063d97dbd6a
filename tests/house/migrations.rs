//! A released migration is never changed: a shop's file was upgraded by it.
//! `released-migrations.txt` lists the SHA-256 of each; a release adds its new ones at the end, and
//! no line is ever removed or edited.

use std::collections::BTreeMap;
use std::fs;

use sha2::{Digest, Sha256};

use crate::repository::{assert_none, paths, root};

const FOLDER: &str = "crates/store/migrations/";

fn violations(released: &str, files: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let mut found = Vec::new();
    for line in released.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let Some((hash, name)) = line.split_once("  ") else {
            found.push(format!("not `hash  name`: {line}"));
            continue;
        };
        match files.get(name) {
            None => found.push(format!("the released migration {name} is gone")),
            Some(bytes) if sha256(bytes) != hash => {
                found.push(format!("the released migration {name} was changed"));
            }
            Some(_) => {}
        }
    }
    found
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[test]
fn released_migrations_are_unchanged() {
    let read = |path: String| {
        let bytes = fs::read(root().join(&path)).expect("a listed file can be read");
        path.strip_prefix(FOLDER).map(|name| (name.to_owned(), bytes))
    };
    let files = paths().into_iter().filter(|path| path.starts_with(FOLDER)).filter_map(read).collect();
    assert_none(&violations(include_str!("released-migrations.txt"), &files));
}

/// The checksum of a migration is over its text: a check-out that changes line ends would make
/// every file of other builds damaged.
#[test]
fn line_ends_are_left_alone() {
    let rule = fs::read_to_string(root().join(".gitattributes")).expect("the file is there");
    assert!(rule.lines().any(|line| line == "* -text"), "{rule}");
    for path in paths().into_iter().filter(|path| path.starts_with(FOLDER)) {
        let bytes = fs::read(root().join(&path)).expect("a listed file can be read");
        assert!(!bytes.contains(&b'\r'), "{path}");
    }
}

#[test]
fn a_planted_change_is_found() {
    let files = |text: &str| BTreeMap::from([("V1__first.sql".to_owned(), text.as_bytes().to_vec())]);
    let released = format!("# why\n\n{}  V1__first.sql\n", sha256(b"create"));
    assert_eq!(violations(&released, &files("create")), Vec::<String>::new());
    assert_eq!(violations(&released, &files("create ")).len(), 1);
    assert_eq!(violations(&released, &BTreeMap::new()).len(), 1);
    assert_eq!(violations("nonsense", &files("create")).len(), 1);
}
