//! The way of a prompt from the engine to the caller of a method, before the caller's answer.

use std::future::Future;

use fpass_proto::Prompt;
use zbus::object_server::SignalEmitter;

use super::{
    prompts::{PromptRecipient, PromptSender, forwarding},
    request::Request,
    verification::Verification,
};
use crate::engine::PromptReporter;

impl Request {
    /// Runs work whose prompts reach the caller before the result of the work does.
    pub(super) async fn prompting<T, F: Future<Output = T>>(
        &self,
        work: impl FnOnce(PromptReporter) -> F,
    ) -> T {
        if let Some(sender) = self.prompt_sender() {
            return work(sender.clone().reporter()).await;
        }
        let (sender, prompts) = PromptSender::channel();
        let work = work(sender.reporter());
        match self.signal_emitter() {
            Ok(emitter) => forwarding(prompts, work, emitter).await,
            Err(_) => work.await,
        }
    }
}

impl PromptRecipient for SignalEmitter<'_> {
    async fn pass_on(&mut self, prompt: Prompt) {
        if let Err(error) = Verification::prompted(self, prompt.as_str()).await {
            tracing::debug!(%error, "a prompt could not be sent");
        }
    }
}
