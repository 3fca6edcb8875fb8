//! The files of a machine: below a directory that is its root, or in memory.

mod staged;
mod writers;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use thiserror::Error;

pub use staged::StagedStacks;

/// The directories in which libpam looks for the file of a service, in order. Distributions build
/// libpam with one or both of the directories of the vendor.
pub const DIRECTORIES: [&str; 3] = ["/etc/pam.d", "/usr/lib/pam.d", "/usr/etc/pam.d"];

/// The file for all services that libpam reads if the directories do not exist.
pub const PAM_CONF: &str = "/etc/pam.conf";

/// Size of the largest file that is read, in bytes.
pub const FILE_MAX: u64 = 256 * 1024;

/// Directories that may contain `security/`.
const LIBRARIES: [&str; 4] = ["/lib", "/usr/lib", "/lib64", "/usr/lib64"];

/// Endings of the copies that package managers, editors and administrators keep of a service file.
const COPY_ENDINGS: [&str; 12] = [
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

/// Why an existing file was not read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The system reports an error.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The file is a directory, a device or a pipe.
    #[error("it is not a regular file")]
    Irregular,
    /// The file has more than [`FILE_MAX`] bytes.
    #[error("it is larger than 256 KiB")]
    TooLarge,
}

/// The files of a machine. Paths are absolute, as on that machine.
///
/// It has no answers of its own: one that a reader forgot to give would call a stack proven.
pub trait Files {
    /// The text of a file, in which bytes that are not UTF-8 are replaced; `None` if it does not
    /// exist.
    ///
    /// # Errors
    /// The reason why an existing file was not read.
    fn read(&self, path: &Path) -> Result<Option<String>, ReadError>;

    /// The names in a directory; empty if it cannot be listed.
    fn list(&self, directory: &Path) -> BTreeSet<String>;

    /// Whether a directory exists and cannot be listed, so that [`Self::list`] says nothing.
    fn is_hidden(&self, directory: &Path) -> bool;

    /// Whether libpam would find the module of a line.
    fn has_module(&self, module: &str) -> bool;

    /// The first file or directory on the way to a path, the path included, that others than root
    /// may write; `None` if only root may. What does not exist can be made by those who may write
    /// the directory.
    ///
    /// # Errors
    /// A file or directory on the way whose owner and mode cannot be read.
    fn writable_by_others(&self, path: &Path) -> Result<Option<PathBuf>, PathBuf>;

    /// The files of which libpam would load one for the module of a line, as far as they are known:
    /// the directory of modules was chosen when libpam was built.
    fn module_files(&self, module: &str) -> Vec<PathBuf>;

    /// Whether libpam certainly finds no such module.
    fn lacks_module(&self, module: &str) -> bool;
}

/// The services that have a file or a line in `/etc/pam.conf`, except `other`.
#[must_use]
pub fn services(files: &dyn Files) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for directory in DIRECTORIES {
        names.extend(files.list(Path::new(directory)));
    }
    if names.is_empty()
        && let Ok(Some(text)) = files.read(Path::new(PAM_CONF))
    {
        let lines = crate::file::parse_pam_conf(&text).entries;
        names.extend(lines.into_iter().filter_map(|entry| entry.service));
    }
    // libpam looks for names in lower case only.
    names.retain(|name| {
        name != "other"
            && !name.starts_with('.')
            && !name.contains(|letter: char| letter.is_ascii_uppercase())
            && !COPY_ENDINGS.iter().any(|ending| name.ends_with(ending))
    });
    names
}

/// The file system below a directory. Symbolic links and `..` do not leave it.
#[derive(Debug)]
pub struct Root {
    directory: File,
}

