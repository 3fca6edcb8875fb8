//! How often somebody may try: counts that no restart, no kill and no caller gives back.

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
    ALICE, Account, BOB, CAROL, DAEMON_UID, Ground, Login, Reply, Scene,
    scene::{BIDEN, OBAMA},
    watch::{wait_for_attempt, wait_until},
};
use nix::{
    mount::{MntFlags, MsFlags, mount, umount2},
    sys::signal::Signal,
};

const STORE: &str = "/var/lib/fpass";
/// What the camera plays.
const CLIP: &str = "/run/ground/scene.y4m";

/// A running machine on which alice is enrolled; a stranger sits before the camera.
fn with_a_stranger() -> Ground {
    let mut ground = Ground::new().unwrap();
    ground.start_daemon().unwrap();
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
    ground.enrol(ALICE).unwrap();
    ground.camera_shows(&Scene::person(BIDEN)).unwrap();
    ground
}

fn refused(refusal: Refusal) -> Reply {
    Reply::Error(refusal.error_name().to_owned())
}

fn answered(verdict: Verdict) -> Reply {
    Reply::Answer(verdict.as_str().to_owned())
}

fn verify(ground: &Ground, caller: &str, account: Account) -> Reply {
    ground.verify(caller, account).unwrap()
}

/// The stranger tries alice's logins so often.
fn strangers_try(ground: &Ground, times: u32) {
    for _ in 0..times {
        assert_eq!(verify(ground, "root", ALICE), answered(Verdict::NoMatch));
    }
}

/// How a user's attempts stand, as the user is told: logins, self-tests.
fn failures(ground: &Ground, account: Account) -> (u64, u64) {
    let run = ground.fpass_enroll(account.name, &["status", "--json"]).unwrap();
    let status: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let count = |purpose: &str| status["attempts"][purpose]["failures"].as_u64().unwrap();
    (count("logins"), count("self_tests"))
}

/// Takes the camera away: whoever opened it would hear that it failed.
fn without_camera(ground: &mut Ground, then: impl FnOnce(&Ground)) {
    fs::remove_file(CLIP).unwrap();
    then(ground);
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
}

/// Root asks about alice through a client that is ended after so many seconds.
fn ask_and_leave(ground: &Ground, seconds: &str) {
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
    let run = ground.run("root", "timeout", &words).unwrap();
    assert_eq!(run.code, Some(124), "the client got an answer before it left: {run:?}");
}

