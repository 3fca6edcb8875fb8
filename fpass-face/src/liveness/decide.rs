//! The decision about one prompt, from what the frames after it show.
//!
//! The limits are those of the measurement in `docs/adr/0055-liveness-by-a-head-turn.md`.

mod measured_face;
mod way;

use std::time::Duration;

pub use self::measured_face::MeasuredFace;
use self::way::{PASSED_YAW, Way};

/// A turn counts no earlier after the prompt, and no later.
const TURN_FROM: Duration = Duration::from_millis(200);
const TURN_UNTIL: Duration = Duration::from_millis(2500);
/// How long the head is kept still after such a prompt.
const STILL_FOR: Duration = Duration::from_millis(1200);
/// Longest time between two frames with a face, of which the later one counts.
const GAP_MAX: Duration = Duration::from_millis(150);
/// A longer time without the face ends the comparison with the neutral frame.
const LOST_AFTER: Duration = Duration::from_millis(300);
/// The same between the neutral frame and the next one. The neutral face is compared meanwhile,
/// which takes long on a slow computer.
const COMPARED_WITHIN: Duration = Duration::from_millis(1000);
/// Frames in a row that must agree.
const AGREEING: u8 = 2;
/// Smallest change of yaw in degrees for a turn.
pub(super) const TURN_YAW: f32 = 12.0;
/// Limits of yaw in degrees and of depth for a head that is still.
const STILL_YAW: f32 = 8.0;
const STILL_DEPTH: f32 = 0.10;
/// Coefficient of depth from which on a turn to the other side is one.
const WRONG_WAY_DEPTH: f32 = 0.12;
/// Largest motion of the landmarks' centre between two frames, in face widths.
const JUMP_MAX: f64 = 0.25;
/// Largest change of the face's width between two frames, as a share.
const SCALE_CHANGE_MAX: f64 = 0.12;
/// Smallest cosine between SFace's embeddings of the neutral and of the turned face. Of one person
/// it was 0.51 at least below 40°, and 0.85 in the median at 12 to 18°.
const SAME_PERSON_MIN: f32 = 0.50;
/// Fewest frames per second by which a turn can be judged.
const FRAME_RATE_MIN: f64 = 12.0;

/// How clear a turn must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TurnRule {
    /// Smallest [`DepthFit::across`](super::DepthFit::across) in the direction of the prompt.
    pub depth_min: f32,
    /// Smallest [`DepthFit::correlation`](super::DepthFit::correlation) of a frame that counts.
    pub correlation_min: f32,
}

impl TurnRule {
    /// For one prompt: 32 of 34 turns of 14 people passed, and none of 181 windows of prints.
    pub const TURN: Self = Self { depth_min: 0.12, correlation_min: 0.60 };
    /// For three prompts: 91 % of the same turns passed.
    pub const STRICT: Self = Self { depth_min: 0.15, correlation_min: 0.70 };
}

/// What a frame shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FrameSight {
    /// No face, or one whose landmarks are unusable.
    NoFace,
    /// Several faces.
    SeveralFaces,
    /// One face.
    OneFace(MeasuredFace),
}

/// How a prompt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PromptOutcome {
    /// A solid head did what the prompt asks.
    Followed,
    /// The head turned to the other side.
    WrongWay,
    /// The head moved though it had to be still.
    Moved,
    /// The head did not turn in time, or what turned is not solid.
    NoTurn,
    /// A head turned, or was still, that is not that of the neutral frame.
    AnotherPerson,
    /// The time passed, and the camera gave too few frames to judge.
    TooFewFrames,
    /// The time passed, and most frames could not be compared with the neutral one.
    NotComparable,
    /// The comparison with the neutral frame has no meaning any more.
    Interrupted(Interruption),
}

/// Why a new neutral frame is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interruption {
    /// No face for longer than 300 ms.
    FaceLost,
    /// A second face.
    SecondFace,
    /// The face was suddenly elsewhere.
    Jumped,
    /// The face was suddenly larger or smaller, in two frames in a row.
    Resized,
    /// A frame is not newer than the one before.
    OutOfOrder,
}

/// Judges the frames after one prompt.
#[derive(Clone, Debug)]
pub struct TurnJudge {
    rule: TurnRule,
    sign: f32,
    neutral_yaw: f32,
    prompted: Duration,
    last_face: MeasuredFace,
    last_face_time: Duration,
    last_time: Duration,
    turned: u8,
    wrong: u8,
    resized: u8,
    way: Way,
    frames: u32,
    comparable: u32,
    strangers: u8,
}

