//! The conversation with polkit over the system bus.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use fpass_proto::{Refusal, Uid, UserName, limits::AUTHENTICATION_MAX, names};
use tokio::{
    sync::OnceCell,
    time::{timeout, timeout_at},
};
use zbus::{
    Connection, Variant, connection, fdo,
    fdo::DBusProxy,
    names::{BusName, OwnedUniqueName, UniqueName, WellKnownName},
};

use super::{
    authority::{Authority, PendingAnswer, Subject},
    authorization_result::AuthorizationResult,
    places::Places,
    rule::Permission,
};
use crate::{service::off_loop, users::UserDatabase};

const NAME: &str = "org.freedesktop.PolicyKit1";
const PATH: &str = "/org/freedesktop/PolicyKit1/Authority";
const INTERFACE: &str = "org.freedesktop.PolicyKit1.Authority";
/// Account that polkit runs under where it is not root.
const ACCOUNT: &str = "polkitd";
/// Flag `AllowUserInteraction` of `CheckAuthorization`.
const ALLOW_USER_INTERACTION: u32 = 1;
/// Time for an answer for which nobody is asked, with the start of polkit.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// Time for polkit to take note of a withdrawn question.
const WITHDRAWAL_MAX: Duration = Duration::from_secs(1);

/// polkit, on a connection of its own: questions that it leaves open count against no other call.
pub(crate) struct Polkit {
    connection: OnceCell<Connection>,
    users: Arc<dyn UserDatabase>,
    places: Places,
}

impl Authority for Polkit {
    fn ask<'a>(&'a self, caller: Subject<'a>, permission: Permission) -> PendingAnswer<'a> {
        Box::pin(self.decide(caller, permission))
    }
}

/// polkit as it was found on the bus.
struct Found<'a> {
    connection: &'a Connection,
    bus: DBusProxy<'static>,
    owner: OwnedUniqueName,
}

impl Polkit {
    /// Nobody is asked, and nothing connected, before the first question.
    pub(crate) fn new(users: Arc<dyn UserDatabase>) -> Self {
        Self { connection: OnceCell::new(), users, places: Places::default() }
    }

    /// Asks without a password first: that polkit hangs shows soon, and a dialogue appears only
    /// where it decides something.
    async fn decide(&self, caller: Subject<'_>, permission: Permission) -> Result<(), Refusal> {
        let _place = self.places.take(caller.uid)?;
        let soon = Instant::now() + ANSWER_MAX;
        let found = by(soon, self.find()).await?;
        let mut reply = found.question(caller, permission, false, soon).await?;
        if reply == AuthorizationResult::Challenge && caller.interactive && permission.may_ask() {
            let late = Instant::now() + AUTHENTICATION_MAX;
            reply = found.question(caller, permission, true, late).await?;
        }
        reply.outcome()?;
        by(Instant::now() + ANSWER_MAX, found.caller_stays(caller)).await
    }

    /// The connection that owns polkit's name, started if need be, under an account that may.
    async fn find(&self) -> Result<Found<'_>, Refusal> {
        let connect = || connection::Builder::address(names::SYSTEM_BUS_ADDRESS).build();
        let connection = self.connection.get_or_try_init(connect).await.map_err(unusable)?;
        let bus = DBusProxy::new(connection).await.map_err(unusable)?;
        let name = WellKnownName::from_static_str(NAME).map_err(unusable)?;
        let owner = match bus.get_name_owner(name.clone().into()).await {
            Err(fdo::Error::NameHasNoOwner(_)) => {
                bus.start_service_by_name(name.clone(), 0).await.map_err(unusable)?;
                bus.get_name_owner(name.into()).await
            }
            owner => owner,
        };
        let owner = owner.map_err(unusable)?;
        let account = bus.get_connection_unix_user(owner.clone().into()).await.map_err(unusable)?;
        if !self.may_be_polkit(Uid(account)).await? {
            tracing::error!(uid = account, "another account owns polkit's name");
            return Err(Refusal::AuthorityUnavailable);
        }
        Ok(Found { connection, bus, owner })
    }

    async fn may_be_polkit(&self, uid: Uid) -> Result<bool, Refusal> {
        if uid.is_root() {
            return Ok(true);
        }
        let account = UserName::parse(ACCOUNT).map_err(|_| Refusal::AuthorityUnavailable)?;
        let users = Arc::clone(&self.users);
        let found = off_loop(move || users.find(&account)).await?;
        Ok(found.map_err(|_| Refusal::AuthorityUnavailable)? == Some(uid))
    }
}

impl Found<'_> {
    /// Puts one question; it is withdrawn when nobody waits for its answer any more.
    async fn question(
        &self,
        caller: Subject<'_>,
        permission: Permission,
        interactive: bool,
        latest: Instant,
    ) -> Result<AuthorizationResult, Refusal> {
        let id = format!("fpassd-{}-{interactive}", caller.request);
        let subject = ("system-bus-name", HashMap::from([("name", Variant::from(caller.name))]));
        let flags = if interactive { ALLOW_USER_INTERACTION } else { 0 };
        let details = HashMap::<&str, &str>::new();
        let body = (subject, permission.id(), details, flags, id.as_str());
        let call = self.call("CheckAuthorization", &body);
        let ended = tokio::select! {
            biased;
            () = caller.cancel.raised() => Refusal::Cancelled,
            answer = timeout_at(latest.into(), call) => match answer {
                Ok(answer) => {
                    let answer = answer.map_err(unusable)?;
                    return AuthorizationResult::read(&answer).ok_or_else(|| {
                        tracing::warn!("polkit gave an answer that is none");
                        Refusal::AuthorityUnavailable
                    });
                }
                Err(_) if interactive => Refusal::AuthenticationNeeded,
                Err(_) => {
                    tracing::warn!("polkit does not answer");
                    Refusal::AuthorityUnavailable
                }
            },
        };
        let body = (id.as_str(),);
        let withdrawal = self.call("CancelCheckAuthorization", &body);
        if !matches!(timeout(WITHDRAWAL_MAX, withdrawal).await, Ok(Ok(_))) {
            tracing::debug!("polkit did not confirm that the question is withdrawn");
        }
        Err(ended)
    }

    async fn call<B>(&self, member: &str, body: &B) -> zbus::Result<zbus::Message>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        let owner = Some(&self.owner);
        self.connection.call_method(owner, PATH, Some(INTERFACE), member, body).await
    }

    /// Makes sure that whom polkit judged is still there: a yes about a connection that is gone is
    /// nobody's. Unique names are not given away again.
    async fn caller_stays(&self, caller: Subject<'_>) -> Result<(), Refusal> {
        let name = UniqueName::try_from(caller.name).map_err(|_| Refusal::NotAuthorized)?;
        let uid = self.bus.get_connection_unix_user(BusName::Unique(name)).await;
        match uid {
            Ok(uid) if Uid(uid) == caller.uid && !caller.cancel.is_raised() => Ok(()),
            Ok(_) | Err(_) => Err(Refusal::Cancelled),
        }
    }
}

/// Bounds what leads to an answer.
async fn by<T>(
    latest: Instant,
    work: impl Future<Output = Result<T, Refusal>>,
) -> Result<T, Refusal> {
    timeout_at(latest.into(), work).await.unwrap_or(Err(Refusal::AuthorityUnavailable))
}

/// Logs why polkit could not be asked, and says what the caller is told.
fn unusable(error: impl std::fmt::Display) -> Refusal {
    tracing::warn!(%error, "polkit cannot be asked");
    Refusal::AuthorityUnavailable
}
