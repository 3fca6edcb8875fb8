//! What the engine thread does: one task after the other.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::Arc,
    time::{Duration, Instant},
};

use fpass_camera::{Camera, Source};
use fpass_proto::Refusal;

use super::{Attempted, LoadSight, Shared, Task, Terms, watch::Work};
use crate::{
    allowed_cameras::AllowedCameras,
    camera_check, enroll, qualify,
    queue::Taken,
    sight::Sight,
    verify::{self, Bounds, Trace, camera_refusal},
};

/// Longest wait after which starting the camera still is ahead of the attempt.
const WARM_MOMENT: Duration = Duration::from_secs(1);
/// How long the models may take to load. Measured: half a second; a slow disk takes longer.
const LOAD_MAX: Duration = Duration::from_secs(30);

/// A camera that was started ahead of its attempt.
struct Warm {
    source: Source,
    /// The cameras that were looked for first.
    allowed_cameras: AllowedCameras,
    camera: Box<dyn Camera>,
    until: Instant,
}

impl Warm {
    /// Whether an attempt may take it.
    fn suits(&self, source: &Source, allowed_cameras: &AllowedCameras) -> bool {
        let is_chosen_alike = match allowed_cameras {
            AllowedCameras::Any => self.allowed_cameras == AllowedCameras::Any,
            AllowedCameras::Only(_) => allowed_cameras.admit(self.camera.identity()),
        };
        self.source == *source && is_chosen_alike
    }
}

/// One engine thread. It serves until the queue is closed or the watchdog has left it behind.
pub(super) struct Worker {
    number: u64,
    shared: Arc<Shared>,
    load: Arc<LoadSight>,
    sight: Option<Box<dyn Sight + Send>>,
    warm: Option<Warm>,
}

impl Worker {
    /// Thread `number`; without a recogniser it loads one.
    pub(super) fn new(
        number: u64,
        shared: Arc<Shared>,
        load: Arc<LoadSight>,
        sight: Option<Box<dyn Sight + Send>>,
    ) -> Self {
        Self { number, shared, load, sight, warm: None }
    }

    /// Serves.
    pub(super) fn run(mut self) {
        let (number, shared) = (self.number, Arc::clone(&self.shared));
        loop {
            match panic::catch_unwind(AssertUnwindSafe(|| self.step())) {
                Ok(true) => {}
                Ok(false) => break,
                Err(_) => {
                    tracing::error!("the engine panicked between two tasks");
                    // Dropping what panicked once might panic again.
                    std::mem::forget(self.warm.take());
                    self.sight = None;
                    if !shared.watch.leave(number) {
                        break;
                    }
                }
            }
        }
        // It holds a camera and the models: only then it has ended.
        drop(self);
        shared.watch.end(number);
    }

    /// Loads what is missing and performs one task; whether to go on.
    fn step(&mut self) -> bool {
        if self.sight.is_none() {
            let serves = self.watched(Work::unasked(Instant::now() + LOAD_MAX), |worker| {
                worker.sight = (worker.load)();
            });
            if !serves {
                return false;
            }
        }
        match self.shared.queue.take(self.warm.as_ref().map(|warm| warm.until)) {
            Taken::Task(task) => {
                let sees_faces = task.sees_faces();
                let serves = self.watched(task.begin(), |worker| worker.perform(task));
                if !(serves && sees_faces) {
                    return serves;
                }
                self.watched(Work::unasked(Instant::now()), Self::forget)
            }
            Taken::Nothing => self.watched(Work::unasked(Instant::now()), |worker| {
                worker.warm = None;
                tracing::info!("the camera that was started ahead was let go");
            }),
            Taken::Closed => false,
        }
    }

    /// Overwrites what the recogniser holds of the attempt. One that cannot is replaced.
    fn forget(&mut self) {
        let Some(sight) = &mut self.sight else {
            return;
        };
        if let Err(error) = sight.forget() {
            tracing::error!(%error, "an attempt cannot be overwritten; the models are loaded again");
            self.sight = None;
        }
    }

    /// Does something under the watchdog's eyes; whether this thread still serves.
    fn watched(&mut self, work: Work, doing: impl FnOnce(&mut Self)) -> bool {
        self.shared.watch.enter(self.number, work);
        doing(self);
        self.shared.watch.leave(self.number)
    }

