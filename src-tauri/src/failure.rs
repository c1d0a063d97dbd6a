//! What a command that was not done tells a screen: a code, values, and its sentence in both languages.

use std::collections::BTreeMap;

use counterfoil_commands::CommandError;
use counterfoil_commands::text::{Language, sentence};
use serde::Serialize;
use serde_json::Value;

/// A failure on its way to the screen.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Failure {
    code: &'static str,
    values: BTreeMap<&'static str, Value>,
    zh: String,
    en: String,
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        let [zh, en] = Language::ALL.map(|language| sentence(language, error.code, &error.values));
        Self { code: error.code, values: error.values, zh, en }
    }
}
