//! Sentences that a person would read in English only.
//!
//! In the module the compiler sees to it: what it shows is a `Wording`, which only a catalogue
//! gives. In the command this check does: a string of several words is an argument of a macro of
//! the catalogues, or is in a file of the list below.

use super::MACROS;
use crate::tokens::{Kind, Token};

/// Where the rule holds.
const PROGRAMS: &[&str] = &["fpass-enroll/src/"];

/// Files and directories whose texts are English only, and why.
const ENGLISH: &[(&str, &str)] = &[
    ("fpass-enroll/src/cli.rs", "usage, which man pages and completions share"),
    ("fpass-enroll/src/cli/", "usage"),
    ("fpass-enroll/src/exit_code.rs", "usage"),
    ("fpass-enroll/src/timestamp.rs", "usage: why an argument is refused"),
    ("fpass-enroll/src/audit/", "the audit log, which is English"),
    ("fpass-enroll/src/commands/audit.rs", "the audit log"),
    ("fpass-enroll/src/commands/audit_show.rs", "the audit log"),
];

/// The sentences that go around the catalogues, with their places.
pub(super) fn find(file: &str, code: &[Token<'_>]) -> Vec<String> {
    let is_program = PROGRAMS.iter().any(|program| file.starts_with(program));
    let is_english = ENGLISH.iter().any(|(place, _)| file.starts_with(place));
    if !is_program || is_english || file.ends_with("tests.rs") {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(token) = code.get(at) {
        let next = |ahead: usize| code.get(at + ahead).map_or("", |token| token.text);
        if token.text == "#" && next(1) == "[" {
            // Nothing behind the tests is shown to anybody.
            if next(2) == "cfg" && next(4) == "test" {
                break;
            }
            // The text of an error is shown.
            at = if next(2) == "error" { at + 2 } else { end_of_group(code, at + 1) };
            continue;
        }
        if MACROS.contains(&token.text) && next(1) == "!" {
            at = end_of_group(code, at + 2);
            continue;
        }
        if token.kind == Kind::Text && is_sentence(token.text) {
            found.push(format!(
                "{file}:{}: goes around the catalogues; write it with told! or tell!: {}",
                token.line, token.text
            ));
        }
        at += 1;
    }
    found
}

/// The place behind a group that opens at a place.
fn end_of_group(code: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in code.iter().enumerate().skip(open) {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    code.len()
}

/// Whether a string has two words with a blank between them.
fn is_sentence(text: &str) -> bool {
    let letters = |word: &str| word.chars().filter(char::is_ascii_alphabetic).count() >= 2;
    let plain = |word: &&str| !word.contains(['{', '}', '/', '=']);
    text.trim_matches('"').split_whitespace().filter(plain).filter(|word| letters(word)).count()
        >= 2
}
