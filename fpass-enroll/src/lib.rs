//! `fpass-enroll`: the command with which users set up their F-pass and administrators run
//! machines. The library holds the definition of the command line and the fetching of pinned
//! files, which the development tasks use too.

#![forbid(unsafe_code)]

mod agent;
mod audit;
pub mod cli;
mod commands;
mod daemon;
mod doctor;
pub mod error;
mod evaluate;
pub mod exit_code;
pub mod fetch;
pub mod peers;
mod printable;
mod progress;
mod stacks;
mod subject;
pub mod timestamp;

pub use commands::run;
pub use evaluate::EvaluateError;
pub use stacks::StackError;
