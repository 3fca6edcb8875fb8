//! Who may write into the directory of the models: others could exchange a model after its check.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Write permission of group and others.
const GROUP_WRITES: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;
/// Entries of such a directory are renamed and removed only by their owners.
const STICKY: u32 = 0o1000;

/// The first directory on the way to `directory`, this one first, that somebody else than root and
/// the user of this process may write.
///
/// # Errors
/// The error of the system.
pub(crate) fn writable_by_others(directory: &Path) -> io::Result<Option<PathBuf>> {
    // The owner of /proc/self is the user of this process.
    let own = fs::metadata("/proc/self")?;
    let real = fs::canonicalize(directory)?;
    for (depth, part) in real.ancestors().enumerate() {
        let metadata = fs::metadata(part)?;
        let guarded = depth > 0 && metadata.mode() & STICKY != 0;
        if !guarded && others_write(&metadata, &own) {
            return Ok(Some(part.to_owned()));
        }
    }
    Ok(None)
}

fn others_write(found: &Metadata, own: &Metadata) -> bool {
    let owner = found.uid() != 0 && found.uid() != own.uid();
    let group = found.mode() & GROUP_WRITES != 0 && found.gid() != 0 && found.gid() != own.gid();
    owner || group || found.mode() & OTHERS_WRITE != 0
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_directory_and_those_above_it_count() {
        let scratch = tempfile::tempdir().unwrap();
        let models = scratch.path().join("share/models");
        fs::create_dir_all(&models).unwrap();
        let mode = |part: &str, mode| {
            fs::set_permissions(scratch.path().join(part), Permissions::from_mode(mode)).unwrap();
        };
        let found = |part: &str| Some(fs::canonicalize(scratch.path().join(part)).unwrap());
        mode("share", 0o755);
        for private in [0o755, 0o700, 0o555] {
            mode("share/models", private);
            assert_eq!(writable_by_others(&models).unwrap(), None, "{private:o}");
        }
        for open in [0o777, 0o757, 0o1777] {
            mode("share/models", open);
            assert_eq!(writable_by_others(&models).unwrap(), found("share/models"), "{open:o}");
        }
        mode("share/models", 0o755);
        mode("share", 0o777);
        assert_eq!(writable_by_others(&models).unwrap(), found("share"));
        mode("share", 0o1777);
        assert_eq!(writable_by_others(&models).unwrap(), None, "others cannot rename it");
    }
}
