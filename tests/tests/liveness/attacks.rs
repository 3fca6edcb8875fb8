//! What is held up instead of the person, or comes to that person's aid.

use fpass_proto::Refusal;
use fpass_tests::{
    ALICE,
    scene::{BIDEN, Course},
};

use crate::{alice, failures, login, person::NO_MATCH, prompts, refused, turning};

#[test]
fn a_face_that_does_not_turn_is_asked_twice_and_refused() {
    let transcript = refused(&mut turning(""), |_| alice(Course::Still), (NO_MATCH, 2));
    // A starved camera can begin a prompt again.
    assert!((2..=4).contains(&prompts(&transcript).len()), "{transcript:?}");
}

#[test]
fn a_print_that_is_tilted_is_refused() {
    refused(&mut turning(""), |side| alice(Course::TiltedPrint(side)), (NO_MATCH, 2));
}

#[test]
fn a_print_that_is_moved_is_refused() {
    refused(&mut turning(""), |side| alice(Course::MovedPrint(side)), (NO_MATCH, 2));
}

#[test]
fn another_person_who_turns_after_the_neutral_frame_is_refused() {
    let mut testbed = turning("");
    let transcript = login(&mut testbed, |side| alice(Course::Exchanged(side, BIDEN)));
    assert!(!transcript.admitted(), "{transcript:?}");
    // His picture is of a turned head: turned further, it may be lost, which is no attack.
    assert!((1..=2).contains(&failures(&testbed, ALICE)), "{transcript:?}");
}

#[test]
fn a_second_face_during_the_turn_is_refused_and_no_attack() {
    let scene = |side| alice(Course::SecondFace(side, BIDEN));
    refused(&mut turning(""), scene, (Refusal::SeveralFaces.sentence(), 1));
}

#[test]
fn a_light_that_goes_out_during_the_turn_is_darkness_and_no_attack() {
    let scene = |side| alice(Course::LightsOut(side));
    refused(&mut turning(""), scene, (Refusal::TooDark.sentence(), 1));
}
