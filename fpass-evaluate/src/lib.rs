//! What `fpass-evaluate` shares with the development tasks: its command line, its exit codes, and
//! the parser of lists of pairs. The evaluation itself is in the program.

#![forbid(unsafe_code)]

pub mod cli;
pub mod exit_code;
pub mod pairs_list;
