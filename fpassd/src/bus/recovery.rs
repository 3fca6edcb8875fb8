//! `org.fpass.Fpass1.Recovery`

use std::time::Instant;

use fpass_proto::{EnrolmentState, Refusal, ServiceName, Uid};
use serde::{Serialize, Serializer};
use zbus::{
    interface,
    message::Header,
    wire::{Signature, Type},
};
use zeroize::Zeroizing;

use super::{
    Bus, arguments, consent,
    request::{Operation, Request},
    throttling,
};
use crate::{
    authorizer::{Action, Role},
    blocking::BLOCKING_MAX,
    recovery::Code,
    seat::{CameraUse, SeatPlace},
    throttle::{AttemptKind, Settlement},
};

const RECOVER: Operation = Operation { kind: "recovery", action: Action::Recover };
const COUNT: Operation = Operation { kind: "inspection", action: Action::Inspect };
const CREATE: Operation = Operation { kind: "recovery code creation", action: Action::Maintain };
const REMOVE: Operation = Operation { kind: "recovery code removal", action: Action::Maintain };

pub(super) struct Recovery {
    bus: Bus,
}

/// Recovery codes to be shown once; zeroised on drop.
struct ShownCodes(Vec<Zeroizing<String>>);

impl Serialize for ShownCodes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|code| code.as_str()))
    }
}

impl Type for ShownCodes {
    const SIGNATURE: &'static Signature = <Vec<String>>::SIGNATURE;
}

/// The arguments of a recovery.
struct RecoveryArguments<'a> {
    uid: Uid,
    user: &'a str,
    service: Option<&'a ServiceName>,
    /// The code as the user typed it.
    typed: &'a str,
}

impl Recovery {
    pub(super) fn new(bus: Bus) -> Self {
        Self { bus }
    }
}

/// The checks before a recovery, then the use of the code.
async fn recover(request: &Request, arguments: &RecoveryArguments<'_>) -> Result<(), Refusal> {
    let &RecoveryArguments { uid, user, service: pam_service, typed } = arguments;
    let service = &request.service;
    request.permit(uid).await?;
    request.confirm_user(uid, user).await?;
    let seated = request.require_local(uid, CameraUse::verdict(pam_service)).await?;
    let (kind, reset) = counters(request.caller(), seated.place)?;
    // A malformed code is compared with nothing, so it does not count as a failure.
    let code = Code::parse(typed).ok_or(Refusal::RecoveryRefused)?;
    require_codes(request, uid).await?;
    let debit = throttling::debit(service, uid, kind).await?;
    let outcome = redeem(request, uid, code).await;
    if outcome.is_ok() {
        // The code is used up, so a failure to reset the counter of faces refuses nobody.
        let _ = throttling::unlock_kind(service, uid, reset).await;
    }
    let settlement = if outcome.is_ok() { Settlement::Clear } else { Settlement::Keep };
    throttling::settle(service, uid, debit, settlement).await;
    // The caller may have left while the count was written.
    outcome.and_then(|()| request.require_waiting())
}

/// The counter of the code, and the counter of faces that a right code resets. Only root, and the
/// lock screen of a session that reports that it is locked, may use a code.
///
/// # Errors
/// [`Refusal::NotAuthorized`] for other programs.
fn counters(caller: Uid, place: SeatPlace) -> Result<(AttemptKind, AttemptKind), Refusal> {
    match place {
        _ if caller.is_root() => Ok((AttemptKind::Recovery, AttemptKind::Login)),
        SeatPlace::UserLocker => Ok((AttemptKind::LockScreenRecovery, AttemptKind::LockScreen)),
        SeatPlace::Elsewhere => Err(Refusal::NotAuthorized),
    }
}

