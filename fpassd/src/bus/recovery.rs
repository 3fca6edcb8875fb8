//! `org.fpass.Fpass1.Recovery`

use std::{sync::Arc, time::Instant};

use fpass_proto::{EnrolmentState, Refusal, ServiceName, Terminal, Uid};
use serde::{Serialize, Serializer};
use zbus::{
    Connection, interface,
    message::Header,
    wire::{Signature, Type},
};
use zeroize::Zeroizing;

use super::{
    caller::{self, Known},
    consent, counting, locality,
    verification::optional,
};
use crate::{
    audit,
    authorizer::{Action, Role},
    recovery::Code,
    seat,
    service::{LOOK_UP_MAX, Service},
    throttle::{AttemptKind, Settlement},
};

/// Kinds of journal records.
const RECOVERY: &str = "recovery";
const CREATION: &str = "recovery code creation";
const REMOVAL: &str = "recovery code removal";
const INSPECTION: &str = "inspection";

pub(super) struct Recovery {
    service: Arc<Service>,
}

/// Codes on their way to whom they are shown, overwritten afterwards.
struct Shown(Vec<Zeroizing<String>>);

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|code| code.as_str()))
    }
}

impl Type for Shown {
    const SIGNATURE: &'static Signature = <Vec<String>>::SIGNATURE;
}

impl Recovery {
    pub(super) fn new(service: Arc<Service>) -> Self {
        Self { service }
    }

    /// Guards, then work.
    async fn attempt(
        &self,
        known: &Known,
        connection: &Connection,
        uid: Uid,
        user: &str,
        pam_service: &str,
        typed: &str,
    ) -> Result<(), Refusal> {
        let service = &self.service;
        known.permit(service, Action::Recover, uid).await?;
        service.confirm_user(uid, user).await?;
        let purpose = seat::CameraUse::Verdict(pam_service);
        let _lease = locality::admit(service, connection, known, uid, purpose).await?;
        // What is no code is compared with nothing, and so counts for nothing.
        let code = Code::parse(typed).ok_or(Refusal::RecoveryRefused)?;
        self.has_codes(uid).await?;
        let debit = counting::debit(service, uid, AttemptKind::Recovery).await?;
        let outcome = self.redeem(known, uid, code).await;
        if outcome.is_ok() {
            // The code is used up: whatever cannot be written now keeps nobody out.
            let _ = counting::unlock_logins(service, uid).await;
        }
        let settlement = if outcome.is_ok() { Settlement::Clear } else { Settlement::Keep };
        counting::settle(service, uid, debit, settlement).await;
        // Writing took its time.
        if outcome.is_ok() && known.call.cancel.is_raised() {
            return Err(Refusal::Cancelled);
        }
        outcome
    }

    /// Whether the user has a code left, of an F-pass that has not been removed. One that cannot be
    /// read is what codes are for.
    async fn has_codes(&self, uid: Uid) -> Result<(), Refusal> {
        let left = self.service.read_store(uid, move |store| match store.state(uid) {
            Ok(EnrolmentState::NeverEnrolled | EnrolmentState::Removed) => Ok(0),
            Ok(EnrolmentState::Enrolled) | Err(_) => store.codes_left(uid),
        });
        if left.await? == 0 { Err(Refusal::NoRecoveryCodes) } else { Ok(()) }
    }

    /// Compares a code and strikes it, off the event loop and for a bounded time. One that comes too
    /// late is not struck, unless its bound passes while it is.
    async fn redeem(&self, known: &Known, uid: Uid, code: Code) -> Result<(), Refusal> {
        let cancel = known.call.cancel.clone();
        let deadline = Instant::now() + LOOK_UP_MAX;
        let wanted = move || !cancel.is_raised() && Instant::now() < deadline;
        self.service.read_store(uid, move |store| store.redeem(uid, &code, wanted)).await
    }

    /// Makes codes for somebody who is enrolled and, unless an administrator asks, in view.
    async fn create(
        &self,
        known: &Known,
        role: Role,
        connection: &Connection,
        uid: Uid,
        user: &str,
    ) -> Result<Shown, Refusal> {
        let service = &self.service;
        service.confirm_user(uid, user).await?;
        match service.read_store(uid, move |store| store.state(uid)).await? {
            EnrolmentState::Enrolled => {}
            EnrolmentState::NeverEnrolled => return Err(Refusal::NeverEnrolled),
            EnrolmentState::Removed => return Err(Refusal::Removed),
        }
        let consent = consent::face(service, connection, known, role, uid).await?;
        if known.call.cancel.is_raised() {
            return Err(Refusal::Cancelled);
        }
        let basis = consent.basis;
        let codes = service.change_store(uid, move |store| store.renew_codes(uid, basis)).await?;
        Ok(Shown(codes.iter().map(Code::spell).collect()))
    }

    async fn remove(
        &self,
        known: &Known,
        role: Role,
        connection: &Connection,
        uid: Uid,
    ) -> Result<(), Refusal> {
        let _consent = consent::face(&self.service, connection, known, role, uid).await?;
        if known.call.cancel.is_raised() {
            return Err(Refusal::Cancelled);
        }
        self.service.change_store(uid, move |store| store.remove_codes(uid)).await
    }
}

#[interface(name = "org.fpass.Fpass1.Recovery")]
impl Recovery {
    /// Uses up a recovery code.
    #[allow(clippy::too_many_arguments, reason = "the bus method's own arguments")]
    async fn recover(
        &self,
        uid: u32,
        user: &str,
        service: &str,
        tty: &str,
        code: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let uid = Uid(uid);
        let known = caller::identify(&self.service, connection, &header).await?;
        let pam_service = optional(service, ServiceName::parse);
        let terminal = optional(tty, Terminal::parse);
        let outcome = match pam_service.as_ref().and(terminal.as_ref()) {
            Ok(_) => self.attempt(&known, connection, uid, user, service, code).await,
            Err(refusal) => Err(*refusal),
        };
        let attempt = audit::AttemptContext {
            request: known.call.request,
            caller: known.uid,
            uid,
            service: pam_service.as_ref().ok().and_then(Option::as_ref),
            tty: terminal.as_ref().ok().and_then(Option::as_ref),
        };
        audit::record_login(&self.service, RECOVERY, &attempt, outcome).await
    }

    /// How many codes of a user can still be used.
    async fn count(
        &self,
        uid: u32,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<u32, Refusal> {
        let uid = Uid(uid);
        let action = Action::Inspect;
        caller::admit(&self.service, connection, &header, INSPECTION, action, uid).await?;
        self.service.confirm_uid(uid).await?;
        self.service.read_store(uid, move |store| store.codes_left(uid)).await
    }

    /// Makes new codes for a user; the old ones are void.
    async fn create_codes(
        &self,
        uid: u32,
        user: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Shown, Refusal> {
        let uid = Uid(uid);
        let action = Action::Maintain;
        let (known, role) =
            caller::admit(&self.service, connection, &header, CREATION, action, uid).await?;
        let outcome = self.create(&known, role, connection, uid, user).await;
        known.record(&self.service, CREATION, uid, None, &outcome).await;
        outcome
    }

    /// Makes every code of a user void.
    async fn remove_codes(
        &self,
        uid: u32,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let uid = Uid(uid);
        let action = Action::Maintain;
        let (known, role) =
            caller::admit(&self.service, connection, &header, REMOVAL, action, uid).await?;
        let outcome = self.remove(&known, role, connection, uid).await;
        known.record(&self.service, REMOVAL, uid, None, &outcome).await;
        outcome
    }
}
