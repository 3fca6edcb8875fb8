//! The book: docs/SUMMARY.md lists its pages. The check finds pages that are not listed and links
//! that do not resolve; with a directory, the source for mdBook is written into it.

mod markdown;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::book::markdown::{Link, headings, links, resolve};
use crate::error::Error;
use crate::git;

/// The list of pages, from the root of the tree.
const SUMMARY: &str = "docs/SUMMARY.md";

/// The list of decisions. Its pages belong to the book without a line in [`SUMMARY`].
const DECISIONS: &str = "docs/adr/README.md";

/// Where every page has to be in the book.
const DOCUMENTS: &str = "docs/";

/// A page of the book.
struct Page {
    links: Vec<Link>,
    headings: BTreeSet<String>,
}

/// The pages of the book and the files of the tree.
struct Book {
    summary: String,
    /// Titles and paths of the decisions.
    decisions: Vec<(String, String)>,
    pages: BTreeMap<String, Page>,
    files: BTreeSet<String>,
}

/// Checks the book and prints what is wrong. Writes its source into a directory, if there is one.
pub(crate) fn check(into: Option<&Path>) -> Result<(), Error> {
    let root = git::root()?;
    let files = git::files(std::slice::from_ref(&root))?;
    let files = files.into_iter().filter(|file| root.join(file).exists()).collect();
    let read = |file: &str| {
        let path = root.join(file);
        fs::read_to_string(&path).map_err(|error| Error::read(&path, error))
    };
    let book = Book::read(files, read)?;
    let complaints = book.complaints();
    for complaint in &complaints {
        let _ = writeln!(io::stdout(), "{complaint}");
    }
    if !complaints.is_empty() {
        return Err(Error::Book(complaints.len()));
    }
    into.map_or(Ok(()), |into| book.write(&root, into))
}

impl Book {
    fn read(
        files: BTreeSet<String>,
        read: impl Fn(&str) -> Result<String, Error>,
    ) -> Result<Self, Error> {
        let summary = read(SUMMARY)?;
        let decisions = decisions(&read(DECISIONS)?);
        let listed = links(&summary).into_iter().map(|link| resolve(SUMMARY, &link.path));
        let decided = decisions.iter().map(|(_, path)| path.clone());
        let mut pages = BTreeMap::new();
        for path in listed.chain(decided).filter(|path| files.contains(path)) {
            let text = read(&path)?;
            pages.insert(path, Page { links: links(&text), headings: headings(&text) });
        }
        Ok(Self { summary, decisions, pages, files })
    }

    /// What is wrong, each with its file and line.
    fn complaints(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut listed = BTreeSet::new();
        for link in links(&self.summary) {
            let path = resolve(SUMMARY, &link.path);
            if !self.files.contains(&path) {
                found.push(format!("{SUMMARY}:{}: {path} does not exist", link.line));
            }
            if !listed.insert(path.clone()) {
                found.push(format!("{SUMMARY}:{}: {path} is listed twice", link.line));
            }
        }
        let unlisted = self.files.iter().filter(|file| {
            let is_document = file.starts_with(DOCUMENTS) && file.ends_with(".md");
            is_document && *file != SUMMARY && !self.pages.contains_key(*file)
        });
        found.extend(unlisted.map(|file| format!("{file}: is not in {SUMMARY} or {DECISIONS}")));
        for (path, page) in &self.pages {
            let wrong = page.links.iter().filter_map(|link| {
                self.wrong(path, link).map(|wrong| format!("{path}:{}: {wrong}", link.line))
            });
            found.extend(wrong);
        }
        found
    }

    /// What is wrong with a link of a page.
    fn wrong(&self, from: &str, link: &Link) -> Option<String> {
        let path = if link.path.is_empty() { from.to_owned() } else { resolve(from, &link.path) };
        if !self.files.contains(&path) {
            return Some(format!("{path} does not exist, or is a directory"));
        }
        match self.pages.get(&path) {
            Some(page) => {
                let heading = link.heading.as_ref()?;
                (!page.headings.contains(heading)).then(|| format!("{path} has no #{heading}"))
            }
            None => path.ends_with(".md").then(|| format!("{path} is not a page of the book")),
        }
    }

    /// Writes the pages, the files that they link to, and a summary from the root of the tree.
    fn write(&self, root: &Path, into: &Path) -> Result<(), Error> {
        let linked = self.pages.iter().flat_map(|(from, page)| {
            let named = page.links.iter().filter(|link| !link.path.is_empty());
            named.map(|link| resolve(from, &link.path))
        });
        let files: BTreeSet<String> = self.pages.keys().cloned().chain(linked).collect();
        for file in files {
            let target = into.join(&file);
            if let Some(directory) = target.parent() {
                fs::create_dir_all(directory).map_err(|error| Error::write(directory, error))?;
            }
            fs::copy(root.join(&file), &target).map_err(|error| Error::write(&target, error))?;
        }
        let summary = into.join("SUMMARY.md");
        fs::write(&summary, self.rooted_summary()).map_err(|error| Error::write(&summary, error))
    }

    /// The summary with paths from the root of the tree, and with the decisions below their list.
    fn rooted_summary(&self) -> String {
        let mut rooted = String::new();
        for line in self.summary.lines() {
            let Some(link) = links(line).into_iter().next() else {
                let _ = writeln!(rooted, "{line}");
                continue;
            };
            let path = resolve(SUMMARY, &link.path);
            let _ = writeln!(rooted, "{}", line.replace(&link.path, &path));
            if path == DECISIONS {
                for (title, path) in &self.decisions {
                    let _ = writeln!(rooted, "  - [{title}]({path})");
                }
            }
        }
        rooted
    }
}

/// Titles and paths of the decisions, from the rows of their list.
fn decisions(list: &str) -> Vec<(String, String)> {
    let rows = list.lines().filter(|line| line.starts_with("| ["));
    rows.filter_map(|row| {
        let link = links(row).into_iter().next()?;
        let mut cells = row.split('|').map(str::trim).skip(1);
        let number: String = cells.next()?.chars().filter(char::is_ascii_digit).take(4).collect();
        let title = cells.next()?.replace(['[', ']', '`'], "");
        Some((format!("{number} {title}"), resolve(DECISIONS, &link.path)))
    })
    .collect()
}

#[cfg(test)]
mod tests;
