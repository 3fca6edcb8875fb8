//! The engine thread: it performs one task after another.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::Arc,
    time::{Duration, Instant},
};

use fpass_camera::{Camera, Source};
use fpass_face::Gallery;
use fpass_proto::Refusal;

use super::{
    state::EngineState,
    task::{AttemptOutcome, Prewarm, RequestedTask, Task, TaskContext, Work},
    watchdog::WatchedTask,
};
use crate::{
    allowed_cameras::AllowedCameras,
    camera_check,
    cue::Cue,
    decide::Policy,
    decision::Decision,
    enroll::{self, EnrolmentReports},
    face_recogniser::{FaceRecogniser, RecogniserLoader},
    feedback::ReportingRecogniser,
    frame_rotation::TurnedCamera,
    frames::{AttemptLimits, camera_refusal, is_camera_fault},
    preview, qualify,
    queue::Popped,
    trace::Trace,
    verify::{self, AttemptReports},
    viewfinder::{Viewfinder, WatchedRecogniser},
};

/// A camera is not started ahead if the task waited longer than this: the attempt has come by then.
const PREWARM_MOMENT: Duration = Duration::from_secs(1);
/// Longest time to load the models. Measured: half a second; a slow disk takes longer.
const LOAD_MAX: Duration = Duration::from_secs(30);

/// A camera that was started ahead of its attempt.
struct PrewarmedCamera {
    source: Source,
    /// The cameras that were allowed.
    allowed_cameras: AllowedCameras,
    camera: Box<dyn Camera>,
    until: Instant,
}

impl PrewarmedCamera {
    /// Whether an attempt with these settings may use it.
    fn suits(&self, source: &Source, allowed_cameras: &AllowedCameras) -> bool {
        let is_chosen_alike = match allowed_cameras {
            AllowedCameras::Any => self.allowed_cameras == AllowedCameras::Any,
            AllowedCameras::Only(_) => allowed_cameras.admit(self.camera.identity()),
        };
        self.source == *source && is_chosen_alike
    }
}

/// One engine thread. It serves until the queue is closed or the watchdog abandons it.
pub(super) struct Worker {
    number: u64,
    state: Arc<EngineState>,
    load: Arc<RecogniserLoader>,
    recogniser: Option<Box<dyn FaceRecogniser + Send>>,
    warm: Option<PrewarmedCamera>,
}

impl Worker {
    /// Thread `number`. It loads a recogniser if it gets none.
    pub(super) fn new(
        number: u64,
        state: Arc<EngineState>,
        load: Arc<RecogniserLoader>,
        recogniser: Option<Box<dyn FaceRecogniser + Send>>,
    ) -> Self {
        Self { number, state, load, recogniser, warm: None }
    }

    /// Performs tasks until the end.
    pub(super) fn run(mut self) {
        let (number, state) = (self.number, Arc::clone(&self.state));
        loop {
            match panic::catch_unwind(AssertUnwindSafe(|| self.step())) {
                Ok(true) => {}
                Ok(false) => break,
                Err(_) => {
                    tracing::error!("the engine panicked between two tasks");
                    // Dropping the camera might panic again.
                    std::mem::forget(self.warm.take());
                    self.recogniser = None;
                    if !state.watchdog.leave(number) {
                        break;
                    }
                }
            }
        }
        // The thread holds a camera and the models until this drop.
        drop(self);
        state.watchdog.end(number);
    }

    /// Loads the models if they are missing, and performs one task. Returns whether to continue.
    fn step(&mut self) -> bool {
        if self.recogniser.is_none() {
            let serves = self.watched(WatchedTask::unasked(Instant::now() + LOAD_MAX), |worker| {
                worker.recogniser = (worker.load)();
            });
            if !serves {
                return false;
            }
        }
        match self.state.queue.pop(self.warm.as_ref().map(|warm| warm.until)) {
            Popped::Task(Task::Requested(request)) => {
                let sees_faces = request.work.sees_faces();
                let serves = self.watched(request.begin(), |worker| worker.perform(request));
                if !(serves && sees_faces) {
                    return serves;
                }
                self.watched(WatchedTask::unasked(Instant::now()), Self::forget)
            }
            Popped::Task(Task::Prewarm(prewarm)) => {
                let watched = WatchedTask::unasked(prewarm.until);
                self.watched(watched, |worker| worker.start_camera(prewarm))
            }
            Popped::Nothing => self.watched(WatchedTask::unasked(Instant::now()), |worker| {
                worker.warm = None;
                tracing::info!("the camera that was started ahead was let go");
            }),
            Popped::Closed => false,
        }
    }

