//! Which file a name comes from.

use std::collections::BTreeSet;

use super::Package;

/// How often a name may be imported again before it is given up; imports may go in a circle.
const HOPS_MAX: usize = 16;

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// A module, by the index of its file.
    Module(usize),
    /// Something that this file defines.
    Item(usize),
}

impl Package {
    /// The files that a file depends on by what it names: those that define it, and those that hand
    /// it on with `pub use`. The files of the modules around the file hand on what is below them
    /// without being needed for it.
    pub(crate) fn sources(&self, file: usize) -> BTreeSet<usize> {
        let Some(parsed) = self.files.get(file).map(|file| &file.parsed) else {
            return BTreeSet::new();
        };
        let mut search = Search { package: self, from: file, handed_on: BTreeSet::new() };
        let mut found = BTreeSet::new();
        let paths = parsed.paths.iter().map(|path| (path, false));
        let imports = parsed.imports.iter().map(|import| (&import.path, import.name.is_none()));
        for (path, is_glob) in imports.chain(paths) {
            match search.follow(file, path, HOPS_MAX) {
                Some(Target::Item(index)) => found.insert(index),
                // A module that is imported is a source only when something of it is named.
                Some(Target::Module(index)) => is_glob && found.insert(index),
                None => false,
            };
        }
        found.append(&mut search.handed_on);
        found.remove(&file);
        found
    }

    /// The root of the crate that a file belongs to.
    pub(crate) fn root(&self, file: usize) -> Option<usize> {
        let parent = |index: &usize| self.files.get(*index).and_then(|file| file.parent);
        std::iter::successors(Some(file), parent).last()
    }
}

/// A search for what one file names.
struct Search<'a> {
    package: &'a Package,
    from: usize,
    /// Files whose `pub use` the search went through.
    handed_on: BTreeSet<usize>,
}

impl Search<'_> {
    /// Follows a path that is in a file.
    fn follow(&mut self, file: usize, path: &[String], hops: usize) -> Option<Target> {
        let (first, rest) = path.split_first()?;
        let mut at = match first.as_str() {
            "crate" => self.package.root(file)?,
            "self" => file,
            "super" => self.package.files.get(file)?.parent?,
            name => match self.find(file, name, hops)? {
                Target::Module(index) => index,
                Target::Item(index) => return Some(Target::Item(index)),
            },
        };
        for name in rest {
            if name == "super" {
                at = self.package.files.get(at)?.parent?;
                continue;
            }
            match self.find(at, name, hops) {
                Some(Target::Module(index)) => at = index,
                Some(Target::Item(index)) => return Some(Target::Item(index)),
                // A macro defines it, or it comes from another crate.
                None => return Some(Target::Item(at)),
            }
        }
        Some(Target::Module(at))
    }

    /// What a name means in the module of a file.
    fn find(&mut self, file: usize, name: &str, hops: usize) -> Option<Target> {
        let found = self.package.files.get(file)?;
        if let Some(child) = found.children.get(name) {
            return Some(Target::Module(*child));
        }
        if found.parsed.items.contains(name) {
            return Some(Target::Item(file));
        }
        let hops = hops.checked_sub(1)?;
        let imports = &found.parsed.imports;
        let named = imports.iter().find(|import| import.name.as_deref() == Some(name));
        let target = match named {
            Some(import) => self.follow(file, &import.path, hops)?,
            None => imports.iter().filter(|import| import.name.is_none()).find_map(|import| {
                let Target::Module(from) = self.follow(file, &import.path, hops)? else {
                    return None;
                };
                self.find(from, name, hops)
            })?,
        };
        if matches!(target, Target::Item(_)) && !self.package.contains(file, self.from) {
            self.handed_on.insert(file);
        }
        Some(target)
    }
}

#[cfg(test)]
mod tests {
    use crate::modules::in_memory;

    /// The sources of a file, by name.
    fn sources(files: &[(&str, &str)], of: &str) -> Vec<String> {
        let package = in_memory(files);
        let indices = 0..package.files.len();
        let index = indices.into_iter().find(|index| package.short_name(*index) == of).unwrap();
        let sources = package.sources(index).into_iter();
        let mut names: Vec<_> = sources.map(|index| package.short_name(index).to_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_name_comes_from_the_files_that_define_it_and_hand_it_on() {
        let files = [
            ("lib.rs", "mod a;\nmod b;\nmod c;"),
            ("a.rs", "mod d;\npub use d::D;\npub struct A;"),
            ("a/d.rs", "pub struct D;"),
            ("b.rs", "use crate::a::{self, D};"),
            ("c.rs", "use crate::a;\nfn f() { a::A }\nuse super::b;\nuse std::io::Read;"),
        ];
        assert_eq!(sources(&files, "b.rs"), ["a.rs", "a/d.rs"]);
        assert_eq!(sources(&files, "c.rs"), ["a.rs"]);
        assert_eq!(sources(&files, "a.rs"), ["a/d.rs"]);
        let handed_on = [
            ("lib.rs", "mod a;\nmod b;\npub use b::B;"),
            ("a.rs", "use crate::B;"),
            ("b.rs", "pub struct B;"),
        ];
        assert_eq!(sources(&handed_on, "a.rs"), ["b.rs"]);
    }

    #[test]
    fn an_import_of_everything_is_followed() {
        let files = [
            ("main.rs", "mod a;\nmod b;\nmod c;"),
            ("a/mod.rs", "pub use crate::b::*;"),
            ("b.rs", "pub fn f() {}"),
            ("c.rs", "fn g() { crate::a::f() }"),
        ];
        assert_eq!(sources(&files, "c.rs"), ["a/mod.rs", "b.rs"]);
        assert_eq!(sources(&files, "a/mod.rs"), ["b.rs"]);
    }

    #[test]
    fn imports_in_a_circle_end() {
        let files = [
            ("lib.rs", "mod a;\nmod b;"),
            ("a.rs", "pub use crate::b::X;"),
            ("b.rs", "pub use crate::a::X;"),
        ];
        assert!(sources(&files, "a.rs").len() <= 1);
    }
}
