//! Set-ups that are refused, and logins that are refused because of it.

use std::fs;

use fpass_tests::{
    CAROL, Scene,
    logind::{Place, Session},
    pam::{Call, Conversation},
    stack,
    watch::wait_until,
};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::{LOGIN, at, carol, codes, state, with_carol};

#[test]
fn nobody_sets_up_without_the_password() {
    let testbed = with_carol();
    // As sudo does under NOPASSWD: the account part, then the set-up.
    let skipped = carol(&LOGIN[1..], &[]);
    assert_eq!(codes(&testbed, &skipped), [12, 9]);
    assert!(testbed.daemon_log().contains("PasswordNeeded"), "{}", testbed.daemon_log());
    assert_eq!(state(&testbed, CAROL), "never-enrolled");

    // Nor after another process's login of the same service.
    assert_eq!(codes(&testbed, &carol(&LOGIN[..1], &[CAROL.password])), [0]);
    assert_eq!(codes(&testbed, &skipped), [12, 9]);
    assert_eq!(codes(&testbed, &carol(&LOGIN, &["guess"])), [7]);
    assert_eq!(state(&testbed, CAROL), "never-enrolled");
}

#[test]
fn a_removed_f_pass_is_not_set_up_again_by_a_login() {
    let testbed = with_carol();
    testbed.enrol(CAROL).unwrap();
    let words = ["clear", "--user", "carol", "--yes"];
    assert_eq!(testbed.fpass_enroll("root", &words).unwrap().code, Some(0));
    assert_eq!(codes(&testbed, &carol(&LOGIN, &[CAROL.password])), [9]);
    // Nor in a service without the face.
    assert_eq!(codes(&testbed, &carol(&LOGIN[1..], &[])), [9]);
    assert_eq!(state(&testbed, CAROL), "removed");
}

#[test]
fn nobody_sets_up_from_afar() {
    let mut testbed = with_carol();
    let from_afar =
        carol(&LOGIN, &[CAROL.password]).with(|request| request.rhost = Some("192.0.2.7".into()));
    assert_eq!(codes(&testbed, &from_afar), [9]);
    let without_face =
        carol(&LOGIN[1..], &[]).with(|request| request.rhost = Some("192.0.2.7".into()));
    assert_eq!(codes(&testbed, &without_face), [9]);

    // logind decides, not the application's own description.
    let place = Place::Session(Session { uid: Some(CAROL.uid), ..Session::from_afar() });
    testbed.logind().says(|script| script.place = place);
    let codes = codes(&testbed, &carol(&LOGIN, &[CAROL.password]));
    assert_ne!(codes.last(), Some(&0), "{codes:?}");
    assert_eq!(state(&testbed, CAROL), "never-enrolled");
}

#[test]
fn without_a_camera_or_a_face_nobody_goes_on() {
    let mut testbed = with_carol();
    testbed.configure("[enrolment]\ntimeout_ms = 5000\n").unwrap();
    testbed.stop_daemon().unwrap();
    testbed.start_daemon().unwrap();
    testbed.camera_shows(&Scene::nobody()).unwrap();
    let refused = testbed.transact(&carol(&LOGIN, &[CAROL.password])).unwrap();
    assert_eq!(refused.code_name(), "PAM_AUTHINFO_UNAVAIL", "{refused:?}");
    assert_eq!(refused.messages.iter().filter(|message| message.style == 3).count(), 3);

    testbed
        .write_configuration("[camera]\nsource = \"v4l2\"\ndevice = \"/dev/video97\"\n")
        .unwrap();
    testbed.stop_daemon().unwrap();
    testbed.start_daemon().unwrap();
    let refused = testbed.transact(&carol(&LOGIN, &[CAROL.password])).unwrap();
    assert_eq!(refused.code_name(), "PAM_AUTHINFO_UNAVAIL", "{refused:?}");
    assert_eq!(refused.messages.iter().filter(|message| message.style == 3).count(), 1);
    assert_eq!(state(&testbed, CAROL), "never-enrolled");
}

#[test]
fn without_the_daemon_or_the_bus_nobody_goes_on() {
    let mut testbed = with_carol();
    testbed.service("account-only", "account required pam_fpass.so enroll=required\n").unwrap();
    let account = at("account-only", &[Call::AcctMgmt], &[]);
    fs::remove_file("/usr/libexec/fpassd").unwrap();
    testbed.stop_daemon().unwrap();
    assert_eq!(codes(&testbed, &account), [9]);
    assert_eq!(codes(&testbed, &carol(&LOGIN, &[CAROL.password])), [9]);
    testbed.stop_bus().unwrap();
    assert_eq!(codes(&testbed, &account), [9]);
    assert_eq!(codes(&testbed, &carol(&LOGIN, &[CAROL.password])), [9]);
}

#[test]
fn a_set_up_that_is_given_up_leaves_nothing_and_frees_the_camera() {
    let mut testbed = with_carol();
    // The application ends the conversation at the first text.
    let ended = Conversation::FailsWhenTold(CAROL.password.to_owned(), 26);
    let login = carol(&LOGIN, &[]).with(|request| request.conversation = ended);
    let codes = codes(&testbed, &login);
    assert_ne!(codes.last(), Some(&0), "{codes:?}");
    assert_eq!(state(&testbed, CAROL), "never-enrolled");

    testbed.camera_shows(&Scene::nobody()).unwrap();
    let running = testbed.begin(&carol(&LOGIN, &[CAROL.password])).unwrap();
    wait_until("the camera is in use", || {
        testbed.daemon_log().contains("attempt for uid 61003: refused (NeverEnrolled)")
    });
    kill(Pid::from_raw(running.id().try_into().unwrap()), Signal::SIGKILL).unwrap();
    let _ = running.finish();
    wait_until("the set-up has been cancelled", || {
        let log = testbed.daemon_log();
        log.contains("set-up at a login for uid 61003: refused (Cancelled)")
            || !log.contains("set-up at a login for uid 61003")
    });
    assert_eq!(state(&testbed, CAROL), "never-enrolled");
}

#[test]
fn lines_under_the_wrong_facility_or_with_wrong_arguments_are_refused() {
    let mut testbed = with_carol();
    for arguments in
        ["", "nullok", "enroll=required nullok", "enroll=yes", "enroll=required timeout=5"]
    {
        for (facility, call) in [("account", Call::AcctMgmt), ("password", Call::ChAuthTok)] {
            testbed
                .service("wrong", &format!("{facility} required pam_fpass.so {arguments}\n"))
                .unwrap();
            assert_eq!(codes(&testbed, &at("wrong", &[call], &[])), [3], "{facility} {arguments}");
        }
    }
    testbed.service("session", "session required pam_fpass.so enroll=required\n").unwrap();
    let face = format!("{} nullok enroll=required\n", stack::FACE_LINE);
    testbed.service("both", &face).unwrap();
    assert_eq!(codes(&testbed, &at("both", &LOGIN[..1], &[])), [3]);
}
