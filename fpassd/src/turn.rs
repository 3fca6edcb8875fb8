//! An attempt with a turn of the head: frames in, verdict out.
//!
//! Who is in front of the camera changes neither the prompts nor when the attempt ends. So nobody
//! learns whether recognition or liveness refused.

use std::{sync::OnceLock, time::Instant};

use fpass_camera::{Camera, Frame};
use fpass_face::{
    Comparator, Features, Gallery, Observation, QualityLimits,
    liveness::{
        self, AttemptStep, DepthTemplate, FrameIdentity, FrameNeed, LivenessAttempt,
        LivenessDemand, NextPrompt,
    },
};
use fpass_proto::{Guidance, Prompt, Refusal};

use crate::{
    cue::{Cue, TurnMeter},
    decide::{Evidence, FrameResult, Policy, TurnEnding, decide_turn},
    decision::Decision,
    drawn_prompts::PromptDraw,
    examine::{Examination, compare, observe, upright_features, without_comparison},
    face_recogniser::FaceRecogniser,
    frames::{AttemptLimits, next_frame, view},
    hints::{flaw_guidance, issue_guidance},
    kept_numbers::PromptNumbers,
    trace::Trace,
    upright::{SEARCHED_AFTER, TurnSearch, find_turned},
};

/// Who must turn, and how.
pub(crate) struct TurnParams<'a> {
    /// Templates of the person.
    pub(crate) gallery: &'a Gallery,
    /// How the face is compared with them.
    pub(crate) policy: &'a Policy,
    /// What is asked.
    pub(crate) demand: LivenessDemand,
    /// Whether the first prompt begins the attempt.
    pub(crate) opens: bool,
}

/// What an attempt with a turn reports while it runs.
pub(crate) struct TurnReports<'a> {
    /// Durations of its stages.
    pub(crate) trace: &'a mut Trace,
    /// Receives its prompts, and how far they are followed.
    pub(crate) cue: &'a mut dyn FnMut(Cue),
    /// Receives a hint for each frame.
    pub(crate) hint: &'a mut dyn FnMut(Guidance),
}

/// Examines frames until the turn was judged, or until the deadline.
///
/// # Errors
/// Why nothing could be judged.
pub(crate) fn verify_turn(
    camera: &mut dyn Camera,
    recogniser: &mut dyn FaceRecogniser,
    params: &TurnParams<'_>,
    limits: &AttemptLimits<'_>,
    reports: &mut TurnReports<'_>,
) -> Result<Decision, Refusal> {
    let opened = Instant::now();
    let mut prompts = PromptSequence::new(params, limits.draw)?;
    let mut watch = TurnWatch::new(params, limits)?;
    recogniser.begin();
    watch.ask(prompts.next(NextPrompt::Planned), reports);
    loop {
        let frame = next_frame(camera, limits)?;
        let ended = opened.elapsed() > params.policy.nobody_max && watch.evidence.is_nobody();
        let Some(frame) = frame.filter(|_| !ended) else {
            let failure = watch.attempt.conclude(limits.started.elapsed());
            return watch.decide(TurnEnding::Failed(failure));
        };
        if watch.evidence.frames() == 0 {
            reports.trace.note_usable(opened, camera.first_frame_at());
        }
        let step = watch.take(recogniser, &frame, reports)?;
        reports.trace.frames = watch.evidence.frames();
        let ending = match step {
            AttemptStep::Continue => continue,
            AttemptStep::Ask => {
                let next = prompts.next(watch.attempt.next_prompt());
                watch.ask(next, reports);
                continue;
            }
            AttemptStep::Accepted { is_expected } => TurnEnding::Accepted { is_expected },
            AttemptStep::Failed(failure) => TurnEnding::Failed(failure),
        };
        if limits.cancel.is_raised() {
            return Err(Refusal::Cancelled);
        }
        return watch.decide(ending);
    }
}

/// The prompts of one attempt, in their order.
struct PromptSequence {
    planned: std::vec::IntoIter<liveness::Prompt>,
    /// What is asked instead of a prompt that was not followed.
    retry: liveness::Prompt,
    asked: liveness::Prompt,
    opens: bool,
}

