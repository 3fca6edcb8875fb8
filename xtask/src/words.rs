//! The check of the catalogues: every sentence of the tree is in each of them, they hold nothing
//! else, and no sentence goes around them.

mod bypass;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fpass_language::po;

use crate::error::Error;
use crate::git;
use crate::tokens::{Kind, Token, tokens};

/// Macros whose strings are sentences of the catalogues.
const MACROS: &[&str] = &["sentence", "text", "tell", "told", "wording"];
/// Macros whose tables have a sentence in English in each row.
const TABLES: &[&str] = &["refusals", "prompts", "guidance"];
/// The dialogues of polkit, which have their translations in the file itself.
const POLICY: &str = "packaging/usr/share/polkit-1/actions/org.fpass.Fpass1.policy";
/// Where the catalogues are.
const FOLDER: &str = "fpass-language/po";
/// Their crate, whose examples are no sentences of the program.
const CRATE: &str = "fpass-language/src/";

/// The sentences of the tree.
#[derive(Debug, Default)]
struct Sentences {
    /// The English text of each, with the first place where it is.
    used: BTreeMap<String, String>,
    /// Every string of the source.
    strings: BTreeSet<String>,
    /// Sentences that are shown without a catalogue.
    bypasses: Vec<String>,
}

/// Checks the catalogues. With `add`, those that lack a sentence get an empty entry for it.
pub(crate) fn check(add: bool) -> Result<(), Error> {
    let root = git::root()?;
    let mut sentences = Sentences::default();
    for file in git::files(std::slice::from_ref(&root))? {
        if file.ends_with(".rs") && !file.starts_with(CRATE) {
            sentences.read_source(&file, &read(&root.join(&file))?);
        }
    }
    let policy = read(&root.join(POLICY))?;
    sentences.read_policy(&policy);
    let mut faults = sentences.bypasses.clone();
    for (name, _) in po::CATALOGUES {
        let file = format!("{FOLDER}/{name}.po");
        let path = root.join(&file);
        let text = read(&path)?;
        let entries =
            po::parse(&text).map_err(|error| Error::Words(vec![format!("{file}:{error}")]))?;
        let absent = sentences.absent_from(&entries);
        if add && !absent.is_empty() {
            fs::write(&path, text + &empty_entries(&absent))
                .map_err(|source| Error::write(&path, source))?;
        }
        faults.extend(sentences.faults(&file, &entries));
        faults.extend(missing_in_policy(&policy, name, &entries));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Words(faults)) }
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|cause| Error::read(path, cause))
}

impl Sentences {
    /// Reads the sentences of one source file.
    fn read_source(&mut self, file: &str, source: &str) {
        let code: Vec<_> =
            tokens(source).into_iter().filter(|token| token.kind != Kind::Comment).collect();
        self.strings.extend(code.iter().filter_map(unquoted));
        for (at, token) in code.iter().enumerate() {
            let arguments = code.get(at + 1..).unwrap_or_default();
            for sentence in sentences_of(token, arguments) {
                self.used.entry(sentence).or_insert_with(|| format!("{file}:{}", token.line));
            }
        }
        self.bypasses.extend(bypass::find(file, &code));
    }

    /// Reads the English texts of polkit's dialogues.
    fn read_policy(&mut self, policy: &str) {
        for element in ["description", "message"] {
            let (open, close) = (format!("<{element}>"), format!("</{element}>"));
            for rest in policy.split(&open).skip(1) {
                if let Some((text, _)) = rest.split_once(&close) {
                    self.used.entry(text.to_owned()).or_insert_with(|| POLICY.to_owned());
                    self.strings.insert(text.to_owned());
                }
            }
        }
    }

    /// The sentences without an entry.
    fn absent_from(&self, entries: &[po::PoEntry]) -> Vec<&str> {
        let known: BTreeSet<&str> = entries.iter().map(|entry| entry.english.as_str()).collect();
        self.used.keys().map(String::as_str).filter(|used| !known.contains(used)).collect()
    }

    /// What is wrong with one catalogue.
    fn faults(&self, file: &str, entries: &[po::PoEntry]) -> Vec<String> {
        let absent = self.absent_from(entries).into_iter().map(|english| {
            let place = self.used.get(english).map(String::as_str).unwrap_or_default();
            format!("{file}: no entry for the sentence at {place}: {english:?}")
        });
        let empty = entries.iter().filter(|entry| entry.text.is_none()).map(|entry| {
            format!("{file}:{}: the translation is empty: {:?}", entry.line, entry.english)
        });
        let unused = entries.iter().filter(|entry| !self.strings.contains(&entry.english));
        let unused = unused.map(|entry| {
            format!("{file}:{}: the tree no longer has this text: {:?}", entry.line, entry.english)
        });
        absent.chain(empty).chain(unused).collect()
    }
}

/// The dialogues of polkit that lack the text of a catalogue in its language.
fn missing_in_policy(policy: &str, language: &str, entries: &[po::PoEntry]) -> Vec<String> {
    let mut missing = Vec::new();
    for element in ["description", "message"] {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        for rest in policy.split(&open).skip(1) {
            let (english, translations) = rest.split_once(&close).unwrap_or((rest, ""));
            let text = entries.iter().find(|entry| entry.english == english);
            let text = text.and_then(|entry| entry.text.as_deref()).unwrap_or_default();
            let line = format!("<{element} xml:lang=\"{language}\">{text}{close}");
            if !translations.contains(&line) {
                missing.push(format!("{POLICY}: behind {english:?} there is no {line}"));
            }
        }
    }
    missing
}

/// The sentences of a macro call, whose name is `token` and whose arguments follow it.
fn sentences_of(token: &Token<'_>, arguments: &[Token<'_>]) -> Vec<String> {
    let [mark, open, rest @ ..] = arguments else { return Vec::new() };
    let is_macro = MACROS.contains(&token.text);
    let is_table = TABLES.contains(&token.text);
    if mark.text != "!" || !(is_macro || is_table) || !matches!(open.text, "(" | "{") {
        return Vec::new();
    }
    let mut depth = 1_usize;
    let mut found = Vec::new();
    for (at, token) in rest.iter().enumerate() {
        match token.text {
            "(" | "{" | "[" => depth += 1,
            ")" | "}" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        let before = if at == 0 { Some(open) } else { rest.get(at.wrapping_sub(1)) };
        // Behind `=` is the value of a placeholder, or the name of a row.
        let follows = before.is_some_and(|before| matches!(before.text, "(" | "{" | ","));
        let is_row = is_table && before.is_some_and(|before| before.text == ",");
        if depth == 1 && (is_row || (is_macro && follows)) {
            found.extend(unquoted(token));
        }
    }
    found
}

/// The value of a string without a prefix.
fn unquoted(token: &Token<'_>) -> Option<String> {
    if token.kind != Kind::Text {
        return None;
    }
    let inner = token.text.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match characters.next()? {
            'n' => text.push('\n'),
            '\n' => while characters.next_if(|next| next.is_ascii_whitespace()).is_some() {},
            escaped @ ('"' | '\\' | '\'') => text.push(escaped),
            // A character by its number is in no sentence.
            _ => return None,
        }
    }
    Some(text)
}

/// Entries to fill in.
fn empty_entries(sentences: &[&str]) -> String {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    sentences.iter().map(|text| format!("\nmsgid \"{}\"\nmsgstr \"\"\n", quoted(text))).collect()
}