    /// Overwrites the data of the attempt in the recogniser. A recogniser that fails to do so is
    /// replaced.
    fn forget(&mut self) {
        let Some(recogniser) = &mut self.recogniser else {
            return;
        };
        if let Err(error) = recogniser.forget() {
            tracing::error!(%error, "the data of an attempt could not be overwritten; the models are loaded again");
            self.recogniser = None;
        }
    }

    /// Does something while the watchdog watches. Returns whether this thread still serves.
    fn watched(&mut self, work: WatchedTask, doing: impl FnOnce(&mut Self)) -> bool {
        self.state.watchdog.enter(self.number, work);
        doing(self);
        self.state.watchdog.leave(self.number)
    }

    fn perform(&mut self, task: RequestedTask) {
        let RequestedTask { context, work, .. } = task;
        match work {
            Work::Verify { gallery, policy, reply } => {
                let mut trace = Trace::default();
                let tell = |cue| reply.reporters.with(|report| report(cue));
                let mut reports = AttemptReports {
                    trace: &mut trace,
                    cue: &mut |cue| tell(cue),
                    feedback: &mut |seen| tell(Cue::Feedback(seen)),
                };
                let decision = self.guarded(&context, |worker, limits| {
                    worker.verify(&context, &gallery, &policy, limits, &mut reports)
                });
                reply.answer.send(AttemptOutcome::new(decision, trace));
            }
            Work::Enroll { params, reply } => {
                let samples = self.guarded(&context, |worker, limits| {
                    let (mut camera, recogniser) = worker.equip(&context)?;
                    let mut viewfinder = Viewfinder::default();
                    reply.reporters.with(|to| viewfinder = to.viewfinder.clone());
                    let mut watched = WatchedRecogniser { inner: recogniser, viewfinder };
                    let mut reports = EnrolmentReports {
                        progress: &mut |step| reply.reporters.with(|to| (to.progress)(step)),
                        cue: &mut |cue| reply.reporters.with(|to| (to.cues)(cue)),
                    };
                    enroll::enroll(&mut camera, &mut watched, &params, limits, &mut reports)
                });
                reply.answer.send(samples);
            }
            Work::Preview { reply } => {
                let shown = self.guarded(&context, |worker, limits| {
                    let (mut camera, recogniser) = worker.equip(&context)?;
                    let mut viewfinder = Viewfinder::default();
                    reply.reporters.with(|to| viewfinder = to.viewfinder.clone());
                    let mut watched = WatchedRecogniser { inner: recogniser, viewfinder };
                    let mut hint = |guidance| reply.reporters.with(|to| (to.hint)(guidance));
                    preview::preview(&mut camera, &mut watched, limits, &mut hint)
                });
                reply.answer.send(shown);
            }
            Work::Qualify { params, reply } => {
                let tell = |cue| reply.reporters.with(|report| report(cue));
                let report = self.guarded(&context, |worker, limits| {
                    let (mut camera, recogniser) = worker.equip(&context)?;
                    ensure_allowed(&context, &camera)?;
                    let mut feedback = |seen| tell(Cue::Feedback(seen));
                    // The turn comes at the end.
                    let mut recogniser = ReportingRecogniser::new(recogniser, &mut feedback, true);
                    let mut cue = |cue| tell(cue);
                    qualify::qualify(&mut camera, &mut recogniser, &params, limits, &mut cue)
                });
                reply.answer.send(report);
            }
            Work::CheckCamera { reply } => {
                let report = self.guarded(&context, |worker, limits| {
                    drop(worker.warm.take());
                    camera_check::check_camera(open(&context)?.as_mut(), limits)
                });
                reply.send(report);
            }
        }
    }

    /// One attempt, with the camera that was started ahead of it if there is one.
    fn verify(
        &mut self,
        context: &TaskContext,
        gallery: &Gallery,
        policy: &Policy,
        limits: &AttemptLimits<'_>,
        reports: &mut AttemptReports<'_>,
    ) -> Result<Decision, Refusal> {
        let started_ahead = self.take_warm(context);
        let was_warm = started_ahead.is_some();
        let mut attempt = |camera: Option<Box<dyn Camera>>| {
            let recogniser = self.recogniser.as_deref_mut().ok_or(Refusal::EngineFailed)?;
            let opened = Instant::now();
            let camera = camera.map_or_else(|| open(context), Ok)?;
            ensure_allowed(context, camera.as_ref())?;
            ensure_lid_open(context, camera.as_ref())?;
            reports.trace.camera = opened.elapsed();
            let mut camera = context.rotation.apply(camera);
            verify::verify(&mut camera, recogniser, gallery, policy, limits, reports)
        };
        match attempt(started_ahead) {
            // It may have failed while it waited, before this attempt began.
            Err(refusal) if was_warm && is_camera_fault(refusal) => attempt(None),
            outcome => outcome,
        }
    }

