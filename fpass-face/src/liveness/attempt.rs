//! One attempt: from the frames after the first prompt to its acceptance or failure.
//!
//! The prompt is shown before a neutral frame is there, so that people stay neutral while they
//! read. As long as the face stays neutral, a newer frame replaces the neutral one. The turn must
//! end within its time after the last neutral frame.

mod neutral_frame;

use std::time::Duration;

use self::neutral_frame::NeutralFrame;
use super::challenge::{Challenge, LivenessFailure, NextStep};
use super::decide::{FrameSight, MeasuredFace, PromptOutcome, TURN_YAW, TurnJudge, TurnRule};
use super::depth_template::DepthTemplate;
use super::fit::{DepthFit, HeadFit};
use super::neutral::{NeutralIssue, NeutralSearch, NeutralState};
use super::prompt::Prompt;
use crate::embedder::Embedding;
use crate::image::RgbView;
use crate::landmarks::Landmarks5;
use crate::observation::Observation;

/// Share of the smallest turn from which on a second face is searched for in each frame.
const WHOLE_FRAME_FROM: f32 = 0.3;

/// What an attempt asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LivenessDemand {
    /// One turn.
    Turn,
    /// Three prompts, of which at least one is a turn, by [`TurnRule::STRICT`].
    Strict,
}

impl LivenessDemand {
    /// Number of prompts that must be followed.
    #[must_use]
    pub fn prompts(self) -> u8 {
        match self {
            Self::Turn => 1,
            Self::Strict => 3,
        }
    }

    fn rule(self) -> TurnRule {
        match self {
            Self::Turn => TurnRule::TURN,
            Self::Strict => TurnRule::STRICT,
        }
    }
}

/// What [`LivenessAttempt::judge`] needs to know of the present frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameNeed {
    /// Nothing.
    Nothing,
    /// SFace's embedding of the face, and whether it is the expected person: the frame can become
    /// the neutral one.
    Neutral,
    /// SFace's embedding of the face.
    Embedding,
}

/// Whose face the present frame shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct FrameIdentity<'a> {
    /// SFace's embedding of it, where [`FrameNeed`] asks for it. A frame without it does not count.
    pub embedding: Option<&'a Embedding>,
    /// Whether the frames up to this one show the expected person.
    pub is_expected: bool,
    /// Whether further frames would not change that. Until then each neutral frame is asked for,
    /// though it is not taken.
    pub is_settled: bool,
}

/// What follows a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttemptStep {
    /// The next frame.
    Continue,
    /// The prompt that [`LivenessAttempt::next_prompt`] says: [`LivenessAttempt::ask`].
    Ask,
    /// Every prompt was followed by the head of its neutral frame.
    Accepted {
        /// Whether each of those heads was that of the expected person.
        is_expected: bool,
    },
    /// The attempt failed.
    Failed(LivenessFailure),
}

/// What is to be asked after [`AttemptStep::Ask`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NextPrompt {
    /// The next prompt of the sequence.
    Planned,
    /// The last prompt once more.
    Same,
    /// A turn to a new direction, instead of the last prompt.
    New,
}

/// The liveness of one attempt. Its memory is allocated once and overwritten when dropped.
pub struct LivenessAttempt {
    rule: TurnRule,
    challenge: Challenge,
    search: NeutralSearch,
    fit: HeadFit,
    asked: Option<Asked>,
    frame: SeenFrame,
    issue: Option<NeutralIssue>,
    first_neutral: Option<Duration>,
    /// Whether each prompt so far was followed by the expected person.
    is_expected: bool,
    /// A failure that a picture explains, after which the prompt was asked again.
    suspicion: Option<LivenessFailure>,
    next_prompt: NextPrompt,
}

/// A prompt that waits to be followed.
struct Asked {
    prompt: Prompt,
    time: Duration,
    neutral: Option<NeutralFrame>,
}

/// The present frame.
struct SeenFrame {
    time: Duration,
    sight: FrameSight,
    landmarks: Option<Landmarks5>,
    need: FrameNeed,
}

impl SeenFrame {
    /// A frame that shows nothing.
    const EMPTY: Self = Self {
        time: Duration::ZERO,
        sight: FrameSight::NoFace,
        landmarks: None,
        need: FrameNeed::Nothing,
    };
}

impl LivenessAttempt {
    /// Longest time for one prompt.
    pub const PROMPT_MAX: Duration = Duration::from_secs(8);

    /// An attempt that waits for its first prompt.
    #[must_use]
    pub fn new(template: &DepthTemplate, demand: LivenessDemand) -> Self {
        Self {
            rule: demand.rule(),
            challenge: Challenge::new(demand.prompts()),
            search: NeutralSearch::default(),
            fit: HeadFit::new(template),
            asked: None,
            frame: SeenFrame::EMPTY,
            issue: None,
            first_neutral: None,
            is_expected: true,
            suspicion: None,
            next_prompt: NextPrompt::Planned,
        }
    }

