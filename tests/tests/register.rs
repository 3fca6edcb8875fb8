//! `fpass-enroll register` creates an account, its password and its F-pass, or none of them.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this program is tests"
)]

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use fpass_tests::{
    Login, Run, Scene, Testbed,
    pam::Call,
    scene::{BIDEN, OBAMA, OBAMA_SPEAKING},
    stack,
    watch::wait_until,
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

const PASSWORD: &str = "erin-secret:with a colon";

fn testbed() -> Testbed {
    let mut testbed = Testbed::new().unwrap();
    testbed.start_daemon().unwrap();
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    testbed
}

fn register(testbed: &Testbed, caller: &str, arguments: &[&str]) -> Run {
    let words = [&["register", "erin", "--password-stdin"], arguments].concat();
    let input = format!("{PASSWORD}\n");
    testbed.run_with_input(caller, "/usr/bin/fpass-enroll", &words, &input).unwrap()
}

/// Whether the databases know erin, and whether she has a home directory.
fn erin() -> (bool, bool) {
    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    let known = passwd.lines().any(|line| line.starts_with("erin:"));
    assert_eq!(
        known,
        fs::read_to_string("/etc/shadow").unwrap().lines().any(|line| line.starts_with("erin:"))
    );
    (known, Path::new("/home/erin").exists())
}

fn records() -> usize {
    let names = fs::read_dir("/var/lib/fpass").unwrap();
    names
        .filter(|name| name.as_ref().unwrap().path().extension().is_some_and(|e| e == "fpass"))
        .count()
}

fn status(testbed: &Testbed) -> String {
    testbed.fpass_enroll("root", &["status", "--user", "erin"]).unwrap().stdout
}

#[test]
fn an_account_is_registered_and_logs_in_with_password_and_face() {
    let mut testbed = testbed();
    let run = register(&testbed, "root", &["--comment", "Erin of the tests", "--shell", "/bin/sh"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(erin(), (true, true));
    assert!(
        fs::read_to_string("/etc/passwd")
            .unwrap()
            .contains(":Erin of the tests:/home/erin:/bin/sh")
    );
    testbed.camera_shows(&Scene::person(OBAMA_SPEAKING)).unwrap();
    let login = testbed.login("fpass-test", "erin", PASSWORD).unwrap();
    assert!(login.admitted(), "{login:?}");
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    let login = testbed.login("fpass-test", "erin", PASSWORD).unwrap();
    assert_eq!(login.code_name(), "PAM_AUTH_ERR", "{login:?}");
}

#[test]
fn the_f_pass_may_be_left_to_the_first_login() {
    let mut testbed = testbed();
    let run = register(&testbed, "root", &["--set-up-at-login"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!((erin(), records()), ((true, true), 0));
    let login = |testbed: &Testbed| {
        let calls = vec![Call::Authenticate, Call::AcctMgmt, Call::ChAuthTok];
        let login = Login::new(stack::SET_UP, "erin", PASSWORD);
        testbed.transact(&login.with(|request| request.calls = calls)).unwrap()
    };
    let first = login(&testbed);
    let codes: Vec<i32> = first.answers.iter().map(|answer| answer.code).collect();
    assert_eq!(codes, [0, 12, 0], "{first:?}");
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    assert_eq!(login(&testbed).code_name(), "PAM_AUTH_ERR");
    testbed.camera_shows(&Scene::person(OBAMA_SPEAKING)).unwrap();
    let login = testbed.login(stack::SET_UP, "erin", PASSWORD).unwrap();
    assert!(login.admitted(), "{login:?}");
}

#[test]
fn what_an_account_before_it_left_behind_is_forgotten() {
    let testbed = testbed();
    assert_eq!(register(&testbed, "root", &[]).code, Some(0));
    let uid = |text: &str| {
        let line = text.lines().find(|line| line.starts_with("erin:")).unwrap().to_owned();
        line.split(':').nth(2).unwrap().to_owned()
    };
    let before = uid(&fs::read_to_string("/etc/passwd").unwrap());
    assert_eq!(
        testbed.run("root", "/usr/sbin/userdel", &["--remove", "erin"]).unwrap().code,
        Some(0)
    );
    assert_eq!(records(), 1);
    let run = register(&testbed, "root", &["--set-up-at-login"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(
        uid(&fs::read_to_string("/etc/passwd").unwrap()),
        before,
        "the number is used again"
    );
    assert_eq!(records(), 0);
    assert!(status(&testbed).contains("not set up"), "{}", status(&testbed));
}

#[test]
fn a_caller_without_the_right_and_a_wrong_request_create_nothing() {
    let testbed = testbed();
    let run = register(&testbed, "alice", &[]);
    assert_eq!(run.code, Some(4), "{run:?}");
    assert!(run.stderr.contains("Only root"), "{run:?}");
    let taken = testbed.run_with_input(
        "root",
        "/usr/bin/fpass-enroll",
        &["register", "alice", "--password-stdin"],
        "secret\n",
    );
    assert_eq!(taken.unwrap().code, Some(8));
    for (arguments, input) in [
        (&["register", "erin"][..], "secret\n"),
        (&["register", "erin", "--password-stdin"], ""),
        (&["register", "erin", "--password-stdin"], "\n"),
        (&["register", "../erin", "--password-stdin"], "secret\n"),
        (&["register", "-erin", "--password-stdin"], "secret\n"),
    ] {
        let run =
            testbed.run_with_input("root", "/usr/bin/fpass-enroll", arguments, input).unwrap();
        assert_eq!(run.code, Some(2), "{arguments:?} {input:?}: {run:?}");
    }
    let run = register(&testbed, "root", &["--groups", "no-such-group"]);
    assert_eq!(run.code, Some(10), "{run:?}");
    assert_eq!(erin(), (false, false));
}

#[test]
fn a_set_up_that_fails_or_is_stopped_removes_the_account() {
    let mut testbed = testbed();
    testbed.configure("[enrolment]\ntimeout_ms = 5000\n").unwrap();
    testbed.stop_daemon().unwrap();
    testbed.start_daemon().unwrap();
    testbed.camera_shows(&Scene::nobody()).unwrap();
    let run = register(&testbed, "root", &[]);
    assert_eq!(run.code, Some(5), "{run:?}");
    assert_eq!((erin(), records()), ((false, false), 0));

    let mut child = Command::new("/usr/bin/fpass-enroll")
        .args(["register", "erin", "--password-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"secret\n").unwrap();
    wait_until("the account is there", || erin().0);
    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert_eq!((erin(), records()), ((false, false), 0));
    assert!(String::from_utf8_lossy(&output.stdout).contains("was removed again"), "{output:?}");
}

#[test]
fn without_the_daemon_nothing_is_begun() {
    let mut testbed = testbed();
    fs::remove_file("/usr/libexec/fpassd").unwrap();
    testbed.stop_daemon().unwrap();
    let run = register(&testbed, "root", &[]);
    assert_eq!(run.code, Some(6), "{run:?}");
    assert_eq!(erin(), (false, false));
}
