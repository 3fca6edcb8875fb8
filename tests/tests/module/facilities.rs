//! The hooks other than `pam_authenticate`, and the controls of our line.

use fpass_tests::{ALICE, CAROL, Login, Scene, Testbed, pam::Call, scene::BIDEN};

use crate::{alone, host::Host};

#[test]
fn credentials_are_granted_and_other_facilities_refused() {
    let mut testbed = Testbed::with_alice().unwrap();
    let line = alone("sole_factor");
    let other = |facility: &str| line.replacen("auth", facility, 1);
    let all = [line.clone(), other("account"), other("password"), other("session")].concat();
    testbed.service("all", &all).unwrap();
    // pam_fpass(8) documents PAM_SERVICE_ERR under account, password and session.
    let report = Host { calls: "asmopc", ..Host::of("all", ALICE) }.run(&testbed, &[]);
    assert_eq!(report.codes, ["a=0 s=0 m=3 o=3 p=3 c=3"]);

    // Credentials need no verdict, no daemon, and no good argument.
    testbed.service("wrong", &alone("alwaysok")).unwrap();
    testbed.stop_daemon().unwrap();
    let report = Host { calls: "s", ..Host::of("wrong", ALICE) }.run(&testbed, &[]);
    assert_eq!(report.codes, ["s=0"]);
}

/// Controls of our line after `pam_unix`, other than `sufficient` and `optional`, which let the
/// password decide.
const CONTROLS: [&str; 4] = [
    "required",
    "requisite",
    "[success=ok ignore=ignore default=die]",
    "[success=ok new_authtok_reqd=ok ignore=ignore default=bad]",
];

fn admitted(testbed: &Testbed, service: &str, user: fpass_tests::Account) -> bool {
    let login = Login::of(service, user).with(|request| request.calls = vec![Call::Authenticate]);
    testbed.transact(&login).unwrap().admitted()
}

#[test]
fn under_every_control_only_a_match_and_a_proven_never_enrolled_user_get_in() {
    let mut testbed = Testbed::with_alice().unwrap();
    for (index, control) in CONTROLS.iter().enumerate() {
        for nullok in ["", "nullok"] {
            let text = format!(
                "auth required pam_unix.so nodelay\nauth {control} pam_fpass.so {nullok}\n"
            );
            testbed.service(&format!("control-{index}{nullok}"), &text).unwrap();
        }
    }
    let each = |testbed: &Testbed, what: &str, alice: bool, carol: bool| {
        for (index, control) in CONTROLS.iter().enumerate() {
            for nullok in ["", "nullok"] {
                let service = format!("control-{index}{nullok}");
                let line = format!("{what}: {control} {nullok}");
                assert_eq!(admitted(testbed, &service, ALICE), alice, "alice, {line}");
                let carol = carol && nullok == "nullok";
                assert_eq!(admitted(testbed, &service, CAROL), carol, "carol, {line}");
                // Without a daemon there is no lock: the face check itself refuses.
                testbed.fpass_enroll("root", &["unlock", "--user", ALICE.name]).unwrap();
            }
        }
    };
    each(&testbed, "the right face", true, true);
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    each(&testbed, "another face", false, true);
    testbed.stop_daemon().unwrap();
    each(&testbed, "no daemon", false, false);
    testbed.stop_bus().unwrap();
    each(&testbed, "no bus", false, false);
}
