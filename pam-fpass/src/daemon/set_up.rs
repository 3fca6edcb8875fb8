//! Calls for a compulsory set-up.

use std::cell::RefCell;
use std::pin::pin;

use fpass_proto::proxy::{AdministrationProxy, EnrolmentProxy, VerificationProxy};
use fpass_proto::{EnrolmentState, Guidance, Strength, Uid};
use futures_util::future::{Either, select};
use futures_util::stream::StreamExt;

use super::verification::Prompts;
use super::{Hint, Progress, Session, call_error};
use crate::outcome::Outcome;
use crate::preflight::Subject;

/// Asks whether a user has an F-pass.
pub(super) async fn state(session: &Session, uid: Uid) -> Result<EnrolmentState, Outcome> {
    let proxy = session.proxy(EnrolmentProxy::builder(&session.bus)).await?;
    let word = proxy.state(uid.0).await.map_err(|error| call_error(&error))?;
    EnrolmentState::parse(&word).ok_or(Outcome::VersionSkew)
}

/// Sets up the first F-pass of a user. The reply decides; hints are only shown.
pub(super) async fn set_up(
    session: &Session,
    subject: &Subject,
    report: &mut dyn FnMut(Hint) -> Result<(), Outcome>,
) -> Result<Strength, Outcome> {
    let verification = session.proxy(VerificationProxy::builder(&session.bus)).await?;
    let enrolment = session.proxy(EnrolmentProxy::builder(&session.bus)).await?;
    // Subscribed before the call, so that no signal is missed.
    let prompts = Prompts::subscribe(&verification).await?;
    let mut progress =
        enrolment.receive_enroll_progress().await.map_err(|error| call_error(&error))?;
    let administration = session.proxy(AdministrationProxy::builder(&session.bus)).await?;
    let timeout = session.remaining_ms()?;
    let (user, service) = (subject.user.as_str(), subject.service.as_str());
    let mut answer =
        pin!(administration.set_up(subject.uid.0, user, service, subject.terminal(), timeout));
    let report = RefCell::new(report);
    let enrolled = async {
        loop {
            match select(answer.as_mut(), progress.next()).await {
                Either::Left((word, _)) => return word.map_err(|error| call_error(&error)),
                Either::Right((None, _)) => return Err(Outcome::ConnectionLost),
                Either::Right((Some(signal), _)) => {
                    let seen = signal.args().map_err(|_| Outcome::VersionSkew)?;
                    let guidance = Guidance::parse(seen.guidance).ok_or(Outcome::VersionSkew)?;
                    let step = Progress { taken: seen.taken, wanted: seen.wanted, guidance };
                    (report.borrow_mut())(Hint::Progress(step))?;
                }
            }
        }
    };
    let mut show = |prompt| (report.borrow_mut())(Hint::Prompt(prompt));
    let word = prompts.during(enrolled, &mut show).await??;
    Strength::parse(&word).ok_or(Outcome::VersionSkew)
}