#[test]
fn five_strangers_lock_a_login_before_any_capture_until_root_unlocks() {
    let mut ground = with_a_stranger();
    strangers_try(&ground, 5);
    without_camera(&mut ground, |ground| {
        assert_eq!(verify(ground, "root", ALICE), refused(Refusal::LockedOut));
        let alice = format!("uint32:{}", ALICE.uid);
        let prewarmed = ground.call("root", VERIFICATION_INTERFACE, "Prewarm", &[&alice]).unwrap();
        assert_eq!(prewarmed, refused(Refusal::LockedOut));
        for service in ["fpass-test", "fpass-nullok", "fpass-debian"] {
            let transcript = ground.transact(&Login::of(service, ALICE)).unwrap();
            let told = (transcript.code_name(), transcript.sentence());
            assert_eq!(told, ("PAM_MAXTRIES", Refusal::LockedOut.sentence()), "{service}");
        }
    });
    assert_eq!(verify(&ground, "root", ALICE), refused(Refusal::LockedOut), "her own face");
    let status = ground.fpass_enroll("alice", &["status"]).unwrap().stdout;
    assert!(status.contains("5 failed attempts in a row; locked for "), "{status}");

    for caller in ["alice", "bob", "fpassd"] {
        let run = ground.fpass_enroll(caller, &["unlock", "--user", "alice"]).unwrap();
        assert_eq!(run.code, Some(4), "{caller}: {run:?}");
        let uid = format!("uint32:{}", ALICE.uid);
        let reply = ground.call(caller, MACHINE_INTERFACE, "Unlock", &[&uid]).unwrap();
        assert_eq!(reply, refused(Refusal::NotAuthorized), "{caller}");
    }
    assert_eq!(verify(&ground, "root", ALICE), refused(Refusal::LockedOut));

    let run = ground.fpass_enroll("root", &["unlock", "--user", "alice"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(failures(&ground, ALICE), (0, 0));
    assert_eq!(verify(&ground, "root", ALICE), answered(Verdict::Match));
}

#[test]
fn a_restart_gives_no_attempt_back_and_a_match_clears_the_count() {
    let mut ground = with_a_stranger();
    for tried in 1..=4 {
        strangers_try(&ground, 1);
        ground.stop_daemon().unwrap();
        ground.start_daemon().unwrap();
        assert_eq!(failures(&ground, ALICE), (tried, 0));
    }
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
    assert_eq!(verify(&ground, "root", ALICE), answered(Verdict::Match));
    assert_eq!(failures(&ground, ALICE), (0, 0));

    ground.camera_shows(&Scene::person(BIDEN)).unwrap();
    strangers_try(&ground, 5);
    ground.signal_daemon(Signal::SIGKILL).unwrap();
    ground.stop_daemon().unwrap();
    ground.start_daemon().unwrap();
    assert_eq!(verify(&ground, "root", ALICE), refused(Refusal::LockedOut));
}

#[test]
fn killing_the_daemon_in_the_middle_of_an_attempt_gives_nothing_back() {
    let mut ground = with_a_stranger();
    ground.camera_shows(&Scene::nobody()).unwrap();
    for killed in 1..=5 {
        thread::scope(|scope| {
            let caller = scope.spawn(|| verify(&ground, "root", ALICE));
            wait_for_attempt(&ground);
            ground.signal_daemon(Signal::SIGKILL).unwrap();
            assert!(matches!(caller.join().unwrap(), Reply::Error(_)));
        });
        ground.stop_daemon().unwrap();
        ground.start_daemon().unwrap();
        assert_eq!(failures(&ground, ALICE), (killed, 0));
    }
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
    assert_eq!(verify(&ground, "root", ALICE), refused(Refusal::LockedOut));
}

#[test]
fn leaving_after_a_face_was_compared_is_a_failure_and_leaving_an_empty_room_is_none() {
    let mut ground = with_a_stranger();
    ground.stop_daemon().unwrap();
    ground.configure("[verification]\ntimeout_ms = 30000\njudged_frames = 100\n").unwrap();
    ground.start_daemon().unwrap();
    let cancelled =
        |ground: &Ground| ground.daemon_log().matches(Refusal::Cancelled.error_name()).count();
    for (scene, times) in [(Scene::nobody(), 0), (Scene::person(BIDEN), 1)] {
        ground.camera_shows(&scene).unwrap();
        let before = cancelled(&ground);
        ask_and_leave(&ground, "2.5");
        wait_until("the journal says that it was cancelled", || cancelled(&ground) > before);
        assert_eq!(failures(&ground, ALICE), (times, 0), "{scene:?}");
    }
}

#[test]
fn a_daemon_that_is_told_to_end_gives_an_attempt_back_that_compared_nothing() {
    let mut ground = with_a_stranger();
    for (scene, times) in [(Scene::nobody(), 0), (Scene::person(BIDEN), 1)] {
        ground.stop_daemon().unwrap();
        ground.configure("[verification]\ntimeout_ms = 30000\njudged_frames = 100\n").unwrap();
        ground.camera_shows(&scene).unwrap();
        ground.start_daemon().unwrap();
        thread::scope(|scope| {
            let caller = scope.spawn(|| verify(&ground, "root", ALICE));
            wait_for_attempt(&ground);
            // Long enough for a face to be compared, if there is one.
            thread::sleep(Duration::from_millis(1500));
            ground.signal_daemon(Signal::SIGTERM).unwrap();
            assert!(matches!(caller.join().unwrap(), Reply::Error(_)));
        });
        ground.stop_daemon().unwrap();
        ground.start_daemon().unwrap();
        assert_eq!(failures(&ground, ALICE), (times, 0), "{scene:?}");
    }
}

#[test]
fn another_person_in_a_further_template_is_a_failed_self_test_and_no_failed_login() {
    let mut ground = with_a_stranger();
    ground.stop_daemon().unwrap();
    ground.configure("[enrolment]\ntimeout_ms = 5000\n").unwrap();
    ground.start_daemon().unwrap();
    let add = |ground: &Ground| ground.fpass_enroll("alice", &["add", "--label", "other"]).unwrap();
    for times in 1..=5 {
        let run = add(&ground);
        assert!(run.stderr.contains(Refusal::AnotherPerson.sentence()), "{run:?}");
        assert_eq!(failures(&ground, ALICE), (0, times));
    }
    without_camera(&mut ground, |ground| {
        let run = add(ground);
        assert!(run.stderr.contains(Refusal::LockedOut.sentence()), "{run:?}");
    });
    assert_eq!(verify(&ground, "root", ALICE), answered(Verdict::Match), "her login");
}

#[test]
fn what_the_camera_or_the_room_is_to_blame_for_does_not_count() {
    let mut ground = with_a_stranger();
    fs::remove_file(CLIP).unwrap();
    for _ in 0..6 {
        assert_eq!(verify(&ground, "root", ALICE), refused(Refusal::CameraFailed));
    }
    for (scene, refusal) in
        [(Scene::nobody(), Refusal::NoFace), (Scene::person(OBAMA).in_the_dark(), Refusal::TooDark)]
    {
        ground.camera_shows(&scene).unwrap();
        assert_eq!(verify(&ground, "root", ALICE), refused(refusal));
        assert_eq!(verify(&ground, "alice", ALICE), refused(refusal));
    }
    assert_eq!(failures(&ground, ALICE), (0, 0));
}

#[test]
fn self_tests_and_logins_are_counted_apart_and_nobody_else_is_touched() {
    let mut ground = with_a_stranger();
    ground.enrol(BOB).unwrap();
    for _ in 0..4 {
        assert_eq!(verify(&ground, "alice", ALICE), answered(Verdict::NoMatch));
    }
    let run = ground.fpass_enroll("alice", &["qualify"]).unwrap();
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(failures(&ground, ALICE), (0, 5), "a qualification is an attempt");
    strangers_try(&ground, 1);

    without_camera(&mut ground, |ground| {
        assert_eq!(verify(ground, "alice", ALICE), refused(Refusal::LockedOut));
        let run = ground.fpass_enroll("alice", &["qualify"]).unwrap();
        assert_eq!(run.code, Some(4), "{run:?}");
    });
    assert_eq!(verify(&ground, "root", ALICE), answered(Verdict::Match), "her login");
    assert_eq!(failures(&ground, ALICE), (0, 5), "a login does not pardon self-tests");
    assert_eq!(verify(&ground, "alice", ALICE), refused(Refusal::LockedOut));

    ground.camera_shows(&Scene::person(BIDEN)).unwrap();
    assert_eq!(failures(&ground, BOB), (0, 0));
    assert_eq!(verify(&ground, "bob", BOB), answered(Verdict::Match));
    assert_eq!(verify(&ground, "root", BOB), answered(Verdict::Match));
}

#[test]
fn whoever_may_not_ask_and_whoever_never_enrolled_leaves_no_count() {
    let ground = with_a_stranger();
    for _ in 0..6 {
        assert_eq!(verify(&ground, "bob", ALICE), refused(Refusal::NotAuthorized));
        assert_eq!(verify(&ground, "root", CAROL), refused(Refusal::NeverEnrolled));
        assert_eq!(verify(&ground, "carol", CAROL), refused(Refusal::NeverEnrolled));
    }
    assert_eq!(failures(&ground, ALICE), (0, 0));
    let counts = fs::read_dir(STORE).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with(&CAROL.uid.to_string())
    });
    assert_eq!(counts.count(), 0);
    assert_eq!(verify(&ground, "root", ALICE), answered(Verdict::NoMatch), "she is not locked");
}

