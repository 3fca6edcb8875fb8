//! The proof that the Debian package makes at its installation, with the real pam-auth-update.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Output},
};

use fpass_tests::{Testbed, tree};

const STACKS: &str = "/etc/pam.d";

fn proves() -> Output {
    let script = tree::require("packaging/debian/fpass-prove-profile").unwrap();
    Command::new("sh").arg(script).output().unwrap()
}

#[test]
fn the_profile_is_proven_for_the_machine_and_who_may_write_its_files() {
    let shipped: Vec<(PathBuf, String)> = fs::read_dir(STACKS)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect();
    let _testbed = Testbed::new().unwrap();
    // Those of the tests ask for the face already, and pam-auth-update did not write them.
    fs::remove_dir_all(STACKS).unwrap();
    fs::create_dir(STACKS).unwrap();
    for (path, text) in shipped {
        fs::write(path, text).unwrap();
    }
    let before = fs::read("/etc/pam.d/common-auth").unwrap();
    let proven = proves();
    assert_eq!(proven.status.code(), Some(0), "{proven:?}");
    assert_eq!(fs::read("/etc/pam.d/common-auth").unwrap(), before, "only a copy is changed");
    for path in ["/etc", "/etc/shadow", "/etc/pam.d/common-auth", "/etc/fpass"] {
        let mode = fs::metadata(path).unwrap().permissions();
        fs::set_permissions(path, Permissions::from_mode(mode.mode() | 0o002)).unwrap();
        let unproven = proves();
        assert_eq!(unproven.status.code(), Some(21), "{path}: {unproven:?}");
        let said = String::from_utf8_lossy(&unproven.stdout).into_owned();
        assert!(said.contains(&format!("others than root can write {path},")), "{path}: {said}");
        fs::set_permissions(path, mode).unwrap();
    }
}
