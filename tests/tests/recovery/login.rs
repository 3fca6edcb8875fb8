//! Logins through libpam: when the module asks for a code, and what comes of it.

use std::fs;

use fpass_proto::{Refusal, Verdict};
use fpass_tests::{ALICE, Ground, Reply, Scene, Transcript, scene::BIDEN, scene::OBAMA, stack};

use crate::{QUESTION, SERVICE, STORE, altered, codes, left, types, unplug_the_camera, with_alice};

fn asked(transcript: &Transcript) -> usize {
    let questions = transcript.messages.iter().filter(|m| m.text.starts_with(QUESTION));
    questions.inspect(|m| assert_eq!(m.style, 1, "typed in the open")).count()
}

/// A login that is refused, with its code's name and the last sentence.
fn refused(ground: &Ground, service: &str, code: &str, questions: usize) -> (&'static str, String) {
    let transcript = ground.transact(&types(service, code)).unwrap();
    assert!(!transcript.admitted(), "{transcript:?}");
    assert_eq!(asked(&transcript), questions, "{transcript:?}");
    (transcript.code_name(), transcript.sentence().to_owned())
}

fn admitted(ground: &Ground, code: &str) -> Transcript {
    let transcript = ground.transact(&types(SERVICE, code)).unwrap();
    assert!(transcript.admitted() && asked(&transcript) == 1, "{transcript:?}");
    assert_eq!(transcript.threads, (1, 1), "{transcript:?}");
    assert_eq!(transcript.descriptors.0, transcript.descriptors.1, "{transcript:?}");
    assert_eq!(transcript.stray_output, "");
    transcript
}

#[test]
fn without_a_camera_a_code_lets_in_once_and_not_twice() {
    let mut ground = with_alice();
    unplug_the_camera();
    let failed = ("PAM_AUTHINFO_UNAVAIL", Refusal::CameraFailed.sentence().to_owned());
    assert_eq!(refused(&ground, SERVICE, "", 0), failed, "there are no codes");
    let codes = codes(&ground, ALICE);
    assert_eq!(refused(&ground, "fpass-test", &codes[0], 0), failed, "the line does not say so");
    assert_eq!(refused(&ground, SERVICE, "", 1), failed, "given up");
    let wrong = ("PAM_AUTH_ERR", Refusal::RecoveryRefused.sentence().to_owned());
    assert_eq!(refused(&ground, SERVICE, &altered(&codes[0]), 1), wrong);
    assert_eq!(refused(&ground, SERVICE, "no code", 1), wrong);
    assert_eq!(left(&ground, ALICE), 10);

    let transcript = admitted(&ground, &codes[0]);
    let told: Vec<&str> = transcript.messages.iter().map(|m| m.text.as_str()).collect();
    let reason = told.iter().position(|text| *text == Refusal::CameraFailed.sentence()).unwrap();
    assert!(told[reason + 1].starts_with(QUESTION), "{told:?}");
    assert_eq!(refused(&ground, SERVICE, &codes[0], 1), wrong, "twice");
    assert_eq!(left(&ground, ALICE), 9);

    // With the camera back nobody is asked.
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
    let transcript = ground.transact(&types(SERVICE, &codes[1])).unwrap();
    assert!(transcript.admitted() && asked(&transcript) == 0, "{transcript:?}");
}

#[test]
fn a_code_does_not_make_up_for_a_wrong_password_and_is_not_asked_from_afar() {
    let ground = with_alice();
    let codes = codes(&ground, ALICE);
    unplug_the_camera();
    let wrong = types(SERVICE, &codes[0]).with(|request| {
        request.conversation =
            fpass_tests::pam::Conversation::Answers(vec!["guess".to_owned(), codes[0].clone()]);
    });
    let remote = types(SERVICE, &codes[0]).with(|r| r.rhost = Some("192.0.2.7".to_owned()));
    let elsewhere = types(SERVICE, &codes[0]).run_as("alice");
    for login in [wrong, remote, elsewhere] {
        let transcript = ground.transact(&login).unwrap();
        assert!(!transcript.admitted() && asked(&transcript) == 0, "{transcript:?}");
    }
    assert_eq!(left(&ground, ALICE), 10);
}

#[test]
fn whoever_is_locked_out_gets_in_by_a_code_and_is_locked_out_no_more() {
    let mut ground = with_alice();
    let codes = codes(&ground, ALICE);
    ground.camera_shows(&Scene::person(BIDEN)).unwrap();
    let no_match = Reply::Answer(Verdict::NoMatch.as_str().to_owned());
    for _ in 0..5 {
        assert_eq!(ground.verify("root", ALICE).unwrap(), no_match);
    }
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
    let locked = ("PAM_MAXTRIES", Refusal::LockedOut.sentence().to_owned());
    assert_eq!(refused(&ground, SERVICE, "", 1), locked);
    admitted(&ground, &codes[7]);
    let matched = Reply::Answer(Verdict::Match.as_str().to_owned());
    assert_eq!(ground.verify("root", ALICE).unwrap(), matched);
}

#[test]
fn a_lost_key_and_an_altered_template_take_no_code_along() {
    let ground = with_alice();
    let codes = codes(&ground, ALICE);
    fs::rename(format!("{STORE}/key"), format!("{STORE}/.key")).unwrap();
    admitted(&ground, &codes[0]);
    fs::rename(format!("{STORE}/.key"), format!("{STORE}/key")).unwrap();
    let record = format!("{STORE}/{}.fpass", ALICE.uid);
    let mut bytes = fs::read(&record).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&record, bytes).unwrap();
    admitted(&ground, &codes[1]);
}

#[test]
fn under_pam_silent_the_question_is_the_only_word_of_ours() {
    let ground = with_alice();
    let codes = codes(&ground, ALICE);
    unplug_the_camera();
    let transcript =
        ground.transact(&types(SERVICE, &codes[0]).with(|request| request.silent = true)).unwrap();
    assert!(transcript.admitted() && asked(&transcript) == 1, "{transcript:?}");
    assert_eq!(transcript.sentence(), "");
}

#[test]
fn a_line_that_asks_and_is_quiet_refuses_everybody() {
    let mut ground = with_alice();
    ground.service("contradiction", &stack::own("recovery quiet")).unwrap();
    assert_eq!(refused(&ground, "contradiction", "", 0).0, "PAM_SERVICE_ERR");
}
