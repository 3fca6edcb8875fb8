//! The check of paths: every file and directory that a document names exists.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::error::Error;
use crate::git;

/// The documents, from the root of the tree.
const DOCUMENTS: [&str; 4] = ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "SECURITY.md"];

/// Paths that a document names as an example or a plan.
const EXAMPLES: [&str; 2] = ["foo/tests.rs", "fpass-face/src/liveness"];

/// Endings by which a name without a directory is taken for a file of the tree.
const ENDINGS: [&str; 6] = [".rs", ".md", ".sh", ".toml", ".c", ".txt"];

/// Directories from which every document may name files.
const BASES: [&str; 3] = ["", "packaging/", "tests/tests/"];

/// Checks the documents and prints the paths that do not exist.
pub(crate) fn check() -> Result<(), Error> {
    let root = git::root()?;
    let known = with_directories(&git::files(std::slice::from_ref(&root))?);
    let mut missing = 0;
    for document in DOCUMENTS {
        let path = root.join(document);
        let text = fs::read_to_string(&path).map_err(|error| Error::read(&path, error))?;
        for (line, name) in unknown(&text, &known) {
            let _ = writeln!(io::stdout(), "{document}:{line}: {name} does not exist");
            missing += 1;
        }
    }
    if missing == 0 { Ok(()) } else { Err(Error::Paths(missing)) }
}

/// The names of a document that do not exist, with their lines. Until the next heading, the words
/// "below `DIRECTORY`" let names start from that directory too.
fn unknown(document: &str, known: &BTreeSet<String>) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut below = String::new();
    for (index, line) in document.lines().enumerate() {
        if line.starts_with('#') {
            below.clear();
        }
        if let Some((_, rest)) = line.split_once("below `") {
            below = rest.split('`').next().unwrap_or_default().to_owned();
        }
        let exists = |name: &str| {
            let bases = BASES.into_iter().chain([below.as_str()]);
            bases.into_iter().any(|base| known.contains(&format!("{base}{name}")))
        };
        let names = code_spans(line).filter(|span| is_path(span)).chain(links(line));
        found.extend(names.filter(|name| !exists(name)).map(|name| (index + 1, name.to_owned())));
    }
    found
}

/// The files with every directory that holds one.
fn with_directories(files: &[String]) -> BTreeSet<String> {
    let places = files.iter().flat_map(|file| Path::new(file).ancestors());
    places.map(|place| place.to_string_lossy().into_owned()).collect()
}

/// The texts between backticks, without a slash at the end.
fn code_spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2).map(|span| span.trim_end_matches('/'))
}

/// Whether a code span names a file or directory of the tree.
fn is_path(span: &str) -> bool {
    let is_elsewhere = span.starts_with(['/', '.', '~']) || span.starts_with("target/");
    let has_other_signs = span.contains(|sign: char| {
        sign.is_whitespace() || matches!(sign, '<' | '>' | '*' | '=' | '(' | ':' | '"' | '{')
    });
    let looks_like_one = span.contains('/') || ENDINGS.iter().any(|end| span.ends_with(end));
    looks_like_one && !is_elsewhere && !has_other_signs && !EXAMPLES.contains(&span)
}

/// The targets of links into the tree, without the heading that they name.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| {
        let (target, _) = rest.split_once(')')?;
        let file = target.split('#').next()?;
        (!file.is_empty() && !file.contains("://")).then_some(file)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_does_not_exist_is_found() {
        let known = with_directories(&["a/b/c.rs".to_owned(), "tests/tests/d.rs".to_owned()]);
        let text = "`a/b/`, `d.rs`, `c.rs`\nbelow `a/b/`:\n`c.rs`\n# Next\n`c.rs`, [e](a/f.md)";
        let found = unknown(text, &known);
        let expected = [(1, "c.rs"), (5, "c.rs"), (5, "a/f.md")];
        assert_eq!(found, expected.map(|(line, name)| (line, name.to_owned())));
    }

    #[test]
    fn spans_that_name_no_file_are_left_out() {
        for span in ["a/b", "a.rs", "Cargo.toml", "tests/vm"] {
            assert!(is_path(span), "{span}");
        }
        for span in ["/etc/fpass", "trait Camera", "a::b", "target/fpass", "<uid>.txt", "word"] {
            assert!(!is_path(span), "{span}");
        }
    }

    #[test]
    fn spans_and_links_of_a_line_are_found() {
        let line = "Files in `a/b/` and [c](d.md#e), [f](https://example.org/) and `g.rs`";
        assert_eq!(code_spans(line).collect::<Vec<_>>(), ["a/b", "g.rs"]);
        assert_eq!(links(line).collect::<Vec<_>>(), ["d.md"]);
    }
}