/// What the present frame adds.
enum Motion {
    /// It does not count.
    None,
    /// It turns as the prompt asks.
    Asked,
    /// It turns to the other side.
    Opposite,
    /// It counts, and is on the asked side without being a turn.
    OnTheWay,
    /// It counts, and is neither.
    Little,
}

impl TurnJudge {
    /// Judges by a rule whether a prompt is followed. `sign` is
    /// [`Prompt::sign`](super::Prompt::sign); the neutral face was seen at `neutral_time`, and the
    /// prompt reached the person at `prompted`. All times are since one common start.
    #[must_use]
    pub fn new(
        rule: TurnRule,
        sign: f32,
        neutral: &MeasuredFace,
        neutral_time: Duration,
        prompted: Duration,
    ) -> Self {
        Self {
            rule,
            sign,
            neutral_yaw: neutral.yaw,
            prompted,
            last_face: *neutral,
            last_face_time: neutral_time,
            last_time: neutral_time,
            turned: 0,
            wrong: 0,
            resized: 0,
            way: Way::default(),
            frames: 0,
            comparable: 0,
            strangers: 0,
        }
    }

    /// Whether the embedding of this face is needed to judge its frame: it would count as the turn
    /// that was asked for, or as stillness.
    #[must_use]
    pub fn needs_identity(&self, time: Duration, face: &MeasuredFace) -> bool {
        let asked = match self.motion(time, face) {
            Motion::Asked => true,
            Motion::Little => self.sign == 0.0 && self.elapsed(time) >= Some(STILL_FOR),
            Motion::None | Motion::OnTheWay | Motion::Opposite => false,
        };
        asked && self.interruption(time, face).is_none()
    }

    /// Judges the next frame; `None` until the prompt has ended. `cosine` is that between SFace's
    /// embeddings of the neutral face and of this one, where [`TurnJudge::needs_identity`] asks for
    /// it; without it the frame does not count.
    pub fn judge(
        &mut self,
        time: Duration,
        sight: &FrameSight,
        cosine: Option<f32>,
    ) -> Option<PromptOutcome> {
        if time <= self.last_time {
            return Some(PromptOutcome::Interrupted(Interruption::OutOfOrder));
        }
        self.last_time = time;
        if self.elapsed(time).is_some() {
            self.frames = self.frames.saturating_add(1);
        }
        if self.sign != 0.0 && self.elapsed(time) > Some(TURN_UNTIL) {
            return Some(self.time_over(time));
        }
        match sight {
            FrameSight::SeveralFaces => Some(PromptOutcome::Interrupted(Interruption::SecondFace)),
            FrameSight::NoFace => {
                self.begin_again();
                let lost = time.saturating_sub(self.last_face_time) > self.lost_after();
                lost.then_some(PromptOutcome::Interrupted(Interruption::FaceLost))
            }
            FrameSight::OneFace(face) => {
                match self.interruption(time, face) {
                    // The size that the detector finds leaps now and then, for one frame.
                    Some(Interruption::Resized) if self.resized + 1 < AGREEING => {
                        self.begin_again();
                        self.resized += 1;
                        return None;
                    }
                    Some(interruption) => return Some(PromptOutcome::Interrupted(interruption)),
                    None => self.resized = 0,
                }
                let outcome = self.judge_face(time, face, cosine);
                (self.last_face, self.last_face_time) = (*face, time);
                outcome
            }
        }
    }

    /// A frame that does not count ends the frames in a row before it.
    fn begin_again(&mut self) {
        (self.turned, self.wrong, self.way) = (0, 0, Way::default());
    }

    /// How the prompt ends when its time has expired at `time`.
    #[must_use]
    pub fn expire(&self, time: Duration) -> PromptOutcome {
        if self.sign == 0.0 { PromptOutcome::NotComparable } else { self.time_over(time) }
    }

    /// Turn of the present face since the neutral one in degrees, positive in the direction of the
    /// prompt; 0 for a prompt without a turn.
    #[must_use]
    pub fn turned(&self, face: &MeasuredFace) -> f32 {
        self.sign * (face.yaw - self.neutral_yaw)
    }

