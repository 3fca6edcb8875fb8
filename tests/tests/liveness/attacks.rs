//! What is held up instead of the person, or comes to that person's aid.

use fpass_proto::Refusal;
use fpass_tests::scene::{BIDEN, Course, Side};

use crate::{alice, person::NO_MATCH, refused, refused_once, sentence, turning};

#[test]
fn a_face_that_does_not_turn_is_asked_twice_and_refused() {
    refused_once(&mut turning(""), &alice(Course::Still), NO_MATCH, 2);
}

#[test]
fn a_print_that_is_tilted_or_moved_is_refused() {
    let mut testbed = turning("");
    refused_once(&mut testbed, &alice(Course::TiltedPrint(Side::Left)), NO_MATCH, 2);
    refused_once(&mut testbed, &alice(Course::MovedPrint(Side::Right)), NO_MATCH, 2);
}

#[test]
fn another_person_who_turns_after_the_neutral_frame_is_refused() {
    let mut testbed = turning("");
    refused(&mut testbed, &alice(Course::Exchanged(Side::Left, BIDEN)), NO_MATCH, 2);
}

#[test]
fn a_second_face_during_the_turn_is_refused_and_no_attack() {
    let mut testbed = turning("");
    let scene = alice(Course::SecondFace(Side::Left, BIDEN));
    refused_once(&mut testbed, &scene, sentence(Refusal::SeveralFaces), 1);
}

#[test]
fn a_light_that_goes_out_during_the_turn_is_darkness_and_no_attack() {
    let mut testbed = turning("");
    refused_once(
        &mut testbed,
        &alice(Course::LightsOut(Side::Left)),
        sentence(Refusal::TooDark),
        1,
    );
}
