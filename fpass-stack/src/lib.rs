//! PAM stacks as libpam reads and runs them, and the proof of what they let through.
//!
//! From the bytes of `/etc/pam.d` to a verdict in one direction: [`mod@line`] → [`mod@file`] →
//! [`resolve`] → [`chain`] → [`prove`]. [`dispatch`] is libpam's way of combining answers, and is
//! held against libpam itself by the tests of this workspace.

#![forbid(unsafe_code)]

pub mod answers;
pub mod arguments;
pub mod chain;
pub mod code;
pub mod condition;
pub mod control;
pub mod diff;
pub mod dispatch;
pub mod edit;
pub mod file;
pub mod finding;
pub mod judge;
pub mod line;
pub mod modules;
pub mod path;
pub mod prove;
pub mod recovery;
pub mod resolve;
pub mod root;
pub mod served;

pub use code::Code;
pub use file::Facility;
pub use resolve::{Service, service};
