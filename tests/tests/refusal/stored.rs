//! Files of the store, for a test to damage and put back.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
};

use fpass_tests::{Account, DAEMON_UID};

/// The daemon's store.
pub(crate) const STORE: &str = "/var/lib/fpass";

/// Next to the store and on the same file system, so that a hard link can lead there.
const ASIDE: &str = "/var/lib/fpass-aside";

/// A file as the daemon wrote it.
pub(crate) struct Stored {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
}

impl Stored {
    /// The record of a user.
    pub(crate) fn record(account: Account) -> Self {
        Self::at(&format!("{}.fpass", account.uid))
    }

    /// The key.
    pub(crate) fn key() -> Self {
        Self::at("key")
    }

    /// Every file of the store.
    pub(crate) fn all() -> Vec<Self> {
        let names = fs::read_dir(STORE).unwrap().map(|entry| entry.unwrap().file_name());
        names.map(|name| Self::at(name.to_str().unwrap())).collect()
    }

    fn at(name: &str) -> Self {
        let path = Path::new(STORE).join(name);
        Self { bytes: fs::read(&path).unwrap(), path }
    }

    /// Replaces its bytes, with the right owner and mode.
    pub(crate) fn replace(&self, bytes: &[u8]) {
        discard(&self.path);
        plant(&self.path, bytes);
    }

    /// The same with an edited copy of the daemon's bytes.
    pub(crate) fn edit(&self, edit: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = self.bytes.clone();
        edit(&mut bytes);
        assert_ne!(bytes, self.bytes, "the edit changes something");
        self.replace(&bytes);
    }

    /// Changes the mode of the present file.
    pub(crate) fn chmod(&self, mode: u32) {
        fs::set_permissions(&self.path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Changes the owner of the present file.
    pub(crate) fn chown(&self, uid: u32) {
        chown(&self.path, Some(uid), Some(uid)).unwrap();
    }

    /// Removes the file.
    pub(crate) fn remove(&self) {
        discard(&self.path);
    }

    /// Saves a good copy outside the store and returns its path.
    pub(crate) fn copy_aside(&self) -> &'static Path {
        let aside = Path::new(ASIDE);
        discard(aside);
        plant(aside, &self.bytes);
        aside
    }

    /// Restores the daemon's bytes.
    pub(crate) fn restore(&self) {
        discard(Path::new(ASIDE));
        self.replace(&self.bytes);
    }
}

/// Writes a file as the daemon would.
pub(crate) fn plant(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    chown(path, Some(DAEMON_UID), Some(DAEMON_UID)).unwrap();
}

/// Removes the file or directory at a path.
fn discard(path: &Path) {
    match path.symlink_metadata() {
        Ok(there) if there.is_dir() => fs::remove_dir_all(path).unwrap(),
        Ok(_) => fs::remove_file(path).unwrap(),
        Err(_) => {}
    }
}
