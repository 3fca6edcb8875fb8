//! The person before a real camera.

use std::io::{self, BufRead, Write};

/// Whoever plays alice.
pub(crate) struct Person;

impl Person {
    /// Asks for something and waits; whether it was done. The letter s, or the end of standard
    /// input, leaves it out.
    pub(crate) fn acts(&mut self, instruction: &str) -> bool {
        let _ = write!(io::stdout(), "  {instruction} Then press Enter (s to skip): ");
        let _ = io::stdout().flush();
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer).unwrap_or(0);
        read > 0 && answer.trim() != "s"
    }
}
