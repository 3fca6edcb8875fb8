//! The way of a cue from the engine to the caller of a method, before the caller's answer.

use std::future::Future;

use zbus::object_server::SignalEmitter;

use super::{
    cues::{CueRecipient, CueSender, forwarding},
    request::Request,
    verification::Verification,
};
use crate::{cue::Cue, engine::CueReporter};

impl Request {
    /// Runs work whose cues reach the caller before the result of the work does.
    pub(super) async fn prompting<T, F: Future<Output = T>>(
        &self,
        work: impl FnOnce(CueReporter) -> F,
    ) -> T {
        if let Some(sender) = self.cue_sender() {
            return work(sender.clone().reporter()).await;
        }
        let (sender, cues) = CueSender::channel();
        let work = work(sender.reporter());
        match self.signal_emitter() {
            Ok(emitter) => forwarding(cues, work, emitter).await,
            Err(_) => work.await,
        }
    }
}

impl CueRecipient for SignalEmitter<'_> {
    async fn pass_on(&mut self, cue: Cue) {
        let sent = match cue {
            Cue::Prompt(prompt) => Verification::prompted(self, prompt.as_str()).await,
            Cue::Turned(percent) => Verification::turned(self, percent.into()).await,
            Cue::Feedback(seen) => Verification::face_feedback(self, seen.as_str()).await,
        };
        if let Err(error) = sent {
            tracing::debug!(%error, "a cue could not be sent");
        }
    }
}
