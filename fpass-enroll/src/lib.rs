//! `fpass-enroll`: the command with which users set up their F-pass and administrators run
//! machines. The development tasks use its command line and its exit codes.

#![forbid(unsafe_code)]

mod agent;
mod audit;
pub mod cli;
mod commands;
mod daemon;
mod doctor;
mod enrolment_screen;
pub mod error;
pub mod exit_code;
pub mod language;
pub mod peers;
mod picture;
mod programs;
mod progress;
mod prompts;
mod stacks;
mod subject;
pub mod timestamp;

pub use commands::run;
pub use stacks::StackError;
