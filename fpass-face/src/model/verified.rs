//! Weight files whose bytes have been checked.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256 as Hasher};

use super::{Manifest, ModelError, ModelFile, Role};

impl Manifest {
    /// Checks that a directory holds the weight files: regular, of the pinned sizes and digests.
    ///
    /// # Errors
    /// The first file that fails, with what is wrong about it.
    pub fn verify(&self, directory: &Path) -> Result<VerifiedModels, ModelError> {
        let files: Vec<(Role, File)> = self
            .files
            .iter()
            .map(|pinned| Ok((pinned.role, open_verified(directory, pinned)?)))
            .collect::<Result<_, ModelError>>()?;
        let mut hasher = Hasher::new();
        for pinned in &self.files {
            hasher.update(pinned.role.as_str());
            hasher.update([0]);
            hasher.update(pinned.sha256.0);
        }
        Ok(VerifiedModels { files, fingerprint: hasher.finalize().into() })
    }
}

/// Weight files that passed [`Manifest::verify`], held open.
///
/// dlib opens its weights by path. The paths given here lead through `/proc/self/fd` to the very
/// files that were read during the check, so a file that is renamed into place afterwards is not
/// loaded. Someone who can write into the open files, which is root alone, can still change them
/// between check and load. The files are closed when this is dropped; load before that.
#[derive(Debug)]
pub struct VerifiedModels {
    files: Vec<(Role, File)>,
    fingerprint: [u8; 32],
}

impl VerifiedModels {
    /// Path of the file for a role, valid in this process while `self` lives.
    #[must_use]
    pub fn path(&self, role: Role) -> PathBuf {
        let file = self.files.iter().find(|(of, _)| *of == role);
        // `Manifest::parse` makes sure that there is one; without it loading fails by its name.
        file.map_or_else(
            || PathBuf::from(role.as_str()),
            |(_, file)| PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd())),
        )
    }

    /// Digest over the roles and digests of all files, in the order of the manifest. Embeddings of
    /// different fingerprints must not be compared.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }
}

fn open_verified(directory: &Path, pinned: &ModelFile) -> Result<File, ModelError> {
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
    Ok(file)
}
