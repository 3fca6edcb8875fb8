//! Where the files of a machine come from: a directory that is its root, or memory.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use thiserror::Error;

/// The directories in which libpam looks for the file of a service, in order. Distributions build
/// it with one or two of those of the vendor.
pub const DIRECTORIES: [&str; 3] = ["/etc/pam.d", "/usr/lib/pam.d", "/usr/etc/pam.d"];

/// The one file for all services, which libpam reads where there is none of the directories.
pub const PAM_CONF: &str = "/etc/pam.conf";

/// Largest file that is read, in bytes.
pub const FILE_MAX: u64 = 256 * 1024;

/// Directories that may hold `security/`.
const LIBRARIES: [&str; 4] = ["/lib", "/usr/lib", "/lib64", "/usr/lib64"];

/// Endings of files that package managers, editors and administrators put beside a service's file.
const ASIDE: [&str; 12] = [
    "~",
    ".bak",
    ".orig",
    ".old",
    ".dpkg-old",
    ".dpkg-dist",
    ".dpkg-new",
    ".rpmsave",
    ".rpmnew",
    ".rpmorig",
    ".pacnew",
    ".pacsave",
];

/// Why a file that is there was not read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The system refuses.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A directory, a device, a pipe.
    #[error("it is not a regular file")]
    Irregular,
    /// More than [`FILE_MAX`] bytes.
    #[error("it is larger than 256 KiB")]
    TooLarge,
}

/// The files of a machine. Paths are absolute, as the machine itself would name them.
pub trait Files {
    /// The text of a file; bytes that are not UTF-8 are replaced. `None` when there is none.
    ///
    /// # Errors
    /// Says why a file that is there was not read.
    fn read(&self, path: &Path) -> Result<Option<String>, ReadError>;

    /// The names in a directory; none when it cannot be listed.
    fn list(&self, directory: &Path) -> BTreeSet<String>;

    /// Whether libpam would find the module that a line names.
    fn has_module(&self, module: &str) -> bool;

    /// Whether it is certain that libpam finds none.
    fn lacks_module(&self, module: &str) -> bool {
        !self.has_module(module)
    }
}

/// The services that have a file of their own or a line in `/etc/pam.conf`, without `other`.
#[must_use]
pub fn services(files: &dyn Files) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for directory in DIRECTORIES {
        names.extend(files.list(Path::new(directory)));
    }
    if names.is_empty()
        && let Ok(Some(text)) = files.read(Path::new(PAM_CONF))
    {
        let lines = crate::file::pam_conf(&text).entries;
        names.extend(lines.into_iter().filter_map(|entry| entry.service));
    }
    // libpam looks for the name in lower case only.
    names.retain(|name| {
        name != "other"
            && !name.starts_with('.')
            && !name.contains(|letter: char| letter.is_ascii_uppercase())
            && !ASIDE.iter().any(|ending| name.ends_with(ending))
    });
    names
}

/// The file system below a directory. Links and `..` do not lead out of it.
#[derive(Debug)]
pub struct Root {
    directory: File,
}

