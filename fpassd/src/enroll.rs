//! One enrolment: guidance out, several good and different embeddings in.

use std::time::Duration;

use fpass_camera::{Camera, CameraId, Frame, Rotation};
use fpass_face::{Comparator, Face, Features, Gallery, QuarterTurn, Score, Template};
use fpass_proto::{Guidance, Prompt, Refusal, Verdict};

use crate::{
    comparison_flag::ComparisonFlag,
    cue::Cue,
    decide::Policy,
    face_guide::{FaceGuide, Guided},
    face_recogniser::FaceRecogniser,
    frame_rotation::TurnedCamera,
    frames::{AttemptLimits, next_frame, view},
    live::{LiveParams, verify_live},
    liveness_check::LivenessCheck,
    trace::Trace,
    turn::TurnReports,
    upright,
};

/// Smallest Euclidean distance between two samples of one template, by dlib. Frames of a motionless
/// person are closer and would only repeat each other.
const LEAST_DIFFERENCE: f32 = 0.06;
/// Yaw in degrees, to either side, from which the head counts as turned.
pub(crate) const TURNED: f32 = 8.0;
/// How many good frames are skipped while the person should turn. After that, any pose is accepted.
const PATIENCE: u32 = 40;
/// Frames in a row that must match the new samples before the turn at the end.
const AGREEING_FRAMES: u32 = 2;
/// Frames that do not match them, after which it is the turn of somebody else.
const JUDGED_FRAMES: u32 = 12;
/// Time for the turn in which somebody must be seen.
const NOBODY_MAX: Duration = Duration::from_secs(5);

/// What is required of a template.
#[derive(Clone, Debug)]
pub(crate) struct EnrolmentParams {
    /// Samples wanted.
    pub(crate) samples: usize,
    /// Comparator for the samples.
    pub(crate) comparator: Comparator,
    /// Smallest score between samples of one template.
    pub(crate) threshold: Score,
    /// Templates that the user enrolled before; empty for a first template.
    pub(crate) enrolled: Gallery,
    /// What shows at the end that the person is no picture; `None` for nothing.
    pub(crate) liveness: Option<LivenessCheck>,
    /// Smallest score of a sample against the templates enrolled before. Lower than `threshold`,
    /// because a further template is for another appearance.
    pub(crate) same_person_threshold: Score,
}

impl EnrolmentParams {
    /// Whether the progress tells somebody, before the check at the end, that a face is the
    /// enrolled one.
    fn tells_who_matches(&self) -> bool {
        self.liveness.is_some() && !self.enrolled.is_empty()
    }
}

/// The samples of a new template.
#[derive(Debug)]
pub(crate) struct Samples {
    /// Features of the accepted frames.
    pub(crate) features: Vec<Features>,
    /// Difference between the largest and the smallest yaw, in degrees.
    pub(crate) yaw_spread: f32,
    /// Camera of the enrolment.
    pub(crate) camera: Option<CameraId>,
    /// By how much the frames of the camera were turned.
    pub(crate) rotation: Rotation,
}

/// Progress of an enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EnrolmentProgress {
    /// Samples taken.
    pub(crate) taken: usize,
    /// Samples wanted.
    pub(crate) wanted: usize,
    /// What the person should do next.
    pub(crate) guidance: Guidance,
}

/// What an enrolment reports while it runs.
pub(crate) struct EnrolmentReports<'a> {
    /// Receives its progress.
    pub(crate) progress: &'a mut dyn FnMut(EnrolmentProgress),
    /// Receives its prompts, and how far they are followed.
    pub(crate) cue: &'a mut dyn FnMut(Cue),
}

/// Pose of the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HeadPose {
    Straight,
    Left,
    Right,
}

