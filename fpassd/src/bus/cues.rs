//! Cues between the engine and the task that passes them on to a caller.

use std::{future::Future, time::Instant};

use fpass_proto::limits::{PROMPTS_MAX, TURN_SIGNALS_MAX};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::{cue::Cue, engine::CueReporter, feedback::FeedbackLimit};

/// Sends the cues of one call to a task that passes them on.
#[derive(Clone)]
pub(super) struct CueSender(UnboundedSender<Cue>);

impl CueSender {
    /// A sender and the side that passes the cues on.
    pub(super) fn channel() -> (Self, UnboundedReceiver<Cue>) {
        let (sender, cues) = mpsc::unbounded_channel();
        (Self(sender), cues)
    }

    /// Reports at most [`PROMPTS_MAX`] prompts, [`TURN_SIGNALS_MAX`] times how far the head has
    /// turned, and feedback as [`FeedbackLimit`] admits it.
    pub(super) fn reporter(self) -> CueReporter {
        let (mut prompts, mut turns) = (PROMPTS_MAX, TURN_SIGNALS_MAX);
        let mut feedback = FeedbackLimit::default();
        Box::new(move |cue| {
            let is_admitted = match cue {
                Cue::Prompt(_) => spend(&mut prompts),
                Cue::Turned(_) => spend(&mut turns),
                Cue::Feedback(seen) => feedback.admit(seen, Instant::now()),
            };
            if !is_admitted {
                if matches!(cue, Cue::Prompt(_)) {
                    tracing::error!("an attempt has too many prompts");
                }
                return;
            }
            // Without a receiver the call has ended.
            let _ = self.0.send(cue);
        })
    }
}

/// Takes one of what is left, if any is.
fn spend(left: &mut usize) -> bool {
    let rest = left.checked_sub(1);
    *left = rest.unwrap_or_default();
    rest.is_some()
}

/// The caller, as cues reach it.
pub(super) trait CueRecipient {
    /// Passes on a cue. A failure is not the attempt's.
    fn pass_on(&mut self, cue: Cue) -> impl Future<Output = ()> + Send;
}

/// Runs work and passes on each cue at once. The work alone decides when this ends: a stuck
/// engine may keep its reporter.
pub(super) async fn forwarding<T>(
    mut cues: UnboundedReceiver<Cue>,
    work: impl Future<Output = T>,
    mut recipient: impl CueRecipient,
) -> T {
    let mut work = std::pin::pin!(work);
    let result = loop {
        tokio::select! {
            biased;
            Some(cue) = cues.recv() => recipient.pass_on(cue).await,
            result = &mut work => break result,
        }
    };
    while let Ok(cue) = cues.try_recv() {
        recipient.pass_on(cue).await;
    }
    result
}

#[cfg(test)]
mod tests {
    use fpass_proto::{FaceFeedback, Prompt, limits::FEEDBACK_MAX};

    use super::*;

    impl CueRecipient for &mut Vec<Cue> {
        async fn pass_on(&mut self, cue: Cue) {
            self.push(cue);
        }
    }

    #[tokio::test]
    async fn every_prompt_comes_before_the_result_and_no_more_than_allowed() {
        for already_done in [true, false] {
            let (sender, prompts) = CueSender::channel();
            let mut report = sender.reporter();
            let mut passed = Vec::new();
            let work = async {
                for _ in 0..3 {
                    Prompt::ALL.iter().for_each(|prompt| report(Cue::Prompt(*prompt)));
                    if !already_done {
                        tokio::task::yield_now().await;
                    }
                }
                "done"
            };
            assert_eq!(forwarding(prompts, work, &mut passed).await, "done");
            let all = Prompt::ALL.iter().cycle().take(PROMPTS_MAX);
            assert_eq!(passed, all.map(|prompt| Cue::Prompt(*prompt)).collect::<Vec<_>>());
        }
    }

    #[tokio::test]
    async fn a_turn_is_told_a_limited_number_of_times_and_leaves_the_prompts_theirs() {
        let (sender, cues) = CueSender::channel();
        let mut report = sender.reporter();
        let mut passed = Vec::new();
        let work = async {
            (0..10_000).for_each(|_| report(Cue::Turned(10)));
            report(Cue::Prompt(Prompt::TurnLeft));
        };
        forwarding(cues, work, &mut passed).await;
        assert_eq!(passed.len(), TURN_SIGNALS_MAX + 1);
        assert_eq!(passed.last(), Some(&Cue::Prompt(Prompt::TurnLeft)));
    }

    #[tokio::test]
    async fn many_frames_are_little_feedback_and_leave_the_prompts_their_number() {
        let (sender, cues) = CueSender::channel();
        let mut report = sender.reporter();
        let mut passed = Vec::new();
        let work = async {
            for _ in 0..10_000 {
                FaceFeedback::ALL.iter().for_each(|seen| report(Cue::Feedback(*seen)));
            }
            Prompt::ALL.iter().for_each(|prompt| report(Cue::Prompt(*prompt)));
        };
        forwarding(cues, work, &mut passed).await;
        let prompts = passed.iter().filter(|cue| matches!(cue, Cue::Prompt(_))).count();
        assert_eq!(prompts, Prompt::ALL.len());
        assert_eq!(passed[0], Cue::Feedback(FaceFeedback::Scanning));
        assert!(passed.len() - prompts <= FEEDBACK_MAX, "{}", passed.len());
    }

    #[tokio::test]
    async fn a_reporter_that_is_kept_or_dropped_does_not_delay_the_result() {
        let (sender, prompts) = CueSender::channel();
        let kept = sender.reporter();
        assert_eq!(forwarding(prompts, async { 1 }, &mut Vec::new()).await, 1);
        drop(kept);
        let (_, closed) = CueSender::channel();
        let work = async {
            tokio::task::yield_now().await;
            2
        };
        assert_eq!(forwarding(closed, work, &mut Vec::new()).await, 2);
    }
}
