//! The first F-pass of a user, set up in the middle of a login.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fpass_proto::{
    EnrolmentState, Label, Refusal, ServiceName, Strength, Terminal, Uid, UserName, limits,
};
use zbus::{Connection, fdo::DBusProxy};

use super::{
    caller::Known,
    enrolment::{self, EnrolmentRequest},
    locality,
    verification::optional,
};
use crate::{
    pending_setups::SetupState,
    queue::Priority,
    seat::{self, Process},
    service::Service,
};

/// A login that wants to set up.
pub(super) struct Login {
    uid: Uid,
    user: UserName,
    pub(super) service: ServiceName,
    pub(super) terminal: Option<Terminal>,
    timeout: Duration,
}

impl Login {
    /// Checks what came over the bus.
    pub(super) fn parse(
        uid: Uid,
        user: &str,
        service: &str,
        tty: &str,
        timeout_ms: u32,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            terminal: optional(tty, Terminal::parse)?,
            uid,
            user: UserName::parse(user).map_err(|_| Refusal::MalformedUserName)?,
            service: ServiceName::parse(service).map_err(|_| Refusal::InvalidArgument)?,
            timeout: Duration::from_millis(timeout_ms.into()).min(limits::SET_UP_MAX),
        })
    }
}

/// Remembers that the login behind this call was told that its user has never had an F-pass.
pub(super) async fn note(
    service: &Service,
    connection: &Connection,
    known: &Known,
    uid: Uid,
    pam_service: &str,
) {
    // Users' own questions open nothing, and a question for no service is nobody's login.
    let Ok(pam_service) = ServiceName::parse(pam_service) else { return };
    if known.uid.is_root()
        && let Ok(process) = process(connection, known).await
    {
        service.pending_setups.note(uid, pam_service, process, Instant::now());
    }
}

/// Guards, then work.
pub(super) async fn set_up(
    service: &Arc<Service>,
    connection: &Connection,
    known: &Known,
    login: &Login,
) -> Result<Strength, Refusal> {
    let started = Instant::now();
    let &Login { uid, timeout, .. } = login;
    service.confirm_user(uid, login.user.as_str()).await?;
    let purpose = seat::CameraUse::Verdict(login.service.as_str());
    let _lease = locality::admit(service, connection, known, uid, purpose).await?;
    let process = process(connection, known).await?;
    let state = service.pending_setups.know(uid, &login.service, &process, Instant::now());
    let state = state.ok_or(Refusal::PasswordNeeded)?;
    let label = Label::default();
    match (service.read_store(uid, move |store| store.state(uid)).await?, state) {
        (EnrolmentState::NeverEnrolled, _) => {}
        (EnrolmentState::Removed, _) => return Err(Refusal::Removed),
        // libpam asks twice.
        (EnrolmentState::Enrolled, SetupState::Done(strength)) => return Ok(strength),
        // Set up elsewhere meanwhile: further looks are not for a login to add.
        (EnrolmentState::Enrolled, SetupState::Waiting) => return Err(Refusal::LabelTaken),
    }
    let emitter = enrolment::emitter(connection, known)?;
    let longest = Duration::from_millis(service.config().enrolment.timeout_ms);
    let priority = Priority::Login { subject: uid };
    let timeout = timeout.min(longest);
    let request = EnrolmentRequest { uid, label: &label, started, timeout, priority, first: true };
    let strength = enrolment::run(service, known, &emitter, &request).await?;
    service.pending_setups.settle(uid, &process, strength);
    Ok(strength)
}

/// The process that calls.
async fn process(connection: &Connection, known: &Known) -> Result<Process, Refusal> {
    let bus = DBusProxy::new(connection).await.map_err(|_| Refusal::NotAuthorized)?;
    Process::of(&bus, &known.name).await.map_err(|_| Refusal::NotAuthorized)
}
