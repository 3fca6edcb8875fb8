//! Set-ups that succeed, and their messages.

use fpass_tests::{
    CAROL, Login, Scene,
    pam::{Call, Conversation},
    scene::{BIDEN, OBAMA, OBAMA_SPEAKING},
    stack,
};

use crate::{LOGIN, carol, codes, state, with_carol};

#[test]
fn the_first_login_sets_up_and_the_next_ones_need_the_face() {
    let mut testbed = with_carol();
    let first = testbed.transact(&carol(&LOGIN, &[CAROL.password])).unwrap();
    let answers: Vec<i32> = first.answers.iter().map(|answer| answer.code).collect();
    assert_eq!(answers, [0, 12, 0], "{first:?}");
    let told: Vec<&str> = first.messages.iter().map(|message| message.text.as_str()).collect();
    assert!(told.iter().any(|text| text.starts_with("You must set up an F-pass")), "{told:?}");
    assert!(told.iter().any(|text| text.starts_with("1 of 7: ")), "{told:?}");
    assert!(told.last().unwrap().starts_with("Your F-pass is set up"), "{told:?}");
    // One prompt, for the password, and none for a new one.
    assert_eq!(first.messages.iter().filter(|message| message.style <= 2).count(), 1);
    assert_eq!(state(&testbed, CAROL), "enrolled");
    assert!(testbed.daemon_log().contains("set-up at a login for uid 61003: done"));

    let login = Login::of(stack::SET_UP, CAROL);
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    assert_eq!(codes(&testbed, &login), [7]);
    testbed.camera_shows(&Scene::person(OBAMA_SPEAKING)).unwrap();
    assert_eq!(codes(&testbed, &login), [0, 0]);
    assert_eq!(codes(&testbed, &carol(&LOGIN[..1], &["guess"])), [7], "the password still counts");
}

#[test]
fn somebody_in_the_dark_is_told_and_may_turn_on_a_light() {
    let mut testbed = with_carol();
    testbed.configure("[enrolment]\ntimeout_ms = 10000\n").unwrap();
    testbed.stop_daemon().unwrap();
    testbed.start_daemon().unwrap();
    testbed.camera_shows(&Scene::person(OBAMA).in_the_dark()).unwrap();
    let running = testbed.begin(&carol(&LOGIN, &[CAROL.password])).unwrap();
    // The first of three tries fails; the light is switched on during it or later.
    fpass_tests::watch::wait_until("the first try has ended", || {
        testbed.daemon_log().contains("set-up at a login for uid 61003: refused")
    });
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    let transcript = running.finish().unwrap();
    assert_eq!(transcript.code_name(), "PAM_SUCCESS", "{transcript:?}");
    let complaints = transcript.messages.iter().filter(|message| message.style == 3).count();
    assert!(complaints >= 1, "{transcript:?}");
    assert_eq!(state(&testbed, CAROL), "enrolled");
}

#[test]
fn an_application_that_cannot_show_hints_sets_up_all_the_same() {
    let testbed = with_carol();
    let deaf = Conversation::FailsWhenTold(CAROL.password.to_owned(), 19);
    let login = carol(&LOGIN, &[]).with(|request| request.conversation = deaf);
    assert_eq!(codes(&testbed, &login), [0, 12, 0]);
    assert_eq!(state(&testbed, CAROL), "enrolled");
}

#[test]
fn a_login_screen_gets_short_hints_and_no_more_than_it_can_show() {
    let testbed = with_carol();
    let login = carol(&LOGIN, &[CAROL.password]).with(|request| request.tty = Some(":0".into()));
    let transcript = testbed.transact(&login).unwrap();
    assert_eq!(transcript.code_name(), "PAM_SUCCESS", "{transcript:?}");
    let texts: Vec<&str> = transcript
        .messages
        .iter()
        .filter(|message| message.style >= 3)
        .map(|message| message.text.as_str())
        .collect();
    assert!(texts.iter().all(|text| text.chars().count() <= 60), "{texts:?}");
    // A hint is sent only when the screen has held all texts before it: for 48 ms a letter, and at
    // least 2 s. The last text says that the F-pass is set up.
    let hints: Vec<&&str> = texts.iter().filter(|text| text.contains(" of 7: ")).collect();
    let held = |text: &&str| {
        let letters = u32::try_from(text.chars().count()).unwrap();
        f64::from((48 * letters).max(2000))
    };
    let first = texts.iter().position(|text| text.starts_with("Set up your F-pass now")).unwrap();
    let waits: f64 = texts[first..texts.len() - 1].iter().rev().skip(1).map(held).sum();
    let call = transcript.answers.last().unwrap();
    assert!(hints.is_empty() || waits <= call.milliseconds, "{waits} {transcript:?}");
}

#[test]
fn silence_is_kept_when_it_is_asked_for() {
    let testbed = with_carol();
    let login = carol(&LOGIN, &[CAROL.password]).with(|request| request.silent = true);
    let transcript = testbed.transact(&login).unwrap();
    assert_eq!(transcript.code_name(), "PAM_SUCCESS", "{transcript:?}");
    assert!(transcript.messages.iter().all(|message| message.style <= 2), "{transcript:?}");
}

#[test]
fn su_drives_it_by_itself() {
    let mut testbed = with_carol();
    let example = std::fs::read_to_string(format!("/etc/pam.d/{}", stack::SET_UP)).unwrap();
    testbed.service("su", &example).unwrap();
    let su = |testbed: &fpass_tests::Testbed, password: &str| {
        let input = format!("{password}\n");
        testbed.run_with_input("bob", "/bin/su", &["carol", "-c", "id -un"], &input).unwrap()
    };
    let served =
        |run: &fpass_tests::Run| run.code == Some(0) && run.stdout.lines().last() == Some("carol");
    // Without a terminal, su names none in PAM_TTY, so the texts are short.
    let run = su(&testbed, CAROL.password);
    assert!(served(&run) && run.stdout.contains("Set up your F-pass now"), "{run:?}");
    assert_eq!(state(&testbed, CAROL), "enrolled");
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    let run = su(&testbed, CAROL.password);
    assert_ne!(run.code, Some(0), "{run:?}");
    testbed.camera_shows(&Scene::person(OBAMA_SPEAKING)).unwrap();
    let run = su(&testbed, CAROL.password);
    assert!(served(&run) && !run.stdout.contains("Set up your F-pass now"), "{run:?}");
}

#[test]
fn who_has_an_f_pass_already_is_not_asked_again() {
    let testbed = with_carol();
    testbed.enrol(CAROL).unwrap();
    let calls = [Call::Authenticate, Call::AcctMgmt];
    assert_eq!(codes(&testbed, &carol(&calls, &[CAROL.password])), [0, 0]);
}
