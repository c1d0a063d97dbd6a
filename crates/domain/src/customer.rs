//! A customer: what a person typed about who buys and why. Nothing else of the program holds it:
//! orders, audit, evidence and the bank know a customer by id only, so that it can be erased while
//! the books stay (product, "Personal data").

use crate::ids::CustomerId;
use crate::typed::{key, trimmed};

/// Who buys, in the shop's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Ours.
    pub id: CustomerId,
    /// A name, or anything used as one; may be empty.
    pub name: String,
    /// Anything else; may be empty.
    pub note: String,
    /// Random. The audit knows name and note only by a digest with it, so a guess cannot be proved
    /// after both are erased. Zeros in rows of an older program, and of an erased customer.
    pub salt: [u8; 16],
}

impl Customer {
    /// Nothing is known: it was erased.
    pub fn is_erased(&self) -> bool {
        self.name.is_empty() && self.note.is_empty()
    }

    /// Name or note holds what was typed, or the name is that in another order.
    pub fn is_found_by(&self, typed: &str) -> bool {
        let holds = |fold: fn(&str) -> String| {
            let sought = fold(typed);
            !sought.is_empty() && [&self.name, &self.note].iter().any(|text| fold(text).contains(&sought))
        };
        // signs alone are looked for as they are
        holds(folded) || holds(unhyphened) || self.is_named(typed)
    }

    /// What was typed is the whole name, in any width, case, spacing and order of its words, with
    /// any dots and hyphens between them: given and family name change places.
    pub fn is_named(&self, typed: &str) -> bool {
        let name = folded_name(&self.name);
        let words: Vec<String> = parted(typed).map(folded).filter(|word| !word.is_empty()).collect();
        let turned = |at: usize| {
            let (end, begin) = words.split_at(at);
            [begin.concat(), end.concat()].concat()
        };
        !name.is_empty() && (name == folded_name(typed) || (1..words.len()).any(|at| name == turned(at)))
    }

    /// A text about something else names the customer: it holds the name, the note, or a word of
    /// either.
    pub fn is_named_in(&self, text: &str) -> bool {
        self.words().is_in(text)
    }

    /// A text about something else as whoever may not see names is shown it.
    pub fn hidden_in(&self, text: &str) -> String {
        if self.is_named_in(text) { masked(text) } else { text.to_owned() }
    }

    /// What names this customer and not the one of the right name and note.
    pub fn words_gone(&self, right: &Self) -> NamingWords {
        let NamingWords(mut words) = self.words();
        let stays = [&right.name, &right.note].map(|text| folded(text));
        words.retain(|word| !stays.iter().any(|text| text.contains(word)));
        NamingWords(words)
    }

    fn words(&self) -> NamingWords {
        let parts = [&self.name, &self.note].into_iter().flat_map(|of| {
            let of = of.as_str();
            std::iter::once(of).chain(parted(of)).map(folded)
        });
        let tells = |word: &String| word.chars().count() >= WORD_CHARS_MIN;
        // a whole name of one character too: what holds it may be about the customer
        let name = Some(folded(&self.name)).filter(|name| !name.is_empty());
        NamingWords(parts.filter(tells).chain(name).collect())
    }
}