impl Root {
    /// Opens the directory.
    ///
    /// # Errors
    /// The error of the system.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { directory: File::open(path)? })
    }

    fn open_below(&self, path: &Path, flags: OFlag) -> io::Result<File> {
        let below = path.strip_prefix("/").unwrap_or(path);
        let how = OpenHow::new()
            .flags(flags | OFlag::O_CLOEXEC)
            .resolve(ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_MAGICLINKS);
        Ok(openat2(&self.directory, below, how)?.into())
    }

    /// Whether there is a regular file.
    ///
    /// # Errors
    /// The error of the system, if it does not say.
    fn has_file(&self, path: &Path) -> io::Result<bool> {
        match self.open_below(path, OFlag::O_PATH).and_then(|file| file.metadata()) {
            Ok(metadata) => Ok(metadata.is_file()),
            Err(error) if is_not_found(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The paths at which libpam looks for the module of a line.
    fn module_paths(&self, module: &str) -> Vec<PathBuf> {
        let module = module.replace("$ISA", ".");
        if module.starts_with('/') {
            return vec![module.into()];
        }
        let mut paths = Vec::new();
        for library in LIBRARIES.map(Path::new) {
            paths.push(library.join("security").join(&module));
            // Only the directory of an architecture, such as x86_64-linux-gnu.
            let folders =
                if library.ends_with("lib") { self.list(library) } else { BTreeSet::new() };
            let folders = folders.iter().filter(|name| name.contains("-linux-"));
            paths.extend(folders.map(|name| library.join(name).join("security").join(&module)));
        }
        paths
    }
}

fn is_not_found(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

impl Files for Root {
    fn read(&self, path: &Path) -> Result<Option<String>, ReadError> {
        let file = match self.open_below(path, OFlag::O_RDONLY | OFlag::O_NONBLOCK) {
            Ok(file) => file,
            Err(error) if is_not_found(&error) => return Ok(None),
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
        let listed =
            self.open_below(directory, OFlag::O_RDONLY | OFlag::O_DIRECTORY).and_then(|file| {
                use std::os::fd::AsRawFd;
                // The standard library lists directories by path only.
                fs::read_dir(format!("/proc/self/fd/{}", file.as_raw_fd()))?
                    .map(|entry| entry.map(|entry| entry.file_name()))
                    .collect::<io::Result<Vec<_>>>()
            });
        let names = listed.unwrap_or_default();
        names.into_iter().filter_map(|name| name.into_string().ok()).collect()
    }

    fn is_hidden(&self, directory: &Path) -> bool {
        let opened = self.open_below(directory, OFlag::O_RDONLY | OFlag::O_DIRECTORY);
        opened.is_err_and(|error| !is_not_found(&error))
    }

    fn has_module(&self, module: &str) -> bool {
        !self.module_files(module).is_empty()
    }

    fn writable_by_others(&self, path: &Path) -> Result<Option<PathBuf>, PathBuf> {
        writers::writable_by_others(&self.directory, path)
    }

    fn module_files(&self, module: &str) -> Vec<PathBuf> {
        let mut paths = self.module_paths(module);
        paths.retain(|path| self.has_file(path).unwrap_or(false));
        paths
    }

    fn lacks_module(&self, module: &str) -> bool {
        // libpam and the dynamic linker replace $ISA, $LIB and the like by directories of their
        // own.
        !module.contains('$')
            && self.module_paths(module).iter().all(|path| matches!(self.has_file(path), Ok(false)))
    }
}

/// Files in memory. All modules exist except those named as missing.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Text by path.
    pub files: BTreeMap<PathBuf, String>,
    /// Modules that do not exist.
    pub missing_modules: BTreeSet<String>,
    /// Paths that others than root may write.
    pub writable: BTreeSet<PathBuf>,
    /// Directories that cannot be listed.
    pub hidden: BTreeSet<PathBuf>,
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

    fn is_hidden(&self, directory: &Path) -> bool {
        self.hidden.contains(directory)
    }

    fn has_module(&self, module: &str) -> bool {
        !self.missing_modules.contains(module)
    }

    fn writable_by_others(&self, path: &Path) -> Result<Option<PathBuf>, PathBuf> {
        Ok(path.ancestors().find(|part| self.writable.contains(*part)).map(Path::to_owned))
    }

    fn module_files(&self, module: &str) -> Vec<PathBuf> {
        module.starts_with('/').then(|| module.into()).into_iter().collect()
    }

    fn lacks_module(&self, module: &str) -> bool {
        self.missing_modules.contains(module)
    }
}

/// The files of a machine as they would be after a change of one file.
pub struct Overlay<'a> {
    /// The machine before the change.
    pub base: &'a dyn Files,
    /// The changed file.
    pub path: &'a Path,
    /// Its new text; `None` if it is removed.
    pub text: Option<&'a str>,
}

impl Files for Overlay<'_> {
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

    fn is_hidden(&self, directory: &Path) -> bool {
        self.base.is_hidden(directory)
    }

    fn has_module(&self, module: &str) -> bool {
        self.base.has_module(module)
    }

    fn writable_by_others(&self, path: &Path) -> Result<Option<PathBuf>, PathBuf> {
        if path != self.path {
            return self.base.writable_by_others(path);
        }
        // The changed file is made with the mode of the one that it replaces, in the same place.
        match (self.base.writable_by_others(path)?, path.parent()) {
            (None, Some(directory)) => self.base.writable_by_others(directory),
            (found, _) => Ok(found),
        }
    }

    fn module_files(&self, module: &str) -> Vec<PathBuf> {
        self.base.module_files(module)
    }

    fn lacks_module(&self, module: &str) -> bool {
        self.base.lacks_module(module)
    }
}

#[cfg(test)]
mod tests;
