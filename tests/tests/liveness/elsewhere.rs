//! Where else a turn is asked for, and where not.

use fpass_proto::Verdict;
use fpass_tests::{
    ALICE, BOB, Login, Reply, Scene, Testbed,
    scene::{BIDEN, Course, OBAMA},
    watch::wait_until,
};

use crate::{alice, ask_for_turns, prompts, turning};

#[test]
fn nobody_enrols_a_picture_and_a_person_who_turns_is_enrolled() {
    let mut testbed = Testbed::running().unwrap();
    ask_for_turns(&mut testbed, "[enrolment]\ntimeout_ms = 20000\n");
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    let run = testbed.fpass_enroll(BOB.name, &["add"]).unwrap();
    assert_ne!(run.code, Some(0), "{}", run.stdout);
    let status = |name: &str| testbed.fpass_enroll(name, &["status"]).unwrap().stdout;
    assert!(status(BOB.name).contains("not set up"), "{}", status(BOB.name));
    let listener = testbed.camera_listens(|side| alice(Course::Turn(side))).unwrap();
    let run = testbed.fpass_enroll_heard_by(ALICE.name, &["add"], &listener).unwrap();
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
}

#[test]
fn a_service_for_which_it_is_off_asks_for_no_turn() {
    let mut testbed = turning("[liveness.services]\nfpass-test = \"off\"\n");
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    let transcript = testbed.transact(&Login::of("fpass-test", ALICE)).unwrap();
    assert!(transcript.admitted(), "{transcript:?}");
    assert!(transcript.messages.iter().all(|message| !message.text.contains("turn")));
    let status = testbed.fpass_enroll(ALICE.name, &["status"]).unwrap();
    assert!(status.stdout.contains("turn (fpass-test: off)"), "{}", status.stdout);
}

#[test]
fn a_self_test_and_a_qualification_ask_for_the_turn_as_well() {
    let mut testbed = turning("");
    for command in ["verify", "qualify"] {
        let listener = testbed.camera_listens(|side| alice(Course::Turn(side))).unwrap();
        let run = testbed.fpass_enroll_heard_by(ALICE.name, &[command], &listener).unwrap();
        assert_eq!(run.code, Some(0), "{command}: {}{}", run.stdout, run.stderr);
        let printed = run.stdout + &run.stderr;
        let has_bar = ["[=", "[>"].iter().any(|bar| printed.contains(bar));
        assert!(!has_bar, "a bar without a terminal: {printed}");
        testbed.camera_shows(&alice(Course::Still)).unwrap();
        let run = testbed.fpass_enroll(ALICE.name, &[command]).unwrap();
        assert_ne!(run.code, Some(0), "{command}: {}", run.stdout);
        assert!(run.stdout.contains("turn your head"), "{command}: {}", run.stdout);
    }
}

#[test]
fn a_bar_on_a_terminal_follows_the_turn() {
    let mut testbed = turning("");
    let listener = testbed.camera_listens(|side| alice(Course::Turn(side))).unwrap();
    let command = "stty rows 24 columns 80; env TERM=xterm fpass-enroll verify";
    let arguments = ["-qefc", command, "/dev/null"];
    let run = testbed.run_heard_by(ALICE.name, "script", &arguments, &listener).unwrap();
    assert_eq!(run.code, Some(0), "{}", run.stdout);
    assert!(run.stdout.contains("[="), "no bar has moved: {}", run.stdout);
}

#[test]
fn a_program_of_the_user_gets_no_weaker_check_by_the_name_of_a_service() {
    let mut testbed = turning("[liveness.services]\nfpass-test = \"off\"\n");
    testbed.camera_shows(&alice(Course::Still)).unwrap();
    // Without a turn this is no match.
    let own = testbed.verify(ALICE.name, ALICE).unwrap();
    assert_ne!(own, Reply::verdict(Verdict::Match));
    assert_eq!(testbed.verify("root", ALICE).unwrap(), Reply::verdict(Verdict::Match));
    let mut services = Vec::new();
    wait_until("both attempts are remembered", || {
        let run = testbed.fpass_enroll(ALICE.name, &["why", "--json"]).unwrap();
        let list: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let service = |entry: &serde_json::Value| entry["service"].as_str().unwrap().to_owned();
        services = list.as_array().unwrap().iter().map(service).collect();
        services.len() == 2
    });
    assert_eq!(services, ["fpass-test", ""]);
}

#[test]
fn a_further_template_that_is_not_made_counts_once_a_face_was_compared() {
    let mut testbed = turning("[enrolment]\ntimeout_ms = 20000\n");
    let listener = testbed.camera_listens(|side| alice(Course::LightsOut(side))).unwrap();
    let add = ["add", "--label", "dark"];
    let run = testbed.fpass_enroll_heard_by(ALICE.name, &add, &listener).unwrap();
    assert_ne!(run.code, Some(0), "{}", run.stdout);
    let run = testbed.fpass_enroll(ALICE.name, &["status", "--json"]).unwrap();
    let status: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let failures = status["attempts"]["self_tests"]["failures"].as_u64().unwrap();
    assert!(failures >= 1, "{}", run.stdout);
}

#[test]
fn the_prompt_reaches_a_user_whose_application_asks_for_silence_but_no_reason_does() {
    const PASSWORD: i32 = 1;
    let mut testbed = turning("");
    testbed.service("quiet", &fpass_tests::stack::own("quiet")).unwrap();
    let silent = |service: &str| Login::of(service, ALICE).with(|request| request.silent = true);
    let listener = testbed.camera_listens(|side| alice(Course::Turn(side))).unwrap();
    let transcript = testbed.transact(&silent("fpass-test").heard_by(&listener)).unwrap();
    assert!(transcript.admitted(), "{transcript:?}");
    testbed.camera_shows(&alice(Course::Still)).unwrap();
    let refused = testbed.transact(&silent("fpass-test")).unwrap();
    assert!(!refused.admitted(), "{refused:?}");
    for transcript in [transcript, refused] {
        let told = transcript.messages.iter().filter(|message| message.style != PASSWORD).count();
        assert!(told > 0 && told == prompts(&transcript).len(), "{transcript:?}");
    }
    testbed.fpass_enroll("root", &["unlock", "--user", ALICE.name]).unwrap();
    let quiet = testbed.transact(&silent("quiet")).unwrap();
    assert!(!quiet.admitted(), "{quiet:?}");
    assert!(quiet.messages.iter().all(|message| message.style == PASSWORD), "{quiet:?}");
}
