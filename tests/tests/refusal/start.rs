//! Faults with which the daemon refuses to start, and changes that it refuses while it runs.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown, symlink},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use fpass_proto::Refusal;
use fpass_tests::{
    ALICE, DAEMON_UID, Login, Reply, Scene, Testbed, scene::OBAMA_SPEAKING, watch::wait_until,
};
use nix::sys::signal::Signal;

use crate::{state, stored::STORE, verify};

const CONFIGURATION: &str = "/etc/fpass/fpassd.toml";
const MODELS: &str = "/run/models";

/// The daemon exits, logs each of `words`, and no login succeeds.
fn refuses_to_start(testbed: &Testbed, what: &str, words: &[&str]) {
    // `timeout` ends a daemon that starts despite the fault, with exit code 124.
    let run = testbed.run("fpassd", "timeout", &["20", "/usr/libexec/fpassd"]).unwrap();
    assert_eq!(run.code, Some(78), "{what}: {run:?}");
    for word in words {
        assert!(run.stderr.contains(word), "{what} does not name {word}: {}", run.stderr);
    }
    assert!(!run.stderr.contains("panicked"), "{what}: {}", run.stderr);
    let login = testbed.transact(&Login::of("fpass-nullok", ALICE)).unwrap();
    assert_eq!(login.code_name(), "PAM_AUTHINFO_UNAVAIL", "{what}: {login:?}");
}

#[test]
fn models_that_are_not_the_pinned_ones_are_refused() {
    let mut testbed = Testbed::new().unwrap();
    testbed.configure(&format!("[models]\ndirectory = \"{MODELS}\"\n")).unwrap();
    let remedy = "fpass-enroll models install";
    refuses_to_start(&testbed, "no directory", &[MODELS, remedy]);

    fs::create_dir(MODELS).unwrap();
    let files: Vec<(String, Vec<u8>)> = fs::read_dir("/usr/share/fpass/models")
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (format!("{MODELS}/{name}"), fs::read(path).unwrap())
        })
        .collect();
    refuses_to_start(&testbed, "an empty directory", &[MODELS, remedy]);
    for (path, bytes) in &files {
        fs::write(path, bytes).unwrap();
    }
    assert!(!files.is_empty());
    for (path, bytes) in &files {
        let mut wrong = bytes.clone();
        wrong[bytes.len() / 2] ^= 1;
        for (what, content) in
            [("a wrong byte", &wrong[..]), ("a byte less", &bytes[1..]), ("no bytes", &[])]
        {
            fs::write(path, content).unwrap();
            refuses_to_start(&testbed, what, &[path, remedy]);
        }
        fs::remove_file(path).unwrap();
        refuses_to_start(&testbed, "a missing file", &[path, remedy]);
        fs::create_dir(path).unwrap();
        refuses_to_start(&testbed, "a directory", &[path, remedy]);
        fs::remove_dir(path).unwrap();
        fs::write(path, bytes).unwrap();
    }
    testbed.start_daemon().unwrap();
}

#[test]
fn a_wrong_configuration_is_refused() {
    let mut testbed = Testbed::new().unwrap();
    let recording = "[camera]\nsource = \"recorded\"\npath = \"/run/testbed/scene.y4m\"\n";
    for (text, word) in [
        ("[cameras]\n", "cameras"),
        ("[camera]\nsauce = 1\n", "sauce"),
        ("fail_open = true\n", "fail_open"),
        ("[camera\n", "camera"),
        ("[camera]\nsource = \"recorded\"\n", "camera.path"),
        ("[camera]\nsource = \"guess\"\n", "guess"),
        ("[camera]\nwidth = 640\nwidth = 480\n", "width"),
        ("[camera]\nframe_rate = 0\n", "camera.frame_rate"),
        ("[camera]\nwidth = 4000\n", "camera.width"),
        ("[camera]\nrotation = 45\n", "camera.rotation"),
        ("[camera]\nrotation = \"upside down\"\n", "camera.rotation"),
        ("[camera]\nformat = \"H264\"\n", "camera.format"),
        ("[recognition]\nfalse_match_rate = 0.01\n", "recognition.false_match_rate"),
        ("[recognition]\nfalse_match_rate = -1.0\n", "recognition.false_match_rate"),
        ("[recognition]\nfalse_match_rate = nan\n", "recognition.false_match_rate"),
        ("[recognition]\nfalse_match_rate = inf\n", "recognition.false_match_rate"),
        ("[recognition]\nrecogniser = \"both\"\n", "recogniser"),
        ("[recognition]\ndetection_side = -1\n", "detection_side"),
        ("[verification]\nagreeing_frames = 0\n", "verification.agreeing_frames"),
        ("[verification]\njudged_frames = 0\n", "verification.judged_frames"),
        ("[verification]\ntimeout_ms = \"soon\"\n", "timeout_ms"),
        ("[verification]\ntimeout_ms = 99999\n", "verification.timeout_ms"),
        ("[enrolment]\nframes = 1\n", "enrolment.frames"),
        ("[enrolment]\ntimeout_ms = 1\n", "enrolment.timeout_ms"),
        (&format!("{recording}# {}\n", "x".repeat(70_000)), "64 KiB"),
    ] {
        testbed.write_configuration(text).unwrap();
        let what = text.get(..60).unwrap_or(text);
        refuses_to_start(&testbed, what, &[CONFIGURATION, word]);
    }

    fs::write(CONFIGURATION, b"[camera]\ndevice = \"\xff\"\n").unwrap();
    refuses_to_start(&testbed, "not UTF-8", &[CONFIGURATION]);
    fs::remove_file(CONFIGURATION).unwrap();
    refuses_to_start(&testbed, "no file", &[CONFIGURATION, "--config"]);
    fs::create_dir(CONFIGURATION).unwrap();
    refuses_to_start(&testbed, "a directory", &[CONFIGURATION]);
    fs::remove_dir(CONFIGURATION).unwrap();

    testbed.write_configuration(recording).unwrap();
    testbed.start_daemon().unwrap();
}

