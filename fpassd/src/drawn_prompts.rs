//! The numbers that chose prompts by which nobody was judged yet.
//!
//! A prompt is told before anybody is seen. If each attempt drew a new one, somebody with a
//! recording of one side would show nobody until that side is asked for: such attempts are not
//! counted. So numbers are kept as long as [`KeptNumbers`] says.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use fpass_face::liveness::LivenessDemand;
use fpass_proto::{Refusal, Uid};

use crate::{
    kept_numbers::{AttemptEnd, KeptNumbers, PromptNumbers},
    throttle::AttemptKind,
    uptime::Uptime,
};

/// Most numbers kept. A user has six at most, and each takes an attempt in front of the camera. So
/// hundreds of enrolled users would have to come before any are dropped, the oldest first.
const KEPT_MAX: usize = 4096;

/// The numbers kept. Copies share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct DrawnPrompts(Arc<Mutex<Drawer>>);

#[derive(Debug, Default)]
struct Drawer {
    drawn: VecDeque<Drawn>,
    /// Number of draws so far.
    draws: u64,
}

#[derive(Clone, Copy, Debug)]
struct Drawn {
    uid: Uid,
    kind: AttemptKind,
    demand: LivenessDemand,
    /// Which draw it was, counted from 1.
    draw: u64,
    kept: KeptNumbers,
}

/// Chooses the prompts of one attempt. Copies are of the same attempt.
#[derive(Clone, Debug, Default)]
pub(crate) struct PromptDraw {
    /// Where the numbers are kept, and whose they are; `None` if they are not kept.
    ///
    /// Attempts of different kinds share none. So a program of the user does not learn from a
    /// self-test what a login will ask.
    kept: Option<(DrawnPrompts, Uid, AttemptKind)>,
    /// The draw that this attempt uses; 0 before that.
    used: Arc<AtomicU64>,
}

