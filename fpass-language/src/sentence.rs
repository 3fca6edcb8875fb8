//! Sentences of the catalogues, and what a reader gets of them.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};

use crate::language::Language;

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// A sentence in English and in the languages that have it. Only [`look_up`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    english: &'static str,
    translations: Translations,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Translations {
    german: Option<&'static str>,
    french: Option<&'static str>,
    spanish: Option<&'static str>,
    chinese: Option<&'static str>,
}

/// The entry of an English sentence. One that is in no catalogue stays English in every language;
/// `cargo xtask words` names it.
#[must_use]
pub const fn look_up(english: &'static str) -> Entry {
    let mut entries = ENTRIES;
    while let (left, [middle, right @ ..]) = entries.split_at(entries.len() / 2) {
        match order(english.as_bytes(), middle.english.as_bytes()) {
            0 => return *middle,
            ..0 => entries = left,
            1.. => entries = right,
        }
    }
    let translations = Translations { german: None, french: None, spanish: None, chinese: None };
    Entry { english, translations }
}

/// The order of two strings by their bytes: negative, zero or positive.
const fn order(mut left: &[u8], mut right: &[u8]) -> i8 {
    loop {
        match (left, right) {
            ([], []) => return 0,
            ([], _) => return -1,
            (_, []) => return 1,
            ([a, more_left @ ..], [b, more_right @ ..]) => {
                if *a < *b {
                    return -1;
                }
                if *a > *b {
                    return 1;
                }
                (left, right) = (more_left, more_right);
            }
        }
    }
}

/// Whether every placeholder of `template` is in `names`, and every name is a placeholder.
/// [`wording!`](crate::wording) checks it at compile time.
#[must_use]
pub const fn is_named(template: &str, names: &[&str]) -> bool {
    let mut open = template.as_bytes();
    while let [first, rest @ ..] = open {
        open = rest;
        if *first == b'{' && !starts_with_any(rest, names) {
            return false;
        }
    }
    let mut left = names;
    while let [name, rest @ ..] = left {
        left = rest;
        let mut open = template.as_bytes();
        let mut is_used = false;
        while let [first, rest @ ..] = open {
            open = rest;
            is_used |= *first == b'{' && is_closed_name(rest, name.as_bytes());
        }
        if !is_used {
            return false;
        }
    }
    true
}

const fn starts_with_any(text: &[u8], names: &[&str]) -> bool {
    let mut left = names;
    while let [name, rest @ ..] = left {
        if is_closed_name(text, name.as_bytes()) {
            return true;
        }
        left = rest;
    }
    false
}

/// Whether the text begins with the name and `}`.
const fn is_closed_name(mut text: &[u8], mut name: &[u8]) -> bool {
    loop {
        match (text, name) {
            ([b'}', ..], []) => return true,
            ([a, more_text @ ..], [b, more_name @ ..]) if *a == *b => {
                (text, name) = (more_text, more_name);
            }
            _ => return false,
        }
    }
}

/// A sentence in every language. Only [`sentence!`](crate::sentence) makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentence(&'static Entry);

impl Sentence {
    /// The sentence of an entry, for [`sentence!`](crate::sentence).
    #[must_use]
    pub const fn of(entry: &'static Entry) -> Self {
        Self(entry)
    }

    /// The English text: for logs, for programs, and for replies on the bus.
    #[must_use]
    pub const fn english(self) -> &'static str {
        self.0.english
    }

    /// Whether a catalogue has it in this language.
    #[must_use]
    pub const fn is_in(self, language: Language) -> bool {
        matches!(language, Language::English) || self.translation(language).is_some()
    }

    /// What a reader of this language gets.
    #[must_use]
    pub const fn wording(self, language: Language) -> Wording {
        Wording(Cow::Borrowed(self.text(language)))
    }

    /// The same with a value for each placeholder. One without a value stays as it is.
    #[must_use]
    pub fn fill(self, language: Language, values: &[(&str, &dyn Display)]) -> Wording {
        let mut rest = self.text(language);
        let mut text = String::with_capacity(rest.len().saturating_add(32));
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let (name, tail) = after.split_once('}').unwrap_or((after, ""));
            // Writing into a string does not fail.
            let _ = match values.iter().find(|(named, _)| *named == name) {
                Some((_, value)) => write!(text, "{value}"),
                None => write!(text, "{{{name}}}"),
            };
            rest = tail;
        }
        text.push_str(rest);
        Wording(Cow::Owned(text))
    }

    const fn text(self, language: Language) -> &'static str {
        match self.translation(language) {
            Some(text) => text,
            None => self.0.english,
        }
    }

    const fn translation(self, language: Language) -> Option<&'static str> {
        let translations = self.0.translations;
        match language {
            Language::English => None,
            Language::German => translations.german,
            Language::French => translations.french,
            Language::Spanish => translations.spanish,
            Language::Chinese => translations.chinese,
        }
    }
}