/// Checks that the user has a code left and an F-pass that was not removed. A record that cannot be
/// read is no obstacle: codes are made for that case.
async fn require_codes(request: &Request, uid: Uid) -> Result<(), Refusal> {
    let left = request.service.read_store(uid, move |store| match store.state(uid) {
        Ok(EnrolmentState::NeverEnrolled | EnrolmentState::Removed) => Ok(0),
        Ok(EnrolmentState::Enrolled) | Err(_) => store.codes_left(uid),
    });
    if left.await? == 0 { Err(Refusal::NoRecoveryCodes) } else { Ok(()) }
}

/// Compares a code with those of the user and marks it as used, off the event loop and for a
/// bounded time. Nothing is marked after the deadline, unless the deadline passes during the write.
async fn redeem(request: &Request, uid: Uid, code: Code) -> Result<(), Refusal> {
    let cancel = request.cancel().clone();
    let deadline = Instant::now() + BLOCKING_MAX;
    let wanted = move || !cancel.is_raised() && Instant::now() < deadline;
    request.service.read_store(uid, move |store| store.redeem(uid, &code, wanted)).await
}

/// Makes new codes for an enrolled user. Unless an administrator asks, the user must show the face.
async fn create_codes(
    request: &Request,
    role: Role,
    uid: Uid,
    user: &str,
) -> Result<ShownCodes, Refusal> {
    let service = &request.service;
    request.confirm_user(uid, user).await?;
    match service.read_store(uid, move |store| store.state(uid)).await? {
        EnrolmentState::Enrolled => {}
        EnrolmentState::NeverEnrolled => return Err(Refusal::NeverEnrolled),
        EnrolmentState::Removed => return Err(Refusal::Removed),
    }
    let consent = consent::check_face(request, role, uid).await?;
    request.require_waiting()?;
    let generation = consent.generation;
    let codes = service.change_store(uid, move |store| store.renew_codes(uid, generation)).await?;
    Ok(ShownCodes(codes.iter().map(Code::spell).collect()))
}

async fn remove_codes(request: &Request, role: Role, uid: Uid) -> Result<(), Refusal> {
    let _consent = consent::check_face(request, role, uid).await?;
    request.require_waiting()?;
    request.service.change_store(uid, move |store| store.remove_codes(uid)).await
}

#[interface(name = "org.fpass.Fpass1.Recovery")]
impl Recovery {
    /// Uses up a recovery code.
    async fn recover(
        &self,
        uid: u32,
        user: &str,
        service: &str,
        tty: &str,
        code: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Refusal> {
        let uid = Uid(uid);
        let request = Request::begin(&self.bus, &header, RECOVER)?;
        let (pam, names) = arguments::pam_context(service, tty);
        let arguments = RecoveryArguments { uid, user, service: pam.service.as_ref(), typed: code };
        let outcome = match names {
            Ok(()) => recover(&request, &arguments).await,
            Err(refusal) => Err(refusal),
        };
        let context = request.audit_context(uid);
        request.service.audit_log.record_login(context, &pam, outcome).await
    }

    /// Number of recovery codes that a user has left.
    async fn count(&self, uid: u32, #[zbus(header)] header: Header<'_>) -> Result<u32, Refusal> {
        let uid = Uid(uid);
        let (request, _) = Request::begin_permitted(&self.bus, &header, COUNT, uid).await?;
        request.service.confirm_uid(uid).await?;
        request.service.read_store(uid, move |store| store.codes_left(uid)).await
    }

    /// Makes new codes for a user; the old ones become void.
    async fn create_codes(
        &self,
        uid: u32,
        user: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<ShownCodes, Refusal> {
        let uid = Uid(uid);
        let (request, role) = Request::begin_permitted(&self.bus, &header, CREATE, uid).await?;
        let outcome = create_codes(&request, role, uid, user).await;
        request.record(uid, None, &outcome).await;
        outcome
    }

    /// Removes every code of a user.
    async fn remove_codes(
        &self,
        uid: u32,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Refusal> {
        let uid = Uid(uid);
        let (request, role) = Request::begin_permitted(&self.bus, &header, REMOVE, uid).await?;
        let outcome = remove_codes(&request, role, uid).await;
        request.record(uid, None, &outcome).await;
        outcome
    }
}
