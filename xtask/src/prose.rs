//! The check of prose: how wide its lines are, and that it avoids the phrases of a list.

mod passages;
mod phrases;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::git;
use crate::prose::passages::{Passage, passages};
use crate::prose::phrases::Phrase;

/// Widest line of prose, in characters.
const WIDTH_MAX: usize = 100;

/// The list of phrases, from the root of the tree.
const PHRASES: &str = "docs/forbidden-phrases.txt";

/// Files whose text others wrote or a program made: ends and beginnings of their paths.
const EXEMPT_ENDS: [&str; 4] = [".lock", ".hex", "LICENSE", PHRASES];
const EXEMPT_FOLDERS: [&str; 3] =
    ["fuzz/corpus/", "tests/tests/stacks/golden/", "packaging/rpm/authselect/"];

/// Checks the files of the tree below `paths`, or all of them, and prints what is to be changed.
pub(crate) fn check(paths: &[PathBuf]) -> Result<(), Error> {
    let root = git::root()?;
    let list = root.join(PHRASES);
    let list = fs::read_to_string(&list).map_err(|error| Error::read(&list, error))?;
    let phrases = phrases::read(&list)?;
    let mut found = 0;
    for file in git::files(paths)? {
        if is_exempt(&file) {
            continue;
        }
        let Some(text) = read(&root.join(&file))? else { continue };
        for (line, complaint) in complaints(&passages(&file, &text), &phrases) {
            let _ = writeln!(io::stdout(), "{file}:{line}: {complaint}");
            found += 1;
        }
        if file.ends_with(".md")
            && let Some(line) = broken_code_block(&text)
        {
            let _ =
                writeln!(io::stdout(), "{file}:{line}: a code block has no end of its own line");
            found += 1;
        }
    }
    if found == 0 { Ok(()) } else { Err(Error::Prose(found)) }
}

fn is_exempt(file: &str) -> bool {
    EXEMPT_ENDS.iter().any(|end| file.ends_with(end))
        || EXEMPT_FOLDERS.iter().any(|folder| file.starts_with(folder))
}

/// The text of a file; `None` for a file that was deleted or is not text.
fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8(bytes).ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::read(path, error)),
    }
}

/// The first line of Markdown at which a mark of a code block stands behind other text, or the line
/// of a block that does not end.
fn broken_code_block(text: &str) -> Option<usize> {
    const MARK: &str = "```";
    let mut open = None;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if line.starts_with(MARK) {
            open = if open.is_none() { Some(number + 1) } else { None };
        } else if line.contains(MARK) {
            return Some(number + 1);
        }
    }
    open
}

/// What is wrong, each with its line, in the order of the lines.
fn complaints(passages: &[Passage], phrases: &[Phrase]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for passage in passages {
        for line in &passage.lines {
            if line.width > WIDTH_MAX {
                let complaint = format!("wider than {WIDTH_MAX} columns ({})", line.width);
                found.push((line.number, complaint));
            }
        }
        for phrase in phrases {
            found.extend(phrase.lines(passage).map(|line| (line, phrase.complaint())));
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(file: &str, text: &str) -> Vec<usize> {
        let phrases = phrases::read("green apples: red pears\n").unwrap();
        let lines = complaints(&passages(file, text), &phrases);
        lines.into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn a_phrase_is_found_across_the_end_of_a_line() {
        assert_eq!(found("a.md", "Text.\n\nEat green\nApples.\n"), [3]);
        assert_eq!(found("a.rs", "fn a() {}\n/// Eat green\n/// apples.\nfn b() {}\n"), [2]);
        assert_eq!(found("a", "#!/bin/sh\n# Eat green\n# apples\n"), [2]);
        assert_eq!(found("man/a.8", ".SH A\nEat green\n.B apples\n"), [2]);
        assert_eq!(found("a.rs", "const A: &str = \"Eat green \\\n  apples.\";"), [1]);
    }

    #[test]
    fn other_text_passes() {
        assert_eq!(found("a.md", "Eat green.\n\nApples. Greener apples.\n"), [0; 0]);
        assert_eq!(found("a.rs", "green!(apples)"), [0; 0]);
    }

    #[test]
    fn a_wide_line_is_found() {
        let wide = "word ".repeat(25);
        assert_eq!(found("a.md", &format!("{wide}\n")), [1]);
        assert_eq!(found("a.rs", &format!("    // {wide}\n")), [1]);
        assert_eq!(found("a.toml", &format!("a = 1\n# {wide}\n")), [2]);
        assert_eq!(found("a.sh", &format!("# {wide}\n")), [1]);
        assert_eq!(found("man/a.8", &format!("{wide}\n")), [1]);
    }

    #[test]
    fn what_cannot_be_wrapped_may_be_wide() {
        let wide = "word ".repeat(25);
        let long = "https://example.org/".to_owned() + &"a".repeat(100);
        for text in [
            format!("| {wide} |\n"),
            format!("```\n{wide}\n```\n"),
            format!("- [two words]({long})\n"),
            format!("{long}\n"),
        ] {
            assert_eq!(found("a.md", &text), [0; 0], "{text}");
        }
        assert_eq!(found("a.rs", &format!("/// <{long}>\n")), [0; 0]);
        assert_eq!(found("a.sh", &format!("echo '{wide}'\n")), [0; 0]);
        assert_eq!(found("man/a.8", &format!(".nf\n{wide}\n.fi\n")), [0; 0]);
    }

    #[test]
    fn a_code_block_ends_on_a_line_of_its_own() {
        for (text, line) in [
            ("```\na\n```\n", None),
            ("1. A:\n   ```\n   a\n   ```\n", None),
            ("```\na ```\nText.\n", Some(2)),
            ("Text.\n\n```\na\n", Some(3)),
        ] {
            assert_eq!(broken_code_block(text), line, "{text}");
        }
    }
}
