//! Results of pictures and clips, kept from one run to the next. Features are biometric data:
//! nothing is kept unless the user names a directory, and only its owner may open that.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use fpass_face::{Embedding, Features};
use sha2::{Digest, Sha256};

use super::error::Error;
use super::outcome::{Failure, Outcome, Remark};

/// Number of the first bytes of an entry.
pub(crate) const MAGIC_LENGTH: usize = 8;
/// Bytes of one value.
const VALUE: usize = 4;
/// Values of one embedding.
const VALUES: usize = fpass_face::embedder::EMBEDDING_LENGTH;
/// Bytes of a SHA-256.
const DIGEST: usize = 32;
/// Longest entry in bytes.
const ENTRY_MAX: usize = 1 << 14;
/// Code of features without a remark. The codes of remarks follow.
const NO_REMARK: u8 = 0;

/// Digest of everything that an entry depends on.
pub(crate) type Binding = [u8; DIGEST];

/// What can be kept.
pub(crate) trait CacheEntry: Sized {
    /// First bytes of an entry; the digit is the version of the layout.
    const MAGIC: &'static [u8; MAGIC_LENGTH];

    /// The bytes after the first ones.
    fn write(&self, bytes: &mut Vec<u8>);

    /// Reads these bytes; `None` when they are damaged.
    fn read(bytes: &[u8]) -> Option<Self>;
}

/// A directory with one file for each picture or clip.
#[derive(Debug)]
pub(crate) struct Cache {
    directory: PathBuf,
    recogniser: Binding,
}

impl Cache {
    /// Opens a cache, or creates it with mode 0700. `recogniser` identifies the models and settings
    /// that compute the features.
    ///
    /// # Errors
    /// [`Error::CacheOpen`] when others may enter it, [`Error::Cache`].
    pub(crate) fn open(directory: &Path, recogniser: Binding) -> Result<Self, Error> {
        let cache = Self { directory: directory.to_owned(), recogniser };
        let failed = |reason| cache.failed(reason);
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
        let mode = fs::metadata(directory).map_err(failed)?.mode();
        if mode & 0o077 != 0 {
            return Err(Error::CacheOpen(directory.to_owned()));
        }
        Ok(cache)
    }

    /// Digest of what was evaluated and the recogniser, under which the result is kept.
    pub(crate) fn binding(&self, evaluated: &[u8]) -> Binding {
        let evaluated = Sha256::digest(evaluated);
        Sha256::new().chain_update(self.recogniser).chain_update(evaluated).finalize().into()
    }

    /// The result that was kept; `None` when the entry is missing, unreadable or damaged.
    pub(crate) fn find<E: CacheEntry>(&self, binding: &Binding) -> Option<E> {
        let mut bytes = Vec::with_capacity(ENTRY_MAX);
        let bound = u64::try_from(ENTRY_MAX).ok()?.saturating_add(1);
        File::open(self.path(binding)).ok()?.take(bound).read_to_end(&mut bytes).ok()?;
        decode(&bytes, binding)
    }

    /// Keeps a result. The file appears whole or not at all.
    ///
    /// # Errors
    /// [`Error::Cache`].
    pub(crate) fn keep<E: CacheEntry>(&self, binding: &Binding, entry: &E) -> Result<(), Error> {
        self.write(binding, &encode(entry, binding)).map_err(|reason| self.failed(reason))
    }

    fn write(&self, binding: &Binding, bytes: &[u8]) -> io::Result<()> {
        let mut draft = tempfile::Builder::new().prefix(".draft").tempfile_in(&self.directory)?;
        draft.write_all(bytes)?;
        draft.persist(self.path(binding))?;
        Ok(())
    }

    fn path(&self, binding: &Binding) -> PathBuf {
        use std::fmt::Write;

        let mut name = String::with_capacity(2 * DIGEST);
        for byte in binding {
            // Writing into a String cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        self.directory.join(name)
    }

    fn failed(&self, reason: io::Error) -> Error {
        Error::Cache { path: self.directory.clone(), reason }
    }
}

/// Magic, the bytes of the entry, digest of all of these and the binding.
fn encode<E: CacheEntry>(entry: &E, binding: &Binding) -> Vec<u8> {
    let mut bytes = E::MAGIC.to_vec();
    entry.write(&mut bytes);
    bytes.extend(seal(&bytes, binding));
    bytes
}

fn decode<E: CacheEntry>(bytes: &[u8], binding: &Binding) -> Option<E> {
    let (body, digest) = bytes.split_last_chunk::<DIGEST>()?;
    if *digest != seal(body, binding) {
        return None;
    }
    E::read(body.strip_prefix(E::MAGIC)?)
}

impl CacheEntry for Outcome {
    const MAGIC: &'static [u8; MAGIC_LENGTH] = b"FPASSEV1";

