//! What people read, in every language of F-pass.
//!
//! The English text is in the source, in [`sentence!`] or [`wording!`]. The catalogues in `po/`
//! have the other languages. The build turns them into constant tables: nothing is read, found or
//! parsed while a program runs, and a program contains the sentences that it uses.

#![forbid(unsafe_code)]

mod columns;
mod language;
pub mod po;
mod sentence;

pub use columns::columns;
pub use language::Language;
pub use sentence::{Entry, Sentence, Wording, is_named, look_up};
