//! Text on its way to a terminal: whoever typed it, it commands nothing there and turns no line
//! around.

use std::fmt::Write as _;

use serde_json::Value;

/// For a person to read: each such character is shown as the one for "unreadable". Ends of lines
/// stay.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c != '\n' && commands(c) { '\u{fffd}' } else { c }).collect()
}

/// For a program to read: the same value, with each such character written as its number.
pub fn json_line(value: &Value) -> String {
    let mut line = String::new();
    for c in value.to_string().chars() {
        if commands(c) {
            // a text takes everything
            let _ = write!(line, "\\u{:04x}", u32::from(c));
        } else {
            line.push(c);
        }
    }
    line
}

/// A control, or a mark of direction. All of them are below U+10000.
fn commands(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\u{1b}[31mb\u{9b}2Jc\u{202e}d\u{7f}e\u{2066}f\rg";

    #[test]
    fn nothing_that_is_shown_commands_a_terminal() {
        assert_eq!(plain(HOSTILE), "a\u{fffd}[31mb\u{fffd}2Jc\u{fffd}d\u{fffd}e\u{fffd}f\u{fffd}g");
        assert_eq!(plain("王小明\n👩‍👩‍👧"), "王小明\n👩‍👩‍👧");
    }

    #[test]
    fn a_line_of_json_is_the_same_value() {
        let value = serde_json::json!({ HOSTILE: [HOSTILE, "王小明 👩‍👩‍👧", 7] });
        let line = json_line(&value);
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), value);
        assert!(!line.chars().any(commands), "{line}");
        assert!(line.contains("王小明"));
    }
}
