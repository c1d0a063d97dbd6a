//! The TypeScript types of the screens are those of the commands: `cargo xtask bindings` writes
//! them, this compares them.

use std::fs;

use crate::repository::{assert_none, root};

const FOLDER: &str = "ui/src/bindings";

fn violations(name: &str, written: &str, wanted: &str) -> Vec<String> {
    let same = written.replace('\r', "") == wanted;
    if same { Vec::new() } else { vec![format!("{FOLDER}/{name} is stale: run `cargo xtask bindings`")] }
}

#[test]
fn the_screens_know_the_types_of_the_commands() {
    let folder = root().join(FOLDER);
    for (name, wanted) in counterfoil_commands::bindings() {
        let path = folder.join(name);
        if write_is_wanted() {
            fs::create_dir_all(&folder).expect("the folder can be made");
            fs::write(&path, &wanted).expect("the bindings can be written");
        }
        assert_none(&violations(name, &fs::read_to_string(&path).unwrap_or_default(), &wanted));
    }
}

#[test]
fn a_planted_change_is_found() {
    assert_eq!(violations("a.ts", "type A = string;\r\n", "type A = string;\n"), Vec::<String>::new());
    assert_eq!(violations("a.ts", "type A = string;\n", "type A = number;\n").len(), 1);
    assert_eq!(violations("a.ts", "", "type A = number;\n").len(), 1);
}

#[expect(clippy::disallowed_methods, reason = "`cargo xtask bindings` gives leave to write by it")]
pub(crate) fn write_is_wanted() -> bool {
    std::env::var("COUNTERFOIL_WRITE_BINDINGS").is_ok()
}
