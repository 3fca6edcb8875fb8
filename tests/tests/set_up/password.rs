//! With `pam_unix`: the password is changed when it has expired, and not otherwise.

use std::fs;

use fpass_tests::{CAROL, Testbed, pam::Call};

use crate::{LOGIN, at, carol, codes, state, with_carol};

const NEW: &str = "a-new-and-longer-Secret-7";

fn shadow_of_carol() -> String {
    let shadow = fs::read_to_string("/etc/shadow").unwrap();
    shadow.lines().find(|line| line.starts_with("carol:")).unwrap().to_owned()
}

/// Carol must change her password at the next login.
fn expire(_: &Testbed) {
    let shadow = fs::read_to_string("/etc/shadow").unwrap();
    let old = shadow_of_carol();
    let fields: Vec<&str> = old.split(':').collect();
    let expired = format!("{}:{}:0:{}", fields[0], fields[1], fields[3..].join(":"));
    fs::write("/etc/shadow", shadow.replace(&old, &expired)).unwrap();
}

#[test]
fn a_password_that_is_good_is_left_alone() {
    let testbed = with_carol();
    let before = shadow_of_carol();
    assert_eq!(codes(&testbed, &carol(&LOGIN, &[CAROL.password])), [0, 12, 0]);
    assert_eq!(shadow_of_carol(), before);
    assert_eq!(state(&testbed, CAROL), "enrolled");
}

#[test]
fn an_expired_password_is_changed_and_the_f_pass_set_up() {
    let testbed = with_carol();
    expire(&testbed);
    let before = shadow_of_carol();
    // pam_unix does not ask root for the old password again.
    let as_root = carol(&LOGIN, &[CAROL.password, NEW, NEW]);
    let transcript = testbed.transact(&as_root).unwrap();
    assert_eq!(transcript.code_name(), "PAM_SUCCESS", "{transcript:?}");
    assert_eq!(transcript.answers.len(), 3);
    assert_ne!(shadow_of_carol(), before);
    assert_eq!(state(&testbed, CAROL), "enrolled");
}

#[test]
fn an_expired_password_of_somebody_enrolled_is_changed_as_ever() {
    let testbed = with_carol();
    testbed.enrol(CAROL).unwrap();
    expire(&testbed);
    let before = shadow_of_carol();
    let transcript = testbed.transact(&carol(&LOGIN, &[CAROL.password, NEW, NEW])).unwrap();
    assert_eq!(transcript.code_name(), "PAM_SUCCESS", "{transcript:?}");
    assert_ne!(shadow_of_carol(), before);
}

#[test]
fn an_expired_password_is_not_changed_when_the_set_up_fails() {
    let mut testbed = with_carol();
    expire(&testbed);
    let before = shadow_of_carol();
    testbed
        .write_configuration("[camera]\nsource = \"v4l2\"\ndevice = \"/dev/video97\"\n")
        .unwrap();
    testbed.stop_daemon().unwrap();
    testbed.start_daemon().unwrap();
    let transcript = testbed.transact(&carol(&LOGIN, &[CAROL.password, NEW, NEW])).unwrap();
    assert_eq!(transcript.code_name(), "PAM_AUTHINFO_UNAVAIL", "{transcript:?}");
    assert_eq!(shadow_of_carol(), before);
}

#[test]
fn pam_unix_asks_for_a_new_password_wherever_its_line_is_reached() {
    // The control field of the shipped line handles this: su passes PAM_CHANGE_EXPIRED_AUTHTOK, and
    // the password has not expired.
    let mut testbed = with_carol();
    let example = fs::read_to_string(format!("/etc/pam.d/{}", fpass_tests::stack::SET_UP)).unwrap();
    testbed.service("su", &example.replace("success=done", "success=ok")).unwrap();
    let before = shadow_of_carol();
    // pam_unix asks for the old password first, as the caller of su is not root.
    let input = format!("{0}\n{0}\n{NEW}\n{NEW}\n", CAROL.password);
    let run = testbed.run_with_input("bob", "/bin/su", &["carol", "-c", "id -un"], &input).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_ne!(shadow_of_carol(), before, "{run:?}");
}

#[test]
fn passwd_changes_passwords_and_sets_nothing_up() {
    let mut testbed = with_carol();
    let lines = "password [success=done ignore=ignore default=die] pam_fpass.so enroll=required\n\
                 password required pam_unix.so\n";
    testbed.service("passwd", lines).unwrap();
    let before = shadow_of_carol();
    let transcript = testbed.transact(&at("passwd", &[Call::ChAuthTok], &[NEW, NEW])).unwrap();
    assert_eq!(transcript.code_name(), "PAM_SUCCESS", "{transcript:?}");
    assert_ne!(shadow_of_carol(), before);
    assert_eq!(state(&testbed, CAROL), "never-enrolled");
}
