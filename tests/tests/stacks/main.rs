//! PAM stacks: `fpass-stack` compared with libpam, the stacks that distributions ship, and
//! interrupted changes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "all of this program is tests"
)]

mod agreement;
mod arguments;
mod brute;
mod crash;
mod golden;
mod libpam;
mod login;
mod profile;
mod random;
mod setup;
