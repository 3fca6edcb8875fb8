use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use fpass_camera::{Identity, recorded};
use fpass_face::{Comparator, Face, FaceError, Observation, RgbView, StageTimes};

use super::*;
use crate::scripted::{POLICY, ScriptedSight, Shown, clip, gallery};

fn engine() -> Engine {
    Engine::start(Box::new(ScriptedSight), Box::new(|| Some(Box::new(ScriptedSight)))).unwrap()
}

fn terms(priority: Priority, source: Source, timeout: Duration) -> Terms {
    let started = Instant::now();
    let cancel = CancelFlag::default();
    Terms {
        priority,
        source,
        allowed_cameras: AllowedCameras::Any,
        started,
        deadline: started + timeout,
        cancel,
        compared: Compared::default(),
    }
}

const LOGIN: Priority = Priority::Login { subject: 1000 };
const OWN: Priority = Priority::OwnTest { caller: 1000 };
const LONG: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_refusal_and_the_next_attempt_works() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine();
    let bomb = clip(directory.path(), &[Shown::Bomb, Shown::Bomb]);
    let Attempted { verdict: refused, .. } =
        engine.verify(terms(OWN, bomb, LONG), gallery(), POLICY).await;
    assert_eq!(refused, Err(Refusal::EngineFailed));
    let user = clip(directory.path(), &[Shown::User(0), Shown::User(4)]);
    let Attempted { verdict, .. } = engine.verify(terms(OWN, user, LONG), gallery(), POLICY).await;
    assert_eq!(verdict, Ok(Verdict::Match));
}

/// Counts how often it was to forget an attempt, which it may be unable to.
#[derive(Clone, Default)]
struct Remembering {
    asked: Arc<AtomicU32>,
    unable: bool,
}

impl Sight for Remembering {
    fn begin(&mut self) {}

    fn observe(&mut self, view: &RgbView<'_>) -> Result<Observation, FaceError> {
        ScriptedSight.observe(view)
    }

    fn embed(
        &mut self,
        view: &RgbView<'_>,
        face: &Face,
        wanted: Comparator,
    ) -> Result<Features, FaceError> {
        ScriptedSight.embed(view, face, wanted)
    }

    fn forget(&mut self) -> Result<(), FaceError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.unable { Err(FaceError::Featureless) } else { Ok(()) }
    }

    fn times(&self) -> StageTimes {
        ScriptedSight.times()
    }
}

