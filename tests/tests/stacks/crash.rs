//! SIGKILL at each system call with which `fpass-enroll pam` writes. The file of the service is
//! then the old one or the new one, and the next run succeeds.

use std::{
    fs,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use fpass_tests::tree;
use tempfile::TempDir;

const SUDO: &str = "#%PAM-1.0\n@include common-auth\nsession required pam_limits.so";

/// System calls that write and exchange files.
const WRITING: [&str; 8] =
    ["openat", "openat2", "mkdirat", "write", "fchmod", "fsync", "renameat", "unlinkat"];

/// A system with the service `sudo`.
fn system() -> TempDir {
    let system = TempDir::new().unwrap();
    let at = |path: &str| system.path().join(path);
    fs::create_dir_all(at("etc/pam.d")).unwrap();
    fs::create_dir_all(at("usr/lib/security")).unwrap();
    fs::write(at("etc/pam.d/sudo"), SUDO).unwrap();
    fs::write(at("etc/pam.d/common-auth"), "auth requisite pam_unix.so\n").unwrap();
    for module in ["pam_unix.so", "pam_fpass.so", "pam_limits.so"] {
        fs::write(at("usr/lib/security").join(module), "").unwrap();
    }
    system
}

fn program() -> PathBuf {
    tree::require("target/release/fpass-enroll").unwrap()
}

fn words(command: &str, root: &Path) -> Vec<String> {
    let mut words = vec!["pam".to_owned(), command.to_owned()];
    if command == "enable" {
        words.push("--recovery".to_owned());
    }
    words.extend(["sudo".to_owned(), "--root".to_owned(), root.display().to_string()]);
    words
}

fn pam(command: &str, root: &Path) -> Output {
    Command::new(program()).args(words(command, root)).output().unwrap()
}

/// Whether the program was killed at a system call.
fn killed(command: &str, root: &Path, call: &str, when: u32) -> bool {
    let status = Command::new("/usr/bin/strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e"])
        .arg(format!("inject={call}:signal=KILL:when={when}"))
        .arg(program())
        .args(words(command, root))
        .output()
        .unwrap()
        .status;
    assert!(status.success() || status.signal() == Some(9), "{call} {when}: {status}");
    status.signal() == Some(9)
}

/// Kills `command` at each call, on a system that `before` prepares. `texts` are the two contents
/// that the file may have afterwards. Returns the number of kills.
fn at_each_call(command: &str, texts: [&str; 2], before: impl Fn(&Path)) -> u32 {
    let mut kills = 0;
    for call in WRITING {
        for when in 1..200 {
            let system = system();
            before(system.path());
            let died = killed(command, system.path(), call, when);
            let text = fs::read_to_string(system.path().join("etc/pam.d/sudo")).unwrap();
            assert!(texts.contains(&text.as_str()), "{command}, {call} {when}: {text}");
            if !died {
                break;
            }
            kills += 1;
            // Leftover files must not prevent the next run, or the change was already complete.
            let again = pam(command, system.path());
            let text = fs::read_to_string(system.path().join("etc/pam.d/sudo")).unwrap();
            assert_eq!(text, texts[1], "{command}, {call} {when}: {again:?}");
        }
    }
    kills
}

#[test]
fn a_change_that_is_killed_leaves_the_old_file_or_the_new_one() {
    let enabled = {
        let system = system();
        let output = pam("enable", system.path());
        assert!(output.status.success(), "{output:?}");
        fs::read_to_string(system.path().join("etc/pam.d/sudo")).unwrap()
    };
    assert_ne!(enabled, SUDO);
    let enabling = at_each_call("enable", [SUDO, &enabled], |_| {});
    let disabling = at_each_call("disable", [&enabled, SUDO], |root| {
        assert!(pam("enable", root).status.success());
    });
    println!(
        "pam enable killed at {enabling} system calls, pam disable at {disabling}: old or new"
    );
    assert!(enabling > 20 && disabling > 20);
}
