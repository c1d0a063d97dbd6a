//! Every rule that code, tests and documents cite is on a page of this repository: sections of the
//! money rules and of the banks' pages, faults, invariants, benchmarks, and the rules of uneven
//! days. Every test that the page of faults names exists.
//!
//! To cite: `money rules 3`, `sinopac.md 4.1`, `ctbc.md 6.1 and 6.2`; F17 and I5 in a comment,
//! f17_… in the name of a test. Left out: strings, so that a bank's keys and fields do not count as
//! citations.

use std::collections::{BTreeMap, BTreeSet};

use crate::repository::{assert_none, texts};

/// How a page with numbered sections is cited.
const PAGES: [(&str, &str); 3] = [
    ("money rules", "docs/money-rules.md"),
    ("sinopac.md", "docs/banks/sinopac.md"),
    ("ctbc.md", "docs/banks/ctbc.md"),
];
const FAULTS: &str = "docs/faults.md";
const UNEVEN: &str = "docs/uneven-days.md";

/// Papers that are not here. Put together, so that this file does not hold them.
fn papers_elsewhere() -> Vec<String> {
    [("doss", "ier"), ("contract", ".md"), ("reliability", " page"), ("house", " rule "), ("(cont", "ract)")]
        .map(|(start, end)| format!("{start}{end}"))
        .into()
}

/// What each page may be cited for: numbers of its headings, or names in its tables and lists.
struct Anchors(BTreeMap<String, BTreeSet<String>>);

impl Anchors {
    fn of(texts: &[(String, String)]) -> Self {
        let pages = PAGES.iter().map(|(_, page)| *page).chain([FAULTS, UNEVEN]);
        let text = |page: &str| texts.iter().find(|(path, _)| path == page).map_or("", |(_, text)| text);
        Self(pages.map(|page| (page.to_owned(), text(page).lines().filter_map(anchor).collect())).collect())
    }

    fn holds(&self, page: &str, anchor: &str) -> bool {
        self.0.get(page).is_some_and(|anchors| anchors.contains(anchor))
    }
}

/// `## 6.1 States`, `| F1 | …` or `- **U1** …`.
fn anchor(line: &str) -> Option<String> {
    let heading = line.starts_with('#').then(|| line.trim_start_matches('#').trim_start());
    let row = line.strip_prefix("| ").or_else(|| line.strip_prefix("- **"));
    let number = heading.and_then(|text| numbers(text).into_iter().next());
    number.or_else(|| row.and_then(|text| text.split([' ', '*']).next()).map(str::to_owned))
}

fn violations(path: &str, text: &str, anchors: &Anchors) -> Vec<String> {
    // the rest is written by tools, or is what this test plants
    if ["Cargo.lock", "package-lock.json", "tests/house/references.rs"]
        .iter()
        .any(|file| path.ends_with(file))
    {
        return Vec::new();
    }
    let lower = joined(text).to_lowercase();
    let mut found = Vec::new();
    for paper in papers_elsewhere().iter().filter(|paper| lower.contains(paper.as_str())) {
        found.push(format!("{path}: \"{paper}\" is in no repository"));
    }
    for (cited, page) in PAGES {
        let cited = format!("{cited} ");
        let sections = lower.split(cited.as_str()).skip(1).flat_map(numbers);
        let own = lower.split("(section ").skip(1).flat_map(numbers);
        for number in sections.chain(own.filter(|_| path == page)) {
            if !anchors.holds(page, &number) {
                found.push(format!("{path}: {page} has no section {number}"));
            }
        }
    }
    for (name, page) in names(path, text) {
        if !anchors.holds(page, &name) {
            found.push(format!("{path}: {page} has no row {name}"));
        }
    }
    found
}

/// The numbers at the start of a text: `4.1, 5 and 6.` are three.
fn numbers(text: &str) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), text);
    loop {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let plain = number.trim_end_matches('.');
        if !plain.starts_with(|c: char| c.is_ascii_digit()) {
            return found;
        }
        found.push(plain.to_owned());
        let next = [", ", " and ", " to ", "-"].iter().find_map(|between| after.strip_prefix(between));
        match next.filter(|_| plain == number) {
            Some(next) => rest = next,
            None => return found,
        }
    }
}

/// The text on one line, without the marks of comments, so that a citation over the end of a line
/// is one.
fn joined(text: &str) -> String {
    let words = |line: &str| line.trim().trim_start_matches(['/', '!', '*', '-']).trim().to_owned();
    text.lines().map(words).collect::<Vec<_>>().join(" ")
}

