//! A machine whose stacks are those of another directory.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Files, ReadError, Root};

/// The directory that is replaced.
const REPLACED: &str = "/etc/pam.d";

/// A machine with another directory in place of `/etc/pam.d`, as a program would leave that
/// directory. Modules and all other files are those of the machine.
pub struct StagedStacks<'a> {
    machine: &'a Root,
    directory: Root,
}

impl<'a> StagedStacks<'a> {
    /// Of this machine, with this directory.
    #[must_use]
    pub fn new(machine: &'a Root, directory: Root) -> Self {
        Self { machine, directory }
    }

    /// The path below the staged directory, if there is something.
    fn staged(&self, path: &Path) -> Option<PathBuf> {
        let below = Path::new("/").join(path.strip_prefix(REPLACED).ok()?);
        // A link that leads out of the staged directory is followed on the machine.
        let is_link_to_elsewhere = || {
            let listed = below.file_name().and_then(|name| name.to_str()).map(str::to_owned);
            matches!(self.directory.has_file(&below), Ok(false))
                && listed.is_some_and(|name| self.directory.list(Path::new(".")).contains(&name))
        };
        (!is_link_to_elsewhere()).then_some(below)
    }
}

impl Files for StagedStacks<'_> {
    fn read(&self, path: &Path) -> Result<Option<String>, ReadError> {
        self.staged(path).map_or_else(|| self.machine.read(path), |path| self.directory.read(&path))
    }

    fn list(&self, directory: &Path) -> BTreeSet<String> {
        if directory == Path::new(REPLACED) {
            self.directory.list(Path::new("."))
        } else {
            self.machine.list(directory)
        }
    }

    fn is_hidden(&self, directory: &Path) -> bool {
        if directory == Path::new(REPLACED) {
            self.directory.is_hidden(Path::new("."))
        } else {
            self.machine.is_hidden(directory)
        }
    }

    fn has_module(&self, module: &str) -> bool {
        self.machine.has_module(module)
    }

    fn writable_by_others(&self, path: &Path) -> Result<Option<PathBuf>, PathBuf> {
        let Ok(below) = path.strip_prefix(REPLACED) else {
            return self.machine.writable_by_others(path);
        };
        for path in [path, Path::new(REPLACED)] {
            if let Some(found) = self.machine.writable_by_others(path)? {
                return Ok(Some(found));
            }
        }
        let replaced =
            |path: PathBuf| Path::new(REPLACED).join(path.strip_prefix("/").unwrap_or(&path));
        let staged = self.directory.writable_by_others(&Path::new("/").join(below));
        staged.map(|found| found.map(replaced)).map_err(replaced)
    }

    fn module_files(&self, module: &str) -> Vec<PathBuf> {
        self.machine.module_files(module)
    }

    fn lacks_module(&self, module: &str) -> bool {
        self.machine.lacks_module(module)
    }
}