#[test]
fn attempts_at_the_same_time_are_no_more_than_those_one_after_the_other() {
    let mut ground = with_a_stranger();
    ground.stop_daemon().unwrap();
    // Time enough for all of them to wait for one another.
    ground.configure("[verification]\ntimeout_ms = 30000\njudged_frames = 3\n").unwrap();
    ground.start_daemon().unwrap();
    let uid = format!("uint32:{}", ALICE.uid);
    let words = [uid.as_str(), "string:alice", "string:login", "string:tty1", "uint32:30000"];
    let ask = || ground.call("root", VERIFICATION_INTERFACE, "Verify", &words).unwrap();
    let replies: Vec<Reply> = thread::scope(|scope| {
        let callers: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    let judged = replies.iter().filter(|reply| **reply == answered(Verdict::NoMatch)).count();
    assert!((1..=5).contains(&judged), "{replies:?}");
    let others = [refused(Refusal::QueueFull), refused(Refusal::LockedOut)];
    let stopped = replies.iter().filter(|reply| others.contains(reply)).count();
    assert_eq!(judged + stopped, 8, "{replies:?}");
    // Those that the queue had no place for were given back, and no more than those.
    strangers_try(&ground, u32::try_from(5 - judged).unwrap());
    assert_eq!(verify(&ground, "root", ALICE), refused(Refusal::LockedOut));
}

#[test]
fn a_store_that_takes_no_count_refuses_before_any_capture() {
    let mut ground = with_a_stranger();
    let bind = MsFlags::MS_BIND;
    mount(Some(STORE), STORE, None::<&str>, bind, None::<&str>).unwrap();
    let read_only = bind | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
    mount(Some(STORE), STORE, None::<&str>, read_only, None::<&str>).unwrap();
    without_camera(&mut ground, |ground| {
        for caller in ["root", "alice"] {
            assert_eq!(verify(ground, caller, ALICE), refused(Refusal::StorageFailed), "{caller}");
        }
        let transcript = ground.transact(&Login::of("fpass-nullok", ALICE)).unwrap();
        assert_eq!(transcript.code_name(), "PAM_AUTHINFO_UNAVAIL", "{transcript:?}");
    });
    umount2(STORE, MntFlags::MNT_DETACH).unwrap();
    assert_eq!(verify(&ground, "root", ALICE), answered(Verdict::Match));
}

#[test]
fn a_damaged_count_refuses_before_any_capture_until_it_is_unlocked() {
    let mut ground = with_a_stranger();
    strangers_try(&ground, 1);
    let path = Path::new(STORE).join(format!("{}.logins", ALICE.uid));
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    without_camera(&mut ground, |ground| {
        assert_eq!(verify(ground, "root", ALICE), refused(Refusal::CounterUnreadable));
        let transcript = ground.transact(&Login::of("fpass-nullok", ALICE)).unwrap();
        assert_eq!(transcript.code_name(), "PAM_AUTHINFO_UNAVAIL", "{transcript:?}");
    });
    assert_eq!(verify(&ground, "alice", ALICE), answered(Verdict::Match), "a self-test");
    let run = ground.fpass_enroll("alice", &["status"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("the count cannot be read"), "{run:?}");
    let run = ground.fpass_enroll("root", &["unlock", "--user", "alice"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(verify(&ground, "root", ALICE), answered(Verdict::Match));
}

#[test]
fn the_counts_are_the_daemon_s_alone() {
    use std::os::unix::fs::MetadataExt;
    let ground = with_a_stranger();
    strangers_try(&ground, 1);
    let facts = fs::metadata(Path::new(STORE).join(format!("{}.logins", ALICE.uid))).unwrap();
    assert_eq!((facts.uid(), facts.mode() & 0o7777), (DAEMON_UID, 0o600));
}
