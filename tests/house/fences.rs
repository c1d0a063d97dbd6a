//! Which way our packages depend, and which of them may use which third-party package:
//! `docs/ARCHITECTURE.md`. Build and development dependencies count like any other.

use std::process::Command;

use serde::Deserialize;

use crate::repository::{assert_none, root};

/// Each of our packages and what of ours it may know. A new package gets its line here, with its
/// reason in the document.
const OURS: &[(&str, &[&str])] = &[
    ("counterfoil-domain", &[]),
    ("counterfoil-engine", &["counterfoil-domain"]),
    ("counterfoil-commands", &["counterfoil-domain", "counterfoil-engine"]),
    ("counterfoil-banks", &["counterfoil-domain", "counterfoil-engine"]),
    ("counterfoil-store", &["counterfoil-domain", "counterfoil-engine"]),
    ("counterfoil-vault", &["counterfoil-domain", "counterfoil-engine"]),
    // it must be able to disagree with us, so it shares nothing with us
    ("counterfoil-bank-simulator", &[]),
    (
        "counterfoil-shop",
        &[
            "counterfoil-banks",
            "counterfoil-commands",
            "counterfoil-domain",
            "counterfoil-engine",
            "counterfoil-store",
            "counterfoil-vault",
        ],
    ),
    (
        "counterfoil-cli",
        &["counterfoil-commands", "counterfoil-domain", "counterfoil-engine", "counterfoil-shop"],
    ),
    // the simulator for the demo shop only
    ("counterfoil-desktop", &["counterfoil-bank-simulator", "counterfoil-commands", "counterfoil-shop"]),
    (
        "counterfoil-tests",
        &[
            "counterfoil-bank-simulator",
            "counterfoil-banks",
            "counterfoil-commands",
            "counterfoil-disk",
            "counterfoil-domain",
            "counterfoil-engine",
            "counterfoil-shop",
            "counterfoil-store",
            "counterfoil-vault",
        ],
    ),
    // under every data file, and knows of none
    ("counterfoil-disk", &[]),
    // what reads what others wrote
    (
        "counterfoil-fuzz",
        &["counterfoil-banks", "counterfoil-commands", "counterfoil-domain", "counterfoil-engine"],
    ),
    ("xtask", &[]),
];

/// Third-party packages (`*` at either end matches anything), and our packages that may use them.
const OTHERS: &[(&str, &[&str])] = &[
    ("tauri*", &["counterfoil-desktop"]),
    ("webkit2gtk*", &["counterfoil-desktop"]),
    ("reqwest*", &["counterfoil-banks"]),
    ("rustls*", &["counterfoil-banks"]),
    ("hyper*", &["counterfoil-banks", "counterfoil-bank-simulator"]),
    // the bench holds the store against the same statements without it; the disk of the tests lies
    // under it
    ("rusqlite*", &["counterfoil-store", "counterfoil-tests", "counterfoil-disk"]),
    ("refinery*", &["counterfoil-store"]),
    ("keyring*", &["counterfoil-vault"]),
    ("*keyring-store", &["counterfoil-vault"]),
    ("argon2*", &["counterfoil-vault"]),
    // the tests play another program that writes into the keyring
    ("secret-service", &["counterfoil-vault", "counterfoil-tests"]),
    ("security-framework", &["counterfoil-vault"]),
    ("ts-rs", &["counterfoil-commands"]),
    ("bolero*", &["counterfoil-fuzz"]),
    // one function says which names look alike
    ("unicode-normalization", &["counterfoil-domain"]),
    ("unicode-security", &["counterfoil-domain"]),
    // a library says with its own error enum what can go wrong
    ("anyhow", &[]),
    ("eyre", &[]),
];

/// What `cargo metadata` says about a package of ours.
#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    #[serde(default)]
    features: Vec<String>,
}

fn violations(packages: &[Package]) -> Vec<String> {
    let mut found = Vec::new();
    for Package { name, dependencies } in packages {
        let Some((_, allowed)) = OURS.iter().find(|(ours, _)| ours == name) else {
            found.push(format!("{name} has no line in the fences of tests/house/fences.rs"));
            continue;
        };
        for dependency in dependencies {
            let known = &dependency.name;
            let ours = packages.iter().any(|package| package.name == *known);
            if ours && !allowed.contains(&known.as_str()) {
                found.push(format!("{name} may not depend on {known}"));
            }
            for (pattern, may) in OTHERS {
                if matches(pattern, known) && !may.contains(&name.as_str()) {
                    found.push(format!("{name} may not depend on {known}: its fence is {may:?}"));
                }
            }
            if known == "tauri" && dependency.features.iter().any(|feature| feature == "devtools") {
                found.push(format!("{name} builds tauri with devtools, which a release must not have"));
            }
        }
    }
    found
}

fn matches(pattern: &str, name: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), _) => name.ends_with(end),
        (None, Some(start)) => name.starts_with(start),
        (None, None) => name == pattern,
    }
}

fn packages() -> Vec<Package> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice::<Metadata>(&output.stdout).expect("cargo metadata is JSON").packages
}

#[test]
fn our_packages_keep_their_fences() {
    assert_none(&violations(&packages()));
}

#[test]
fn every_fence_belongs_to_a_package_that_exists() {
    let packages = packages();
    for (name, _) in OURS {
        assert!(packages.iter().any(|package| package.name == *name), "{name} is gone: remove its line");
    }
}

#[test]
fn a_planted_dependency_is_found() {
    let package = |name: &str, dependencies: &[&str]| Package {
        name: name.into(),
        dependencies: dependencies
            .iter()
            .map(|name| Dependency { name: (*name).into(), features: vec!["devtools".into()] })
            .collect(),
    };
    let domain = || package("counterfoil-domain", &[]);
    let found = |name: &str, dependency: &str| violations(&[domain(), package(name, &[dependency])]);
    assert_eq!(found("counterfoil-engine", "counterfoil-domain"), Vec::<String>::new());
    assert_eq!(found("counterfoil-bank-simulator", "counterfoil-domain").len(), 1);
    assert_eq!(found("counterfoil-engine", "reqwest").len(), 1);
    assert_eq!(found("counterfoil-engine", "tauri-plugin-opener").len(), 1);
    assert_eq!(found("counterfoil-store", "zbus-secret-service-keyring-store").len(), 1);
    assert_eq!(found("counterfoil-newcomer", "serde").len(), 1);
    assert_eq!(found("counterfoil-desktop", "tauri").len(), 1, "devtools");
}
