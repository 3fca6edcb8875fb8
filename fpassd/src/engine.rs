//! The one thread that owns the camera and the models.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use fpass_camera::{Camera, Source};
use fpass_face::{Features, Gallery};
use fpass_proto::{QualifyReport, Refusal, Uid, Verdict};
use tokio::sync::oneshot;

use crate::{
    cancel::CancelFlag,
    compared::Compared,
    decide::Policy,
    enroll::{self, Plan, Progress, Samples},
    qualify::{self, Measure},
    queue::{Priority, Queue, Taken},
    sight::Sight,
    verify::{self, Bounds, Judgement, Trace, camera_refusal},
};

/// What a task is bounded by.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// Whose task it is.
    pub(crate) priority: Priority,
    /// Camera to use.
    pub(crate) source: Source,
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
        reply: oneshot::Sender<Attempted>,
    },
    Enroll {
        terms: Terms,
        plan: Plan,
        report: Report,
        reply: oneshot::Sender<Result<Samples, Refusal>>,
    },
    Qualify {
        terms: Terms,
        gallery: Gallery,
        measure: Measure,
        reply: oneshot::Sender<Result<QualifyReport, Refusal>>,
    },
    Warm {
        source: Source,
        asked: Instant,
        until: Instant,
    },
}

/// Makes the recogniser; called again after a panic, which may have left the old one half-changed.
pub(crate) type LoadSight = Box<dyn FnMut() -> Option<Box<dyn Sight + Send>> + Send>;

/// Handle of the engine thread. Dropping it ends the thread.
pub(crate) struct Engine {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    queue: Queue<Task>,
    /// Cancel flag of the self-test that is running, for a login to raise.
    running_test: Mutex<Option<CancelFlag>>,
}

impl Engine {
    /// Starts the thread with a recogniser and the means to replace it.
    pub(crate) fn start(sight: Box<dyn Sight + Send>, load: LoadSight) -> std::io::Result<Self> {
        let queue = Queue::new();
        let shared = Arc::new(Shared { queue, running_test: Mutex::new(None) });
        let inside = Arc::clone(&shared);
        let thread = thread::Builder::new().name("engine".into()).spawn(move || {
            Worker { shared: inside, sight: Some(sight), load, warm: None }.run();
        })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Runs one attempt.
    pub(crate) async fn verify(&self, terms: Terms, gallery: Gallery, policy: Policy) -> Attempted {
        let (priority, deadline) = (terms.priority, terms.deadline);
        let (reply, answer) = oneshot::channel();
        if let Err(refusal) = self.put(priority, Task::Verify { terms, gallery, policy, reply }) {
            return Attempted::new(Err(refusal), Trace::default());
        }
        let failed = || Attempted::new(Err(Refusal::EngineFailed), Trace::default());
        answer_by(deadline, answer).await.unwrap_or_else(failed)
    }

    /// Runs one enrolment.
    pub(crate) async fn enroll(
        &self,
        terms: Terms,
        plan: Plan,
        report: Report,
    ) -> Result<Samples, Refusal> {
        let (priority, deadline) = (terms.priority, terms.deadline);
        let (reply, answer) = oneshot::channel();
        self.put(priority, Task::Enroll { terms, plan, report, reply })?;
        answer_by(deadline, answer).await.unwrap_or(Err(Refusal::EngineFailed))
    }

    /// Measures how surely a user is recognised.
    pub(crate) async fn qualify(
        &self,
        terms: Terms,
        gallery: Gallery,
        measure: Measure,
    ) -> Result<QualifyReport, Refusal> {
        let (priority, deadline) = (terms.priority, terms.deadline);
        let (reply, answer) = oneshot::channel();
        self.put(priority, Task::Qualify { terms, gallery, measure, reply })?;
        answer_by(deadline, answer).await.unwrap_or(Err(Refusal::EngineFailed))
    }

    /// Starts the camera ahead of an attempt and keeps it for a while. It ends nobody's self-test,
    /// and comes to nothing when the engine is busy for longer than a moment.
    pub(crate) fn warm(&self, source: Source, keep: Duration) -> Result<(), Refusal> {
        let asked = Instant::now();
        let task = Task::Warm { source, asked, until: asked + keep };
        self.put(Priority::OwnTest { caller: Uid::ROOT.0 }, task)
    }

    fn put(&self, priority: Priority, task: Task) -> Result<(), Refusal> {
        self.shared.queue.put(priority, task).map_err(|_| Refusal::QueueFull)?;
        if priority == Priority::Login {
            let running = self.shared.running_test.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(cancel) = running.as_ref() {
                cancel.raise();
            }
        }
        Ok(())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shared.queue.close();
        if let Some(thread) = self.thread.take() {
            // The worker catches and logs panics; there is nothing left to do about one.
            let _ = thread.join();
        }
    }
}

/// Waits for the engine a little longer than it may take. A driver that hangs in a system call
/// keeps the engine, but not the caller.
async fn answer_by<T>(deadline: Instant, answer: oneshot::Receiver<T>) -> Option<T> {
    let latest = tokio::time::Instant::from_std(deadline + GRACE);
    tokio::time::timeout_at(latest, answer).await.ok()?.ok()
}

/// What a task may take beyond its deadline: the look at its last frame.
const GRACE: Duration = Duration::from_secs(2);

/// A camera that was started ahead of its attempt.
struct Warm {
    source: Source,
    camera: Box<dyn Camera>,
    until: Instant,
}

struct Worker {
    shared: Arc<Shared>,
    load: LoadSight,
    sight: Option<Box<dyn Sight + Send>>,
    warm: Option<Warm>,
}

impl Worker {
    fn run(mut self) {
        loop {
            let step = panic::catch_unwind(AssertUnwindSafe(|| {
                match self.shared.queue.take(self.warm.as_ref().map(|warm| warm.until)) {
                    Taken::Task(task) => self.perform(task),
                    Taken::Nothing => self.warm = None,
                    Taken::Closed => return false,
                }
                true
            }));
            match step {
                Ok(true) => {}
                Ok(false) => return,
                Err(_) => {
                    tracing::error!("the engine panicked between two tasks");
                    // Dropping what panicked once might panic again.
                    std::mem::forget(self.warm.take());
                    self.sight = None;
                }
            }
        }
    }

