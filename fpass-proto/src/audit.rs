//! The audit log, as daemon and command share it: the fields of a record, the bytes that are
//! hashed, and the text form of the head of the chain. It performs no I/O.
//!
//! A record carries the hash of the previous one. The hashes are not keyed: someone who rewrites
//! every record gets a valid chain, but it will not end at the head that the daemon keeps.

mod fields;
mod hash;
mod head;

pub use self::{
    fields::{FieldError, Fields},
    hash::{Hash, HashError},
    head::{Head, HeadError},
};

/// Prefix of the journal fields of F-pass.
pub const PREFIX: &str = "FPASS_";
/// The sentence for people; it is hashed like the other fields.
pub const MESSAGE: &str = "MESSAGE";
/// Kind of the record: `attempt`, or the name of the change.
pub const KIND: &str = "FPASS_KIND";
/// Milliseconds since the Unix epoch, by the daemon's clock.
pub const TIME: &str = "FPASS_TIME";
/// Number of the call on the bus.
pub const REQUEST: &str = "FPASS_REQUEST";
/// User id of the caller.
pub const CALLER: &str = "FPASS_CALLER";
/// User id that the record is about.
pub const UID: &str = "FPASS_UID";
/// PAM service, or empty.
pub const SERVICE: &str = "FPASS_SERVICE";
/// Terminal, or empty.
pub const TTY: &str = "FPASS_TTY";
/// Label of a template, or empty.
pub const LABEL: &str = "FPASS_LABEL";
/// `match`, `no-match`, `refused` or `done`.
pub const RESULT: &str = "FPASS_RESULT";
/// D-Bus error name of a refusal, or empty.
pub const REASON: &str = "FPASS_REASON";
/// Camera of an attempt, as named in the configuration.
pub const CAMERA: &str = "FPASS_CAMERA";
/// Digest over the hashes of the face models, in hexadecimal.
pub const MODELS: &str = "FPASS_MODELS";
/// Position in the chain, from 1.
pub const SEQUENCE: &str = "FPASS_SEQUENCE";
/// Hash of the previous record; zeros in the first one.
pub const PREVIOUS: &str = "FPASS_PREVIOUS";
/// Hash of this record.
pub const HASH: &str = "FPASS_HASH";
/// Number of calls that a record sums up.
pub const CALLS: &str = "FPASS_CALLS";
/// Those calls by caller: `uid=calls` for each user.
pub const CALLERS: &str = "FPASS_CALLERS";
/// Why a record is not in the chain.
pub const UNCHAINED: &str = "FPASS_UNCHAINED";

/// Kind of a record that sums up refused calls without a record of their own.
pub const KIND_REFUSED_CALLS: &str = "refused calls";
/// Kind of the first record of the first chain.
pub const KIND_START: &str = "audit start";
/// Kind of the first record of a chain that follows one whose head was damaged.
pub const KIND_RESTART: &str = "audit restart";
