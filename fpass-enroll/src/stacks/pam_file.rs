//! One file below `/etc/pam.d`, changed atomically: after a crash it is the old one or the new one.

use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat, openat2, renameat};
use nix::sys::stat::{Mode, mkdirat};
use nix::unistd::{Gid, Uid, UnlinkatFlags, fchown, unlinkat};
use rustix::fs::{XattrFlags, fchmod, fgetxattr, flistxattr, fsetxattr};

use super::{FileChange, Plan, StackError};

/// Directory of the previous files, below the root.
const KEPT: [&str; 4] = ["var", "lib", "fpass-enroll", "pam.d"];

/// Largest extended attribute that is copied, in bytes.
const ATTRIBUTE_MAX: usize = 4096;

/// A file, by its open directory and its name in that.
#[derive(Debug)]
pub(crate) struct PamFile {
    directory: File,
    name: String,
    shown: PathBuf,
    root: File,
}

impl PamFile {
    /// Opens the directory of a file below a root. Symbolic links cannot lead out of the root.
    ///
    /// # Errors
    /// When the directory cannot be opened.
    pub(crate) fn of(root: &Path, path: &Path) -> Result<Self, StackError> {
        let failed = || StackError::write(path);
        let root = File::open(root).map_err(failed())?;
        let parent = path.parent().unwrap_or(path);
        let directory = inside(&root, parent, OFlag::O_DIRECTORY).map_err(failed())?;
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        Ok(Self { directory, name, shown: path.to_owned(), root })
    }

    /// The file and its text; `None` when there is no file.
    fn read(&self) -> Result<Option<(File, String)>, StackError> {
        read_in(&self.directory, &self.name, &self.shown)
    }

    /// The text of the file before `enable`.
    pub(crate) fn kept(&self) -> Option<String> {
        let path = KEPT.iter().fold(PathBuf::from("/"), |path, part| path.join(part));
        let directory = inside(&self.root, &path, OFlag::O_DIRECTORY).ok()?;
        read_in(&directory, &self.name, &path).ok()?.map(|(_, text)| text)
    }

    /// Path of the previous file, for a sentence.
    pub(crate) fn kept_path(&self) -> PathBuf {
        KEPT.iter().fold(PathBuf::from("/"), |path, part| path.join(part)).join(&self.name)
    }

    /// Carries out a plan. With `keep`, the current file is kept.
    ///
    /// # Errors
    /// When the file changed since the plan was made, or cannot be written.
    pub(crate) fn carry_out(&self, plan: &Plan, keep: bool) -> Result<(), StackError> {
        let failed = || StackError::write(&self.shown);
        let current = self.read()?;
        if current.as_ref().map(|(_, text)| text) != plan.before.as_ref() {
            return Err(StackError::Changed(self.shown.clone()));
        }
        let model = match &current {
            Some((file, _)) => file.try_clone().map_err(failed())?,
            None => inside(&self.root, &plan.model, OFlag::empty()).map_err(failed())?,
        };
        if keep && let Some((_, text)) = &current {
            let directory = self.kept_directory().map_err(failed())?;
            replace(&directory, &self.name, text, &model, false).map_err(failed())?;
        }
        match &plan.change {
            FileChange::Text(text) => {
                replace(&self.directory, &self.name, text, &model, current.is_some())
                    .map_err(failed())?;
            }
            FileChange::Removed => {
                unlinkat(&self.directory, self.name.as_str(), UnlinkatFlags::NoRemoveDir)
                    .map_err(io::Error::from)
                    .and_then(|()| self.directory.sync_all())
                    .map_err(failed())?;
            }
        }
        Ok(())
    }

    /// Removes the previous file, if there is one.
    pub(crate) fn forget_kept(&self) {
        if let Ok(directory) = self.kept_directory() {
            let _ = unlinkat(&directory, self.name.as_str(), UnlinkatFlags::NoRemoveDir);
        }
    }

    fn kept_directory(&self) -> io::Result<File> {
        let mut path = PathBuf::from("/");
        for part in KEPT {
            let parent = inside(&self.root, &path, OFlag::O_DIRECTORY)?;
            path.push(part);
            match mkdirat(&parent, part, Mode::from_bits_truncate(0o755)) {
                Ok(()) | Err(Errno::EEXIST) => {}
                Err(error) => return Err(error.into()),
            }
        }
        inside(&self.root, &path, OFlag::O_DIRECTORY)
    }
}

