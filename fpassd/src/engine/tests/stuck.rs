//! A stuck recogniser: its thread, its caller, and the tasks after it.

use std::thread;

use tokio::sync::mpsc;

use super::*;
use crate::{queue::Popped, scripted::STALL, viewfinder::Viewfinder};

/// How long a task overruns until it counts as stuck in these tests.
const SOON: Duration = Duration::from_millis(100);

fn impatient() -> Engine {
    Engine::start_with(
        SOON,
        Box::new(ScriptedRecogniser),
        Box::new(|| Some(Box::new(ScriptedRecogniser))),
    )
    .unwrap()
}

fn stalling(directory: &Path) -> Source {
    clip(directory, &[Scene::Stall, Scene::Nobody])
}

/// Number of abandoned threads.
fn abandoned(engine: &Engine) -> u32 {
    engine.state.watchdog.thread_state().0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_thread_is_abandoned_and_the_next_attempt_works() {
    let directory = tempfile::tempdir().unwrap();
    let engine = impatient();
    let (stall, user) =
        (stalling(directory.path()), clip(directory.path(), &[Scene::User(0), Scene::User(4)]));
    let stuck = engine.verify(context(LOGIN, stall, SOON), params(POLICY)).await;
    assert_eq!(stuck.verdict, Err(Refusal::EngineFailed));
    assert_eq!(abandoned(&engine), 1);
    let next = engine.verify(context(LOGIN, user.clone(), LONG), params(POLICY)).await;
    assert_eq!(next.verdict, Ok(Verdict::Match));
    // The thread comes back, finds that it no longer serves, and ends.
    while abandoned(&engine) > 0 {
        thread::sleep(SOON);
    }
    let next = engine.verify(context(OWN, user, LONG), params(POLICY)).await;
    assert_eq!(next.verdict, Ok(Verdict::Match));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_does_not_wait_for_a_self_test_that_is_stuck_long_before_its_deadline() {
    let directory = tempfile::tempdir().unwrap();
    let engine = impatient();
    let (stall, user) =
        (stalling(directory.path()), clip(directory.path(), &[Scene::User(0), Scene::User(4)]));
    let own_test = engine.verify(context(OWN, stall, LONG), params(POLICY));
    let login = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let login = engine.verify(context(LOGIN, user, LONG), params(POLICY)).await;
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
    let params = EnrolmentParams {
        samples: 5,
        comparator: Comparator::Fused,
        threshold: POLICY.threshold,
        same_person_threshold: POLICY.threshold,
        liveness: None,
        enrolled: fpass_face::Gallery::default(),
    };
    let progress = Box::new(move |step| {
        let _ = progress.send(step);
    });
    let reporters =
        EnrolmentReporters { progress, cues: unheard(), viewfinder: Viewfinder::default() };
    let enrolled =
        engine.enroll(context(OWN, stalling(directory.path()), SOON), params, reporters).await;
    assert!(matches!(enrolled, Err(Refusal::EngineFailed)));
    while reports.recv().await.is_some() {}
    assert_eq!(abandoned(&engine), 1, "the channel was closed although the thread is still stuck");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_stuck_threads_end_the_engine() {
    let directory = tempfile::tempdir().unwrap();
    let engine = impatient();
    let stall = stalling(directory.path());
    for _ in 0..=supervisor::ABANDONED_MAX {
        assert!(tokio::time::timeout(Duration::ZERO, engine.lost()).await.is_err());
        let stuck = engine.verify(context(LOGIN, stall.clone(), SOON), params(POLICY)).await;
        assert_eq!(stuck.verdict, Err(Refusal::EngineFailed));
    }
    engine.lost().await;
    assert_eq!(abandoned(&engine), supervisor::ABANDONED_MAX + 1);
}

#[test]
fn a_thread_that_was_abandoned_while_it_loaded_takes_no_task() {
    let state = Arc::new(EngineState::new(SOON));
    let directory = tempfile::tempdir().unwrap();
    let task = Task::prewarm(stalling(directory.path()), AllowedCameras::Any, LONG);
    assert!(state.queue.push(OWN, task).is_ok());
    state.queue.close();
    let load: Arc<RecogniserLoader> = Arc::new(|| Some(Box::new(ScriptedRecogniser)));
    // Thread 0 serves, and this one does not.
    worker::Worker::new(7, Arc::clone(&state), load, None).run();
    assert!(
        matches!(state.queue.pop(None), Popped::Task(_)),
        "it took a task of the serving thread"
    );
    assert!(matches!(state.queue.pop(None), Popped::Closed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_engine_does_not_delay_the_end_of_the_daemon() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine();
    let state = Arc::clone(&engine.state);
    let stall = context(LOGIN, stalling(directory.path()), LONG);
    let attempt = engine.verify(stall, params(POLICY));
    assert!(tokio::time::timeout(Duration::from_millis(300), attempt).await.is_err());
    drop(engine);
    let (_, ended) = state.watchdog.thread_state();
    assert!(!ended, "the end waited for the stuck thread, which takes {STALL:?}");
}
