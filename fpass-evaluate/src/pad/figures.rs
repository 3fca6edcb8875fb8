//! Rates of acceptance by species.

use std::collections::BTreeMap;

use super::result::{AttemptEnd, ClipResult, NeutralObstacle, Prompts};
use crate::interval::Interval;
use crate::rate::{count, real};

/// A clip of which the result is known.
#[derive(Clone, Debug)]
pub(super) struct JudgedClip {
    /// Its path below the folder of its species.
    pub(super) name: String,
    /// Whose face it shows.
    pub(super) person: String,
    /// How its attempts ended.
    pub(super) result: ClipResult,
}

/// A number of hits among a number of trials.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Share {
    pub(super) hits: u64,
    pub(super) trials: u64,
}

impl Share {
    /// The share; `None` without trials.
    pub(super) fn rate(self) -> Option<f64> {
        (self.trials > 0).then(|| real(self.hits) / real(self.trials))
    }

    pub(super) fn interval(self) -> Interval {
        Interval::exact(self.hits, self.trials)
    }

    fn plus(self, other: Self) -> Self {
        Self { hits: self.hits + other.hits, trials: self.trials + other.trials }
    }
}

/// Whether acceptance is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presentation {
    /// A person: to refuse is an error.
    BonaFide,
    /// An attack: to accept is an error.
    Attack,
}

/// Errors with one prompt, or with a whole attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Errors {
    /// Clips that were judged wrongly.
    pub(super) clips: Share,
    /// People with a clip that was judged wrongly.
    pub(super) people: Share,
}

/// What is known about one species, or about the bona fide clips.
#[derive(Clone, Debug)]
pub(super) struct SpeciesFigures {
    /// Name of the folder.
    pub(super) name: String,
    /// Errors with the first prompt.
    pub(super) one_prompt: Errors,
    /// Errors with a whole attempt.
    pub(super) attempt: Errors,
    /// Clips without a neutral frame, which are in no rate.
    pub(super) no_neutral: u64,
    /// Clips that cannot be read.
    pub(super) unreadable: u64,
    /// How the attempts ended.
    pub(super) ends: BTreeMap<AttemptEnd, u64>,
    /// What kept attempts without a neutral frame from having one.
    pub(super) obstacles: BTreeMap<NeutralObstacle, u64>,
    /// Seconds from the first neutral frame to each acceptance, rising.
    pub(super) seconds: Vec<f64>,
    /// The clips.
    pub(super) clips: Vec<JudgedClip>,
}

impl SpeciesFigures {
    /// The figures of clips.
    pub(super) fn of(name: String, presentation: Presentation, clips: Vec<JudgedClip>) -> Self {
        let counts = |clip: &&JudgedClip| clip.result.has_neutral();
        let errors = |prompts| {
            let mut people: BTreeMap<&str, bool> = BTreeMap::new();
            let mut wrong = 0;
            for clip in clips.iter().filter(counts) {
                let accepted = clip.result.is_accepted(prompts);
                let is_wrong = accepted == (presentation == Presentation::Attack);
                wrong += u64::from(is_wrong);
                *people.entry(&clip.person).or_default() |= is_wrong;
            }
            let trials = count(clips.iter().filter(counts).count());
            let wrong_people = count(people.values().filter(|is_wrong| **is_wrong).count());
            Errors {
                clips: Share { hits: wrong, trials },
                people: Share { hits: wrong_people, trials: count(people.len()) },
            }
        };
        let (one_prompt, attempt) = (errors(Prompts::One), errors(Prompts::All));
        let (mut ends, mut obstacles) = (BTreeMap::new(), BTreeMap::new());
        for attempt in clips.iter().flat_map(|clip| &clip.result.attempts) {
            *ends.entry(attempt.end).or_default() += 1;
            if let Some(issue) = attempt.issue {
                *obstacles.entry(issue).or_default() += 1;
            }
        }
        let mut seconds: Vec<f64> = clips.iter().filter_map(|clip| clip.result.seconds()).collect();
        seconds.sort_by(f64::total_cmp);
        let readable = |clip: &&JudgedClip| clip.result.unreadable.is_none();
        let unreadable = count(clips.len() - clips.iter().filter(readable).count());
        let silent = |clip: &&JudgedClip| readable(clip) && !clip.result.has_neutral();
        let no_neutral = count(clips.iter().filter(silent).count());
        Self { name, one_prompt, attempt, no_neutral, unreadable, ends, obstacles, seconds, clips }
    }

