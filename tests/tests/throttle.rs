//! Limits on attempts: no restart, kill or caller resets a count.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this program is tests"
)]

use std::{fs, path::Path, thread, time::Duration};

use fpass_proto::{
    Refusal, Verdict,
    names::{BUS_NAME, MACHINE_INTERFACE, OBJECT_PATH, VERIFICATION_INTERFACE},
};
use fpass_tests::{
    ALICE, Account, BOB, CAROL, DAEMON_UID, Login, Reply, Scene, Testbed,
    scene::{BIDEN, OBAMA},
    watch::{wait_for_attempt, wait_until},
};
use nix::{
    mount::{MntFlags, MsFlags, mount, umount2},
    sys::signal::Signal,
};

const STORE: &str = "/var/lib/fpass";
/// The clip of the recorded camera.
const CLIP: &str = "/run/testbed/scene.y4m";

/// A running machine on which alice is enrolled; a stranger is in front of the camera.
fn with_a_stranger() -> Testbed {
    let mut testbed = Testbed::new().unwrap();
    testbed.start_daemon().unwrap();
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    testbed.enrol(ALICE).unwrap();
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    testbed
}

fn verify(testbed: &Testbed, caller: &str, account: Account) -> Reply {
    testbed.verify(caller, account).unwrap()
}

/// The stranger makes this number of attempts at alice's logins.
fn strangers_try(testbed: &Testbed, times: u32) {
    for _ in 0..times {
        assert_eq!(verify(testbed, "root", ALICE), Reply::verdict(Verdict::NoMatch));
    }
}

/// A user's counts, as the user sees them: logins, self-tests.
fn failures(testbed: &Testbed, account: Account) -> (u64, u64) {
    let run = testbed.fpass_enroll(account.name, &["status", "--json"]).unwrap();
    let status: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let count = |purpose: &str| status["attempts"][purpose]["failures"].as_u64().unwrap();
    (count("logins"), count("self_tests"))
}

/// Removes the camera: opening it would fail.
fn without_camera(testbed: &mut Testbed, then: impl FnOnce(&Testbed)) {
    fs::remove_file(CLIP).unwrap();
    then(testbed);
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
}

/// Root requests a verdict about alice through a client that ends after this number of seconds.
fn ask_and_leave(testbed: &Testbed, seconds: &str) {
    let member = format!("{VERIFICATION_INTERFACE}.Verify");
    let (destination, uid) = (format!("--dest={BUS_NAME}"), format!("uint32:{}", ALICE.uid));
    let words = [
        seconds,
        "dbus-send",
        "--system",
        "--print-reply",
        "--reply-timeout=60000",
        &destination,
        OBJECT_PATH,
        &member,
        &uid,
        "string:alice",
        "string:login",
        "string:tty1",
        "uint32:30000",
    ];
    let run = testbed.run("root", "timeout", &words).unwrap();
    assert_eq!(run.code, Some(124), "the client got an answer before it left: {run:?}");
}