    /// A newly opened camera, whose frames are turned, and the recogniser. A camera that was
    /// started ahead is closed.
    fn equip(
        &mut self,
        context: &TaskContext,
    ) -> Result<(TurnedCamera, &mut (dyn FaceRecogniser + Send)), Refusal> {
        drop(self.warm.take());
        let recogniser = self.recogniser.as_deref_mut().ok_or(Refusal::EngineFailed)?;
        Ok((context.rotation.apply(open(context)?), recogniser))
    }

    /// Runs one task within its limits. A panic becomes a refusal, and the models are loaded again.
    fn guarded<T>(
        &mut self,
        context: &TaskContext,
        work: impl FnOnce(&mut Self, &AttemptLimits<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        // A login that arrived before the watchdog watched this task could not end it.
        if !context.priority.is_login() && self.state.queue.login_waits() {
            context.cancel.raise();
        }
        if let Some(refusal) = context.expired() {
            return Err(refusal);
        }
        let limits = AttemptLimits {
            started: context.started,
            deadline: context.deadline,
            cancel: &context.cancel,
            compared: &context.compared,
            draw: &context.draw,
        };
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| work(self, &limits)));
        outcome.unwrap_or_else(|_| {
            tracing::error!("the engine panicked; the models are loaded again");
            self.warm = None;
            self.recogniser = None;
            Err(Refusal::EngineFailed)
        })
    }

    /// Takes the camera that was started ahead, if this attempt may use it. Any other one is
    /// closed: it may have been started for another user, or before the allowed camera was
    /// connected.
    fn take_warm(&mut self, context: &TaskContext) -> Option<Box<dyn Camera>> {
        let warm =
            self.warm.take().filter(|warm| warm.suits(&context.source, &context.allowed_cameras));
        warm.map(|warm| warm.camera)
    }

    fn start_camera(&mut self, prewarm: Prewarm) {
        let Prewarm { source, allowed_cameras, asked, until } = prewarm;
        if asked.elapsed() > PREWARM_MOMENT {
            return;
        }
        if let Some(warm) = self.warm.as_mut().filter(|warm| warm.suits(&source, &allowed_cameras))
        {
            warm.until = until;
            return;
        }
        self.warm = None;
        let opened = Instant::now();
        match source.open(allowed_cameras.expected()) {
            Ok(camera) if allowed_cameras.admit(camera.identity()) => {
                let camera_ms = opened.elapsed().as_millis();
                tracing::info!(camera_ms, "the camera was started ahead of an attempt");
                self.warm = Some(PrewarmedCamera { source, allowed_cameras, camera, until });
            }
            Ok(_) => tracing::info!("no camera of this F-pass could be started ahead"),
            Err(error) => tracing::info!(%error, "the camera could not be started ahead"),
        }
    }
}

/// Checks that the open camera is allowed.
fn ensure_allowed(context: &TaskContext, camera: &dyn Camera) -> Result<(), Refusal> {
    if context.allowed_cameras.admit(camera.identity()) {
        return Ok(());
    }
    tracing::warn!(camera = camera.description(), "not a camera of this F-pass");
    Err(Refusal::OtherCamera)
}

/// Checks that the open camera is not below a closed lid.
fn ensure_lid_open(context: &TaskContext, camera: &dyn Camera) -> Result<(), Refusal> {
    if context.lid_closed && camera.is_built_in() { Err(Refusal::LidClosed) } else { Ok(()) }
}

fn open(context: &TaskContext) -> Result<Box<dyn Camera>, Refusal> {
    let opened = context.source.open(context.allowed_cameras.expected());
    let camera = opened.map_err(|error| {
        tracing::warn!(%error, "the camera could not be opened");
        camera_refusal(&error)
    })?;
    ensure_lid_open(context, camera.as_ref())?;
    Ok(camera)
}

#[cfg(test)]
mod tests;
