//! What the engine is asked to do.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fpass_camera::Source;
use fpass_face::{Features, Gallery};
use fpass_proto::{CameraCheckReport, Guidance, Refusal, Verdict};

use super::{
    reply::{Answer, ReplySender, Revocable, Waiter},
    watchdog::WatchedTask,
};
use crate::{
    allowed_cameras::AllowedCameras,
    cancel::CancelFlag,
    comparison_flag::ComparisonFlag,
    cue::Cue,
    decide::Policy,
    decision::Decision,
    drawn_prompts::PromptDraw,
    enroll::{EnrolmentParams, EnrolmentProgress, Samples},
    frame_rotation::FrameRotation,
    qualify::{Qualification, QualifyParams},
    queue::Priority,
    trace::Trace,
    viewfinder::Viewfinder,
};

/// Who asks for a task, with which camera, and how long it may take.
#[derive(Clone, Debug)]
pub(crate) struct TaskContext {
    /// The user and the kind of the request, which decide the place in the queue.
    pub(crate) priority: Priority,
    /// Camera to use.
    pub(crate) source: Source,
    /// Cameras that are allowed.
    pub(crate) allowed_cameras: AllowedCameras,
    /// Whether the lid is closed. A camera that is built in then sees nothing.
    pub(crate) lid_closed: bool,
    /// How its frames are turned.
    pub(crate) rotation: FrameRotation,
    /// When the request arrived.
    pub(crate) started: Instant,
    /// When the task must end.
    pub(crate) deadline: Instant,
    /// Raised when nobody waits any more.
    pub(crate) cancel: CancelFlag,
    /// Set when a face is compared.
    pub(crate) compared: ComparisonFlag,
    /// Chooses its prompts.
    pub(crate) draw: PromptDraw,
}

impl TaskContext {
    /// Why the task need not begin any more.
    pub(super) fn expired(&self) -> Option<Refusal> {
        if self.cancel.is_raised() {
            Some(Refusal::Cancelled)
        } else if Instant::now() >= self.deadline {
            Some(Refusal::QueueFull)
        } else {
            None
        }
    }
}

/// Result of an attempt, for its caller.
pub(crate) struct AttemptOutcome {
    /// The verdict or the refusal.
    pub(crate) verdict: Result<Verdict, Refusal>,
    /// Durations of its stages.
    pub(crate) trace: Trace,
    /// Features of the last agreeing frame of a match, if the policy asks for them.
    pub(crate) probe: Option<Features>,
    /// Whether a picture or another person was probably in front of the camera.
    pub(crate) is_suspicious: bool,
}

impl AttemptOutcome {
    /// The outcome of an attempt with these durations.
    pub(super) fn new(decision: Result<Decision, Refusal>, trace: Trace) -> Self {
        match decision {
            Ok(Decision { verdict, is_suspicious, probe }) => {
                Self { verdict: Ok(verdict), trace, probe, is_suspicious }
            }
            Err(refusal) => {
                Self { verdict: Err(refusal), trace, probe: None, is_suspicious: false }
            }
        }
    }
}

impl Answer for AttemptOutcome {
    fn refused(refusal: Refusal) -> Self {
        Self::new(Err(refusal), Trace::default())
    }
}

/// Receives the cues of an attempt. It must return at once.
pub(crate) type CueReporter = Box<dyn FnMut(Cue) + Send>;

/// What an attempt compares, and who hears its cues.
pub(crate) struct AttemptParams {
    /// Templates of the user.
    pub(crate) gallery: Gallery,
    /// What a match needs.
    pub(crate) policy: Policy,
    /// Receives the cues.
    pub(crate) cues: CueReporter,
}

/// Receives what an enrolment reports.
pub(crate) struct EnrolmentReporters {
    /// Receives the progress.
    pub(crate) progress: Box<dyn FnMut(EnrolmentProgress) + Send>,
    /// Receives the cues.
    pub(crate) cues: CueReporter,
    /// Receives the frames.
    pub(crate) viewfinder: Viewfinder,
}

/// Receives what a preview reports.
pub(crate) struct PreviewReporters {
    /// Receives what the person should do.
    pub(crate) hint: Box<dyn FnMut(Guidance) + Send>,
    /// Receives the frames.
    pub(crate) viewfinder: Viewfinder,
}

/// Where the reports and the answer of a task go.
pub(super) struct ReportingReply<R, A> {
    pub(super) reporters: Revocable<R>,
    pub(super) answer: ReplySender<A>,
}