/// The behaviour that an activating bus would see of a daemon that cannot start.
#[test]
fn a_daemon_that_cannot_start_refuses_every_caller() {
    let mut testbed = Testbed::new().unwrap();
    testbed.write_configuration("fail_open = true\n").unwrap();
    let started = ["20", "env", "NOTIFY_SOCKET=/run/nobody", "/usr/libexec/fpassd"];
    let asked = AtomicBool::new(false);
    thread::scope(|scope| {
        // As a bus does, for each call without an owner.
        let daemons = scope.spawn(|| {
            let mut runs = Vec::new();
            while !asked.load(Ordering::Relaxed) && runs.len() < 20 {
                runs.push(testbed.run("fpassd", "timeout", &started).unwrap());
            }
            runs
        });
        wait_until("a daemon that refuses", || {
            verify(&testbed, ALICE) == Reply::refused(Refusal::NotReady)
        });
        wait_until("one that refuses other calls", || {
            state(&testbed, ALICE) == Reply::refused(Refusal::NotReady)
        });
        for line in ["fpass-test", "fpass-nullok"] {
            wait_until("a login that it refuses", || {
                let login = testbed.transact(&Login::of(line, ALICE)).unwrap();
                assert_eq!(login.code_name(), "PAM_AUTHINFO_UNAVAIL", "{line}: {login:?}");
                format!("{login:?}").contains(Refusal::NotReady.sentence())
            });
        }
        asked.store(true, Ordering::Relaxed);
        for run in daemons.join().unwrap() {
            assert_eq!(run.code, Some(78), "{run:?}");
            assert!(run.stderr.contains("fail_open"), "{run:?}");
        }
    });
}

#[test]
fn a_store_that_is_not_the_daemon_s_own_is_refused() {
    let mut testbed = Testbed::new().unwrap();
    let store = Path::new(STORE);
    let with_mode = |mode| fs::set_permissions(store, fs::Permissions::from_mode(mode)).unwrap();
    let words = [STORE, "0700"];
    with_mode(0o750);
    refuses_to_start(&testbed, "open to a group", &words);
    with_mode(0o700);
    chown(store, Some(0), Some(0)).unwrap();
    refuses_to_start(&testbed, "owned by root", &words);
    chown(store, Some(DAEMON_UID), Some(DAEMON_UID)).unwrap();
    fs::rename(store, "/var/lib/fpass-moved").unwrap();
    refuses_to_start(&testbed, "missing", &words);
    symlink("/var/lib/fpass-moved", store).unwrap();
    refuses_to_start(&testbed, "a symlink", &words);
    fs::remove_file(store).unwrap();
    fs::rename("/var/lib/fpass-moved", store).unwrap();

    for id in ["", "not-an-id", "0123456789abcdef"] {
        fs::write("/etc/machine-id", id).unwrap();
        refuses_to_start(&testbed, "a wrong machine id", &["/etc/machine-id"]);
    }
    fs::write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n").unwrap();
    testbed.start_daemon().unwrap();
}

/// Writes a configuration, reloads it, and waits until the log contains `word`.
fn reloads(testbed: &mut Testbed, sections: &str, word: &str) {
    testbed.configure(sections).unwrap();
    let before = testbed.daemon_log().matches(word).count();
    testbed.signal_daemon(Signal::SIGHUP).unwrap();
    wait_until(word, || testbed.daemon_log().matches(word).count() > before);
    assert!(testbed.daemon_lives(), "after {sections:?}");
}

/// Whether the daemon reports this recogniser.
fn compares_by(testbed: &Testbed, recogniser: &str) -> bool {
    let status = testbed.fpass_enroll("alice", &["status"]).unwrap().stdout;
    let line = status.lines().find(|line| line.starts_with("Recogniser:")).unwrap();
    line.ends_with(recogniser)
}

#[test]
fn a_running_daemon_keeps_its_configuration_when_the_new_one_is_wrong() {
    let mut testbed = Testbed::with_alice().unwrap();
    testbed.camera_shows(&Scene::person(OBAMA_SPEAKING)).unwrap();
    assert_eq!(verify(&testbed, ALICE), Reply::matched());
    let kept = "the configuration stays as it was";
    for sections in [
        "[recognition]\nfalse_match_rate = 1e-6\nsauce = 1\n",
        "[recognition]\nfalse_match_rate = 0.7\n",
    ] {
        reloads(&mut testbed, sections, kept);
        assert_eq!(verify(&testbed, ALICE), Reply::matched(), "{sections:?}");
    }
    let taken = "the configuration was read again";
    let strict = "[recognition]\nrecogniser = \"sface\"\nfalse_match_rate = 1e-6\n";
    reloads(&mut testbed, strict, taken);
    assert!(compares_by(&testbed, "sface"));
    // A wrong configuration does not fall back to the defaults either.
    reloads(&mut testbed, "[recognition]\nfalse_match_rate = 0.7\n", kept);
    assert!(compares_by(&testbed, "sface"));
    reloads(&mut testbed, "", taken);
    assert!(compares_by(&testbed, "fused"));
    assert_eq!(verify(&testbed, ALICE), Reply::matched());
}
