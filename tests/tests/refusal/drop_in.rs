//! The configuration in pieces, at the start and while the daemon runs.

use std::{fs, os::unix::fs::PermissionsExt};

use fpass_tests::{Ground, watch::wait_until};
use nix::sys::signal::Signal;

use crate::running;

const DIRECTORY: &str = "/etc/fpass/fpassd.toml.d";

fn write(name: &str, text: &str) -> String {
    let path = format!("{DIRECTORY}/{name}");
    fs::write(&path, text).unwrap();
    path
}

/// Has the configuration read again and waits until the log says `word` once more.
fn reload(ground: &Ground, word: &str) {
    let before = ground.daemon_log().matches(word).count();
    ground.signal_daemon(Signal::SIGHUP).unwrap();
    wait_until(word, || ground.daemon_log().matches(word).count() > before);
}

/// Exit code and sentence of a daemon that is to say what it thinks of its configuration.
fn check(ground: &Ground) -> (Option<i32>, String) {
    let run = ground.run("fpassd", "/usr/libexec/fpassd", &["--check-config"]).unwrap();
    (run.code, run.stderr)
}

fn recogniser(ground: &Ground) -> String {
    let status = ground.fpass_enroll("alice", &["status", "--json"]).unwrap().stdout;
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    status["machine"]["recogniser"].as_str().unwrap().to_owned()
}

#[test]
fn a_wrong_drop_in_is_named_and_changes_nothing() {
    let mut ground = running();
    assert_eq!(check(&ground), (Some(0), String::new()));
    write("10-dlib.toml", "[recognition]\nrecogniser = \"dlib\"\n");
    write("20-sface.toml", "[recognition]\nrecogniser = \"sface\"\n");
    write("README", "no configuration\n");
    reload(&ground, "the configuration was read again");
    assert_eq!(recogniser(&ground), "sface", "the later name wins");

    for text in ["[recognition]\nsauce = 1\n", "[recognition]\nfalse_match_rate = 0.7\n"] {
        let wrong = write("30-wrong.toml", text);
        reload(&ground, "the configuration stays as it was");
        assert!(ground.daemon_log().contains(&wrong), "{}", ground.daemon_log());
        assert_eq!(recogniser(&ground), "sface", "{text}");
        let (code, sentence) = check(&ground);
        assert_eq!(code, Some(1), "{sentence}");
        assert!(sentence.contains(&wrong), "{sentence}");
    }
    // What does not do for a running daemon does not do for one that starts.
    ground.stop_daemon().unwrap();
    assert!(ground.start_daemon().unwrap_err().to_string().contains("30-wrong.toml"));

    let open = write("30-wrong.toml", "");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o666)).unwrap();
    assert!(ground.start_daemon().unwrap_err().to_string().contains("nobody else may write"));
    fs::remove_file(open).unwrap();
    ground.start_daemon().unwrap();
    assert_eq!(recogniser(&ground), "sface");
}
