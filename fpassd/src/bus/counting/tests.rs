//! What is left of an attempt on the disk, with a scripted camera and a clock that does as it is told.

use std::{
    io,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Instant,
};

use super::*;
use crate::{
    allowed_cameras::AllowedCameras,
    cancel::CancelFlag,
    comparison_flag::ComparisonFlag,
    config::Config,
    folder::private_directory,
    queue::Priority,
    scripted::{ALICE, POLICY, Scene, clip, gallery, service},
    throttle::{Clock, Moment, SystemClock},
};

/// Does something at the look with this number, the first being 0, before it tells the time.
struct Eventful {
    number: usize,
    event: Box<dyn Fn() + Send + Sync>,
    looks: AtomicUsize,
    clock: SystemClock,
}

impl Eventful {
    fn at(number: usize, event: impl Fn() + Send + Sync + 'static) -> Self {
        let (looks, clock) = (AtomicUsize::new(0), SystemClock::new());
        Self { number, event: Box::new(event), looks, clock }
    }
}

impl Clock for Eventful {
    fn now(&self) -> io::Result<Moment> {
        if self.looks.fetch_add(1, Ordering::SeqCst) == self.number {
            (self.event)();
        }
        self.clock.now()
    }
}

fn failures(service: &Service) -> u32 {
    service.throttle.status(ALICE, AttemptKind::Login).unwrap().failures
}

/// A login of alice who looks at the camera, on the configuration of before `meanwhile`.
async fn login(
    service: &Arc<Service>,
    directory: &Path,
    cancel: CancelFlag,
    meanwhile: impl FnOnce(&Service),
) -> Result<Verdict, Refusal> {
    let generation = service.store.templates(ALICE).unwrap().0;
    let config = service.config();
    let basis = MatchBasis { uid: ALICE, generation, config, cancel: cancel.clone() };
    meanwhile(service);
    let started = Instant::now();
    let terms = TaskContext {
        priority: Priority::Login { subject: ALICE },
        source: clip(directory, &[Scene::User(0), Scene::User(4)]),
        allowed_cameras: AllowedCameras::Any,
        started,
        deadline: started + Duration::from_secs(20),
        cancel,
        compared: ComparisonFlag::default(),
    };
    let attempted = verify(service, &basis, AttemptKind::Login, terms, gallery(), POLICY).await?;
    attempted.verdict
}

#[tokio::test(flavor = "multi_thread")]
async fn a_match_that_is_cancelled_while_its_count_is_written_is_none() {
    let (directory, frames) = (private_directory(), tempfile::tempdir().unwrap());
    let cancel = CancelFlag::default();
    let raised = cancel.clone();
    // The debit looks first, then the settling.
    let service = service(directory.path(), Eventful::at(1, move || raised.raise()));
    let ended = login(&service, frames.path(), cancel.clone(), |_| {}).await;
    assert!(cancel.is_raised(), "nothing was cancelled");
    assert_eq!(ended, Err(Refusal::Cancelled));
    let next = login(&service, frames.path(), CancelFlag::default(), |_| {}).await;
    assert_eq!(
        (next, failures(&service)),
        (Ok(Verdict::Match), 0),
        "nothing else stood in the way"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_match_on_grounds_that_no_longer_hold_is_neither_a_match_nor_a_failure() {
    let (directory, frames) = (private_directory(), tempfile::tempdir().unwrap());
    let service = service(directory.path(), SystemClock::new());
    let debit = debit(&service, ALICE, AttemptKind::Login).await.unwrap();
    settle(&service, ALICE, debit, Settlement::Keep).await;
    let reload = |service: &Service| {
        let mut config = Config::default();
        config.verification.agreeing_frames += 1;
        service.reconfigure(config);
    };
    let ended = login(&service, frames.path(), CancelFlag::default(), reload).await;
    assert_eq!((ended, failures(&service)), (Err(Refusal::Cancelled), 1));
    let enrolled = |service: &Service| service.store.reset_adaptation(ALICE, None).unwrap();
    let ended = login(&service, frames.path(), CancelFlag::default(), enrolled).await;
    assert_eq!((ended, failures(&service)), (Err(Refusal::Cancelled), 1));
    let next = login(&service, frames.path(), CancelFlag::default(), |_| {}).await;
    assert_eq!((next, failures(&service)), (Ok(Verdict::Match), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_debit_that_comes_too_late_for_its_attempt_is_given_back() {
    let directory = private_directory();
    let late = LOOK_UP_MAX + Duration::from_millis(300);
    let service = service(directory.path(), Eventful::at(0, move || thread::sleep(late)));
    let refused = debit(&service, ALICE, AttemptKind::Login).await;
    assert_eq!(refused.err(), Some(Refusal::DeadlinePassed));
    // The look waits for the debit, which is on the disk by then.
    let patience = Instant::now() + Duration::from_secs(20);
    while failures(&service) > 0 {
        assert!(Instant::now() < patience, "the debit stays");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let written = directory.path().join(format!("{ALICE}.logins"));
    assert!(written.exists(), "nothing was ever counted");
}
