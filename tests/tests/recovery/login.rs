//! Logins through libpam: when the module asks for a code, and the result.

use std::fs;

use fpass_proto::{Refusal, Verdict};
use fpass_tests::{ALICE, Reply, Scene, Testbed, Transcript, scene::BIDEN, scene::OBAMA, stack};

use crate::{QUESTION, SERVICE, STORE, altered, codes, left, types, unplug_the_camera, with_alice};

fn asked(transcript: &Transcript) -> usize {
    let questions = transcript.messages.iter().filter(|m| m.text.starts_with(QUESTION));
    questions.inspect(|m| assert_eq!(m.style, 1, "typed in the open")).count()
}

/// A login that is refused, with its code's name and the last sentence.
fn refused(
    testbed: &Testbed,
    service: &str,
    code: &str,
    questions: usize,
) -> (&'static str, String) {
    let transcript = testbed.transact(&types(service, code)).unwrap();
    assert!(!transcript.admitted(), "{transcript:?}");
    assert_eq!(asked(&transcript), questions, "{transcript:?}");
    (transcript.code_name(), transcript.sentence().to_owned())
}

fn admitted(testbed: &Testbed, code: &str) -> Transcript {
    let transcript = testbed.transact(&types(SERVICE, code)).unwrap();
    assert!(transcript.admitted() && asked(&transcript) == 1, "{transcript:?}");
    assert_eq!(transcript.threads, (1, 1), "{transcript:?}");
    assert_eq!(transcript.descriptors.0, transcript.descriptors.1, "{transcript:?}");
    assert_eq!(transcript.stray_output, "");
    transcript
}

#[test]
fn without_a_camera_a_code_lets_in_once_and_not_twice() {
    let mut testbed = with_alice();
    unplug_the_camera();
    let failed = ("PAM_AUTHINFO_UNAVAIL", Refusal::CameraFailed.sentence().to_owned());
    assert_eq!(refused(&testbed, SERVICE, "", 0), failed, "there are no codes");
    let codes = codes(&testbed, ALICE);
    assert_eq!(refused(&testbed, "fpass-test", &codes[0], 0), failed, "the line does not say so");
    assert_eq!(refused(&testbed, SERVICE, "", 1), failed, "given up");
    let wrong = ("PAM_AUTH_ERR", Refusal::RecoveryRefused.sentence().to_owned());
    assert_eq!(refused(&testbed, SERVICE, &altered(&codes[0]), 1), wrong);
    assert_eq!(refused(&testbed, SERVICE, "no code", 1), wrong);
    assert_eq!(left(&testbed, ALICE), 10);

    let transcript = admitted(&testbed, &codes[0]);
    let told: Vec<&str> = transcript.messages.iter().map(|m| m.text.as_str()).collect();
    let reason = told.iter().position(|text| *text == Refusal::CameraFailed.sentence()).unwrap();
    assert!(told[reason + 1].starts_with(QUESTION), "{told:?}");
    assert_eq!(refused(&testbed, SERVICE, &codes[0], 1), wrong, "twice");
    assert_eq!(left(&testbed, ALICE), 9);

    // With a working camera no code is asked for.
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    let transcript = testbed.transact(&types(SERVICE, &codes[1])).unwrap();
    assert!(transcript.admitted() && asked(&transcript) == 0, "{transcript:?}");
}

#[test]
fn a_code_does_not_make_up_for_a_wrong_password_and_is_not_asked_from_afar() {
    let testbed = with_alice();
    let codes = codes(&testbed, ALICE);
    unplug_the_camera();
    let wrong = types(SERVICE, &codes[0]).with(|request| {
        request.conversation =
            fpass_tests::pam::Conversation::Answers(vec!["guess".to_owned(), codes[0].clone()]);
    });
    let remote = types(SERVICE, &codes[0]).with(|r| r.rhost = Some("192.0.2.7".to_owned()));
    let elsewhere = types(SERVICE, &codes[0]).run_as("alice");
    for login in [wrong, remote, elsewhere] {
        let transcript = testbed.transact(&login).unwrap();
        assert!(!transcript.admitted() && asked(&transcript) == 0, "{transcript:?}");
    }
    assert_eq!(left(&testbed, ALICE), 10);
}

#[test]
fn a_locked_out_user_gets_in_by_a_code_and_is_no_longer_locked_out() {
    let mut testbed = with_alice();
    let codes = codes(&testbed, ALICE);
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    let no_match = Reply::verdict(Verdict::NoMatch);
    for _ in 0..5 {
        assert_eq!(testbed.verify("root", ALICE).unwrap(), no_match);
    }
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    let locked = ("PAM_MAXTRIES", Refusal::LockedOut.sentence().to_owned());
    assert_eq!(refused(&testbed, SERVICE, "", 1), locked);
    admitted(&testbed, &codes[7]);
    assert_eq!(testbed.verify("root", ALICE).unwrap(), Reply::matched());
}

#[test]
fn a_lost_key_and_an_altered_template_take_no_code_along() {
    let testbed = with_alice();
    let codes = codes(&testbed, ALICE);
    fs::rename(format!("{STORE}/key"), format!("{STORE}/.key")).unwrap();
    admitted(&testbed, &codes[0]);
    fs::rename(format!("{STORE}/.key"), format!("{STORE}/key")).unwrap();
    let record = format!("{STORE}/{}.fpass", ALICE.uid);
    let mut bytes = fs::read(&record).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&record, bytes).unwrap();
    admitted(&testbed, &codes[1]);
}

#[test]
fn under_pam_silent_the_question_is_the_only_word_of_ours() {
    let testbed = with_alice();
    let codes = codes(&testbed, ALICE);
    unplug_the_camera();
    let transcript =
        testbed.transact(&types(SERVICE, &codes[0]).with(|request| request.silent = true)).unwrap();
    assert!(transcript.admitted() && asked(&transcript) == 1, "{transcript:?}");
    assert_eq!(transcript.sentence(), "");
}

#[test]
fn a_line_that_asks_and_is_quiet_refuses_everybody() {
    let mut testbed = with_alice();
    testbed.service("contradiction", &stack::own("recovery quiet")).unwrap();
    assert_eq!(refused(&testbed, "contradiction", "", 0).0, "PAM_SERVICE_ERR");
}