    /// Asks for something: at the beginning, and after [`AttemptStep::Ask`]. All times are since
    /// one common start. Frames that were taken before `time` do not count.
    pub fn ask(&mut self, prompt: Prompt, time: Duration) {
        self.search.reset();
        self.asked = Some(Asked { prompt, time, neutral: None });
    }

    /// Looks at the next frame, in which `observation` was found. [`LivenessAttempt::judge`] must
    /// follow with the same frame.
    pub fn look(
        &mut self,
        time: Duration,
        view: &RgbView<'_>,
        observation: &Observation,
    ) -> FrameNeed {
        if self.asked.as_ref().is_some_and(|asked| time < asked.time) {
            self.frame = SeenFrame { time, ..SeenFrame::EMPTY };
            return FrameNeed::Nothing;
        }
        let face = match observation {
            Observation::OneFace(face) => Some(face),
            Observation::NoFace { .. } | Observation::SeveralFaces(_) => None,
        };
        let sides = (view.width(), view.height());
        let sighting = face.map(|face| face.sighting());
        let state = self.search.observe(time, sides, sighting.as_ref());
        self.issue = match state {
            NeutralState::Waiting(issue) => Some(issue),
            NeutralState::Settling | NeutralState::Ready => None,
        };
        let landmarks = face.map(|face| face.landmarks);
        let sight = match (observation, &landmarks) {
            (Observation::SeveralFaces(_), _) => FrameSight::SeveralFaces,
            (_, Some(landmarks)) => self.measure(view, landmarks),
            (_, None) => FrameSight::NoFace,
        };
        let need = self.need(time, &sight, state);
        self.frame = SeenFrame { time, sight, landmarks, need };
        need
    }

    /// Judges the frame that [`LivenessAttempt::look`] saw.
    pub fn judge(&mut self, view: &RgbView<'_>, identity: FrameIdentity<'_>) -> AttemptStep {
        let Some(asked) = &mut self.asked else { return AttemptStep::Ask };
        let SeenFrame { time, sight, .. } = &self.frame;
        if let Some(neutral) = &mut asked.neutral {
            let cosine = identity.embedding.map(|present| present.cosine(&neutral.embedding));
            if let Some(outcome) = neutral.judge.judge(*time, sight, cosine) {
                return self.proceed(outcome);
            }
        }
        if time.saturating_sub(asked.time) > Self::PROMPT_MAX {
            return match &asked.neutral {
                Some(neutral) => {
                    let outcome = neutral.judge.expire(*time);
                    self.proceed(outcome)
                }
                None => self.fail(LivenessFailure::NoNeutral),
            };
        }
        self.take_neutral(view, identity);
        AttemptStep::Continue
    }

    /// The failure of an attempt that must end at `time`.
    #[must_use]
    pub fn conclude(&self, time: Duration) -> LivenessFailure {
        let neutral = self.asked.as_ref().and_then(|asked| asked.neutral.as_ref());
        let failure = neutral.map_or(LivenessFailure::NoNeutral, |neutral| {
            // Without restarts and retries every outcome is a failure.
            let mut nothing_left = Challenge::exhausted();
            match nothing_left.proceed(neutral.judge.expire(time)) {
                NextStep::Fail(failure) => failure,
                NextStep::Accept | NextStep::Next | NextStep::Again | NextStep::OtherWay => {
                    LivenessFailure::NoTurn
                }
            }
        });
        self.worst(failure)
    }

    /// Why the last frame was not neutral; `None` when it was, or may become so.
    #[must_use]
    pub fn issue(&self) -> Option<NeutralIssue> {
        self.issue
    }

