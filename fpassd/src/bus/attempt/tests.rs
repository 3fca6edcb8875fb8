//! What an attempt leaves on the disk, with a scripted camera and clock.

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::*;
use crate::{
    allowed_cameras::AllowedCameras,
    blocking::BLOCKING_MAX,
    cancel::CancelFlag,
    comparison_flag::ComparisonFlag,
    config::Config,
    folder::private_directory,
    frame_rotation::FrameRotation,
    queue::Priority,
    scripted::{ALICE, POLICY, Scene, clip, draw, gallery, service},
    throttle::{Clock, Moment, SystemClock},
};

/// A clock that runs `event` when it is read for the time with this number, counted from 0.
struct EventClock {
    number: usize,
    event: Box<dyn Fn() + Send + Sync>,
    reads: AtomicUsize,
    clock: SystemClock,
}

impl EventClock {
    fn at(number: usize, event: impl Fn() + Send + Sync + 'static) -> Self {
        let (reads, clock) = (AtomicUsize::new(0), SystemClock::new());
        Self { number, event: Box::new(event), reads, clock }
    }
}

impl Clock for EventClock {
    fn now(&self) -> io::Result<Moment> {
        if self.reads.fetch_add(1, Ordering::SeqCst) == self.number {
            (self.event)();
        }
        self.clock.now()
    }
}

fn failures(service: &Service) -> u32 {
    service.throttle.status(ALICE, AttemptKind::Login).unwrap().failures
}

/// A login of alice, with the configuration as it was before `meanwhile`.
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
        lid_closed: false,
        rotation: FrameRotation::default(),
        started,
        deadline: started + Duration::from_secs(20),
        cancel,
        compared: ComparisonFlag::default(),
        draw: draw(),
    };
    let params = AttemptParams { gallery: gallery(), policy: POLICY, cues: Box::new(|_| ()) };
    let attempted = verify_counted(service, &basis, AttemptKind::Login, terms, params).await?;
    attempted.verdict
}

#[tokio::test(flavor = "multi_thread")]
async fn a_match_that_is_cancelled_while_its_count_is_written_is_discarded() {
    let (directory, frames) = (private_directory(), tempfile::tempdir().unwrap());
    let cancel = CancelFlag::default();
    let raised = cancel.clone();
    // The debit reads the clock first, then the settlement.
    let service = service(directory.path(), EventClock::at(1, move || raised.raise()));
    let ended = login(&service, frames.path(), cancel.clone(), |_| {}).await;
    assert!(cancel.is_raised(), "nothing was cancelled");
    assert_eq!(ended, Err(Refusal::Cancelled));
    let next = login(&service, frames.path(), CancelFlag::default(), |_| {}).await;
    assert_eq!(
        (next, failures(&service)),
        (Ok(Verdict::Match), 0),
        "nothing else refused the match"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_match_whose_inputs_changed_is_discarded_and_not_counted() {
    let (directory, frames) = (private_directory(), tempfile::tempdir().unwrap());
    let service = service(directory.path(), SystemClock::new());
    let debit = throttling::debit(&service, ALICE, AttemptKind::Login).await.unwrap();
    throttling::settle(&service, ALICE, debit, Settlement::Keep).await;
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
async fn a_debit_that_is_written_too_late_for_its_attempt_is_refunded() {
    let directory = private_directory();
    let late = BLOCKING_MAX + Duration::from_millis(300);
    let service = service(directory.path(), EventClock::at(0, move || thread::sleep(late)));
    let refused = throttling::debit(&service, ALICE, AttemptKind::Login).await;
    assert_eq!(refused.err(), Some(Refusal::DeadlinePassed));
    // Reading the counter waits for the debit, which is written by then.
    let patience = Instant::now() + Duration::from_secs(20);
    while failures(&service) > 0 {
        assert!(Instant::now() < patience, "the debit was not refunded");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let written = directory.path().join(format!("{ALICE}.logins"));
    assert!(written.exists(), "nothing was ever counted");
}
