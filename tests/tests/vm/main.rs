//! Whole machines: the shipped unit under a real systemd, with a real V4L2 camera. Each test runs
//! one script from `tests/vm` in a machine of its own.

#![allow(clippy::unwrap_used, reason = "all of this program is tests")]

mod cameras;
mod choice;
mod faults;
mod latency;
mod manners;
mod package;
mod screens;
mod services;
mod unit;
mod usb;
