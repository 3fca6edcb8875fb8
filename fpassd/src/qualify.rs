//! How surely the user is recognised at this camera: frames in, counts out.

use std::time::{Duration, Instant};

use fpass_camera::Camera;
use fpass_face::{Comparator, Gallery, RgbView, Score};
use fpass_proto::{Guidance, QualifyReport, Refusal, Strength};

use crate::{
    decide::Sighting,
    enroll::{flaw_guidance, refusal_for},
    sight::Sight,
    verify::{self, Bounds, Trace, face_refusal, next_frame},
};

/// How long frames are looked at.
const LOOK: Duration = Duration::from_secs(3);
/// Compared frames that are enough.
const JUDGED_ENOUGH: u32 = 40;
/// Share of the compared frames, in per cent, that must match.
const MATCHING_PERCENT: u32 = 90;
/// Fewest compared frames from which more than weakness is concluded.
const JUDGED_MIN: u32 = 5;

/// What frames are measured by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure {
    /// What computes the scores.
    pub(crate) comparator: Comparator,
    /// Threshold at the configured rate.
    pub(crate) configured: Score,
    /// Threshold at the stricter rate.
    pub(crate) strict: Score,
}

/// What the frames so far add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    judged: u32,
    matching: u32,
    strictly_matching: u32,
    /// What kept frames from being compared, each with the number of frames.
    flaws: Vec<(Guidance, u32)>,
}

impl Tally {
    /// Adds one frame.
    fn add(&mut self, sighting: Sighting, measure: &Measure) {
        let guidance = match sighting {
            Sighting::Judged(score) => {
                self.judged += 1;
                self.matching += u32::from(score.reaches(measure.configured));
                self.strictly_matching += u32::from(score.reaches(measure.strict));
                return;
            }
            Sighting::Nobody => Guidance::NoFace,
            Sighting::Dark => Guidance::TooDark,
            Sighting::Several => Guidance::TwoFaces,
            Sighting::Flawed(flaw) => flaw_guidance(flaw),
        };
        match self.flaws.iter_mut().find(|(known, _)| *known == guidance) {
            Some((_, count)) => *count += 1,
            None => self.flaws.push((guidance, 1)),
        }
    }

    /// The most frequent flaw.
    fn flaw(&self) -> Option<Guidance> {
        self.flaws.iter().max_by_key(|(_, count)| *count).map(|(guidance, _)| *guidance)
    }

    /// Whether nearly all compared frames are among `count`.
    fn nearly_all(&self, count: u32) -> bool {
        count * 100 >= self.judged * MATCHING_PERCENT
    }

    fn strength(&self) -> Strength {
        if self.judged < JUDGED_MIN || !self.nearly_all(self.matching) {
            Strength::Weak
        } else if self.nearly_all(self.strictly_matching) {
            Strength::Strong
        } else {
            Strength::Fair
        }
    }

    /// The report; without a single compared frame there is nothing to report.
    pub(crate) fn conclude(&self) -> Result<QualifyReport, Refusal> {
        if self.judged == 0 {
            return Err(self.flaw().map_or(Refusal::DeadlinePassed, refusal_for));
        }
        Ok(QualifyReport {
            judged: self.judged,
            matching: self.matching,
            strictly_matching: self.strictly_matching,
            flawed: self.flaws.iter().map(|(_, count)| count).sum(),
            flaw: self.flaw().map(Guidance::as_str).unwrap_or_default().to_owned(),
            strength: self.strength().as_str().to_owned(),
        })
    }
}

