//! The daemon on its bus: real faces, real comparison, a recorded camera.

use fpass_proto::{Refusal, Verdict, names};
use fpass_tests::{
    ALICE, BOB, CAROL, Reply, Scene, Testbed, TestbedError,
    scene::{BIDEN, OBAMA, OBAMA_SPEAKING},
};

const ACCESS_DENIED: &str = "org.freedesktop.DBus.Error.AccessDenied";

#[test]
fn a_user_who_never_enrolled_is_refused() -> Result<(), TestbedError> {
    let testbed = Testbed::running()?;
    assert_eq!(testbed.verify("root", CAROL)?, Reply::refused(Refusal::NeverEnrolled));
    Ok(())
}

#[test]
fn nobody_may_ask_about_another_user() -> Result<(), TestbedError> {
    let testbed = Testbed::with_alice()?;
    assert_eq!(testbed.verify("bob", ALICE)?, Reply::refused(Refusal::NotAuthorized));
    let uid = format!("uint32:{}", ALICE.uid);
    for member in ["List", "State", "Clear"] {
        let reply = testbed.call("bob", names::ENROLMENT_INTERFACE, member, &[&uid])?;
        assert_eq!(reply, Reply::refused(Refusal::NotAuthorized), "{member}");
    }
    let arguments = [uid.as_str(), "string:alice", "string:mine"];
    let reply = testbed.call("bob", names::ENROLMENT_INTERFACE, "EnrollStart", &arguments)?;
    assert_eq!(reply, Reply::refused(Refusal::NotAuthorized));
    let reply = testbed.call("bob", names::ENROLMENT_INTERFACE, "PreviewStart", &arguments[..2])?;
    assert_eq!(reply, Reply::refused(Refusal::NotAuthorized));
    Ok(())
}

#[test]
fn nobody_but_the_daemon_may_own_its_name() -> Result<(), TestbedError> {
    let testbed = Testbed::new()?;
    for user in ["alice", "root"] {
        let run = testbed.run(
            user,
            "dbus-send",
            &[
                "--system",
                "--print-reply",
                "--dest=org.freedesktop.DBus",
                "/org/freedesktop/DBus",
                "org.freedesktop.DBus.RequestName",
                &format!("string:{}", names::BUS_NAME),
                "uint32:0",
            ],
        )?;
        assert!(run.stderr.contains(ACCESS_DENIED), "{user}: {run:?}");
    }
    Ok(())
}

#[test]
fn members_outside_the_contract_do_not_reach_the_daemon() -> Result<(), TestbedError> {
    let testbed = Testbed::running()?;
    for (interface, member) in [
        (names::VERIFICATION_INTERFACE, "Unlock"),
        (names::ENROLMENT_INTERFACE, "Verify"),
        ("org.freedesktop.DBus.Properties", "GetAll"),
        ("org.freedesktop.DBus.ObjectManager", "GetManagedObjects"),
    ] {
        let reply = testbed.call("alice", interface, member, &[])?;
        assert_eq!(reply, Reply::Error(ACCESS_DENIED.to_owned()), "{interface}.{member}");
    }
    Ok(())
}

#[test]
fn another_face_does_not_match() -> Result<(), TestbedError> {
    let mut testbed = Testbed::with_alice()?;
    testbed.camera_shows(&Scene::person(BIDEN))?;
    assert_eq!(testbed.verify("root", ALICE)?, Reply::verdict(Verdict::NoMatch));
    Ok(())
}

#[test]
fn what_cannot_be_judged_has_an_error_of_its_own() -> Result<(), TestbedError> {
    let mut testbed = Testbed::with_alice()?;
    for (scene, refusal) in [
        (Scene::nobody(), Refusal::NoFace),
        (Scene::person(OBAMA).in_the_dark(), Refusal::TooDark),
        (Scene::two_people(OBAMA, BIDEN), Refusal::SeveralFaces),
    ] {
        testbed.camera_shows(&scene)?;
        assert_eq!(testbed.verify("root", ALICE)?, Reply::refused(refusal), "{scene:?}");
    }
    Ok(())
}

#[test]
fn the_own_face_matches_on_another_day() -> Result<(), TestbedError> {
    let mut testbed = Testbed::with_alice()?;
    testbed.camera_shows(&Scene::person(OBAMA_SPEAKING))?;
    assert_eq!(testbed.verify("root", ALICE)?, Reply::matched());
    assert_eq!(testbed.verify("alice", ALICE)?, Reply::matched());
    Ok(())
}

#[test]
fn a_template_belongs_to_one_user() -> Result<(), TestbedError> {
    let mut testbed = Testbed::with_alice()?;
    testbed.camera_shows(&Scene::person(BIDEN))?;
    testbed.enrol(BOB)?;
    assert_eq!(testbed.verify("root", BOB)?, Reply::matched());
    assert_eq!(testbed.verify("root", ALICE)?, Reply::verdict(Verdict::NoMatch));
    Ok(())
}

#[test]
fn a_daemon_without_models_refuses_to_start() -> Result<(), TestbedError> {
    let mut testbed = Testbed::new()?;
    testbed.configure("[models]\ndirectory = \"/nowhere\"\n")?;
    let Err(TestbedError::Ended { log, .. }) = testbed.start_daemon() else {
        panic!("the daemon started without models");
    };
    assert!(log.contains("/nowhere"), "{log}");
    Ok(())
}

#[test]
fn the_daemon_ends_cleanly_when_asked() -> Result<(), TestbedError> {
    let mut testbed = Testbed::running()?;
    assert_eq!(testbed.stop_daemon()?, Some(0));
    Ok(())
}

#[test]
fn an_enrolment_is_qualified_for_its_owner_and_for_nobody_before_the_camera()
-> Result<(), TestbedError> {
    let mut testbed = Testbed::with_alice()?;
    let run = testbed.fpass_enroll("alice", &["qualify"])?;
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.starts_with("Look at the camera.\n"), "{}", run.stdout);
    let read = testbed.fpass_enroll("alice", &["qualify", "--json"])?;
    assert!(read.stdout.starts_with('{') && read.stderr.contains("Look at the camera."));
    let own = testbed.fpass_enroll("alice", &["verify"])?;
    assert_eq!(own.stdout.lines().next(), Some("Look at the camera."), "{own:?}");
    testbed.camera_shows(&Scene::person(BIDEN))?;
    let run = testbed.fpass_enroll("alice", &["qualify"])?;
    assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
    Ok(())
}

#[test]
fn a_confident_login_is_taken_in_where_that_is_switched_on_and_can_be_undone()
-> Result<(), TestbedError> {
    let mut testbed = Testbed::new()?;
    testbed.configure("[adaptation]\nenabled = true\n")?;
    testbed.start_daemon()?;
    testbed.camera_shows(&Scene::person(OBAMA))?;
    testbed.enrol(ALICE)?;
    let adapted = |testbed: &Testbed| -> Result<bool, TestbedError> {
        let run = testbed.fpass_enroll("alice", &["list", "--json"])?;
        Ok(run.stdout.contains("\"adapted\": 1"))
    };
    assert!(!adapted(&testbed)?);
    assert_eq!(testbed.verify("alice", ALICE)?, Reply::matched());
    assert!(!adapted(&testbed)?, "a self-test changes nothing");
    assert_eq!(testbed.verify("root", ALICE)?, Reply::matched());
    fpass_tests::watch::wait_until("the sample", || adapted(&testbed).unwrap_or(false));
    let run = testbed.fpass_enroll("alice", &["adaptation", "reset"])?;
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(!adapted(&testbed)?);
    Ok(())
}
