//! The conversation with polkit over the system bus.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use fpass_proto::{Refusal, Uid, UserName, limits::AUTHENTICATION_MAX};
use tokio::{
    sync::OnceCell,
    time::{timeout, timeout_at},
};
use zbus::{
    Connection, Variant, fdo,
    fdo::DBusProxy,
    names::{BusName, OwnedUniqueName, UniqueName, WellKnownName},
};

use super::{
    authority::{Authority, PendingAnswer, Subject},
    authorization_result::AuthorizationResult,
    rule::Permission,
};
use crate::{
    admission,
    keyed_counter::KeyedCounter,
    users::{self, UserDatabase, UserLookupError},
};

const NAME: &str = "org.freedesktop.PolicyKit1";
const PATH: &str = "/org/freedesktop/PolicyKit1/Authority";
const INTERFACE: &str = "org.freedesktop.PolicyKit1.Authority";
/// Account of polkit on systems where it does not run as root.
const ACCOUNT: &str = "polkitd";
/// Flag `AllowUserInteraction` of `CheckAuthorization`.
const ALLOW_USER_INTERACTION: u32 = 1;
/// Time for an answer without a password, including the start of polkit.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// Most open questions of one user.
const QUESTIONS_PER_USER_MAX: u32 = 2;
/// Most open questions of all users, below what the bus allows.
const QUESTIONS_MAX: u32 = 64;
/// Time for polkit to confirm that a question is withdrawn.
const WITHDRAWAL_MAX: Duration = Duration::from_secs(1);

/// polkit, on a connection of its own, so that open questions do not use up the calls of the main
/// one.
pub(crate) struct Polkit {
    connection: OnceCell<Connection>,
    users: Arc<dyn UserDatabase>,
    /// Open questions of each user. The bus allows each connection 128 calls without a reply:
    /// without a bound, the questions of one user would use up the daemon's.
    questions: KeyedCounter<Uid>,
}

impl Authority for Polkit {
    fn ask<'a>(&'a self, caller: Subject<'a>, permission: Permission) -> PendingAnswer<'a> {
        Box::pin(self.decide(caller, permission))
    }
}

/// polkit on the bus.
struct Found<'a> {
    connection: &'a Connection,
    bus: DBusProxy<'static>,
    owner: OwnedUniqueName,
}

impl Polkit {
    /// Connects when the first question is asked.
    pub(crate) fn new(users: Arc<dyn UserDatabase>) -> Self {
        Self { connection: OnceCell::new(), users, questions: KeyedCounter::default() }
    }

    /// Asks without a password first: a polkit that hangs is noticed early, and a dialogue appears
    /// only if the password decides.
    async fn decide(&self, caller: Subject<'_>, permission: Permission) -> Result<(), Refusal> {
        let _question = self
            .questions
            .add_within(caller.uid, QUESTIONS_PER_USER_MAX, QUESTIONS_MAX)
            .ok_or(Refusal::QueueFull)?;
        let soon = Instant::now() + ANSWER_MAX;
        let found = by(soon, self.find()).await?;
        let mut reply = found.question(caller, permission, false, soon).await?;
        if reply == AuthorizationResult::Challenge && caller.interactive && permission.may_ask() {
            let late = Instant::now() + AUTHENTICATION_MAX;
            reply = found.question(caller, permission, true, late).await?;
        }
        reply.outcome()?;
        by(Instant::now() + ANSWER_MAX, found.require_connected(caller)).await
    }

    /// The connection that owns the name of polkit, which is started if necessary. Its account must
    /// be root or [`ACCOUNT`].
    async fn find(&self) -> Result<Found<'_>, Refusal> {
        let connect = admission::connect_without_calls;
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
            tracing::error!(uid = account, "an account that is not polkit owns its bus name");
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
        let found = users::look_up(move || users.find(&account)).await?;
        let refuse = |error: UserLookupError| {
            error.refuse();
            Refusal::AuthorityUnavailable
        };
        Ok(found.map_err(refuse)? == Some(uid))
    }
}

impl Found<'_> {
    /// Asks one question, and withdraws it when nobody waits for the answer any more.
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
                        tracing::warn!("polkit gave a malformed answer");
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

    /// Checks that the caller is still connected; an authorisation for a closed connection is void.
    /// Unique names are never reused.
    async fn require_connected(&self, caller: Subject<'_>) -> Result<(), Refusal> {
        let name = UniqueName::try_from(caller.name).map_err(|_| Refusal::NotAuthorized)?;
        let uid = self.bus.get_connection_unix_user(BusName::Unique(name)).await;
        match uid {
            Ok(uid) if Uid(uid) == caller.uid && !caller.cancel.is_raised() => Ok(()),
            Ok(_) | Err(_) => Err(Refusal::Cancelled),
        }
    }
}

/// Bounds the time of `work`.
async fn by<T>(
    latest: Instant,
    work: impl Future<Output = Result<T, Refusal>>,
) -> Result<T, Refusal> {
    timeout_at(latest.into(), work).await.unwrap_or(Err(Refusal::AuthorityUnavailable))
}

/// Logs why polkit could not be asked and returns what the caller is told.
fn unusable(error: impl std::fmt::Display) -> Refusal {
    tracing::warn!(%error, "polkit cannot be asked");
    Refusal::AuthorityUnavailable
}
