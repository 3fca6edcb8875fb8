//! The one thread that owns the camera and the models, and the watchdog that replaces it when it is
//! stuck.

mod reply;
mod state;
mod supervisor;
mod task;
mod watchdog;
mod worker;

use std::{io, sync::Arc, time::Duration};

use fpass_camera::Source;
use fpass_proto::{CameraCheckReport, Refusal, Uid};

pub(crate) use self::task::{
    AttemptOutcome, AttemptParams, CueReporter, EnrolmentReporters, PreviewReporters, TaskContext,
};
use self::{
    reply::{Answer, ReplySender},
    state::EngineState,
    task::{ReportingReply, Task, Work},
};
use crate::{
    allowed_cameras::AllowedCameras,
    enroll::{EnrolmentParams, Samples},
    face_recogniser::{FaceRecogniser, RecogniserLoader},
    qualify::{Qualification, QualifyParams},
    queue::Priority,
};

/// How long a task may overrun its deadline: time to examine its last frame.
const GRACE: Duration = Duration::from_secs(2);
/// How long a task overruns until it counts as stuck. Longer than [`GRACE`], which its caller
/// waits.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long the end of the daemon waits for the engine. Together with the waits for calls and
/// runtime, this is less than the unit allows.
const END_MAX: Duration = Duration::from_secs(1);

/// How long a camera that was started ahead waits for its attempt.
pub(crate) const PREWARM_KEEP: Duration = Duration::from_secs(8);

/// Handle of the engine. Dropping it ends the threads; it waits for a stuck one no longer than
/// [`END_MAX`].
pub(crate) struct Engine {
    state: Arc<EngineState>,
}

impl Engine {
    /// Starts the threads with a recogniser and the means to replace it.
    pub(crate) fn start(
        recogniser: Box<dyn FaceRecogniser + Send>,
        load: Box<RecogniserLoader>,
    ) -> io::Result<Self> {
        Self::start_with(PATIENCE, recogniser, load)
    }

    /// Starts the threads; a task is stuck when it overruns by `patience`.
    fn start_with(
        patience: Duration,
        recogniser: Box<dyn FaceRecogniser + Send>,
        load: Box<RecogniserLoader>,
    ) -> io::Result<Self> {
        let load = Arc::from(load);
        let state = Arc::new(EngineState::new(patience));
        supervisor::start_worker(0, &state, &load, Some(recogniser))?;
        supervisor::start_watchdog(&state, load)?;
        Ok(Self { state })
    }

    /// Runs one attempt.
    pub(crate) async fn verify(
        &self,
        context: TaskContext,
        params: AttemptParams,
    ) -> AttemptOutcome {
        let AttemptParams { gallery, policy, cues } = params;
        let work = |answer| {
            let reply = ReportingReply::new(cues, answer);
            Work::Verify { gallery, policy, reply }
        };
        self.submit(context, work).await
    }

    /// Runs one enrolment.
    pub(crate) async fn enroll(
        &self,
        context: TaskContext,
        params: EnrolmentParams,
        reporters: EnrolmentReporters,
    ) -> Result<Samples, Refusal> {
        let work = |answer| Work::Enroll { params, reply: ReportingReply::new(reporters, answer) };
        self.submit(context, work).await
    }

    /// Shows the camera's picture, and nothing else.
    pub(crate) async fn preview(
        &self,
        context: TaskContext,
        reporters: PreviewReporters,
    ) -> Result<(), Refusal> {
        let work = |answer| Work::Preview { reply: ReportingReply::new(reporters, answer) };
        self.submit(context, work).await
    }

    /// Measures how reliably a user is recognised.
    pub(crate) async fn qualify(
        &self,
        context: TaskContext,
        params: QualifyParams,
        cues: CueReporter,
    ) -> Result<Qualification, Refusal> {
        let work = |answer| {
            let reply = ReportingReply::new(cues, answer);
            Work::Qualify { params, reply }
        };
        self.submit(context, work).await
    }

    /// Measures brightness and frame rate of the camera.
    pub(crate) async fn check_camera(
        &self,
        context: TaskContext,
    ) -> Result<CameraCheckReport, Refusal> {
        self.submit(context, |reply| Work::CheckCamera { reply }).await
    }

    /// Starts the camera ahead of an attempt, if it is one of `allowed_cameras`, and keeps it open
    /// for `keep`. It ends no self-test, and is skipped when it cannot begin within a moment.
    pub(crate) fn prewarm(
        &self,
        source: Source,
        allowed_cameras: AllowedCameras,
        keep: Duration,
    ) -> Result<(), Refusal> {
        let priority = Priority::OwnTest { caller: Uid::ROOT };
        self.put(priority, Task::prewarm(source, allowed_cameras, keep))
    }

    /// Returns when too many threads are stuck: then the process must be replaced.
    pub(crate) async fn lost(&self) {
        self.state.lost.notified().await;
    }

    /// Queues a task and waits for its answer.
    async fn submit<A: Answer>(
        &self,
        context: TaskContext,
        work: impl FnOnce(ReplySender<A>) -> Work,
    ) -> A {
        let (priority, deadline) = (context.priority, context.deadline);
        let (reply, answer) = ReplySender::channel();
        match self.put(priority, Task::request(context, work(reply))) {
            Ok(()) => answer.by(deadline, GRACE).await.unwrap_or_else(A::refused),
            Err(refusal) => A::refused(refusal),
        }
    }

    fn put(&self, priority: Priority, task: Task) -> Result<(), Refusal> {
        // Expired tasks give up their places.
        for expired in self.state.queue.extract_if(|task| task.expired().is_some()) {
            let refusal = expired.expired().unwrap_or(Refusal::Cancelled);
            expired.refuse(refusal);
        }
        self.state.queue.push(priority, task).map_err(|_| Refusal::QueueFull)?;
        if priority.is_login() {
            self.state.watchdog.preempt();
        }
        Ok(())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.state.queue.close();
        self.state.watchdog.close(END_MAX);
    }
}

#[cfg(test)]
mod tests;
