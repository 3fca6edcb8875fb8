use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
    time::Instant,
};

use fpass_camera::{CameraId, RecordingSettings};
use fpass_face::{
    Comparator, Face, FaceError, Features, Observation, Orientation, RgbView, StageTimes,
};
use fpass_proto::Verdict;

use super::*;
use crate::{
    cancel::CancelFlag,
    comparison_flag::ComparisonFlag,
    decide::Policy,
    frame_rotation::FrameRotation,
    scripted::{POLICY, Scene, ScriptedRecogniser, clip, draw, gallery},
};

fn engine() -> Engine {
    Engine::start(Box::new(ScriptedRecogniser), Box::new(|| Some(Box::new(ScriptedRecogniser))))
        .unwrap()
}

/// Receives cues, and tells nobody.
fn unheard() -> CueReporter {
    Box::new(|_| ())
}

/// What an attempt for the user compares.
fn params(policy: Policy) -> AttemptParams {
    AttemptParams { gallery: gallery(), policy, cues: unheard() }
}

fn context(priority: Priority, source: Source, timeout: Duration) -> TaskContext {
    let started = Instant::now();
    let cancel = CancelFlag::default();
    TaskContext {
        priority,
        source,
        allowed_cameras: AllowedCameras::Any,
        lid_closed: false,
        rotation: FrameRotation::default(),
        started,
        deadline: started + timeout,
        cancel,
        compared: ComparisonFlag::default(),
        draw: draw(),
    }
}

const LOGIN: Priority = Priority::Login { subject: Uid(1000) };
const OWN: Priority = Priority::OwnTest { caller: Uid(1000) };
const LONG: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_refusal_and_the_next_attempt_works() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine();
    let bomb = clip(directory.path(), &[Scene::Bomb, Scene::Bomb]);
    let AttemptOutcome { verdict: refused, .. } =
        engine.verify(context(OWN, bomb, LONG), params(POLICY)).await;
    assert_eq!(refused, Err(Refusal::EngineFailed));
    let user = clip(directory.path(), &[Scene::User(0), Scene::User(4)]);
    let AttemptOutcome { verdict, .. } =
        engine.verify(context(OWN, user, LONG), params(POLICY)).await;
    assert_eq!(verdict, Ok(Verdict::Match));
}

/// A recogniser that counts the calls of `forget`, which may fail.
#[derive(Clone, Default)]
struct Remembering {
    asked: Arc<AtomicU32>,
    unable: bool,
}

impl FaceRecogniser for Remembering {
    fn begin(&mut self) {}

    fn observe(&mut self, view: &RgbView<'_>) -> Result<Observation, FaceError> {
        ScriptedRecogniser.observe(view)
    }

    fn orientation(&mut self, view: &RgbView<'_>, face: &Face) -> Result<Orientation, FaceError> {
        ScriptedRecogniser.orientation(view, face)
    }

    fn embed(
        &mut self,
        view: &RgbView<'_>,
        face: &Face,
        wanted: Comparator,
    ) -> Result<Features, FaceError> {
        ScriptedRecogniser.embed(view, face, wanted)
    }

    fn forget(&mut self) -> Result<(), FaceError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.unable { Err(FaceError::Featureless) } else { Ok(()) }
    }

    fn times(&self) -> StageTimes {
        ScriptedRecogniser.times()
    }
}