/// Whether a number is reached in a moment: what follows an answer is done after it.
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
async fn an_attempt_is_overwritten_whatever_its_end_and_a_recogniser_that_cannot_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = (Remembering::default(), Remembering::default());
    let (once, again) = (Arc::clone(&first.asked), Arc::clone(&second.asked));
    let unable = Remembering { unable: true, ..first };
    let load = Box::new(move || Some(Box::new(second.clone()) as Box<dyn Sight + Send>));
    let engine = Engine::start(Box::new(unable), load).unwrap();
    let attempt = |shown: &[Shown], timeout| {
        engine.verify(terms(OWN, clip(directory.path(), shown), timeout), gallery(), POLICY)
    };
    let refused = attempt(&[Shown::Nobody, Shown::Blurred], Duration::from_millis(300)).await;
    assert!(refused.verdict.is_err());
    assert!(reaches(&once, 1).await, "after a refusal");
    let user = [Shown::User(0), Shown::User(4)];
    assert_eq!(attempt(&user, LONG).await.verdict, Ok(Verdict::Match));
    assert!(reaches(&again, 1).await, "by the one that was loaded in its place");
    assert_eq!(once.load(Ordering::Relaxed), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_that_is_not_pinned_is_refused_whatever_it_shows() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine();
    let attempt = |allowed_cameras| {
        let user = clip(directory.path(), &[Shown::User(0), Shown::User(4)]);
        engine.verify(Terms { allowed_cameras, ..terms(LOGIN, user, LONG) }, gallery(), POLICY)
    };
    assert_eq!(attempt(another_camera()).await.verdict, Err(Refusal::OtherCamera));
    // Neither when it was started ahead.
    let user = clip(directory.path(), &[Shown::User(0), Shown::User(4)]);
    engine.warm(user, AllowedCameras::Any, LONG).unwrap();
    assert_eq!(attempt(another_camera()).await.verdict, Err(Refusal::OtherCamera));
    let pinned = AllowedCameras::Only(vec![Identity::recording()]);
    assert_eq!(attempt(pinned).await.verdict, Ok(Verdict::Match));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_ends_a_running_self_test_and_does_not_wait_for_it() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine();
    let nobody = clip(directory.path(), &[Shown::Nobody, Shown::Blurred]);
    let user = clip(directory.path(), &[Shown::User(0), Shown::User(4)]);
    let own_test = engine.verify(terms(OWN, nobody, LONG), gallery(), POLICY);
    let login = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        engine.verify(terms(LOGIN, user, LONG), gallery(), POLICY).await
    };
    let (Attempted { verdict: refused, .. }, Attempted { verdict, .. }) =
        tokio::join!(own_test, login);
    assert_eq!(refused, Err(Refusal::Cancelled));
    assert_eq!(verdict, Ok(Verdict::Match));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_waited_until_the_deadline_hears_that_others_came_first() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine();
    let nobody = clip(directory.path(), &[Shown::Nobody, Shown::Blurred]);
    let second = Duration::from_secs(1);
    let login = engine.verify(terms(LOGIN, nobody.clone(), second), gallery(), POLICY);
    let own_test = engine.verify(terms(OWN, nobody, second / 4), gallery(), POLICY);
    let (_, Attempted { verdict, .. }) = tokio::join!(login, own_test);
    assert_eq!(verdict, Err(Refusal::QueueFull));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_the_queue_leaves_the_place_to_others() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine();
    let nobody = clip(directory.path(), &[Shown::Nobody, Shown::Blurred]);
    let attempt = |priority, cancel: &CancelFlag| {
        let cancel = cancel.clone();
        let terms = Terms { cancel, ..terms(priority, nobody.clone(), LONG) };
        engine.verify(terms, gallery(), POLICY)
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
    assert_eq!(full.verdict, Err(Refusal::QueueFull), "two wait already");
    for left in [first, second, admitted] {
        assert_eq!(left.verdict, Err(Refusal::Cancelled));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn starting_the_camera_ahead_ends_nobody_s_self_test() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine();
    let slow: Vec<Shown> = vec![Shown::Blurred; 60]
        .into_iter()
        .enumerate()
        .map(|(n, blurred)| if n % 2 == 0 { blurred } else { Shown::Featureless })
        .chain([Shown::User(0), Shown::User(4)])
        .collect();
    let source = clip(directory.path(), &slow);
    let own_test = engine.verify(terms(OWN, source.clone(), LONG), gallery(), POLICY);
    let warm = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        engine.warm(source.clone(), AllowedCameras::Any, LONG).unwrap();
    };
    let (Attempted { verdict, .. }, ()) = tokio::join!(own_test, warm);
    assert_eq!(verdict, Ok(Verdict::Match));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_is_missing_is_a_failed_camera() {
    let source =
        Source::Recorded(recorded::Settings { path: "no/such/recording".into(), frame_rate: 30 });
    let Attempted { verdict: refused, .. } =
        engine().verify(terms(OWN, source, LONG), gallery(), POLICY).await;
    assert_eq!(refused, Err(Refusal::CameraFailed));
}

/// Takes a recording away once the engine has done what it was asked before: only a camera that was
/// started by then still plays it. What is cancelled is answered when its turn comes.
async fn take_away(engine: &Engine, source: &Source) {
    let Source::Recorded(settings) = source else { unreachable!() };
    let cancelled = terms(OWN, source.clone(), LONG);
    cancelled.cancel.raise();
    let Attempted { verdict, .. } = engine.verify(cancelled, gallery(), POLICY).await;
    assert_eq!(verdict, Err(Refusal::Cancelled));
    fs::remove_file(&settings.path).unwrap();
}

fn another_camera() -> AllowedCameras {
    AllowedCameras::Only(vec![Identity::parse("uvcvideo usb-0000:00:14.0-5").unwrap()])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_started_camera_is_used_and_then_released() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine();
    let user = clip(directory.path(), &[Shown::User(0), Shown::User(4)]);
    engine.warm(user.clone(), AllowedCameras::Any, LONG).unwrap();
    take_away(&engine, &user).await;
    let Attempted { verdict, .. } =
        engine.verify(terms(LOGIN, user.clone(), LONG), gallery(), POLICY).await;
    assert_eq!(verdict, Ok(Verdict::Match));
    let Attempted { verdict: refused, .. } =
        engine.verify(terms(LOGIN, user, LONG), gallery(), POLICY).await;
    assert_eq!(refused, Err(Refusal::CameraFailed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_started_camera_that_is_not_the_person_s_is_exchanged_and_not_refused() {
    let directory = tempfile::tempdir().unwrap();
    // The last was looked for as somebody else's, where this person has the usual order.
    let recording = AllowedCameras::Only(vec![Identity::recording()]);
    for (started, allowed_cameras) in
        [(AllowedCameras::Any, another_camera()), (recording, AllowedCameras::Any)]
    {
        let engine = engine();
        let user = clip(directory.path(), &[Shown::User(0), Shown::User(4)]);
        engine.warm(user.clone(), started, LONG).unwrap();
        take_away(&engine, &user).await;
        let terms = Terms { allowed_cameras, ..terms(LOGIN, user, LONG) };
        let Attempted { verdict, .. } = engine.verify(terms, gallery(), POLICY).await;
        // It was opened anew, which the started one did not need.
        assert_eq!(verdict, Err(Refusal::CameraFailed));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_that_would_be_refused_is_not_kept_started() {
    let directory = tempfile::tempdir().unwrap();
    for before in [None, Some(AllowedCameras::Any)] {
        let engine = engine();
        let user = clip(directory.path(), &[Shown::User(0), Shown::User(4)]);
        if let Some(allowed_cameras) = before {
            engine.warm(user.clone(), allowed_cameras, LONG).unwrap();
        }
        engine.warm(user.clone(), another_camera(), LONG).unwrap();
        take_away(&engine, &user).await;
        let Attempted { verdict, .. } =
            engine.verify(terms(LOGIN, user, LONG), gallery(), POLICY).await;
        assert_eq!(verdict, Err(Refusal::CameraFailed));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compared_face_is_noted_however_the_attempt_ends_and_nothing_else_is() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine();
    let policy = Policy { judged_frames: u32::MAX, ..POLICY };
    for (script, compared, refusal) in [
        ([Shown::Nobody, Shown::Darkness], false, Refusal::Cancelled),
        ([Shown::TwoFaces, Shown::Blurred], false, Refusal::Cancelled),
        ([Shown::Featureless, Shown::Bomb], false, Refusal::EngineFailed),
        ([Shown::Stranger, Shown::Blurred], true, Refusal::Cancelled),
        ([Shown::Stranger, Shown::Bomb], true, Refusal::EngineFailed),
        ([Shown::User(0), Shown::Nobody], true, Refusal::Cancelled),
    ] {
        let terms = terms(OWN, clip(directory.path(), &script), LONG);
        let (noted, cancel) = (terms.compared.clone(), terms.cancel.clone());
        let leave = async {
            let mut patience = if compared { 1000 } else { 30 };
            while patience > 0 && !noted.is_noted() {
                tokio::time::sleep(Duration::from_millis(10)).await;
                patience -= 1;
            }
            if refusal == Refusal::Cancelled {
                cancel.raise();
            }
        };
        let attempt = engine.verify(terms, gallery(), policy);
        let (Attempted { verdict, .. }, ()) = tokio::join!(attempt, leave);
        assert_eq!((verdict, noted.is_noted()), (Err(refusal), compared), "{script:?}");
    }
}

mod stuck;
