//! The JSON of NewPos (ctbc.md 5.1): one flat object, text values, no blanks, no escapes. Read and
//! written by hand.
//!
//! A value with a quotation mark, a backslash or a control character cannot be said in it; when
//! writing, such characters are left out.

/// The members of a message, in order.
#[derive(Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a whole message; `None` for anything else than one flat object without repeated names.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut rest = text.strip_prefix('{')?.strip_suffix('}')?;
        loop {
            let (name, tail) = rest.strip_prefix('"')?.split_once('"')?;
            let (value, tail) = tail.strip_prefix(":\"")?.split_once('"')?;
            let repeated = fields.iter().any(|field| field.0 == name);
            if name.is_empty() || repeated || !sayable(name) || !sayable(value) {
                return None;
            }
            fields.push((name.to_owned(), value.to_owned()));
            if tail.is_empty() {
                return Some(Self(fields));
            }
            rest = tail.strip_prefix(',')?;
        }
    }

    /// The message as text.
    pub(crate) fn write(&self) -> String {
        let clean = |text: &str| text.chars().filter(|letter| can_be_said(*letter)).collect::<String>();
        let members: Vec<String> =
            self.0.iter().map(|(name, value)| format!("\"{}\":\"{}\"", clean(name), clean(value))).collect();
        format!("{{{}}}", members.join(","))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|field| field.0 == name).map(|field| field.1.as_str())
    }

    /// A member's value; empty when it is absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// Adds a member at the end.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// Changes a member that is there.
    pub(crate) fn change(&mut self, name: &str, edit: impl FnOnce(&mut String)) {
        if let Some(field) = self.0.iter_mut().find(|field| field.0 == name) {
            edit(&mut field.1);
        }
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|field| field.0.as_str())
    }

    /// Repeats the first member at the end.
    pub(crate) fn repeat_first(&mut self) {
        self.0.extend(self.0.first().cloned());
    }
}

fn sayable(text: &str) -> bool {
    text.chars().all(can_be_said)
}

fn can_be_said(letter: char) -> bool {
    !letter.is_control() && letter != '"' && letter != '\\'
}

/// `901 amt 0`: the amount in whole dollars, or `None` for another currency, exponent or form.
pub(crate) fn dollars(triplet: &str) -> Option<i64> {
    let mut parts = triplet.split(' ');
    let (currency, amount, exponent) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = (1..=8).contains(&amount.len()) && amount.bytes().all(|byte| byte.is_ascii_digit());
    if currency != "901" || exponent != "0" || parts.next().is_some() || !digits {
        return None;
    }
    amount.parse().ok().filter(|amount| (0..=10_000_000).contains(amount))
}

/// Whole dollars as a triplet.
pub(crate) fn triplet(dollars: i64) -> String {
    format!("901 {dollars} 0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_flat_object_of_texts_is_read() {
        let read = Fields::read(r#"{"A":"1","B-C":"許功蓋 {,}:"}"#).unwrap();
        assert_eq!((read.text("A"), read.text("B-C"), read.get("D")), ("1", "許功蓋 {,}:", None));
        assert_eq!(read.write(), r#"{"A":"1","B-C":"許功蓋 {,}:"}"#);
        for wrong in [
            "",
            "{}",
            r#"{"A":1}"#,
            r#"{"A": "1"}"#,
            r#"{"A":"1", "B":"2"}"#,
            r#"{"A":"1","A":"2"}"#,
            r#"{"A":"1"},"#,
            r#"{"A":"1",}"#,
            r#"{"A":"\u0031"}"#,
            r#"{"A":"1"} "#,
            "{\"A\":\"\n\"}",
            r#"{"":"1"}"#,
            r#"{"A":{"B":"1"}}"#,
        ] {
            assert!(Fields::read(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn what_cannot_be_said_is_left_out() {
        let mut fields = Fields::default();
        fields.add("A", "a\"b\\c\nd");
        assert_eq!(fields.write(), r#"{"A":"abcd"}"#);
    }

    #[test]
    fn amounts_are_triplets_of_dollars() {
        assert_eq!(dollars("901 100 0"), Some(100));
        assert_eq!(dollars("901 10000000 0"), Some(10_000_000));
        for wrong in [
            "",
            "100",
            "840 100 0",
            "901 100 2",
            "901 100 -2",
            "901  100 0",
            "901 100 0 0",
            "901 +1 0",
            "901 10000001 0",
        ] {
            assert_eq!(dollars(wrong), None, "{wrong}");
        }
        assert_eq!(triplet(1680), "901 1680 0");
    }
}
