//! One method call: its operation, its caller, and the checks that come before the work.

use std::{sync::Arc, time::Duration};

use fpass_proto::{Label, Refusal, Uid, UserName, names};
use tokio::time::timeout;
use zbus::{
    Connection,
    fdo::DBusProxy,
    message::{Flags, Header},
    names::BusName,
    object_server::SignalEmitter,
};

use super::{Bus, cues::CueSender};
use crate::{
    audit::RequestContext,
    authorizer::{Action, Role, Subject},
    calls::Call,
    cancel::CancelFlag,
    keyed_counter::CounterGuard,
    seat::{self, CameraUse, Endpoint, Logind, NotLocal, PeerProcess, SeatRequest, Seated},
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

/// Who calls, as the bus or the kernel reports it.
struct Caller {
    peer: Endpoint,
    uid: Uid,
    /// Whether the call allows a password to be asked for.
    interactive: bool,
}

/// A call in progress. Dropping it ends it.
pub(super) struct Request {
    /// The daemon.
    pub(super) service: Arc<Service>,
    connection: Connection,
    questions: Connection,
    operation: Operation,
    caller: Caller,
    call: Call,
    /// Where the cues of a call on the daemon's own socket go.
    cues: Option<CueSender>,
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
        let Bus { service, gate, connection, questions } = bus.clone();
        let name = header.sender().ok_or(Refusal::NotAuthorized)?.to_owned();
        // Registered before the look-up. The gate knows the user of each call that it admits,
        // unless the caller has left by then; the watch on the bus notices one that leaves later.
        let call = service.calls.begin(name.as_str());
        let uid = gate.caller(name.as_str()).ok_or(Refusal::NotAuthorized)?;
        let interactive = header.primary().flags().contains(Flags::ALLOW_INTERACTIVE_AUTH);
        let _counted = service.calls.count(uid)?;
        let caller = Caller { peer: Endpoint::Bus(name.into()), uid, interactive };
        let cues = None;
        Ok(Self { service, connection, questions, operation, caller, call, cues, _counted })
    }

    /// Registers a call that root made on the daemon's own socket, to which `cues` leads.
    pub(super) fn begin_on_socket(
        bus: &Bus,
        process: PeerProcess,
        operation: Operation,
        cues: CueSender,
    ) -> Self {
        let Bus { service, connection, questions, .. } = bus.clone();
        // Nothing else has this name, so only the end of the connection cancels the call.
        let call = service.calls.begin(&format!("process {}", process.id()));
        let caller = Caller { peer: Endpoint::Socket(process), uid: Uid::ROOT, interactive: false };
        let cues = Some(cues);
        Self { service, connection, questions, operation, caller, call, cues, _counted: None }
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

    /// The daemon's connection for questions.
    pub(super) fn questions(&self) -> &Connection {
        &self.questions
    }

    /// Where the cues of a call on the daemon's own socket go.
    pub(super) fn cue_sender(&self) -> Option<&CueSender> {
        self.cues.as_ref()
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
            name: match &self.caller.peer {
                Endpoint::Bus(name) => name.as_str(),
                // Root is authorised without a question to anybody.
                Endpoint::Socket(_) => "",
            },
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
    /// [`Refusal::RemoteSession`], [`Refusal::DeadlinePassed`] when logind does not answer in time,
    /// or [`Refusal::Cancelled`]; the journal has the reason.
    pub(super) async fn require_local(
        &self,
        subject: Uid,
        camera_use: CameraUse<'_>,
    ) -> Result<Seated, Refusal> {
        self.require_local_within(seat::LOOK_UP_MAX, subject, camera_use).await
    }

    /// The same, with another limit for the look-up.
    ///
    /// # Errors
    /// As [`require_local`](Self::require_local).
    pub(super) async fn require_local_within(
        &self,
        limit: Duration,
        subject: Uid,
        camera_use: CameraUse<'_>,
    ) -> Result<Seated, Refusal> {
        let request = SeatRequest { caller: self.caller.uid, subject, camera_use };
        let logind = Logind::new(&self.questions, &self.caller.peer, &self.service.recent_sessions);
        let (leases, config) = (&self.service.seat_leases, self.service.config());
        let cancel = &self.call.cancel;
        let look_up = async {
            let _turn = self.service.look_up_turns.wait(self.caller.uid).await;
            seat::require_local(leases, &logind, &request, &config.seat, cancel, limit).await
        };
        let outcome = tokio::select! {
            biased;
            outcome = timeout(limit, look_up) => outcome.unwrap_or(Err(NotLocal::TimedOut)),
            () = cancel.raised() => return Err(Refusal::Cancelled),
        };
        outcome.map_err(|reason| {
            let (request, caller) = (self.call.request, self.caller.uid.0);
            tracing::info!(request, caller, %reason, "the caller is not at this machine");
            match reason {
                // Others can keep the bus so busy that logind answers too late.
                NotLocal::TimedOut => Refusal::DeadlinePassed,
                _ => Refusal::RemoteSession,
            }
        })
    }

    /// The process that calls.
    ///
    /// # Errors
    /// [`Refusal::NotAuthorized`] when it has ended or is unknown.
    pub(super) async fn process(&self) -> Result<PeerProcess, Refusal> {
        let proxy = DBusProxy::new(&self.questions).await.map_err(|_| Refusal::NotAuthorized)?;
        self.caller.peer.process(&proxy).await.map_err(|_| Refusal::NotAuthorized)
    }

    /// Sends signals to the caller alone.
    ///
    /// # Errors
    /// [`Refusal::Internal`], also for a call on the daemon's own socket.
    pub(super) fn signal_emitter(&self) -> Result<SignalEmitter<'static>, Refusal> {
        let Endpoint::Bus(name) = &self.caller.peer else { return Err(Refusal::Internal) };
        let emitter =
            SignalEmitter::new(&self.connection, names::OBJECT_PATH).map_err(|error| {
                tracing::error!(%error, "signals cannot be sent");
                Refusal::Internal
            })?;
        Ok(emitter.set_destination(BusName::Unique(name.as_ref())).into_owned())
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
