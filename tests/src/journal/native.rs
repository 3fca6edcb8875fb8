//! One datagram of journald's native protocol, as an object of `journalctl --output=json`.

use serde_json::{Map, Value};

/// The fields, without names that no sender may use. `None` for a malformed entry.
pub(super) fn entry(mut bytes: &[u8]) -> Option<Map<String, Value>> {
    let mut entry = Map::new();
    while !bytes.is_empty() {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let (line, rest) = bytes.split_at_checked(end)?;
        let rest = rest.get(1..)?;
        let (name, value, rest) = match line.iter().position(|byte| *byte == b'=') {
            Some(equals) => (line.get(..equals)?, line.get(equals + 1..)?, rest),
            None => {
                let (length, rest) = rest.split_first_chunk()?;
                let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
                let (value, rest) = rest.split_at_checked(length)?;
                (line, value, rest.strip_prefix(b"\n")?)
            }
        };
        let name = String::from_utf8(name.to_vec()).ok()?;
        if !name.is_empty() && !name.starts_with('_') {
            put(&mut entry, name, shown(value));
        }
        bytes = rest;
    }
    (!entry.is_empty()).then_some(entry)
}

/// A repeated field becomes a list.
fn put(entry: &mut Map<String, Value>, name: String, value: Value) {
    match entry.remove(&name) {
        None => entry.insert(name, value),
        Some(Value::Array(mut values)) if values.iter().all(|value| !value.is_number()) => {
            values.push(value);
            entry.insert(name, Value::Array(values))
        }
        Some(first) => entry.insert(name, Value::Array(vec![first, value])),
    };
}

/// Text as text, anything else as the list of its bytes.
fn shown(value: &[u8]) -> Value {
    let printable = |c: char| c == '\n' || c == '\t' || !c.is_control();
    match std::str::from_utf8(value) {
        Ok(text) if text.chars().all(printable) => Value::from(text),
        _ => Value::from(value.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_field_are_read_and_trusted_names_are_not() {
        let mut bytes = b"PRIORITY=5\n_UID=0\nFPASS_LABEL\n\x05\0\0\0\0\0\0\0a\nB=c\n".to_vec();
        bytes.extend(b"A=1\nA=2\nX=\x1b\n");
        let entry = Value::Object(entry(&bytes).unwrap());
        let expected = r#"{"A":["1","2"],"FPASS_LABEL":"a\nB=c","PRIORITY":"5","X":[27]}"#;
        assert_eq!(entry.to_string(), expected);
    }

    #[test]
    fn what_is_cut_is_no_entry() {
        for bytes in [&b""[..], b"A", b"A\n\x05\0\0\0\0\0\0\0abc", b"A\n\x01\0\0\0\0\0\0\0ab"] {
            assert_eq!(entry(bytes), None, "{bytes:?}");
        }
    }
}
