//! A head that turns in front of the camera.

use fpass_proto::Prompt;
use fpass_tests::{
    ALICE, Scene,
    scene::{BIDEN, Course},
};

use crate::{alice, failures, login, prompts, refused, turning};

/// What the module says when a face is not the user's.
pub(crate) const NO_MATCH: &str =
    "Your face was not recognised; look at the camera, follow each request and try again.";

#[test]
fn a_person_who_turns_as_asked_is_admitted() {
    let mut testbed = turning("");
    for _ in 0..3 {
        let transcript = login(&mut testbed, |side| alice(Course::Turn(side)));
        assert!(transcript.admitted(), "{transcript:?}");
        assert_eq!(failures(&testbed, ALICE), 0);
    }
}

#[test]
fn three_prompts_are_followed_one_after_the_other() {
    let mut testbed = turning("[liveness]\nmode = \"strict\"\n");
    testbed.service("fpass-test", &fpass_tests::stack::own("timeout=40")).unwrap();
    let listener = testbed.camera_listens(|side| alice(Course::Turn(side))).unwrap();
    let login = fpass_tests::Login::of("fpass-test", ALICE).heard_by(&listener);
    let transcript = testbed.transact(&login).unwrap();
    // The scene goes on turning when it must be still: then it has moved.
    let asked = prompts(&transcript);
    let still = asked.contains(&Prompt::HoldStill);
    if transcript.admitted() {
        assert!(asked.len() >= 3, "{transcript:?}");
    } else {
        assert!(still, "{transcript:?}");
    }
}

#[test]
fn a_turn_to_the_wrong_side_a_stranger_and_a_picture_hear_the_same() {
    let mut testbed = turning("");
    refused(&mut testbed, |side| alice(Course::Turn(side.opposite())), (NO_MATCH, 2));
    // His picture is of a head that is turned to the other side, which turns far only to the left.
    for _ in 0..8 {
        let transcript = login(&mut testbed, |side| Scene::course(BIDEN, Course::Turn(side)));
        assert!(!transcript.admitted(), "{transcript:?}");
        if prompts(&transcript).first() == Some(&Prompt::LookThenTurnLeft) {
            assert_eq!(transcript.sentence(), NO_MATCH, "{transcript:?}");
            return;
        }
        testbed.fpass_enroll("root", &["unlock", "--user", ALICE.name]).unwrap();
        // Without a verdict the right side would be asked for again.
        refused(&mut testbed, |side| alice(Course::Turn(side.opposite())), (NO_MATCH, 2));
    }
    panic!("the left side was never asked for");
}
