//! PAM stacks: what `fpass-stack` makes of them against what libpam does, the stacks that
//! distributions ship, and changes of them that are cut short.

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
mod random;
