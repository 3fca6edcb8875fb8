//! Command line with which users set up their F-pass and administrators run machines.

fn main() {}
