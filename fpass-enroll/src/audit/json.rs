//! One line of `journalctl --output=json`: an object whose values are texts, arrays of bytes for what is
//! not printable, null for what is too large, or arrays of these for a field that comes more than once.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// What a field of an entry holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// Text, given as such or as its bytes.
    Text(String),
    /// Anything else: bytes that are no text, null, a repeated field, a number.
    Other,
}

/// The fields of an entry. An object that names one twice is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object(pub(crate) BTreeMap<String, Value>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some((name, value)) = map.next_entry()? {
                    if fields.insert(name, value).is_some() {
                        return Err(A::Error::custom("a field is named twice"));
                    }
                }
                Ok(Object(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Content)
    }
}

struct Content;

impl<'de> Visitor<'de> for Content {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a journal field")
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut bytes = Some(Vec::new());
        while let Some(item) = items.next_element::<Item>()? {
            match (item, &mut bytes) {
                (Item::Byte(byte), Some(bytes)) => bytes.push(byte),
                _ => bytes = None,
            }
        }
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(text.map_or(Value::Other, Value::Text))
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Value, A::Error> {
        Err(A::Error::custom("a journal field is no object"))
    }
}

/// One element of an array.
#[derive(Deserialize)]
#[serde(untagged)]
enum Item {
    Byte(u8),
    Repeated(serde::de::IgnoredAny),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<BTreeMap<String, Value>> {
        serde_json::from_str::<Object>(text).ok().map(|object| object.0)
    }

    #[test]
    fn what_is_no_entry_is_refused() {
        for text in [
            "",
            "[]",
            "\"x\"",
            "{\"A\":1",
            "{\"A\":\"1\",\"A\":\"2\"}",
            "{\"A\":\"1\"} {}",
            "{\"A\":{}}",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_form_of_a_field_is_told_apart() {
        let text = |text: &str| Value::Text(text.to_owned());
        for (form, expected) in [
            ("\"a\\nb\"", text("a\nb")),
            ("[97,195,164]", text("aä")),
            ("[]", text("")),
            ("[255]", Value::Other),
            ("null", Value::Other),
            ("[\"a\",\"b\"]", Value::Other),
            ("[97,\"b\"]", Value::Other),
            ("[256]", Value::Other),
            ("[[97],[98]]", Value::Other),
            ("1", Value::Other),
            ("true", Value::Other),
        ] {
            let fields = parse(&format!("{{\"FPASS_A\":{form}}}")).unwrap();
            assert_eq!(fields["FPASS_A"], expected, "{form}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in ".{0,80}") {
            parse(&text);
            parse(&format!("{{\"A\":{text}}}"));
        }
    }
}
