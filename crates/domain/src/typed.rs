//! What a person types, before it is checked.
//!
//! Promise: a text without a visible character is empty. Left out: lengths and control characters,
//! which each field checks itself.

/// Without the blanks at its ends; empty when nothing of it can be seen.
pub fn trimmed(typed: &str) -> &str {
    let text = typed.trim();
    if text.chars().all(is_unseen) { "" } else { text }
}

/// Blank, or of no width: soft hyphens, joiners, marks of direction, variation selectors, fillers,
/// the blank of Braille, and the mark that begins a file.
const fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_empty() {
        for blank in ["", " \u{3000}", "\u{feff}", "\u{200b}\u{200d} \u{2060}", "\u{3164}", "\u{2800}\u{ad}"]
        {
            assert_eq!(trimmed(blank), "", "{blank:?}");
        }
        // within a text they stay: an emoji is made of several
        for text in ["包裝破損", "👨\u{200d}👩", "❤\u{fe0f}", "a\u{200b}b"] {
            assert_eq!(trimmed(&format!(" {text}\u{3000}")), text);
        }
        assert_eq!(trimmed("\u{7}"), "\u{7}", "each field refuses control characters with their place");
    }
}
