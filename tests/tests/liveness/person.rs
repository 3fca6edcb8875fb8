//! The person of the F-pass turns.

use fpass_tests::{
    Scene,
    scene::{BIDEN, Course, Side},
};

use crate::{alice, attempts, turning};

/// What the module says when a face is not the user's.
pub(crate) const NO_MATCH: &str =
    "Your face was not recognised; look straight at the camera and try again.";

#[test]
fn a_person_who_turns_as_asked_is_admitted_and_the_other_way_is_no_match() {
    let mut testbed = turning("");
    for side in [Side::Left, Side::Right] {
        for attempt in attempts(&mut testbed, &alice(Course::Turn(side))) {
            assert_eq!(attempt.admitted, attempt.asked == side, "{side:?} {:?}", attempt.sentence);
            assert_eq!(attempt.prompts, 1, "{side:?}");
            let failures = if attempt.asked == side { 0 } else { 2 };
            assert_eq!(attempt.failures, failures, "{side:?}");
        }
    }
}

#[test]
fn a_stranger_hears_what_a_picture_of_the_user_hears() {
    let mut testbed = turning("");
    let stranger = Scene::course(BIDEN, Course::Turn(Side::Left));
    let strangers = attempts(&mut testbed, &stranger);
    let wrong_way = attempts(&mut testbed, &alice(Course::Turn(Side::Right)));
    let wrong_way = wrong_way.iter().find(|attempt| attempt.asked == Side::Left).unwrap();
    for attempt in strangers {
        assert!(!attempt.admitted);
        assert_eq!(attempt.prompts, 1);
        assert_eq!(attempt.sentence, wrong_way.sentence);
        // One who turned as asked is a person, and no attack.
        let failures = if attempt.asked == Side::Left { 1 } else { 2 };
        assert_eq!(attempt.failures, failures);
    }
}
