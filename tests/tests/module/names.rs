//! User names that name services hand out, and name services that do not answer.

use std::{
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt},
    process::Command,
};

use fpass_proto::{Refusal, names::VERIFICATION_INTERFACE};
use fpass_tests::{ALICE, Login, Reply, Scene, Testbed, Transcript, pam::Call, scene::BIDEN};

use crate::{
    alone, ended_as,
    witness::{self, WITNESS, compile},
};

const LIBRARY: &str = "/usr/lib/libnss_odd.so.2";
const USERS: &str = "/run/odd-users";
const FAILS: &str = "/run/odd-fails";
/// Id of the first of these users.
const FIRST: u32 = 62_000;

/// Names that F-pass supports.
const SUPPORTED: &[&str] = &[
    "DOM\\user name",
    "first middle last",
    "user@example.org",
    "HOST$",
    "Älva.Éa",
    "4dmin",
    "a-name-of-more-than-thirty-two-letters-as-some-directories-have-them",
];

/// Names that it does not support, as pam_fpass(8) says.
const UNSUPPORTED: &[&str] =
    &["-dash", "DOM/user", "a:b", " leading", "trailing ", "tab\there", "no\u{a0}break", ".."];

/// The daemon, and a name service that knows these names.
fn machine() -> Testbed {
    let mut testbed = Testbed::new().unwrap();
    witness::install();
    let (users, fails) = (format!("-DUSERS=\"{USERS}\""), format!("-DFAILS=\"{FAILS}\""));
    compile("module/odd_names.c", LIBRARY, &["-shared", "-fPIC", &users, &fails]);
    let long = "l".repeat(300);
    let names = SUPPORTED.iter().chain(UNSUPPORTED).copied().chain([long.as_str()]);
    let mut lines = Vec::new();
    for (uid, name) in (FIRST..).zip(names) {
        lines.extend(format!("{uid} {name}\n").into_bytes());
    }
    lines.extend(*b"62900 caf\xe9\n");
    fs::write(USERS, lines).unwrap();
    fs::set_permissions(USERS, fs::Permissions::from_mode(0o644)).unwrap();
    let switch = "passwd: files odd\ngroup: files\nshadow: files\n";
    fs::write("/etc/nsswitch.conf", switch).unwrap();
    testbed.start_with_alice().unwrap();
    testbed.service("sole", &alone("sole_factor")).unwrap();
    testbed
}

fn attempt(testbed: &Testbed, service: &str, name: &str) -> Transcript {
    let login = Login::new(service, name, "-")
        .with(|request| request.calls = vec![Call::Authenticate])
        .env("LD_PRELOAD", WITNESS);
    testbed.transact(&login).unwrap()
}

fn verify(testbed: &Testbed, uid: u32, name: &str) -> Reply {
    let (uid, name) = (format!("uint32:{uid}"), format!("string:{name}"));
    let words = [&*uid, &*name, "string:sole", "string:tty1", "uint32:5000"];
    testbed.call("root", VERIFICATION_INTERFACE, "Verify", &words).unwrap()
}

/// The lines that the module wrote to the system log since the last call.
fn logged() -> Vec<String> {
    witness::take().into_iter().filter(|line| line.starts_with("syslog ")).collect()
}

#[test]
fn users_of_directory_services_enrol_and_log_in() {
    let mut testbed = machine();
    for (uid, name) in (FIRST..).zip(SUPPORTED) {
        let added = testbed.fpass_enroll("root", &["add", &format!("--user={name}")]).unwrap();
        assert_eq!(added.code, Some(0), "{name}: {added:?}");
        ended_as(&attempt(&testbed, "sole", name), "PAM_SUCCESS", name);
        assert_eq!(verify(&testbed, uid, name), Reply::matched(), "{name}");
        let status = testbed.fpass_enroll("root", &["status", &format!("--user={name}")]).unwrap();
        assert_eq!(status.code, Some(0), "{name}: {status:?}");
    }
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    for name in SUPPORTED {
        ended_as(&attempt(&testbed, "sole", name), "PAM_AUTH_ERR", name);
    }
    // Users that nobody knows are unknown, also with such names.
    for name in ["DOM\\nobody here", "NOHOST$", "nobody@example.org"] {
        ended_as(&attempt(&testbed, "sole", name), "PAM_USER_UNKNOWN", name);
        assert_eq!(verify(&testbed, FIRST, name), Reply::refused(Refusal::UnknownUser), "{name}");
    }
}

#[test]
fn a_user_whom_the_database_knows_is_never_unknown() {
    let mut testbed = machine();
    testbed.service("sole-nullok", &alone("sole_factor nullok")).unwrap();
    let long = "l".repeat(300);
    for name in UNSUPPORTED.iter().copied().chain([long.as_str()]) {
        for service in ["sole", "sole-nullok"] {
            let _ = logged();
            let refused = attempt(&testbed, service, name);
            ended_as(&refused, "PAM_AUTHINFO_UNAVAIL", name);
            assert!(refused.sentence().contains("does not support this user name"), "{refused:?}");
            let log = logged();
            assert!(log.iter().any(|line| line.contains("unsupported user name: ")), "{log:?}");
        }
    }
    // A name that is not UTF-8.
    let name = OsStr::from_bytes(b"caf\xe9");
    let words = [OsStr::new("sole"), name, OsStr::new("authenticate")];
    let run = Command::new("pamtester").args(words).output().unwrap();
    let said = String::from_utf8_lossy(&[run.stdout, run.stderr].concat()).into_owned();
    assert!(
        !run.status.success() && said.contains("cannot retrieve authentication info"),
        "{said}"
    );

    // The database of the daemon may know less than that of the application.
    let hidden = SUPPORTED[0];
    let words = ["add", &format!("--user={hidden}")];
    assert_eq!(testbed.fpass_enroll("root", &words).unwrap().code, Some(0));
    fs::set_permissions(USERS, fs::Permissions::from_mode(0o600)).unwrap();
    ended_as(&attempt(&testbed, "sole", hidden), "PAM_AUTHINFO_UNAVAIL", "hidden from fpassd");
}

#[test]
fn a_name_service_that_fails_is_not_an_unknown_user_and_leaves_a_line() {
    let testbed = machine();
    // ENOENT, ESRCH, EIO, ECONNREFUSED
    for errno in [2, 3, 5, 111] {
        fs::write(FAILS, format!("{errno}\n")).unwrap();
        for name in [SUPPORTED[0], UNSUPPORTED[0], "nobody-knows"] {
            let _ = logged();
            let refused = attempt(&testbed, "sole", name);
            ended_as(&refused, "PAM_AUTHINFO_UNAVAIL", name);
            assert!(refused.sentence().starts_with("The user database did not answer"), "{name}");
            let log = logged();
            assert!(log.iter().any(|line| line.contains("getpwnam_r: ")), "{errno}: {log:?}");
        }
        let refused = Reply::refused(Refusal::Internal);
        assert_eq!(verify(&testbed, FIRST, SUPPORTED[0]), refused, "{errno}");
        let status = testbed.fpass_enroll("root", &["status", "--user=nobody-knows"]).unwrap();
        assert!(status.stderr.contains("The user database cannot be read"), "{status:?}");
        // Users of /etc/passwd do not depend on it.
        ended_as(&attempt(&testbed, "sole", ALICE.name), "PAM_SUCCESS", "alice");
    }
    assert!(testbed.daemon_log().contains("a user was not looked up"), "{}", testbed.daemon_log());
    fs::remove_file(FAILS).unwrap();
    ended_as(&attempt(&testbed, "sole", "nobody-knows"), "PAM_USER_UNKNOWN", "it answers again");
}
