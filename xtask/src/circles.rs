//! The check that the files of a package do not use each other in a circle.
//!
//! A module and the files below it are one thing to their users, so that a file may use what the
//! file of a module around it defines. Such an edge counts only in a circle that leaves that
//! module.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::graph::Graph;
use crate::modules::{Package, packages};

/// Checks every package of the tree.
pub(crate) fn check() -> Result<(), Error> {
    let found: Vec<String> = packages()?.iter().flat_map(circles).collect();
    if found.is_empty() { Ok(()) } else { Err(Error::Circles(found)) }
}

/// The shortest circle of each group of files that reach each other.
fn circles(package: &Package) -> Vec<String> {
    let mut graph = Graph::default();
    for file in 0..package.files.len() {
        for source in package.sources(file) {
            graph.insert(file, source);
        }
    }
    let describe = |knot: Graph| {
        // A circle between siblings says more than one with the file of the module around them.
        let siblings = knot.filtered(|from, to| !package.contains(to, from));
        let circle = siblings.shortest_circle().or_else(|| knot.shortest_circle());
        let circle = circle.unwrap_or_default();
        let names: Vec<&str> = circle.iter().map(|index| package.short_name(*index)).collect();
        let files = knot.nodes().len();
        format!("{}: {} ({files} files reach each other)", package.name, names.join(" → "))
    };
    knots(package, &graph).into_iter().map(describe).collect()
}

/// The edges of each group of files that reach each other. Those to the file of a module that
/// contains the whole group do not count.
fn knots(package: &Package, graph: &Graph) -> Vec<Graph> {
    let mut found = Vec::new();
    for group in graph.groups() {
        let inside = graph.within(&group);
        match outermost(package, &group) {
            None => found.push(inside),
            Some(outer) => found.extend(knots(package, &inside.filtered(|_, to| to != outer))),
        }
    }
    found
}

/// The file of the group whose module contains all the others.
fn outermost(package: &Package, group: &BTreeSet<usize>) -> Option<usize> {
    let contains = |outer: usize, inner: usize| outer == inner || package.contains(outer, inner);
    group.iter().copied().find(|outer| group.iter().all(|inner| contains(*outer, *inner)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::in_memory;

    #[test]
    fn files_that_use_each_other_are_a_circle() {
        let package = in_memory(&[
            ("lib.rs", "mod a;\nmod b;\nmod c;"),
            ("a.rs", "pub struct A(super::c::C);"),
            ("b.rs", "use crate::a::A;\npub struct B;"),
            ("c.rs", "pub struct C(crate::b::B);"),
        ]);
        assert_eq!(
            circles(&package),
            ["crate: c.rs → b.rs → a.rs → c.rs (3 files reach each other)"]
        );
    }

    #[test]
    fn siblings_below_one_module_are_a_circle() {
        let package = in_memory(&[
            ("lib.rs", "mod a;"),
            ("a.rs", "mod b;\nmod c;\nuse b::B;\npub struct A;"),
            ("a/b.rs", "use super::{A, c::C};\npub struct B;"),
            ("a/c.rs", "use super::{A, b::B};\npub struct C;"),
        ]);
        assert_eq!(circles(&package).len(), 1);
    }

    #[test]
    fn a_circle_that_leaves_the_module_counts() {
        let package = in_memory(&[
            ("lib.rs", "mod a;\nmod d;"),
            ("a.rs", "mod b;\npub struct A(crate::d::D);"),
            ("a/b.rs", "pub struct B(super::A);"),
            ("d.rs", "pub struct D(crate::a::b::B);"),
        ]);
        assert_eq!(circles(&package).len(), 1);
    }

    #[test]
    fn a_module_and_its_children_are_no_circle() {
        let package = in_memory(&[
            ("lib.rs", "mod a;\nmod d;\npub struct Root(a::A);"),
            ("a.rs", "mod b;\npub struct A(b::B);\npub struct T;"),
            ("a/b.rs", "pub struct B(super::T, crate::d::D);"),
            ("d.rs", "pub struct D(crate::Root);"),
        ]);
        assert_eq!(circles(&package), [""; 0]);
    }
}
