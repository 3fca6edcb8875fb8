//! Weight files whose bytes are checked.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256 as Hasher};

use super::error::ModelError;
use super::manifest::{Manifest, ModelFile, Sha256};
use super::role::Role;
use crate::embedder::MeanOffset;

/// Number of the way in which faces are aligned and resampled for the networks (`align.rs`,
/// `embedder/dlib.rs`, `sampler.rs`). It rises when features change by a change of these.
const ALIGNMENT: u8 = 1;

impl Manifest {
    /// Checks that a directory holds every weight file as a regular file of the pinned size and
    /// digest.
    ///
    /// # Errors
    /// The defect of the first file that fails.
    pub fn verify(&self, directory: &Path) -> Result<VerifiedModels, ModelError> {
        let files: Vec<VerifiedFile> = self
            .files
            .iter()
            .map(|pinned| open_verified(directory, pinned))
            .collect::<Result<_, ModelError>>()?;
        let mut shaping = self.files.iter().filter(|pinned| pinned.role.shapes_features());
        let features = self.digest(Hasher::new_with_prefix([ALIGNMENT]), &mut shaping);
        let former = self.former.filter(|former| former.features.0 == features);
        Ok(VerifiedModels {
            files,
            mean_offset: self.mean_offset.clone(),
            fingerprint: self.digest(Hasher::new(), &mut self.files.iter()),
            features_fingerprint: features,
            former_fingerprint: former.map(|former| former.fingerprint.0),
        })
    }

    /// Adds the roles and digests of files, and the mean offset.
    fn digest(&self, mut hasher: Hasher, files: &mut dyn Iterator<Item = &ModelFile>) -> [u8; 32] {
        for pinned in files {
            hasher.update(pinned.role.as_str());
            hasher.update([0]);
            hasher.update(pinned.sha256.0);
        }
        for value in self.mean_offset.iter().flat_map(MeanOffset::sface_offset) {
            hasher.update(value.to_le_bytes());
        }
        hasher.finalize().into()
    }
}

/// Weight files that passed [`Manifest::verify`], held open.
///
/// dlib opens its weights by path. The paths given here lead through `/proc/self/fd` to the checked
/// files, so a file that is renamed into place afterwards is not loaded. Root, who alone can write
/// into the open files, could still change them between check and load; the bytes from
/// [`VerifiedModels::read`] are checked themselves. The files are closed on drop, so load before
/// that.
#[derive(Debug)]
pub struct VerifiedModels {
    files: Vec<VerifiedFile>,
    mean_offset: Option<MeanOffset>,
    fingerprint: [u8; 32],
    features_fingerprint: [u8; 32],
    former_fingerprint: Option<[u8; 32]>,
}

/// A checked file, held open.
#[derive(Debug)]
struct VerifiedFile {
    role: Role,
    path: PathBuf,
    size: u64,
    sha256: Sha256,
    open: File,
}

impl VerifiedModels {
    /// Path of the file for a role, valid in this process while `self` lives.
    #[must_use]
    pub fn path(&self, role: Role) -> PathBuf {
        // `Manifest::parse` ensures that there is one; otherwise loading fails with the role as
        // path.
        self.verified(role).map_or_else(
            || PathBuf::from(role.as_str()),
            |file| PathBuf::from(format!("/proc/self/fd/{}", file.open.as_raw_fd())),
        )
    }

    /// The bytes of the file for a role, read from the checked file and compared with the pinned
    /// size and digest again, in case the file was changed since.
    ///
    /// # Errors
    /// [`ModelError::Unreadable`], [`ModelError::Size`] and [`ModelError::Digest`] when the file
    /// has changed since the check, [`ModelError::ManifestRole`] when the manifest names none.
    pub fn read(&self, role: Role) -> Result<Vec<u8>, ModelError> {
        self.verified(role).ok_or(ModelError::ManifestRole(role))?.read()
    }

    fn verified(&self, role: Role) -> Option<&VerifiedFile> {
        self.files.iter().find(|file| file.role == role)
    }

    /// The offset by which features are normalised.
    #[must_use]
    pub fn mean_offset(&self) -> Option<&MeanOffset> {
        self.mean_offset.as_ref()
    }

    /// SHA-256 over what shapes the features: the alignment, the files of
    /// [`Role::shapes_features`] and the mean offset. Features of different fingerprints must not
    /// be compared.
    #[must_use]
    pub fn features_fingerprint(&self) -> [u8; 32] {
        self.features_fingerprint
    }

    /// The [`fingerprint`](Self::fingerprint) of earlier versions with the same features.
    #[must_use]
    pub fn former_fingerprint(&self) -> Option<[u8; 32]> {
        self.former_fingerprint
    }

    /// SHA-256 over the roles and digests of all files, in the order of the manifest, and the mean
    /// offset. It identifies what a result was computed with.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }
}

impl VerifiedFile {
    fn read(&self) -> Result<Vec<u8>, ModelError> {
        let unreadable = |reason| ModelError::Unreadable { path: self.path.clone(), reason };
        let actual = self.open.metadata().map_err(unreadable)?.len();
        let wrong_size =
            |actual| ModelError::Size { path: self.path.clone(), expected: self.size, actual };
        if actual != self.size {
            return Err(wrong_size(actual));
        }
        let size = usize::try_from(self.size).map_err(|_| wrong_size(actual))?;
        let mut bytes = vec![0; size];
        // At an offset: the position is shared with every user of the open file.
        self.open.read_exact_at(&mut bytes, 0).map_err(unreadable)?;
        if <[u8; 32]>::from(Hasher::digest(&bytes)) != self.sha256.0 {
            return Err(ModelError::Digest(self.path.clone()));
        }
        Ok(bytes)
    }
}

fn open_verified(directory: &Path, pinned: &ModelFile) -> Result<VerifiedFile, ModelError> {
    let path = directory.join(&pinned.file);
    let unreadable = |reason: std::io::Error| match reason.kind() {
        ErrorKind::NotFound => ModelError::Missing(path.clone()),
        _ => ModelError::Unreadable { path: path.clone(), reason },
    };
    // Checked before opening too: opening a FIFO would wait for a writer.
    if !fs::metadata(&path).map_err(unreadable)?.is_file() {
        return Err(ModelError::NotRegular(path));
    }
    let mut file = File::open(&path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(ModelError::NotRegular(path));
    }
    if metadata.len() != pinned.size {
        return Err(ModelError::Size { path, expected: pinned.size, actual: metadata.len() });
    }
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 1 << 16];
    // One byte more than pinned detects a file that grows while it is read.
    let mut rest = (&mut file).take(pinned.size + 1);
    loop {
        let count = rest.read(&mut buffer).map_err(unreadable)?;
        let read = buffer.get(..count).unwrap_or_default();
        if read.is_empty() {
            break;
        }
        hasher.update(read);
    }
    if <[u8; 32]>::from(hasher.finalize()) != pinned.sha256.0 {
        return Err(ModelError::Digest(path));
    }
    let ModelFile { role, size, sha256, .. } = *pinned;
    Ok(VerifiedFile { role, path, size, sha256, open: file })
}
