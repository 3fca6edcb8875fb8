//! The distribution's polkitd with the shipped policy. There is no logind on this machine: nobody
//! has a session, and the default for "any" applies.

use std::fs;

use fpass_proto::{EnrolmentState, Refusal, names::ENROLMENT_INTERFACE};
use fpass_tests::{ALICE, BOB, Ground, Scene, polkit::Polkitd, scene::OBAMA};

use crate::{answered, ended_as, in_state, refused, running, uid};

const POLICY: &str = "/usr/share/polkit-1/actions/org.fpass.Fpass1.policy";

/// What each action says for any, for inactive and for active sessions.
const DEFAULTS: [(&str, [&str; 3]); 5] = [
    ("org.fpass.Fpass1.verify", ["no", "no", "yes"]),
    ("org.fpass.Fpass1.enroll.self", ["no", "no", "auth_self"]),
    ("org.fpass.Fpass1.delete.self", ["no", "no", "auth_self"]),
    ("org.fpass.Fpass1.manage.others", ["auth_admin"; 3]),
    ("org.fpass.Fpass1.configure", ["auth_admin"; 3]),
];

/// A running machine with the real polkitd.
fn with_polkitd() -> (Ground, Polkitd) {
    let mut ground = running();
    ground.authority.stop();
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
    let polkitd = Polkitd::start(&ground).unwrap();
    (ground, polkitd)
}

#[test]
fn it_knows_the_shipped_actions_with_their_defaults_and_no_others() {
    let (ground, _polkitd) = with_polkitd();
    let list = ground.run("root", "pkaction", &[]).unwrap();
    let ours = list.stdout.lines().filter(|action| action.starts_with("org.fpass."));
    assert_eq!(ours.count(), DEFAULTS.len(), "{list:?}");
    for (action, [any, inactive, active]) in DEFAULTS {
        let run = ground.run("root", "pkaction", &["--verbose", "--action-id", action]).unwrap();
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
    let (ground, _polkitd) = with_polkitd();
    let run = ground.fpass_enroll("alice", &["add"]).unwrap();
    ended_as(&run, 4, Refusal::NotAuthorized);
    in_state(&ground, ALICE, EnrolmentState::NeverEnrolled, "a remote session");
    let run = ground.fpass_enroll("root", &["add", "--user", "alice"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    for command in [&["verify"][..], &["remove", "face"], &["clear", "--yes"]] {
        let run = ground.fpass_enroll("alice", command).unwrap();
        ended_as(&run, 4, Refusal::NotAuthorized);
    }
    in_state(&ground, ALICE, EnrolmentState::Enrolled, "a remote session");
    assert_eq!(ground.verify("root", ALICE).unwrap(), answered("match"));
    // An administrator's password would help, and there is no agent to ask for it.
    let reply = ground.call("bob", ENROLMENT_INTERFACE, "Clear", &[&uid(ALICE)]).unwrap();
    assert_eq!(reply, refused(Refusal::AuthenticationNeeded));
    let run = ground.fpass_enroll("bob", &["clear", "--yes", "--user", "alice"]).unwrap();
    ended_as(&run, 4, Refusal::AuthenticationNeeded);
    in_state(&ground, ALICE, EnrolmentState::Enrolled, "no password");
}

#[test]
fn an_administrator_s_rule_grants_to_whom_it_names() {
    let (ground, polkitd) = with_polkitd();
    drop(polkitd);
    Polkitd::rules(
        "polkit.addRule(function(action, subject) {\n\
         if (action.id.indexOf('org.fpass.Fpass1.') == 0 && action.id != \
         'org.fpass.Fpass1.manage.others' && subject.user == 'alice')\n\
         return polkit.Result.YES;\n});\n",
    )
    .unwrap();
    let _polkitd = Polkitd::start(&ground).unwrap();
    ended_as(&ground.fpass_enroll("bob", &["add"]).unwrap(), 4, Refusal::NotAuthorized);
    in_state(&ground, BOB, EnrolmentState::NeverEnrolled, "bob is not named");
    for command in [&["add"][..], &["verify"], &["rename", "face", "mine"], &["remove", "mine"]] {
        let run = ground.fpass_enroll("alice", command).unwrap();
        assert_eq!(run.code, Some(0), "{command:?}: {run:?}");
    }
    in_state(&ground, ALICE, EnrolmentState::Removed, "alice is");
}

#[test]
fn without_the_annotation_fpassd_may_not_ask_and_refuses() {
    let (ground, polkitd) = with_polkitd();
    drop(polkitd);
    let shipped = fs::read_to_string(POLICY).unwrap();
    let bare: Vec<&str> = shipped.lines().filter(|line| !line.contains("<annotate")).collect();
    fs::write(POLICY, bare.join("\n")).unwrap();
    let _polkitd = Polkitd::start(&ground).unwrap();
    let run = ground.fpass_enroll("alice", &["add"]).unwrap();
    ended_as(&run, 4, Refusal::AuthorityUnavailable);
}