/// A name of which only its ends are left: of Chinese names the first and the last character, of
/// Latin words the first letter, of numbers nothing.
pub fn masked(name: &str) -> String {
    let word = |word: &str| -> String {
        let characters: Vec<char> = word.chars().collect();
        let is_latin = |c: &char| c.is_ascii() || c.is_lowercase() || c.is_uppercase();
        match characters.as_slice() {
            [] | [_] => "○".to_owned(),
            [first, rest @ ..] if is_latin(first) => {
                let shown = if first.is_alphabetic() { first.to_string() } else { String::new() };
                shown + &"○".repeat(rest.len().clamp(1, 2))
            }
            [first, _] => format!("{first}○"),
            [first, hidden @ .., last] => {
                let last = if is_latin(last) { '○' } else { *last };
                format!("{first}{}{last}", "○".repeat(hidden.len()))
            }
        }
    };
    name.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

/// Words that name a customer, in any width, case and spacing.
pub struct NamingWords(Vec<String>);

impl NamingWords {
    /// Whether a text holds one of them.
    pub fn is_in(&self, text: &str) -> bool {
        let text = folded(text);
        self.0.iter().any(|word| text.contains(word))
    }
}

/// A single character of a longer name says too little.
const WORD_CHARS_MIN: usize = 2;

fn parted(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
}

/// As texts about customers are compared: hyphens, dots and commas between the parts of a name, and
/// apostrophes, do not count either. (The key has made full-width ones the usual ones.)
fn folded(text: &str) -> String {
    let all: Vec<char> = unhyphened(text).chars().collect();
    let is_digit = |at: Option<usize>| at.and_then(|at| all.get(at)).is_some_and(char::is_ascii_digit);
    // a point in a number is part of it
    let in_number = |at: usize| is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
    let counts = |(at, c): &(usize, &char)| !is_between_names(**c) || in_number(*at);
    all.iter().enumerate().filter(counts).map(|(_, c)| *c).collect()
}

/// The same of a whole name; one of such signs alone is what it is.
fn folded_name(text: &str) -> String {
    Some(folded(text)).filter(|name| !name.is_empty()).unwrap_or_else(|| unhyphened(text))
}

/// The dots of names: `·` of Taiwan, `・` of Japan, `‧` of Big5, and what is typed for them.
const fn is_between_names(c: char) -> bool {
    matches!(
        c,
        '.' | ','
            | '\''
            | '\u{b7}'
            | '\u{2018}'
            | '\u{2019}'
            | '\u{2022}'
            | '\u{2027}'
            | '\u{2219}'
            | '\u{22c5}'
            | '\u{2e31}'
            | '\u{3001}'
            | '\u{3002}'
            | '\u{30fb}'
    )
}

fn unhyphened(text: &str) -> String {
    key(text).chars().filter(|c| !matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')).collect()
}

/// The longest name.
pub const NAME_CHARS_MAX: usize = 60;
/// The longest note.
pub const NOTE_CHARS_MAX: usize = 200;

/// Which of the two texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomerField {
    /// [`Customer::name`]
    Name,
    /// [`Customer::note`]
    Note,
}

impl CustomerField {
    /// The most characters it takes.
    pub const fn chars_max(self) -> usize {
        match self {
            Self::Name => NAME_CHARS_MAX,
            Self::Note => NOTE_CHARS_MAX,
        }
    }
}

/// Why a name or note was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CustomerError {
    /// Longer than [`CustomerField::chars_max`]; the length is carried along.
    #[error("{field:?} has {chars} characters")]
    TooLong {
        /// Which text.
        field: CustomerField,
        /// How many characters were typed.
        chars: usize,
    },
    /// A control character (NUL, escape, line break …) at this place, counted from 1.
    #[error("{field:?} holds a control character at {place}")]
    Control {
        /// Which text.
        field: CustomerField,
        /// Which character, from 1.
        place: usize,
    },
}