impl PromptSequence {
    fn new(params: &TurnParams<'_>, draw: &PromptDraw) -> Result<Self, Refusal> {
        let PromptNumbers { first, retry } = draw.numbers(params.demand)?;
        let planned = match params.demand {
            LivenessDemand::Turn => vec![liveness::Prompt::turn(first)],
            LivenessDemand::Strict => liveness::Prompt::three(first).to_vec(),
        };
        let retry = liveness::Prompt::turn(retry);
        Ok(Self { planned: planned.into_iter(), retry, asked: retry, opens: params.opens })
    }

    /// The next prompt, and how it is said.
    fn next(&mut self, next: NextPrompt) -> (liveness::Prompt, Prompt) {
        self.asked = match next {
            NextPrompt::Planned => self.planned.next().unwrap_or(self.retry),
            NextPrompt::Same => self.asked,
            NextPrompt::New => self.retry,
        };
        let opens = std::mem::take(&mut self.opens);
        let said = match (self.asked, opens) {
            (liveness::Prompt::Left, true) => Prompt::LookThenTurnLeft,
            (liveness::Prompt::Right, true) => Prompt::LookThenTurnRight,
            (liveness::Prompt::Left, false) => Prompt::TurnLeft,
            (liveness::Prompt::Right, false) => Prompt::TurnRight,
            (liveness::Prompt::Still, _) => Prompt::HoldStill,
        };
        (self.asked, said)
    }
}

/// The depth of a head. It is read for the first attempt only.
fn depth_template() -> Result<&'static DepthTemplate, Refusal> {
    static TEMPLATE: OnceLock<Option<DepthTemplate>> = OnceLock::new();
    let read = || match DepthTemplate::embedded() {
        Ok(template) => Some(template),
        Err(error) => {
            tracing::error!(%error, "the depth of a head is unusable");
            None
        }
    };
    TEMPLATE.get_or_init(read).as_ref().ok_or(Refusal::Internal)
}

/// The state of one attempt.
struct TurnWatch<'a> {
    params: &'a TurnParams<'a>,
    limits: &'a AttemptLimits<'a>,
    attempt: LivenessAttempt,
    evidence: Evidence,
    /// What the person is asked to do.
    asked: liveness::Prompt,
    /// How far the head has turned, for the person.
    meter: TurnMeter,
    /// Features of the present frame, if it may become the neutral one and they are kept.
    candidate: Option<Features>,
    /// Features of the neutral frame, if they are kept.
    probe: Option<Features>,
}

impl<'a> TurnWatch<'a> {
    fn new(params: &'a TurnParams<'a>, limits: &'a AttemptLimits<'a>) -> Result<Self, Refusal> {
        Ok(Self {
            params,
            limits,
            attempt: LivenessAttempt::new(depth_template()?, params.demand),
            evidence: Evidence::default(),
            asked: liveness::Prompt::Still,
            meter: TurnMeter::default(),
            candidate: None,
            probe: None,
        })
    }

    /// Asks, and says so. Frames that were taken before do not count.
    fn ask(&mut self, (asked, said): (liveness::Prompt, Prompt), reports: &mut TurnReports<'_>) {
        self.asked = asked;
        self.attempt.ask(asked, self.limits.started.elapsed());
        self.meter = TurnMeter::default();
        (reports.cue)(Cue::Prompt(said));
    }

