//! The language in which this program speaks, and what only a terminal needs of it.

use std::sync::OnceLock;

use fpass_language::{Language, columns};

static SPOKEN: OnceLock<Language> = OnceLock::new();

/// Chooses the language for the rest of the process. Without a choice it is English.
pub fn speak(language: Language) {
    // A second choice changes nothing: what was said stays said.
    let _ = SPOKEN.set(language);
}

/// The chosen language.
pub(crate) fn spoken() -> Language {
    SPOKEN.get().copied().unwrap_or_default()
}

/// A sentence of the catalogues in the chosen language, with the values of its placeholders.
macro_rules! told {
    ($english:literal $(, $name:ident = $value:expr)* $(,)?) => {
        ::fpass_language::wording!(
            $crate::language::spoken(), $english $(, $name = $value)*
        )
    };
}

/// Writes such a sentence as a line on standard output.
macro_rules! tell {
    ($($argument:tt)*) => { ::fpass_terminal::say($crate::language::told!($($argument)*)) };
}

pub(crate) use {tell, told};

/// The text with blanks behind it, up to a number of columns.
pub(crate) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

/// Whether the reply to a question is yes, in the chosen language or in English.
pub(crate) fn is_yes(reply: &str) -> bool {
    let (letter, word) = (told!("y"), told!("yes"));
    let accepted = ["y", "yes", letter.as_str(), word.as_str()];
    accepted.contains(&reply.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        for (reply, yes) in [
            ("y\n", true),
            ("Y", true),
            ("yes", true),
            ("", false),
            ("n", false),
            ("yeah", false),
            ("ja", false),
        ] {
            assert_eq!(is_yes(reply), yes, "{reply:?}");
        }
    }

    #[test]
    fn text_is_padded_to_columns() {
        assert_eq!(pad("ab", 4), "ab  ");
        assert_eq!(pad("标签", 6), "标签  ");
        assert_eq!(pad("abc", 2), "abc");
    }
}
