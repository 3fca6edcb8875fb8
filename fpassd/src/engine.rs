//! The one thread that owns the camera and the models, and the watchdog that replaces it when it is
//! stuck.

mod reply;
mod supervisor;
mod watch;
mod worker;

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use fpass_camera::Source;
use fpass_face::{Features, Gallery};
use fpass_proto::{LookReport, QualifyReport, Refusal, Uid, Verdict};
use tokio::sync::Notify;

use self::{
    reply::{Reply, Revocable},
    watch::{Watch, Work},
};
use crate::{
    allowed_cameras::AllowedCameras,
    cancel::CancelFlag,
    compared::Compared,
    decide::Policy,
    enroll::{Plan, Progress, Samples},
    qualify::Measure,
    queue::{Priority, Queue},
    sight::Sight,
    verify::{Judgement, Trace},
};

/// What a task is bounded by.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// Whose task it is.
    pub(crate) priority: Priority,
    /// Camera to use.
    pub(crate) source: Source,
    /// Which camera it must turn out to be.
    pub(crate) allowed_cameras: AllowedCameras,
    /// When the request arrived.
    pub(crate) started: Instant,
    /// When it must be over.
    pub(crate) deadline: Instant,
    /// Raised when nobody waits any more.
    pub(crate) cancel: CancelFlag,
    /// Noted when a face is compared.
    pub(crate) compared: Compared,
}

/// Answer to an attempt.
pub(crate) struct Attempted {
    /// What the caller is told.
    pub(crate) verdict: Result<Verdict, Refusal>,
    /// Its durations.
    pub(crate) trace: Trace,
    /// Features of the last agreeing frame of a match, when the policy asks for them.
    pub(crate) probe: Option<Features>,
}

impl Attempted {
    fn new(outcome: Result<Judgement, Refusal>, trace: Trace) -> Self {
        match outcome {
            Ok(Judgement { verdict, probe }) => Self { verdict: Ok(verdict), trace, probe },
            Err(refusal) => Self { verdict: Err(refusal), trace, probe: None },
        }
    }
}

/// Receives the progress of an enrolment.
pub(crate) type Report = Box<dyn FnMut(Progress) + Send>;

enum Task {
    Verify {
        terms: Terms,
        gallery: Gallery,
        policy: Policy,
        reply: Reply<Attempted>,
    },
    Enroll {
        terms: Terms,
        plan: Plan,
        report: Revocable<Report>,
        reply: Reply<Result<Samples, Refusal>>,
    },
    Qualify {
        terms: Terms,
        gallery: Gallery,
        measure: Measure,
        reply: Reply<Result<QualifyReport, Refusal>>,
    },
    CheckCamera {
        terms: Terms,
        reply: Reply<Result<LookReport, Refusal>>,
    },
    Warm {
        source: Source,
        allowed_cameras: AllowedCameras,
        asked: Instant,
        until: Instant,
    },
}

impl Task {
    /// The task as the watchdog sees it, when the engine begins with it.
    fn begin(&self) -> Work {
        match self {
            Self::Verify { terms, reply, .. } => terms.work(begin(reply)),
            Self::Qualify { terms, reply, .. } => terms.work(begin(reply)),
            Self::CheckCamera { terms, reply } => terms.work(begin(reply)),
            Self::Enroll { terms, report, reply, .. } => {
                let (progress, answer) = (withdrawing(report), begin(reply));
                terms.work(Box::new(|| {
                    progress();
                    answer();
                }))
            }
            Self::Warm { until, .. } => Work::unasked(*until),
        }
    }

    /// Whether faces are looked for in its frames.
    fn sees_faces(&self) -> bool {
        match self {
            Self::Verify { .. } | Self::Enroll { .. } | Self::Qualify { .. } => true,
            Self::CheckCamera { .. } | Self::Warm { .. } => false,
        }
    }

    /// Why it need not be begun any more.
    fn over(&self) -> Option<Refusal> {
        match self {
            Self::Verify { terms, .. }
            | Self::Enroll { terms, .. }
            | Self::Qualify { terms, .. }
            | Self::CheckCamera { terms, .. } => terms.over(),
            Self::Warm { .. } => None,
        }
    }

    /// Answers without having been begun.
    fn refuse(self, refusal: Refusal) {
        match self {
            Self::Verify { reply, .. } => {
                reply.send(Attempted::new(Err(refusal), Trace::default()));
            }
            Self::Enroll { reply, .. } => reply.send(Err(refusal)),
            Self::Qualify { reply, .. } => reply.send(Err(refusal)),
            Self::CheckCamera { reply, .. } => reply.send(Err(refusal)),
            Self::Warm { .. } => {}
        }
    }
}

impl Terms {
    fn work(&self, withdraw: Box<dyn FnOnce() + Send>) -> Work {
        let (deadline, cancel) = (self.deadline, self.cancel.clone());
        Work { deadline, cancel, yields: !self.priority.is_login(), withdraw }
    }

    /// Why the task is over before it began.
    fn over(&self) -> Option<Refusal> {
        if self.cancel.is_raised() {
            Some(Refusal::Cancelled)
        } else if Instant::now() >= self.deadline {
            Some(Refusal::QueueFull)
        } else {
            None
        }
    }
}

fn begin<T: Send + 'static>(reply: &Reply<T>) -> Box<dyn FnOnce() + Send> {
    reply.begin();
    withdrawing(reply.place())
}