impl HeadPose {
    /// The pose wanted for the sample with this index: two of three straight, the others turned.
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
    camera: &mut TurnedCamera,
    recogniser: &mut dyn FaceRecogniser,
    params: &EnrolmentParams,
    limits: &AttemptLimits<'_>,
    reports: &mut EnrolmentReports<'_>,
) -> Result<Samples, Refusal> {
    (reports.cue)(Cue::Prompt(Prompt::Look));
    recogniser.begin();
    let mut collector = SampleCollector::default();
    let mut last = Refusal::DeadlinePassed;
    while collector.samples.len() < params.samples {
        let Some(frame) = next_frame(camera, limits)? else {
            return Err(if collector.is_another_person() { Refusal::AnotherPerson } else { last });
        };
        let guidance = collector.take(recogniser, &frame, params, limits)?;
        if let Some(turn) = collector.agreed_turn()
            && camera.turn(upright::rotation(turn))
        {
            tracing::info!(degrees = camera.rotation().degrees(), "the camera is not upright");
            collector = SampleCollector::default();
            recogniser.begin();
        }
        last = refusal_for(guidance);
        (reports.progress)(EnrolmentProgress {
            taken: collector.samples.len(),
            wanted: params.samples,
            guidance,
        });
    }
    if let Some(check) = params.liveness {
        let template = Template::new(&collector.samples).map_err(|_| Refusal::Unclear)?;
        ensure_live(camera, recogniser, &check_of(params, check, template), limits, reports)?;
    }
    if limits.cancel.is_raised() { Err(Refusal::Cancelled) } else { Ok(collector.finish(camera)) }
}

/// The check of the person of a new template.
struct EnrolledCheck {
    gallery: Gallery,
    policy: Policy,
    check: LivenessCheck,
    samples: usize,
}

fn check_of(params: &EnrolmentParams, check: LivenessCheck, template: Template) -> EnrolledCheck {
    let policy = Policy {
        comparator: params.comparator,
        threshold: params.threshold,
        agreeing_frames: AGREEING_FRAMES,
        judged_frames: JUDGED_FRAMES,
        keep_probe: false,
        liveness: Some(check),
        nobody_max: NOBODY_MAX,
    };
    EnrolledCheck { gallery: Gallery::new(vec![template]), policy, check, samples: params.samples }
}

/// Checks the person of the samples, so that nobody enrols a picture.
fn ensure_live(
    camera: &mut TurnedCamera,
    recogniser: &mut dyn FaceRecogniser,
    enrolled: &EnrolledCheck,
    limits: &AttemptLimits<'_>,
    reports: &mut EnrolmentReports<'_>,
) -> Result<(), Refusal> {
    let EnrolledCheck { gallery, policy, check, samples } = enrolled;
    let params = LiveParams { gallery, policy, check: *check, opens: false };
    // A template that is not made compares nobody with a stored one.
    let compared = ComparisonFlag::default();
    let limits = AttemptLimits { compared: &compared, ..*limits };
    let EnrolmentReports { progress, cue } = reports;
    let mut hint =
        |guidance| progress(EnrolmentProgress { taken: *samples, wanted: *samples, guidance });
    let mut trace = Trace::default();
    let mut reports = TurnReports { trace: &mut trace, cue, hint: &mut hint };
    match verify_live(camera, recogniser, &params, &limits, &mut reports)?.verdict {
        Verdict::Match => Ok(()),
        Verdict::NoMatch => Err(Refusal::AttackSuspected),
    }
}

/// The samples so far.
#[derive(Default)]
struct SampleCollector {
    samples: Vec<Features>,
    /// Yaw of each sample, in degrees.
    yaws: Vec<f32>,
    /// Good frames skipped since the last sample, because another pose was wanted.
    waited: u32,
    /// Number of compared faces.
    judged: u32,
    /// Number of faces that did not match the templates enrolled before.
    foreign: u32,
    /// The way to a good face.
    guide: FaceGuide,
}