    /// Whether the present prompt has a neutral frame.
    #[must_use]
    pub fn has_neutral(&self) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.neutral.is_some())
    }

    /// What is to be asked after [`AttemptStep::Ask`].
    #[must_use]
    pub fn next_prompt(&self) -> NextPrompt {
        self.next_prompt
    }

    /// When the neutral frame of the present prompt was taken.
    #[must_use]
    pub fn neutral_time(&self) -> Option<Duration> {
        self.asked.as_ref()?.neutral.as_ref().map(|neutral| neutral.time)
    }

    /// When the first neutral frame of the attempt was seen.
    #[must_use]
    pub fn first_neutral(&self) -> Option<Duration> {
        self.first_neutral
    }

    /// The face in the last frame, measured; `None` unless it shows exactly one face.
    #[must_use]
    pub fn measured(&self) -> Option<&MeasuredFace> {
        match &self.frame.sight {
            FrameSight::OneFace(face) => Some(face),
            FrameSight::NoFace | FrameSight::SeveralFaces => None,
        }
    }

    /// How far the head has turned as asked, as a share of the smallest turn, 0 to 1.
    #[must_use]
    pub fn progress(&self) -> f32 {
        let neutral = self.asked.as_ref().and_then(|asked| asked.neutral.as_ref());
        let turned = neutral.zip(self.measured()).map(|(neutral, face)| neutral.judge.turned(face));
        let share = turned.map_or(0.0, |turned| turned / TURN_YAW);
        // Also for a share that is no number.
        if share >= 0.0 { share.min(1.0) } else { 0.0 }
    }

    /// Whether the next frame must be searched as a whole for a second face, also if the first one
    /// is tracked: the head turns.
    #[must_use]
    pub fn needs_whole_frame(&self) -> bool {
        self.progress() > WHOLE_FRAME_FROM
    }

    /// Measures a face, by its landmarks and by the fit to the neutral frame if there is one.
    fn measure(&mut self, view: &RgbView<'_>, landmarks: &Landmarks5) -> FrameSight {
        let fit = if self.has_neutral() {
            // A face without a place correlates with none.
            self.fit.fit(view, landmarks).unwrap_or_default()
        } else {
            DepthFit::default()
        };
        MeasuredFace::new(landmarks, fit).map_or(FrameSight::NoFace, FrameSight::OneFace)
    }

    fn need(&self, time: Duration, sight: &FrameSight, state: NeutralState) -> FrameNeed {
        let Some(Asked { prompt, neutral, .. }) = &self.asked else { return FrameNeed::Nothing };
        let FrameSight::OneFace(face) = sight else { return FrameNeed::Nothing };
        let is_wanted = neutral
            .as_ref()
            .is_none_or(|neutral| !neutral.is_settled || neutral.is_due(time, *prompt));
        match state {
            NeutralState::Ready if is_wanted => return FrameNeed::Neutral,
            NeutralState::Ready | NeutralState::Settling | NeutralState::Waiting(_) => {}
        }
        if neutral.as_ref().is_some_and(|neutral| neutral.judge.needs_identity(time, face)) {
            FrameNeed::Embedding
        } else {
            FrameNeed::Nothing
        }
    }

    /// Takes the present frame as the neutral one, if it can be that.
    fn take_neutral(&mut self, view: &RgbView<'_>, identity: FrameIdentity<'_>) {
        let SeenFrame { time, sight, landmarks, need: FrameNeed::Neutral } = &self.frame else {
            return;
        };
        let (FrameSight::OneFace(face), Some(landmarks), Some(embedding), Some(asked)) =
            (sight, landmarks, identity.embedding, &mut self.asked)
        else {
            return;
        };
        let prompt = asked.prompt;
        if let Some(neutral) = asked.neutral.as_mut().filter(|old| !old.is_due(*time, prompt)) {
            neutral.is_settled = identity.is_settled;
            return;
        }
        // Without a place no later frame could be compared.
        if self.fit.begin(view, landmarks).is_err() {
            asked.neutral = None;
            return;
        }
        let judge = TurnJudge::new(self.rule, prompt.sign(false), face, *time, *time);
        let old = asked.neutral.take();
        asked.neutral = Some(NeutralFrame::after(old, judge, *time, embedding, &identity));
        self.first_neutral.get_or_insert(*time);
    }

    fn proceed(&mut self, outcome: PromptOutcome) -> AttemptStep {
        if outcome == PromptOutcome::Followed {
            let neutral = self.asked.as_ref().and_then(|asked| asked.neutral.as_ref());
            self.is_expected &= neutral.is_some_and(NeutralFrame::is_expected);
        }
        let step = self.challenge.proceed(outcome);
        match step {
            NextStep::Accept => AttemptStep::Accepted { is_expected: self.is_expected },
            NextStep::Next => self.end_prompt(NextPrompt::Planned),
            NextStep::Again => self.end_prompt(NextPrompt::Same),
            NextStep::OtherWay => {
                self.suspicion = match outcome {
                    PromptOutcome::NoTurn => Some(LivenessFailure::NoTurn),
                    PromptOutcome::AnotherPerson => Some(LivenessFailure::AnotherPerson),
                    _ => self.suspicion,
                };
                self.end_prompt(NextPrompt::New)
            }
            NextStep::Fail(failure) => self.fail(failure),
        }
    }

    fn end_prompt(&mut self, next: NextPrompt) -> AttemptStep {
        self.asked = None;
        self.next_prompt = next;
        self.fit.forget();
        AttemptStep::Ask
    }

    fn fail(&self, failure: LivenessFailure) -> AttemptStep {
        AttemptStep::Failed(self.worst(failure))
    }

    /// A failure, or the one before it if a picture explains only that: who hides a picture after
    /// the first prompt has still shown it.
    fn worst(&self, failure: LivenessFailure) -> LivenessFailure {
        if failure.is_suspicious() { failure } else { self.suspicion.unwrap_or(failure) }
    }
}

#[cfg(test)]
mod tests;
