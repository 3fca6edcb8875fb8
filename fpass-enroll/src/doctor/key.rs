//! The key of the templates: its source and, for root, its file.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use fpass_terminal::Printable;
use nix::unistd;

use super::Finding;
use super::services::Services;

const CHECK: &str = "key";
/// Length of a key in bytes.
const LENGTH: u64 = 32;
const REMEDY: &str = "restore it, or make a new one; see KEY in fpassd(8)";

pub(super) fn check(services: &Services, store: &Path) -> Finding {
    let Ok(present) = &services.daemon else { return Finding::unasked(CHECK) };
    match present.status.key.as_str() {
        "credential" => Finding::ok(CHECK, "a credential of the service manager"),
        "file" if !unistd::geteuid().is_root() => Finding::for_root(CHECK),
        "file" => file(&store.join("key")),
        other => Finding::warn(CHECK, format!("{:?}", Printable(other).to_string()), REMEDY),
    }
}

fn file(path: &Path) -> Finding {
    let named = path.display();
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Finding::fail(
            CHECK,
            format!("{named} is missing; every request is refused"),
            "restore it, or: sudo -u fpassd /usr/libexec/fpassd --create-key; see KEY in fpassd(8)",
        ),
        Err(error) => Finding::warn(CHECK, format!("cannot read {named}: {error}"), REMEDY),
        Ok(facts) if !facts.is_file() || facts.len() != LENGTH => {
            Finding::fail(CHECK, format!("{named} is not a file of {LENGTH} bytes"), REMEDY)
        }
        Ok(facts) if facts.mode() & 0o077 != 0 => Finding::fail(
            CHECK,
            format!("{named} is open to others: mode {:04o}", facts.mode() & 0o7777),
            format!("run: chmod 0600 {named}; then rotate it, see KEY in fpassd(8)"),
        ),
        Ok(_) => Finding::ok(CHECK, format!("the file {named}")),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::doctor::Severity;

    #[test]
    fn a_key_that_is_missing_short_or_open_is_a_failure() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        assert_eq!(file(&path).state, Severity::Fail);
        let chmod = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        fs::write(&path, [1; 31]).unwrap();
        chmod(0o600);
        assert_eq!(file(&path).state, Severity::Fail);
        fs::write(&path, [1; 32]).unwrap();
        chmod(0o640);
        assert!(file(&path).remedy.contains("chmod 0600"));
        chmod(0o600);
        assert_eq!(file(&path).state, Severity::Ok);
    }
}