/// Checks a name or note and takes the blanks off both ends.
///
/// # Errors
/// [`CustomerError`]; what was typed stays with the caller.
pub fn check_customer(field: CustomerField, typed: &str) -> Result<String, CustomerError> {
    let text = trimmed(typed);
    if let Some(place) = text.chars().position(char::is_control) {
        return Err(CustomerError::Control { field, place: place + 1 });
    }
    let chars = text.chars().count();
    if chars > field.chars_max() { Err(CustomerError::TooLong { field, chars }) } else { Ok(text.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_erased_customer_has_neither_name_nor_note() {
        let customer = |name: &str, note: &str| Customer {
            id: CustomerId::from_bytes([1; 16]),
            name: name.into(),
            note: note.into(),
            salt: [0; 16],
        };
        assert!(customer("", "").is_erased());
        assert!(!customer("林", "").is_erased() && !customer("", "外送").is_erased());
    }

    #[test]
    fn width_case_blanks_hyphens_and_signs_hide_no_customer() {
        let amy = Customer {
            id: CustomerId::from_bytes([1; 16]),
            name: "Amy Ｌin-王小明 100%_…".into(),
            note: "0912-345-678".into(),
            salt: [0; 16],
        };
        for typed in
            ["ａｍｙ", "amylin", "LIN 王", "王 小\u{200b}明", "100%", "%_", "…", "0912345678", "０９１２ 345"]
        {
            assert!(amy.is_found_by(typed), "{typed}");
        }
        for typed in ["", " ", "-", "王明", "0_12", "a%y"] {
            assert!(!amy.is_found_by(typed), "{typed}");
        }
        assert!(amy.is_named("amy lin王小明100％_..."));
        assert!(!amy.is_named("Amy Lin") && !Customer { name: String::new(), ..amy.clone() }.is_named(""));
        for text in ["給ＡＭＹ的蛋糕", "電話 0912 345 678", "lin王小明100%_…收"] {
            assert!(amy.is_named_in(text), "{text}");
        }
        assert!(!amy.is_named_in("凍頂烏龍"));
        let with_number = Customer { name: "陳小美/0911222333".into(), ..amy.clone() };
        assert!(with_number.is_named_in("陳小美的蛋糕") && with_number.is_named_in("0911222333"));
        let short = |name: &str, note: &str| Customer { name: name.into(), note: note.into(), ..amy.clone() };
        assert!(short("林", "").is_named_in("給林 的茶葉"), "a whole name is one of any length");
        assert!(short("Ａ", "").is_named_in("a的蛋糕"));
        assert!(
            !short("林 小明", "林").is_named_in("森林茶"),
            "one character of a longer name says too little"
        );
        assert!(!short("", "").is_named_in("茶葉"));
    }

    /// One name, however it is written: dots, widths, blanks, case, and which part comes first.
    #[test]
    fn dots_and_the_order_of_its_parts_make_no_other_name() {
        let customer = |name: &str| Customer {
            id: CustomerId::from_bytes([1; 16]),
            name: name.into(),
            note: String::new(),
            salt: [0; 16],
        };
        for (name, ways) in [
            (
                "尤瑪·達陸",
                &[
                    "尤瑪・達陸",
                    "尤瑪．達陸",
                    "尤瑪.達陸",
                    "尤瑪‧達陸",
                    "尤瑪•達陸",
                    "尤瑪 達陸",
                    "尤瑪達陸",
                    "達陸·尤瑪",
                ][..],
            ),
            ("Amy Lin", &["LIN AMY", "Lin, Amy", "ｌｉｎ，ａｍｙ", "amy.lin", "Amy-Lin", "AmyLin"]),
            ("Mary Ann O'Neill", &["O’Neill Mary Ann", "ONeill, Mary-Ann"]),
            ("王 小明", &["王小明", "小明 王"]),
        ] {
            for way in ways.iter().chain([&name]) {
                assert!(customer(name).is_named(way), "{name} {way}");
                assert!(customer(name).is_found_by(way), "{name} {way}");
            }
        }
        for (name, other) in
            [("Amy Lin", "Lin"), ("Amy Lin", "Amy Lin Chen"), ("王小明", "小明王"), ("", "·"), ("·", "‧")]
        {
            assert!(!customer(name).is_named(other), "{name} {other}");
        }
        assert!(customer("尤瑪·達陸").is_named_in("達陸．尤瑪的禮盒"));
        let with_number = Customer { note: "1.5".into(), ..customer("") };
        assert!(with_number.is_named_in("1.5 公斤") && !with_number.is_named_in("15 公斤"));
        assert!(customer("·").is_named("·"));
        // another script is another name: what erases says so
        assert!(!customer("歐陽娜娜").is_named("欧阳娜娜"));
    }

    #[test]
    fn what_a_correction_takes_away_is_what_the_right_name_does_not_hold() {
        let customer = |name: &str, note: &str| Customer {
            id: CustomerId::from_bytes([1; 16]),
            name: name.into(),
            note: note.into(),
            salt: [0; 16],
        };
        let gone = customer("王小民", "0912345678").words_gone(&customer("王小明", ""));
        assert!(gone.is_in("王 小民的蛋糕") && gone.is_in("0912-345-678"));
        assert!(!gone.is_in("王小明的蛋糕"));
        let gone = customer("王小明 0912345678", "").words_gone(&customer("王小明", ""));
        assert!(gone.is_in("０９１２３４５６７８") && !gone.is_in("王小明的蛋糕"));
    }

    #[test]
    fn names_and_notes() {
        use CustomerField::{Name, Note};
        assert_eq!(check_customer(Name, "　林小姐 0912 "), Ok("林小姐 0912".to_owned()));
        assert_eq!(check_customer(Note, ""), Ok(String::new()));
        for (field, max) in [(Name, 60), (Note, 200)] {
            assert_eq!(check_customer(field, &"林".repeat(max)).map(|t| t.chars().count()), Ok(max));
            let error = CustomerError::TooLong { field, chars: max + 1 };
            assert_eq!(check_customer(field, &"林".repeat(max + 1)), Err(error));
            assert_eq!(check_customer(field, "a\nb"), Err(CustomerError::Control { field, place: 2 }));
        }
    }
}
