//! Whether an attempt asks for a turn of the head, and what is remembered of one.

use std::sync::Arc;

use fpass_proto::Uid;

use crate::{
    config::{Config, LivenessMode},
    fresh_look::{LiveLook, LookBasis},
    liveness_check::LivenessCheck,
    look_memory::{KeptLook, LookTicket},
    seat::Seated,
    uptime::Uptime,
};

/// What one attempt asks for.
pub(super) struct TurnPlan<'a> {
    /// What is checked; `None` for nothing.
    pub(super) check: Option<LivenessCheck>,
    /// Whether nothing is asked because the user turned the head a while ago.
    pub(super) is_fresh: bool,
    ticket: LookTicket<'a>,
    /// Where and by whom a turn would be made; `None` where turns are not remembered.
    basis: Option<LookBasis>,
    config: Arc<Config>,
}

impl<'a> TurnPlan<'a> {
    /// The plan of an attempt in this mode, on the face of `uid` with a record of this generation.
    pub(super) fn new(
        ticket: LookTicket<'a>,
        config: &Arc<Config>,
        mode: LivenessMode,
        seated: &Seated,
        (uid, generation): (Uid, u64),
    ) -> Self {
        let session = seated.work_session().filter(|_| mode.is_remembered()).cloned();
        let basis = session.map(|session| LookBasis { uid, session, generation });
        let covers =
            |basis: &LookBasis| Uptime::now().is_ok_and(|now| ticket.is_fresh(basis, config, now));
        let is_fresh = basis.as_ref().is_some_and(covers);
        let check = mode.check().filter(|_| !is_fresh);
        Self { check, is_fresh, ticket, basis, config: Arc::clone(config) }
    }

    /// Notes that the user was recognised, at the place where the attempt was admitted.
    pub(super) fn note_match(&mut self, seated: Seated) {
        if self.check.is_some()
            && let (Some(basis), Some(session)) = (self.basis.take(), seated.into_watched())
            && let Ok(time) = Uptime::now()
        {
            let look = LiveLook { basis, time };
            self.ticket.renew(KeptLook { look, session, config: Arc::clone(&self.config) });
        }
    }

    /// Ends the attempt with a match that was recorded. Without this, nothing is remembered.
    pub(super) fn keep(self) {
        self.ticket.keep();
    }
}
