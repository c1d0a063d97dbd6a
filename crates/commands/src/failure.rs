//! An error with its sentence, as a screen shows it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

use crate::code::Code;
use crate::error::CommandError;
use crate::text::{Language, sentence, sentences};

/// What stops the shop in the middle of what it does.
const AFTER_THESE: [Code; 7] = [
    Code::DiskFull,
    Code::FileDamaged,
    Code::FileDenied,
    Code::FileLocked,
    Code::FileMoved,
    Code::FileMovedUnsaved,
    Code::Storage,
];

/// What was not done, or is wrong: a code, values, and its sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Failure {
    /// Which sentence.
    #[ts(type = "Code")]
    pub code: Code,
    /// What the sentence speaks of.
    #[ts(type = "Record<string, unknown>")]
    pub values: BTreeMap<&'static str, Value>,
    /// Cause and way out.
    pub zh: String,
    /// Cause and way out.
    pub en: String,
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        let [zh, en] = Language::ALL.map(|language| told(language, error.code, &error.values));
        Self { code: error.code, values: error.values, zh, en }
    }
}

/// The sentence of an error, and behind what went wrong with the data file what became of what was
/// under way.
pub(crate) fn told(language: Language, code: Code, values: &BTreeMap<&'static str, Value>) -> String {
    let text = sentence(language, code, values);
    let sent = values.get("sent").and_then(Value::as_str);
    let name = match (sent, values.get("stays").and_then(Value::as_bool)) {
        _ if !AFTER_THESE.contains(&code) => return text,
        (None, _) => "sent-unknown",
        (Some("no"), Some(false)) => "sent-no",
        (Some("no"), _) => "sent-later",
        (Some(_), _) => "sent-maybe",
    };
    let more = sentences(language).get(name).map(String::as_str).unwrap_or_default();
    match language {
        Language::Chinese => text + more,
        Language::English => text + " " + more,
    }
}
