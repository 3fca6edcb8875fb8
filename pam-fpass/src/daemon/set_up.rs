//! Calls for a compulsory set-up.

use std::pin::pin;

use fpass_proto::proxy::{AdministrationProxy, EnrolmentProxy};
use fpass_proto::{EnrolmentState, Guidance, Strength, Uid};
use futures_util::future::{Either, select};
use futures_util::stream::StreamExt;

use super::{Progress, Session, call_error};
use crate::outcome::Outcome;
use crate::preflight::Subject;

/// Asks whether a user has an F-pass.
pub(super) async fn state(session: &Session, uid: Uid) -> Result<EnrolmentState, Outcome> {
    let proxy = session.proxy(EnrolmentProxy::builder(&session.bus)).await?;
    let word = proxy.state(uid.0).await.map_err(|error| call_error(&error))?;
    EnrolmentState::parse(&word).ok_or(Outcome::VersionSkew)
}

/// Sets up the first F-pass of a user. The reply decides; progress is only shown.
pub(super) async fn set_up(
    session: &Session,
    subject: &Subject,
    report: &mut dyn FnMut(Progress) -> Result<(), Outcome>,
) -> Result<Strength, Outcome> {
    let enrolment = session.proxy(EnrolmentProxy::builder(&session.bus)).await?;
    // Subscribed before the call, so that no signal is missed.
    let mut progress =
        enrolment.receive_enroll_progress().await.map_err(|error| call_error(&error))?;
    let administration = session.proxy(AdministrationProxy::builder(&session.bus)).await?;
    let timeout = session.remaining_ms()?;
    let mut answer = pin!(administration.set_up(
        subject.uid.0,
        subject.user.as_str(),
        subject.service.as_str(),
        subject.terminal(),
        timeout,
    ));
    let word = loop {
        match select(answer.as_mut(), progress.next()).await {
            Either::Left((word, _)) => break word.map_err(|error| call_error(&error))?,
            Either::Right((None, _)) => return Err(Outcome::ConnectionLost),
            Either::Right((Some(signal), _)) => {
                let seen = signal.args().map_err(|_| Outcome::VersionSkew)?;
                let guidance = Guidance::parse(seen.guidance).ok_or(Outcome::VersionSkew)?;
                report(Progress { taken: seen.taken, wanted: seen.wanted, guidance })?;
            }
        }
    };
    Strength::parse(&word).ok_or(Outcome::VersionSkew)
}
