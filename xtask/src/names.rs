//! The check that no two public types of one crate have one name.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::modules::{Package, packages};

/// Checks every package of the tree.
pub(crate) fn check() -> Result<(), Error> {
    let found: Vec<String> = packages()?.iter().flat_map(duplicates).collect();
    if found.is_empty() { Ok(()) } else { Err(Error::Names(found)) }
}

/// The names that several types have, each with the places of the types. Files of which a build has
/// one only, for the same purpose, may define the same name.
fn duplicates(package: &Package) -> Vec<String> {
    let mut places: BTreeMap<_, Vec<(Option<usize>, String)>> = BTreeMap::new();
    for (index, file) in package.files.iter().enumerate() {
        let chooser = package.chooser(index);
        for found in file.public_types() {
            let place = format!("{}:{}", file.path, found.line);
            // A package may have several crates: a library and programs.
            let key = (package.root(index), found.name.as_str());
            places.entry(key).or_default().push((chooser, place));
        }
    }
    places.retain(|_, places| {
        let first = places.first().and_then(|(chooser, _)| *chooser);
        places.len() > 1 && (first.is_none() || places.iter().any(|(other, _)| *other != first))
    });
    let describe = |name: &str, places: Vec<(Option<usize>, String)>| {
        let places: Vec<String> = places.into_iter().map(|(_, place)| place).collect();
        format!("{name} in {}", places.join(", "))
    };
    places.into_iter().map(|((_, name), places)| describe(name, places)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::in_memory;

    #[test]
    fn a_name_of_two_types_is_found() {
        let package = in_memory(&[
            ("lib.rs", "mod a;\npub struct A;\npub fn b() {}"),
            ("a.rs", "pub(crate) enum A {}\nstruct C;\npub use crate::A as D;"),
        ]);
        assert_eq!(duplicates(&package), ["A in crate/src/lib.rs:2, crate/src/a.rs:1"]);
    }

    #[test]
    fn a_type_that_no_other_file_sees_may_share_its_name() {
        let package =
            in_memory(&[("lib.rs", "mod a;\npub struct A;"), ("a.rs", "struct A;\npub struct B;")]);
        assert_eq!(duplicates(&package), [""; 0]);
    }

    #[test]
    fn files_of_which_a_build_has_one_may_share_names() {
        let root = "#[cfg(feature = \"a\")]\nmod a;\n#[cfg(not(feature = \"a\"))]\nmod b;\nmod c;";
        let files = |other| {
            [
                ("lib.rs", root),
                ("a.rs", "pub struct A;"),
                ("b.rs", "pub struct A;"),
                ("c.rs", other),
            ]
        };
        assert_eq!(duplicates(&in_memory(&files("pub struct C;"))), [""; 0]);
        assert_eq!(duplicates(&in_memory(&files("pub struct A;"))).len(), 1);
    }
}
