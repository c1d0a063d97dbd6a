//! What a person types, before it is checked.
//!
//! Promise: a text without a visible character is empty, and two texts that differ in width, case,
//! blanks or invisible characters alone have one key. Letters of other alphabets that look alike
//! have keys of their own: [`look_alike`] compares them. Left out: lengths and control characters,
//! which each field checks itself.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_security::skeleton;

/// Without the blanks at its ends; empty when nothing of it can be seen.
pub fn trimmed(typed: &str) -> &str {
    let text = typed.trim();
    if text.chars().all(is_unseen) { "" } else { text }
}

/// What is left of a text when width, case, blanks and what cannot be seen do not count. **Data
/// files keep the keys of people: whoever changes it must rebuild them.**
///
/// ```
/// use counterfoil_domain::typed::key;
///
/// assert_eq!(key(" Ｏwn\u{200b}er　"), "owner");
/// ```
pub fn key(typed: &str) -> String {
    // an accent behind an invisible character joins its letter only once that is gone
    let seen: String = typed.chars().filter(|c| !is_unseen(*c)).collect();
    let folded = seen.nfkc().flat_map(char::to_lowercase).collect::<String>();
    let seen: String = folded.nfkc().filter(|c| !is_unseen(*c)).collect();
    seen.nfkc().collect()
}

/// Whether a person could take one text for the other: Unicode's confusables (UTS 39), whatever
/// the case, and without accents and punctuation. Cyrillic `а` is Latin `a`, a capital I is a small
/// l, and `Bob.` is Bob.
pub fn look_alike(one: &str, other: &str) -> bool {
    // a capital and its small letter look like different ones: Greek Η like H, and η like n
    let looks: [fn(&str) -> String; 3] = [str::to_owned, str::to_uppercase, key];
    looks.iter().any(|cased| lower_skeleton(&cased(one)) == lower_skeleton(&cased(other)))
}

fn lower_skeleton(text: &str) -> String {
    let seen: String = text.chars().filter(|c| !is_unseen(*c)).nfkd().collect();
    // the marks of Japanese make another letter, as が of か
    let is_accent = |c: char| is_combining_mark(c) && !matches!(c, '\u{3099}' | '\u{309a}');
    let told = |c: &char| c.is_alphanumeric() || matches!(c, '\u{3099}' | '\u{309a}');
    let plain: String = seen.chars().filter(|c| told(c) && !is_accent(*c)).nfkc().collect();
    // a name of signs alone is what it is
    let text = if plain.is_empty() { seen } else { plain };
    skeleton(&text).flat_map(char::to_lowercase).collect()
}

/// Where a text holds a character that can be neither seen nor counted, from 1: a control, a mark
/// of direction, a joiner, or a blank other than the usual two. A variant of a Chinese character is
/// one that can be seen.
pub fn unseen_place(text: &str) -> Option<usize> {
    let is_variant = |c| matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
    let is_blank = |c| matches!(c, ' ' | '\u{3000}');
    let hidden = |c: char| c.is_control() || is_unseen(c) && !is_variant(c) && !is_blank(c);
    text.chars().position(hidden).map(|at| at + 1)
}

/// Blank, or of no width (Unicode's `Default_Ignorable_Code_Point`): soft hyphens, joiners, marks
/// of direction, variation selectors, fillers; the blank of Braille, and notes between lines.
const fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_that_look_alike_have_one_key() {
        for (one, other) in [
            ("林小姐", "林 小\u{3000}姐"),
            ("owner", "ＯＷＮＥＲ"),
            ("Amy", "a\u{200d}m\u{ad}y"),
            ("é", "E\u{200b}\u{301}"),
            ("ｱﾐ", "アミ"),
            ("①", "1"),
            ("…", "..."),
            ("\u{3164}林\u{ffa0}", "林"),
        ] {
            assert_eq!(key(one), key(other), "{one} {other}");
        }
        assert_eq!(["", " \u{3000}", "\u{200b}"].map(key), ["", "", ""]);
        assert_ne!(key("林"), key("材"));
    }

    #[test]
    fn letters_of_other_alphabets_look_alike() {
        for (one, other) in [
            ("Amy", "Аmу"),
            ("Helen", "ΗΕLΕΝ"),
            ("owner", "оwner"),
            ("Amyl", "AmyI"),
            ("Bill", "BiI1"),
            ("口", "ロ"),
            ("土", "士"),
            ("林 小姐", "林小姐"),
            ("Bob", "Bob."),
            ("Bob", "B-o'b"),
            ("Zoe", "Zoë"),
            ("林", "林\u{323}"),
            ("Amy", "A\u{300}my"),
        ] {
            assert!(look_alike(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("Amy", "Any"),
            ("林", "材"),
            ("王小明", "王小民"),
            ("店員1", "店員2"),
            ("美", "羙"),
            ("か", "が"),
            ("!", "?"),
        ] {
            assert!(!look_alike(one, other), "{one} {other}");
        }
    }

    #[test]
    fn what_is_hidden_in_a_text_has_a_place() {
        for hidden in
            ["\u{202e}", "\u{200b}", "\u{200d}", "\u{2066}", "\u{ad}", "\u{2028}", "\u{3164}", "\u{7}"]
        {
            assert_eq!(unseen_place(&format!("林{hidden}小")), Some(2), "{hidden:?}");
        }
        for fine in ["林 小\u{3000}姐", "葛\u{e0100}城", "Zoë", "❤\u{fe0f}"] {
            assert_eq!(unseen_place(fine), None, "{fine}");
        }
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key(text in any::<String>(), more in "\\PC{0,20}") {
            for text in [text, more] {
                let once = key(&text);
                prop_assert_eq!(key(&once), once);
            }
        }
    }

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
