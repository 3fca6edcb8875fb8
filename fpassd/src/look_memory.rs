//! The one turn of the head that is remembered. There is one camera, so one place is enough.
//!
//! Each attempt takes the turn out when it begins. It comes back only with a match of the same
//! user, and only if no other attempt began in between. So whatever ends an attempt in another way
//! ends the memory as well, and so does a restart of the daemon.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fpass_proto::Uid;

use crate::{
    config::Config,
    fresh_look::{LiveLook, LookBasis},
    seat::WatchedSession,
    uptime::Uptime,
};

/// A turn, with what ends its memory.
#[derive(Debug)]
pub(crate) struct KeptLook {
    /// The turn.
    pub(crate) look: LiveLook,
    /// The session in which it was made.
    pub(crate) session: WatchedSession,
    /// The configuration in force.
    pub(crate) config: Arc<Config>,
}

impl KeptLook {
    /// Whether an attempt at `now` needs recognition alone.
    fn covers(&self, attempt: &LookBasis, config: &Arc<Config>, now: Uptime) -> bool {
        let Self { look, session, config: before } = self;
        let remember = Duration::from_secs(60 * u64::from(config.liveness.remember_minutes));
        // Each reading makes another value, even if nothing in it changed.
        Arc::ptr_eq(before, config) && session.is_unchanged() && look.covers(attempt, now, remember)
    }
}

/// The memory of turns.
#[derive(Debug, Default)]
pub(crate) struct LookMemory(Mutex<Slot>);

#[derive(Debug, Default)]
struct Slot {
    kept: Option<KeptLook>,
    /// Number of the latest attempt.
    attempt: u64,
}

/// One attempt. Dropping it ends the memory, unless [`LookTicket::keep`] was called.
#[derive(Debug)]
pub(crate) struct LookTicket<'a> {
    memory: &'a LookMemory,
    attempt: u64,
    kept: Option<KeptLook>,
}

impl LookMemory {
    /// Begins an attempt on the face of `uid` and takes the remembered turn. A turn of another user
    /// ends: somebody else is in front of the camera.
    pub(crate) fn begin(&self, uid: Uid) -> LookTicket<'_> {
        let mut slot = self.lock();
        slot.attempt += 1;
        let kept = slot.kept.take().filter(|kept| kept.look.basis.uid == uid);
        LookTicket { memory: self, attempt: slot.attempt, kept }
    }

    /// Ends the memory of a turn of this user.
    pub(crate) fn forget(&self, uid: Uid) {
        self.lock().kept.take_if(|kept| kept.look.basis.uid == uid);
    }

    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LookTicket<'_> {
    /// Whether the attempt needs recognition alone.
    pub(crate) fn is_fresh(&self, attempt: &LookBasis, config: &Arc<Config>, now: Uptime) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.covers(attempt, config, now))
    }

    /// Replaces what is remembered by the turn of this attempt.
    pub(crate) fn renew(&mut self, kept: KeptLook) {
        self.kept = Some(kept);
    }

    /// Ends the attempt with a match: the turn is remembered, unless another attempt began or ended
    /// meanwhile.
    pub(crate) fn keep(mut self) {
        let mut slot = self.memory.lock();
        if slot.attempt == self.attempt {
            slot.kept = self.kept.take();
            // The drop ends nothing then.
            self.attempt = 0;
        }
    }
}

impl Drop for LookTicket<'_> {
    fn drop(&mut self) {
        if self.attempt != 0 {
            let mut slot = self.memory.lock();
            slot.attempt += 1;
            slot.kept = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seat::{SeatLeases, SessionIdentity};

    const ALICE: Uid = Uid(1000);
    const BOB: Uid = Uid(1001);
    const NOW: Uptime = Uptime { total: Duration::from_secs(1000), asleep: Duration::ZERO };

    struct Room {
        memory: LookMemory,
        leases: SeatLeases,
        config: Arc<Config>,
    }

    impl Room {
        /// A room in which alice has turned her head.
        fn new() -> Self {
            let leases = SeatLeases::default();
            let room =
                Self { memory: LookMemory::default(), leases, config: Arc::new(Config::default()) };
            room.turn();
            room
        }

        fn turn(&self) {
            let mut ticket = self.memory.begin(ALICE);
            ticket.renew(self.look());
            ticket.keep();
        }

        fn look(&self) -> KeptLook {
            let session = WatchedSession::looked_up(&self.leases, &basis().session.path);
            let look = LiveLook { basis: basis(), time: NOW };
            KeptLook { look, session, config: Arc::clone(&self.config) }
        }

        /// Whether the next attempt of alice needs recognition alone. It ends with a match.
        fn is_fresh(&self) -> bool {
            let ticket = self.memory.begin(ALICE);
            let is_fresh = ticket.is_fresh(&basis(), &self.config, NOW);
            ticket.keep();
            is_fresh
        }
    }

    fn basis() -> LookBasis {
        let session = SessionIdentity { path: "/session/1".to_owned(), began_us: 1 };
        LookBasis { uid: ALICE, session, generation: 1 }
    }

    #[test]
    fn a_turn_is_remembered_over_matches_of_the_same_user() {
        let room = Room::new();
        for _ in 0..3 {
            assert!(room.is_fresh());
        }
        assert!(!Room { memory: LookMemory::default(), ..Room::new() }.is_fresh(), "a restart");
    }

    #[test]
    fn whatever_is_no_match_ends_the_memory() {
        type End = fn(&Room);
        let ends: [(&str, End); 9] = [
            ("a refusal", |room| drop(room.memory.begin(ALICE))),
            ("another person is refused", |room| drop(room.memory.begin(BOB))),
            ("another person is recognised", |room| room.memory.begin(BOB).keep()),
            ("a caller who is not at this machine", |room| room.memory.forget(ALICE)),
            ("a lock, a switch, an end", |room| room.leases.revoke("/session/1")),
            ("sleep", |room| room.leases.revoke_all()),
            ("no watch on logind", |room| room.leases.close()),
            ("a panic", |room| {
                let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    let _ticket = room.memory.begin(ALICE);
                    std::panic::resume_unwind(Box::new("scripted"));
                }));
                assert!(caught.is_err());
            }),
            ("an attempt that overlaps with a refused one", |room| {
                let ticket = room.memory.begin(ALICE);
                drop(room.memory.begin(ALICE));
                ticket.keep();
            }),
        ];
        for (what, end) in ends {
            let room = Room::new();
            end(&room);
            assert!(!room.is_fresh(), "{what}");
            room.turn();
            assert_eq!(room.is_fresh(), what != "no watch on logind", "{what}, and a new turn");
        }
    }

    #[test]
    fn attempts_that_overlap_remember_nothing() {
        for first_ends_first in [true, false] {
            let room = Room::new();
            let mut tickets = [room.memory.begin(ALICE), room.memory.begin(ALICE)];
            if !first_ends_first {
                tickets.reverse();
            }
            for mut ticket in tickets {
                ticket.renew(room.look());
                ticket.keep();
            }
            assert!(!room.is_fresh(), "{first_ends_first}");
        }
    }

    #[test]
    fn what_ends_nothing() {
        let room = Room::new();
        room.leases.revoke("/session/2");
        room.memory.forget(BOB);
        assert!(room.is_fresh());
    }

    #[test]
    fn another_reading_of_the_configuration_and_minutes_of_0_end_it() {
        let mut room = Room::new();
        room.config = Arc::new(Config::default());
        assert!(!room.is_fresh());
        let mut config = Config::default();
        config.liveness.remember_minutes = 0;
        room.config = Arc::new(config);
        room.turn();
        assert!(!room.is_fresh());
    }
}
