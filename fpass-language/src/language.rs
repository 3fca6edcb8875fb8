//! The languages, and how the reader's is found.

/// A language in which every sentence exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English, in ASCII. It also stands for a language that is not here.
    #[default]
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Chinese in simplified characters.
    Chinese,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 5] =
        [Self::English, Self::German, Self::French, Self::Spanish, Self::Chinese];

    /// The name of its catalogue, and of the language in `xml:lang`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Chinese => "zh_CN",
        }
    }

    /// The language of a locale, by its name (`de_DE.UTF-8`).
    #[must_use]
    pub fn of_locale(name: &str) -> Self {
        Self::named(name).unwrap_or_default()
    }

    /// The language for a program that has set its locale: `messages` is the name of its
    /// `LC_MESSAGES`, and `codeset` the character set of its `LC_CTYPE`. English unless that is
    /// UTF-8, because the program could not show another text.
    #[must_use]
    pub fn of_program(messages: &str, codeset: &str) -> Self {
        if is_utf8(codeset) { Self::of_locale(messages) } else { Self::English }
    }

    /// The language that the environment asks for, as gettext reads it: `LC_ALL`, `LC_MESSAGES` or
    /// `LANG` names the locale, and unless that is C, `LANGUAGE` may list languages to prefer.
    #[must_use]
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: [&str; 3]| {
            names.into_iter().find_map(|name| variable(name).filter(|value| !value.is_empty()))
        };
        let messages = first(["LC_ALL", "LC_MESSAGES", "LANG"]).unwrap_or_default();
        let characters = first(["LC_ALL", "LC_CTYPE", "LANG"]).unwrap_or_default();
        let codeset = characters.split_once('.').map_or("", |(_, codeset)| codeset);
        if !is_utf8(codeset.split('@').next().unwrap_or_default()) || is_c(&messages) {
            return Self::English;
        }
        let preferred = variable("LANGUAGE").unwrap_or_default();
        preferred.split(':').find_map(Self::named).unwrap_or_else(|| Self::of_locale(&messages))
    }

    /// The language of a locale, if it is here.
    fn named(locale: &str) -> Option<Self> {
        let place = locale.split(['.', '@']).next().unwrap_or_default();
        match place.split_once('_').unwrap_or((place, "")) {
            ("en", _) => Some(Self::English),
            ("de", _) => Some(Self::German),
            ("fr", _) => Some(Self::French),
            ("es", _) => Some(Self::Spanish),
            // Not of places that write traditional characters.
            ("zh", "" | "CN" | "SG") => Some(Self::Chinese),
            _ => None,
        }
    }
}

fn is_c(locale: &str) -> bool {
    matches!(locale.split('.').next().unwrap_or_default(), "" | "C" | "POSIX")
}

fn is_utf8(codeset: &str) -> bool {
    codeset.eq_ignore_ascii_case("UTF-8") || codeset.eq_ignore_ascii_case("UTF8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_gives_its_language_and_an_unknown_one_english() {
        for (locale, language) in [
            ("de_DE.UTF-8", Language::German),
            ("de_AT.utf8", Language::German),
            ("de", Language::German),
            ("de_DE@euro", Language::German),
            ("fr_CA.UTF-8", Language::French),
            ("es_MX.UTF-8", Language::Spanish),
            ("zh_CN.UTF-8", Language::Chinese),
            ("zh_SG.UTF-8", Language::Chinese),
            ("zh_TW.UTF-8", Language::English),
            ("zh_HK.UTF-8", Language::English),
            ("en_GB.UTF-8", Language::English),
            ("C", Language::English),
            ("C.UTF-8", Language::English),
            ("", Language::English),
            ("deutsch", Language::English),
            ("DE_DE.UTF-8", Language::English),
            ("\u{0}\u{1b}de", Language::English),
            ("/../de", Language::English),
        ] {
            assert_eq!(Language::of_locale(locale), language, "{locale:?}");
        }
    }

    #[test]
    fn without_utf8_the_language_is_english() {
        for (codeset, language) in [
            ("UTF-8", Language::German),
            ("utf8", Language::German),
            ("ISO-8859-1", Language::English),
            ("ANSI_X3.4-1968", Language::English),
            ("GB18030", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::of_program("de_DE.UTF-8", codeset), language, "{codeset}");
        }
    }

    #[test]
    fn the_environment_is_read_as_gettext_reads_it() {
        for (set, language) in [
            (&[][..], Language::English),
            (&[("LANG", "de_DE.UTF-8")], Language::German),
            (&[("LANG", "de_DE")], Language::English),
            (&[("LANG", "de_DE.UTF-8@euro")], Language::German),
            (&[("LANG", "de_DE.UTF-8"), ("LC_MESSAGES", "fr_FR.UTF-8")], Language::French),
            (&[("LANG", "de_DE.UTF-8"), ("LC_MESSAGES", "")], Language::German),
            (&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")], Language::English),
            (&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C.UTF-8")], Language::English),
            (&[("LANG", "de_DE.UTF-8"), ("LC_CTYPE", "de_DE.ISO-8859-1")], Language::English),
            (&[("LANG", "de_DE.UTF-8"), ("LANGUAGE", "tlh:es:fr")], Language::Spanish),
            (&[("LANG", "de_DE.UTF-8"), ("LANGUAGE", "en_GB:en")], Language::English),
            (&[("LANG", "de_DE.UTF-8"), ("LANGUAGE", "tlh")], Language::German),
            (&[("LANG", "C.UTF-8"), ("LANGUAGE", "de")], Language::English),
            (&[("LANGUAGE", "de")], Language::English),
        ] {
            let variable = |name: &str| {
                set.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(Language::of_environment(variable), language, "{set:?}");
        }
    }
}
