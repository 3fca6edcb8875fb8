//! What a caller is told while an attempt runs: to itself alone, and the same for everybody's face.

use fpass_proto::FaceFeedback;
use fpass_tests::{
    ALICE, Scene, Testbed,
    scene::{BIDEN, OBAMA},
    tree,
};

/// The words that alice's program is told during a self-test, and its result, with what the camera
/// shows. Another connection of alice that asks for every such signal gets none.
fn told(testbed: &mut Testbed, scene: &Scene) -> (Vec<FaceFeedback>, String) {
    testbed.camera_shows(scene).unwrap();
    let viewer = tree::install("viewer").unwrap();
    let run = testbed.run("alice", &viewer, &[ALICE.name, "verification"]).unwrap();
    let mut words: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(words.pop(), Some("twin 0"), "{run:?}");
    let result = words.pop().and_then(|line| line.strip_prefix("result ")).unwrap().to_owned();
    let parse = |line: &&str| FaceFeedback::parse(line.strip_prefix("sees ").unwrap()).unwrap();
    (words.iter().map(parse).collect(), result)
}

#[test]
fn the_user_and_a_stranger_are_told_the_same_and_conditions_have_their_words() {
    let mut testbed = Testbed::with_alice().unwrap();
    let (user, matched) = told(&mut testbed, &Scene::person(OBAMA));
    let (stranger, refused) = told(&mut testbed, &Scene::person(BIDEN));
    assert_eq!((matched.as_str(), refused.as_str()), ("match", "no-match"));
    assert_eq!(user, [FaceFeedback::Scanning]);
    assert_eq!(user, stranger);
    let (two, _) = told(&mut testbed, &Scene::two_people(OBAMA, BIDEN));
    assert_eq!(two, [FaceFeedback::SeveralFaces]);
    let (none, _) = told(&mut testbed, &Scene::nobody());
    assert_eq!(none, [FaceFeedback::Scanning], "nobody was there before");
}