    /// Examines one frame.
    fn take(
        &mut self,
        recogniser: &mut dyn FaceRecogniser,
        frame: &Frame,
        reports: &mut TurnReports<'_>,
    ) -> Result<AttemptStep, Refusal> {
        let time = frame.captured().saturating_duration_since(self.limits.started);
        let view = view(frame)?;
        if self.attempt.needs_whole_frame() {
            recogniser.begin();
        }
        let observation = observe(recogniser, &view, reports.trace)?;
        let need = self.attempt.look(time, &view, &observation);
        let (result, embedding) =
            self.identify(recogniser, frame, &observation, need, reports.trace)?;
        tracing::debug!(frame = frame.sequence(), seen = result.name(), "frame");
        self.evidence.add(result, self.params.policy);
        let identity = FrameIdentity {
            embedding: embedding.as_ref().and_then(|features| features.sface.as_ref()),
            is_expected: self.evidence.is_expected(self.params.policy),
            is_settled: self.evidence.is_settled(self.params.policy),
        };
        let step = self.attempt.judge(&view, identity);
        let candidate = self.candidate.take();
        if self.attempt.neutral_time() == Some(time) {
            self.probe = candidate;
        }
        if self.asked != liveness::Prompt::Still
            && let Some(percent) = self.meter.read(time, self.attempt.progress())
        {
            (reports.cue)(Cue::Turned(percent));
        }
        (reports.hint)(self.hint(&observation));
        Ok(step)
    }

    /// What the frame shows, and the features of the face if the attempt needs them.
    fn identify(
        &mut self,
        recogniser: &mut dyn FaceRecogniser,
        frame: &Frame,
        observation: &Observation,
        need: FrameNeed,
        trace: &mut Trace,
    ) -> Result<(FrameResult, Option<Features>), Refusal> {
        let policy = self.params.policy;
        let view = view(frame)?;
        if need != FrameNeed::Neutral {
            let result = self.describe(recogniser, frame, observation)?;
            let features = match observation {
                Observation::OneFace(face) if need == FrameNeed::Embedding => {
                    // A face without features does not count.
                    recogniser.embed(&view, face, Comparator::Sface).ok()
                }
                _ => None,
            };
            return Ok((result, features));
        }
        let examination = Examination {
            gallery: self.params.gallery,
            comparator: policy.comparator,
            compared: self.limits.compared,
            is_known_upright: self.evidence.is_agreeing(),
        };
        let (result, compared) = compare(recogniser, &view, observation, &examination, trace)?;
        let Some(compared) = compared else { return Ok((result, None)) };
        let features = if policy.comparator.needs_sface() {
            Some(compared.features.clone())
        } else {
            recogniser.embed(&view, &compared.face, Comparator::Sface).ok()
        };
        if policy.keep_probe {
            self.candidate = upright_features(recogniser, &view, compared);
        }
        Ok((result, features))
    }

    /// What a frame shows whose face is not compared.
    fn describe(
        &self,
        recogniser: &mut dyn FaceRecogniser,
        frame: &Frame,
        observation: &Observation,
    ) -> Result<FrameResult, Refusal> {
        let result = without_comparison(observation, self.attempt.issue());
        if result == FrameResult::Nobody
            && self.evidence.is_nobody_since(SEARCHED_AFTER)
            && let TurnSearch::Turned(turn) = find_turned(recogniser, frame, self.limits)?
        {
            return Ok(FrameResult::Turned(turn));
        }
        Ok(result)
    }

    /// What the person should do next.
    fn hint(&self, observation: &Observation) -> Guidance {
        let face = match observation {
            Observation::NoFace { .. } => return Guidance::NoFace,
            Observation::SeveralFaces(_) => return Guidance::TwoFaces,
            Observation::OneFace(face) => face,
        };
        if self.attempt.has_neutral() {
            return match self.asked {
                liveness::Prompt::Left => Guidance::TurnLeft,
                liveness::Prompt::Right => Guidance::TurnRight,
                liveness::Prompt::Still => Guidance::HoldStill,
            };
        }
        match face.quality.assess(&QualityLimits::default()) {
            Some(flaw) => flaw_guidance(flaw),
            None => self.attempt.issue().map_or(Guidance::HoldStill, issue_guidance),
        }
    }

    fn decide(self, ending: TurnEnding) -> Result<Decision, Refusal> {
        let decided = decide_turn(ending, &self.evidence)?;
        let is_match = decided.verdict == fpass_proto::Verdict::Match;
        Ok(Decision {
            verdict: decided.verdict,
            is_suspicious: decided.is_suspicious,
            probe: self.probe.filter(|_| is_match),
        })
    }
}

#[cfg(test)]
mod tests;