/// A text for a person, in that person's language. It comes from a catalogue: there is no other
/// constructor, so a function that takes one shows nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording(Cow<'static, str>);

impl Wording {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Wording> for String {
    fn from(wording: Wording) -> Self {
        wording.0.into_owned()
    }
}

impl Display for Wording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A [`Sentence`] by its English text. The catalogues are searched at compile time.
#[macro_export]
macro_rules! sentence {
    ($english:expr) => {{
        const ENTRY: &$crate::Entry = &$crate::look_up($english);
        $crate::Sentence::of(ENTRY)
    }};
}

/// A [`Wording`] in a language, by its English text and the values of its placeholders:
/// `wording!(language, "{left} codes left", left = 3)`. A missing or superfluous value is a
/// compile-time error.
#[macro_export]
macro_rules! wording {
    ($language:expr, $english:literal $(, $name:ident = $value:expr)* $(,)?) => {{
        const { assert!($crate::is_named($english, &[$(stringify!($name)),*]), "{}", $english) };
        $crate::sentence!($english)
            .fill($language, &[$((stringify!($name), &$value as &dyn ::std::fmt::Display)),*])
    }};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_found_and_nothing_else() {
        assert!(ENTRIES.is_sorted_by(|a, b| a.english < b.english));
        for entry in ENTRIES {
            assert_eq!(look_up(entry.english), *entry);
        }
        for english in ["", "\u{0}", "a", "zzz", "Look at the camera", "Look at the camera.."] {
            let sentence = Sentence(Box::leak(Box::new(look_up(english))));
            for language in Language::ALL {
                assert_eq!(sentence.wording(language).as_str(), english);
                assert_eq!(sentence.is_in(language), language == Language::English);
            }
        }
    }

    #[test]
    fn each_language_has_its_text() {
        let look = sentence!("Look at the camera.");
        assert_eq!(look.english(), "Look at the camera.");
        let texts = Language::ALL.map(|language| look.wording(language).to_string());
        assert_eq!(texts[0], "Look at the camera.");
        assert!(texts[1].contains("Kamera") && texts[2].contains("caméra"), "{texts:?}");
        assert!(texts[3].contains("cámara") && texts[4].contains("摄像头"), "{texts:?}");
    }

    #[test]
    fn placeholders_get_their_values_in_every_language() {
        for language in Language::ALL {
            let filled = wording!(
                language,
                "{taken} of {wanted}: {hint}",
                taken = 3,
                wanted = 9,
                hint = "x{y}"
            );
            let text = filled.as_str();
            assert!(text.contains('3') && text.contains('9') && text.contains("x{y}"), "{text}");
        }
        let unknown = Sentence(Box::leak(Box::new(look_up("no {such} sentence {"))));
        let english = unknown.fill(Language::German, &[("other", &1)]);
        assert_eq!(english.as_str(), "no {such} sentence {}");
    }

    #[test]
    fn a_value_that_is_missing_or_has_no_place_is_noticed() {
        for (template, names, fits) in [
            ("", &[][..], true),
            ("{a} and {b}", &["a", "b"], true),
            ("{a} and {a}", &["a"], true),
            ("{a} and {b}", &["a"], false),
            ("{a}", &["a", "b"], false),
            ("{ab}", &["a"], false),
            ("{a", &["a"], false),
            ("{}", &[], false),
        ] {
            assert_eq!(is_named(template, names), fits, "{template:?} {names:?}");
        }
    }
}
