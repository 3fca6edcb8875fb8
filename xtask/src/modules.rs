//! The modules of a package: its files, what each declares, and which other files its names come
//! from.

mod parse;
mod resolve;

use std::collections::BTreeMap;
use std::fs;

use crate::error::Error;
use crate::git;

use parse::Parsed;
pub(crate) use parse::PublicType;

/// A package of the tree and the files that `mod` reaches from its `lib.rs`, `main.rs` and `bin/`,
/// without those for tests.
#[derive(Debug)]
pub(crate) struct Package {
    /// The directory, from the root of the tree.
    pub(crate) name: String,
    pub(crate) files: Vec<File>,
}

/// The file of one module.
#[derive(Debug)]
pub(crate) struct File {
    /// Its path, from the root of the tree.
    pub(crate) path: String,
    /// Index of the file that declares it; `None` for a root.
    parent: Option<usize>,
    /// Modules that it declares, by name, and the indices of their files.
    children: BTreeMap<String, usize>,
    parsed: Parsed,
}

impl File {
    /// The public types that it defines.
    pub(crate) fn public_types(&self) -> &[PublicType] {
        &self.parsed.public_types
    }
}

/// Reads every package of the tree that has modules.
pub(crate) fn packages() -> Result<Vec<Package>, Error> {
    let root = git::root()?;
    let files = git::files(std::slice::from_ref(&root))?;
    let folders = files.iter().filter_map(|file| file.strip_suffix("/Cargo.toml"));
    folders
        .map(|folder| {
            let source = format!("{folder}/src/");
            let mut package = Package { name: folder.to_owned(), files: Vec::new() };
            for file in files.iter().filter_map(|file| file.strip_prefix(&source)) {
                if is_root(file) {
                    package.add(&|path| fs::read_to_string(root.join(path)).ok(), &source, file)?;
                }
            }
            Ok(package)
        })
        .collect()
}

fn is_root(file: &str) -> bool {
    matches!(file, "lib.rs" | "main.rs")
        || file.strip_prefix("bin/").is_some_and(|name| {
            !name.contains('/') && name.ends_with(".rs") || name.ends_with("/main.rs")
        })
}

impl Package {
    /// Adds a root and all that its `mod` lines reach. `read` gives the text of a file by its path.
    fn add(
        &mut self,
        read: &dyn Fn(&str) -> Option<String>,
        source: &str,
        root: &str,
    ) -> Result<(), Error> {
        let folder = match root.rsplit_once('/') {
            Some((folder, _)) => format!("{source}{folder}/"),
            None => source.to_owned(),
        };
        let mut open = vec![(format!("{source}{root}"), folder, None)];
        while let Some((path, folder, parent)) = open.pop() {
            let text = read(&path).ok_or_else(|| Error::Module(path.clone()))?;
            let parsed = parse::parse(&text);
            let index = self.files.len();
            for child in &parsed.modules {
                let plain = format!("{folder}{child}.rs");
                let path = match read(&plain) {
                    Some(_) => plain,
                    None => format!("{folder}{child}/mod.rs"),
                };
                open.push((path, format!("{folder}{child}/"), Some((index, child.clone()))));
            }
            if let Some((parent, name)) = &parent
                && let Some(parent) = self.files.get_mut(*parent)
            {
                parent.children.insert(name.clone(), index);
            }
            let parent = parent.map(|(index, _)| index);
            self.files.push(File { path, parent, children: BTreeMap::new(), parsed });
        }
        Ok(())
    }

    /// The file whose `mod` line chooses this file or another one, by a condition; `None` for a
    /// file that every build has.
    pub(crate) fn chooser(&self, file: usize) -> Option<usize> {
        let parent = self.files.get(file)?.parent?;
        let chooser = self.files.get(parent)?;
        let mut conditional = chooser.parsed.conditional.iter();
        let is_chosen = conditional.any(|name| chooser.children.get(name) == Some(&file));
        is_chosen.then_some(parent)
    }

    /// Whether the module of one file contains that of the other.
    pub(crate) fn contains(&self, outer: usize, inner: usize) -> bool {
        let parent = |index: usize| self.files.get(index).and_then(|file| file.parent);
        std::iter::successors(parent(inner), |index| parent(*index)).any(|index| index == outer)
    }

    /// The name of the file of an index, without the package.
    pub(crate) fn short_name(&self, index: usize) -> &str {
        let path = self.files.get(index).map_or("", |file| file.path.as_str());
        path.strip_prefix(&self.name).map_or(path, |path| path.trim_start_matches("/src/"))
    }
}

/// The package of files in memory, for tests: `src/` is at their root.
#[cfg(test)]
pub(crate) fn in_memory(files: &[(&str, &str)]) -> Package {
    let mut package = Package { name: "crate".to_owned(), files: Vec::new() };
    let read = |path: &str| {
        let name = path.strip_prefix("crate/src/")?;
        let (_, text) = files.iter().find(|(file, _)| *file == name)?;
        Some((*text).to_owned())
    };
    package.add(&read, "crate/src/", files[0].0).unwrap();
    package
}
