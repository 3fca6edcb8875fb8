//! Logins of users who have no F-pass yet. For five minutes the process of such a login may enrol
//! its user.
//!
//! A login asks for the password before it asks for a verdict, so the user of a pending login has
//! just typed the password. A process that skips the password, such as sudo with NOPASSWD, asks for
//! no verdict and has no pending login.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use fpass_proto::{ServiceName, Strength, Uid};

use crate::seat::PeerProcess;

/// How long after its verdict a login may set up an F-pass.
const PENDING_TIME: Duration = Duration::from_secs(5 * 60);
/// Most pending logins. A further one replaces the oldest.
const PENDING_MAX: usize = 32;

/// The process that runs a login.
pub(crate) trait ProcessHandle: Send {
    /// Its PID.
    fn id(&self) -> u32;
    /// Whether it has ended; its PID may then belong to another process.
    fn has_ended(&self) -> bool;
}

impl ProcessHandle for PeerProcess {
    fn id(&self) -> u32 {
        Self::id(self)
    }

    fn has_ended(&self) -> bool {
        Self::has_ended(self)
    }
}

/// What a pending login has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetupState {
    /// It may set up an F-pass.
    Waiting,
    /// It has set up an F-pass of this strength.
    Done(Strength),
}

struct PendingSetup<P> {
    uid: Uid,
    service: ServiceName,
    process: P,
    since: Instant,
    state: SetupState,
}

/// The pending logins.
pub(crate) struct PendingSetups<P = PeerProcess>(Mutex<Vec<PendingSetup<P>>>);

impl<P> Default for PendingSetups<P> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<P: ProcessHandle> PendingSetups<P> {
    /// Adds a login of `service` whose user never enrolled.
    pub(crate) fn add(&self, uid: Uid, service: ServiceName, process: P, now: Instant) {
        let mut waiting = self.waiting(now);
        waiting.retain(|login| !(login.uid == uid && login.process.id() == process.id()));
        if waiting.len() >= PENDING_MAX {
            waiting.remove(0);
        }
        waiting.push(PendingSetup {
            uid,
            service,
            process,
            since: now,
            state: SetupState::Waiting,
        });
    }

    /// The state of the pending login that this process runs.
    pub(crate) fn find(
        &self,
        uid: Uid,
        service: &ServiceName,
        process: &impl ProcessHandle,
        now: Instant,
    ) -> Option<SetupState> {
        let waiting = self.waiting(now);
        let login = waiting.iter().find(|login| {
            login.uid == uid && login.service == *service && login.process.id() == process.id()
        })?;
        (!process.has_ended()).then_some(login.state)
    }

    /// Notes that the login of this process has set up an F-pass, and removes other logins of the
    /// user.
    pub(crate) fn finish(&self, uid: Uid, process: &impl ProcessHandle, strength: Strength) {
        let mut logins = self.lock();
        logins.retain(|login| login.uid != uid || login.process.id() == process.id());
        for login in logins.iter_mut().filter(|login| login.uid == uid) {
            login.state = SetupState::Done(strength);
        }
    }

    /// Removes the logins that ended or expired, and returns the rest.
    fn waiting(&self, now: Instant) -> MutexGuard<'_, Vec<PendingSetup<P>>> {
        let mut waiting = self.lock();
        waiting.retain(|login| {
            !login.process.has_ended() && now.saturating_duration_since(login.since) < PENDING_TIME
        });
        waiting
    }

    fn lock(&self) -> MutexGuard<'_, Vec<PendingSetup<P>>> {
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
    struct FakeProcess {
        id: u32,
        ended: Arc<AtomicBool>,
    }

    impl FakeProcess {
        fn new(id: u32) -> Self {
            Self { id, ..Self::default() }
        }
    }

    impl ProcessHandle for FakeProcess {
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
    fn another_user_service_or_process_has_no_pending_login() {
        let (logins, now) = (PendingSetups::default(), Instant::now());
        logins.add(ALICE, service("login"), FakeProcess::new(7), now);
        for (uid, name, id) in [(BOB, "login", 7), (ALICE, "su", 7), (ALICE, "login", 8)] {
            let known = logins.find(uid, &service(name), &FakeProcess::new(id), now);
            assert_eq!(known, None, "{uid} {name} {id}");
        }
        assert_eq!(
            logins.find(ALICE, &service("login"), &FakeProcess::new(7), now),
            Some(SetupState::Waiting)
        );
    }

    #[test]
    fn a_login_is_pending_for_a_limited_time() {
        let (logins, now) = (PendingSetups::default(), Instant::now());
        let (login, process) = (service("login"), FakeProcess::new(7));
        logins.add(ALICE, login.clone(), process.clone(), now);
        let shortly_before = now + PENDING_TIME - Duration::from_millis(1);
        assert_eq!(logins.find(ALICE, &login, &process, shortly_before), Some(SetupState::Waiting));
        assert_eq!(logins.find(ALICE, &login, &process, now + PENDING_TIME), None);
    }

    #[test]
    fn a_finished_login_stays_and_other_logins_of_its_user_are_removed() {
        let (logins, now) = (PendingSetups::default(), Instant::now());
        let (login, process, other) = (service("login"), FakeProcess::new(7), FakeProcess::new(8));
        for (uid, process) in [(ALICE, &process), (ALICE, &other), (BOB, &other)] {
            logins.add(uid, login.clone(), process.clone(), now);
        }
        logins.finish(ALICE, &process, Strength::Fair);
        let known = |uid, process| logins.find(uid, &login, process, now);
        assert_eq!(known(ALICE, &process), Some(SetupState::Done(Strength::Fair)));
        assert_eq!(known(ALICE, &other), None);
        assert_eq!(known(BOB, &other), Some(SetupState::Waiting));
        // A further verdict starts again.
        logins.add(ALICE, login.clone(), process.clone(), now);
        assert_eq!(known(ALICE, &process), Some(SetupState::Waiting));
    }

    #[test]
    fn the_pid_of_an_ended_process_is_ignored() {
        let (logins, now) = (PendingSetups::default(), Instant::now());
        let (login, process) = (service("login"), FakeProcess::new(7));
        logins.add(ALICE, login.clone(), process.clone(), now);
        process.ended.store(true, Ordering::Relaxed);
        assert_eq!(logins.find(ALICE, &login, &FakeProcess::new(7), now), None);
        let gone = FakeProcess::new(8);
        logins.add(ALICE, login.clone(), FakeProcess::new(8), now);
        gone.ended.store(true, Ordering::Relaxed);
        assert_eq!(logins.find(ALICE, &login, &gone, now), None);
    }

    #[test]
    fn a_further_login_replaces_the_oldest() {
        let (logins, now) = (PendingSetups::default(), Instant::now());
        let login = service("login");
        for id in 0..100 {
            logins.add(ALICE, login.clone(), FakeProcess::new(id), now);
            logins.add(ALICE, login.clone(), FakeProcess::new(id), now);
        }
        assert_eq!(logins.lock().len(), PENDING_MAX);
        assert_eq!(logins.find(ALICE, &login, &FakeProcess::new(0), now), None);
        assert_eq!(
            logins.find(ALICE, &login, &FakeProcess::new(99), now),
            Some(SetupState::Waiting)
        );
    }
}
