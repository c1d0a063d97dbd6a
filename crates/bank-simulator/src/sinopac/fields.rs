//! Reading the fields of a request: forms, lengths in characters, special characters.
//!
//! A value that is absent, null or empty counts as not given. Text members must be JSON strings;
//! number members may be strings of digits, which the live service was seen to take (sinopac.md
//! 3.4).

use serde_json::{Map, Value};

use crate::time::BankTime;

/// The five-letter code of a refusal.
pub(crate) type Code = &'static str;

/// A text member that is given; E3501 for another JSON type.
pub(crate) fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Code> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.trim().is_empty())),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => Err("E3501"),
    }
}

/// A whole number that is given: a JSON integer, or a string of at most nine digits.
pub(crate) fn number(fields: &Map<String, Value>, name: &str, wrong: Code) -> Result<Option<i64>, Code> {
    let value = match fields.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.is_empty() => return Ok(None),
        Some(Value::String(text)) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(_) | Value::Bool(_) | Value::Array(_) | Value::Object(_)) => None,
    };
    value.filter(|number| (0..=999_999_999).contains(number)).map(Some).ok_or(wrong)
}

/// An optional text with a length limit in characters and no `'`, `"`, `%`.
pub(crate) fn limited(
    fields: &Map<String, Value>,
    name: &str,
    most: usize,
    too_long: Code,
    special: Code,
) -> Result<Option<String>, Code> {
    let Some(text) = text(fields, name)? else { return Ok(None) };
    if text.chars().count() > most {
        return Err(too_long);
    }
    if has_special(text) {
        return Err(special);
    }
    Ok(Some(text.to_owned()))
}

/// True for text with a character that the bank takes nowhere.
pub(crate) fn has_special(text: &str) -> bool {
    text.contains(['\'', '"', '%'])
}

/// A node such as `ATMParam`; empty when it is absent or an empty array (both were made by working
/// clients).
pub(crate) fn node(fields: &Map<String, Value>, name: &str) -> Result<Map<String, Value>, Code> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(node)) => Ok(node.clone()),
        Some(Value::Array(items)) if items.is_empty() => Ok(Map::new()),
        Some(Value::String(_) | Value::Bool(_) | Value::Number(_) | Value::Array(_)) => Err("E3501"),
    }
}

/// The order number of a service that needs one: E0300 absent, E0301 longer than 50, E0303 special
/// characters.
pub(crate) fn order_no(fields: &Map<String, Value>) -> Result<&str, Code> {
    let number = text(fields, "OrderNo")?.ok_or("E0300")?;
    if number.chars().count() > 50 {
        return Err("E0301");
    }
    if has_special(number) {
        return Err("E0303");
    }
    Ok(number)
}

/// A pair of minutes, both or none.
pub(crate) fn minutes(
    fields: &Map<String, Value>,
    names: (&str, &str),
    codes: PairCodes,
) -> Result<Option<(BankTime, BankTime)>, Code> {
    let read = |name: &str, wrong: Code| match text(fields, name)? {
        None => Ok(None),
        Some(text) => BankTime::from_minute(text).map(Some).ok_or(wrong),
    };
    let from = read(names.0, codes.from)?;
    let to = read(names.1, codes.to)?;
    match (from, to) {
        (None, None) => Ok(None),
        (Some(from), Some(to)) if from <= to => Ok(Some((from, to))),
        (Some(_), Some(_)) => Err(codes.order),
        (Some(_), None) | (None, Some(_)) => Err(codes.both),
    }
}

/// What a wrong pair of minutes is answered.
#[derive(Clone, Copy)]
pub(crate) struct PairCodes {
    pub(crate) from: Code,
    pub(crate) to: Code,
    pub(crate) both: Code,
    pub(crate) order: Code,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn numbers_may_be_text_but_nothing_else() {
        for (value, expected) in [
            (json!(50000), Ok(Some(50_000))),
            (json!("50000"), Ok(Some(50_000))),
            (json!(""), Ok(None)),
            (json!(null), Ok(None)),
            (json!("+1"), Err("X")),
            (json!(" 1"), Err("X")),
            (json!("１００"), Err("X")),
            (json!(-100), Err("X")),
            (json!(1.5), Err("X")),
            (json!(1_000_000_000), Err("X")),
            (json!("99999999999999999999"), Err("X")),
            (json!(true), Err("X")),
            (json!([1]), Err("X")),
        ] {
            assert_eq!(number(&fields(&json!({"n": value})), "n", "X"), expected, "{value}");
        }
        assert_eq!(number(&fields(&json!({})), "n", "X"), Ok(None));
    }

    #[test]
    fn lengths_are_characters() {
        let long = "存".repeat(31);
        let read = |text: &str| limited(&fields(&json!({"t": text})), "t", 30, "L", "S");
        assert_eq!(read(&long), Err("L"));
        assert_eq!(read(&"存".repeat(30)).unwrap().unwrap().chars().count(), 30);
        for special in ["'", "\"", "%"] {
            assert_eq!(read(special), Err("S"));
        }
        assert_eq!(read("  "), Ok(None));
        assert_eq!(text(&fields(&json!({"t": 1})), "t"), Err("E3501"));
    }
}
