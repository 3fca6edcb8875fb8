//! A camera that stands upside down: what is enrolled and compared is an upright face.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "clippy knows the functions between the tests as production code"
)]

use fpass_proto::{Refusal, Verdict};
use fpass_tests::{
    ALICE, Account, BOB, Reply, Scene, Testbed, TestbedError,
    scene::{BIDEN, OBAMA},
};

/// A daemon with `camera.rotation`.
fn turned_by(rotation: &str) -> Testbed {
    let mut testbed = Testbed::new().unwrap();
    testbed.configure(&format!("rotation = {rotation}\n")).unwrap();
    testbed.start_daemon().unwrap();
    testbed
}

/// The same with a short time for an enrolment: only for tests in which nobody enrols. On a slow
/// machine an enrolment that succeeds takes longer.
fn turned_by_and_soon_over(rotation: &str) -> Testbed {
    let mut testbed = Testbed::new().unwrap();
    let sections = format!("rotation = {rotation}\n[enrolment]\ntimeout_ms = 8000\n");
    testbed.configure(&sections).unwrap();
    testbed.start_daemon().unwrap();
    testbed
}

/// The sentence with which an enrolment is refused.
fn refused_enrolment(testbed: &Testbed, account: Account) -> String {
    match testbed.enrol(account) {
        Err(TestbedError::Command { code, output, .. }) => {
            assert_eq!(code, Some(5), "{output}");
            output
        }
        other => panic!("{other:?}"),
    }
}

/// Attempts that are counted.
fn failures(testbed: &Testbed) -> u64 {
    let run = testbed.fpass_enroll("alice", &["status", "--json"]).unwrap();
    let status: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    status.pointer("/attempts/logins/failures").and_then(serde_json::Value::as_u64).unwrap()
}

#[test]
fn upside_down_nobody_enrols_is_compared_or_counted() {
    let mut testbed = turned_by_and_soon_over("0");
    let upside_down = Scene::person(OBAMA).upside_down();
    testbed.camera_shows(&upside_down).unwrap();
    let output = refused_enrolment(&testbed, ALICE);
    assert!(output.contains(Refusal::NotUpright.sentence()), "{output}");
    assert!(output.contains("The picture is upside down"), "the hint: {output}");
    assert_eq!(testbed.verify("root", ALICE).unwrap(), Reply::refused(Refusal::NeverEnrolled));

    testbed.stop_daemon().unwrap();
    testbed.configure("rotation = 0\n").unwrap();
    testbed.start_daemon().unwrap();
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    testbed.enrol(ALICE).unwrap();
    for scene in [upside_down, Scene::person(BIDEN).upside_down()] {
        testbed.camera_shows(&scene).unwrap();
        let reply = testbed.verify("root", ALICE).unwrap();
        assert_eq!(reply, Reply::refused(Refusal::NotUpright), "{scene:?}");
    }
    assert_eq!(failures(&testbed), 0);
}

#[test]
fn with_a_rotation_the_owner_is_recognised_and_another_person_is_not() {
    let mut testbed = turned_by("180");
    testbed.camera_shows(&Scene::person(OBAMA).upside_down()).unwrap();
    testbed.enrol(ALICE).unwrap();
    assert_eq!(testbed.verify("root", ALICE).unwrap(), Reply::matched());
    testbed.camera_shows(&Scene::person(BIDEN).upside_down()).unwrap();
    let reply = testbed.verify("root", ALICE).unwrap();
    assert_eq!(reply, Reply::verdict(Verdict::NoMatch));
}

#[test]
fn the_rotation_is_found_at_the_enrolment_and_noted_in_the_template() {
    let mut testbed = turned_by("\"auto\"");
    testbed.camera_shows(&Scene::person(OBAMA).upside_down()).unwrap();
    testbed.enrol(ALICE).unwrap();
    testbed.stop_daemon().unwrap();
    testbed.start_daemon().unwrap();
    assert_eq!(testbed.verify("root", ALICE).unwrap(), Reply::matched());
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    let reply = testbed.verify("root", ALICE).unwrap();
    assert_eq!(reply, Reply::refused(Refusal::NotUpright), "turned by what the template notes");
    testbed.enrol(BOB).unwrap();
    assert_eq!(testbed.verify("root", BOB).unwrap(), Reply::matched(), "each has an own note");
}

mod shared {
    use std::path::Path;
    use std::process::Command;

    use super::*;

    /// Unpacks a clip for the camera.
    fn show(testbed: &mut Testbed, name: &str) {
        let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/clips");
        let unpacked = Path::new("/run/testbed/unpacked.y4m");
        let ffmpeg = Command::new("ffmpeg")
            .args(["-v", "error", "-y", "-nostdin", "-i"])
            .arg(clip.join(name))
            .args(["-pix_fmt", "yuv420p"])
            .arg(unpacked)
            .status();
        assert!(ffmpeg.expect("ffmpeg; scripts/system-packages installs it").success());
        testbed.camera_plays(unpacked).unwrap();
    }

    #[test]
    fn a_clip_that_is_upside_down_does_not_enrol_without_a_rotation() {
        let mut testbed = turned_by_and_soon_over("0");
        show(&mut testbed, "obama-180.mp4");
        let output = refused_enrolment(&testbed, ALICE);
        assert!(output.contains(Refusal::NotUpright.sentence()), "{output}");
    }

    /// The person of one clip enrols, and the person of the other clip is refused.
    fn one_enrols_and_the_other_is_refused(rotation: &str) {
        let mut testbed = turned_by(rotation);
        show(&mut testbed, "obama-180.mp4");
        testbed.enrol(ALICE).unwrap();
        assert_eq!(testbed.verify("root", ALICE).unwrap(), Reply::matched(), "{rotation}");
        show(&mut testbed, "biden-180.mp4");
        let reply = testbed.verify("root", ALICE).unwrap();
        assert_eq!(reply, Reply::verdict(Verdict::NoMatch), "{rotation}");
    }

    #[test]
    fn a_clip_that_is_upside_down_enrols_with_its_rotation() {
        one_enrols_and_the_other_is_refused("180");
    }

    #[test]
    fn a_clip_that_is_upside_down_enrols_with_the_rotation_that_is_found() {
        one_enrols_and_the_other_is_refused("\"auto\"");
    }
}
