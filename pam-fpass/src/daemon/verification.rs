//! `Verify` over the bus, and the prompts that the daemon sends during a call.

use std::future::Future;
use std::pin::pin;

use fpass_proto::limits::PROMPTS_MAX;
use fpass_proto::proxy::{PromptedStream, VerificationProxy};
use fpass_proto::{Prompt, Verdict};
use futures_util::future::{Either, select};
use futures_util::stream::StreamExt;

use super::{Session, call_error};
use crate::outcome::Outcome;
use crate::preflight::Subject;

/// Asks for a verdict. The reply decides; prompts are only shown.
pub(super) async fn verify(
    session: &Session,
    subject: &Subject,
    show: &mut dyn FnMut(Prompt) -> Result<(), Outcome>,
) -> Result<Verdict, Outcome> {
    let proxy = session.proxy(VerificationProxy::builder(&session.bus)).await?;
    let prompts = Prompts::subscribe(&proxy).await?;
    let timeout = session.remaining_ms()?;
    let (user, service) = (subject.user.as_str(), subject.service.as_str());
    let answer = proxy.verify(subject.uid.0, user, service, subject.terminal(), timeout);
    let word = prompts.during(answer, show).await?.map_err(|error| call_error(&error))?;
    Verdict::parse(&word).ok_or(Outcome::VersionSkew)
}

/// The prompts of one call. The stream passes on what the daemon's own connection has sent.
pub(super) struct Prompts(PromptedStream);

impl Prompts {
    /// Subscribes to the prompts of a call that is made afterwards.
    pub(super) async fn subscribe(proxy: &VerificationProxy<'static>) -> Result<Self, Outcome> {
        proxy.receive_prompted().await.map(Self).map_err(|error| call_error(&error))
    }

    /// Waits for an answer and shows the prompts that come before it. What is not a known prompt,
    /// and what exceeds their number, is skipped.
    ///
    /// # Errors
    /// Those of `show`, and [`Outcome::ConnectionLost`].
    pub(super) async fn during<T>(
        mut self,
        answer: impl Future<Output = T>,
        show: &mut dyn FnMut(Prompt) -> Result<(), Outcome>,
    ) -> Result<T, Outcome> {
        let mut answer = pin!(answer);
        let mut shown = 0;
        loop {
            // A prompt that came before the answer is shown before it.
            match select(self.0.next(), answer.as_mut()).await {
                Either::Left((None, _)) => return Err(Outcome::ConnectionLost),
                Either::Left((Some(signal), _)) => {
                    let prompt = signal.args().ok().and_then(|seen| Prompt::parse(seen.prompt));
                    if let Some(prompt) = prompt.filter(|_| shown < PROMPTS_MAX) {
                        shown += 1;
                        show(prompt)?;
                    }
                }
                Either::Right((answer, _)) => return Ok(answer),
            }
        }
    }
}
