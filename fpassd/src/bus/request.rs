//! One method call: its operation, its caller, and the checks that come before the work.

use std::sync::Arc;

use fpass_proto::{Label, Refusal, Uid, UserName, names};
use zbus::{
    Connection,
    fdo::DBusProxy,
    message::{Flags, Header},
    names::{BusName, OwnedUniqueName},
    object_server::SignalEmitter,
};

use super::Bus;
use crate::{
    audit::RequestContext,
    authorizer::{Action, Role, Subject},
    calls::Call,
    cancel::CancelFlag,
    keyed_counter::CounterGuard,
    seat::{self, CameraUse, Logind, PeerProcess, SeatRequest, Seated},
    service::Service,
};

/// What a method does.
#[derive(Clone, Copy)]
pub(super) struct Operation {
    /// Kind of its audit records.
    pub(super) kind: &'static str,
    /// The action that its caller must be authorised for.
    pub(super) action: Action,
}

/// Who calls, as the bus reports it.
struct Caller {
    /// Unique name of the connection.
    name: OwnedUniqueName,
    uid: Uid,
    /// Whether the call allows a password to be asked for.
    interactive: bool,
}

/// A call in progress. Dropping it ends it.
pub(super) struct Request {
    /// The daemon.
    pub(super) service: Arc<Service>,
    connection: Connection,
    operation: Operation,
    caller: Caller,
    call: Call,
    _counted: Option<CounterGuard<Uid>>,
}

impl Request {
    /// Registers a call and identifies its caller.
    ///
    /// # Errors
    /// [`Refusal::NotAuthorized`] when the caller has left,
    /// [`Refusal::QueueFull`] when the user has too many calls in progress.
    pub(super) fn begin(
        bus: &Bus,
        header: &Header<'_>,
        operation: Operation,
    ) -> Result<Self, Refusal> {
        let Bus { service, gate, connection } = bus.clone();
        let name = header.sender().ok_or(Refusal::NotAuthorized)?.to_owned();
        // Registered before the look-up. The gate knows the user of each call that it admits,
        // unless the caller has left by then; the watch on the bus notices one that leaves later.
        let call = service.calls.begin(name.as_str());
        let uid = gate.caller(name.as_str()).ok_or(Refusal::NotAuthorized)?;
        let interactive = header.primary().flags().contains(Flags::ALLOW_INTERACTIVE_AUTH);
        let _counted = service.calls.count(uid)?;
        let caller = Caller { name: name.into(), uid, interactive };
        Ok(Self { service, connection, operation, caller, call, _counted })
    }

    /// Registers a call, identifies its caller and checks that the caller is authorised for the
    /// F-pass of `owner`. Records a refusal of the latter.
    ///
    /// # Errors
    /// As [`begin`](Self::begin) and [`permit`](Self::permit).
    pub(super) async fn begin_permitted(
        bus: &Bus,
        header: &Header<'_>,
        operation: Operation,
        owner: Uid,
    ) -> Result<(Self, Role), Refusal> {
        let request = Self::begin(bus, header, operation)?;
        let role = request.permit(owner).await;
        if role.is_err() {
            request.record(owner, None, &role).await;
        }
        Ok((request, role?))
    }

    /// The daemon's connection to the bus.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Number that identifies the call in journal and signals.
    pub(super) fn number(&self) -> u32 {
        self.call.request
    }

    /// The caller's user.
    pub(super) fn caller(&self) -> Uid {
        self.caller.uid
    }

    /// Raised when the caller cancels or leaves.
    pub(super) fn cancel(&self) -> &CancelFlag {
        &self.call.cancel
    }

    /// Refuses when the caller has cancelled or left.
    ///
    /// # Errors
    /// [`Refusal::Cancelled`].
    pub(super) fn require_waiting(&self) -> Result<(), Refusal> {
        if self.call.cancel.is_raised() { Err(Refusal::Cancelled) } else { Ok(()) }
    }

    /// Checks that the caller is authorised for the F-pass of `owner`, and returns the role in
    /// which.
    pub(super) async fn permit(&self, owner: Uid) -> Result<Role, Refusal> {
        let subject = Subject {
            name: self.caller.name.as_str(),
            uid: self.caller.uid,
            interactive: self.caller.interactive,
            request: self.call.request,
            cancel: &self.call.cancel,
        };
        self.service.authorizer.check(subject, self.operation.action, owner).await
    }

    /// Checks that the user name is well-formed and belongs to `uid`, and returns it.
    pub(super) async fn confirm_user(&self, uid: Uid, name: &str) -> Result<UserName, Refusal> {
        let name = UserName::parse(name).map_err(|_| Refusal::MalformedUserName)?;
        self.service.confirm_user(uid, &name).await?;
        Ok(name)
    }

    /// Checks that the caller is at this machine. While the returned value lives, the call is
    /// cancelled as soon as that changes.
    ///
    /// # Errors
    /// [`Refusal::RemoteSession`]; the journal has the reason.
    pub(super) async fn require_local(
        &self,
        subject: Uid,
        camera_use: CameraUse<'_>,
    ) -> Result<Seated, Refusal> {
        let request = SeatRequest { caller: self.caller.uid, subject, camera_use };
        let name = self.caller.name.as_ref();
        let logind = Logind::new(&self.connection, &name);
        let (leases, config) = (&self.service.seat_leases, self.service.config());
        let (cancel, limit) = (&self.call.cancel, seat::LOOK_UP_MAX);
        seat::require_local(leases, &logind, &request, &config.seat, cancel, limit).await.map_err(
            |reason| {
                let (request, caller) = (self.call.request, self.caller.uid.0);
                tracing::info!(request, caller, %reason, "the caller is not at this machine");
                Refusal::RemoteSession
            },
        )
    }

    /// The process that calls.
    ///
    /// # Errors
    /// [`Refusal::NotAuthorized`] when it has ended or is unknown.
    pub(super) async fn process(&self) -> Result<PeerProcess, Refusal> {
        let proxy = DBusProxy::new(&self.connection).await.map_err(|_| Refusal::NotAuthorized)?;
        PeerProcess::of(&proxy, &self.caller.name).await.map_err(|_| Refusal::NotAuthorized)
    }

    /// Sends signals to the caller alone.
    ///
    /// # Errors
    /// [`Refusal::Internal`].
    pub(super) fn signal_emitter(&self) -> Result<SignalEmitter<'static>, Refusal> {
        let emitter =
            SignalEmitter::new(&self.connection, names::OBJECT_PATH).map_err(|error| {
                tracing::error!(%error, "signals cannot be sent");
                Refusal::Internal
            })?;
        Ok(emitter.set_destination(BusName::Unique(self.caller.name.as_ref())).into_owned())
    }

    /// What an audit record says about this call, for the F-pass of `uid`.
    pub(super) fn audit_context(&self, uid: Uid) -> RequestContext {
        RequestContext {
            kind: self.operation.kind,
            request: self.call.request,
            caller: self.caller.uid,
            uid,
        }
    }

    /// Records how the operation ended for the F-pass of `uid`.
    pub(super) async fn record<T>(
        &self,
        uid: Uid,
        label: Option<&Label>,
        outcome: &Result<T, Refusal>,
    ) {
        let outcome = outcome.as_ref().map(drop).map_err(|refusal| *refusal);
        self.service.audit_log.record_change(self.audit_context(uid), label, outcome).await;
    }
}
