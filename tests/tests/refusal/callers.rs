//! Callers who ask about another user's F-pass.

use fpass_proto::{
    EnrolmentState, Refusal,
    names::{
        ADMINISTRATION_INTERFACE, ENROLMENT_INTERFACE, MACHINE_INTERFACE, RECOVERY_INTERFACE,
        VERIFICATION_INTERFACE,
    },
};
use fpass_tests::{ALICE, CAROL, Reply, Testbed};

use crate::{in_state, state, verify};

fn labels(testbed: &Testbed) -> String {
    testbed.fpass_enroll("root", &["list", "--user", "alice"]).unwrap().stdout
}

#[test]
fn nobody_acts_for_another_user() {
    let mut testbed = Testbed::with_alice().unwrap();
    let before = labels(&testbed);
    assert!(before.contains("face"), "{before}");
    let alice = ALICE.uid_argument();
    let alice = alice.as_str();
    let calls: [(&str, &str, &[&str]); 17] = [
        (
            VERIFICATION_INTERFACE,
            "Verify",
            &[alice, "string:alice", "string:sudo", "string:tty1", "uint32:5000"],
        ),
        (VERIFICATION_INTERFACE, "Prewarm", &[alice]),
        (ENROLMENT_INTERFACE, "EnrollStart", &[alice, "string:alice", "string:bobs"]),
        (ENROLMENT_INTERFACE, "PreviewStart", &[alice, "string:alice"]),
        (ENROLMENT_INTERFACE, "List", &[alice]),
        (ENROLMENT_INTERFACE, "State", &[alice]),
        (ENROLMENT_INTERFACE, "Rename", &[alice, "string:face", "string:mine"]),
        (ENROLMENT_INTERFACE, "Remove", &[alice, "string:face"]),
        (ENROLMENT_INTERFACE, "Clear", &[alice]),
        (ENROLMENT_INTERFACE, "ResetAdaptation", &[alice]),
        (MACHINE_INTERFACE, "Attempts", &[alice]),
        (MACHINE_INTERFACE, "History", &[alice]),
        (MACHINE_INTERFACE, "Unlock", &[alice]),
        (RECOVERY_INTERFACE, "Count", &[alice]),
        (RECOVERY_INTERFACE, "CreateCodes", &[alice, "string:alice"]),
        (RECOVERY_INTERFACE, "RemoveCodes", &[alice]),
        (VERIFICATION_INTERFACE, "Qualify", &[alice, "string:alice", "uint32:5000"]),
    ];
    for caller in ["bob", "fpassd"] {
        for (interface, member, arguments) in calls {
            let reply = testbed.call(caller, interface, member, arguments).unwrap();
            assert_eq!(reply, Reply::refused(Refusal::NotAuthorized), "{caller} calls {member}");
        }
        for command in [
            &["add"][..],
            &["list"],
            &["rename", "face", "mine"],
            &["remove", "face"],
            &["clear", "--yes"],
            &["verify"],
            &["status"],
            &["unlock"],
            &["recovery-codes", "--yes"],
            &["recovery-codes", "--remove", "--yes"],
        ] {
            let words: Vec<&str> = command.iter().copied().chain(["--user", "alice"]).collect();
            let run = testbed.fpass_enroll(caller, &words).unwrap();
            assert_eq!(run.code, Some(4), "{caller} runs {command:?}: {run:?}");
            assert!(run.stderr.contains(Refusal::NotAuthorized.sentence()), "{run:?}");
        }
    }
    assert!(testbed.daemon_lives());
    assert_eq!(labels(&testbed), before);
    assert_eq!(verify(&testbed, ALICE), Reply::matched());
}

