//! The state of the daemon, which the bus interfaces share.

mod records;

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use fpass_proto::{Refusal, Uid, UserName};
use tokio::sync::Semaphore;

pub(crate) use self::records::{Enrolled, EnrolledBefore};
use crate::{
    adapt::Window,
    admission::RefusedCalls,
    audit::AuditLog,
    authorizer::Authorizer,
    calibrations::Calibrations,
    calls::Calls,
    config::Config,
    drawn_prompts::DrawnPrompts,
    engine::Engine,
    look_memory::LookMemory,
    memory::Memory,
    pending_setups::PendingSetups,
    seat::{LookUpTurns, RecentSessions, SeatLeases},
    store::Store,
    throttle::Throttle,
    users::{self, UserDatabase, UserLookupError},
    viewfinder::Viewfinders,
};

/// Facts about the recogniser, measured at the start.
#[derive(Clone, Debug)]
pub(crate) struct RecogniserFacts {
    /// Median duration of one embedding by dlib.
    pub(crate) embedding: Duration,
    /// What to do when it is slow, else empty.
    pub(crate) advice: &'static str,
}

/// State of the daemon behind its interfaces.
pub(crate) struct Service {
    pub(crate) engine: Engine,
    pub(crate) store: Arc<Store>,
    pub(crate) throttle: Arc<Throttle>,
    /// Where attempts and changes are recorded.
    pub(crate) audit_log: Arc<AuditLog>,
    pub(crate) users: Arc<dyn UserDatabase>,
    pub(crate) authorizer: Authorizer,
    pub(crate) calls: Calls,
    /// Calls that were refused without an audit record of their own.
    pub(crate) refused_calls: RefusedCalls,
    /// The sessions that attempts in progress depend on.
    pub(crate) seat_leases: SeatLeases,
    /// The look-ups of callers in progress.
    pub(crate) look_up_turns: LookUpTurns,
    /// The sessions that the last look-up asked about.
    pub(crate) recent_sessions: RecentSessions,
    /// The prompts that were asked and not judged.
    pub(crate) drawn_prompts: DrawnPrompts,
    /// The turn of the head that need not be repeated.
    pub(crate) look_memory: LookMemory,
    /// Logins that may set up an F-pass.
    pub(crate) pending_setups: PendingSetups,
    /// Enrolments whose callers may see themselves.
    pub(crate) viewfinders: Viewfinders,
    pub(crate) facts: RecogniserFacts,
    /// Whether this process's memory can be swapped out.
    pub(crate) memory: Memory,
    pub(crate) calibrations: Calibrations,
    /// Permit to list the cameras, one at a time. A driver that hangs keeps it.
    pub(crate) camera_listing: Arc<Semaphore>,
    /// The wall clock, for the dates of samples alone.
    pub(crate) now: fn() -> SystemTime,
    pub(crate) config: RwLock<Arc<Config>>,
}

impl Service {
    /// The configuration in force.
    pub(crate) fn config(&self) -> Arc<Config> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another configuration in force for the attempts that start afterwards.
    pub(crate) fn reconfigure(&self, config: Config) {
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
    }

    /// The id of the user with this name, or `None` when there is no such user.
    ///
    /// # Errors
    /// [`Refusal::Internal`] when the user database cannot be read.
    pub(crate) async fn find_user(&self, name: &UserName) -> Result<Option<Uid>, Refusal> {
        let (users, name) = (Arc::clone(&self.users), name.clone());
        users::look_up(move || users.find(&name)).await?.map_err(UserLookupError::refuse)
    }

    /// Checks that a name and an id exist and belong together.
    ///
    /// # Errors
    /// [`Refusal::UnknownUser`], [`Refusal::UserMismatch`], [`Refusal::Internal`].
    pub(crate) async fn confirm_user(&self, uid: Uid, name: &UserName) -> Result<(), Refusal> {
        let (users, name) = (Arc::clone(&self.users), name.clone());
        users::look_up(move || users::confirm(users.as_ref(), uid, &name)).await?
    }

    /// Checks that an id exists.
    ///
    /// # Errors
    /// [`Refusal::UnknownUser`], [`Refusal::Internal`].
    pub(crate) async fn confirm_uid(&self, uid: Uid) -> Result<(), Refusal> {
        let users = Arc::clone(&self.users);
        users::look_up(move || users::confirm_uid(users.as_ref(), uid)).await?
    }

    /// The time within which adapted samples count.
    pub(crate) fn window(&self, config: &Config) -> Window {
        Window::new((self.now)(), config.adaptation.expiry_days)
    }

    /// Seconds since the Unix epoch before which adapted samples have expired.
    pub(crate) fn horizon(&self) -> u64 {
        self.window(&self.config()).horizon()
    }
}