    fn perform(&mut self, task: Task) {
        match task {
            Task::Warm { asked, .. } if asked.elapsed() > WARM_MOMENT => {}
            Task::Warm { source, until, .. } => self.start_camera(source, until),
            Task::Verify { terms, gallery, policy, reply } => {
                let mut trace = Trace::default();
                let outcome = self.guarded(&terms, |worker, bounds| {
                    let started_ahead = worker.take_warm(&terms.source);
                    let was_warm = started_ahead.is_some();
                    let mut look = |camera: Option<Box<dyn Camera>>| {
                        let opened = Instant::now();
                        let mut camera = camera.map_or_else(|| open(&terms.source), Ok)?;
                        trace.camera = opened.elapsed();
                        let sight = worker.sight.as_deref_mut().ok_or(Refusal::EngineFailed)?;
                        let camera = camera.as_mut();
                        verify::verify(camera, sight, &gallery, &policy, bounds, &mut trace)
                    };
                    match look(started_ahead) {
                        // It may have failed while it waited: that is not this attempt's fault.
                        Err(refusal) if was_warm && verify::is_camera_fault(refusal) => look(None),
                        outcome => outcome,
                    }
                });
                // The caller may have left; then nobody wants the verdict.
                let _ = reply.send(Attempted::new(outcome, trace));
            }
            Task::Enroll { terms, plan, mut report, reply } => {
                let samples = self.guarded(&terms, |worker, bounds| {
                    drop(worker.warm.take());
                    let mut camera = open(&terms.source)?;
                    let sight = worker.sight.as_deref_mut().ok_or(Refusal::EngineFailed)?;
                    enroll::enroll(camera.as_mut(), sight, &plan, bounds, &mut report)
                });
                let _ = reply.send(samples);
            }
            Task::Qualify { terms, gallery, measure, reply } => {
                let report = self.guarded(&terms, |worker, bounds| {
                    drop(worker.warm.take());
                    let mut camera = open(&terms.source)?;
                    let sight = worker.sight.as_deref_mut().ok_or(Refusal::EngineFailed)?;
                    qualify::qualify(camera.as_mut(), sight, &gallery, &measure, bounds)
                });
                let _ = reply.send(report);
            }
        }
    }

    /// Runs one task within its bounds; a panic is a refusal and costs a reload of the models.
    fn guarded<T>(
        &mut self,
        terms: &Terms,
        work: impl FnOnce(&mut Self, &Bounds<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        if terms.cancel.is_raised() {
            return Err(Refusal::Cancelled);
        }
        if Instant::now() >= terms.deadline {
            return Err(Refusal::QueueFull);
        }
        if terms.priority != Priority::Login {
            self.set_running_test(Some(terms.cancel.clone()));
            // A login that came in before the flag could be seen.
            if self.shared.queue.login_waits() {
                terms.cancel.raise();
            }
        }
        if self.sight.is_none() {
            self.sight = (self.load)();
        }
        let bounds = Bounds {
            started: terms.started,
            deadline: terms.deadline,
            cancel: &terms.cancel,
            compared: &terms.compared,
        };
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| work(self, &bounds)));
        self.set_running_test(None);
        outcome.unwrap_or_else(|_| {
            tracing::error!("the engine panicked; the models are loaded again");
            self.warm = None;
            self.sight = (self.load)();
            Err(Refusal::EngineFailed)
        })
    }

    fn set_running_test(&self, cancel: Option<CancelFlag>) {
        *self.shared.running_test.lock().unwrap_or_else(PoisonError::into_inner) = cancel;
    }

    /// Takes the camera that was started ahead, if it is the one. Another one is stopped.
    fn take_warm(&mut self, source: &Source) -> Option<Box<dyn Camera>> {
        self.warm.take().filter(|warm| warm.source == *source).map(|warm| warm.camera)
    }

    fn start_camera(&mut self, source: Source, until: Instant) {
        if let Some(warm) = self.warm.as_mut().filter(|warm| warm.source == source) {
            warm.until = until;
            return;
        }
        self.warm = None;
        match source.open() {
            Ok(camera) => self.warm = Some(Warm { source, camera, until }),
            Err(error) => tracing::info!(%error, "the camera could not be started ahead"),
        }
    }
}

fn open(source: &Source) -> Result<Box<dyn Camera>, Refusal> {
    source.open().map_err(|error| {
        tracing::warn!(%error, "the camera could not be opened");
        camera_refusal(&error)
    })
}

/// Longest wait after which starting the camera still is ahead of the attempt.
const WARM_MOMENT: Duration = Duration::from_secs(1);

/// How long a camera that was started ahead waits for its attempt.
pub(crate) const WARM_FOR: Duration = Duration::from_secs(8);

#[cfg(test)]
mod tests;
