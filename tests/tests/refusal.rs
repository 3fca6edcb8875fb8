//! Names, templates and files that must be refused, each with its own error, by a daemon that
//! lives on.

use fpass_proto::names;
use fpass_tests::{
    ALICE, BOB, Ground, GroundError, Reply, Scene,
    scene::{BIDEN, OBAMA},
};

/// A machine on which alice and bob are enrolled, and alice sits before the camera.
fn with_two() -> Result<Ground, GroundError> {
    let mut ground = Ground::new()?;
    ground.start_daemon()?;
    ground.camera_shows(&Scene::person(BIDEN))?;
    ground.enrol(BOB)?;
    ground.camera_shows(&Scene::person(OBAMA))?;
    ground.enrol(ALICE)?;
    Ok(ground)
}

#[test]
fn hostile_names_are_refused_and_the_daemon_lives_on() -> Result<(), GroundError> {
    let mut ground = with_two()?;
    let long = "a".repeat(300);
    for name in ["../root", "", "..", "-x", "a b", &long] {
        let arguments = [
            &format!("uint32:{}", ALICE.uid),
            &format!("string:{name}"),
            "string:login",
            "string:tty1",
            "uint32:5000",
        ]
        .map(ToString::to_string);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let reply = ground.call("root", names::VERIFICATION_INTERFACE, "Verify", &arguments)?;
        let refusal = "org.fpass.Fpass1.Error.InvalidArgument";
        assert_eq!(reply, Reply::Error(refusal.to_owned()), "{name}");
    }
    let unknown = [
        &format!("uint32:{}", ALICE.uid),
        "string:mallory",
        "string:login",
        "string:tty1",
        "uint32:5000",
    ];
    let reply = ground.call("root", names::VERIFICATION_INTERFACE, "Verify", &unknown)?;
    assert_eq!(reply, Reply::Error("org.fpass.Fpass1.Error.UnknownUser".to_owned()));
    assert!(ground.daemon_lives());
    assert_eq!(ground.verify("root", ALICE)?, Reply::Answer("match".to_owned()));
    Ok(())
}
