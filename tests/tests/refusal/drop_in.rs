//! Drop-in files of the configuration, at the start and while the daemon runs.

use std::{fs, os::unix::fs::PermissionsExt};

use fpass_tests::{Testbed, watch::wait_until};
use nix::sys::signal::Signal;

const DIRECTORY: &str = "/etc/fpass/fpassd.toml.d";

fn write(name: &str, text: &str) -> String {
    let path = format!("{DIRECTORY}/{name}");
    fs::write(&path, text).unwrap();
    path
}

/// Reloads the configuration and waits until the log contains `word` once more.
fn reload(testbed: &Testbed, word: &str) {
    let before = testbed.daemon_log().matches(word).count();
    testbed.signal_daemon(Signal::SIGHUP).unwrap();
    wait_until(word, || testbed.daemon_log().matches(word).count() > before);
}

/// Exit code and message of `--check-config`.
fn check(testbed: &Testbed) -> (Option<i32>, String) {
    let run = testbed.run("fpassd", "/usr/libexec/fpassd", &["--check-config"]).unwrap();
    (run.code, run.stderr)
}

fn recogniser(testbed: &Testbed) -> String {
    let status = testbed.fpass_enroll("alice", &["status", "--json"]).unwrap().stdout;
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    status["machine"]["recogniser"].as_str().unwrap().to_owned()
}

#[test]
fn a_wrong_drop_in_is_named_and_changes_nothing() {
    let mut testbed = Testbed::running().unwrap();
    assert_eq!(check(&testbed), (Some(0), String::new()));
    write("10-dlib.toml", "[recognition]\nrecogniser = \"dlib\"\n");
    write("20-sface.toml", "[recognition]\nrecogniser = \"sface\"\n");
    write("README", "no configuration\n");
    reload(&testbed, "the configuration was read again");
    assert_eq!(recogniser(&testbed), "sface", "the later name wins");

    for text in ["[recognition]\nsauce = 1\n", "[recognition]\nfalse_match_rate = 0.7\n"] {
        let wrong = write("30-wrong.toml", text);
        reload(&testbed, "the configuration stays as it was");
        assert!(testbed.daemon_log().contains(&wrong), "{}", testbed.daemon_log());
        assert_eq!(recogniser(&testbed), "sface", "{text}");
        let (code, sentence) = check(&testbed);
        assert_eq!(code, Some(1), "{sentence}");
        assert!(sentence.contains(&wrong), "{sentence}");
    }
    // A configuration that a running daemon rejects also prevents a start.
    testbed.stop_daemon().unwrap();
    assert!(testbed.start_daemon().unwrap_err().to_string().contains("30-wrong.toml"));

    let open = write("30-wrong.toml", "");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o666)).unwrap();
    assert!(testbed.start_daemon().unwrap_err().to_string().contains("only root may write"));
    fs::remove_file(open).unwrap();
    testbed.start_daemon().unwrap();
    assert_eq!(recogniser(&testbed), "sface");
}
