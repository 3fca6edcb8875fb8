//! The drill of "If you are locked out": fpassd is missing, and an administrator must get in.

use std::fs;

use fpass_tests::{ALICE, Login, Testbed, Transcript, pam::Conversation};

use crate::{codes, with_alice};

/// The shipped login, with the recovery line and the root-console exemption.
const EXAMPLE: &str = "/usr/share/doc/fpass/pam.d/root-console";

/// Root has alice's password.
fn give_root_a_password() {
    let shadow = fs::read_to_string("/etc/shadow").unwrap();
    let hash = shadow
        .lines()
        .find_map(|line| line.strip_prefix("alice:"))
        .and_then(|rest| rest.split(':').next())
        .unwrap();
    let others: String = shadow.split_inclusive('\n').filter(|l| !l.starts_with("root:")).collect();
    fs::write("/etc/shadow", format!("root:{hash}:19000:0:99999:7:::\n{others}")).unwrap();
}

fn login(testbed: &Testbed, service: &str, user: &str, tty: &str, typed: &[&str]) -> Transcript {
    let answers = typed.iter().map(|&text| text.to_owned()).collect();
    let login = Login::new(service, user, "").with(|request| {
        request.tty = Some(tty.to_owned());
        request.conversation = Conversation::Answers(answers);
    });
    testbed.transact(&login).unwrap()
}

#[test]
fn with_the_daemon_removed_root_gets_in_at_the_console_and_nobody_else_anywhere() {
    let mut testbed = with_alice();
    give_root_a_password();
    let text = fs::read_to_string(EXAMPLE).unwrap() + "@include common-account\n";
    for service in ["login", "su-l", "gdm-password"] {
        testbed.service(service, &text).unwrap();
    }
    let codes = codes(&testbed, ALICE);
    testbed.stop_daemon().unwrap();
    for part in [
        "/usr/libexec/fpassd",
        "/usr/share/dbus-1/system-services/org.fpass.Fpass1.service",
        "/usr/lib/systemd/system/fpassd.service",
    ] {
        fs::remove_file(part).unwrap();
    }

    let password = ALICE.password;
    let gone = "PAM_AUTHINFO_UNAVAIL";
    for (service, user, tty, why) in [
        ("login", "alice", "tty1", "the exemption is root's"),
        ("login", "bob", "tty1", "the exemption is root's"),
        ("login", "root", "pts/0", "a terminal window is no console"),
        ("login", "root", "ttyS0", "nor is a serial line"),
        ("login", "root", "tty1/../pts/0", "a name like one"),
        ("login", "root", "tty", "a part of one"),
        ("login", "root", "", "no terminal"),
        ("su-l", "root", "tty1", "the exemption is login's"),
        ("gdm-password", "root", "tty1", "the exemption is login's"),
    ] {
        let own = if user == "bob" { "bob-secret" } else { password };
        let transcript = login(&testbed, service, user, tty, &[own, &codes[0]]);
        assert_eq!(transcript.code_name(), gone, "{why}: {transcript:?}");
        assert_eq!(transcript.messages.iter().filter(|m| m.style == 1).count(), 1, "{why}");
    }
    let wrong = login(&testbed, "login", "root", "tty1", &["guess"]);
    assert_eq!(wrong.code_name(), "PAM_AUTH_ERR", "{wrong:?}");

    for tty in ["tty1", "/dev/tty6"] {
        let transcript = login(&testbed, "login", "root", tty, &[password]);
        assert!(transcript.admitted(), "{tty}: {transcript:?}");
    }
    // Without the module that makes the exemption, root is not exempt.
    let run = testbed.run("root", "find", &["/usr/lib", "-name", "pam_succeed_if.so"]).unwrap();
    fs::remove_file(run.stdout.trim()).unwrap();
    let transcript = login(&testbed, "login", "root", "tty1", &[password]);
    assert_eq!(transcript.code_name(), gone, "{transcript:?}");
}
