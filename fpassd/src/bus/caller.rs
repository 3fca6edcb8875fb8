//! Who calls: unique name and uid, both from the bus and from nowhere else.

use std::sync::Arc;

use fpass_proto::{Label, Refusal, Uid};
use zbus::{
    Connection,
    fdo::DBusProxy,
    message::{Flags, Header},
    names::{BusName, OwnedUniqueName},
};

use crate::{
    audit,
    authorizer::{Action, Role, Subject},
    calls::{Call, Share},
    service::Service,
};

/// A call whose caller is known.
pub(super) struct Known {
    /// Its entry among the running calls.
    pub(super) call: Call,
    /// The caller's connection.
    pub(super) name: OwnedUniqueName,
    /// The caller's user.
    pub(super) uid: Uid,
    /// The call's part of its user's share.
    _share: Option<Share>,
    /// Whether the call says that somebody may be asked for a password.
    interactive: bool,
}

impl Known {
    /// Whether this caller may perform `action` on the F-pass of `subject`, and as whom.
    pub(super) async fn permit(
        &self,
        service: &Service,
        action: Action,
        subject: Uid,
    ) -> Result<Role, Refusal> {
        let caller = Subject {
            name: self.name.as_str(),
            uid: self.uid,
            interactive: self.interactive,
            request: self.call.request,
            cancel: &self.call.cancel,
        };
        service.authorizer.check(caller, action, subject).await
    }

    /// Puts into the audit trail how what the journal calls `kind` ended for `subject`.
    pub(super) async fn record<T>(
        &self,
        service: &Service,
        kind: &'static str,
        subject: Uid,
        label: Option<&Label>,
        outcome: &Result<T, Refusal>,
    ) {
        let outcome = outcome.as_ref().map(drop).map_err(|refusal| *refusal);
        let request = self.call.request;
        audit::record_change(service, kind, request, self.uid, subject, label, outcome).await;
    }
}

/// Enters the call and identifies its caller. A failed look-up is a refusal, never a user.
pub(super) async fn identify(
    service: &Arc<Service>,
    connection: &Connection,
    header: &Header<'_>,
) -> Result<Known, Refusal> {
    let name = header.sender().ok_or(Refusal::NotAuthorized)?.to_owned();
    // Entered first: a caller that leaves before the look-up fails it, one that leaves after it is
    // seen by the watch.
    let call = service.calls.begin(name.as_str());
    let unknown = |error: zbus::Error| {
        tracing::warn!(caller = name.as_str(), %error, "a caller without a known user is refused");
        Refusal::NotAuthorized
    };
    let bus = DBusProxy::new(connection).await.map_err(unknown)?;
    let uid = bus
        .get_connection_unix_user(BusName::Unique(name.clone()))
        .await
        .map_err(|error| unknown(error.into()))?;
    let interactive = header.primary().flags().contains(Flags::ALLOW_INTERACTIVE_AUTH);
    let uid = Uid(uid);
    let _share = service.calls.share(uid)?;
    Ok(Known { call, name: name.into(), uid, _share, interactive })
}

/// Identifies the caller of what the journal calls `kind`, and checks that the action is theirs to
/// take. A refusal is recorded.
pub(super) async fn admit(
    service: &Arc<Service>,
    connection: &Connection,
    header: &Header<'_>,
    kind: &'static str,
    action: Action,
    uid: Uid,
) -> Result<(Known, Role), Refusal> {
    let known = identify(service, connection, header).await?;
    let role = known.permit(service, action, uid).await;
    if role.is_err() {
        known.record(service, kind, uid, None, &role).await;
    }
    Ok((known, role?))
}