fn inside(root: &File, path: &Path, flags: OFlag) -> io::Result<File> {
    let below = path.strip_prefix("/").unwrap_or(path);
    let below = if below.as_os_str().is_empty() { Path::new(".") } else { below };
    let how = OpenHow::new()
        .flags(flags | OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)
        .resolve(ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_MAGICLINKS);
    Ok(openat2(root, below, how)?.into())
}

/// A regular file with one name and its text.
fn read_in(
    directory: &File,
    name: &str,
    shown: &Path,
) -> Result<Option<(File, String)>, StackError> {
    let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
    let file = match openat(directory, name, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(Errno::ENOENT) => return Ok(None),
        Err(Errno::ELOOP) => return Err(StackError::Linked(shown.to_owned())),
        Err(error) => return Err(StackError::write(shown)(error.into())),
    };
    let metadata = file.metadata().map_err(StackError::write(shown))?;
    if !metadata.is_file() || metadata.nlink() != 1 {
        return Err(StackError::Irregular(shown.to_owned()));
    }
    let mut bytes = Vec::new();
    (&file)
        .take(fpass_stack::root::FILE_MAX)
        .read_to_end(&mut bytes)
        .map_err(StackError::write(shown))?;
    let text = String::from_utf8(bytes).map_err(|_| StackError::NotText(shown.to_owned()))?;
    Ok(Some((file, text)))
}

/// Writes a draft next to the file and renames it.
fn replace(
    directory: &File,
    name: &str,
    text: &str,
    model: &File,
    attributes: bool,
) -> io::Result<()> {
    let draft = format!(".{name}.fpass-draft");
    match unlinkat(directory, draft.as_str(), UnlinkatFlags::NoRemoveDir) {
        Ok(()) | Err(Errno::ENOENT) => {}
        Err(error) => return Err(error.into()),
    }
    let written = write_draft(directory, &draft, text, model, attributes)
        .and_then(|()| Ok(renameat(directory, draft.as_str(), directory, name)?));
    if let Err(error) = written {
        // The incomplete draft is useless.
        let _ = unlinkat(directory, draft.as_str(), UnlinkatFlags::NoRemoveDir);
        return Err(error);
    }
    directory.sync_all()
}

fn write_draft(
    directory: &File,
    draft: &str,
    text: &str,
    model: &File,
    attributes: bool,
) -> io::Result<()> {
    let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_CLOEXEC;
    let mode = Mode::from_bits_truncate(0o600);
    let mut file = File::from(openat(directory, draft, flags, mode)?);
    file.write_all(text.as_bytes())?;
    let metadata = model.metadata()?;
    let (uid, gid) = (Uid::from_raw(metadata.uid()), Gid::from_raw(metadata.gid()));
    let own = file.metadata()?;
    if (own.uid(), own.gid()) != (metadata.uid(), metadata.gid()) {
        fchown(&file, Some(uid), Some(gid))?;
    }
    fchmod(&file, rustix::fs::Mode::from_raw_mode(metadata.mode() & 0o7777))?;
    if attributes {
        copy_attributes(model, &file);
    }
    file.sync_all()
}

/// Copies the extended attributes of a file, such as the SELinux label, as far as the file system
/// and the policy permit.
fn copy_attributes(from: &File, to: &File) {
    let mut names = vec![0_u8; ATTRIBUTE_MAX];
    let Ok(length) = flistxattr(from, &mut names) else { return };
    for name in names.get(..length).unwrap_or_default().split(|byte| *byte == 0) {
        let Ok(name) = CString::new(name) else { continue };
        let mut value = vec![0_u8; ATTRIBUTE_MAX];
        if name.is_empty() {
            continue;
        }
        if let Ok(length) = fgetxattr(from, &name, &mut value) {
            let value = value.get(..length).unwrap_or_default();
            let _ = fsetxattr(to, &name, value, XattrFlags::empty());
        }
    }
}

#[cfg(test)]
mod tests;