    fn judge_face(
        &mut self,
        time: Duration,
        face: &MeasuredFace,
        cosine: Option<f32>,
    ) -> Option<PromptOutcome> {
        let same_person = cosine.is_some_and(|cosine| cosine >= SAME_PERSON_MIN);
        let motion = self.motion(time, face);
        if self.sign == 0.0 {
            return self.judge_stillness(time, &motion, same_person);
        }
        self.comparable += u32::from(!matches!(motion, Motion::None));
        if matches!(motion, Motion::Asked) && !same_person && cosine.is_some() {
            self.strangers = self.strangers.saturating_add(1);
        }
        let step = (face.yaw - self.last_face.yaw).abs();
        self.way.follow(self.turned(face), step, matches!(motion, Motion::OnTheWay));
        let counts = self.elapsed(time) >= Some(TURN_FROM) && self.way.is_seen();
        (self.turned, self.wrong) = match motion {
            Motion::Asked if same_person && counts => (self.turned + 1, 0),
            Motion::Opposite => (0, self.wrong + 1),
            Motion::Asked | Motion::OnTheWay | Motion::Little | Motion::None => (0, 0),
        };

        if self.wrong >= AGREEING {
            Some(PromptOutcome::WrongWay)
        } else if self.turned >= AGREEING {
            Some(PromptOutcome::Followed)
        } else {
            None
        }
    }

    /// Stillness must be seen without a break until its time has passed.
    fn judge_stillness(
        &mut self,
        time: Duration,
        motion: &Motion,
        same_person: bool,
    ) -> Option<PromptOutcome> {
        let elapsed = self.elapsed(time)?;
        match motion {
            Motion::None => Some(PromptOutcome::NotComparable),
            Motion::Asked | Motion::OnTheWay | Motion::Opposite => Some(PromptOutcome::Moved),
            Motion::Little if elapsed < STILL_FOR => None,
            Motion::Little if self.is_slow(elapsed) => Some(PromptOutcome::TooFewFrames),
            Motion::Little if same_person => Some(PromptOutcome::Followed),
            Motion::Little => Some(PromptOutcome::AnotherPerson),
        }
    }

    /// What a face shows, regardless of the time since the prompt.
    fn motion(&self, time: Duration, face: &MeasuredFace) -> Motion {
        let gap = time.saturating_sub(self.last_face_time);
        let comparable = face.fit.correlation >= self.rule.correlation_min;
        let (yaw, depth) = (face.yaw - self.neutral_yaw, face.fit.across);
        let counts = gap <= GAP_MAX && comparable && yaw.is_finite() && depth.is_finite();
        if !counts || self.elapsed(time).is_none() {
            return Motion::None;
        }
        if self.sign == 0.0 {
            let still = yaw.abs() < STILL_YAW && depth.abs() < STILL_DEPTH;
            return if still { Motion::Little } else { Motion::Opposite };
        }
        let (yaw, depth) = (self.sign * yaw, self.sign * depth);
        if yaw >= TURN_YAW && depth >= self.rule.depth_min {
            Motion::Asked
        } else if yaw <= -TURN_YAW && depth <= -WRONG_WAY_DEPTH {
            Motion::Opposite
        } else if yaw >= PASSED_YAW {
            Motion::OnTheWay
        } else {
            Motion::Little
        }
    }

    /// Why a face cannot be that of the frame before.
    fn interruption(&self, time: Duration, face: &MeasuredFace) -> Option<Interruption> {
        let last = &self.last_face;
        let [x, y] = face.centre;
        let jump = (x - last.centre[0]).hypot(y - last.centre[1]) / last.width;
        let change = (face.width / last.width - 1.0).abs();
        if time.saturating_sub(self.last_face_time) > self.lost_after() {
            Some(Interruption::FaceLost)
        } else if !is_below(jump, JUMP_MAX) {
            Some(Interruption::Jumped)
        } else if !is_below(change, SCALE_CHANGE_MAX) {
            Some(Interruption::Resized)
        } else {
            None
        }
    }

    /// Longest time without the face.
    fn lost_after(&self) -> Duration {
        if self.frames <= 1 { COMPARED_WITHIN } else { LOST_AFTER }
    }

    fn time_over(&self, time: Duration) -> PromptOutcome {
        if self.strangers >= AGREEING {
            PromptOutcome::AnotherPerson
        } else if self.elapsed(time).is_none_or(|elapsed| self.is_slow(elapsed)) {
            PromptOutcome::TooFewFrames
        } else if self.comparable < self.frames / 2 {
            PromptOutcome::NotComparable
        } else {
            PromptOutcome::NoTurn
        }
    }

    /// Whether there were too few frames in the time since the prompt.
    fn is_slow(&self, elapsed: Duration) -> bool {
        f64::from(self.frames) < FRAME_RATE_MIN * elapsed.as_secs_f64()
    }

    /// Time since the prompt; `None` before it.
    fn elapsed(&self, time: Duration) -> Option<Duration> {
        time.checked_sub(self.prompted)
    }
}

/// False for NaN.
fn is_below(value: f64, limit: f64) -> bool {
    value < limit
}

#[cfg(test)]
mod tests;
