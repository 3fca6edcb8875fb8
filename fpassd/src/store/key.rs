//! The source of the key: a credential of the service manager, or a file of the store.

use std::{
    fmt, fs, io,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use nix::{fcntl::OFlag, sys::stat, unistd};
use zeroize::Zeroizing;

use super::{
    SUFFIX, StoreError,
    keyring::{KEY_LENGTH, Keyring, random_key},
};
use crate::folder::{self, Folder, FolderError};

/// Name of the key file inside the store.
const FILE: &str = "key";
/// Marks a store whose key is a credential. A directory with neither this mark nor a key file
/// counts as not mounted.
const MARK: &str = "credential";
/// Name of the credential.
const CREDENTIAL: &str = "fpass.key";
/// Set only by the service manager, see systemd.exec(5).
const CREDENTIALS_DIRECTORY: &str = "CREDENTIALS_DIRECTORY";

/// Source of the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// In the file `key` of the store.
    File,
    /// In this file, which the service manager decrypted for this service only.
    Credential(PathBuf),
}

impl KeySource {
    /// The credential if the service manager passed one, otherwise the key file. The file never
    /// replaces an unusable credential: a process that can write into the store must not choose the
    /// key.
    pub(crate) fn of_service() -> Self {
        Self::among(std::env::var_os(CREDENTIALS_DIRECTORY).map(PathBuf::from).as_deref())
    }

    fn among(credentials: Option<&Path>) -> Self {
        let credential = credentials.map(|directory| directory.join(CREDENTIAL));
        match credential {
            Some(path) if absent(&path) => Self::File,
            Some(path) => Self::Credential(path),
            None => Self::File,
        }
    }

    /// The word for the status of the machine.
    pub(crate) const fn as_str(&self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Credential(_) => "credential",
        }
    }

    /// Reads the key. `None` if there is no key file and, with a credential, no mark: such a
    /// directory may be an unmounted store.
    pub(super) fn load(&self, folder: &Folder) -> Result<Option<Keyring>, StoreError> {
        match self {
            Self::File => load_file(folder),
            Self::Credential(path) => {
                let bytes = read_credential(path).map_err(StoreError::Key)?;
                if bytes.len() != KEY_LENGTH {
                    return Err(StoreError::KeyLength);
                }
                let marked = folder.read(MARK).map_err(StoreError::Key)?.is_some();
                if marked || read_file(folder)?.is_some() {
                    Keyring::read(&bytes).map(Some)
                } else {
                    Ok(None)
                }
            }
        }
    }
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether the credential certainly does not exist. Any other failure counts as an unusable
/// credential.
fn absent(path: &Path) -> bool {
    fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// Reads a credential. It must belong to root or to the user of this process, and no other account
/// may write it. A root-owned credential may look group-readable: that is how the ACL entry of
/// systemd shows in the mode.
fn read_credential(path: &Path) -> Result<Zeroizing<Vec<u8>>, FolderError> {
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
    let file = fs::File::options().read(true).custom_flags(flags.bits()).open(path)?;
    let facts = file.metadata()?;
    if !facts.is_file() || facts.nlink() != 1 {
        return Err(FolderError::Irregular);
    }
    let others = match facts.uid() {
        0 => 0o037,
        own if own == unistd::geteuid().as_raw() => 0o077,
        _ => 0o777,
    };
    if facts.mode() & others != 0 {
        return Err(FolderError::Misowned);
    }
    let file = file.into();
    let facts = stat::fstat(&file)?;
    folder::contents(file, &facts)
}

/// Reads the key file, or `None` if it does not exist.
pub(super) fn load_file(folder: &Folder) -> Result<Option<Keyring>, StoreError> {
    read_file(folder)?.map(|bytes| Keyring::read(&bytes)).transpose()
}

/// The bytes of the key file, or `None` if it does not exist.
pub(super) fn read_file(folder: &Folder) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
    folder.read(FILE).map_err(StoreError::Key)
}

/// Replaces the key file as a whole.
pub(super) fn write_file(folder: &Folder, keys: &[u8]) -> Result<(), StoreError> {
    folder.write(FILE, keys).map_err(StoreError::Write)
}

/// Makes the key of a new store. An existing key stays. No key is made while records depend on a
/// lost one.
pub(crate) fn create_key(directory: &Path) -> Result<(), StoreError> {
    let folder = Folder::open(directory).map_err(StoreError::Directory)?;
    if load_file(&folder)?.is_some() {
        return Ok(());
    }
    if folder.contains(|name| name.ends_with(SUFFIX)).map_err(StoreError::Directory)? {
        return Err(StoreError::KeyMissing);
    }
    write_file(&folder, random_key()?.as_slice())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::folder::private_directory;

    fn plant(directory: &Path, bytes: &[u8], mode: u32) -> KeySource {
        let path = directory.join(CREDENTIAL);
        let _ = fs::remove_file(&path);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        KeySource::among(Some(directory))
    }

    #[test]
    fn a_credential_that_is_unusable_is_refused_and_not_replaced_by_the_file() {
        let (store, credentials) = (private_directory(), private_directory());
        let folder = Folder::open(store.path()).unwrap();
        create_key(store.path()).unwrap();
        let cases: [(&[u8], u32); 7] = [
            (b"", 0o400),
            (&[7; 31], 0o400),
            (&[7; 64], 0o400),
            (&[0; 32], 0o400),
            (&[7; 32], 0o404),
            (&[7; 32], 0o420),
            (&[7; 32], 0o602),
        ];
        for (bytes, mode) in cases {
            let source = plant(credentials.path(), bytes, mode);
            assert_eq!(source.as_str(), "credential");
            assert!(source.load(&folder).is_err(), "{} bytes, {mode:o}", bytes.len());
        }
        let path = credentials.path().join(CREDENTIAL);
        fs::remove_file(&path).unwrap();
        symlink("elsewhere", &path).unwrap();
        let source = KeySource::among(Some(credentials.path()));
        assert_eq!(
            source,
            KeySource::Credential(path.clone()),
            "a dangling link counts as present"
        );
        assert!(source.load(&folder).is_err());
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(source.load(&folder).is_err());
    }

    #[test]
    fn a_directory_without_key_and_mark_is_not_used_with_any_credential() {
        let (store, credentials) = (private_directory(), private_directory());
        let folder = Folder::open(store.path()).unwrap();
        let source = plant(credentials.path(), &[7; 32], 0o400);
        assert!(source.load(&folder).unwrap().is_none());
        folder.write(MARK, &[]).unwrap();
        assert!(source.load(&folder).unwrap().is_some());
    }

    #[test]
    fn the_credential_comes_before_the_file() {
        let (store, credentials) = (private_directory(), private_directory());
        let folder = Folder::open(store.path()).unwrap();
        create_key(store.path()).unwrap();
        assert_eq!(KeySource::among(None), KeySource::File);
        assert_eq!(KeySource::among(Some(credentials.path())), KeySource::File);
        let source = plant(credentials.path(), &[7; 32], 0o400);
        let id = source.load(&folder).unwrap().unwrap().current().id;
        assert_eq!(id, Keyring::read(&[7; 32]).unwrap().current().id);
        assert_ne!(id, load_file(&folder).unwrap().unwrap().current().id);
    }
}
