//! A turn of the head at a login: a person who turns as asked is admitted, and nothing else is.
//!
//! The daemon chooses the direction at random, and a recording cannot hear it. So each scene is
//! shown until both directions were asked for.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this program is tests"
)]

mod attacks;
mod elsewhere;
mod person;

use fpass_proto::{Prompt, Refusal};
use fpass_tests::{
    ALICE, Account, Login, Scene, Testbed,
    pam::Transcript,
    scene::{OBAMA, Side},
};

/// Attempts after which both directions must have been asked for: one in 2^15 runs fails.
const ATTEMPTS_MAX: u32 = 16;

/// A running machine on which alice is enrolled. Logins ask for a turn of the head.
fn turning(sections: &str) -> Testbed {
    let mut testbed = Testbed::with_alice().unwrap();
    ask_for_turns(&mut testbed, sections);
    testbed
}

fn ask_for_turns(testbed: &mut Testbed, sections: &str) {
    testbed.configure_turning(sections).unwrap();
    testbed.stop_daemon().unwrap();
    testbed.start_daemon().unwrap();
}

/// The direction of the first prompt of a login, and how many prompts there were.
fn asked(transcript: &Transcript) -> (Side, usize) {
    let prompts: Vec<Prompt> = transcript
        .messages
        .iter()
        .filter_map(|message| {
            let said = |prompt: &&Prompt| {
                [prompt.sentence(), prompt.short_sentence()].contains(&message.text.as_str())
            };
            Prompt::ALL.iter().find(said).copied()
        })
        .collect();
    let side = match prompts.first() {
        Some(Prompt::LookThenTurnLeft) => Side::Left,
        Some(Prompt::LookThenTurnRight) => Side::Right,
        _ => panic!("{transcript:?}"),
    };
    (side, prompts.len())
}

/// Failures of a user's logins, as the user sees them.
fn failures(testbed: &Testbed, account: Account) -> u64 {
    let run = testbed.fpass_enroll(account.name, &["status", "--json"]).unwrap();
    let status: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    status["attempts"]["logins"]["failures"].as_u64().unwrap()
}

fn forgive(testbed: &Testbed) {
    let run = testbed.fpass_enroll("root", &["unlock", "--user", ALICE.name]).unwrap();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}

/// A login of alice that was asked for one direction.
struct Attempt {
    asked: Side,
    prompts: usize,
    admitted: bool,
    sentence: String,
    failures: u64,
}

/// Logins with a scene, until both directions were asked for first.
fn attempts(testbed: &mut Testbed, scene: &Scene) -> Vec<Attempt> {
    testbed.camera_shows(scene).unwrap();
    let mut made: Vec<Attempt> = Vec::new();
    for _ in 0..ATTEMPTS_MAX {
        let login = Login::of("fpass-test", ALICE);
        let transcript = testbed.transact(&login).unwrap();
        let (side, prompts) = asked(&transcript);
        made.push(Attempt {
            asked: side,
            prompts,
            admitted: transcript.admitted(),
            sentence: transcript.sentence().to_owned(),
            failures: failures(testbed, ALICE),
        });
        forgive(testbed);
        if [Side::Left, Side::Right].iter().all(|side| made.iter().any(|it| it.asked == *side)) {
            return made;
        }
    }
    panic!("one direction was never asked for");
}

/// Checks that a scene is refused, whatever is asked for.
fn refused_once(testbed: &mut Testbed, scene: &Scene, sentence: &str, failed: u64) {
    testbed.camera_shows(scene).unwrap();
    let transcript = testbed.transact(&Login::of("fpass-test", ALICE)).unwrap();
    assert!(!transcript.admitted(), "{transcript:?}");
    assert_eq!(transcript.sentence(), sentence, "{scene:?}");
    assert_eq!(failures(testbed, ALICE), failed, "{scene:?}");
    forgive(testbed);
}

/// Checks that a scene is refused in the same way whichever side was asked for.
fn refused(testbed: &mut Testbed, scene: &Scene, sentence: &str, failures: u64) {
    for attempt in attempts(testbed, scene) {
        let Attempt { asked, admitted, .. } = attempt;
        assert!(!admitted, "{scene:?} {asked:?}");
        assert_eq!(attempt.sentence, sentence, "{scene:?} {asked:?}");
        assert_eq!(attempt.failures, failures, "{scene:?} {asked:?}");
    }
}

fn sentence(refusal: Refusal) -> &'static str {
    refusal.sentence()
}

fn alice(course: fpass_tests::scene::Course) -> Scene {
    Scene::course(OBAMA, course)
}
