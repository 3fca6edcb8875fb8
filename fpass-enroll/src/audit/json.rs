//! One line of `journalctl --output=json`: an object. A value is a text, an array of bytes when it
//! is not printable, null when it is too large, or an array of these when the field is repeated.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FieldValue {
    /// Text, given as a string or as bytes.
    Text(String),
    /// Anything else: bytes that are not UTF-8, null, a repeated field, a number.
    Other,
}

/// The fields of an entry. An object that names a field twice is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JournalFields(pub(crate) BTreeMap<String, FieldValue>);

impl<'de> Deserialize<'de> for JournalFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;
        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = JournalFields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JournalFields, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some((name, value)) = map.next_entry()? {
                    if fields.insert(name, value).is_some() {
                        return Err(A::Error::custom("a field is named twice"));
                    }
                }
                Ok(JournalFields(fields))
            }
        }
        deserializer.deserialize_map(FieldsVisitor)
    }
}

impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = FieldValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a journal field")
    }

    fn visit_str<E>(self, text: &str) -> Result<FieldValue, E> {
        Ok(FieldValue::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<FieldValue, E> {
        Ok(FieldValue::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<FieldValue, E> {
        Ok(FieldValue::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<FieldValue, E> {
        Ok(FieldValue::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<FieldValue, E> {
        Ok(FieldValue::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<FieldValue, E> {
        Ok(FieldValue::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<FieldValue, A::Error> {
        let mut bytes = Some(Vec::new());
        while let Some(item) = items.next_element::<ArrayItem>()? {
            match (item, &mut bytes) {
                (ArrayItem::Byte(byte), Some(bytes)) => bytes.push(byte),
                _ => bytes = None,
            }
        }
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(text.map_or(FieldValue::Other, FieldValue::Text))
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<FieldValue, A::Error> {
        Err(A::Error::custom("a journal field is not an object"))
    }
}

/// One element of an array.
#[derive(Deserialize)]
#[serde(untagged)]
enum ArrayItem {
    Byte(u8),
    Repeated(serde::de::IgnoredAny),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<BTreeMap<String, FieldValue>> {
        serde_json::from_str::<JournalFields>(text).ok().map(|object| object.0)
    }

    #[test]
    fn malformed_entries_are_refused() {
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
        let text = |text: &str| FieldValue::Text(text.to_owned());
        for (form, expected) in [
            ("\"a\\nb\"", text("a\nb")),
            ("[97,195,164]", text("aä")),
            ("[]", text("")),
            ("[255]", FieldValue::Other),
            ("null", FieldValue::Other),
            ("[\"a\",\"b\"]", FieldValue::Other),
            ("[97,\"b\"]", FieldValue::Other),
            ("[256]", FieldValue::Other),
            ("[[97],[98]]", FieldValue::Other),
            ("1", FieldValue::Other),
            ("true", FieldValue::Other),
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
