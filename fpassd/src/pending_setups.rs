//! Logins that got as far as the face and whose user has never had one: for a few minutes the
//! process of each may set up an F-pass for that user.
//!
//! The password comes first in a login, so that whoever is known here has typed it just now. A
//! program that skips it, as sudo does under NOPASSWD, never asked for a verdict and is not known.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use fpass_proto::{ServiceName, Strength, Uid};

use crate::seat::Process;

/// How long after its verdict a login may set up.
const WAITS_FOR: Duration = Duration::from_secs(5 * 60);
/// Most logins that are remembered; the oldest makes way.
const WAITING_MAX: usize = 32;

/// The process that runs a login.
pub(crate) trait ProcessHandle: Send {
    /// Its number.
    fn id(&self) -> u32;
    /// Whether it has ended, so that its number may mean another process.
    fn has_ended(&self) -> bool;
}

impl ProcessHandle for Process {
    fn id(&self) -> u32 {
        Self::id(self)
    }

    fn has_ended(&self) -> bool {
        Self::has_ended(self)
    }
}

/// How far a login has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetupState {
    /// It may set up.
    Waiting,
    /// It has set up an F-pass of this strength.
    Done(Strength),
}

struct PendingSetup<H> {
    uid: Uid,
    service: ServiceName,
    holder: H,
    since: Instant,
    state: SetupState,
}

/// The logins that may set up.
pub(crate) struct PendingSetups<H = Process>(Mutex<Vec<PendingSetup<H>>>);

impl<H> Default for PendingSetups<H> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<H: ProcessHandle> PendingSetups<H> {
    /// Remembers a login of `service` whose user never enrolled.
    pub(crate) fn note(&self, uid: Uid, service: ServiceName, holder: H, now: Instant) {
        let mut waiting = self.waiting(now);
        waiting.retain(|login| !(login.uid == uid && login.holder.id() == holder.id()));
        if waiting.len() >= WAITING_MAX {
            waiting.remove(0);
        }
        waiting.push(PendingSetup { uid, service, holder, since: now, state: SetupState::Waiting });
    }

    /// How far the login has come that this process runs, if one is known.
    pub(crate) fn know(
        &self,
        uid: Uid,
        service: &ServiceName,
        holder: &impl ProcessHandle,
        now: Instant,
    ) -> Option<SetupState> {
        let waiting = self.waiting(now);
        let login = waiting.iter().find(|login| {
            login.uid == uid && login.service == *service && login.holder.id() == holder.id()
        })?;
        (!holder.has_ended()).then_some(login.state)
    }

    /// The login of this process has set up; others of the same user no longer may.
    pub(crate) fn settle(&self, uid: Uid, holder: &impl ProcessHandle, strength: Strength) {
        let mut logins = self.lock();
        logins.retain(|login| login.uid != uid || login.holder.id() == holder.id());
        for login in logins.iter_mut().filter(|login| login.uid == uid) {
            login.state = SetupState::Done(strength);
        }
    }

    /// Those that still wait.
    fn waiting(&self, now: Instant) -> MutexGuard<'_, Vec<PendingSetup<H>>> {
        let mut waiting = self.lock();
        waiting.retain(|login| {
            !login.holder.has_ended() && now.saturating_duration_since(login.since) < WAITS_FOR
        });
        waiting
    }

    fn lock(&self) -> MutexGuard<'_, Vec<PendingSetup<H>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Program {
        id: u32,
        ended: Arc<AtomicBool>,
    }

    impl Program {
        fn new(id: u32) -> Self {
            Self { id, ..Self::default() }
        }
    }

    impl ProcessHandle for Program {
        fn id(&self) -> u32 {
            self.id
        }

        fn has_ended(&self) -> bool {
            self.ended.load(Ordering::Relaxed)
        }
    }

    const ALICE: Uid = Uid(1000);
    const BOB: Uid = Uid(1001);

    fn service(name: &str) -> ServiceName {
        ServiceName::parse(name).unwrap()
    }

    #[test]
    fn another_user_service_or_process_is_not_known() {
        let (logins, now) = (PendingSetups::default(), Instant::now());
        logins.note(ALICE, service("login"), Program::new(7), now);
        for (uid, name, id) in [(BOB, "login", 7), (ALICE, "su", 7), (ALICE, "login", 8)] {
            let known = logins.know(uid, &service(name), &Program::new(id), now);
            assert_eq!(known, None, "{uid} {name} {id}");
        }
        assert_eq!(
            logins.know(ALICE, &service("login"), &Program::new(7), now),
            Some(SetupState::Waiting)
        );
    }

    #[test]
    fn a_login_is_known_for_a_while() {
        let (logins, now) = (PendingSetups::default(), Instant::now());
        let (login, program) = (service("login"), Program::new(7));
        logins.note(ALICE, login.clone(), program.clone(), now);
        let shortly_before = now + WAITS_FOR - Duration::from_millis(1);
        assert_eq!(logins.know(ALICE, &login, &program, shortly_before), Some(SetupState::Waiting));
        assert_eq!(logins.know(ALICE, &login, &program, now + WAITS_FOR), None);
    }

    #[test]
    fn what_has_set_up_is_remembered_and_what_waited_beside_it_is_not() {
        let (logins, now) = (PendingSetups::default(), Instant::now());
        let (login, program, other) = (service("login"), Program::new(7), Program::new(8));
        for (uid, holder) in [(ALICE, &program), (ALICE, &other), (BOB, &other)] {
            logins.note(uid, login.clone(), holder.clone(), now);
        }
        logins.settle(ALICE, &program, Strength::Fair);
        let known = |uid, holder| logins.know(uid, &login, holder, now);
        assert_eq!(known(ALICE, &program), Some(SetupState::Done(Strength::Fair)));
        assert_eq!(known(ALICE, &other), None);
        assert_eq!(known(BOB, &other), Some(SetupState::Waiting));
        // A further verdict begins anew.
        logins.note(ALICE, login.clone(), program.clone(), now);
        assert_eq!(known(ALICE, &program), Some(SetupState::Waiting));
    }

    #[test]
    fn the_number_of_an_ended_process_means_nothing() {
        let (logins, now) = (PendingSetups::default(), Instant::now());
        let (login, program) = (service("login"), Program::new(7));
        logins.note(ALICE, login.clone(), program.clone(), now);
        program.ended.store(true, Ordering::Relaxed);
        assert_eq!(logins.know(ALICE, &login, &Program::new(7), now), None);
        let gone = Program::new(8);
        logins.note(ALICE, login.clone(), Program::new(8), now);
        gone.ended.store(true, Ordering::Relaxed);
        assert_eq!(logins.know(ALICE, &login, &gone, now), None);
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_makes_way() {
        let (logins, now) = (PendingSetups::default(), Instant::now());
        let login = service("login");
        for id in 0..100 {
            logins.note(ALICE, login.clone(), Program::new(id), now);
            logins.note(ALICE, login.clone(), Program::new(id), now);
        }
        assert_eq!(logins.lock().len(), WAITING_MAX);
        assert_eq!(logins.know(ALICE, &login, &Program::new(0), now), None);
        assert_eq!(logins.know(ALICE, &login, &Program::new(99), now), Some(SetupState::Waiting));
    }
}