#[test]
fn five_strangers_lock_a_login_before_any_capture_until_root_unlocks() {
    let mut testbed = with_a_stranger();
    strangers_try(&testbed, 5);
    without_camera(&mut testbed, |testbed| {
        assert_eq!(verify(testbed, "root", ALICE), Reply::refused(Refusal::LockedOut));
        let alice = format!("uint32:{}", ALICE.uid);
        let prewarmed = testbed.call("root", VERIFICATION_INTERFACE, "Prewarm", &[&alice]).unwrap();
        assert_eq!(prewarmed, Reply::word(""), "the camera's light tells nothing");
        for service in ["fpass-test", "fpass-nullok", "fpass-debian"] {
            let transcript = testbed.transact(&Login::of(service, ALICE)).unwrap();
            let told = (transcript.code_name(), transcript.sentence());
            assert_eq!(told, ("PAM_MAXTRIES", Refusal::LockedOut.sentence()), "{service}");
        }
    });
    assert_eq!(verify(&testbed, "root", ALICE), Reply::refused(Refusal::LockedOut), "her own face");
    let status = testbed.fpass_enroll("alice", &["status"]).unwrap().stdout;
    assert!(status.contains("5 failed attempts in a row; locked for "), "{status}");

    for caller in ["alice", "bob", "fpassd"] {
        let run = testbed.fpass_enroll(caller, &["unlock", "--user", "alice"]).unwrap();
        assert_eq!(run.code, Some(4), "{caller}: {run:?}");
        let uid = format!("uint32:{}", ALICE.uid);
        let reply = testbed.call(caller, MACHINE_INTERFACE, "Unlock", &[&uid]).unwrap();
        assert_eq!(reply, Reply::refused(Refusal::NotAuthorized), "{caller}");
    }
    assert_eq!(verify(&testbed, "root", ALICE), Reply::refused(Refusal::LockedOut));

    let run = testbed.fpass_enroll("root", &["unlock", "--user", "alice"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(failures(&testbed, ALICE), (0, 0));
    assert_eq!(verify(&testbed, "root", ALICE), Reply::verdict(Verdict::Match));
}

#[test]
fn a_restart_gives_no_attempt_back_and_a_match_clears_the_count() {
    let mut testbed = with_a_stranger();
    for tried in 1..=4 {
        strangers_try(&testbed, 1);
        testbed.stop_daemon().unwrap();
        testbed.start_daemon().unwrap();
        assert_eq!(failures(&testbed, ALICE), (tried, 0));
    }
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    assert_eq!(verify(&testbed, "root", ALICE), Reply::verdict(Verdict::Match));
    assert_eq!(failures(&testbed, ALICE), (0, 0));

    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    strangers_try(&testbed, 5);
    testbed.signal_daemon(Signal::SIGKILL).unwrap();
    testbed.stop_daemon().unwrap();
    testbed.start_daemon().unwrap();
    assert_eq!(verify(&testbed, "root", ALICE), Reply::refused(Refusal::LockedOut));
}

#[test]
fn killing_the_daemon_in_the_middle_of_an_attempt_gives_nothing_back() {
    let mut testbed = with_a_stranger();
    testbed.camera_shows(&Scene::nobody()).unwrap();
    for killed in 1..=5 {
        thread::scope(|scope| {
            let caller = scope.spawn(|| verify(&testbed, "root", ALICE));
            wait_for_attempt(&testbed);
            testbed.signal_daemon(Signal::SIGKILL).unwrap();
            assert!(matches!(caller.join().unwrap(), Reply::Error(_)));
        });
        testbed.stop_daemon().unwrap();
        testbed.start_daemon().unwrap();
        assert_eq!(failures(&testbed, ALICE), (killed, 0));
    }
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    assert_eq!(verify(&testbed, "root", ALICE), Reply::refused(Refusal::LockedOut));
}

#[test]
fn leaving_after_a_face_was_compared_is_a_failure_and_leaving_an_empty_room_is_none() {
    let mut testbed = with_a_stranger();
    testbed.stop_daemon().unwrap();
    testbed.configure("[verification]\ntimeout_ms = 30000\njudged_frames = 100\n").unwrap();
    testbed.start_daemon().unwrap();
    let cancelled =
        |testbed: &Testbed| testbed.daemon_log().matches(Refusal::Cancelled.error_name()).count();
    for (scene, times) in [(Scene::nobody(), 0), (Scene::person(BIDEN), 1)] {
        testbed.camera_shows(&scene).unwrap();
        let before = cancelled(&testbed);
        ask_and_leave(&testbed, "2.5");
        wait_until("the journal says that it was cancelled", || cancelled(&testbed) > before);
        assert_eq!(failures(&testbed, ALICE), (times, 0), "{scene:?}");
    }
}

#[test]
fn a_daemon_that_is_told_to_end_gives_an_attempt_back_that_compared_nothing() {
    let mut testbed = with_a_stranger();
    for (scene, times) in [(Scene::nobody(), 0), (Scene::person(BIDEN), 1)] {
        testbed.stop_daemon().unwrap();
        testbed.configure("[verification]\ntimeout_ms = 30000\njudged_frames = 100\n").unwrap();
        testbed.camera_shows(&scene).unwrap();
        testbed.start_daemon().unwrap();
        thread::scope(|scope| {
            let caller = scope.spawn(|| verify(&testbed, "root", ALICE));
            wait_for_attempt(&testbed);
            // Long enough to compare a face, if there is one.
            thread::sleep(Duration::from_millis(1500));
            testbed.signal_daemon(Signal::SIGTERM).unwrap();
            assert!(matches!(caller.join().unwrap(), Reply::Error(_)));
        });
        testbed.stop_daemon().unwrap();
        testbed.start_daemon().unwrap();
        assert_eq!(failures(&testbed, ALICE), (times, 0), "{scene:?}");
    }
}

#[test]
fn another_person_in_a_further_template_is_a_failed_self_test_and_no_failed_login() {
    let mut testbed = with_a_stranger();
    testbed.stop_daemon().unwrap();
    testbed.configure("[enrolment]\ntimeout_ms = 5000\n").unwrap();
    testbed.start_daemon().unwrap();
    let add =
        |testbed: &Testbed| testbed.fpass_enroll("alice", &["add", "--label", "other"]).unwrap();
    for times in 1..=5 {
        let run = add(&testbed);
        assert!(run.stderr.contains(Refusal::AnotherPerson.sentence()), "{run:?}");
        assert_eq!(failures(&testbed, ALICE), (0, times));
    }
    without_camera(&mut testbed, |testbed| {
        let run = add(testbed);
        assert!(run.stderr.contains(Refusal::LockedOut.sentence()), "{run:?}");
    });
    assert_eq!(verify(&testbed, "root", ALICE), Reply::verdict(Verdict::Match), "her login");
}

#[test]
fn what_the_camera_or_the_room_is_to_blame_for_does_not_count() {
    let mut testbed = with_a_stranger();
    fs::remove_file(CLIP).unwrap();
    for _ in 0..6 {
        assert_eq!(verify(&testbed, "root", ALICE), Reply::refused(Refusal::CameraFailed));
    }
    for (scene, refusal) in
        [(Scene::nobody(), Refusal::NoFace), (Scene::person(OBAMA).in_the_dark(), Refusal::TooDark)]
    {
        testbed.camera_shows(&scene).unwrap();
        assert_eq!(verify(&testbed, "root", ALICE), Reply::refused(refusal));
        assert_eq!(verify(&testbed, "alice", ALICE), Reply::refused(refusal));
    }
    assert_eq!(failures(&testbed, ALICE), (0, 0));
}

#[test]
fn self_tests_and_logins_are_counted_apart_and_nobody_else_is_touched() {
    let mut testbed = with_a_stranger();
    testbed.enrol(BOB).unwrap();
    for _ in 0..4 {
        assert_eq!(verify(&testbed, "alice", ALICE), Reply::verdict(Verdict::NoMatch));
    }
    let run = testbed.fpass_enroll("alice", &["qualify"]).unwrap();
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(failures(&testbed, ALICE), (0, 5), "a qualification is an attempt");
    strangers_try(&testbed, 1);

    without_camera(&mut testbed, |testbed| {
        assert_eq!(verify(testbed, "alice", ALICE), Reply::refused(Refusal::LockedOut));
        let run = testbed.fpass_enroll("alice", &["qualify"]).unwrap();
        assert_eq!(run.code, Some(4), "{run:?}");
    });
    assert_eq!(verify(&testbed, "root", ALICE), Reply::verdict(Verdict::Match), "her login");
    assert_eq!(failures(&testbed, ALICE), (0, 5), "a login does not pardon self-tests");
    assert_eq!(verify(&testbed, "alice", ALICE), Reply::refused(Refusal::LockedOut));

    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    assert_eq!(failures(&testbed, BOB), (0, 0));
    assert_eq!(verify(&testbed, "bob", BOB), Reply::verdict(Verdict::Match));
    assert_eq!(verify(&testbed, "root", BOB), Reply::verdict(Verdict::Match));
}

#[test]
fn callers_without_the_right_and_users_never_enrolled_leave_no_count() {
    let testbed = with_a_stranger();
    for _ in 0..6 {
        assert_eq!(verify(&testbed, "bob", ALICE), Reply::refused(Refusal::NotAuthorized));
        assert_eq!(verify(&testbed, "root", CAROL), Reply::refused(Refusal::NeverEnrolled));
        assert_eq!(verify(&testbed, "carol", CAROL), Reply::refused(Refusal::NeverEnrolled));
    }
    assert_eq!(failures(&testbed, ALICE), (0, 0));
    let counts = fs::read_dir(STORE).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with(&CAROL.uid.to_string())
    });
    assert_eq!(counts.count(), 0);
    assert_eq!(
        verify(&testbed, "root", ALICE),
        Reply::verdict(Verdict::NoMatch),
        "she is not locked"
    );
}