impl DrawnPrompts {
    /// The draw of an attempt on the face of an enrolled user.
    pub(crate) fn of(&self, uid: Uid, kind: AttemptKind) -> PromptDraw {
        PromptDraw { kept: Some((self.clone(), uid, kind)), used: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Drawer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PromptDraw {
    /// The numbers that choose the prompts of this attempt with this demand.
    ///
    /// # Errors
    /// [`Refusal::Internal`] without random numbers.
    pub(crate) fn numbers(&self, demand: LivenessDemand) -> Result<PromptNumbers, Refusal> {
        self.numbers_at(demand, uptime())
    }

    /// Notes how the attempt ended. Nothing is noted of one without prompts to turn, nor if others
    /// were drawn in the meantime.
    pub(crate) fn end(&self, end: AttemptEnd) {
        self.end_at(end, uptime());
    }

    /// Without a time, numbers that are kept stay.
    fn numbers_at(
        &self,
        demand: LivenessDemand,
        now: Option<Duration>,
    ) -> Result<PromptNumbers, Refusal> {
        let Some((drawn_prompts, uid, kind)) = &self.kept else { return random() };
        let mut drawer = drawn_prompts.lock();
        let whose = |drawn: &Drawn| (drawn.uid, drawn.kind, drawn.demand) == (*uid, *kind, demand);
        let place = drawer.drawn.iter().position(whose);
        let before = place.and_then(|place| drawer.drawn.get(place)).copied();
        let stays = |drawn: &Drawn| now.is_none_or(|now| !drawn.kept.are_stuck(now));
        if let Some(drawn) = before.filter(stays) {
            self.used.store(drawn.draw, Ordering::Release);
            return Ok(drawn.kept.numbers);
        }
        let mut numbers = random()?;
        if let Some(before) = before {
            numbers = numbers.unlike(before.kept.numbers);
            drawer.drawn.retain(|drawn| !whose(drawn));
        }
        if drawer.drawn.len() >= KEPT_MAX {
            drawer.drawn.pop_front();
        }
        drawer.draws += 1;
        let (draw, kept) = (drawer.draws, KeptNumbers::new(numbers));
        drawer.drawn.push_back(Drawn { uid: *uid, kind: *kind, demand, draw, kept });
        self.used.store(draw, Ordering::Release);
        Ok(numbers)
    }

    fn end_at(&self, end: AttemptEnd, now: Option<Duration>) {
        let Some((drawn_prompts, ..)) = &self.kept else { return };
        let used = self.used.load(Ordering::Acquire);
        let mut drawer = drawn_prompts.lock();
        let Some(place) = drawer.drawn.iter().position(|drawn| drawn.draw == used) else { return };
        let Some(drawn) = drawer.drawn.get_mut(place) else { return };
        let kept = match (end, now) {
            // How long ago it was could not be told later.
            (AttemptEnd::Unjudged, None) => Some(drawn.kept),
            (_, now) => drawn.kept.after(end, now.unwrap_or_default()),
        };
        match kept {
            Some(kept) => drawn.kept = kept,
            None => {
                drawer.drawn.remove(place);
            }
        }
    }
}

/// The time since the machine started. Nobody can set it.
fn uptime() -> Option<Duration> {
    Uptime::now().ok().map(|uptime| uptime.total)
}

fn random() -> Result<PromptNumbers, Refusal> {
    let number = || {
        let mut bytes = [0; 4];
        getrandom::fill(&mut bytes).map(|()| u32::from_ne_bytes(bytes))
    };
    let numbers = number().and_then(|first| Ok(PromptNumbers { first, retry: number()? }));
    numbers.map_err(|error| {
        tracing::error!(%error, "no random numbers for a prompt");
        Refusal::Internal
    })
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, thread};

    use super::*;

    const TURN: LivenessDemand = LivenessDemand::Turn;
    const ALICE: Uid = Uid(1000);

    #[test]
    fn numbers_stay_until_a_verdict_and_belong_to_one_user_kind_and_demand() {
        let drawn = DrawnPrompts::default();
        let draw = || drawn.of(ALICE, AttemptKind::Login);
        let others = [
            (drawn.of(Uid(1001), AttemptKind::Login), TURN),
            (drawn.of(ALICE, AttemptKind::SelfTest), TURN),
            (drawn.of(ALICE, AttemptKind::LockScreen), TURN),
            (draw(), LivenessDemand::Strict),
            (PromptDraw::default(), TURN),
        ];
        let first = draw().numbers(TURN).unwrap();
        for (other, demand) in &others {
            assert_ne!(other.numbers(*demand).unwrap(), first, "{other:?}");
            other.end(AttemptEnd::Judged);
            assert_eq!(draw().numbers(TURN).unwrap(), first);
        }
        for end in [AttemptEnd::Uncounted, AttemptEnd::Unjudged] {
            let again = draw();
            assert_eq!(again.numbers(TURN).unwrap(), first);
            again.end(end);
        }
        let last = draw();
        assert_eq!(last.numbers(TURN).unwrap(), first);
        last.end(AttemptEnd::Judged);
        assert_ne!(draw().numbers(TURN).unwrap(), first);
    }

    #[test]
    fn what_is_not_kept_is_drawn_each_time() {
        let draw = PromptDraw::default();
        assert_ne!(draw.numbers(TURN).unwrap(), draw.numbers(TURN).unwrap());
    }

    #[test]
    fn an_attempt_that_asked_for_no_turn_ends_nothing() {
        let drawn = DrawnPrompts::default();
        let first = drawn.of(ALICE, AttemptKind::Login).numbers(TURN).unwrap();
        drawn.of(ALICE, AttemptKind::Login).end(AttemptEnd::Judged);
        assert_eq!(drawn.of(ALICE, AttemptKind::Login).numbers(TURN).unwrap(), first);
    }

    #[test]
    fn of_two_attempts_with_the_same_numbers_only_the_first_verdict_counts() {
        let drawn = DrawnPrompts::default();
        let [one, two] = [(); 2].map(|()| drawn.of(ALICE, AttemptKind::Login));
        assert_eq!(one.numbers(TURN).unwrap(), two.numbers(TURN).unwrap());
        one.end(AttemptEnd::Judged);
        let next = drawn.of(ALICE, AttemptKind::Login).numbers(TURN).unwrap();
        two.end(AttemptEnd::Judged);
        one.end(AttemptEnd::Judged);
        assert_eq!(drawn.of(ALICE, AttemptKind::Login).numbers(TURN).unwrap(), next);
    }

    #[test]
    fn however_many_callers_race_each_draw_follows_an_end() {
        let drawn = DrawnPrompts::default();
        let caller = |number: usize| {
            let mut seen = Vec::new();
            for attempt in 0..300 {
                let draw = drawn.of(ALICE, AttemptKind::Login);
                seen.push(draw.numbers(TURN).unwrap());
                let is_judged = attempt % 10 == number;
                draw.end(if is_judged { AttemptEnd::Judged } else { AttemptEnd::Uncounted });
            }
            seen
        };
        let seen: HashSet<_> = thread::scope(|scope| {
            let callers: Vec<_> =
                (0..4).map(|number| scope.spawn(move || caller(number))).collect();
            callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect()
        });
        let verdicts = 4 * 300 / 10;
        assert!((2..=1 + verdicts).contains(&seen.len()), "{}", seen.len());
    }

    #[test]
    fn three_counted_attempts_without_a_verdict_lead_to_others_after_a_time() {
        let drawn = DrawnPrompts::default();
        let at = |seconds| Some(Duration::from_secs(seconds));
        let attempt = |end, now| {
            let draw = drawn.of(ALICE, AttemptKind::Login);
            let numbers = draw.numbers_at(TURN, now).unwrap();
            draw.end_at(end, now);
            numbers
        };
        let first = attempt(AttemptEnd::Uncounted, at(0));
        // Nobody knows how long ago an attempt was that ended at no time.
        for now in [at(1), None, at(2), at(3), at(30), None] {
            assert_eq!(attempt(AttemptEnd::Unjudged, now), first, "{now:?}");
        }
        for now in [at(30), at(0), None] {
            assert_eq!(attempt(AttemptEnd::Uncounted, now), first, "{now:?}");
        }
        let second = attempt(AttemptEnd::Unjudged, at(31));
        assert_ne!(second.first % 2, first.first % 2, "the other side");
        assert_eq!(attempt(AttemptEnd::Unjudged, at(1000)), second);
        assert_eq!(attempt(AttemptEnd::Unjudged, at(1001)), second);
        assert_ne!(attempt(AttemptEnd::Uncounted, at(1002)).first % 2, second.first % 2);
    }

    #[test]
    fn the_numbers_are_bounded_and_those_of_one_user_push_nobody_out() {
        let drawn = DrawnPrompts::default();
        let numbers = |uid: u32| drawn.of(Uid(uid), AttemptKind::Login).numbers(TURN).unwrap();
        let first = numbers(0);
        for _ in 0..KEPT_MAX * 2 {
            numbers(1);
        }
        assert_eq!(numbers(0), first);
        for uid in 0..5000 {
            numbers(uid);
        }
        assert_eq!(drawn.lock().drawn.len(), KEPT_MAX);
    }
}
