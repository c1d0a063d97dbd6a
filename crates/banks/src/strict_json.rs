//! Reads JSON and refuses a repeated name in an object, at every depth. The usual reader takes the
//! last one, so we could verify one value and use another.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The value, members in their order. `None` for anything else than one JSON value: bad UTF-8, a
/// byte order mark, a name twice, something behind it, or deeper than 128.
pub(crate) fn parse(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice::<Once>(bytes).ok().map(|once| once.0)
}

struct Once(Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Reader.deserialize(deserializer).map(Self)
    }
}

#[derive(Clone, Copy)]
struct Reader;

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(self)?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn reads_what_the_usual_reader_reads() {
        let text = r#"{"b":[1,-2,3.5,true,null,"é\n"],"a":{"x":{}}}"#;
        assert_eq!(parse(text.as_bytes()).map(|v| v.to_string()), Some(text.to_owned()));
    }

    #[test]
    fn refuses_names_twice_marks_tails_and_depth() {
        for bad in [
            r#"{"a":1,"a":1}"#.to_owned(),
            r#"{"o":{"a":1,"b":2,"a":3}}"#.to_owned(),
            r#"[{"a":1,"\u0061":2}]"#.to_owned(),
            "\u{feff}{}".to_owned(),
            "{} {}".to_owned(),
            r#"{"a":"#.to_owned(),
            String::new(),
            "[".repeat(10_000),
        ] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad:.20}");
        }
        assert_eq!(parse(b"{\"a\":\"\xff\"}"), None);
    }
}
