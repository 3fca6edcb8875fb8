//! A turn of the head at a login: a person who turns as asked is admitted, and nothing else is.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this program is tests"
)]

mod attacks;
mod elsewhere;
mod fresh;
mod kept_side;
mod person;

use fpass_proto::Prompt;
use fpass_tests::{
    ALICE, Account, Login, Scene, Testbed, Transcript,
    scene::{Course, OBAMA, Side},
};

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

/// The prompts of a login.
fn prompts(transcript: &Transcript) -> Vec<Prompt> {
    let said = |text: &str| {
        let matches =
            |prompt: &&Prompt| [prompt.sentence(), prompt.short_sentence()].contains(&text);
        Prompt::ALL.iter().find(matches).copied()
    };
    transcript.messages.iter().filter_map(|message| said(&message.text)).collect()
}

/// Failures of a user's logins, as the user sees them.
fn failures(testbed: &Testbed, account: Account) -> u64 {
    let run = testbed.fpass_enroll(account.name, &["status", "--json"]).unwrap();
    let status: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    status["attempts"]["logins"]["failures"].as_u64().unwrap()
}

/// A login of alice while this happens in front of the camera once a side was asked for.
fn login(testbed: &mut Testbed, scene: impl Fn(Side) -> Scene) -> Transcript {
    let listener = testbed.camera_listens(scene).unwrap();
    let transcript = testbed.transact(&Login::of("fpass-test", ALICE).heard_by(&listener)).unwrap();
    let first = prompts(&transcript).first().copied();
    assert!(
        matches!(first, Some(Prompt::LookThenTurnLeft | Prompt::LookThenTurnRight)),
        "{transcript:?}"
    );
    transcript
}

/// Checks that such a login is refused with a sentence and a number of failures, and forgives it.
fn refused(
    testbed: &mut Testbed,
    scene: impl Fn(Side) -> Scene,
    (sentence, failed): (&str, u64),
) -> Transcript {
    let transcript = login(testbed, scene);
    assert!(!transcript.admitted(), "{transcript:?}");
    assert_eq!(transcript.sentence(), sentence, "{transcript:?}");
    assert_eq!(failures(testbed, ALICE), failed, "{transcript:?}");
    let run = testbed.fpass_enroll("root", &["unlock", "--user", ALICE.name]).unwrap();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    transcript
}

fn alice(course: Course) -> Scene {
    Scene::course(OBAMA, course)
}
