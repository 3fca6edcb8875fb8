//! A daemon with more requests than it can serve, one that users attack, and one whose engine is
//! stuck.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this program is tests"
)]

mod callers;
mod growth;
mod leaving;
mod siege;
mod stuck;

/// File below `target/fpass` with the figures of these tests.
const FIGURES: &str = "load.txt";
