//! polkit on the private bus: a scripted one that records its questions.

mod served;

use std::{
    collections::HashMap,
    fs,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

pub use self::served::serve;
use crate::{TestbedError, bus_policy, served::Served};

/// polkit's name on the bus.
pub const NAME: &str = "org.freedesktop.PolicyKit1";
/// The actions of F-pass.
pub const VERIFY: &str = "org.fpass.Fpass1.verify";
/// Setting up one's own F-pass.
pub const ENROL_SELF: &str = "org.fpass.Fpass1.enroll.self";
/// Changing or removing one's own F-pass.
pub const DELETE_SELF: &str = "org.fpass.Fpass1.delete.self";
/// Managing the F-pass of others.
pub const MANAGE_OTHERS: &str = "org.fpass.Fpass1.manage.others";

/// Service file that makes the bus start polkit on demand; the testbed removes it.
const ACTIVATION: &str = "/usr/share/dbus-1/system-services/org.freedesktop.PolicyKit1.service";

/// The answer of the scripted polkit to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Yes.
    Grant,
    /// No.
    Deny,
    /// A password is required, and nobody can be asked for it.
    Challenge,
    /// Yes if a password may be asked for: the right one is typed at once.
    Password,
    /// The same, but the password is typed after [`Authority::release`].
    SlowPassword,
    /// No answer before [`Authority::release`]; a yes then.
    Hang,
    /// A yes that also requires a password: a contradiction.
    Contradiction,
    /// A string instead of the result.
    Nonsense,
    /// An error.
    Failure,
}

/// A question to polkit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Name of the action.
    pub action: String,
    /// Kind of the subject, `system-bus-name`.
    pub kind: String,
    /// User of the connection that the subject names; `None` when it is gone.
    pub uid: Option<u32>,
    /// Whether a password may be asked for.
    pub interactive: bool,
    /// Id for cancelling the question.
    pub cancellation: String,
}

/// What the served object and the test share.
#[derive(Debug, Default)]
pub struct PolkitScript {
    state: Mutex<PolkitState>,
    released: Notify,
}

#[derive(Debug, Default)]
struct PolkitState {
    behaviours: HashMap<String, Behaviour>,
    asked: Vec<Asked>,
    withdrawn: Vec<String>,
}

impl PolkitScript {
    /// Grants what users may do for themselves and denies the rest.
    #[must_use]
    pub fn usual() -> Arc<Self> {
        let script = Self::default();
        for action in [VERIFY, ENROL_SELF, DELETE_SELF] {
            script.does(action, Behaviour::Grant);
        }
        Arc::new(script)
    }

    /// Sets the answer for an action from now on.
    pub fn does(&self, action: &str, behaviour: Behaviour) {
        self.state().behaviours.insert(action.to_owned(), behaviour);
    }

    fn state(&self) -> MutexGuard<'_, PolkitState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The scripted polkit, served by a thread of the testbed.
pub struct Authority {
    script: Arc<PolkitScript>,
    running: Option<Served>,
}

impl Authority {
    /// Prepares the private machine for it. The bus must not have started yet.
    pub(crate) fn prepare() -> Result<Self, TestbedError> {
        bus_policy::open(&[NAME])?;
        // The file is missing where polkit is not installed.
        let _ = fs::remove_file(ACTIVATION);
        Ok(Self { script: PolkitScript::usual(), running: None })
    }

    /// Takes polkit's name on the bus.
    ///
    /// # Errors
    /// Says why it cannot own the name.
    pub fn start(&mut self) -> Result<(), TestbedError> {
        self.stop();
        let script = Arc::clone(&self.script);
        let serve = |ready| served::serve(script, ready);
        self.running = Some(Served::start("the scripted polkit", serve)?);
        Ok(())
    }

    /// Leaves the bus: there is no polkit any more.
    pub fn stop(&mut self) {
        self.running = None;
    }

    /// Sets the answer for an action from now on.
    pub fn does(&self, action: &str, behaviour: Behaviour) {
        self.script.does(action, behaviour);
    }

    /// Answers every waiting question.
    pub fn release(&self) {
        self.script.released.notify_waiters();
    }

    /// Every question since the last call, in order.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.script.state().asked)
    }

    /// The number of questions since the last call of [`Authority::asked`].
    #[must_use]
    pub fn questions(&self) -> usize {
        self.script.state().asked.len()
    }

    /// The names of withdrawn questions since the last call.
    pub fn withdrawn(&self) -> Vec<String> {
        std::mem::take(&mut self.script.state().withdrawn)
    }
}