impl<R, A> ReportingReply<R, A> {
    /// A reply whose reports go to these reporters.
    pub(super) fn new(reporters: R, answer: ReplySender<A>) -> Self {
        Self { reporters: Revocable::new(reporters), answer }
    }
}

impl<R, A> Clone for ReportingReply<R, A> {
    fn clone(&self) -> Self {
        Self { reporters: self.reporters.clone(), answer: self.answer.clone() }
    }
}

impl<R: Send, A: Answer> Waiter for ReportingReply<R, A> {
    fn begin(&self) {
        self.answer.begin();
    }

    fn refuse(&self, refusal: Refusal) {
        self.answer.refuse(refusal);
    }

    fn withdraw(&self) {
        drop(self.reporters.withdraw());
        self.answer.withdraw();
    }
}

/// The work of a task.
pub(super) enum Work {
    Verify {
        gallery: Gallery,
        policy: Policy,
        reply: ReportingReply<CueReporter, AttemptOutcome>,
    },
    Enroll {
        params: EnrolmentParams,
        reply: ReportingReply<EnrolmentReporters, Result<Samples, Refusal>>,
    },
    Preview {
        reply: ReportingReply<PreviewReporters, Result<(), Refusal>>,
    },
    Qualify {
        params: QualifyParams,
        reply: ReportingReply<CueReporter, Result<Qualification, Refusal>>,
    },
    CheckCamera {
        reply: ReplySender<Result<CameraCheckReport, Refusal>>,
    },
}

impl Work {
    /// Whether faces are searched for in its frames.
    pub(super) fn sees_faces(&self) -> bool {
        match self {
            Self::Verify { .. }
            | Self::Enroll { .. }
            | Self::Preview { .. }
            | Self::Qualify { .. } => true,
            Self::CheckCamera { .. } => false,
        }
    }

    fn waiter(&self) -> Arc<dyn Waiter> {
        match self {
            Self::Verify { reply, .. } => Arc::new(reply.clone()),
            Self::Enroll { reply, .. } => Arc::new(reply.clone()),
            Self::Preview { reply } => Arc::new(reply.clone()),
            Self::Qualify { reply, .. } => Arc::new(reply.clone()),
            Self::CheckCamera { reply } => Arc::new(reply.clone()),
        }
    }
}

/// A task whose caller waits for an answer.
pub(super) struct RequestedTask {
    pub(super) context: TaskContext,
    pub(super) work: Work,
    waiter: Arc<dyn Waiter>,
}

impl RequestedTask {
    /// The watchdog's view of it, when the engine begins.
    pub(super) fn begin(&self) -> WatchedTask {
        self.waiter.begin();
        let waiter = Arc::clone(&self.waiter);
        WatchedTask {
            deadline: self.context.deadline,
            cancel: self.context.cancel.clone(),
            yields: !self.context.priority.is_login(),
            withdraw: Box::new(move || waiter.withdraw()),
        }
    }
}

/// The start of a camera ahead of an attempt.
pub(super) struct Prewarm {
    /// Camera to start.
    pub(super) source: Source,
    /// Cameras that are allowed.
    pub(super) allowed_cameras: AllowedCameras,
    /// When it was asked for.
    pub(super) asked: Instant,
    /// How long the camera stays open.
    pub(super) until: Instant,
}

/// One task of the engine.
pub(super) enum Task {
    Requested(RequestedTask),
    Prewarm(Prewarm),
}

impl Task {
    /// Work that was requested.
    pub(super) fn request(context: TaskContext, work: Work) -> Self {
        let waiter = work.waiter();
        Self::Requested(RequestedTask { context, work, waiter })
    }

    /// The start of a camera now, which stays open for `keep`.
    pub(super) fn prewarm(source: Source, allowed_cameras: AllowedCameras, keep: Duration) -> Self {
        let asked = Instant::now();
        Self::Prewarm(Prewarm { source, allowed_cameras, asked, until: asked + keep })
    }

    /// Why it need not begin any more.
    pub(super) fn expired(&self) -> Option<Refusal> {
        match self {
            Self::Requested(request) => request.context.expired(),
            Self::Prewarm(_) => None,
        }
    }

    /// Answers a task that does not begin.
    pub(super) fn refuse(self, refusal: Refusal) {
        match self {
            Self::Requested(request) => request.waiter.refuse(refusal),
            Self::Prewarm(_) => {}
        }
    }
}