#[test]
fn only_root_makes_the_daemon_forget() {
    let testbed = Testbed::with_alice().unwrap();
    let alice = ALICE.uid_argument();
    let forget =
        |caller| testbed.call(caller, ADMINISTRATION_INTERFACE, "Forget", &[&alice]).unwrap();
    for caller in ["alice", "bob", "fpassd"] {
        // The bus refuses before the daemon could.
        let denied = Reply::Error("org.freedesktop.DBus.Error.AccessDenied".to_owned());
        assert_eq!(forget(caller), denied, "{caller}");
        let words = ["clear", "--forget", "--user", "alice", "--yes"];
        assert_ne!(testbed.fpass_enroll(caller, &words).unwrap().code, Some(0), "{caller}");
    }
    assert_eq!(verify(&testbed, ALICE), Reply::matched());

    // No tombstone is left: the next holder of the user id counts as never enrolled.
    let clear = testbed.fpass_enroll("root", &["clear", "--user", "alice", "--yes"]).unwrap();
    assert_eq!(clear.code, Some(0), "{clear:?}");
    assert_eq!(state(&testbed, ALICE), in_state(EnrolmentState::Removed));
    let words = ["clear", "--forget", "--uid", &ALICE.uid.to_string(), "--yes"];
    let run = testbed.fpass_enroll("root", &words).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(state(&testbed, ALICE), in_state(EnrolmentState::NeverEnrolled));
    assert_eq!(forget("root"), Reply::refused(Refusal::NeverEnrolled));
}

#[test]
fn only_root_sets_up_in_a_login_and_only_after_its_verdict() {
    let testbed = Testbed::with_alice().unwrap();
    let (alice, carol) = (ALICE.uid_argument(), CAROL.uid_argument());
    let set_up = |caller, uid: &str, user: &str, service: &str| {
        let arguments = [uid, user, service, "string:tty1", "uint32:5000"];
        testbed.call(caller, ADMINISTRATION_INTERFACE, "SetUp", &arguments).unwrap()
    };
    for caller in ["carol", "bob", "fpassd"] {
        let denied = Reply::Error("org.freedesktop.DBus.Error.AccessDenied".to_owned());
        assert_eq!(set_up(caller, &carol, "string:carol", "string:login"), denied, "{caller}");
    }
    for (uid, user, service, refusal) in [
        (&carol, "string:carol", "string:login", Refusal::PasswordNeeded),
        (&alice, "string:alice", "string:login", Refusal::PasswordNeeded),
        (&carol, "string:alice", "string:login", Refusal::UserMismatch),
        (&carol, "string:../carol", "string:login", Refusal::MalformedUserName),
        (&carol, "string:carol", "string:", Refusal::InvalidArgument),
    ] {
        assert_eq!(set_up("root", uid, user, service), Reply::refused(refusal), "{user} {service}");
    }
    assert_eq!(state(&testbed, CAROL), in_state(EnrolmentState::NeverEnrolled));
}

#[test]
fn only_root_and_lock_screens_hand_over_recovery_codes() {
    let testbed = Testbed::with_alice().unwrap();
    let words = [
        &ALICE.uid_argument(),
        "string:alice",
        "string:sudo",
        "string:tty1",
        "string:0-0000-0000-0000-0000",
    ];
    let recover = |caller| testbed.call(caller, RECOVERY_INTERFACE, "Recover", &words).unwrap();
    for caller in ["alice", "bob", "fpassd"] {
        assert_eq!(recover(caller), Reply::refused(Refusal::NotAuthorized), "{caller}");
    }
    assert_eq!(recover("root"), Reply::refused(Refusal::NoRecoveryCodes));
}

#[test]
fn the_camera_is_started_ahead_for_root_alone() {
    let testbed = Testbed::with_alice().unwrap();
    let alice = ALICE.uid_argument();
    let prewarm =
        |caller| testbed.call(caller, VERIFICATION_INTERFACE, "Prewarm", &[&alice]).unwrap();
    assert_eq!(prewarm("alice"), Reply::refused(Refusal::NotAuthorized));
    assert_eq!(prewarm("root"), Reply::word(""));
}

#[test]
fn every_user_may_act_for_themselves_with_their_own_name_only() {
    let testbed = Testbed::with_alice().unwrap();
    let arguments =
        [&ALICE.uid_argument(), "string:bob", "string:sudo", "string:tty1", "uint32:5000"];
    let reply = testbed.call("alice", VERIFICATION_INTERFACE, "Verify", &arguments).unwrap();
    assert_eq!(reply, Reply::refused(Refusal::UserMismatch));
    assert_eq!(testbed.verify("alice", ALICE).unwrap(), Reply::matched());
}
