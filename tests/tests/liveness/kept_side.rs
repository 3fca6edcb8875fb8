//! The side that was drawn for a user stays until there is a verdict.

use std::collections::HashSet;

use fpass_proto::Prompt;
use fpass_tests::{ALICE, Login, Scene, Testbed, Transcript, scene::Course, stack};

use crate::{alice, failures, login, prompts, turning};

/// Attempts that see nobody end after this time.
const SHORT: &str = "[verification]\ntimeout_ms = 2000\n";
/// Most logins until something has happened that must happen.
const TRIES: usize = 60;

/// What a login asks for first.
fn first_prompt(transcript: &Transcript) -> Prompt {
    *prompts(transcript).first().unwrap()
}

/// What a login at a service asks of nobody.
fn asked_of_nobody(testbed: &mut Testbed, service: &str) -> Prompt {
    testbed.camera_shows(&Scene::nobody()).unwrap();
    let transcript = testbed.transact(&Login::of(service, ALICE)).unwrap();
    assert!(!transcript.admitted(), "{transcript:?}");
    assert_eq!(failures(testbed, ALICE), 0, "{transcript:?}");
    first_prompt(&transcript)
}

#[test]
fn attempts_that_show_nobody_are_asked_for_one_side_until_there_is_a_verdict() {
    let mut testbed = turning(SHORT);
    testbed.service("other-login", &stack::own("")).unwrap();
    let first = asked_of_nobody(&mut testbed, "fpass-test");
    for service in ["other-login", "fpass-test"].into_iter().cycle().take(8) {
        assert_eq!(asked_of_nobody(&mut testbed, service), first, "{service}");
    }
    // After a verdict the side is drawn again: both come in the end.
    let mut asked = HashSet::new();
    for _ in 0..TRIES {
        let transcript = login(&mut testbed, |side| alice(Course::Turn(side)));
        if asked.is_empty() {
            assert_eq!(first_prompt(&transcript), first, "{transcript:?}");
        }
        asked.insert(first_prompt(&transcript));
        if asked.len() == 2 {
            return;
        }
        testbed.fpass_enroll("root", &["unlock", "--user", ALICE.name]).unwrap();
    }
    panic!("only one side was ever asked for");
}

#[test]
fn verdicts_on_the_users_own_attempts_change_no_side_of_a_login() {
    let mut testbed = turning(SHORT);
    let first = asked_of_nobody(&mut testbed, "fpass-test");
    for _ in 0..5 {
        let listener = testbed.camera_listens(|side| alice(Course::Turn(side))).unwrap();
        let run = testbed.fpass_enroll_heard_by(ALICE.name, &["verify"], &listener).unwrap();
        assert!(run.stdout.contains("turn your head"), "{}{}", run.stdout, run.stderr);
        assert_eq!(asked_of_nobody(&mut testbed, "fpass-test"), first);
    }
}

#[test]
fn callers_who_race_hear_no_other_side() {
    let mut testbed = turning(SHORT);
    let first = asked_of_nobody(&mut testbed, "fpass-test");
    for _ in 0..3 {
        let login = Login::of("fpass-test", ALICE);
        let racing = [(); 2].map(|()| testbed.begin(&login).unwrap());
        // A waiting login ends it.
        testbed.fpass_enroll(ALICE.name, &["verify"]).unwrap();
        for transcript in racing.map(|login| login.finish().unwrap()) {
            // One that waits for too long hears nothing.
            let asked = prompts(&transcript).first().copied();
            assert!(asked.is_none_or(|asked| asked == first), "{transcript:?}");
        }
        assert_eq!(asked_of_nobody(&mut testbed, "fpass-test"), first);
    }
}

#[test]
fn somebody_whose_face_is_always_lost_is_asked_for_the_other_side_in_the_end() {
    let mut testbed = turning("");
    let mut asked = Vec::new();
    for _ in 0..TRIES {
        let transcript = login(&mut testbed, |side| alice(Course::LightsOut(side)));
        assert!(!transcript.admitted(), "{transcript:?}");
        asked.push(first_prompt(&transcript));
        let failed = failures(&testbed, ALICE);
        testbed.fpass_enroll("root", &["unlock", "--user", ALICE.name]).unwrap();
        if failed != 1 {
            // A verdict, after which a side is drawn anyway.
            asked.clear();
        }
        if let [first, .., last] = asked.as_slice() {
            if asked.len() <= 3 {
                assert_eq!(first, last, "{transcript:?}");
            } else if first != last {
                return;
            }
        }
    }
    panic!("one side was asked for at all times");
}
