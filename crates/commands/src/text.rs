//! Sentences. Two catalogues with equal keys: zh-TW written first, English complete. The bank's codes have a book of their
//! own: cause and next step.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;

/// A language of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// 正體中文
    Chinese,
    /// English
    English,
}

impl Language {
    /// zh-TW first.
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];
}

/// Why a bank answered as it did, and what to do now.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BookEntry {
    /// What happened.
    pub cause: String,
    /// The way out.
    pub step: String,
}

type Sentences = BTreeMap<String, String>;
type Book = BTreeMap<String, BookEntry>;

/// The catalogue of our own codes.
pub fn sentences(language: Language) -> &'static Sentences {
    static CHINESE: OnceLock<Sentences> = OnceLock::new();
    static ENGLISH: OnceLock<Sentences> = OnceLock::new();
    match language {
        Language::Chinese => CHINESE.get_or_init(|| parsed(include_str!("text/errors.zh-TW.json"))),
        Language::English => ENGLISH.get_or_init(|| parsed(include_str!("text/errors.en.json"))),
    }
}

/// The error book of SinoPac's codes.
pub fn sinopac_book(language: Language) -> &'static Book {
    static CHINESE: OnceLock<Book> = OnceLock::new();
    static ENGLISH: OnceLock<Book> = OnceLock::new();
    match language {
        Language::Chinese => CHINESE.get_or_init(|| parsed(include_str!("text/sinopac.zh-TW.json"))),
        Language::English => ENGLISH.get_or_init(|| parsed(include_str!("text/sinopac.en.json"))),
    }
}

/// The sentence of one of our codes, with its values filled in. A code without a sentence shows itself.
pub fn sentence(language: Language, code: &str, values: &BTreeMap<&'static str, Value>) -> String {
    let mut text = sentences(language).get(code).cloned().unwrap_or_else(|| code.to_owned());
    for (name, value) in values {
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text = text.replace(&format!("{{{name}}}"), &shown);
    }
    text
}

/// Cause and next step of a code of the bank, or of ours about an answer of the bank.
pub fn bank_code(language: Language, code: &str) -> Option<&'static BookEntry> {
    let book = sinopac_book(language);
    let server_error = code.starts_with("http-5").then(|| book.get("http-5xx")).flatten();
    // `nonce-timeout` and its like: the request itself never left
    let family = code.split('-').next().and_then(|head| book.get(head));
    book.get(code).or(server_error).or(family)
}

/// The catalogues are part of the program and their form is tested: a broken one reads as empty.
fn parsed<T: Default + for<'a> Deserialize<'a>>(json: &str) -> T {
    serde_json::from_str(json).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_say_the_same_things() {
        let [zh, en] = Language::ALL.map(sentences);
        assert!(zh.len() > 20);
        assert_eq!(zh.keys().collect::<Vec<_>>(), en.keys().collect::<Vec<_>>());
        let holes = |text: &str| text.matches('{').count();
        for (code, text) in zh {
            assert_eq!(holes(text), holes(&en[code]), "{code}");
        }
        let [zh, en] = Language::ALL.map(sinopac_book);
        assert!(!zh.is_empty());
        assert_eq!(zh.keys().collect::<Vec<_>>(), en.keys().collect::<Vec<_>>());
        for entry in zh.values().chain(en.values()) {
            assert!(!entry.cause.trim().is_empty() && !entry.step.trim().is_empty());
        }
    }

    #[test]
    fn every_code_of_this_crate_has_a_sentence() {
        let source = concat!(include_str!("error.rs"), include_str!("desk.rs"), include_str!("shop_file.rs"));
        let pattern = ["input(\"", "new(\"", "field(\"", "{ \"amount"];
        let mut found = 0;
        for part in pattern.iter().flat_map(|p| source.split(p).skip(1)) {
            let code = part.split('"').next().unwrap_or_default();
            let kebab = code.len() > 3 && code.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            if kebab && code.contains('-') {
                found += 1;
                assert!(sentences(Language::Chinese).contains_key(code), "{code}");
            }
        }
        assert!(found > 15, "{found}");
    }
}
