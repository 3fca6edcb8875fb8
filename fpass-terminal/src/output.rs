//! Standard output. Unlike `println!`, a closed pipe is an error and not a panic.

use std::fmt::Display;
use std::io::{self, Write};

use serde::Serialize;

/// Writes one line to standard output.
///
/// # Errors
/// When standard output does not take it.
pub fn say(line: impl Display) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}

/// Writes a value as JSON to standard output.
///
/// # Errors
/// When standard output does not take it.
pub fn say_json(value: &impl Serialize) -> io::Result<()> {
    say(serde_json::to_string_pretty(value)?)
}
