//! The first F-pass of a user, set up during a login.

use std::time::{Duration, Instant};

use fpass_proto::{EnrolmentState, Label, Refusal, ServiceName, Strength, Uid, limits};

use super::{
    enrolment::{self, EnrolmentRequest},
    request::Request,
};
use crate::{pending_setups::SetupState, queue::Priority, seat::CameraUse, viewfinder::Viewfinder};

/// The arguments of a set-up.
pub(super) struct SetupArguments<'a> {
    /// The user who logs in.
    pub(super) uid: Uid,
    /// The name of that user.
    pub(super) user: &'a str,
    /// PAM service of the login.
    pub(super) service: &'a ServiceName,
    /// Longest time in front of the camera.
    pub(super) timeout: Duration,
}

/// Remembers the login behind this request, whose user was told that they never had an F-pass. Only
/// logins that root asks for can set one up.
pub(super) async fn remember_login(request: &Request, uid: Uid, pam_service: &ServiceName) {
    if request.caller().is_root()
        && let Ok(process) = request.process().await
    {
        let pending = &request.service.pending_setups;
        pending.add(uid, pam_service.clone(), process, Instant::now());
    }
}

/// The checks before a set-up, then the enrolment.
pub(super) async fn set_up(
    request: &Request,
    arguments: &SetupArguments<'_>,
) -> Result<Strength, Refusal> {
    let started = Instant::now();
    let &SetupArguments { uid, user, service: pam_service, timeout } = arguments;
    let service = &request.service;
    request.confirm_user(uid, user).await?;
    let _seated = request.require_local(uid, CameraUse::Verdict(pam_service)).await?;
    let process = request.process().await?;
    let setup = service.pending_setups.find(uid, pam_service, &process, Instant::now());
    let setup = setup.ok_or(Refusal::PasswordNeeded)?;
    match (service.read_store(uid, move |store| store.state(uid)).await?, setup) {
        (EnrolmentState::NeverEnrolled, _) => {}
        (EnrolmentState::Removed, _) => return Err(Refusal::Removed),
        // libpam calls the hook twice.
        (EnrolmentState::Enrolled, SetupState::Done(strength)) => return Ok(strength),
        // Enrolled by other means in the meantime: a login adds no further template.
        (EnrolmentState::Enrolled, SetupState::Waiting) => return Err(Refusal::LabelTaken),
    }
    let emitter = request.signal_emitter()?;
    let configured = service.config().enrolment_time();
    let enrolment = EnrolmentRequest {
        uid,
        label: &Label::default(),
        started,
        timeout: timeout.min(limits::SET_UP_MAX).min(configured),
        priority: Priority::Login { subject: uid },
        first: true,
        viewfinder: Viewfinder::default(),
    };
    let strength = enrolment::enrol(request, &emitter, &enrolment).await?;
    service.pending_setups.finish(uid, &process, strength);
    Ok(strength)
}
