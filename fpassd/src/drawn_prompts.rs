//! The numbers that chose prompts which nobody has been judged by yet.
//!
//! A prompt is told before anybody is seen. If each attempt drew a new one, somebody with a
//! recording of one side would show nobody until that side is asked for: such attempts are not
//! counted. So a number is kept until an attempt with it has a verdict.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use fpass_face::liveness::LivenessDemand;
use fpass_proto::{Refusal, Uid};

use crate::throttle::AttemptKind;

/// Most numbers kept. A user has a few, and each takes an attempt in front of the camera. So
/// hundreds of users would have to come before one is dropped, the oldest first.
const KEPT_MAX: usize = 4096;

/// The numbers kept. Copies share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct DrawnPrompts(Arc<Mutex<VecDeque<Drawn>>>);

#[derive(Clone, Copy, Debug)]
struct Drawn {
    uid: Uid,
    kind: AttemptKind,
    demand: LivenessDemand,
    number: u32,
}

/// The numbers of one user's attempts of one kind.
///
/// Attempts of different kinds share none: a program of the user does not learn from a self-test
/// what a login will ask.
#[derive(Clone, Debug)]
pub(crate) struct PromptDraw {
    kept: DrawnPrompts,
    uid: Uid,
    kind: AttemptKind,
}

impl DrawnPrompts {
    /// The numbers of these attempts.
    pub(crate) fn of(&self, uid: Uid, kind: AttemptKind) -> PromptDraw {
        PromptDraw { kept: self.clone(), uid, kind }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Drawn>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PromptDraw {
    /// The number that chooses the prompts of the next attempt with this demand: the one that was
    /// drawn before, until [`PromptDraw::forget`].
    ///
    /// # Errors
    /// [`Refusal::Internal`] without random numbers.
    pub(crate) fn number(&self, demand: LivenessDemand) -> Result<u32, Refusal> {
        let mut kept = self.kept.lock();
        if let Some(drawn) = kept.iter().find(|drawn| self.is_of(demand, drawn)) {
            return Ok(drawn.number);
        }
        let number = random()?;
        if kept.len() >= KEPT_MAX {
            kept.pop_front();
        }
        kept.push_back(Drawn { uid: self.uid, kind: self.kind, demand, number });
        Ok(number)
    }

    /// Forgets the number after a verdict.
    pub(crate) fn forget(&self, demand: LivenessDemand) {
        self.kept.lock().retain(|drawn| !self.is_of(demand, drawn));
    }

    fn is_of(&self, demand: LivenessDemand, drawn: &Drawn) -> bool {
        (drawn.uid, drawn.kind, drawn.demand) == (self.uid, self.kind, demand)
    }
}

fn random() -> Result<u32, Refusal> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "no random numbers for a prompt");
        Refusal::Internal
    })?;
    Ok(u32::from_ne_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TURN: LivenessDemand = LivenessDemand::Turn;

    #[test]
    fn a_number_stays_until_it_is_forgotten_and_belongs_to_one_user_and_kind() {
        let drawn = DrawnPrompts::default();
        let draw = drawn.of(Uid(1000), AttemptKind::Login);
        let others = [
            (drawn.of(Uid(1001), AttemptKind::Login), TURN),
            (drawn.of(Uid(1000), AttemptKind::SelfTest), TURN),
            (drawn.of(Uid(1000), AttemptKind::LockScreen), TURN),
            (draw.clone(), LivenessDemand::Strict),
        ];
        let first = draw.number(TURN).unwrap();
        for (other, demand) in &others {
            assert_ne!(other.number(*demand).unwrap(), first, "{other:?}");
            other.forget(*demand);
            assert_eq!(draw.number(TURN).unwrap(), first);
        }
        draw.forget(TURN);
        assert_ne!(draw.number(TURN).unwrap(), first);
    }

    #[test]
    fn the_numbers_are_bounded_and_those_of_one_user_push_nobody_out() {
        let drawn = DrawnPrompts::default();
        let number = |uid: u32| drawn.of(Uid(uid), AttemptKind::Login).number(TURN).unwrap();
        let first = number(0);
        for _ in 0..KEPT_MAX * 2 {
            number(1);
        }
        assert_eq!(number(0), first);
        for uid in 0..5000 {
            number(uid);
        }
        assert_eq!(drawn.lock().len(), KEPT_MAX);
    }
}