    fn perform(&mut self, task: Task) {
        match task {
            Task::Warm { asked, .. } if asked.elapsed() > WARM_MOMENT => {}
            Task::Warm { source, allowed_cameras, until, .. } => {
                self.start_camera(source, &allowed_cameras, until)
            }
            Task::Verify { terms, gallery, policy, reply } => {
                let mut trace = Trace::default();
                let outcome = self.guarded(&terms, |worker, bounds| {
                    let started_ahead = worker.take_warm(&terms);
                    let was_warm = started_ahead.is_some();
                    let mut run = |camera: Option<Box<dyn Camera>>| {
                        let sight = worker.sight.as_deref_mut().ok_or(Refusal::EngineFailed)?;
                        let opened = Instant::now();
                        let mut camera = camera.map_or_else(|| open(&terms), Ok)?;
                        held_to(&terms, camera.as_ref())?;
                        trace.camera = opened.elapsed();
                        let camera = camera.as_mut();
                        verify::verify(camera, sight, &gallery, &policy, bounds, &mut trace)
                    };
                    match run(started_ahead) {
                        // It may have failed while it waited: that is not this attempt's fault.
                        Err(refusal) if was_warm && verify::is_camera_fault(refusal) => run(None),
                        outcome => outcome,
                    }
                });
                reply.send(Attempted::new(outcome, trace));
            }
            Task::Enroll { terms, plan, report, reply } => {
                let samples = self.guarded(&terms, |worker, bounds| {
                    drop(worker.warm.take());
                    let sight = worker.sight.as_deref_mut().ok_or(Refusal::EngineFailed)?;
                    let mut camera = open(&terms)?;
                    let mut report = |progress| report.with(|report| report(progress));
                    enroll::enroll(camera.as_mut(), sight, &plan, bounds, &mut report)
                });
                reply.send(samples);
            }
            Task::Qualify { terms, gallery, measure, reply } => {
                let report = self.guarded(&terms, |worker, bounds| {
                    drop(worker.warm.take());
                    let sight = worker.sight.as_deref_mut().ok_or(Refusal::EngineFailed)?;
                    let mut camera = open(&terms)?;
                    held_to(&terms, camera.as_ref())?;
                    qualify::qualify(camera.as_mut(), sight, &gallery, &measure, bounds)
                });
                reply.send(report);
            }
            Task::CheckCamera { terms, reply } => {
                let report = self.guarded(&terms, |worker, bounds| {
                    drop(worker.warm.take());
                    camera_check::check_camera(open(&terms)?.as_mut(), bounds)
                });
                reply.send(report);
            }
        }
    }

    /// Runs one task within its bounds; a panic is a refusal and costs a reload of the models.
    fn guarded<T>(
        &mut self,
        terms: &Terms,
        work: impl FnOnce(&mut Self, &Bounds<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        // A login that came in before this task was watched, and so could not end it.
        if !terms.priority.is_login() && self.shared.queue.login_waits() {
            terms.cancel.raise();
        }
        if let Some(refusal) = terms.over() {
            return Err(refusal);
        }
        let bounds = Bounds {
            started: terms.started,
            deadline: terms.deadline,
            cancel: &terms.cancel,
            compared: &terms.compared,
        };
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| work(self, &bounds)));
        outcome.unwrap_or_else(|_| {
            tracing::error!("the engine panicked; the models are loaded again");
            self.warm = None;
            self.sight = None;
            Err(Refusal::EngineFailed)
        })
    }

    /// Takes the camera that was started ahead, if it is the one. Another one is stopped: it may have
    /// been started for somebody else, or before the person's own was plugged in.
    fn take_warm(&mut self, terms: &Terms) -> Option<Box<dyn Camera>> {
        let warm =
            self.warm.take().filter(|warm| warm.suits(&terms.source, &terms.allowed_cameras));
        warm.map(|warm| warm.camera)
    }

    fn start_camera(&mut self, source: Source, allowed_cameras: &AllowedCameras, until: Instant) {
        if let Some(warm) = self.warm.as_mut().filter(|warm| warm.suits(&source, allowed_cameras)) {
            warm.until = until;
            return;
        }
        self.warm = None;
        let asked = Instant::now();
        match source.open(allowed_cameras.expected()) {
            Ok(camera) if allowed_cameras.admit(camera.identity()) => {
                let camera_ms = asked.elapsed().as_millis();
                tracing::info!(camera_ms, "the camera was started ahead of an attempt");
                self.warm =
                    Some(Warm { source, allowed_cameras: allowed_cameras.clone(), camera, until });
            }
            Ok(_) => tracing::info!("no camera of this F-pass could be started ahead"),
            Err(error) => tracing::info!(%error, "the camera could not be started ahead"),
        }
    }
}

/// Makes sure that the open camera is one with which the person enrolled.
fn held_to(terms: &Terms, camera: &dyn Camera) -> Result<(), Refusal> {
    if terms.allowed_cameras.admit(camera.identity()) {
        return Ok(());
    }
    tracing::warn!(camera = camera.description(), "not a camera of this F-pass");
    Err(Refusal::OtherCamera)
}

fn open(terms: &Terms) -> Result<Box<dyn Camera>, Refusal> {
    terms.source.open(terms.allowed_cameras.expected()).map_err(|error| {
        tracing::warn!(%error, "the camera could not be opened");
        camera_refusal(&error)
    })
}
