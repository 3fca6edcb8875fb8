//! The trusted weight files and the check that a directory holds exactly those.

mod error;
mod manifest;
pub(crate) mod role;
mod verified;

pub use error::ModelError;
pub use manifest::{CompiledFile, FoldedFrom, FormerModels, Manifest, ModelFile, Package, Sha256};
pub use role::Role;
pub use verified::VerifiedModels;

/// The directory in which packages install the weights.
pub const DIRECTORY: &str = "/usr/share/fpass/models";

#[cfg(test)]
mod tests;
