//! polkit on the private bus: a scripted one that remembers what it was asked, or the real one.

mod real;
mod served;

use std::{
    collections::HashMap,
    fs,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

pub use self::{
    real::{Polkitd, impostor},
    served::serve,
};
use crate::{GroundError, bus, served::Served};

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

/// Makes the bus start polkit on demand. The ground has only what a test starts.
const ACTIVATION: &str = "/usr/share/dbus-1/system-services/org.freedesktop.PolicyKit1.service";

/// What the scripted polkit does when it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Yes.
    Grant,
    /// No.
    Deny,
    /// A password would help, and nobody is there to give it.
    Challenge,
    /// Yes once somebody may be asked, who then gives the right password at once.
    Password,
    /// The same, but whoever is asked types until [`Authority::release`].
    SlowPassword,
    /// No answer before [`Authority::release`]; a yes then.
    Hang,
    /// A yes that wants a password: a contradiction.
    Contradiction,
    /// A string in the place of the result.
    Nonsense,
    /// An error.
    Failure,
}

/// A question as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Name of the action.
    pub action: String,
    /// Kind of the subject, `system-bus-name`.
    pub kind: String,
    /// User of the connection that the subject names; `None` when it is gone.
    pub uid: Option<u32>,
    /// Whether somebody may be asked for a password.
    pub interactive: bool,
    /// Name under which the question can be withdrawn.
    pub cancellation: String,
}

/// What the served object and the test share.
#[derive(Debug, Default)]
pub struct Script {
    state: Mutex<State>,
    released: Notify,
}

#[derive(Debug, Default)]
struct State {
    behaviours: HashMap<String, Behaviour>,
    asked: Vec<Asked>,
    withdrawn: Vec<String>,
}

impl Script {
    /// Grants what users may do for themselves and denies the rest.
    #[must_use]
    pub fn usual() -> Arc<Self> {
        let script = Self::default();
        for action in [VERIFY, ENROL_SELF, DELETE_SELF] {
            script.does(action, Behaviour::Grant);
        }
        Arc::new(script)
    }

    /// Sets what is done when an action is asked for from here on.
    pub fn does(&self, action: &str, behaviour: Behaviour) {
        self.state().behaviours.insert(action.to_owned(), behaviour);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The scripted polkit, served by a thread of the ground.
pub struct Authority {
    script: Arc<Script>,
    running: Option<Served>,
}

impl Authority {
    /// Makes the private machine ready for it. The bus must not have started yet.
    pub(crate) fn prepare() -> Result<Self, GroundError> {
        bus::open(&[NAME])?;
        // Not there where polkit is not installed.
        let _ = fs::remove_file(ACTIVATION);
        Ok(Self { script: Script::usual(), running: None })
    }

    /// Takes polkit's name on the bus.
    ///
    /// # Errors
    /// Says why the name cannot be had.
    pub fn start(&mut self) -> Result<(), GroundError> {
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

    /// Sets what it does when it is asked for an action from here on.
    pub fn does(&self, action: &str, behaviour: Behaviour) {
        self.script.does(action, behaviour);
    }

    /// Lets every question that hangs be answered.
    pub fn release(&self) {
        self.script.released.notify_waiters();
    }

    /// Every question since the last call, in order.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.script.state().asked)
    }

    /// How many questions wait to be fetched.
    #[must_use]
    pub fn questions(&self) -> usize {
        self.script.state().asked.len()
    }

    /// The names of withdrawn questions since the last call.
    pub fn withdrawn(&self) -> Vec<String> {
        std::mem::take(&mut self.script.state().withdrawn)
    }
}
