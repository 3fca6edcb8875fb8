//! PAM stacks as libpam reads and runs them, and the proof that nobody gets past them without
//! password and face.
//!
//! Values flow one way, from the text of `/etc/pam.d` to a verdict: [`mod@line`] → [`mod@file`] →
//! [`mod@resolve`] → [`stack`] → [`search`] → [`mod@judge`]. [`dispatch`] combines answers as
//! libpam does; the tests of this workspace compare it with libpam itself.

#![forbid(unsafe_code)]

pub mod answers;
pub mod arguments;
pub mod code;
pub mod condition;
pub mod control;
mod daemon_config;
pub mod diff;
pub mod dispatch;
pub mod edit;
pub mod face_check;
pub mod file;
pub mod finding;
pub mod judge;
pub mod line;
pub mod modules;
pub mod named_files;
pub mod path;
pub mod recovery;
pub mod resolve;
pub mod root;
pub mod search;
pub mod seat;
pub mod served;
mod silence;
pub mod stack;

pub use code::Code;
pub use file::Facility;
pub use resolve::{Service, resolve};