impl Root {
    /// Opens the directory.
    ///
    /// # Errors
    /// Says why the system refuses.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { directory: File::open(path)? })
    }

    fn look(&self, path: &Path, flags: OFlag) -> io::Result<File> {
        let below = path.strip_prefix("/").unwrap_or(path);
        let how = OpenHow::new()
            .flags(flags | OFlag::O_CLOEXEC)
            .resolve(ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_MAGICLINKS);
        Ok(openat2(&self.directory, below, how)?.into())
    }

    /// Whether there is a regular file.
    ///
    /// # Errors
    /// The system does not tell.
    fn has_file(&self, path: &Path) -> io::Result<bool> {
        match self.look(path, OFlag::O_PATH).and_then(|file| file.metadata()) {
            Ok(metadata) => Ok(metadata.is_file()),
            Err(error) if is_absence(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Where libpam looks for the module that a line names.
    fn places(&self, module: &str) -> Vec<PathBuf> {
        let module = module.replace("$ISA", ".");
        if module.starts_with('/') {
            return vec![module.into()];
        }
        let mut places = Vec::new();
        for library in LIBRARIES.map(Path::new) {
            places.push(library.join("security").join(&module));
            // Only directories of an architecture: x86_64-linux-gnu.
            let folders =
                if library.ends_with("lib") { self.list(library) } else { BTreeSet::new() };
            let folders = folders.iter().filter(|name| name.contains("-linux-"));
            places.extend(folders.map(|name| library.join(name).join("security").join(&module)));
        }
        places
    }
}

fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

impl Files for Root {
    fn read(&self, path: &Path) -> Result<Option<String>, ReadError> {
        let file = match self.look(path, OFlag::O_RDONLY | OFlag::O_NONBLOCK) {
            Ok(file) => file,
            Err(error) if is_absence(&error) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if !file.metadata()?.is_file() {
            return Err(ReadError::Irregular);
        }
        let mut bytes = Vec::new();
        file.take(FILE_MAX + 1).read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > FILE_MAX) {
            return Err(ReadError::TooLarge);
        }
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn list(&self, directory: &Path) -> BTreeSet<String> {
        let listed = self.look(directory, OFlag::O_RDONLY | OFlag::O_DIRECTORY).and_then(|file| {
            use std::os::fd::AsRawFd;
            // The only way to list an open directory without unsafe code of ours.
            fs::read_dir(format!("/proc/self/fd/{}", file.as_raw_fd()))?
                .map(|entry| entry.map(|entry| entry.file_name()))
                .collect::<io::Result<Vec<_>>>()
        });
        let names = listed.unwrap_or_default();
        names.into_iter().filter_map(|name| name.into_string().ok()).collect()
    }

    fn has_module(&self, module: &str) -> bool {
        self.places(module).iter().any(|place| self.has_file(place).unwrap_or(false))
    }

    fn lacks_module(&self, module: &str) -> bool {
        // The dynamic linker and libpam put directories of their own in the place of $LIB, $ISA and others.
        !module.contains('$')
            && self.places(module).iter().all(|place| matches!(self.has_file(place), Ok(false)))
    }
}

/// Files in memory, with every module but those that are said to be missing.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Text by path.
    pub files: BTreeMap<PathBuf, String>,
    /// Modules that libpam would not find.
    pub missing_modules: BTreeSet<String>,
}

impl Memory {
    /// Adds the file of a service below `/etc/pam.d`.
    #[must_use]
    pub fn with(mut self, service: &str, text: &str) -> Self {
        let path = Path::new("/etc/pam.d").join(service);
        self.files.insert(path, text.to_owned());
        self
    }
}

impl Files for Memory {
    fn read(&self, path: &Path) -> Result<Option<String>, ReadError> {
        Ok(self.files.get(path).cloned())
    }

    fn list(&self, directory: &Path) -> BTreeSet<String> {
        let inside = self.files.keys().filter(|path| path.parent() == Some(directory));
        inside.filter_map(|path| path.file_name()?.to_str().map(str::to_owned)).collect()
    }

    fn has_module(&self, module: &str) -> bool {
        !self.missing_modules.contains(module)
    }
}

/// Files of which one is as it would be after a change.
pub struct Changed<'a> {
    /// The machine as it is.
    pub base: &'a dyn Files,
    /// The file that would be written.
    pub path: &'a Path,
    /// Its text; `None` when it would be removed.
    pub text: Option<&'a str>,
}

impl Files for Changed<'_> {
    fn read(&self, path: &Path) -> Result<Option<String>, ReadError> {
        if path == self.path { Ok(self.text.map(str::to_owned)) } else { self.base.read(path) }
    }

    fn list(&self, directory: &Path) -> BTreeSet<String> {
        let mut names = self.base.list(directory);
        if self.path.parent() == Some(directory)
            && let Some(name) = self.path.file_name().and_then(|name| name.to_str())
        {
            if self.text.is_some() {
                names.insert(name.to_owned());
            } else {
                names.remove(name);
            }
        }
        names
    }

    fn has_module(&self, module: &str) -> bool {
        self.base.has_module(module)
    }

    fn lacks_module(&self, module: &str) -> bool {
        self.base.lacks_module(module)
    }
}

#[cfg(test)]
mod tests;
