//! Prompts between the engine and the task that passes them on to a caller.

use std::future::Future;

use fpass_proto::{Prompt, limits::PROMPTS_MAX};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::engine::PromptReporter;

/// Sends the prompts of one call to a task that passes them on.
#[derive(Clone)]
pub(super) struct PromptSender(UnboundedSender<Prompt>);

impl PromptSender {
    /// A sender and the side that passes the prompts on.
    pub(super) fn channel() -> (Self, UnboundedReceiver<Prompt>) {
        let (sender, prompts) = mpsc::unbounded_channel();
        (Self(sender), prompts)
    }

    /// Reports at most [`PROMPTS_MAX`] prompts.
    pub(super) fn reporter(self) -> PromptReporter {
        let mut left = PROMPTS_MAX;
        Box::new(move |prompt| {
            if left == 0 {
                tracing::error!("an attempt has too many prompts");
                return;
            }
            left -= 1;
            // Without a receiver the call has ended.
            let _ = self.0.send(prompt);
        })
    }
}

/// The caller, as prompts reach it.
pub(super) trait PromptRecipient {
    /// Passes on a prompt. A failure is not the attempt's.
    fn pass_on(&mut self, prompt: Prompt) -> impl Future<Output = ()> + Send;
}

/// Runs work and passes on each prompt at once. The work alone decides when this ends: a stuck
/// engine may keep its reporter.
pub(super) async fn forwarding<T>(
    mut prompts: UnboundedReceiver<Prompt>,
    work: impl Future<Output = T>,
    mut recipient: impl PromptRecipient,
) -> T {
    let mut work = std::pin::pin!(work);
    let result = loop {
        tokio::select! {
            biased;
            Some(prompt) = prompts.recv() => recipient.pass_on(prompt).await,
            result = &mut work => break result,
        }
    };
    while let Ok(prompt) = prompts.try_recv() {
        recipient.pass_on(prompt).await;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    impl PromptRecipient for &mut Vec<Prompt> {
        async fn pass_on(&mut self, prompt: Prompt) {
            self.push(prompt);
        }
    }

    #[tokio::test]
    async fn every_prompt_comes_before_the_result_and_no_more_than_allowed() {
        for already_done in [true, false] {
            let (sender, prompts) = PromptSender::channel();
            let mut report = sender.reporter();
            let mut passed = Vec::new();
            let work = async {
                for _ in 0..3 {
                    Prompt::ALL.iter().for_each(|prompt| report(*prompt));
                    if !already_done {
                        tokio::task::yield_now().await;
                    }
                }
                "done"
            };
            assert_eq!(forwarding(prompts, work, &mut passed).await, "done");
            let all: Vec<Prompt> = Prompt::ALL.iter().cycle().take(PROMPTS_MAX).copied().collect();
            assert_eq!(passed, all);
        }
    }

    #[tokio::test]
    async fn a_reporter_that_is_kept_or_dropped_does_not_delay_the_result() {
        let (sender, prompts) = PromptSender::channel();
        let kept = sender.reporter();
        assert_eq!(forwarding(prompts, async { 1 }, &mut Vec::new()).await, 1);
        drop(kept);
        let (_, closed) = PromptSender::channel();
        let work = async {
            tokio::task::yield_now().await;
            2
        };
        assert_eq!(forwarding(closed, work, &mut Vec::new()).await, 2);
    }
}
