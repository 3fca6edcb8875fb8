//! How the programs of F-pass behave on a terminal: safe output, exit codes, and the end by Ctrl-C.

#![forbid(unsafe_code)]

mod exit_codes;
mod output;
mod printable;
mod stop;

pub use exit_codes::exit_codes_help;
pub use output::{say, say_json};
pub use printable::Printable;
pub use stop::{Stop, until_stopped};
