//! One enrolment: guidance out, several good and differing embeddings in.

use fpass_camera::{Camera, Identity};
use fpass_face::{
    Comparator, Face, Features, Flaw, Gallery, Observation, QualityLimits, RgbView, Score, Template,
};
use fpass_proto::{Guidance, Refusal};

use crate::{
    comparison_flag::ComparisonFlag,
    face_recogniser::FaceRecogniser,
    frames::{AttemptLimits, face_refusal, next_frame, view},
};

/// Smallest Euclidean distance between two samples of one template, by dlib. Two frames of a person who
/// does not move at all lie closer together and would only repeat each other.
const LEAST_DIFFERENCE: f32 = 0.06;
/// Head rotation in degrees from which a view counts as turned.
pub(crate) const TURNED: f32 = 8.0;
/// Good frames that may pass by while a turned view is asked for, before any view is taken.
const PATIENCE: u32 = 40;

/// What makes a template.
#[derive(Clone, Debug)]
pub(crate) struct EnrolmentParams {
    /// Samples wanted.
    pub(crate) samples: usize,
    /// What compares the samples with one another.
    pub(crate) comparator: Comparator,
    /// Smallest score of a sample of the same person.
    pub(crate) threshold: Score,
    /// What the user enrolled before; empty for a first template.
    pub(crate) enrolled: Gallery,
    /// Smallest score of a sample, compared with what was enrolled before, of the same person: laxer
    /// than `threshold`, because a further template is for another look.
    pub(crate) same_person_threshold: Score,
}

/// What makes up a new template.
#[derive(Debug)]
pub(crate) struct Samples {
    /// Features of the accepted frames.
    pub(crate) features: Vec<Features>,
    /// From the view furthest to one side to that furthest to the other, in degrees.
    pub(crate) yaw_spread: f32,
    /// Camera that they were taken with.
    pub(crate) camera: Option<Identity>,
}

/// How far the enrolment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EnrolmentProgress {
    /// Samples taken.
    pub(crate) taken: usize,
    /// Samples wanted.
    pub(crate) wanted: usize,
    /// What the person should do next.
    pub(crate) guidance: Guidance,
}

/// A view of the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HeadPose {
    Straight,
    Left,
    Right,
}

impl HeadPose {
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
    recogniser: &mut dyn FaceRecogniser,
    params: &EnrolmentParams,
    limits: &AttemptLimits<'_>,
    report: &mut dyn FnMut(EnrolmentProgress),
) -> Result<Samples, Refusal> {
    recogniser.begin();
    let mut collector = SampleCollector::default();
    let mut last = Refusal::DeadlinePassed;
    while collector.samples.len() < params.samples {
        let Some(frame) = next_frame(camera, limits)? else {
            return Err(if collector.is_foreign() { Refusal::AnotherPerson } else { last });
        };
        let guidance = collector.take(recogniser, &view(&frame)?, params, limits.compared)?;
        last = refusal_for(guidance);
        report(EnrolmentProgress {
            taken: collector.samples.len(),
            wanted: params.samples,
            guidance,
        });
    }
    if limits.cancel.is_raised() {
        Err(Refusal::Cancelled)
    } else {
        Ok(collector.finish(camera.identity().cloned()))
    }
}

/// What the frames so far gave.
#[derive(Default)]
struct SampleCollector {
    samples: Vec<Features>,
    /// Turn of the head in each sample, in degrees.
    yaws: Vec<f32>,
    /// Good frames that passed by since the last sample while another view was asked for.
    waited: u32,
    /// Faces that were compared.
    judged: u32,
    /// Those among them that are not of the person already enrolled.
    foreign: u32,
}

impl SampleCollector {
    /// Takes a frame, or says what to do next. Notes a face that is not the enrolled one.
    fn take(
        &mut self,
        recogniser: &mut dyn FaceRecogniser,
        view: &RgbView<'_>,
        params: &EnrolmentParams,
        compared: &ComparisonFlag,
    ) -> Result<Guidance, Refusal> {
        let face = match recogniser.observe(view).map_err(|error| face_refusal(&error))? {
            Observation::NoFace { .. } => return Ok(Guidance::NoFace),
            Observation::SeveralFaces(_) => return Ok(Guidance::TwoFaces),
            Observation::OneFace(face) => face,
        };
        if let Some(flaw) = face.quality.assess(&QualityLimits::enrolment()) {
            return Ok(flaw_guidance(flaw));
        }
        if let Some(guidance) = turn_wanted(&face, self.samples.len(), &mut self.waited) {
            return Ok(guidance);
        }
        let Ok(sample) = recogniser.embed(view, &face, Comparator::Fused) else {
            return Ok(Guidance::HoldStill);
        };
        self.judged += 1;
        if !is_same_person(&sample, params) {
            compared.set();
            self.foreign += 1;
            return Ok(Guidance::LookStraight);
        }
        if self.samples.iter().any(|taken| are_alike(taken, &sample)) {
            return Ok(Guidance::MoveALittle);
        }
        if !belongs(&sample, &self.samples, params) {
            return Ok(Guidance::LookStraight);
        }
        self.samples.push(sample);
        self.yaws.push(face.quality.yaw);
        self.waited = 0;
        Ok(Guidance::Good)
    }

    /// Whether most faces were not those of the person already enrolled.
    fn is_foreign(&self) -> bool {
        self.foreign > self.judged - self.foreign
    }

    fn finish(self, camera: Option<Identity>) -> Samples {
        let least = self.yaws.iter().copied().fold(f32::INFINITY, f32::min);
        let most = self.yaws.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        Samples { features: self.samples, yaw_spread: (most - least).max(0.0), camera }
    }
}

/// Whether a sample shows the person who enrolled before; anybody may come first.
fn is_same_person(sample: &Features, params: &EnrolmentParams) -> bool {
    params.enrolled.is_empty()
        || params.enrolled.score(sample, params.comparator).reaches(params.same_person_threshold)
}

/// Whether two samples only repeat each other.
fn are_alike(taken: &Features, sample: &Features) -> bool {
    let nearest = Score::new(-LEAST_DIFFERENCE);
    Comparator::Dlib.score(taken, sample) > nearest
}

/// Whether a sample shows the person whom the samples so far show: another person, or a frame that
/// does not represent this one, does not belong into the template.
fn belongs(sample: &Features, samples: &[Features], params: &EnrolmentParams) -> bool {
    match Template::new(samples) {
        Ok(template) => params.comparator.score(sample, template.mean()).reaches(params.threshold),
        Err(_) => samples.is_empty(),
    }
}

/// Asks for the view that is wanted next, for a while; a person who cannot turn is not kept out.
fn turn_wanted(face: &Face, taken: usize, waited: &mut u32) -> Option<Guidance> {
    let wanted = HeadPose::wanted(taken);
    if HeadPose::shown(face.quality.yaw) == wanted || *waited >= PATIENCE {
        return None;
    }
    *waited += 1;
    Some(wanted.guidance())
}

/// What to do about a flaw.
pub(crate) fn flaw_guidance(flaw: Flaw) -> Guidance {
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
pub(crate) fn refusal_for(guidance: Guidance) -> Refusal {
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