impl SampleCollector {
    /// Takes a sample from a frame, or returns what the person should do next. Sets `compared` for
    /// a face that is compared with the templates enrolled before. Without a check at the end, only
    /// for one that does not match them.
    fn take(
        &mut self,
        recogniser: &mut dyn FaceRecogniser,
        frame: &Frame,
        params: &EnrolmentParams,
        limits: &AttemptLimits<'_>,
    ) -> Result<Guidance, Refusal> {
        let face = match self.guide.examine(recogniser, frame, limits)? {
            Guided::Good(face) => face,
            Guided::Hint(guidance) => return Ok(guidance),
        };
        let view = &view(frame)?;
        if let Some(guidance) = wanted_turn(&face, self.samples.len(), &mut self.waited) {
            return Ok(guidance);
        }
        let Ok(sample) = recogniser.embed(view, &face, Comparator::Fused) else {
            return Ok(Guidance::HoldStill);
        };
        self.judged += 1;
        let is_same = is_same_person(&sample, params);
        if !is_same || params.tells_who_matches() {
            limits.compared.set();
        }
        if !is_same {
            self.foreign += 1;
            return Ok(Guidance::LookStraight);
        }
        if self.samples.iter().any(|taken| are_alike(taken, &sample)) {
            return Ok(Guidance::MoveALittle);
        }
        if !matches_samples(&sample, &self.samples, params) {
            return Ok(Guidance::LookStraight);
        }
        self.samples.push(sample);
        self.yaws.push(face.quality.yaw);
        self.waited = 0;
        Ok(Guidance::Good)
    }

    /// How the face is turned, once enough frames agree and no sample was taken.
    fn agreed_turn(&self) -> Option<QuarterTurn> {
        self.guide.agreed_turn().filter(|_| self.samples.is_empty())
    }

    /// Whether most faces did not match the templates enrolled before.
    fn is_another_person(&self) -> bool {
        self.foreign > self.judged - self.foreign
    }

    fn finish(self, camera: &TurnedCamera) -> Samples {
        let least = self.yaws.iter().copied().fold(f32::INFINITY, f32::min);
        let most = self.yaws.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        Samples {
            features: self.samples,
            yaw_spread: (most - least).max(0.0),
            camera: camera.identity().cloned(),
            rotation: camera.rotation(),
        }
    }
}

/// Whether a sample matches the templates enrolled before. True for a first template.
fn is_same_person(sample: &Features, params: &EnrolmentParams) -> bool {
    params.enrolled.is_empty()
        || params.enrolled.score(sample, params.comparator).reaches(params.same_person_threshold)
}

/// Whether two samples are nearly the same.
fn are_alike(taken: &Features, sample: &Features) -> bool {
    let nearest = Score::new(-LEAST_DIFFERENCE);
    Comparator::Dlib.score(taken, sample) > nearest
}

/// Whether a sample matches the other samples. A sample of another person, or one that does not
/// represent this person, does not belong in the template.
fn matches_samples(sample: &Features, samples: &[Features], params: &EnrolmentParams) -> bool {
    match Template::new(samples) {
        Ok(template) => params.comparator.score(sample, template.mean()).reaches(params.threshold),
        Err(_) => samples.is_empty(),
    }
}

/// The guidance to the wanted pose. `None` if the pose is right, or after [`PATIENCE`] frames: a
/// person who cannot turn can still enrol.
fn wanted_turn(face: &Face, taken: usize, waited: &mut u32) -> Option<Guidance> {
    let wanted = HeadPose::wanted(taken);
    if HeadPose::shown(face.quality.yaw) == wanted || *waited >= PATIENCE {
        return None;
    }
    *waited += 1;
    Some(wanted.guidance())
}

/// The refusal of an enrolment at its deadline, by the last guidance that was not followed.
pub(crate) fn refusal_for(guidance: Guidance) -> Refusal {
    match guidance {
        Guidance::NoFace => Refusal::NoFace,
        Guidance::TwoFaces => Refusal::SeveralFaces,
        Guidance::TooDark => Refusal::TooDark,
        Guidance::TooBright => Refusal::TooBright,
        Guidance::ComeCloser => Refusal::TooFar,
        Guidance::MoveBack | Guidance::MoveToCentre => Refusal::TooNear,
        Guidance::UpsideDown | Guidance::Sideways => Refusal::NotUpright,
        Guidance::Good => Refusal::DeadlinePassed,
        Guidance::LookStraight
        | Guidance::TurnLeft
        | Guidance::TurnRight
        | Guidance::HoldStill
        | Guidance::MoveALittle => Refusal::Unclear,
    }
}

#[cfg(test)]
mod tests;
