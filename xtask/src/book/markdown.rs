//! Links and headings of a page of Markdown.

use std::collections::{BTreeMap, BTreeSet};

/// A link into the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// Its line in the file, from 1.
    pub(crate) line: usize,
    /// The file as the page names it; empty for the page itself.
    pub(crate) path: String,
    /// The heading in that file.
    pub(crate) heading: Option<String>,
}

/// The links of a page into the tree, in order, without those in code.
pub(crate) fn links(text: &str) -> Vec<Link> {
    let mut found = Vec::new();
    for (line, prose) in prose(text) {
        let targets = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains("://")) {
            let (path, heading) = match target.split_once('#') {
                Some((path, heading)) => (path, Some(heading.to_owned())),
                None => (target, None),
            };
            found.push(Link { line, path: path.to_owned(), heading });
        }
    }
    found
}

/// The names by which links reach the headings of a page, as mdBook and the usual hosts make them.
pub(crate) fn headings(text: &str) -> BTreeSet<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut found = BTreeSet::new();
    let mut in_code = false;
    for line in text.lines() {
        in_code ^= is_fence(line);
        let title = line.trim_start_matches('#');
        if in_code || title.len() == line.len() || !title.starts_with(' ') {
            continue;
        }
        let name = name(title.trim());
        let earlier = seen.entry(name.clone()).or_default();
        found.insert(if *earlier == 0 { name } else { format!("{name}-{earlier}") });
        *earlier += 1;
    }
    found
}

/// The file that a link of the file `from` names, from the root of the tree. A path that leaves the
/// tree keeps its "..", so it names no file.
pub(crate) fn resolve(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The name of a heading: small letters, with a hyphen for each blank, without other signs.
fn name(title: &str) -> String {
    let mut shown = String::new();
    let mut rest = title;
    // Of a link only its text is shown.
    while let Some((before, after)) = rest.split_once("](") {
        shown.push_str(before);
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    shown.push_str(rest);
    shown
        .chars()
        .filter_map(|sign| match sign {
            sign if sign.is_whitespace() => Some('-'),
            sign if sign.is_alphanumeric() || matches!(sign, '-' | '_') => Some(sign),
            _ => None,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

fn is_fence(line: &str) -> bool {
    line.trim_start().starts_with("```")
}

/// The lines outside code blocks with their numbers, without the code between backticks.
fn prose(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        in_code ^= is_fence(line);
        if !in_code {
            found.push((index + 1, line.split('`').step_by(2).collect()));
        }
    }
    found
}
