//! The calls of a compulsory set-up.

use std::pin::pin;

use fpass_proto::proxy::{AdministrationProxy, EnrolmentProxy};
use fpass_proto::{EnrolmentState, Guidance, Strength, Terminal, Uid};
use futures_util::future::{Either, select};
use futures_util::stream::StreamExt;
use tokio::time::Instant;
use zbus::Connection;
use zbus::names::OwnedUniqueName;
use zbus::proxy::CacheProperties;

use super::{Step, before, call_error};
use crate::outcome::Outcome;
use crate::preflight::Subject;

/// Asks whether a user has an F-pass.
pub(super) async fn state(
    bus: &Connection,
    owner: OwnedUniqueName,
    uid: Uid,
) -> Result<EnrolmentState, Outcome> {
    let proxy = enrolment(bus, owner).await?;
    let word = proxy.state(uid.0).await.map_err(|error| call_error(&error))?;
    EnrolmentState::parse(&word).ok_or(Outcome::VersionSkew)
}

/// Sets up the first F-pass of a user. Progress is only shown: what counts is the reply to the call.
pub(super) async fn set_up(
    bus: &Connection,
    owner: OwnedUniqueName,
    subject: &Subject,
    deadline: Instant,
    report: &mut dyn FnMut(Step) -> Result<(), Outcome>,
) -> Result<Strength, Outcome> {
    let enrolment = enrolment(bus, owner.clone()).await?;
    // Subscribed before the call, so that no signal comes too early.
    let mut progress =
        enrolment.receive_enroll_progress().await.map_err(|error| call_error(&error))?;
    let administration = AdministrationProxy::builder(bus)
        .destination(owner)
        .cache_properties(CacheProperties::No)
        .build()
        .await
        .map_err(|error| call_error(&error))?;
    let timeout = before(deadline)?;
    let mut answer = pin!(administration.set_up(
        subject.uid.0,
        subject.user.as_str(),
        subject.service.as_str(),
        subject.terminal.as_ref().map_or("", Terminal::as_str),
        timeout,
    ));
    let word = loop {
        match select(answer.as_mut(), progress.next()).await {
            Either::Left((word, _)) => break word.map_err(|error| call_error(&error))?,
            Either::Right((None, _)) => return Err(Outcome::ConnectionLost),
            Either::Right((Some(signal), _)) => {
                let seen = signal.args().map_err(|_| Outcome::VersionSkew)?;
                let guidance = Guidance::parse(seen.guidance).ok_or(Outcome::VersionSkew)?;
                report(Step { taken: seen.taken, wanted: seen.wanted, guidance })?;
            }
        }
    };
    Strength::parse(&word).ok_or(Outcome::VersionSkew)
}

async fn enrolment(
    bus: &Connection,
    owner: OwnedUniqueName,
) -> Result<EnrolmentProxy<'static>, Outcome> {
    EnrolmentProxy::builder(bus)
        .destination(owner)
        .cache_properties(CacheProperties::No)
        .build()
        .await
        .map_err(|error| call_error(&error))
}
