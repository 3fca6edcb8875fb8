//! Lock screens that run as their user: their own counts, and their recovery codes.

use fpass_proto::{Refusal, Verdict, names::RECOVERY_INTERFACE};
use fpass_tests::{
    ALICE, Login, Reply, Scene, Testbed,
    logind::{Place, Session},
    pam::Conversation,
    scene::{BIDEN, OBAMA},
    stack,
};

use crate::{manager, session, sits, verdict, with_alice};

fn locked() -> Session {
    Session { locked: true, ..Session::of(ALICE.uid) }
}

/// Alice's desktop reports that its screen is locked; its lock screen runs below her manager.
fn lock(testbed: &mut Testbed) {
    sits(testbed, &manager(), Some(&locked()));
}

fn unlock(testbed: &mut Testbed) {
    sits(testbed, &session(|_| {}), None);
}

fn stranger() -> Reply {
    Reply::verdict(Verdict::NoMatch)
}

fn locked_out() -> Reply {
    Reply::refused(Refusal::LockedOut)
}

/// Failures in a row, as alice sees them.
fn failures(testbed: &Testbed, kind: &str) -> u64 {
    let run = testbed.fpass_enroll("alice", &["status", "--json"]).unwrap();
    let status: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let failures = status.pointer(&format!("/attempts/{kind}/failures"));
    failures.and_then(serde_json::Value::as_u64).unwrap()
}

fn codes(testbed: &Testbed) -> Vec<String> {
    let words = ["recovery-codes", "--user", "alice", "--json", "--yes"];
    let run = testbed.fpass_enroll("root", &words).unwrap();
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let codes = report.get("codes").and_then(serde_json::Value::as_array).unwrap();
    codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

fn recover(testbed: &Testbed, caller: &str, service: &str, code: &str) -> Reply {
    let (service, code) = (format!("string:{service}"), format!("string:{code}"));
    let words = [&ALICE.uid_argument(), "string:alice", &service, "string:", &code];
    testbed.call(caller, RECOVERY_INTERFACE, "Recover", &words).unwrap()
}

#[test]
fn programs_of_the_user_use_up_no_attempt_of_the_lock_screen() {
    let mut testbed = with_alice();
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    // Whatever the program calls itself, nothing is locked.
    for service in ["", "kde", "swaylock", "kde", "own-locker"] {
        assert_eq!(verdict(&testbed, "alice", service), stranger(), "{service}");
    }
    assert_eq!(verdict(&testbed, "alice", "kde"), locked_out());
    assert_eq!(failures(&testbed, "self_tests"), 5);
    assert_eq!(failures(&testbed, "lock_screen"), 0);

    lock(&mut testbed);
    assert_eq!(verdict(&testbed, "alice", ""), locked_out(), "no lock screen");
    assert_eq!(verdict(&testbed, "alice", "kde"), stranger());
    assert_eq!(failures(&testbed, "lock_screen"), 1);
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    assert_eq!(verdict(&testbed, "alice", "kde"), Reply::matched());
    assert_eq!(failures(&testbed, "lock_screen"), 0);
    assert_eq!(failures(&testbed, "self_tests"), 5, "nothing else is pardoned");
}

#[test]
fn the_lock_screen_uses_up_no_login() {
    let mut testbed = with_alice();
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    lock(&mut testbed);
    for _ in 0..5 {
        assert_eq!(verdict(&testbed, "alice", "swaylock"), stranger());
    }
    assert_eq!(verdict(&testbed, "alice", "swaylock"), locked_out());
    assert_eq!(failures(&testbed, "logins"), 0);
    unlock(&mut testbed);
    assert_eq!(verdict(&testbed, "root", "sudo"), stranger());
    assert_eq!(verdict(&testbed, "alice", ""), stranger());
    let run = testbed.fpass_enroll("root", &["unlock", "--user", "alice"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(failures(&testbed, "lock_screen"), 0);
}

#[test]
fn a_code_opens_the_lock_screen_of_its_user_and_nothing_else() {
    let mut testbed = with_alice();
    let codes = codes(&testbed);
    let refused = Reply::refused(Refusal::NotAuthorized);
    for (what, place, service) in [
        ("an unlocked session", session(|_| {}), "kde"),
        ("no lock screen", Place::Session(locked()), "fpass-test"),
        ("no service", Place::Session(locked()), ""),
    ] {
        sits(&mut testbed, &place, None);
        assert_eq!(recover(&testbed, "alice", service, &codes[0]), refused, "{what}");
    }
    lock(&mut testbed);
    assert_eq!(recover(&testbed, "bob", "kde", &codes[0]), refused, "another user");
    sits(&mut testbed, &Place::Session(Session { remote: true, ..locked() }), None);
    let far = Reply::refused(Refusal::RemoteSession);
    assert_eq!(recover(&testbed, "alice", "kde", &codes[0]), far);

    lock(&mut testbed);
    let wrong = Reply::refused(Refusal::RecoveryRefused);
    assert_eq!(recover(&testbed, "alice", "kde", "0-0000-0000-0000-0000"), wrong);
    assert_eq!(failures(&testbed, "lock_screen_recoveries"), 1);
    assert_eq!(failures(&testbed, "recoveries"), 0);
    // Refused callers have used nothing up.
    assert_eq!(recover(&testbed, "alice", "kde", &codes[0]), Reply::word(""));
    assert_eq!(failures(&testbed, "lock_screen_recoveries"), 0);
    assert_eq!(recover(&testbed, "alice", "kde", &codes[0]), wrong, "used");
}

#[test]
fn a_lock_screen_asks_for_the_code_through_libpam() {
    let mut testbed = with_alice();
    testbed.service("kde", &stack::own("recovery")).unwrap();
    let codes = codes(&testbed);
    testbed.camera_shows(&Scene::nobody()).unwrap();
    lock(&mut testbed);
    let login = |service: &str| {
        Login::of(service, ALICE).run_as("alice").with(|request| {
            let answers = vec![ALICE.password.to_owned(), codes[1].clone()];
            request.conversation = Conversation::Answers(answers);
        })
    };
    let transcript = testbed.transact(&login("kde")).unwrap();
    assert_eq!(transcript.code_name(), "PAM_SUCCESS", "{transcript:?}");
    let transcript = testbed.transact(&login("kde")).unwrap();
    assert_ne!(transcript.code_name(), "PAM_SUCCESS", "the code is used: {transcript:?}");
}
