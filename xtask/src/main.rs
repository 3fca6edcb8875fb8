//! Development tasks of F-pass: man pages, completions, crate-edge check.

fn main() {}