fn withdrawing<T: Send + 'static>(held: &Revocable<T>) -> Box<dyn FnOnce() + Send> {
    let held = held.clone();
    Box::new(move || drop(held.withdraw()))
}

/// Makes the recogniser; called again after a panic, which may have left the old one half-changed,
/// and for a thread that takes over from a stuck one.
pub(crate) type LoadSight = dyn Fn() -> Option<Box<dyn Sight + Send>> + Send + Sync;

/// Handle of the engine. Dropping it ends the threads, and waits for a stuck one for a moment only.
pub(crate) struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    queue: Queue<Task>,
    watch: Watch,
    /// Told when too many threads are stuck.
    lost: Notify,
}

impl Engine {
    /// Starts the threads with a recogniser and the means to replace it.
    pub(crate) fn start(sight: Box<dyn Sight + Send>, load: Box<LoadSight>) -> io::Result<Self> {
        Self::start_with(PATIENCE, sight, load)
    }

    /// The same with another patience: a task that is so late is stuck.
    fn start_with(
        patience: Duration,
        sight: Box<dyn Sight + Send>,
        load: Box<LoadSight>,
    ) -> io::Result<Self> {
        let load = Arc::from(load);
        let shared = Arc::new(Shared {
            queue: Queue::new(),
            watch: Watch::new(patience),
            lost: Notify::new(),
        });
        supervisor::start_worker(0, &shared, &load, Some(sight))?;
        supervisor::start_watchdog(&shared, load)?;
        Ok(Self { shared })
    }

    /// Runs one attempt.
    pub(crate) async fn verify(&self, terms: Terms, gallery: Gallery, policy: Policy) -> Attempted {
        let (priority, deadline) = (terms.priority, terms.deadline);
        let (reply, answer) = Reply::channel();
        if let Err(refusal) = self.put(priority, Task::Verify { terms, gallery, policy, reply }) {
            return Attempted::new(Err(refusal), Trace::default());
        }
        let refused = |refusal| Attempted::new(Err(refusal), Trace::default());
        answer.by(deadline, GRACE).await.unwrap_or_else(refused)
    }

    /// Runs one enrolment.
    pub(crate) async fn enroll(
        &self,
        terms: Terms,
        plan: Plan,
        report: Report,
    ) -> Result<Samples, Refusal> {
        let (priority, deadline) = (terms.priority, terms.deadline);
        let (reply, answer) = Reply::channel();
        let report = Revocable::new(report);
        self.put(priority, Task::Enroll { terms, plan, report, reply })?;
        answer.by(deadline, GRACE).await?
    }

    /// Measures how surely a user is recognised.
    pub(crate) async fn qualify(
        &self,
        terms: Terms,
        gallery: Gallery,
        measure: Measure,
    ) -> Result<QualifyReport, Refusal> {
        let (priority, deadline) = (terms.priority, terms.deadline);
        let (reply, answer) = Reply::channel();
        self.put(priority, Task::Qualify { terms, gallery, measure, reply })?;
        answer.by(deadline, GRACE).await?
    }

    /// Measures how the camera does.
    pub(crate) async fn check_camera(&self, terms: Terms) -> Result<LookReport, Refusal> {
        let (priority, deadline) = (terms.priority, terms.deadline);
        let (reply, answer) = Reply::channel();
        self.put(priority, Task::CheckCamera { terms, reply })?;
        answer.by(deadline, GRACE).await?
    }

    /// Starts the camera ahead of an attempt, if it is one of `allowed_cameras`, and keeps it for a while. It ends
    /// nobody's self-test, and comes to nothing when the engine is busy for longer than a moment.
    pub(crate) fn warm(
        &self,
        source: Source,
        allowed_cameras: AllowedCameras,
        keep: Duration,
    ) -> Result<(), Refusal> {
        let asked = Instant::now();
        let task = Task::Warm { source, allowed_cameras, asked, until: asked + keep };
        self.put(Priority::OwnTest { caller: Uid::ROOT.0 }, task)
    }

    /// Returns when so many threads are stuck that only another process can help.
    pub(crate) async fn lost(&self) {
        self.shared.lost.notified().await;
    }

    fn put(&self, priority: Priority, task: Task) -> Result<(), Refusal> {
        // What waits for nobody any more holds no place.
        for gone in self.shared.queue.take_out(|task| task.over().is_some()) {
            let refusal = gone.over().unwrap_or(Refusal::Cancelled);
            gone.refuse(refusal);
        }
        self.shared.queue.put(priority, task).map_err(|_| Refusal::QueueFull)?;
        if priority.is_login() {
            self.shared.watch.preempt();
        }
        Ok(())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shared.queue.close();
        self.shared.watch.close(END_MAX);
    }
}

/// What a task may take beyond its deadline: the look at its last frame.
const GRACE: Duration = Duration::from_secs(2);
/// How late a task is that is taken for stuck. Longer than what a caller waits.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long the end of the daemon waits for the engine. With what calls and runtime get before, this is
/// less than what the unit allows.
const END_MAX: Duration = Duration::from_secs(1);

/// How long a camera that was started ahead waits for its attempt.
pub(crate) const WARM_FOR: Duration = Duration::from_secs(8);

#[cfg(test)]
mod tests;
