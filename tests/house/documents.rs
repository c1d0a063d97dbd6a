//! Documents name paths that exist. A path is any text in backticks or in a link that looks like
//! one; blocks of code are left out.

use std::collections::BTreeSet;

use crate::repository::{assert_none, paths, texts};

/// Endings by which a word in backticks is taken for a file.
const ENDINGS: &[&str] = &[
    "conf.json",
    "css",
    "html",
    "ico",
    "icns",
    "js",
    "json",
    "lock",
    "md",
    "png",
    "rs",
    "sql",
    "svelte",
    "svg",
    "toml",
    "ts",
    "yml",
];

/// Files that a person brings; no repository holds them.
const BROUGHT: &[&str] = &["shop.json", "shops.json"];

fn violations(document: &str, text: &str, files: &[String]) -> Vec<String> {
    let places = Places::of(files);
    let beside = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut found = Vec::new();
    for word in linked(text) {
        if !places.holds(&join(beside, word)) {
            found.push(format!("{document}: the link {word} leads nowhere"));
        }
    }
    for word in quoted(text).into_iter().filter(|word| looks_like_a_path(word, &places)) {
        let word = word.trim_end_matches('/');
        if !places.holds(word) && !places.holds(&join(beside, word)) && !places.names.contains(word) {
            found.push(format!("{document}: `{word}` does not exist"));
        }
    }
    found
}

/// What exists: every file, every folder, and every bare file name.
struct Places {
    all: BTreeSet<String>,
    names: BTreeSet<String>,
}

impl Places {
    fn of(files: &[String]) -> Self {
        let mut all = BTreeSet::new();
        let mut names = BTreeSet::new();
        for file in files {
            all.insert(file.clone());
            names.extend(file.rsplit('/').next().map(str::to_owned));
            all.extend(file.match_indices('/').filter_map(|(at, _)| file.get(..at)).map(str::to_owned));
        }
        Self { all, names }
    }

    fn holds(&self, path: &str) -> bool {
        path.is_empty() || self.all.contains(path)
    }
}

fn looks_like_a_path(word: &str, places: &Places) -> bool {
    let plain = word.chars().all(|c| c.is_alphanumeric() || "/._-@".contains(c));
    let first = word.split('/').next().unwrap_or_default();
    let ending =
        ENDINGS.iter().any(|ending| word.strip_suffix(ending).is_some_and(|rest| rest.ends_with('.')));
    let top = !first.is_empty() && word.contains('/') && places.all.contains(first);
    plain
        && !BROUGHT.contains(&word)
        && !word.starts_with(['/', '.', '@', '-'])
        && !word.starts_with("target/")
        && (ending || top)
}

/// Targets of links to files, without their anchors.
fn linked(text: &str) -> Vec<&str> {
    let after =
        |part: &&str| !part.starts_with(['#', '/']) && !part.contains("://") && !part.starts_with("mailto:");
    prose(text)
        .flat_map(|line| line.split("](").skip(1))
        .filter_map(|rest| rest.split([')', '#']).next())
        .filter(after)
        .collect()
}

/// Words in backticks.
fn quoted(text: &str) -> Vec<&str> {
    prose(text).flat_map(|line| line.split('`').skip(1).step_by(2)).collect()
}

/// The lines outside of code blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut code = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    })
}

fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[test]
fn every_path_in_a_document_exists() {
    let files = paths();
    let documents = texts().into_iter().filter(|(path, _)| path.rsplit('.').next() == Some("md"));
    let found: Vec<String> = documents.flat_map(|(path, text)| violations(&path, &text, &files)).collect();
    assert_none(&found);
}

#[test]
fn a_planted_path_is_found() {
    let files: Vec<String> =
        ["README.md", "docs/glossary.md", "crates/domain/src/lib.rs"].map(Into::into).into();
    let found = |text: &str| violations("docs/ARCHITECTURE.md", text, &files).len();
    for fine in [
        "`crates/domain/src/lib.rs`, `crates/domain/`, `lib.rs`, `glossary.md`, `docs/glossary.md`",
        "[words](glossary.md), [top](../README.md#start), [web](https://example.invalid/x.md), [here](#there)",
        "`Vec<u8>`, `a/b`, `{\"step\":\"x\"}`, `cargo xtask test`, `/control`, `B/Nonce`, `target/x/y.png`, `shop.json`",
        "```\ncrates/nowhere/`x.rs`\n```",
    ] {
        assert_eq!(found(fine), 0, "{fine}");
    }
    for wrong in
        ["`crates/nowhere`", "`crates/domain/src/gone.rs`", "`gone.rs`", "[words](gone.md)", "[up](../gone/)"]
    {
        assert_eq!(found(wrong), 1, "{wrong}");
    }
}
