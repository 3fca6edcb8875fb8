//! The distribution's polkitd with the shipped policy. This machine has no logind, so no caller has
//! a session, and the default for "any" applies.

use std::fs;

use fpass_proto::{EnrolmentState, Refusal, names::ENROLMENT_INTERFACE};
use fpass_tests::{ALICE, BOB, Reply, Scene, Testbed, polkitd::Polkitd, scene::OBAMA};

use crate::{ended_as, in_state};

const POLICY: &str = "/usr/share/polkit-1/actions/org.fpass.Fpass1.policy";

/// The defaults of each action for any, for inactive and for active sessions.
const DEFAULTS: [(&str, [&str; 3]); 5] = [
    ("org.fpass.Fpass1.verify", ["no", "no", "yes"]),
    ("org.fpass.Fpass1.enroll.self", ["no", "no", "auth_self"]),
    ("org.fpass.Fpass1.delete.self", ["no", "no", "auth_self"]),
    ("org.fpass.Fpass1.manage.others", ["auth_admin"; 3]),
    ("org.fpass.Fpass1.configure", ["auth_admin"; 3]),
];

/// A running machine with the real polkitd.
fn with_polkitd() -> (Testbed, Polkitd) {
    let mut testbed = Testbed::running().unwrap();
    testbed.authority.stop();
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    let polkitd = Polkitd::start(&testbed).unwrap();
    (testbed, polkitd)
}

#[test]
fn it_knows_the_shipped_actions_with_their_defaults_and_no_others() {
    let (testbed, _polkitd) = with_polkitd();
    let list = testbed.run("root", "pkaction", &[]).unwrap();
    let ours = list.stdout.lines().filter(|action| action.starts_with("org.fpass."));
    assert_eq!(ours.count(), DEFAULTS.len(), "{list:?}");
    for (action, [any, inactive, active]) in DEFAULTS {
        let run = testbed.run("root", "pkaction", &["--verbose", "--action-id", action]).unwrap();
        let facts: Vec<(&str, &str)> = run
            .stdout
            .lines()
            .filter_map(|line| line.trim().split_once(':'))
            .map(|(name, value)| (name, value.trim()))
            .collect();
        for (name, value) in
            [("implicit any", any), ("implicit inactive", inactive), ("implicit active", active)]
        {
            assert!(facts.contains(&(name, value)), "{action} {name} {value}: {run:?}");
        }
        let text = facts.iter().find(|(name, _)| *name == "message").unwrap().1;
        assert!(text.len() > 20, "{action}: {text}");
    }
}

#[test]
fn nobody_without_a_local_session_does_anything_but_root() {
    let (testbed, _polkitd) = with_polkitd();
    let run = testbed.fpass_enroll("alice", &["add"]).unwrap();
    ended_as(&run, 4, Refusal::NotAuthorized);
    in_state(&testbed, ALICE, EnrolmentState::NeverEnrolled, "a remote session");
    let run = testbed.fpass_enroll("root", &["add", "--user", "alice"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    for command in [&["verify"][..], &["remove", "face"], &["clear", "--yes"]] {
        let run = testbed.fpass_enroll("alice", command).unwrap();
        ended_as(&run, 4, Refusal::NotAuthorized);
    }
    in_state(&testbed, ALICE, EnrolmentState::Enrolled, "a remote session");
    assert_eq!(testbed.verify("root", ALICE).unwrap(), Reply::word("match"));
    // An administrator's password is required, and no agent can ask for it.
    let reply =
        testbed.call("bob", ENROLMENT_INTERFACE, "Clear", &[&ALICE.uid_argument()]).unwrap();
    assert_eq!(reply, Reply::refused(Refusal::AuthenticationNeeded));
    let run = testbed.fpass_enroll("bob", &["clear", "--yes", "--user", "alice"]).unwrap();
    ended_as(&run, 4, Refusal::AuthenticationNeeded);
    in_state(&testbed, ALICE, EnrolmentState::Enrolled, "no password");
}

#[test]
fn an_administrator_s_rule_grants_to_whom_it_names() {
    let (testbed, polkitd) = with_polkitd();
    drop(polkitd);
    Polkitd::rules(
        "polkit.addRule(function(action, subject) {\n\
         if (action.id.indexOf('org.fpass.Fpass1.') == 0 && action.id != \
         'org.fpass.Fpass1.manage.others' && subject.user == 'alice')\n\
         return polkit.Result.YES;\n});\n",
    )
    .unwrap();
    let _polkitd = Polkitd::start(&testbed).unwrap();
    ended_as(&testbed.fpass_enroll("bob", &["add"]).unwrap(), 4, Refusal::NotAuthorized);
    in_state(&testbed, BOB, EnrolmentState::NeverEnrolled, "bob is not named");
    for command in [&["add"][..], &["verify"], &["rename", "face", "mine"], &["remove", "mine"]] {
        let run = testbed.fpass_enroll("alice", command).unwrap();
        assert_eq!(run.code, Some(0), "{command:?}: {run:?}");
    }
    in_state(&testbed, ALICE, EnrolmentState::Removed, "alice is");
}

#[test]
fn without_the_annotation_fpassd_may_not_ask_and_refuses() {
    let (testbed, polkitd) = with_polkitd();
    drop(polkitd);
    let shipped = fs::read_to_string(POLICY).unwrap();
    let bare: Vec<&str> = shipped.lines().filter(|line| !line.contains("<annotate")).collect();
    fs::write(POLICY, bare.join("\n")).unwrap();
    let _polkitd = Polkitd::start(&testbed).unwrap();
    let run = testbed.fpass_enroll("alice", &["add"]).unwrap();
    ended_as(&run, 4, Refusal::AuthorityUnavailable);
}
