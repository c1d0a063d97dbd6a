//! A customer: what a person typed about who buys and why. Nothing else of the program holds it:
//! orders, audit, evidence and the bank know a customer by id only, so that it can be erased while
//! the books stay (product, "Personal data").

use crate::ids::CustomerId;
use crate::typed::trimmed;

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
