//! The fields of one record, and the bytes that are hashed.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{HASH, Hash, MESSAGE, PREFIX};

/// First bytes of the hashed text: a name and the version of the encoding.
const MAGIC: &[u8; 6] = b"FPAUD\x01";

/// Why a field is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FieldError {
    /// The journal would not accept the name, or it lacks the prefix of F-pass.
    #[error("a field name may contain only capital letters, digits and underscores")]
    Name,
    /// The record already has a field with this name.
    #[error("the record has this field twice")]
    Twice,
}

/// The fields of one record, each once. A value is any text: line breaks, and text that looks like
/// another field, are part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Adds a field.
    ///
    /// # Errors
    /// Why the field is not accepted; the record is then unchanged.
    pub fn add(&mut self, name: &str, value: impl Into<String>) -> Result<(), FieldError> {
        if !is_name(name) {
            return Err(FieldError::Name);
        }
        if self.0.contains_key(name) {
            return Err(FieldError::Twice);
        }
        self.0.insert(name.to_owned(), value.into());
        Ok(())
    }

    /// The value of a field.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All fields, ordered by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// SHA-256 over the canonical encoding: the magic bytes, the number of fields without [`HASH`],
    /// then length and bytes of each name and value, ordered by the bytes of the name. Numbers are
    /// 64-bit little-endian.
    #[must_use]
    pub fn digest(&self) -> Hash {
        let hashed = || self.iter().filter(|(name, _)| *name != HASH);
        let mut hasher = Sha256::new();
        hasher.update(MAGIC);
        hasher.update((hashed().count() as u64).to_le_bytes());
        for text in hashed().flat_map(|(name, value)| [name, value]) {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        Hash(hasher.finalize().into())
    }
}

/// Whether a journal field belongs to a record: the sentence, or a field with the prefix.
fn is_name(name: &str) -> bool {
    let ours = |name: &str| {
        !name.is_empty()
            && name.len() <= 58
            && name.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_'))
    };
    name == MESSAGE || name.strip_prefix(PREFIX).is_some_and(ours)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        let mut fields = Fields::default();
        for (name, value) in pairs {
            fields.add(name, *value).unwrap();
        }
        fields
    }

    #[test]
    fn foreign_and_duplicate_names_are_refused() {
        let mut fields = fields(&[("FPASS_UID", "1")]);
        assert_eq!(fields.add("FPASS_UID", "2"), Err(FieldError::Twice));
        let long = format!("FPASS_{}", "A".repeat(59));
        for name in ["", "FPASS_", "UID", "_UID", "FPASS_uid", "FPASS_A=B", "FPASS_A\n", &long] {
            assert_eq!(fields.add(name, ""), Err(FieldError::Name), "{name:?}");
        }
        assert_eq!(fields.value("FPASS_UID"), Some("1"));
    }

    #[test]
    fn no_value_can_imitate_another_field() {
        let plain = fields(&[("FPASS_SERVICE", "sudo"), ("FPASS_UID", "0")]);
        for hostile in ["sudo\nFPASS_UID=0", "sudo\0FPASS_UID\0", "sudoFPASS_UID0"] {
            assert_ne!(fields(&[("FPASS_SERVICE", hostile)]).digest(), plain.digest());
        }
        let moved = fields(&[("FPASS_SERVICE", "sudo0"), ("FPASS_UID", "")]);
        assert_ne!(moved.digest(), plain.digest());
        let empty = fields(&[("FPASS_SERVICE", "sudo"), ("FPASS_UID", "0"), ("FPASS_TTY", "")]);
        assert_ne!(empty.digest(), plain.digest(), "an empty field is not a missing one");
    }

    #[test]
    fn the_encoding_is_the_documented_one() {
        let with_hash = fields(&[("FPASS_A", "x"), (HASH, "y"), (MESSAGE, "é")]);
        let mut bytes = b"FPAUD\x01".to_vec();
        bytes.extend(2_u64.to_le_bytes());
        for text in ["FPASS_A", "x", "MESSAGE", "é"] {
            bytes.extend((text.len() as u64).to_le_bytes());
            bytes.extend(text.as_bytes());
        }
        assert_eq!(with_hash.digest().0, <[u8; 32]>::from(Sha256::digest(&bytes)));
    }

    proptest! {
        #[test]
        fn the_order_does_not_matter_and_any_difference_does(
            values in proptest::collection::btree_map("[A-Z]{1,3}", ".{0,5}", 1..6),
            other in ".{0,5}",
        ) {
            let mut forwards = Fields::default();
            let mut backwards = Fields::default();
            for (name, value) in &values {
                forwards.add(&format!("FPASS_{name}"), value.as_str()).unwrap();
            }
            for (name, value) in values.iter().rev() {
                backwards.add(&format!("FPASS_{name}"), value.as_str()).unwrap();
            }
            prop_assert_eq!(forwards.digest(), backwards.digest());
            let mut changed = Fields::default();
            for (index, (name, value)) in values.iter().enumerate() {
                let value = if index == 0 { other.as_str() } else { value };
                changed.add(&format!("FPASS_{name}"), value).unwrap();
            }
            let same = values.values().next() == Some(&other);
            prop_assert_eq!(changed.digest() == forwards.digest(), same);
        }
    }
}
