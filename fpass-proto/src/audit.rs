//! The audit trail as daemon and command share it: what a record's fields are, which bytes its hash
//! is over, and how the head of the chain is written down. It performs no I/O.
//!
//! A record carries the hash of the one before it. The hashes need no key, so that whoever can write
//! all records can make another chain; what such a one does not match is the head that the daemon
//! keeps.

mod fields;
mod hash;
mod head;

pub use self::{
    fields::{FieldError, Fields},
    hash::{Hash, HashError},
    head::{Head, HeadError},
};

/// What the name of each of our journal fields begins with.
pub const PREFIX: &str = "FPASS_";
/// The sentence for people; it is hashed with the fields.
pub const MESSAGE: &str = "MESSAGE";
/// Kind of the record: `attempt`, or what was changed.
pub const KIND: &str = "FPASS_KIND";
/// Milliseconds since the Unix epoch by the clock of the daemon.
pub const TIME: &str = "FPASS_TIME";
/// Number of the call on the bus.
pub const REQUEST: &str = "FPASS_REQUEST";
/// User id of the caller.
pub const CALLER: &str = "FPASS_CALLER";
/// User id that it is about.
pub const UID: &str = "FPASS_UID";
/// PAM service, or nothing.
pub const SERVICE: &str = "FPASS_SERVICE";
/// Terminal, or nothing.
pub const TTY: &str = "FPASS_TTY";
/// Label of a template, or nothing.
pub const LABEL: &str = "FPASS_LABEL";
/// `match`, `no-match`, `refused` or `done`.
pub const RESULT: &str = "FPASS_RESULT";
/// D-Bus error name of a refusal, or nothing.
pub const REASON: &str = "FPASS_REASON";
/// Camera of an attempt, as the configuration names it.
pub const CAMERA: &str = "FPASS_CAMERA";
/// Digest over the hashes of the face models, in hexadecimal digits.
pub const MODELS: &str = "FPASS_MODELS";
/// Place in the chain, from 1.
pub const SEQUENCE: &str = "FPASS_SEQUENCE";
/// Hash of the record before, zeros in the first one.
pub const PREVIOUS: &str = "FPASS_PREVIOUS";
/// Hash of this record.
pub const HASH: &str = "FPASS_HASH";
/// Why a record has no place in the chain.
pub const UNCHAINED: &str = "FPASS_UNCHAINED";

/// Kind of the first record of the first chain.
pub const KIND_START: &str = "audit start";
/// Kind of the first record of a chain that follows one whose head was damaged.
pub const KIND_RESTART: &str = "audit restart";