#[test]
fn attempts_at_the_same_time_are_no_more_than_those_one_after_the_other() {
    let mut testbed = with_a_stranger();
    testbed.stop_daemon().unwrap();
    // Enough time for all of them to wait for each other.
    testbed.configure("[verification]\ntimeout_ms = 30000\njudged_frames = 3\n").unwrap();
    testbed.start_daemon().unwrap();
    let uid = format!("uint32:{}", ALICE.uid);
    let words = [uid.as_str(), "string:alice", "string:login", "string:tty1", "uint32:30000"];
    let ask = || testbed.call("root", VERIFICATION_INTERFACE, "Verify", &words).unwrap();
    let replies: Vec<Reply> = thread::scope(|scope| {
        let callers: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    let judged = replies.iter().filter(|reply| **reply == Reply::verdict(Verdict::NoMatch)).count();
    assert!((1..=5).contains(&judged), "{replies:?}");
    let others = [Reply::refused(Refusal::QueueFull), Reply::refused(Refusal::LockedOut)];
    let stopped = replies.iter().filter(|reply| others.contains(reply)).count();
    assert_eq!(judged + stopped, 8, "{replies:?}");
    // Only the attempts without a place in the queue were refunded.
    strangers_try(&testbed, u32::try_from(5 - judged).unwrap());
    assert_eq!(verify(&testbed, "root", ALICE), Reply::refused(Refusal::LockedOut));
}

#[test]
fn a_store_that_takes_no_count_refuses_before_any_capture() {
    let mut testbed = with_a_stranger();
    let bind = MsFlags::MS_BIND;
    mount(Some(STORE), STORE, None::<&str>, bind, None::<&str>).unwrap();
    let read_only = bind | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
    mount(Some(STORE), STORE, None::<&str>, read_only, None::<&str>).unwrap();
    without_camera(&mut testbed, |testbed| {
        for caller in ["root", "alice"] {
            assert_eq!(
                verify(testbed, caller, ALICE),
                Reply::refused(Refusal::StorageFailed),
                "{caller}"
            );
        }
        let transcript = testbed.transact(&Login::of("fpass-nullok", ALICE)).unwrap();
        assert_eq!(transcript.code_name(), "PAM_AUTHINFO_UNAVAIL", "{transcript:?}");
    });
    umount2(STORE, MntFlags::MNT_DETACH).unwrap();
    assert_eq!(verify(&testbed, "root", ALICE), Reply::verdict(Verdict::Match));
}

#[test]
fn a_damaged_count_refuses_before_any_capture_until_it_is_unlocked() {
    let mut testbed = with_a_stranger();
    strangers_try(&testbed, 1);
    let path = Path::new(STORE).join(format!("{}.logins", ALICE.uid));
    let mut bytes = fs::read(&path).unwrap();
    // The file has two slots; a damaged one alone would leave the other.
    for damaged in [4096 - 1, bytes.len() - 1] {
        bytes[damaged] ^= 1;
    }
    fs::write(&path, bytes).unwrap();
    without_camera(&mut testbed, |testbed| {
        assert_eq!(verify(testbed, "root", ALICE), Reply::refused(Refusal::CounterUnreadable));
        let transcript = testbed.transact(&Login::of("fpass-nullok", ALICE)).unwrap();
        assert_eq!(transcript.code_name(), "PAM_AUTHINFO_UNAVAIL", "{transcript:?}");
    });
    assert_eq!(verify(&testbed, "alice", ALICE), Reply::verdict(Verdict::Match), "a self-test");
    let run = testbed.fpass_enroll("alice", &["status"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("the count cannot be read"), "{run:?}");
    let run = testbed.fpass_enroll("root", &["unlock", "--user", "alice"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(verify(&testbed, "root", ALICE), Reply::verdict(Verdict::Match));
}

#[test]
fn the_counts_are_the_daemon_s_alone() {
    use std::os::unix::fs::MetadataExt;
    let testbed = with_a_stranger();
    strangers_try(&testbed, 1);
    let facts = fs::metadata(Path::new(STORE).join(format!("{}.logins", ALICE.uid))).unwrap();
    assert_eq!((facts.uid(), facts.mode() & 0o7777), (DAEMON_UID, 0o600));
}

/// The results and numbers of the attempts that a user is told of, the newest first, once there are
/// `entries` of them.
fn history(testbed: &Testbed, account: Account, entries: usize) -> Vec<(String, String, u64)> {
    let mut told = Vec::new();
    wait_until("the history has its entries", || {
        let run = testbed.fpass_enroll(account.name, &["why", "--json"]).unwrap();
        let list: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let word = |entry: &serde_json::Value, key: &str| entry[key].as_str().unwrap().to_owned();
        let entry = |entry: &serde_json::Value| {
            (word(entry, "service"), word(entry, "result"), entry["count"].as_u64().unwrap())
        };
        told = list.as_array().unwrap().iter().map(entry).collect();
        told.len() >= entries
    });
    told
}

#[test]
fn a_user_is_told_how_the_own_attempts_ended_and_nobody_else_is() {
    let mut testbed = with_a_stranger();
    let login = testbed.transact(&Login::of("fpass-test", ALICE)).unwrap();
    assert_ne!(login.code_name(), "PAM_SUCCESS");
    assert_eq!(verify(&testbed, "bob", ALICE), Reply::refused(Refusal::NotAuthorized));
    assert_eq!(verify(&testbed, "root", CAROL), Reply::refused(Refusal::NeverEnrolled));
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    assert_eq!(testbed.fpass_enroll("alice", &["verify"]).unwrap().code, Some(0));
    let entry = |service: &str, result: &str| (service.to_owned(), result.to_owned(), 1);
    let wanted = [entry("fpass-test", "no-match"), entry("", "match")];
    let mut told = history(&testbed, ALICE, 2);
    told.reverse();
    assert_eq!(told, wanted);
    for account in [BOB, CAROL] {
        assert_eq!(history(&testbed, account, 0), [], "{}", account.name);
    }
    let others = testbed.fpass_enroll("bob", &["why", "--user", "alice"]).unwrap();
    assert_ne!(others.code, Some(0), "{others:?}");
    assert!(!others.stdout.contains("fpass-test"), "{others:?}");

    let shown = testbed.fpass_enroll("alice", &["why"]).unwrap().stdout;
    assert!(shown.contains("UTC  self-test: Your face was recognised.\n"), "{shown}");
    assert!(shown.contains("UTC  fpass-test: Your face was not recognised. "), "{shown}");
    let service = b"fpass-test";
    let file = fs::read(Path::new(STORE).join(format!("{}.attempts", ALICE.uid))).unwrap();
    assert!(!file.windows(service.len()).any(|window| window == service), "it is in clear");
    testbed.stop_daemon().unwrap();
    testbed.start_daemon().unwrap();
    assert_eq!(history(&testbed, ALICE, 2).len(), 2, "lost by a restart");
}