/// Looks at frames until there are enough or the time is over.
pub(crate) fn qualify(
    camera: &mut dyn Camera,
    sight: &mut dyn Sight,
    gallery: &Gallery,
    measure: &Measure,
    bounds: &Bounds<'_>,
) -> Result<QualifyReport, Refusal> {
    let deadline = bounds.deadline.min(Instant::now() + LOOK);
    let bounds = Bounds { deadline, ..*bounds };
    let mut tally = Tally::default();
    let mut trace = Trace::default();
    sight.begin();
    while tally.judged < JUDGED_ENOUGH {
        let Some(frame) = next_frame(camera, &bounds)? else {
            break;
        };
        let view = RgbView::new(frame.width(), frame.height(), frame.pixels())
            .map_err(|error| face_refusal(&error))?;
        let seen = verify::look(sight, &view, gallery, measure.comparator, &mut trace)?;
        if matches!(seen.sighting, Sighting::Judged(_)) {
            bounds.compared.note();
        }
        tally.add(seen.sighting, measure);
    }
    if bounds.cancel.is_raised() { Err(Refusal::Cancelled) } else { tally.conclude() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cancel::CancelFlag,
        compared::Compared,
        scripted::{ScriptedCamera, ScriptedSight, Shown, gallery},
    };

    const MEASURE: Measure = Measure {
        comparator: Comparator::Fused,
        configured: Score::new(0.4),
        strict: Score::new(0.6),
    };

    fn tally(scores: &[f32]) -> Tally {
        let mut tally = Tally::default();
        for score in scores {
            tally.add(Sighting::Judged(Score::new(*score)), &MEASURE);
        }
        tally
    }

    fn measured(script: &[Shown], cancel: &CancelFlag) -> Result<QualifyReport, Refusal> {
        let mut camera = ScriptedCamera::showing(script);
        let started = Instant::now();
        let deadline = started + Duration::from_millis(60);
        let bounds = Bounds { started, deadline, cancel, compared: &Compared::default() };
        qualify(&mut camera, &mut ScriptedSight, &gallery(), &MEASURE, &bounds)
    }

    #[test]
    fn what_shows_nothing_to_compare_is_refused_by_its_name() {
        let rows: [(&[Shown], Refusal); 5] = [
            (&[], Refusal::DeadlinePassed),
            (&[Shown::Nobody], Refusal::NoFace),
            (&[Shown::Darkness, Shown::Darkness, Shown::Nobody], Refusal::TooDark),
            (&[Shown::TwoFaces], Refusal::SeveralFaces),
            (&[Shown::Blurred], Refusal::Unclear),
        ];
        for (script, refusal) in rows {
            assert_eq!(measured(script, &CancelFlag::default()), Err(refusal), "{script:?}");
        }
        let cancel = CancelFlag::default();
        cancel.raise();
        assert_eq!(measured(&[Shown::User(0)], &cancel), Err(Refusal::Cancelled));
    }

    #[test]
    fn strangers_and_numbers_that_are_none_never_match() {
        let report = measured(&[Shown::Stranger; 6], &CancelFlag::default()).unwrap();
        assert_eq!((report.judged, report.matching, report.strictly_matching), (6, 0, 0));
        assert_eq!(report.strength, "weak");
        assert_eq!(tally(&[f32::NAN; 6]).strength(), Strength::Weak);
    }

    #[test]
    fn a_tenth_that_fails_is_borne_and_more_is_not() {
        let with = |failing: usize, other: f32| {
            let mut scores = vec![0.7; 20 - failing];
            scores.extend(vec![other; failing]);
            tally(&scores).strength()
        };
        assert_eq!(with(3, 0.3), Strength::Weak);
        assert_eq!(with(3, 0.5), Strength::Fair);
        assert_eq!(with(2, 0.3), Strength::Strong);
        assert_eq!(tally(&[0.7; 4]).strength(), Strength::Weak, "too few frames");
    }

    #[test]
    fn the_most_frequent_flaw_is_named() {
        let script = [Shown::User(0), Shown::Nobody, Shown::Blurred, Shown::Blurred];
        let report = measured(&script, &CancelFlag::default()).unwrap();
        assert_eq!((report.judged, report.matching, report.flawed), (1, 1, 3));
        assert_eq!(report.flaw, Guidance::HoldStill.as_str());
    }
}