    /// 1 for a failure, code of the failure or remark, values of both networks.
    fn write(&self, bytes: &mut Vec<u8>) {
        let code =
            |place: Option<usize>| u8::try_from(place.map_or(0, |place| place + 1)).unwrap_or(0);
        match self {
            Self::Failed(failure) => {
                bytes.push(1);
                bytes.push(code(Failure::ALL.iter().position(|known| known == failure)));
            }
            Self::Enrolled(features, remark) => {
                let place = remark.and_then(|r| Remark::ALL.iter().position(|&known| known == r));
                bytes.push(0);
                bytes.push(code(place));
                for embedding in [&features.dlib, &features.sface].into_iter().flatten() {
                    bytes.extend(embedding.values().iter().flat_map(|value| value.to_le_bytes()));
                }
            }
        }
    }

    fn read(body: &[u8]) -> Option<Self> {
        let (&[failed, code], values) = body.split_first_chunk::<2>()?;
        let place = usize::from(code).checked_sub(1);
        if failed == 1 {
            return Failure::ALL.get(place?).copied().map(Self::Failed);
        }
        let remark = match code {
            NO_REMARK => None,
            _ => Some(Remark::ALL.get(place?).copied()?),
        };
        let (values, rest) = values.as_chunks::<VALUE>();
        let values: Vec<f32> = values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        if !rest.is_empty() || values.len() != 2 * VALUES {
            return None;
        }
        let (dlib, sface) = values.split_at_checked(VALUES)?;
        let features = Features {
            dlib: Some(Embedding::from_values(dlib).ok()?),
            sface: Some(Embedding::from_values(sface).ok()?),
        };
        Some(Self::Enrolled(features, remark))
    }
}

fn seal(body: &[u8], binding: &Binding) -> [u8; DIGEST] {
    Sha256::new().chain_update(binding).chain_update(body).finalize().into()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn outcomes() -> Vec<Outcome> {
        let embedding = |x| Some(Embedding::from_values(&[x; VALUES]).unwrap());
        let features = Features { dlib: embedding(0.25), sface: embedding(-0.5) };
        let remarks = Remark::ALL.iter().copied().map(Some).chain([None]);
        remarks
            .map(|remark| Outcome::Enrolled(features.clone(), remark))
            .chain(Failure::ALL.iter().copied().map(Outcome::Failed))
            .collect()
    }

    fn cache(directory: &Path) -> Cache {
        Cache::open(directory, [7; 32]).unwrap()
    }

    #[test]
    fn a_directory_that_others_may_enter_is_refused() {
        let root = tempfile::tempdir().unwrap();
        fs::set_permissions(root.path(), PermissionsExt::from_mode(0o750)).unwrap();
        assert!(matches!(Cache::open(root.path(), [0; 32]), Err(Error::CacheOpen(_))));
        let file = root.path().join("file");
        fs::write(&file, []).unwrap();
        assert!(matches!(Cache::open(&file, [0; 32]), Err(Error::Cache { .. })));
    }

    #[test]
    fn what_is_damaged_short_long_or_renamed_is_none() {
        let root = tempfile::tempdir().unwrap();
        let cache = cache(&root.path().join("cache"));
        let (binding, other) = (cache.binding(b"one"), cache.binding(b"two"));
        for outcome in outcomes() {
            let whole = encode(&outcome, &binding);
            let mut damaged: Vec<Vec<u8>> = vec![Vec::new(), whole[..whole.len() - 1].to_vec()];
            damaged.push([&whole[..], &[0]].concat());
            for place in [0, 8, 9, whole.len() / 2, whole.len() - 1] {
                let mut copy = whole.clone();
                copy[place] ^= 1;
                damaged.push(copy);
            }
            for bytes in damaged {
                cache.write(&binding, &bytes).unwrap();
                assert_eq!(cache.find::<Outcome>(&binding), None);
            }
            cache.write(&other, &whole).unwrap();
            assert_eq!(cache.find::<Outcome>(&other), None);
        }
    }

    #[test]
    fn another_recogniser_finds_nothing() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("cache");
        let (ours, theirs) = (cache(&directory), Cache::open(&directory, [8; 32]).unwrap());
        ours.keep(&ours.binding(b"one"), &outcomes()[0]).unwrap();
        assert_eq!(theirs.find::<Outcome>(&theirs.binding(b"one")), None);
    }

    #[test]
    fn what_was_kept_is_found_by_its_owner_alone() {
        let root = tempfile::tempdir().unwrap();
        let cache = cache(&root.path().join("new/cache"));
        let binding = cache.binding(b"one");
        for outcome in outcomes() {
            cache.keep(&binding, &outcome).unwrap();
            assert_eq!(cache.find(&binding), Some(outcome));
        }
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!(mode(&cache.directory), 0o700);
        assert_eq!(mode(&cache.path(&binding)), 0o600);
        assert_eq!(fs::read_dir(&cache.directory).unwrap().count(), 1);
    }
}
