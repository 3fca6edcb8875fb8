//! One enrolment: guidance out, several good and differing embeddings in.

use fpass_camera::Camera;
use fpass_face::{
    Comparator, Face, Features, Flaw, Observation, QualityLimits, RgbView, Score, Template,
};
use fpass_proto::{Guidance, Refusal};

use crate::{
    sight::Sight,
    verify::{Bounds, face_refusal, next_frame},
};

/// Smallest Euclidean distance between two samples of one template, by dlib. Two frames of a person who
/// does not move at all lie closer together and would only repeat each other.
const LEAST_DIFFERENCE: f32 = 0.06;
/// Head rotation in degrees from which a view counts as turned.
const TURNED: f32 = 8.0;
/// Good frames that may pass by while a turned view is asked for, before any view is taken.
const PATIENCE: u32 = 40;

/// What makes a template.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Samples wanted.
    pub(crate) samples: usize,
    /// What compares the samples with one another.
    pub(crate) comparator: Comparator,
    /// Smallest score of a sample of the same person.
    pub(crate) threshold: Score,
}

/// How far the enrolment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Samples taken.
    pub(crate) taken: usize,
    /// Samples wanted.
    pub(crate) wanted: usize,
    /// What the person should do next.
    pub(crate) guidance: Guidance,
}

/// A view of the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    Straight,
    Left,
    Right,
}

impl View {
    /// The view wanted for the sample with this index: two of three straight, the others turned.
    fn wanted(index: usize) -> Self {
        match index % 6 {
            2 => Self::Left,
            5 => Self::Right,
            _ => Self::Straight,
        }
    }

    /// Yaw is positive when the person turns to their own left.
    fn shown(yaw: f32) -> Self {
        if yaw >= TURNED {
            Self::Left
        } else if yaw <= -TURNED {
            Self::Right
        } else {
            Self::Straight
        }
    }

    fn guidance(self) -> Guidance {
        match self {
            Self::Straight => Guidance::LookStraight,
            Self::Left => Guidance::TurnLeft,
            Self::Right => Guidance::TurnRight,
        }
    }
}

/// Collects the samples of one template.
pub(crate) fn enroll(
    camera: &mut dyn Camera,
    sight: &mut dyn Sight,
    plan: Plan,
    bounds: &Bounds<'_>,
    report: &mut dyn FnMut(Progress),
) -> Result<Vec<Features>, Refusal> {
    sight.begin();
    let mut samples: Vec<Features> = Vec::with_capacity(plan.samples);
    let mut waited = 0;
    let mut last = Refusal::DeadlinePassed;
    while samples.len() < plan.samples {
        let Some(frame) = next_frame(camera, bounds)? else {
            return Err(last);
        };
        let view = RgbView::new(frame.width(), frame.height(), frame.pixels())
            .map_err(|error| face_refusal(&error))?;
        let guidance = match look(sight, &view, &samples, plan, &mut waited)? {
            Look::Sample(sample) => {
                samples.push(sample);
                waited = 0;
                Guidance::Good
            }
            Look::Guidance(guidance) => guidance,
        };
        last = refusal_for(guidance);
        report(Progress { taken: samples.len(), wanted: plan.samples, guidance });
    }
    if bounds.cancel.is_raised() { Err(Refusal::Cancelled) } else { Ok(samples) }
}

enum Look {
    Sample(Features),
    Guidance(Guidance),
}

fn look(
    sight: &mut dyn Sight,
    view: &RgbView<'_>,
    samples: &[Features],
    plan: Plan,
    waited: &mut u32,
) -> Result<Look, Refusal> {
    let face = match sight.observe(view).map_err(|error| face_refusal(&error))? {
        Observation::NoFace { .. } => return Ok(Look::Guidance(Guidance::NoFace)),
        Observation::SeveralFaces(_) => return Ok(Look::Guidance(Guidance::TwoFaces)),
        Observation::OneFace(face) => face,
    };
    if let Some(flaw) = face.quality.assess(&QualityLimits::default()) {
        return Ok(Look::Guidance(flaw_guidance(flaw)));
    }
    if let Some(guidance) = turn_wanted(&face, samples.len(), waited) {
        return Ok(Look::Guidance(guidance));
    }
    let Ok(sample) = sight.embed(view, &face, Comparator::Fused) else {
        return Ok(Look::Guidance(Guidance::HoldStill));
    };
    if samples.iter().any(|taken| are_alike(taken, &sample)) {
        return Ok(Look::Guidance(Guidance::MoveALittle));
    }
    if !belongs(&sample, samples, plan) {
        return Ok(Look::Guidance(Guidance::LookStraight));
    }
    Ok(Look::Sample(sample))
}

/// Whether two samples only repeat each other.
fn are_alike(taken: &Features, sample: &Features) -> bool {
    let nearest = Score::new(-LEAST_DIFFERENCE);
    Comparator::Dlib.score(taken, sample) > nearest
}

/// Whether a sample shows the person whom the samples so far show: another person, or a frame that
/// does not represent this one, does not belong into the template.
fn belongs(sample: &Features, samples: &[Features], plan: Plan) -> bool {
    match Template::new(samples) {
        Ok(template) => plan.comparator.score(sample, template.mean()).reaches(plan.threshold),
        Err(_) => samples.is_empty(),
    }
}

/// Asks for the view that is wanted next, for a while; a person who cannot turn is not kept out.
fn turn_wanted(face: &Face, taken: usize, waited: &mut u32) -> Option<Guidance> {
    let wanted = View::wanted(taken);
    if View::shown(face.quality.yaw) == wanted || *waited >= PATIENCE {
        return None;
    }
    *waited += 1;
    Some(wanted.guidance())
}

/// What to do about a flaw.
fn flaw_guidance(flaw: Flaw) -> Guidance {
    match flaw {
        Flaw::TooSmall => Guidance::ComeCloser,
        Flaw::TooLarge => Guidance::MoveBack,
        Flaw::CutOff => Guidance::MoveToCentre,
        Flaw::TooDark => Guidance::TooDark,
        Flaw::TooBright => Guidance::TooBright,
        Flaw::OffPose { .. } => Guidance::LookStraight,
        Flaw::Blurred => Guidance::HoldStill,
    }
}

/// What an enrolment that ran out of time says, by the last guidance that was not followed.
fn refusal_for(guidance: Guidance) -> Refusal {
    match guidance {
        Guidance::NoFace => Refusal::NoFace,
        Guidance::TwoFaces => Refusal::SeveralFaces,
        Guidance::TooDark => Refusal::TooDark,
        Guidance::Good => Refusal::DeadlinePassed,
        Guidance::ComeCloser
        | Guidance::MoveBack
        | Guidance::MoveToCentre
        | Guidance::TooBright
        | Guidance::LookStraight
        | Guidance::TurnLeft
        | Guidance::TurnRight
        | Guidance::HoldStill
        | Guidance::MoveALittle => Refusal::Unclear,
    }
}

#[cfg(test)]
mod tests;
