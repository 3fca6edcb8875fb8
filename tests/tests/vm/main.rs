//! Whole machines: the shipped unit under a real systemd, with a real V4L2 camera. Each test runs one
//! script from `tests/vm` in a machine of its own.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy knows the functions beside the tests as production code"
)]

mod manners;
mod screens;
mod unit;
