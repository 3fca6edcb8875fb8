//! PAM stacks of a machine: proofs about them, and changes to them.

mod error;
mod pam_file;
mod plan;
pub(crate) mod report;

use std::path::Path;

use fpass_stack::root::Root;

pub use error::StackError;
pub(crate) use pam_file::PamFile;
pub(crate) use plan::{FileChange, Plan, disable, enable};

/// Opens the system below a directory.
pub(crate) fn open(path: &Path) -> Result<Root, StackError> {
    Root::open(path).map_err(|source| StackError::Root { path: path.to_owned(), source })
}
