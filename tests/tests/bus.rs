//! The daemon on its bus: real faces, real comparison, a recorded camera.

use fpass_proto::names;
use fpass_tests::{
    ALICE, BOB, CAROL, Ground, GroundError, Reply, Scene,
    scene::{BIDEN, OBAMA, OBAMA_SPEAKING},
};

const NEVER_ENROLLED: &str = "org.fpass.Fpass1.Error.NeverEnrolled";
const NOT_AUTHORIZED: &str = "org.fpass.Fpass1.Error.NotAuthorized";
const ACCESS_DENIED: &str = "org.freedesktop.DBus.Error.AccessDenied";

fn error(name: &str) -> Reply {
    Reply::Error(name.to_owned())
}

fn answer(text: &str) -> Reply {
    Reply::Answer(text.to_owned())
}

/// A machine with a running daemon.
fn running() -> Result<Ground, GroundError> {
    let mut ground = Ground::new()?;
    ground.start_daemon()?;
    Ok(ground)
}

/// A running machine on which alice is enrolled.
fn with_alice() -> Result<Ground, GroundError> {
    let mut ground = running()?;
    ground.camera_shows(&Scene::person(OBAMA))?;
    ground.enrol(ALICE)?;
    Ok(ground)
}

#[test]
fn a_user_who_never_enrolled_is_refused() -> Result<(), GroundError> {
    let ground = running()?;
    assert_eq!(ground.verify("root", CAROL)?, error(NEVER_ENROLLED));
    Ok(())
}

#[test]
fn nobody_may_ask_about_another_user() -> Result<(), GroundError> {
    let ground = with_alice()?;
    assert_eq!(ground.verify("bob", ALICE)?, error(NOT_AUTHORIZED));
    let uid = format!("uint32:{}", ALICE.uid);
    for member in ["List", "State", "Clear"] {
        let reply = ground.call("bob", names::ENROLMENT_INTERFACE, member, &[&uid])?;
        assert_eq!(reply, error(NOT_AUTHORIZED), "{member}");
    }
    let arguments = [uid.as_str(), "string:alice", "string:mine"];
    let reply = ground.call("bob", names::ENROLMENT_INTERFACE, "EnrollStart", &arguments)?;
    assert_eq!(reply, error(NOT_AUTHORIZED));
    Ok(())
}

#[test]
fn nobody_but_the_daemon_may_own_its_name() -> Result<(), GroundError> {
    let ground = Ground::new()?;
    for user in ["alice", "root"] {
        let run = ground.run(
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
fn members_outside_the_contract_do_not_reach_the_daemon() -> Result<(), GroundError> {
    let ground = running()?;
    for (interface, member) in [
        (names::VERIFICATION_INTERFACE, "Unlock"),
        (names::ENROLMENT_INTERFACE, "Verify"),
        ("org.freedesktop.DBus.Properties", "GetAll"),
        ("org.freedesktop.DBus.ObjectManager", "GetManagedObjects"),
    ] {
        let reply = ground.call("alice", interface, member, &[])?;
        assert_eq!(reply, error(ACCESS_DENIED), "{interface}.{member}");
    }
    Ok(())
}

#[test]
fn another_face_does_not_match() -> Result<(), GroundError> {
    let mut ground = with_alice()?;
    ground.camera_shows(&Scene::person(BIDEN))?;
    assert_eq!(ground.verify("root", ALICE)?, answer("no-match"));
    Ok(())
}

#[test]
fn what_cannot_be_judged_has_an_error_of_its_own() -> Result<(), GroundError> {
    let mut ground = with_alice()?;
    for (scene, refusal) in [
        (Scene::nobody(), "org.fpass.Fpass1.Error.NoFace"),
        (Scene::person(OBAMA).in_the_dark(), "org.fpass.Fpass1.Error.TooDark"),
        (Scene::two_people(OBAMA, BIDEN), "org.fpass.Fpass1.Error.SeveralFaces"),
    ] {
        ground.camera_shows(&scene)?;
        assert_eq!(ground.verify("root", ALICE)?, error(refusal), "{scene:?}");
    }
    Ok(())
}

#[test]
fn the_own_face_matches_on_another_day() -> Result<(), GroundError> {
    let mut ground = with_alice()?;
    ground.camera_shows(&Scene::person(OBAMA_SPEAKING))?;
    assert_eq!(ground.verify("root", ALICE)?, answer("match"));
    assert_eq!(ground.verify("alice", ALICE)?, answer("match"));
    Ok(())
}

#[test]
fn a_template_belongs_to_one_user() -> Result<(), GroundError> {
    let mut ground = with_alice()?;
    ground.camera_shows(&Scene::person(BIDEN))?;
    ground.enrol(BOB)?;
    assert_eq!(ground.verify("root", BOB)?, answer("match"));
    assert_eq!(ground.verify("root", ALICE)?, answer("no-match"));
    Ok(())
}

#[test]
fn a_daemon_without_models_refuses_to_start() -> Result<(), GroundError> {
    let mut ground = Ground::new()?;
    ground.configure("[models]\ndirectory = \"/nowhere\"\n")?;
    let Err(GroundError::Ended { log, .. }) = ground.start_daemon() else {
        panic!("the daemon started without models");
    };
    assert!(log.contains("/nowhere"), "{log}");
    Ok(())
}

#[test]
fn the_daemon_ends_cleanly_when_asked() -> Result<(), GroundError> {
    let mut ground = running()?;
    assert_eq!(ground.stop_daemon()?, Some(0));
    Ok(())
}

#[test]
fn an_enrolment_is_qualified_for_its_owner_and_for_nobody_before_the_camera()
-> Result<(), GroundError> {
    let mut ground = with_alice()?;
    let run = ground.fpass_enroll("alice", &["qualify"])?;
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    ground.camera_shows(&Scene::person(BIDEN))?;
    let run = ground.fpass_enroll("alice", &["qualify"])?;
    assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
    Ok(())
}

#[test]
fn a_confident_login_is_taken_in_where_that_is_switched_on_and_can_be_undone()
-> Result<(), GroundError> {
    let mut ground = Ground::new()?;
    ground.configure("[adaptation]\nenabled = true\n")?;
    ground.start_daemon()?;
    ground.camera_shows(&Scene::person(OBAMA))?;
    ground.enrol(ALICE)?;
    let adapted = |ground: &Ground| -> Result<bool, GroundError> {
        let run = ground.fpass_enroll("alice", &["list", "--json"])?;
        Ok(run.stdout.contains("\"adapted\": 1"))
    };
    assert!(!adapted(&ground)?);
    assert_eq!(ground.verify("alice", ALICE)?, answer("match"));
    assert!(!adapted(&ground)?, "a self-test changes nothing");
    assert_eq!(ground.verify("root", ALICE)?, answer("match"));
    fpass_tests::watch::wait_until("the sample", || adapted(&ground).unwrap_or(false));
    let run = ground.fpass_enroll("alice", &["adaptation", "reset"])?;
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(!adapted(&ground)?);
    Ok(())
}
