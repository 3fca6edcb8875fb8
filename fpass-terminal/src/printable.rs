//! Text from elsewhere, made safe for a terminal.

use std::fmt::{self, Write};

/// Shows a string with control characters, and characters that reorder or hide text, escaped.
#[derive(Clone, Copy, Debug)]
pub struct Printable<'a>(pub &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut safe = String::with_capacity(self.0.len());
        for character in self.0.chars() {
            if misleads(character) {
                write!(safe, "{}", character.escape_unicode())?;
            } else {
                safe.push(character);
            }
        }
        f.pad(&safe)
    }
}

/// Whether a terminal would act on the character, or show it as nothing or elsewhere.
fn misleads(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_reordering_do_not_reach_the_terminal() {
        for (raw, shown) in [
            ("a\u{1b}[2Jb", "a\\u{1b}[2Jb"),
            ("a\nb\r", "a\\u{a}b\\u{d}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("user\u{202e}toor", "user\\u{202e}toor"),
        ] {
            assert_eq!(Printable(raw).to_string(), shown);
        }
    }

    #[test]
    fn ordinary_text_stays_and_pads() {
        assert_eq!(Printable("mit Brille ÄÖ").to_string(), "mit Brille ÄÖ");
        assert_eq!(format!("{:<6}|", Printable("ab")), "ab    |");
    }
}
