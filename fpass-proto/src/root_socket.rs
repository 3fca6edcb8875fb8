//! `Verify` on the socket for root: on each connection one request, then prompts and one answer.
//!
//! All of them consist of UTF-8 fields, each ended by a zero byte. A prompt is one field, and so is
//! the answer, after which nothing follows.

use std::mem;

use crate::limits::PROMPTS_MAX;
use crate::{Prompt, Refusal, Verdict};

/// Size of the longest request, in bytes.
pub const REQUEST_MAX: usize = 1024;
/// Size of the longest answer, in bytes.
pub const ANSWER_MAX: usize = 256;
/// Most bytes that the module reads for one request: what is longer is no response.
pub const RESPONSE_MAX: usize = 64 << 10;
/// What a prompt begins with.
const PROMPT: &str = "prompt ";
/// Number of fields of a request.
const FIELDS: usize = 6;
/// First field of a request: the version of this contract.
const VERSION: &str = "2";

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

/// A prompt in bytes.
#[must_use]
pub fn prompt_to_bytes(prompt: Prompt) -> Vec<u8> {
    format!("{PROMPT}{}\0", prompt.as_str()).into_bytes()
}

/// Why a response has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseError {
    /// It ended before the answer.
    Missing,
    /// It is not a response of this version.
    Invalid,
}

/// A response of the daemon, read piece by piece.
///
/// A prompt that is unknown, too long or one too many is skipped. An unknown answer, and anything
/// after the answer, makes the response invalid.
#[derive(Debug, Default)]
pub struct Response {
    /// The field that has begun: at most [`ANSWER_MAX`] bytes of it.
    field: Vec<u8>,
    /// Whether the field is longer.
    is_cut: bool,
    /// Number of bytes so far.
    length: usize,
    /// Number of known prompts so far.
    prompts: usize,
    answer: Option<Result<Verdict, Refusal>>,
    is_invalid: bool,
}

impl Response {
    /// Reads the next bytes, and passes on each prompt in them. Invalid bytes are not an error
    /// here, see [`is_invalid`](Self::is_invalid).
    ///
    /// # Errors
    /// Those of `show`.
    pub fn take<E>(
        &mut self,
        bytes: &[u8],
        mut show: impl FnMut(Prompt) -> Result<(), E>,
    ) -> Result<(), E> {
        for &byte in bytes {
            self.length += 1;
            self.is_invalid |= self.answer.is_some() || self.length > RESPONSE_MAX;
            if self.is_invalid {
                break;
            }
            if byte != 0 {
                self.extend_field(byte);
            } else if let Some(prompt) = self.end_field() {
                show(prompt)?;
            }
        }
        Ok(())
    }

    /// Whether nothing has arrived.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether this can become no answer any more, whatever follows.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        self.is_invalid
    }

    /// The answer, when nothing follows any more.
    ///
    /// # Errors
    /// There was none, or not exactly one.
    pub fn end(self) -> Result<Result<Verdict, Refusal>, ResponseError> {
        match self.answer {
            _ if self.is_invalid => Err(ResponseError::Invalid),
            Some(answer) => Ok(answer),
            None if self.field.is_empty() || self.is_prompt() => Err(ResponseError::Missing),
            None => Err(ResponseError::Invalid),
        }
    }

    /// Whether the field that has begun is a prompt.
    fn is_prompt(&self) -> bool {
        self.field.starts_with(PROMPT.as_bytes())
    }

    fn extend_field(&mut self, byte: u8) {
        if self.field.len() < ANSWER_MAX {
            self.field.push(byte);
        } else {
            self.is_cut = true;
            self.is_invalid = !self.is_prompt();
        }
    }

    /// Ends a field; returns the prompt that it is, if it is to be shown.
    fn end_field(&mut self) -> Option<Prompt> {
        let (field, is_cut) = (mem::take(&mut self.field), mem::take(&mut self.is_cut));
        let Some(word) = field.strip_prefix(PROMPT.as_bytes()) else {
            self.answer = str::from_utf8(&field).ok().and_then(answer_of_word);
            self.is_invalid = self.answer.is_none();
            return None;
        };
        let prompt = str::from_utf8(word).ok().and_then(Prompt::parse)?;
        if is_cut || self.prompts >= PROMPTS_MAX {
            return None;
        }
        self.prompts += 1;
        Some(prompt)
    }
}

