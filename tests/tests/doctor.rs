//! `fpass-enroll doctor` on a healthy private machine, and on faulty ones.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this program is tests"
)]

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, path::Path};

use fpass_proto::names::MACHINE_INTERFACE;
use fpass_tests::{Reply, Scene, Testbed, journal::Journal, scene::OBAMA};

const STORE: &str = "/var/lib/fpass";

/// The parts of every finding: state, what was found, remedy.
type Findings = BTreeMap<String, (String, String, String)>;

/// The exit code and what was found.
fn doctor(testbed: &Testbed, user: &str) -> (Option<i32>, Findings) {
    let run = testbed.fpass_enroll(user, &["doctor", "--json"]).unwrap();
    let rows: Vec<BTreeMap<String, String>> =
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    let finding = |row: &BTreeMap<String, String>| {
        let value = |name: &str| row.get(name).cloned().unwrap_or_default();
        (value("check"), (value("state"), value("found"), value("remedy")))
    };
    (run.code, rows.iter().map(finding).collect())
}

fn state<'a>(findings: &'a Findings, check: &str) -> &'a str {
    findings.get(check).map_or("absent", |(state, _, _)| state)
}

/// The finding and the remedy of a check that must fail.
fn failed(findings: &Findings, check: &str) -> String {
    let (state, found, remedy) = findings.get(check).unwrap();
    assert_eq!(state, "fail", "{check}: {findings:#?}");
    assert!(!remedy.is_empty(), "{check}: {found}");
    format!("{found} {remedy}")
}

/// Gives root a password, so that the console is a way in without a face.
fn let_root_in() {
    let shadow = fs::read_to_string("/etc/shadow").unwrap();
    let others: String = shadow.split_inclusive('\n').filter(|l| !l.starts_with("root:")).collect();
    fs::write("/etc/shadow", format!("root:$6$x$y:19000:0:99999:7:::\n{others}")).unwrap();
}

/// A machine with a journal, a running daemon, and a person in front of the camera.
fn well() -> (Testbed, Journal) {
    let mut testbed = Testbed::new().unwrap();
    let journal = Journal::start().unwrap();
    let_root_in();
    testbed.configure_turning("").unwrap();
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    testbed.start_daemon().unwrap();
    (testbed, journal)
}

#[test]
fn a_machine_that_is_well_has_only_the_warnings_of_one_without_systemd() {
    let (testbed, _journal) = well();
    let (code, findings) = doctor(&testbed, "root");
    assert_eq!(code, Some(50), "{findings:#?}");
    for check in [
        "configuration",
        "models",
        "disk",
        "bus",
        "key",
        "liveness",
        "camera",
        "polkit",
        "logind",
        "audit",
        "stacks",
    ] {
        assert_eq!(state(&findings, check), "ok", "{check}: {findings:#?}");
    }
    // The tests start the daemon outside its unit.
    assert_eq!(state(&findings, "sandbox"), "warn", "{findings:#?}");
    assert!(findings["camera"].1.contains("frames"), "{findings:#?}");
    for (check, (state, found, remedy)) in &findings {
        assert_ne!(state, "fail", "{check}");
        assert!(!found.is_empty(), "{check}");
        assert_eq!(remedy.is_empty(), state == "ok", "{check}: {remedy}");
    }
    // For other users, data that only root can read is a warning, not a success.
    let (code, findings) = doctor(&testbed, "alice");
    assert_eq!(code, Some(50), "{findings:#?}");
    for check in ["key", "camera", "audit"] {
        assert_eq!(state(&findings, check), "warn", "{check}: {findings:#?}");
    }
}

#[test]
fn without_a_daemon_what_it_would_say_is_not_known() {
    let mut testbed = Testbed::new().unwrap();
    let (code, findings) = doctor(&testbed, "root");
    assert_eq!(code, Some(51));
    failed(&findings, "bus");
    for check in ["key", "memory", "liveness", "speed", "camera", "sandbox", "audit"] {
        assert_eq!(state(&findings, check), "warn", "{check}: {findings:#?}");
    }
    for check in ["configuration", "models", "disk", "logind"] {
        assert_eq!(state(&findings, check), "ok", "{check}: {findings:#?}");
    }
    testbed.stop_bus().unwrap();
    let (code, findings) = doctor(&testbed, "root");
    assert_eq!(code, Some(51));
    assert!(failed(&findings, "bus").contains("dbus"), "{findings:#?}");
    assert_eq!(state(&findings, "logind"), "warn", "{findings:#?}");
}

#[test]
fn a_wrong_store_model_or_configuration_is_named_with_its_remedy() {
    let (testbed, _journal) = well();
    let chmod = |mode| fs::set_permissions(STORE, fs::Permissions::from_mode(mode)).unwrap();
    chmod(0o755);
    let (code, findings) = doctor(&testbed, "root");
    assert_eq!(code, Some(51));
    assert!(failed(&findings, "disk").contains("chmod 0700 /var/lib/fpass"), "{findings:#?}");
    chmod(0o700);

    let piece = "/etc/fpass/fpassd.toml.d/50-wrong.toml";
    fs::write(piece, "[camera]\nsauce = 1\n").unwrap();
    let (_, findings) = doctor(&testbed, "root");
    assert!(failed(&findings, "configuration").contains(piece), "{findings:#?}");

    // The configured models, with one byte of one of them changed.
    let altered = Path::new("/run/models");
    fs::create_dir(altered).unwrap();
    for entry in fs::read_dir("/usr/share/fpass/models").unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, altered.join(path.file_name().unwrap())).unwrap();
    }
    fs::write(piece, format!("[models]\ndirectory = {altered:?}\n")).unwrap();
    assert_eq!(state(&doctor(&testbed, "root").1, "models"), "ok");
    let victim = fs::read_dir(altered).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&victim).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&victim, bytes).unwrap();
    let (code, findings) = doctor(&testbed, "root");
    assert_eq!(code, Some(51));
    let said = failed(&findings, "models");
    assert!(said.contains("models install"), "{said}");
    assert!(said.contains(&*victim.to_string_lossy()), "{said}");
}

#[test]
fn a_stack_that_lets_somebody_past_the_face_is_a_failure() {
    let (mut testbed, _journal) = well();
    testbed.service("sudo", "auth sufficient pam_unix.so\nauth required pam_fpass.so\n").unwrap();
    let (code, findings) = doctor(&testbed, "root");
    assert_eq!(code, Some(51));
    assert!(failed(&findings, "stacks").contains("check-pam"), "{findings:#?}");
}

#[test]
fn a_dark_camera_is_a_warning_and_only_root_has_it_looked_at() {
    let (mut testbed, _journal) = well();
    testbed.camera_shows(&Scene::person(OBAMA).in_the_dark()).unwrap();
    let (_, findings) = doctor(&testbed, "root");
    assert_eq!(state(&findings, "camera"), "warn", "{findings:#?}");
    assert!(findings["camera"].2.contains("light"), "{findings:#?}");
    for caller in ["alice", "fpassd"] {
        let reply = testbed.call(caller, MACHINE_INTERFACE, "Look", &[]).unwrap();
        let denied = Reply::Error("org.freedesktop.DBus.Error.AccessDenied".to_owned());
        assert_eq!(reply, denied, "{caller}");
    }
}