/// Names of faults, invariants, benchmarks and rules of uneven days that a Rust file cites, each
/// with its page.
fn names<'a>(path: &str, text: &'a str) -> Vec<(String, &'a str)> {
    if path.rsplit('.').next() != Some("rs") {
        return Vec::new();
    }
    let comments = text.lines().filter_map(|line| line.split_once("//")).map(|(_, comment)| comment);
    let tests = text.lines().filter_map(|line| line.split_once("fn ")).map(|(_, name)| name);
    let tests = tests.filter_map(|name| name.split('_').next()).filter(|name| name.starts_with('f'));
    let of_bench = |letter: char| letter == 'B' && path.starts_with("tests/bench/");
    let of_uneven = |letter: char| letter == 'U' && path.starts_with("tests/uneven/");
    let cited = words(comments).filter_map(|word| match word.chars().next() {
        Some('F' | 'I') => Some((word.to_owned(), FAULTS)),
        Some(letter) if of_bench(letter) => Some((word.to_owned(), FAULTS)),
        Some(letter) if of_uneven(letter) => Some((word.to_owned(), UNEVEN)),
        Some(_) | None => None,
    });
    let tests = tests.map(|name| (name.to_uppercase(), FAULTS));
    cited.chain(tests).filter(|(word, _)| is_name(word)).collect()
}

fn words<'a>(lines: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    lines.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'))
}

/// A letter and one or two digits.
fn is_name(word: &str) -> bool {
    let digits = word.get(1..).unwrap_or_default();
    (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Tests that the page names and that are not there.
fn missing_tests(page: &str, texts: &[(String, String)]) -> Vec<String> {
    let named = page.split('`').skip(1).step_by(2).filter_map(|word| word.split_once("::"));
    let exists = |file: &str, test: &str| {
        texts.iter().any(|(path, text)| path == file && text.contains(&format!("fn {test}(")))
    };
    let missing = named.filter(|(file, test)| !exists(file, test));
    missing.map(|(file, test)| format!("{FAULTS}: {file} has no test {test}")).collect()
}

#[test]
fn every_citation_leads_to_a_page_of_this_repository() {
    let texts = texts();
    let anchors = Anchors::of(&texts);
    for (page, found) in &anchors.0 {
        assert!(found.len() > 6, "{page} has its anchors");
    }
    let found: Vec<String> = texts.iter().flat_map(|(path, text)| violations(path, text, &anchors)).collect();
    assert_none(&found);
}

#[test]
fn every_test_that_the_page_of_faults_names_exists() {
    let texts = texts();
    let page = texts.iter().find(|(path, _)| path == FAULTS).map_or("", |(_, text)| text);
    assert!(page.contains("::"));
    assert_none(&missing_tests(page, &texts));
}

#[test]
fn planted_citations_are_found() {
    let texts = [
        ("docs/money-rules.md", "## 1. Methods\n## 3. Answers"),
        ("docs/banks/sinopac.md", "### 4 Services\n### 4.1 OrderCreate"),
        ("docs/banks/ctbc.md", "### 6.1 States"),
        ("docs/faults.md", "| F1 | lost |\n| I5 | proof |\n| B3 | pages |"),
        ("docs/uneven-days.md", "- **U1** seen"),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()));
    let anchors = Anchors::of(&texts);
    let found = |path: &str, text: &str| violations(path, text, &anchors);
    for fine in [
        "// as money rules 1 and 3 say.",
        "//! The rules are those of money rules 1-3; see",
        "/// (sinopac.md 4, 4.1). F1, and I5 of F5E and E9918",
        "/// (money rules\n/// 3)",
        "-- (ctbc.md 6.1)",
        "fn f1_lost() {}\nfn fits() {}\nlet key = \"F99\";",
        "the money rules win over `docs/banks/ctbc.md`",
    ] {
        assert_eq!(found("crates/x.rs", fine), Vec::<String>::new(), "{fine}");
    }
    for wrong in [
        "// money rules 2",
        "// money rules 1 and 9",
        "// money\n// rules 2",
        "/// sinopac.md 4.2, 4.1",
        "//! (Sinopac.md 4, 5)",
        "// ctbc.md 6",
        "// F2 and F1",
        "    async fn f30_power() {}",
        "/// I6.",
    ] {
        assert_eq!(found("crates/x.rs", wrong).len(), 1, "{wrong}");
    }
    assert_eq!(found("docs/money-rules.md", "later (section 3), never (section 7)").len(), 1);
    assert_eq!(found("tests/bench/x.rs", "//! B3 and B4").len(), 1);
    assert_eq!(found("tests/uneven/x.rs", "/// U1 to U9").len(), 1);
    assert_eq!(found("crates/x.rs", "// A1 to B2, B99").len(), 0);
    for paper in papers_elsewhere() {
        assert_eq!(found("README.md", &format!("see {paper}x")).len(), 1, "{paper}");
    }
}

#[test]
fn a_planted_test_is_found() {
    let texts = [("tests/a.rs".to_owned(), "async fn holds() {}".to_owned())];
    assert_eq!(missing_tests("| F1 | `tests/a.rs::holds`, `Vec` |", &texts), Vec::<String>::new());
    assert_eq!(missing_tests("`tests/a.rs::hold`, `tests/b.rs::holds`", &texts).len(), 2);
}
