//! Rules about every text of the repository: nothing unfinished, no path of a developer's machine,
//! no file too long to read in one sitting.

use crate::repository::{assert_none, texts};

/// A file may be this long without a word about it.
const LINES_FREE_MAX: usize = 500;
/// No file is longer.
const LINES_MAX: usize = 800;
/// What the header of a file says that is longer than it should be, followed by the reason.
const REASON: &str = "Longer than 500 lines because";
/// Kinds of files that people write and read.
const WRITTEN: &[&str] = &["rs", "ts", "svelte", "js", "css", "sql", "md", "toml"];

/// A line of a comment is no wider, so that two versions fit side by side …
const COMMENT_COLUMNS_MAX: usize = 100;
/// … in what people write, but for the rows of a table and the generated bindings.
const COMMENTED: &[&str] = &["rs", "ts", "svelte", "js", "css"];

/// Marks of unfinished work. Put together here, so that this file does not hold them.
fn unfinished_marks() -> Vec<String> {
    [("TO", "DO"), ("FIX", "ME"), ("to", "do!("), ("unimple", "mented!("), ("#[ig", "nore")]
        .map(|(start, end)| format!("{start}{end}"))
        .into()
}

/// Paths on a developer's machine, and paths beside the repository that no one else has.
fn private_places() -> Vec<String> {
    [
        ("/wo", "rk/"),
        ("/ho", "me/"),
        ("/ro", "ot/"),
        ("/Us", "ers/"),
        ("C:\\Us", "ers\\"),
        ("/fa", "rm/"),
        ("bash_", "jobs"),
        ("../sh", "ared"),
    ]
    .map(|(start, end)| format!("{start}{end}"))
    .into()
}

fn violations(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    // lock files are written by tools: their hashes may hold anything
    if path.ends_with("Cargo.lock") || path.ends_with("package-lock.json") {
        return found;
    }
    for (number, line) in (1_usize..).zip(text.lines()) {
        for mark in unfinished_marks().iter().filter(|mark| as_a_word(line, mark)) {
            found.push(format!("{path}:{number}: {mark} marks unfinished work"));
        }
        for place in private_places().iter().filter(|place| as_a_place(line, place)) {
            found.push(format!("{path}:{number}: {place} is a place on somebody's machine"));
        }
    }
    let commented = path.rsplit_once('.').is_some_and(|(_, ending)| COMMENTED.contains(&ending));
    if commented && !path.starts_with("ui/src/bindings/") {
        for (number, _) in (1_usize..).zip(text.lines()).filter(|(_, line)| is_wide_comment(line)) {
            found.push(format!("{path}:{number}: a comment wider than {COMMENT_COLUMNS_MAX} columns"));
        }
    }
    let written = path.rsplit_once('.').is_some_and(|(_, ending)| WRITTEN.contains(&ending));
    let lines = text.lines().count();
    if written && lines > LINES_MAX {
        found.push(format!("{path} has {lines} lines, more than {LINES_MAX}"));
    } else if written && lines > LINES_FREE_MAX && !text.lines().take(30).any(|line| line.contains(REASON)) {
        found.push(format!("{path} has {lines} lines; its header does not say \"{REASON} …\""));
    }
    found
}

/// Whether the mark is a word of its own, not part of a longer one.
fn is_wide_comment(line: &str) -> bool {
    let text = line.trim_start();
    let is_comment = ["//", "/*", "* ", "<!--"].iter().any(|mark| text.starts_with(mark));
    let is_row = text.trim_start_matches(['/', '!', ' ']).starts_with('|');
    is_comment && !is_row && line.chars().count() > COMMENT_COLUMNS_MAX
}

fn as_a_word(line: &str, mark: &str) -> bool {
    line.match_indices(mark).any(|(at, _)| {
        let before = line.get(..at).and_then(|start| start.chars().next_back());
        let after = line.get(at.saturating_add(mark.len())..).and_then(|end| end.chars().next());
        let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let open_ended = !mark.chars().all(char::is_alphanumeric);
        !letter(before) && (open_ended || !letter(after))
    })
}

/// Whether the place begins a path there: `https://host/home/` is an address, not a place.
fn as_a_place(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line.get(..at).and_then(|start| start.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || "/.-_".contains(c))
    })
}

#[test]
fn every_text_is_finished_short_and_of_no_machine() {
    let found: Vec<String> = texts().iter().flat_map(|(path, text)| violations(path, text)).collect();
    assert_none(&found);
}

#[test]
fn planted_marks_and_places_are_found() {
    for mark in unfinished_marks() {
        assert_eq!(violations("x.rs", &format!("// {mark} later")).len(), 1, "{mark}");
    }
    for place in private_places() {
        assert_eq!(violations("x.rs", &format!("see {place}x")).len(), 1, "{place}");
    }
    let innocent = format!("https://host{} {}", "/ho".to_owned() + "me/x", "Mas".to_owned() + "TODON");
    assert_eq!(violations("x.md", &innocent), Vec::<String>::new());
    assert_eq!(violations("Cargo.lock", &unfinished_marks().join(" ")), Vec::<String>::new());
}

#[test]
fn planted_wide_comments_are_found() {
    let comment =
        |mark: &str, columns: usize| format!("    {mark} {}", "字".repeat(columns - 5 - mark.len()));
    for mark in ["//", "///", "//!", "/*", "<!--"] {
        assert_eq!(violations("x.ts", &comment(mark, 100)).len(), 0, "{mark}");
        assert_eq!(violations("x.ts", &comment(mark, 101)).len(), 1, "{mark}");
    }
    assert_eq!(violations("x.rs", &comment("//! | a row", 120)).len(), 0);
    assert_eq!(violations("x.md", &comment("//", 101)).len(), 0);
}

#[test]
fn planted_lengths_are_found() {
    let lines = |count: usize| "line\n".repeat(count);
    assert_eq!(violations("x.rs", &lines(500)).len(), 0);
    assert_eq!(violations("x.rs", &lines(501)).len(), 1);
    assert_eq!(violations("x.rs", &format!("//! {REASON} it is one table.\n{}", lines(501))).len(), 0);
    assert_eq!(violations("x.rs", &format!("//! {REASON} it is one table.\n{}", lines(800))).len(), 1);
    assert_eq!(violations("x.json", &lines(5000)).len(), 0);
}
