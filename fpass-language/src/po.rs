//! The format of the catalogues: the part of gettext's PO files that they need.
//!
//! An entry is a `msgid` with the English text and a `msgstr` with the translation, each of one or
//! more quoted strings. Comments begin with `#`. Entries that are fuzzy or obsolete, contexts and
//! plural forms are refused: every entry counts, and none is half valid.

use std::collections::BTreeSet;
use std::fmt;

/// The name of each catalogue, and the field of its texts.
pub const CATALOGUES: [(&str, &str); 4] =
    [("de", "german"), ("fr", "french"), ("es", "spanish"), ("zh_CN", "chinese")];

/// One entry of a catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoEntry {
    /// The English text.
    pub english: String,
    /// The translation. `None` when it is empty.
    pub text: Option<String>,
    /// The line of its `msgid`, from 1.
    pub line: usize,
}

/// A rule that a catalogue breaks, and the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoError {
    line: usize,
    fault: PoFault,
}

/// The rules of catalogues.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PoFault {
    Unknown,
    Unquoted,
    Fuzzy,
    Twice,
    Placeholders,
    Blanks,
    Control,
}

impl fmt::Display for PoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.fault {
            PoFault::Unknown => "only msgid, msgstr, strings and comments are known here",
            PoFault::Unquoted => "this is not one quoted string with the escapes \\\" \\\\ \\n",
            PoFault::Fuzzy => "a fuzzy or obsolete entry; correct it and remove the mark",
            PoFault::Twice => "this English text has an entry already",
            PoFault::Placeholders => "the placeholders differ from those of the English text",
            PoFault::Blanks => "the blanks or line breaks at an end differ from the English text",
            PoFault::Control => "a control character, or a dash or sign that hides",
        };
        write!(f, "{}: {reason}", self.line)
    }
}

impl std::error::Error for PoError {}

/// Reads a catalogue, without its header.
///
/// # Errors
/// The first rule that it breaks.
pub fn parse(text: &str) -> Result<Vec<PoEntry>, PoError> {
    let mut entries: Vec<PoEntry> = Vec::new();
    let mut draft: Option<(usize, String, Option<String>)> = None;
    for (line, raw) in (1..).zip(text.lines()) {
        let at = |fault| PoError { line, fault };
        let raw = raw.trim();
        if let Some(comment) = raw.strip_prefix('#') {
            if comment.starts_with('~') || (comment.starts_with(',') && comment.contains("fuzzy")) {
                return Err(at(PoFault::Fuzzy));
            }
        } else if let Some(quoted) = raw.strip_prefix("msgid ") {
            if let Some(draft) = draft.take() {
                entries.push(entry(draft)?);
            }
            draft = Some((line, unquote(quoted).ok_or(at(PoFault::Unquoted))?, None));
        } else if let Some(quoted) = raw.strip_prefix("msgstr ") {
            let Some((_, _, text @ None)) = &mut draft else { return Err(at(PoFault::Unknown)) };
            *text = Some(unquote(quoted).ok_or(at(PoFault::Unquoted))?);
        } else if raw.starts_with('"') {
            let more = unquote(raw).ok_or(at(PoFault::Unquoted))?;
            match &mut draft {
                Some((_, _, Some(text))) => text.push_str(&more),
                Some((_, english, None)) => english.push_str(&more),
                None => return Err(at(PoFault::Unknown)),
            }
        } else if !raw.is_empty() {
            return Err(at(PoFault::Unknown));
        }
    }
    if let Some(draft) = draft {
        entries.push(entry(draft)?);
    }
    entries.retain(|entry| !entry.english.is_empty());
    let mut seen = BTreeSet::new();
    match entries.iter().find(|entry| !seen.insert(&entry.english)) {
        Some(twice) => Err(PoError { line: twice.line, fault: PoFault::Twice }),
        None => Ok(entries),
    }
}

/// Checks one entry. The header is the one without an English text.
fn entry((line, english, text): (usize, String, Option<String>)) -> Result<PoEntry, PoError> {
    let at = |fault| PoError { line, fault };
    let text = text.ok_or(at(PoFault::Unknown))?;
    let text = Some(text).filter(|text| !text.is_empty());
    if let Some(text) = text.as_deref().filter(|_| !english.is_empty()) {
        if placeholders(&english) != placeholders(text) || placeholders(text).is_none() {
            return Err(at(PoFault::Placeholders));
        }
        let ends = |text: &str| {
            let blank = |character: &char| character.is_ascii_whitespace();
            (text.chars().next().filter(blank), text.chars().next_back().filter(blank))
        };
        if ends(&english) != ends(text) {
            return Err(at(PoFault::Blanks));
        }
        if text.chars().any(is_hidden) {
            return Err(at(PoFault::Control));
        }
    }
    Ok(PoEntry { english, text, line })
}

