//! The key of the templates: its source and, for root, its file.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use fpass_language::{Sentence, sentence};
use fpass_terminal::Printable;
use nix::unistd;

use super::Finding;
use super::services::Services;
use crate::language::{spoken, told};

const CHECK: &str = "key";
/// Length of a key in bytes.
const LENGTH: u64 = 32;
const REMEDY: Sentence = sentence!("restore it, or make a new one; see KEY in fpassd(8)");

pub(super) fn check(services: &Services, store: &Path) -> Finding {
    let Ok(present) = &services.daemon else { return Finding::unasked(CHECK) };
    match present.status.key.as_str() {
        "credential" => Finding::ok(CHECK, told!("a credential of the service manager")),
        "file" if !unistd::geteuid().is_root() => Finding::for_root(CHECK),
        "file" => file(&store.join("key")),
        other => Finding::warn(
            CHECK,
            format!("{:?}", Printable(other).to_string()),
            REMEDY.wording(spoken()),
        ),
    }
}

fn file(path: &Path) -> Finding {
    let named = path.display();
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Finding::fail(
            CHECK,
            told!("{file} is missing; every request is refused", file = named),
            told!(
                "restore it, or: sudo -u fpassd /usr/libexec/fpassd --create-key; see KEY in \
                 fpassd(8)"
            ),
        ),
        Err(error) => Finding::warn(
            CHECK,
            told!("cannot read {file}: {error}", file = named, error = error),
            REMEDY.wording(spoken()),
        ),
        Ok(facts) if !facts.is_file() || facts.len() != LENGTH => Finding::fail(
            CHECK,
            told!("{file} is not a file of {length} bytes", file = named, length = LENGTH),
            REMEDY.wording(spoken()),
        ),
        Ok(facts) if facts.mode() & 0o077 != 0 => Finding::fail(
            CHECK,
            told!(
                "{file} is open to others: mode {mode}",
                file = named,
                mode = format_args!("{:04o}", facts.mode() & 0o7777),
            ),
            told!(
                "run: {command}; then rotate it, see KEY in fpassd(8)",
                command = format_args!("chmod 0600 {named}"),
            ),
        ),
        Ok(_) => Finding::ok(CHECK, told!("the file {file}", file = named)),
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
