//! The person in front of a real camera.

use std::io::{self, BufRead, Write};

/// The person who plays alice.
pub(crate) struct Person;

impl Person {
    /// Gives an instruction and waits. Returns whether it was followed; the letter s, or the end of
    /// standard input, skips it.
    pub(crate) fn acts(&mut self, instruction: &str) -> bool {
        let _ = write!(io::stdout(), "  {instruction} Then press Enter (s to skip): ");
        let _ = io::stdout().flush();
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer).unwrap_or(0);
        read > 0 && answer.trim() != "s"
    }
}
