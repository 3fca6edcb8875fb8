use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};

use clap::Parser;

use super::*;
use crate::cli::Cli;
use crate::exit_code::ExitCode;

const SUDO: &str = "#%PAM-1.0\n\n@include common-auth\nsession required pam_limits.so";

/// A system with `sudo` and `login` in a directory.
struct System(tempfile::TempDir);

impl System {
    fn new() -> Self {
        let system = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(system.at("etc/pam.d")).unwrap();
        fs::create_dir_all(system.at("usr/lib/security")).unwrap();
        fs::write(system.at("etc/pam.d/sudo"), SUDO).unwrap();
        fs::write(system.at("etc/pam.d/common-auth"), "auth requisite pam_unix.so\n").unwrap();
        fs::write(system.at("etc/pam.d/login"), "@include common-auth\n").unwrap();
        fs::write(system.at("etc/shadow"), "root:$y$j9T$x:1::::::\n").unwrap();
        for module in ["pam_unix.so", "pam_fpass.so", "pam_limits.so"] {
            fs::write(system.at("usr/lib/security").join(module), "").unwrap();
        }
        system
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn sudo(&self) -> PathBuf {
        self.at("etc/pam.d/sudo")
    }

    /// Runs `fpass-enroll pam` here.
    fn pam(&self, words: &[&str]) -> Result<ExitCode, crate::error::Error> {
        let root = self.0.path().to_str().unwrap();
        let line = [&["fpass-enroll", "pam"][..], words, &["--root", root]].concat();
        crate::run(Cli::try_parse_from(line).unwrap())
    }

    fn refused(&self, words: &[&str]) -> StackError {
        match self.pam(words) {
            Err(crate::error::Error::Stack(error)) => error,
            other => panic!("{other:?}"),
        }
    }

    /// Names in the directory of the stacks.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.at("etc/pam.d")).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[test]
fn links_and_other_files_are_refused_and_left() {
    let system = System::new();
    fs::rename(system.sudo(), system.at("etc/elsewhere")).unwrap();
    symlink("../elsewhere", system.sudo()).unwrap();
    assert!(matches!(system.refused(&["enable", "sudo"]), StackError::Linked(_)));
    assert_eq!(fs::read_to_string(system.at("etc/elsewhere")).unwrap(), SUDO);

    fs::remove_file(system.sudo()).unwrap();
    fs::hard_link(system.at("etc/elsewhere"), system.sudo()).unwrap();
    assert!(matches!(system.refused(&["enable", "sudo"]), StackError::Irregular(_)));
    assert_eq!(fs::read_to_string(system.sudo()).unwrap(), SUDO);
}

#[test]
fn a_link_does_not_lead_out_of_the_root() {
    let system = System::new();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("sudo"), SUDO).unwrap();
    fs::remove_dir_all(system.at("etc/pam.d")).unwrap();
    symlink(outside.path(), system.at("etc/pam.d")).unwrap();
    assert!(system.pam(&["enable", "sudo"]).is_err());
    assert_eq!(fs::read_to_string(outside.path().join("sudo")).unwrap(), SUDO);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_changes_after_the_plan_is_left() {
    let system = System::new();
    let root = fpass_stack::root::Root::open(system.0.path()).unwrap();
    let plan = crate::stacks::enable(&root, "sudo", Default::default()).unwrap();
    fs::write(system.sudo(), "# somebody else\n").unwrap();
    let place = PamFile::of(system.0.path(), Path::new("/etc/pam.d/sudo")).unwrap();
    assert!(matches!(place.carry_out(&plan, true), Err(StackError::Changed(_))));
    assert_eq!(fs::read_to_string(system.sudo()).unwrap(), "# somebody else\n");
}

#[test]
fn a_dry_run_changes_nothing() {
    let system = System::new();
    let before = system.names();
    assert_eq!(system.pam(&["enable", "--dry-run", "sudo"]).unwrap(), ExitCode::Done);
    assert_eq!(fs::read_to_string(system.sudo()).unwrap(), SUDO);
    assert_eq!(system.names(), before);
    assert!(!system.at("var").exists());
}

#[test]
fn a_missing_module_refuses() {
    let system = System::new();
    fs::remove_file(system.at("usr/lib/security/pam_fpass.so")).unwrap();
    let error = system.refused(&["enable", "sudo"]);
    assert!(error.to_string().contains("pam_fpass.so is not installed"), "{error}");
    assert_eq!(fs::read_to_string(system.sudo()).unwrap(), SUDO);
}

#[test]
fn enabling_and_disabling_restores_bytes_mode_and_owner() {
    let system = System::new();
    fs::set_permissions(system.sudo(), fs::Permissions::from_mode(0o640)).unwrap();
    // Only root may give a file away; others keep their own.
    let _ = chown(system.sudo(), None, Some(7));
    let _ = std::process::Command::new("setfattr")
        .args(["-n", "user.note", "-v", "kept"])
        .arg(system.sudo())
        .output();
    let before = fs::metadata(system.sudo()).unwrap();
    let names = system.names();

    assert_eq!(system.pam(&["enable", "sudo"]).unwrap(), ExitCode::Done);
    assert_eq!(system.pam(&["status", "sudo"]).unwrap(), ExitCode::Done);
    let enabled = fs::metadata(system.sudo()).unwrap();
    assert_ne!(fs::read_to_string(system.sudo()).unwrap(), SUDO);
    assert_eq!(system.pam(&["disable", "sudo"]).unwrap(), ExitCode::Done);

    let after = fs::metadata(system.sudo()).unwrap();
    assert_eq!(fs::read_to_string(system.sudo()).unwrap(), SUDO);
    for metadata in [&enabled, &after] {
        assert_eq!(
            (metadata.mode(), metadata.uid(), metadata.gid()),
            (before.mode(), before.uid(), before.gid())
        );
    }
    assert_eq!(system.names(), names, "no draft is left");
    assert_eq!(system.pam(&["status", "sudo"]).unwrap(), ExitCode::StackUnprotected);
}

#[test]
fn what_a_crash_left_behind_is_no_hindrance() {
    let system = System::new();
    fs::write(system.at("etc/pam.d/.sudo.fpass-draft"), "half a li").unwrap();
    assert_eq!(system.pam(&["enable", "sudo"]).unwrap(), ExitCode::Done);
    assert!(!system.names().contains(&".sudo.fpass-draft".to_owned()));
    assert!(fs::read_to_string(system.sudo()).unwrap().contains("pam_fpass.so"));
}

#[test]
fn a_vendors_file_is_copied_with_its_mode_and_the_copy_removed() {
    let system = System::new();
    fs::create_dir_all(system.at("usr/lib/pam.d")).unwrap();
    fs::rename(system.sudo(), system.at("usr/lib/pam.d/sudo")).unwrap();
    system.pam(&["enable", "sudo"]).unwrap();
    assert_eq!(
        fs::metadata(system.sudo()).unwrap().mode(),
        fs::metadata(system.at("usr/lib/pam.d/sudo")).unwrap().mode()
    );
    system.pam(&["disable", "sudo"]).unwrap();
    assert!(!system.sudo().exists());
}

#[test]
fn the_exit_code_is_that_of_the_worst_service() {
    let system = System::new();
    let root = system.0.path().to_str().unwrap().to_owned();
    let check = |words: &[&str]| {
        let line = [&["fpass-enroll", "check-pam", "--root", &root][..], words].concat();
        crate::run(Cli::try_parse_from(line).unwrap()).unwrap()
    };
    assert_eq!(check(&[]), ExitCode::Done);
    assert_eq!(check(&["sudo"]), ExitCode::StackUnprotected);

    let ours = "auth [success=ok ignore=ignore default=die] pam_fpass.so\n";
    let write = |name: &str, text: &str| {
        fs::write(system.at("etc/pam.d").join(name), format!("{text}{ours}")).unwrap();
    };
    write("su", "auth requisite pam_unix.so\n");
    assert_eq!(check(&["--json"]), ExitCode::Done);
    write("login", "auth requisite pam_unix.so\n");
    assert_eq!(check(&["su"]), ExitCode::NoWayBack);
    write("su-l", "auth include nowhere\n");
    assert_eq!(check(&[]), ExitCode::StackUnreadable);
    write("kiosk", "auth sufficient pam_unix.so\n");
    assert_eq!(check(&[]), ExitCode::StackBroken);
    fs::remove_file(system.at("etc/pam.d/kiosk")).unwrap();
    fs::create_dir(system.at("etc/pam.d/atm")).unwrap();
    assert_eq!(check(&["atm"]), ExitCode::StackUnreadable, "a directory instead of a file");
    write("kiosk", "");
    assert_eq!(check(&["kiosk"]), ExitCode::StackBroken, "nobody gets in");
}

#[test]
fn the_root_must_exist() {
    let line = ["fpass-enroll", "check-pam", "--root", "/nonexistent"];
    let error = crate::run(Cli::try_parse_from(line).unwrap()).unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::StackUnreadable);
}
