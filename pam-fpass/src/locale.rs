//! The language that the application has set for its messages.
//!
//! The module asks libc for the names in the current locale, as `setlocale(LC_MESSAGES, NULL)`
//! would give them. `nl_langinfo` cannot set a locale, and also knows a thread's own one
//! (`uselocale`).

use fpass_language::Language;
use nix::libc;

use crate::ffi;

/// The item of `nl_langinfo` for the name of `LC_MESSAGES`: `NL_LOCALE_NAME (LC_MESSAGES)` in the
/// `langinfo.h` of glibc and musl.
const MESSAGES: libc::nl_item = (libc::LC_MESSAGES << 16) | 0xffff;

/// The language of the application. English unless its character set is UTF-8.
pub(crate) fn language() -> Language {
    let messages = ffi::locale_item(MESSAGES).unwrap_or_default();
    let codeset = ffi::locale_item(libc::CODESET).unwrap_or_default();
    Language::of_program(&messages, &codeset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_that_has_set_no_locale_gets_english() {
        assert_eq!(ffi::locale_item(MESSAGES).as_deref(), Some("C"));
        assert_eq!(ffi::locale_item(libc::CODESET).as_deref(), Some("ANSI_X3.4-1968"));
        assert_eq!(language(), Language::English);
    }
}
