//! Why a task failed.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::graph::Edge;

/// Why a task failed.
#[derive(Debug, Error)]
pub(crate) enum Error {
    /// A generated file could not be written.
    #[error("{path} cannot be written ({source}); choose another directory")]
    Write { path: PathBuf, source: io::Error },
    /// A file of the tree could not be read.
    #[error("{path} cannot be read ({source}); run this in the source tree")]
    Read { path: PathBuf, source: io::Error },
    /// git could not be asked.
    #[error("git failed ({0}); run this in a clone, with git on the path")]
    Git(#[source] io::Error),
    /// A module has no file.
    #[error("{0} cannot be read, but a mod line names it; add the file or remove the line")]
    Module(String),
    /// Files of a crate that use each other.
    #[error("files use each other in a circle:\n{}", .0.join("\n"))]
    Circles(Vec<String>),
    /// Types of a crate that have one name.
    #[error("types of one crate have the same name:\n{}", .0.join("\n"))]
    Names(Vec<String>),
    /// Functions with more parameters than they may have.
    #[error("functions have more than six parameters; give them a struct:\n{}", .0.join("\n"))]
    Parameters(Vec<String>),
    /// Catalogues that lack a sentence or have one too many, and sentences around them.
    #[error(
        "sentences and catalogues differ; cargo xtask words --add writes the missing entries, to \
         be filled in:\n{}",
        .0.join("\n")
    )]
    Words(Vec<String>),
    /// A row of the list of phrases has no advice.
    #[error(
        "docs/forbidden-phrases.txt: \"{0}\" is not \"phrase: advice\"; write what to use instead"
    )]
    PhraseList(String),
    /// Documents name files or directories that do not exist.
    #[error("{0} paths do not exist; correct the documents")]
    Paths(usize),
    /// Pages of the book that are not listed, and links that do not resolve.
    #[error("{0} faults of the book; correct docs/SUMMARY.md or the links")]
    Book(usize),
    /// Prose that is too wide or has a phrase of the list.
    #[error("{0} places to rewrite")]
    Prose(usize),
    /// Pinned files could not be fetched.
    #[error(transparent)]
    Fetch(#[from] fpass_models::Error),
    /// cargo could not be asked.
    #[error("cargo metadata failed ({0}); run this in the source tree with cargo on the path")]
    Metadata(#[source] io::Error),
    /// cargo answered something unexpected.
    #[error("the answer of cargo metadata cannot be read ({0}); adapt xtask to this cargo")]
    Answer(#[from] serde_json::Error),
    /// A workspace member is not in the table.
    #[error("the crate {0} is not in the table of allowed edges; add it in xtask/src/edges.rs")]
    UnknownCrate(String),
    /// Edges that the design does not allow.
    #[error("not allowed by the design: {}", join(.0))]
    Edges(Vec<Edge>),
}

impl Error {
    pub(crate) fn read(path: &Path, source: io::Error) -> Self {
        Self::Read { path: path.to_owned(), source }
    }

    pub(crate) fn write(path: &Path, source: io::Error) -> Self {
        Self::Write { path: path.to_owned(), source }
    }
}

fn join(edges: &[Edge]) -> String {
    edges.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
