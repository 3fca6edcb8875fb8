//! The machines that this one exchanges templates with: one file each, which holds its identity.

use std::fmt;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use fpass_proto::{MachineIdentity, MachineIdentityError};
use thiserror::Error;

use crate::language::told;

/// Directory of the files.
pub(crate) const DIRECTORY: &str = "/etc/fpass/fleet.d";
/// Longest name, in bytes.
const NAME_MAX: usize = 64;
/// Longest file that is read, in bytes.
const FILE_MAX: u64 = 4096;

/// Why a machine cannot be named, found or added.
#[derive(Debug, Error)]
pub enum PeerError {
    /// Not a name.
    #[error(
        "{}",
        told!(
            "The name of a machine has at most 64 letters, digits, dots, hyphens and underscores, and begins with a letter or digit; choose another name."
        )
    )]
    Name,
    /// No machine has this name.
    #[error(
        "{}",
        told!(
            "No machine {name} is trusted; see fpass-enroll fleet list, or add it with fleet trust.",
            name = (.0)
        )
    )]
    Unknown(PeerName),
    /// Another machine has this name.
    #[error(
        "{}",
        told!(
            "Another machine is trusted as {name}; remove that one first with fleet distrust.",
            name = (.0)
        )
    )]
    Taken(PeerName),
    /// The file does not hold an identity.
    #[error(
        "{}",
        told!(
            "{path}: {cause}.",
            path = path.display(),
            cause = cause
        )
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        cause: MachineIdentityError,
    },
    /// The file does not belong to root, or others may write it.
    #[error(
        "{}",
        told!(
            "{path} must be a regular file that belongs to root and that only root may write; correct its owner and mode.",
            path = (.0).display()
        )
    )]
    Untrusted(PathBuf),
    /// It cannot be read or written.
    #[error(
        "{}",
        told!(
            "{path} cannot be used ({cause}); check it and try again.",
            path = path.display(),
            cause = cause
        )
    )]
    File {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

/// The name of a machine, which is also the name of its file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PeerName(String);

impl PeerName {
    /// Reads a name.
    ///
    /// # Errors
    /// [`PeerError::Name`]
    pub fn parse(text: &str) -> Result<Self, PeerError> {
        let fits = (1..=NAME_MAX).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_alphanumeric())
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter));
        if fits { Ok(Self(text.to_owned())) } else { Err(PeerError::Name) }
    }
}

impl fmt::Display for PeerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The list of machines.
pub(crate) struct Peers {
    directory: PathBuf,
    /// User id of the owner of the list.
    owner: u32,
}

impl Peers {
    /// The list of this machine.
    pub(crate) fn of_machine() -> Self {
        Self { directory: PathBuf::from(DIRECTORY), owner: 0 }
    }

    /// The identity of a machine.
    ///
    /// # Errors
    /// It is unknown, or its file cannot be used.
    pub(crate) fn find(&self, name: &PeerName) -> Result<MachineIdentity, PeerError> {
        match self.read(&self.place(name))? {
            Some(identity) => Ok(identity),
            None => Err(PeerError::Unknown(name.clone())),
        }
    }

    /// Every machine, in the order of their names.
    ///
    /// # Errors
    /// A file that cannot be used.
    pub(crate) fn list(&self) -> Result<Vec<(PeerName, MachineIdentity)>, PeerError> {
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(cause) => return Err(PeerError::File { path: self.directory.clone(), cause }),
        };
        let mut peers = Vec::new();
        for entry in entries {
            let entry =
                entry.map_err(|cause| PeerError::File { path: self.directory.clone(), cause })?;
            // Skips files with other names, such as backups of editors.
            let name = entry.file_name().to_str().and_then(|name| PeerName::parse(name).ok());
            if let Some(name) = name
                && let Some(identity) = self.read(&entry.path())?
            {
                peers.push((name, identity));
            }
        }
        peers.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(peers)
    }

    /// Adds a machine. Adding it again changes nothing.
    ///
    /// # Errors
    /// The name belongs to another machine, or the file cannot be written.
    pub(crate) fn trust(
        &self,
        name: &PeerName,
        identity: MachineIdentity,
    ) -> Result<(), PeerError> {
        let path = self.place(name);
        match self.read(&path)? {
            Some(known) if known == identity => return Ok(()),
            Some(_) => return Err(PeerError::Taken(name.clone())),
            None => {}
        }
        let written =
            DirBuilder::new().recursive(true).mode(0o755).create(&self.directory).and_then(|()| {
                let mut file =
                    File::options().write(true).create_new(true).mode(0o644).open(&path)?;
                writeln!(file, "{identity}")?;
                file.sync_all()
            });
        written.map_err(|cause| PeerError::File { path, cause })
    }

    /// Removes a machine.
    ///
    /// # Errors
    /// It is unknown, or its file cannot be removed.
    pub(crate) fn distrust(&self, name: &PeerName) -> Result<(), PeerError> {
        let path = self.place(name);
        fs::remove_file(&path).map_err(|cause| match cause.kind() {
            io::ErrorKind::NotFound => PeerError::Unknown(name.clone()),
            _ => PeerError::File { path, cause },
        })
    }

    fn place(&self, name: &PeerName) -> PathBuf {
        self.directory.join(&name.0)
    }

    /// Reads the file of a machine; `None` when the file is missing.
    fn read(&self, path: &Path) -> Result<Option<MachineIdentity>, PeerError> {
        let failed = |cause| PeerError::File { path: path.to_owned(), cause };
        let opened = File::options()
            .read(true)
            .custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK)
            .open(path);
        let mut file = match opened {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let facts = file.metadata().map_err(failed)?;
        if !facts.is_file() || facts.uid() != self.owner || facts.mode() & 0o022 != 0 {
            return Err(PeerError::Untrusted(path.to_owned()));
        }
        let mut text = String::new();
        (&mut file).take(FILE_MAX).read_to_string(&mut text).map_err(failed)?;
        let identity = MachineIdentity::parse(text.trim_end())
            .map_err(|cause| PeerError::Malformed { path: path.to_owned(), cause })?;
        Ok(Some(identity))
    }
}

#[cfg(test)]
mod tests;