/// Whether the number is reached within two seconds. The engine forgets an attempt after its
/// answer.
async fn reaches(number: &AtomicU32, wanted: u32) -> bool {
    for _ in 0..100 {
        if number.load(Ordering::Relaxed) == wanted {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn every_attempt_is_overwritten_and_a_recogniser_that_fails_to_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = (Remembering::default(), Remembering::default());
    let (once, again) = (Arc::clone(&first.asked), Arc::clone(&second.asked));
    let unable = Remembering { unable: true, ..first };
    let load = Box::new(move || Some(Box::new(second.clone()) as Box<dyn FaceRecogniser + Send>));
    let engine = Engine::start(Box::new(unable), load).unwrap();
    let attempt = |scene: &[Scene], timeout| {
        engine.verify(context(OWN, clip(directory.path(), scene), timeout), params(POLICY))
    };
    let refused = attempt(&[Scene::Nobody, Scene::Blurred], Duration::from_millis(300)).await;
    assert!(refused.verdict.is_err());
    assert!(reaches(&once, 1).await, "after a refusal");
    let user = [Scene::User(0), Scene::User(4)];
    assert_eq!(attempt(&user, LONG).await.verdict, Ok(Verdict::Match));
    assert!(reaches(&again, 1).await, "by the recogniser that replaced it");
    assert_eq!(once.load(Ordering::Relaxed), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_that_is_not_allowed_is_refused_whatever_it_shows() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine();
    let attempt = |allowed_cameras| {
        let user = clip(directory.path(), &[Scene::User(0), Scene::User(4)]);
        engine.verify(TaskContext { allowed_cameras, ..context(LOGIN, user, LONG) }, params(POLICY))
    };
    assert_eq!(attempt(another_camera()).await.verdict, Err(Refusal::OtherCamera));
    // Also when the camera was started ahead.
    let user = clip(directory.path(), &[Scene::User(0), Scene::User(4)]);
    engine.prewarm(user, AllowedCameras::Any, LONG).unwrap();
    assert_eq!(attempt(another_camera()).await.verdict, Err(Refusal::OtherCamera));
    let pinned = AllowedCameras::Only(vec![CameraId::recording()]);
    assert_eq!(attempt(pinned).await.verdict, Ok(Verdict::Match));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_ends_a_running_self_test_and_does_not_wait_for_it() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine();
    let nobody = clip(directory.path(), &[Scene::Nobody, Scene::Blurred]);
    let user = clip(directory.path(), &[Scene::User(0), Scene::User(4)]);
    let own_test = engine.verify(context(OWN, nobody, LONG), params(POLICY));
    let login = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        engine.verify(context(LOGIN, user, LONG), params(POLICY)).await
    };
    let (AttemptOutcome { verdict: refused, .. }, AttemptOutcome { verdict, .. }) =
        tokio::join!(own_test, login);
    assert_eq!(refused, Err(Refusal::Cancelled));
    assert_eq!(verdict, Ok(Verdict::Match));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_whose_task_never_began_is_told_that_the_queue_is_full() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine();
    let nobody = clip(directory.path(), &[Scene::Nobody, Scene::Blurred]);
    let second = Duration::from_secs(1);
    let login = engine.verify(context(LOGIN, nobody.clone(), second), params(POLICY));
    let own_test = engine.verify(context(OWN, nobody, second / 4), params(POLICY));
    let (_, AttemptOutcome { verdict, .. }) = tokio::join!(login, own_test);
    assert_eq!(verdict, Err(Refusal::QueueFull));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_task_frees_its_place_in_the_queue() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine();
    let nobody = clip(directory.path(), &[Scene::Nobody, Scene::Blurred]);
    let attempt = |priority, cancel: &CancelFlag| {
        let cancel = cancel.clone();
        let context = TaskContext { cancel, ..context(priority, nobody.clone(), LONG) };
        engine.verify(context, params(POLICY))
    };
    let (running, waiting) = (CancelFlag::default(), CancelFlag::default());
    let later = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let full = attempt(OWN, &waiting).await;
        waiting.raise();
        let (admitted, ()) = tokio::join!(attempt(OWN, &waiting), async { running.raise() });
        (full, admitted)
    };
    let (_, first, second, (full, admitted)) = tokio::join!(
        attempt(LOGIN, &running),
        attempt(OWN, &waiting),
        attempt(OWN, &waiting),
        later
    );
    assert_eq!(full.verdict, Err(Refusal::QueueFull), "two tasks wait already");
    for left in [first, second, admitted] {
        assert_eq!(left.verdict, Err(Refusal::Cancelled));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn starting_the_camera_ahead_ends_no_self_test() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine();
    let slow: Vec<Scene> = vec![Scene::Blurred; 60]
        .into_iter()
        .enumerate()
        .map(|(n, blurred)| if n % 2 == 0 { blurred } else { Scene::Featureless })
        .chain([Scene::User(0), Scene::User(4)])
        .collect();
    let source = clip(directory.path(), &slow);
    let own_test = engine.verify(context(OWN, source.clone(), LONG), params(POLICY));
    let warm = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        engine.prewarm(source.clone(), AllowedCameras::Any, LONG).unwrap();
    };
    let (AttemptOutcome { verdict, .. }, ()) = tokio::join!(own_test, warm);
    assert_eq!(verdict, Ok(Verdict::Match));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_is_missing_is_a_failed_camera() {
    let source =
        Source::Recorded(RecordingSettings { path: "no/such/recording".into(), frame_rate: 30 });
    let AttemptOutcome { verdict: refused, .. } =
        engine().verify(context(OWN, source, LONG), params(POLICY)).await;
    assert_eq!(refused, Err(Refusal::CameraFailed));
}

/// Returns after the engine has finished its earlier tasks. A cancelled task is answered when its
/// turn comes; users take turns, so at most one task of each other user may be waiting.
async fn catch_up(engine: &Engine, source: &Source) {
    let cancelled = context(OWN, source.clone(), LONG);
    cancelled.cancel.raise();
    let AttemptOutcome { verdict, .. } = engine.verify(cancelled, params(POLICY)).await;
    assert_eq!(verdict, Err(Refusal::Cancelled));
}

/// Removes a recording: only a camera that was started before can still play it.
async fn take_away(engine: &Engine, source: &Source) {
    catch_up(engine, source).await;
    let Source::Recorded(settings) = source else { unreachable!() };
    fs::remove_file(&settings.path).unwrap();
}

fn another_camera() -> AllowedCameras {
    AllowedCameras::Only(vec![CameraId::parse("uvcvideo usb-0000:00:14.0-5").unwrap()])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_started_camera_is_used_and_then_released() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine();
    let user = clip(directory.path(), &[Scene::User(0), Scene::User(4)]);
    engine.prewarm(user.clone(), AllowedCameras::Any, LONG).unwrap();
    take_away(&engine, &user).await;
    let AttemptOutcome { verdict, .. } =
        engine.verify(context(LOGIN, user.clone(), LONG), params(POLICY)).await;
    assert_eq!(verdict, Ok(Verdict::Match));
    let AttemptOutcome { verdict: refused, .. } =
        engine.verify(context(LOGIN, user, LONG), params(POLICY)).await;
    assert_eq!(refused, Err(Refusal::CameraFailed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_started_camera_that_is_not_allowed_is_replaced_and_not_refused() {
    let directory = tempfile::tempdir().unwrap();
    // The last camera was started for another user, with the usual order.
    let recording = AllowedCameras::Only(vec![CameraId::recording()]);
    for (started, allowed_cameras) in
        [(AllowedCameras::Any, another_camera()), (recording, AllowedCameras::Any)]
    {
        let engine = engine();
        let user = clip(directory.path(), &[Scene::User(0), Scene::User(4)]);
        engine.prewarm(user.clone(), started, LONG).unwrap();
        take_away(&engine, &user).await;
        let context = TaskContext { allowed_cameras, ..context(LOGIN, user, LONG) };
        let AttemptOutcome { verdict, .. } = engine.verify(context, params(POLICY)).await;
        // The allowed camera was opened again, which the one started ahead would not have needed.
        assert_eq!(verdict, Err(Refusal::CameraFailed));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_that_would_be_refused_is_not_kept_started() {
    let directory = tempfile::tempdir().unwrap();
    for before in [None, Some(AllowedCameras::Any)] {
        let engine = engine();
        let user = clip(directory.path(), &[Scene::User(0), Scene::User(4)]);
        if let Some(allowed_cameras) = before {
            engine.prewarm(user.clone(), allowed_cameras, LONG).unwrap();
            catch_up(&engine, &user).await;
        }
        engine.prewarm(user.clone(), another_camera(), LONG).unwrap();
        take_away(&engine, &user).await;
        let AttemptOutcome { verdict, .. } =
            engine.verify(context(LOGIN, user, LONG), params(POLICY)).await;
        assert_eq!(verdict, Err(Refusal::CameraFailed));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_flag_is_set_only_by_a_compared_face_however_the_attempt_ends() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine();
    let policy = Policy { judged_frames: u32::MAX, ..POLICY };
    for (script, compared, refusal) in [
        ([Scene::Nobody, Scene::Darkness], false, Refusal::Cancelled),
        ([Scene::TwoFaces, Scene::Blurred], false, Refusal::Cancelled),
        ([Scene::Featureless, Scene::Bomb], false, Refusal::EngineFailed),
        ([Scene::Stranger, Scene::Blurred], true, Refusal::Cancelled),
        ([Scene::Stranger, Scene::Bomb], true, Refusal::EngineFailed),
        ([Scene::User(0), Scene::Nobody], true, Refusal::Cancelled),
    ] {
        let context = context(OWN, clip(directory.path(), &script), LONG);
        let (noted, cancel) = (context.compared.clone(), context.cancel.clone());
        let leave = async {
            let mut patience = if compared { 1000 } else { 30 };
            while patience > 0 && !noted.is_set() {
                tokio::time::sleep(Duration::from_millis(10)).await;
                patience -= 1;
            }
            if refusal == Refusal::Cancelled {
                cancel.raise();
            }
        };
        let attempt = engine.verify(context, params(policy));
        let (AttemptOutcome { verdict, .. }, ()) = tokio::join!(attempt, leave);
        assert_eq!((verdict, noted.is_set()), (Err(refusal), compared), "{script:?}");
    }
}

mod stuck;
