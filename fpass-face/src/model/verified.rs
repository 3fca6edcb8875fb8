//! Weight files whose bytes have been checked.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256 as Hasher};

use crate::embedder::Cohort;

use super::{Manifest, ModelError, ModelFile, Role, Sha256};

impl Manifest {
    /// Checks that a directory holds the weight files: regular, of the pinned sizes and digests.
    ///
    /// # Errors
    /// The first file that fails, with what is wrong about it.
    pub fn verify(&self, directory: &Path) -> Result<VerifiedModels, ModelError> {
        let files: Vec<Verified> = self
            .files
            .iter()
            .map(|pinned| open_verified(directory, pinned))
            .collect::<Result<_, ModelError>>()?;
        let mut hasher = Hasher::new();
        for pinned in &self.files {
            hasher.update(pinned.role.as_str());
            hasher.update([0]);
            hasher.update(pinned.sha256.0);
        }
        for value in self.cohort.iter().flat_map(Cohort::sface_offset) {
            hasher.update(value.to_le_bytes());
        }
        let cohort = self.cohort.clone();
        Ok(VerifiedModels { files, cohort, fingerprint: hasher.finalize().into() })
    }
}

/// Weight files that passed [`Manifest::verify`], held open.
///
/// dlib opens its weights by path. The paths given here lead through `/proc/self/fd` to the very
/// files that were read during the check, so a file that is renamed into place afterwards is not
/// loaded. Someone who can write into the open files, which is root alone, can still change them
/// between check and load; what [`VerifiedModels::read`] gives is checked itself and free of that.
/// The files are closed when this is dropped; load before that.
#[derive(Debug)]
pub struct VerifiedModels {
    files: Vec<Verified>,
    cohort: Option<Cohort>,
    fingerprint: [u8; 32],
}

/// A file that was checked.
#[derive(Debug)]
struct Verified {
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
        // `Manifest::parse` makes sure that there is one; without it loading fails by its name.
        self.verified(role).map_or_else(
            || PathBuf::from(role.as_str()),
            |file| PathBuf::from(format!("/proc/self/fd/{}", file.open.as_raw_fd())),
        )
    }

    /// The bytes of the file for a role, read from the file that was checked and compared with the
    /// pinned size and digest once more, so that they are right whoever writes into it.
    ///
    /// # Errors
    /// [`ModelError::Unreadable`], [`ModelError::Size`] and [`ModelError::Digest`] when the file
    /// has changed since the check, [`ModelError::ManifestRole`] when the manifest names none.
    pub fn read(&self, role: Role) -> Result<Vec<u8>, ModelError> {
        self.verified(role).ok_or(ModelError::ManifestRole(role))?.read()
    }

    fn verified(&self, role: Role) -> Option<&Verified> {
        self.files.iter().find(|file| file.role == role)
    }

    /// By what features are normalised.
    #[must_use]
    pub fn cohort(&self) -> Option<&Cohort> {
        self.cohort.as_ref()
    }

    /// Digest over the roles and digests of all files, in the order of the manifest, and the cohort.
    /// Embeddings of different fingerprints must not be compared.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }
}

impl Verified {
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
        // At an offset, because the position belongs to everyone who shares the open file.
        self.open.read_exact_at(&mut bytes, 0).map_err(unreadable)?;
        if <[u8; 32]>::from(Hasher::digest(&bytes)) != self.sha256.0 {
            return Err(ModelError::Digest(self.path.clone()));
        }
        Ok(bytes)
    }
}

fn open_verified(directory: &Path, pinned: &ModelFile) -> Result<Verified, ModelError> {
    let path = directory.join(&pinned.file);
    let unreadable = |reason: std::io::Error| match reason.kind() {
        ErrorKind::NotFound => ModelError::Missing(path.clone()),
        _ => ModelError::Unreadable { path: path.clone(), reason },
    };
    // Asked before opening too, because opening a FIFO would wait for a writer.
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
    // One byte more than pinned shows a file that grows while it is read.
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
    Ok(Verified { role, path, size, sha256, open: file })
}