    /// Whether it plays a video, by its name.
    pub(super) fn is_replay(&self) -> bool {
        self.name.contains("replay")
    }

    /// The value that a share of the times to acceptance does not exceed.
    pub(super) fn quantile(&self, share: f64) -> Option<f64> {
        quantile(&self.seconds, share)
    }
}

/// The nearest-rank quantile of rising values.
fn quantile(rising: &[f64], share: f64) -> Option<f64> {
    let rank = share * real(count(rising.len()));
    rising.iter().zip(1..).find(|(_, number)| real(*number) >= rank).map(|(value, _)| *value)
}

/// Sums the errors by clip of several species: with one prompt, and with a whole attempt.
pub(super) fn overall<'a>(species: impl Iterator<Item = &'a SpeciesFigures>) -> [Share; 2] {
    let none = Share { hits: 0, trials: 0 };
    species.fold([none; 2], |[one, whole], figures| {
        [one.plus(figures.one_prompt.clips), whole.plus(figures.attempt.clips)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pad::result::{AttemptResult, Side};

    /// A clip with attempts by their end, their prompts and whether there was a neutral frame.
    fn clip(person: &str, attempts: &[(AttemptEnd, u8, bool)]) -> JudgedClip {
        let attempts = attempts.iter().map(|(end, prompts, neutral)| AttemptResult {
            side: Side::Left,
            end: *end,
            prompts: *prompts,
            first_neutral: neutral.then_some(0.5),
            seconds: neutral.then_some(f64::from(*prompts)),
            issue: None,
        });
        let result = ClipResult { unreadable: None, attempts: attempts.collect() };
        JudgedClip { name: format!("{person}-1"), person: person.to_owned(), result }
    }

    fn clips() -> Vec<JudgedClip> {
        use AttemptEnd::{Accepted, NoNeutral, NoTurn, WrongWay};
        let unreadable = ClipResult { unreadable: Some("cut".into()), attempts: Vec::new() };
        vec![
            clip("anna", &[(Accepted, 1, true), (WrongWay, 1, true)]),
            clip("anna", &[(NoTurn, 2, true), (NoTurn, 2, true)]),
            clip("bert", &[(WrongWay, 1, true), (Accepted, 2, true)]),
            clip("carl", &[(NoNeutral, 1, false)]),
            JudgedClip { name: "d-1".into(), person: "dora".into(), result: unreadable },
        ]
    }

    #[test]
    fn an_attack_errs_when_accepted_and_a_person_when_refused() {
        let share = |hits, trials| Share { hits, trials };
        let attacks = SpeciesFigures::of("print".into(), Presentation::Attack, clips());
        assert_eq!(attacks.one_prompt, Errors { clips: share(1, 3), people: share(1, 2) });
        assert_eq!(attacks.attempt, Errors { clips: share(2, 3), people: share(2, 2) });
        let people = SpeciesFigures::of("bona-fide".into(), Presentation::BonaFide, clips());
        assert_eq!(people.one_prompt, Errors { clips: share(2, 3), people: share(2, 2) });
        assert_eq!(people.attempt, Errors { clips: share(1, 3), people: share(1, 2) });
        for figures in [&attacks, &people] {
            assert_eq!((figures.no_neutral, figures.unreadable), (1, 1));
            assert_eq!(figures.ends[&AttemptEnd::Accepted], 2);
            assert_eq!(figures.seconds, [1.0, 2.0]);
        }
        let [one, whole] = overall([&attacks, &attacks].into_iter());
        assert_eq!((one, whole), (share(2, 6), share(4, 6)));
    }

    #[test]
    fn nothing_has_no_rate_and_quantiles_are_values_that_occurred() {
        let nothing = SpeciesFigures::of("print".into(), Presentation::Attack, Vec::new());
        assert_eq!(nothing.attempt.clips.rate(), None);
        assert_eq!(nothing.quantile(0.5), None);
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0];
        assert_eq!(quantile(&values, 0.5), Some(5.0));
        assert_eq!(quantile(&values, 0.9), Some(9.0));
        assert_eq!(quantile(&values[..1], 0.9), Some(1.0));
    }
}
