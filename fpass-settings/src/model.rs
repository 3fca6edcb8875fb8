//! What the window shows, as a function of what the person did and what the daemon said. Nothing
//! here knows GTK.

#[cfg(test)]
mod tests;

use fpass_proto::limits::PROMPTS_MAX;
use fpass_proto::{Guidance, Prompt};

use crate::failure::Failure;
use crate::messages::{Codes, Done, Event, Request, Task};
use crate::picture::Picture;
use crate::snapshot::Snapshot;

/// What the person wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    /// See the present state.
    Reload,
    /// Start a task.
    Start(Task),
    /// End the running task.
    Stop,
    /// The recovery codes were kept; they need not be shown any more.
    CodesKept,
    /// The last outcome was read.
    NoticeRead,
}

/// The screen that the window shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Screen {
    /// The daemon is asked for the first time.
    Asking,
    /// There is no daemon to speak to.
    Away,
    /// The pages.
    Pages,
    /// An enrolment with its picture.
    Enrolling,
    /// Another task: a password may be asked for, and the camera may look.
    Working,
    /// New recovery codes.
    Codes,
}

/// A running task.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Running {
    /// What runs.
    pub(crate) task: Task,
    /// The last prompt.
    pub(crate) prompt: Option<Prompt>,
    /// Whether one of the prompts asked for a turn of the head.
    pub(crate) is_turning: bool,
    /// Frames taken, of how many.
    pub(crate) frames: (u32, u32),
    /// The last hint.
    pub(crate) hint: Option<Guidance>,
    /// The last picture.
    pub(crate) picture: Option<Picture>,
    prompts: usize,
}

/// The state of the window.
#[derive(Clone, Debug, PartialEq, Default)]
pub(crate) struct Model {
    known: Option<Result<Box<Snapshot>, Failure>>,
    running: Option<Running>,
    codes: Option<Codes>,
    notice: Option<Result<Done, Failure>>,
}

impl Model {
    /// The screen to show.
    pub(crate) fn screen(&self) -> Screen {
        match (&self.running, &self.codes, &self.known) {
            // Codes that nobody kept are shown before anything else: there is no second time.
            (_, Some(_), _) => Screen::Codes,
            (Some(Running { task: Task::Enrol(_), .. }), None, _) => Screen::Enrolling,
            (Some(_), None, _) => Screen::Working,
            (None, None, None) => Screen::Asking,
            (None, None, Some(Err(_))) => Screen::Away,
            (None, None, Some(Ok(_))) => Screen::Pages,
        }
    }

    /// What the daemon said about user and machine, if it could be asked.
    pub(crate) fn snapshot(&self) -> Option<&Snapshot> {
        self.known.as_ref().and_then(|known| known.as_deref().ok())
    }

    /// Why the daemon cannot be used.
    pub(crate) fn absence(&self) -> Option<&Failure> {
        self.known.as_ref().and_then(|known| known.as_ref().err())
    }

    /// What runs.
    pub(crate) const fn running(&self) -> Option<&Running> {
        self.running.as_ref()
    }

    /// Codes to be shown.
    pub(crate) const fn codes(&self) -> Option<&Codes> {
        self.codes.as_ref()
    }

    /// How the last task ended, until the person has read it.
    pub(crate) const fn notice(&self) -> Option<&Result<Done, Failure>> {
        self.notice.as_ref()
    }

    /// Takes what the person wants; the request to send, if there is one. What is not possible now
    /// changes nothing.
    pub(crate) fn intend(&mut self, intent: Intent) -> Option<Request> {
        match (intent, self.screen()) {
            (Intent::Reload, Screen::Pages) => Some(Request::Read),
            (Intent::Reload, Screen::Away) => {
                self.known = None;
                Some(Request::Read)
            }
            (Intent::Start(task), Screen::Pages) => {
                self.notice = None;
                self.running = Some(Running {
                    task: task.clone(),
                    prompt: None,
                    is_turning: false,
                    frames: (0, 0),
                    hint: None,
                    picture: None,
                    prompts: 0,
                });
                Some(Request::Do(task))
            }
            (Intent::Stop, Screen::Enrolling | Screen::Working) => Some(Request::Stop),
            (Intent::CodesKept, Screen::Codes) => {
                self.codes = None;
                None
            }
            (Intent::NoticeRead, _) => {
                self.notice = None;
                None
            }
            (Intent::Reload | Intent::Start(_) | Intent::Stop | Intent::CodesKept, _) => None,
        }
    }

    /// Takes what the daemon said; the request that follows from it, if there is one.
    pub(crate) fn hear(&mut self, event: Event) -> Option<Request> {
        match event {
            Event::Read(known) => {
                self.known = Some(known);
                None
            }
            Event::Ended(result) => {
                self.running.take()?;
                self.end(result)
            }
            Event::Prompted(prompt) => {
                let running = self.running.as_mut()?;
                if running.prompts < PROMPTS_MAX {
                    running.prompts += 1;
                    running.prompt = Some(prompt);
                    running.is_turning |= prompt.asks_for_turn();
                }
                None
            }
            Event::Progress { taken, wanted, hint } => {
                let running = self.running.as_mut()?;
                running.frames = (taken.min(wanted), wanted);
                running.hint = Some(hint);
                None
            }
            Event::Picture(picture) => {
                let running = self.running.as_mut()?;
                running.picture = Some(picture);
                None
            }
        }
    }

    fn end(&mut self, result: Result<Done, Failure>) -> Option<Request> {
        match result {
            Ok(Done::Codes(codes)) => {
                self.codes = Some(codes);
                Some(Request::Read)
            }
            Err(failure) if failure.is_absence() => {
                self.known = Some(Err(failure));
                None
            }
            other => {
                self.notice = Some(other);
                // What the pages show may have changed, and a refusal counts as an attempt.
                Some(Request::Read)
            }
        }
    }
}
