//! A recogniser that is stuck, and what becomes of its thread, its caller and those behind it.

use std::thread;

use tokio::sync::mpsc;

use super::*;
use crate::{queue::Taken, scripted::STALL};

/// How late a task is that is taken for stuck in these tests.
const SOON: Duration = Duration::from_millis(100);

fn impatient() -> Engine {
    Engine::start_with(SOON, Box::new(ScriptedSight), Box::new(|| Some(Box::new(ScriptedSight))))
        .unwrap()
}

fn stalling(directory: &Path) -> Source {
    clip(directory, &[Shown::Stall, Shown::Nobody])
}

/// How many threads are left behind.
fn abandoned(engine: &Engine) -> u32 {
    engine.shared.watch.standing().0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_thread_is_left_behind_and_the_next_attempt_works() {
    let directory = tempfile::tempdir().unwrap();
    let engine = impatient();
    let (stall, user) =
        (stalling(directory.path()), clip(directory.path(), &[Shown::User(0), Shown::User(4)]));
    let stuck = engine.verify(terms(LOGIN, stall, SOON), gallery(), POLICY).await;
    assert_eq!(stuck.verdict, Err(Refusal::EngineFailed));
    assert_eq!(abandoned(&engine), 1);
    let next = engine.verify(terms(LOGIN, user.clone(), LONG), gallery(), POLICY).await;
    assert_eq!(next.verdict, Ok(Verdict::Match));
    // The thread comes back in the end, finds that it does not serve any more, and ends.
    while abandoned(&engine) > 0 {
        thread::sleep(SOON);
    }
    let next = engine.verify(terms(OWN, user, LONG), gallery(), POLICY).await;
    assert_eq!(next.verdict, Ok(Verdict::Match));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_does_not_wait_for_a_self_test_that_is_stuck_long_before_its_deadline() {
    let directory = tempfile::tempdir().unwrap();
    let engine = impatient();
    let (stall, user) =
        (stalling(directory.path()), clip(directory.path(), &[Shown::User(0), Shown::User(4)]));
    let own_test = engine.verify(terms(OWN, stall, LONG), gallery(), POLICY);
    let login = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let login = engine.verify(terms(LOGIN, user, LONG), gallery(), POLICY).await;
        (login, abandoned(&engine))
    };
    let (refused, (served, abandoned)) = tokio::join!(own_test, login);
    assert_eq!(refused.verdict, Err(Refusal::EngineFailed));
    assert_eq!(served.verdict, Ok(Verdict::Match));
    assert_eq!(abandoned, 1, "the login waited until the self-test came back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_enrolment_reports_nothing_more_and_gives_no_samples() {
    let directory = tempfile::tempdir().unwrap();
    let engine = impatient();
    let (progress, mut reports) = mpsc::unbounded_channel();
    let plan = Plan {
        samples: 5,
        comparator: Comparator::Fused,
        threshold: POLICY.threshold,
        kinship: POLICY.threshold,
        enrolled: Gallery::default(),
    };
    let report = Box::new(move |step| {
        let _ = progress.send(step);
    });
    let enrolled = engine.enroll(terms(OWN, stalling(directory.path()), SOON), plan, report).await;
    assert!(matches!(enrolled, Err(Refusal::EngineFailed)));
    while reports.recv().await.is_some() {}
    assert_eq!(abandoned(&engine), 1, "it was not the thread that closed the channel");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_stuck_threads_are_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let engine = impatient();
    let stall = stalling(directory.path());
    for _ in 0..=supervisor::ABANDONED_MAX {
        assert!(tokio::time::timeout(Duration::ZERO, engine.lost()).await.is_err());
        let stuck = engine.verify(terms(LOGIN, stall.clone(), SOON), gallery(), POLICY).await;
        assert_eq!(stuck.verdict, Err(Refusal::EngineFailed));
    }
    engine.lost().await;
    assert_eq!(abandoned(&engine), supervisor::ABANDONED_MAX + 1);
}

#[test]
fn a_thread_that_was_left_behind_while_it_loaded_takes_no_task() {
    let queue = Queue::new();
    let shared = Arc::new(Shared { queue, watch: Watch::new(SOON), lost: Notify::new() });
    let directory = tempfile::tempdir().unwrap();
    let asked = Instant::now();
    let (source, allowed_cameras, until) =
        (stalling(directory.path()), AllowedCameras::Any, asked + LONG);
    let task = || Task::Warm {
        source: source.clone(),
        allowed_cameras: allowed_cameras.clone(),
        asked,
        until,
    };
    shared.queue.put(OWN, task()).unwrap();
    shared.queue.close();
    let load: Arc<LoadSight> = Arc::new(|| Some(Box::new(ScriptedSight)));
    // Thread 0 serves, and not this one any more.
    worker::Worker::new(7, Arc::clone(&shared), load, None).run();
    assert!(matches!(shared.queue.take(None), Taken::Task(_)), "it took the other one's task");
    assert!(matches!(shared.queue.take(None), Taken::Closed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_engine_does_not_keep_the_daemon_from_ending() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine();
    let shared = Arc::clone(&engine.shared);
    let stall = terms(LOGIN, stalling(directory.path()), LONG);
    let attempt = engine.verify(stall, gallery(), POLICY);
    assert!(tokio::time::timeout(Duration::from_millis(300), attempt).await.is_err());
    drop(engine);
    let (_, ended) = shared.watch.standing();
    assert!(!ended, "the end waited for the stuck thread, which takes {STALL:?}");
}