fn answer_of_word(word: &str) -> Option<Result<Verdict, Refusal>> {
    match Verdict::parse(word) {
        Some(verdict) => Some(Ok(verdict)),
        None => Refusal::from_error_name(word).map(Err),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    type Answer = Result<Verdict, Refusal>;

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
            "1\x001000\0alice\0sudo\0\x005000\0",
            "2\x00-1\0alice\0sudo\0\x005000\0",
            "2\x004294967296\0alice\0sudo\0\x005000\0",
            "3\x001000\0alice\0sudo\0\x005000\0",
            "2\x001000\0alice\0sudo\0\0soon\0",
            "2\x001000\0alice\0sudo\0\x005000\0more",
            "2\x001000\0alice\0sudo\0\x005000\0\0",
        ] {
            assert_eq!(VerifyRequest::parse(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(VerifyRequest::parse(b"2\x001000\0\xff\0sudo\0\x005000\0"), None);
    }

    /// What a response in pieces of this size shows and answers.
    fn read(bytes: &[u8], piece: usize) -> (Vec<Prompt>, Result<Answer, ResponseError>) {
        let (mut response, mut shown) = (Response::default(), Vec::new());
        for piece in bytes.chunks(piece) {
            let Ok(()) = response.take(piece, |prompt| {
                shown.push(prompt);
                Ok::<(), Infallible>(())
            });
        }
        (shown, response.end())
    }

    /// The same in pieces of every size.
    fn read_whole(bytes: &[u8]) -> (Vec<Prompt>, Result<Answer, ResponseError>) {
        let whole = read(bytes, bytes.len().max(1));
        for size in [1, 2, 7, 100] {
            assert_eq!(read(bytes, size), whole, "{size}");
        }
        whole
    }

    fn answers() -> impl Iterator<Item = Answer> {
        let verdicts = [Verdict::Match, Verdict::NoMatch].map(Ok);
        verdicts.into_iter().chain(Refusal::ALL.iter().copied().map(Err))
    }

    #[test]
    fn every_answer_is_read_as_it_was_written_and_nothing_else_is() {
        for answer in answers() {
            let bytes = answer_to_bytes(answer);
            assert!(bytes.len() <= ANSWER_MAX, "{answer:?}");
            let nothing = || Vec::<Prompt>::new();
            assert_eq!(read_whole(&bytes), (nothing(), Ok(answer)));
            let invalid = (nothing(), Err(ResponseError::Invalid));
            assert_eq!(read_whole(&bytes[..bytes.len() - 1]), invalid, "{answer:?}");
            assert_eq!(read_whole(&[&bytes[..], &bytes[..]].concat()), invalid, "{answer:?}");
        }
        assert_eq!(read_whole(b"").1, Err(ResponseError::Missing));
        let long = [b'm'; RESPONSE_MAX];
        for bytes in [&b"\0"[..], b"match", b"MATCH\0", b"match\0\0", b"\xff\0", &long] {
            assert_eq!(read_whole(bytes).1, Err(ResponseError::Invalid), "{bytes:?}");
        }
    }

    #[test]
    fn prompts_are_read_in_order_before_every_answer() {
        let prompts: Vec<u8> = Prompt::ALL.iter().flat_map(|p| prompt_to_bytes(*p)).collect();
        for answer in answers() {
            let bytes = [prompts.clone(), answer_to_bytes(answer)].concat();
            assert_eq!(read_whole(&bytes), (Prompt::ALL.to_vec(), Ok(answer)));
        }
        for end in [prompts.len(), prompts.len() - 3] {
            assert_eq!(read_whole(&prompts[..end]).1, Err(ResponseError::Missing));
        }
    }

    #[test]
    fn a_prompt_that_is_not_to_be_shown_changes_no_answer() {
        let long = "l".repeat(10 * ANSWER_MAX);
        let cut = format!("look{}", "\n".repeat(10 * ANSWER_MAX));
        for word in ["", "Look", "look ", "look\x1b[2J", "look\nMatch", "match", &long, &cut] {
            let bytes = format!("prompt {word}\0prompt look\0no-match\0");
            let read = read_whole(bytes.as_bytes());
            assert_eq!(read, (vec![Prompt::Look], Ok(Ok(Verdict::NoMatch))), "{word:?}");
        }
        let read = read_whole(b"prompt \xff\xfe\0match\0");
        assert_eq!(read, (Vec::new(), Ok(Ok(Verdict::Match))));
    }

    #[test]
    fn of_a_thousand_prompts_a_few_are_shown_and_the_answer_counts() {
        let flood = prompt_to_bytes(Prompt::HoldStill).repeat(1000);
        let match_ = answer_to_bytes(Ok(Verdict::Match));
        let shown = vec![Prompt::HoldStill; PROMPTS_MAX];
        assert_eq!(read_whole(&[&flood[..], &match_].concat()), (shown, Ok(Ok(Verdict::Match))));
        let endless = [flood.repeat(10), match_].concat();
        assert!(endless.len() > RESPONSE_MAX);
        assert_eq!(read_whole(&endless).1, Err(ResponseError::Invalid));
    }

    #[test]
    fn nothing_may_follow_an_answer() {
        for more in ["prompt look\0", "prompt", "\0", "no-match\0"] {
            let read = read_whole(format!("match\0{more}").as_bytes());
            assert_eq!(read, (Vec::new(), Err(ResponseError::Invalid)), "{more:?}");
        }
    }

    #[test]
    fn a_prompt_that_cannot_be_shown_ends_the_reading() {
        let mut response = Response::default();
        let shown = response.take(b"prompt look\0prompt look\0match\0", |_| Err("no"));
        assert_eq!(shown, Err("no"));
        assert_eq!(response.end(), Err(ResponseError::Missing));
    }
}