/// Control characters, and characters that reorder or hide text.
fn is_hidden(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

/// The names between braces. `None` when braces do not match.
#[must_use]
pub fn placeholders(text: &str) -> Option<BTreeSet<&str>> {
    let mut names = BTreeSet::new();
    let mut parts = text.split('{');
    if parts.next().is_some_and(|before| before.contains('}')) {
        return None;
    }
    for part in parts {
        let (name, after) = part.split_once('}')?;
        if name.is_empty() || after.contains('}') {
            return None;
        }
        names.insert(name);
    }
    Some(names)
}

/// One quoted string without its quotes and escapes.
fn unquote(quoted: &str) -> Option<String> {
    let inner = quoted.trim().strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '"' => return None,
            '\\' => match characters.next()? {
                'n' => '\n',
                escaped @ ('"' | '\\') => escaped,
                _ => return None,
            },
            other => other,
        });
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> PoFault {
        parse(text).unwrap_err().fault
    }

    #[test]
    fn entries_are_read_and_the_header_is_not_one() {
        let text = "# A comment\nmsgid \"\"\nmsgstr \"\"\n\"Language: de\\n\"\n\n#: source\nmsgid \"\"\n\
                    \"a \"\n\"\\\"b\\\"\"\nmsgstr \"ä \\\\\"\n\nmsgid \"c\"\nmsgstr \"\"\n";
        let entry = |english: &str, text: Option<&str>, line| PoEntry {
            english: english.to_owned(),
            text: text.map(str::to_owned),
            line,
        };
        assert_eq!(parse(text).unwrap(), [entry("a \"b\"", Some("ä \\"), 7), entry("c", None, 12)]);
    }

    #[test]
    fn a_missing_or_extra_placeholder_is_refused() {
        for (english, text) in [
            ("{a} and {b}", "{a}"),
            ("{a}", "{a} {b}"),
            ("{a}", "{b}"),
            ("{a}", "a"),
            ("a", "{a}"),
            ("{a}", "{a"),
            ("{a}", "a}"),
            ("{a}", "{a} {}"),
            ("{a", "{a"),
        ] {
            let text = format!("msgid \"{english}\"\nmsgstr \"{text}\"\n");
            assert_eq!(fault(&text), PoFault::Placeholders, "{text}");
        }
        parse("msgid \"{a}: {b}\"\nmsgstr \"{b} – {a}\"\n").unwrap();
    }

    #[test]
    fn what_is_half_valid_is_refused() {
        for (text, expected) in [
            ("#, fuzzy\nmsgid \"a\"\nmsgstr \"b\"\n", PoFault::Fuzzy),
            ("#~ msgid \"a\"\n", PoFault::Fuzzy),
            ("msgctxt \"x\"\nmsgid \"a\"\nmsgstr \"b\"\n", PoFault::Unknown),
            ("msgid \"a\"\nmsgid_plural \"b\"\nmsgstr[0] \"c\"\n", PoFault::Unknown),
            ("msgid \"a\"\n", PoFault::Unknown),
            ("msgstr \"a\"\n", PoFault::Unknown),
            ("\"a\"\n", PoFault::Unknown),
            ("msgid a\nmsgstr \"b\"\n", PoFault::Unquoted),
            ("msgid \"a\nmsgstr \"b\"\n", PoFault::Unquoted),
            ("msgid \"a\\t\"\nmsgstr \"b\"\n", PoFault::Unquoted),
            ("msgid \"a\"\nmsgstr \"b\"\nmsgid \"a\"\nmsgstr \"c\"\n", PoFault::Twice),
            ("msgid \"a: \"\nmsgstr \"b:\"\n", PoFault::Blanks),
            ("msgid \"a\"\nmsgstr \"b\u{202e}\"\n", PoFault::Control),
            ("msgid \"a\"\nmsgstr \"b\u{1b}\"\n", PoFault::Control),
        ] {
            assert_eq!(fault(text), expected, "{text}");
        }
    }
}
