//! The list of clips that `make-attacks` writes next to them, and that `pad` reads.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::Error;
use super::report::AtomicFile;
use super::text;

/// Name of the file in the directory of the species.
pub(crate) const INDEX: &str = "clips.toml";

/// The clips of a directory.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClipIndex {
    /// Each clip by its path below the directory, as `species/name`.
    #[serde(default)]
    pub(crate) clips: BTreeMap<String, IndexedClip>,
}

/// What is known of a clip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IndexedClip {
    /// Frames per second.
    pub(crate) frame_rate: u32,
    /// The clip of a person from which it was made.
    pub(crate) source: String,
    /// The seed of its random numbers.
    pub(crate) seed: String,
}

impl ClipIndex {
    /// Reads the list of a directory; an empty one when there is no list.
    ///
    /// # Errors
    /// [`Error::Unreadable`], [`Error::TooLarge`], [`Error::Index`].
    pub(crate) fn read(directory: &Path) -> Result<Self, Error> {
        let path = directory.join(INDEX);
        if !path.exists() {
            return Ok(Self::default());
        }
        toml::from_str(&text::read(&path)?)
            .map_err(|reason| Error::Index { path, reason: reason.to_string() })
    }

    /// Writes the list into a directory.
    ///
    /// # Errors
    /// [`Error::Unwritable`].
    pub(crate) fn write(&self, directory: &Path) -> Result<(), Error> {
        let path = directory.join(INDEX);
        let text = toml::to_string(self)
            .map_err(|reason| Error::Index { path: path.clone(), reason: reason.to_string() })?;
        AtomicFile::create(&path)?.write(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_damaged_is_refused() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(ClipIndex::read(root.path()).unwrap(), ClipIndex::default());
        let clip = IndexedClip { frame_rate: 15, source: "anna-1".into(), seed: "7".into() };
        let index = ClipIndex { clips: [("print-flat/anna-001".to_owned(), clip)].into() };
        index.write(root.path()).unwrap();
        assert_eq!(ClipIndex::read(root.path()).unwrap(), index);
        std::fs::write(root.path().join(INDEX), "clips = 7").unwrap();
        assert!(matches!(ClipIndex::read(root.path()), Err(Error::Index { .. })));
    }
}
