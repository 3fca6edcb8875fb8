//! Beside `pam_unix`: the password is changed when it has expired, and not otherwise.

use std::fs;

use fpass_tests::{CAROL, Ground, pam::Call};

use crate::{LOGIN, at, carol, codes, state, with_carol};

const NEW: &str = "a-new-and-longer-Secret-7";

fn shadow_of_carol() -> String {
    let shadow = fs::read_to_string("/etc/shadow").unwrap();
    shadow.lines().find(|line| line.starts_with("carol:")).unwrap().to_owned()
}

/// Carol has to change her password at the next login.
fn expire(_: &Ground) {
    let shadow = fs::read_to_string("/etc/shadow").unwrap();
    let old = shadow_of_carol();
    let fields: Vec<&str> = old.split(':').collect();
    let expired = format!("{}:{}:0:{}", fields[0], fields[1], fields[3..].join(":"));
    fs::write("/etc/shadow", shadow.replace(&old, &expired)).unwrap();
}

#[test]
fn a_password_that_is_good_is_left_alone() {
    let ground = with_carol();
    let before = shadow_of_carol();
    assert_eq!(codes(&ground, &carol(&LOGIN, &[CAROL.password])), [0, 12, 0]);
    assert_eq!(shadow_of_carol(), before);
    assert_eq!(state(&ground, CAROL), "enrolled");
}

#[test]
fn an_expired_password_is_changed_and_the_f_pass_set_up() {
    let ground = with_carol();
    expire(&ground);
    let before = shadow_of_carol();
    // pam_unix does not ask root for the old password again.
    let as_root = carol(&LOGIN, &[CAROL.password, NEW, NEW]);
    let transcript = ground.transact(&as_root).unwrap();
    assert_eq!(transcript.code_name(), "PAM_SUCCESS", "{transcript:?}");
    assert_eq!(transcript.answers.len(), 3);
    assert_ne!(shadow_of_carol(), before);
    assert_eq!(state(&ground, CAROL), "enrolled");
}

#[test]
fn an_expired_password_of_somebody_enrolled_is_changed_as_ever() {
    let ground = with_carol();
    ground.enrol(CAROL).unwrap();
    expire(&ground);
    let before = shadow_of_carol();
    let transcript = ground.transact(&carol(&LOGIN, &[CAROL.password, NEW, NEW])).unwrap();
    assert_eq!(transcript.code_name(), "PAM_SUCCESS", "{transcript:?}");
    assert_ne!(shadow_of_carol(), before);
}

#[test]
fn an_expired_password_is_not_changed_when_the_set_up_fails() {
    let mut ground = with_carol();
    expire(&ground);
    let before = shadow_of_carol();
    ground.write_configuration("[camera]\nsource = \"v4l2\"\ndevice = \"/dev/video97\"\n").unwrap();
    ground.stop_daemon().unwrap();
    ground.start_daemon().unwrap();
    let transcript = ground.transact(&carol(&LOGIN, &[CAROL.password, NEW, NEW])).unwrap();
    assert_eq!(transcript.code_name(), "PAM_AUTHINFO_UNAVAIL", "{transcript:?}");
    assert_eq!(shadow_of_carol(), before);
}

#[test]
fn pam_unix_asks_for_a_new_password_wherever_its_line_is_reached() {
    // What the control field of the shipped line is for: su passes PAM_CHANGE_EXPIRED_AUTHTOK, and the
    // password is good.
    let mut ground = with_carol();
    let example = fs::read_to_string(format!("/etc/pam.d/{}", fpass_tests::stack::SET_UP)).unwrap();
    ground.service("su", &example.replace("success=done", "success=ok")).unwrap();
    let before = shadow_of_carol();
    // It asks for the old one first, as the caller of su is not root.
    let input = format!("{0}\n{0}\n{NEW}\n{NEW}\n", CAROL.password);
    let run = ground.run_with_input("bob", "/bin/su", &["carol", "-c", "id -un"], &input).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_ne!(shadow_of_carol(), before, "{run:?}");
}

#[test]
fn passwd_changes_passwords_and_sets_nothing_up() {
    let mut ground = with_carol();
    let lines = "password [success=done ignore=ignore default=die] pam_fpass.so enroll=required\n\
                 password required pam_unix.so\n";
    ground.service("passwd", lines).unwrap();
    let before = shadow_of_carol();
    let transcript = ground.transact(&at("passwd", &[Call::ChAuthTok], &[NEW, NEW])).unwrap();
    assert_eq!(transcript.code_name(), "PAM_SUCCESS", "{transcript:?}");
    assert_ne!(shadow_of_carol(), before);
    assert_eq!(state(&ground, CAROL), "never-enrolled");
}
