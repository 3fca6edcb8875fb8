//! The hooks beside `pam_authenticate`, and the controls that a line may stand under.

use fpass_tests::{ALICE, CAROL, Ground, Login, Scene, pam::Call, scene::BIDEN};

use crate::{alone, host::Host, with_alice};

#[test]
fn credentials_are_granted_and_other_facilities_refused() {
    let mut ground = with_alice();
    let line = alone("sole_factor");
    let other = |facility: &str| line.replacen("auth", facility, 1);
    let all = [line.clone(), other("account"), other("password"), other("session")].concat();
    ground.service("all", &all).unwrap();
    // As pam_fpass(8) has it: PAM_SERVICE_ERR under account, password and session.
    let report = Host { calls: "asmopc", ..Host::of("all", ALICE) }.run(&ground, &[]);
    assert_eq!(report.codes, ["a=0 s=0 m=3 o=3 p=3 c=3"]);

    // Credentials need no verdict, no daemon, and no good argument.
    ground.service("wrong", &alone("alwaysok")).unwrap();
    ground.stop_daemon().unwrap();
    let report = Host { calls: "s", ..Host::of("wrong", ALICE) }.run(&ground, &[]);
    assert_eq!(report.codes, ["s=0"]);
}

/// Controls under which our line may stand after `pam_unix`, other than `sufficient` and
/// `optional`, which let the password decide.
const CONTROLS: [&str; 4] = [
    "required",
    "requisite",
    "[success=ok ignore=ignore default=die]",
    "[success=ok new_authtok_reqd=ok ignore=ignore default=bad]",
];

fn admitted(ground: &Ground, service: &str, user: fpass_tests::Account) -> bool {
    let login = Login::of(service, user).with(|request| request.calls = vec![Call::Authenticate]);
    ground.transact(&login).unwrap().admitted()
}

#[test]
fn under_every_control_only_a_match_and_a_proven_never_enrolled_user_get_in() {
    let mut ground = with_alice();
    for (index, control) in CONTROLS.iter().enumerate() {
        for nullok in ["", "nullok"] {
            let text = format!(
                "auth required pam_unix.so nodelay\nauth {control} pam_fpass.so {nullok}\n"
            );
            ground.service(&format!("control-{index}{nullok}"), &text).unwrap();
        }
    }
    let each = |ground: &Ground, what: &str, alice: bool, carol: bool| {
        for (index, control) in CONTROLS.iter().enumerate() {
            for nullok in ["", "nullok"] {
                let service = format!("control-{index}{nullok}");
                let line = format!("{what}: {control} {nullok}");
                assert_eq!(admitted(ground, &service, ALICE), alice, "alice, {line}");
                let carol = carol && nullok == "nullok";
                assert_eq!(admitted(ground, &service, CAROL), carol, "carol, {line}");
                // So that it is the face that refuses and not a lock. Without a daemon there is none.
                ground.fpass_enroll("root", &["unlock", "--user", ALICE.name]).unwrap();
            }
        }
    };
    each(&ground, "the right face", true, true);
    ground.camera_shows(&Scene::person(BIDEN)).unwrap();
    each(&ground, "another face", false, true);
    ground.stop_daemon().unwrap();
    each(&ground, "no daemon", false, false);
    ground.stop_bus().unwrap();
    each(&ground, "no bus", false, false);
}
