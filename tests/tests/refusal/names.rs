//! User names, ids, labels and the other words that cross the bus.

use fpass_proto::{
    EnrolmentState, Refusal,
    names::{ENROLMENT_INTERFACE, VERIFICATION_INTERFACE},
};
use fpass_tests::{ALICE, BOB, CAROL, Login, Reply, Testbed};

use crate::{in_state, state};

/// Strings that are not user names.
fn malformed() -> Vec<String> {
    let names =
        ["../root", "", ".", "..", "-x", " a", "a ", "a\u{a0}b", "a:b", "alice\n", "root\u{1b}[2J"];
    names.into_iter().map(str::to_owned).chain(["a".repeat(300), "a".repeat(256)]).collect()
}

/// Well-formed names without a user.
fn unknown() -> [String; 3] {
    ["mallory".to_owned(), "a b".to_owned(), "a".repeat(255)]
}

fn still_answers(testbed: &mut Testbed, what: &str) {
    assert!(testbed.daemon_lives(), "{what}");
    assert_eq!(state(testbed, CAROL), in_state(EnrolmentState::NeverEnrolled), "{what}");
}

#[test]
fn hostile_names_are_refused_on_the_bus() {
    let mut testbed = Testbed::running().unwrap();
    let cases = malformed()
        .into_iter()
        .map(|name| (name, Refusal::MalformedUserName))
        .chain(unknown().map(|name| (name, Refusal::UnknownUser)))
        .chain([BOB.name, "root", "fpassd"].map(|name| (name.to_owned(), Refusal::UserMismatch)));
    for (name, refusal) in cases {
        let (uid, user) = (ALICE.uid_argument(), format!("string:{name}"));
        let verify = [&uid, &user, "string:login", "string:tty1", "uint32:5000"];
        let reply = testbed.call("root", VERIFICATION_INTERFACE, "Verify", &verify).unwrap();
        assert_eq!(reply, Reply::refused(refusal), "Verify {name:?}");
        let enrol = [&uid, &user, "string:face"];
        let reply = testbed.call("root", ENROLMENT_INTERFACE, "EnrollStart", &enrol).unwrap();
        assert_eq!(reply, Reply::refused(refusal), "EnrollStart {name:?}");
        let preview = [uid.as_str(), &user];
        let reply = testbed.call("root", ENROLMENT_INTERFACE, "PreviewStart", &preview).unwrap();
        assert_eq!(reply, Reply::refused(refusal), "PreviewStart {name:?}");
        still_answers(&mut testbed, &name);
    }
}

#[test]
fn other_hostile_words_are_refused_on_the_bus() {
    let mut testbed = Testbed::running().unwrap();
    let alice = ALICE.uid_argument();
    let long = format!("string:{}", "x".repeat(65));
    let verification = |service, tty| {
        let arguments = [&alice, "string:alice", service, tty, "uint32:5000"];
        testbed.call("root", VERIFICATION_INTERFACE, "Verify", &arguments).unwrap()
    };
    for word in ["string:su do", "string:../sudo", "string:sudo\n", &long] {
        let reply = verification(word, "string:tty1");
        assert_eq!(reply, Reply::refused(Refusal::InvalidArgument), "service {word:?}");
    }
    for word in ["string:tty 1", "string:tty1\n", &long] {
        let reply = verification("string:sudo", word);
        assert_eq!(reply, Reply::refused(Refusal::InvalidArgument), "terminal {word:?}");
    }
    for label in ["string:", "string: face", "string:a\nb", "string:\u{1b}[2J", &long] {
        for (member, arguments) in [
            ("EnrollStart", &[alice.as_str(), "string:alice", label][..]),
            ("Remove", &[&alice, label]),
            ("Rename", &[&alice, label, "string:good"]),
            ("Rename", &[&alice, "string:good", label]),
        ] {
            let reply = testbed.call("root", ENROLMENT_INTERFACE, member, arguments).unwrap();
            assert_eq!(reply, Reply::refused(Refusal::InvalidArgument), "{member} {label:?}");
        }
    }
    let nobody = "uint32:4294967294";
    for member in ["List", "State"] {
        let reply = testbed.call("root", ENROLMENT_INTERFACE, member, &[nobody]).unwrap();
        assert_eq!(reply, Reply::refused(Refusal::UnknownUser), "{member}");
    }
    still_answers(&mut testbed, "afterwards");
}

#[test]
fn hostile_names_are_refused_at_a_login() {
    let mut testbed = Testbed::running().unwrap();
    // A stack with only our line shows its own code; a refused name needs no password.
    testbed
        .service(
            "login",
            "auth [success=ok ignore=ignore default=die] pam_fpass.so sole_factor nullok\n",
        )
        .unwrap();
    for name in malformed().into_iter().chain(unknown()) {
        let transcript = testbed.login("login", &name, "guess").unwrap();
        assert_eq!(transcript.code_name(), "PAM_USER_UNKNOWN", "{name:?}: {transcript:?}");
        assert_eq!(
            transcript.sentence(),
            "The face check cannot find this user; check the name and try again.",
            "{name:?}"
        );
        for service in ["fpass-test", "fpass-nullok", "fpass-debian"] {
            let transcript = testbed.transact(&Login::new(service, &name, "guess")).unwrap();
            assert!(!transcript.admitted(), "{service}, {name:?}: {transcript:?}");
        }
        still_answers(&mut testbed, &name);
    }
}

#[test]
fn hostile_names_are_refused_on_the_command_line() {
    let mut testbed = Testbed::running().unwrap();
    let cases =
        malformed().into_iter().map(|name| (name, 2)).chain(unknown().map(|name| (name, 8)));
    for (name, code) in cases {
        let user = format!("--user={name}");
        for command in [&["add"][..], &["list"], &["verify"], &["clear", "--yes"], &["status"]] {
            let words: Vec<&str> = command.iter().copied().chain([user.as_str()]).collect();
            let run = testbed.fpass_enroll("root", &words).unwrap();
            assert_eq!(run.code, Some(code), "{command:?} {name:?}: {run:?}");
            assert!(!run.stderr.trim().is_empty(), "{command:?} {name:?}");
            assert!(!run.stderr.contains("\u{1b}[2J"), "{command:?} {name:?} reaches the terminal");
        }
        still_answers(&mut testbed, &name);
    }
}
