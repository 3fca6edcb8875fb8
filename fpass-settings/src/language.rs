//! The language in which the window speaks.

use std::sync::OnceLock;

use fpass_language::Language;

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

pub(crate) use told;
