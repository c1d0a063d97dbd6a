//! An error with its sentence, as a screen shows it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

use crate::code::Code;
use crate::error::CommandError;
use crate::text::{Language, sentence};

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
        let [zh, en] = Language::ALL.map(|language| sentence(language, error.code, &error.values));
        Self { code: error.code, values: error.values, zh, en }
    }
}
