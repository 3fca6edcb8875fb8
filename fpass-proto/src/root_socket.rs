//! `Verify` on the socket for root: one request and one answer on each connection.
//!
//! Both consist of UTF-8 fields, each ended by a zero byte.

use crate::{Refusal, Verdict};

/// Size of the longest request, in bytes.
pub const REQUEST_MAX: usize = 1024;
/// Size of the longest answer, in bytes.
pub const ANSWER_MAX: usize = 256;
/// Number of fields of a request.
const FIELDS: usize = 6;
/// First field of a request: the version of this contract.
const VERSION: &str = "1";

/// The arguments of `Verify`. The daemon validates them, as it does on the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifyRequest<'a> {
    /// Number of the user to be recognised.
    pub uid: u32,
    /// Name of that user.
    pub user: &'a str,
    /// PAM service.
    pub service: &'a str,
    /// Terminal, or empty.
    pub terminal: &'a str,
    /// Longest time that the caller waits, in milliseconds.
    pub timeout_ms: u32,
}

impl<'a> VerifyRequest<'a> {
    /// The request in bytes. A zero byte in a text makes a request that [`parse`](Self::parse)
    /// refuses.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { uid, user, service, terminal, timeout_ms } = self;
        format!("{VERSION}\0{uid}\0{user}\0{service}\0{terminal}\0{timeout_ms}\0").into_bytes()
    }

    /// Whether these bytes contain all fields of a request.
    #[must_use]
    pub fn is_complete(bytes: &[u8]) -> bool {
        bytes.iter().filter(|byte| **byte == 0).count() >= FIELDS
    }

    /// Reads a request; `None` if these bytes are not exactly one.
    #[must_use]
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        if bytes.len() > REQUEST_MAX {
            return None;
        }
        let text = str::from_utf8(bytes).ok()?.strip_suffix('\0')?;
        let mut fields = text.split('\0');
        let mut next = || fields.next();
        let (version, uid, user) = (next()?, next()?, next()?);
        let (service, terminal, timeout_ms) = (next()?, next()?, next()?);
        if version != VERSION || next().is_some() {
            return None;
        }
        let (uid, timeout_ms) = (uid.parse().ok()?, timeout_ms.parse().ok()?);
        Some(Self { uid, user, service, terminal, timeout_ms })
    }
}

/// An answer in bytes.
#[must_use]
pub fn answer_to_bytes(answer: Result<Verdict, Refusal>) -> Vec<u8> {
    let word = answer.map_or_else(Refusal::error_name, Verdict::as_str);
    format!("{word}\0").into_bytes()
}

/// Reads an answer; `None` if these bytes are not exactly one.
#[must_use]
pub fn parse_answer(bytes: &[u8]) -> Option<Result<Verdict, Refusal>> {
    let word = str::from_utf8(bytes).ok()?.strip_suffix('\0')?;
    match Verdict::parse(word) {
        Some(verdict) => Some(Ok(verdict)),
        None => Refusal::from_error_name(word).map(Err),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: VerifyRequest<'_> =
        VerifyRequest { uid: 1000, user: "alice", service: "sudo", terminal: "", timeout_ms: 5000 };

    #[test]
    fn a_request_is_read_as_it_was_written() {
        let bytes = REQUEST.to_bytes();
        assert_eq!(VerifyRequest::parse(&bytes), Some(REQUEST));
        for end in 0..bytes.len() {
            let part = &bytes[..end];
            assert_eq!(VerifyRequest::parse(part), None, "{part:?}");
            assert!(!VerifyRequest::is_complete(part), "{part:?}");
        }
        assert!(VerifyRequest::is_complete(&bytes));
    }

    #[test]
    fn what_is_not_exactly_one_request_is_refused() {
        for user in ["a\0b", &"a".repeat(REQUEST_MAX)] {
            let bytes = VerifyRequest { user, ..REQUEST }.to_bytes();
            assert_eq!(VerifyRequest::parse(&bytes), None, "{user:?}");
        }
        for text in [
            "2\x001000\0alice\0sudo\0\x005000\0",
            "1\x00-1\0alice\0sudo\0\x005000\0",
            "1\x004294967296\0alice\0sudo\0\x005000\0",
            "1\x001000\0alice\0sudo\0\0soon\0",
            "1\x001000\0alice\0sudo\0\x005000\0more",
            "1\x001000\0alice\0sudo\0\x005000\0\0",
        ] {
            assert_eq!(VerifyRequest::parse(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(VerifyRequest::parse(b"1\x001000\0\xff\0sudo\0\x005000\0"), None);
    }

    #[test]
    fn every_answer_is_read_as_it_was_written_and_nothing_else_is() {
        let answers = [Verdict::Match, Verdict::NoMatch].map(Ok);
        for answer in answers.into_iter().chain(Refusal::ALL.iter().copied().map(Err)) {
            let bytes = answer_to_bytes(answer);
            assert!(bytes.len() <= ANSWER_MAX, "{answer:?}");
            assert_eq!(parse_answer(&bytes), Some(answer));
            assert_eq!(parse_answer(&bytes[..bytes.len() - 1]), None, "{answer:?}");
            assert_eq!(parse_answer(&[&bytes[..], &bytes[..]].concat()), None, "{answer:?}");
        }
        for bytes in [&b""[..], b"\0", b"match", b"MATCH\0", b"match\0\0", b"\xff\0"] {
            assert_eq!(parse_answer(bytes), None, "{bytes:?}");
        }
    }
}
