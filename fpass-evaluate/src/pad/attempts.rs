//! The attempts with one clip, judged by the stages of the daemon.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fpass_camera::Frame;
use fpass_face::liveness::{
    AttemptStep, DepthTemplate, FrameIdentity, FrameNeed, LivenessAttempt, LivenessDemand, Prompt,
};
use fpass_face::{Comparator, Embedding, Face, FaceError, Observation, Recogniser, RgbView};

use super::result::{AttemptEnd, AttemptResult, ClipResult, NeutralObstacle, Side};
use crate::clip_frames::ClipFrames;
use crate::clips::ClipFile;
use crate::error::Error;

/// Most times that a clip is played: the prompts of an attempt take less than a minute, and a clip
/// has at least one frame of 1/120 s.
const PLAYED_MAX: u32 = 8000;

/// How clips are played.
#[derive(Clone, Copy, Debug)]
pub(super) struct Playback<'a> {
    /// Frames per second of a directory of pictures.
    pub(super) frame_rate: u32,
    /// Whether an attempt ends with its clip.
    pub(super) once: bool,
    /// Set when the user asks to stop.
    pub(super) stop: &'a AtomicBool,
}

/// Judges clips by one recogniser.
pub(super) struct ClipJudge {
    recogniser: Recogniser,
    template: DepthTemplate,
}

/// One attempt that goes on.
struct Attempt {
    side: Side,
    liveness: LivenessAttempt,
    prompts: u8,
    end: Option<(AttemptEnd, Duration)>,
    /// Frames that were not neutral, by the reason.
    obstacles: BTreeMap<NeutralObstacle, u64>,
}

impl ClipJudge {
    /// A judge with a loaded recogniser.
    pub(super) fn new(recogniser: Recogniser, template: DepthTemplate) -> Self {
        Self { recogniser, template }
    }

    /// Plays a clip until the attempt for each side has ended.
    ///
    /// # Errors
    /// [`Error::NoDecoder`], [`Error::Recogniser`], [`Error::Interrupted`]. A clip that cannot be
    /// read is a result.
    pub(super) fn judge(
        &mut self,
        clip: &ClipFile,
        sides: &[Side],
        playback: Playback<'_>,
    ) -> Result<ClipResult, Error> {
        self.recogniser.begin();
        let mut attempts: Vec<Attempt> =
            sides.iter().map(|side| Attempt::new(*side, &self.template)).collect();
        match self.play(clip, &mut attempts, playback) {
            Ok(last) => {
                let attempts = attempts.iter().map(|attempt| attempt.result(last)).collect();
                Ok(ClipResult { unreadable: None, attempts })
            }
            Err(error @ Error::Clip { .. }) => {
                Ok(ClipResult { unreadable: Some(error.to_string()), attempts: Vec::new() })
            }
            Err(error) => Err(error),
        }
    }

    /// Shows the frames until every attempt has ended; gives the time of the last frame.
    fn play(
        &mut self,
        clip: &ClipFile,
        attempts: &mut [Attempt],
        playback: Playback<'_>,
    ) -> Result<Duration, Error> {
        let mut start = Duration::ZERO;
        for _ in 0..PLAYED_MAX {
            let mut frames = ClipFrames::open(clip, playback.frame_rate)?;
            let (mut last, mut step) = (start, Duration::ZERO);
            while let Some((time, frame)) = frames.frame()? {
                if playback.stop.load(Ordering::Relaxed) {
                    return Err(Error::Interrupted);
                }
                let now = start + time;
                if now > last {
                    step = now - last;
                }
                last = now;
                self.show(&frame, now, attempts)?;
                if attempts.iter().all(|attempt| attempt.end.is_some()) {
                    return Ok(now);
                }
            }
            if playback.once {
                return Ok(last);
            }
            // A clip of one frame has no distance of its own.
            start = last + if step.is_zero() { Duration::from_millis(40) } else { step };
        }
        Ok(start)
    }

    fn show(
        &mut self,
        frame: &Frame,
        time: Duration,
        attempts: &mut [Attempt],
    ) -> Result<(), Error> {
        let view = RgbView::new(frame.width(), frame.height(), frame.pixels())?;
        // As the daemon does: a second face can come into view during the turn.
        let mut running = attempts.iter().filter(|attempt| attempt.end.is_none());
        if running.any(|attempt| attempt.liveness.needs_whole_frame()) {
            self.recogniser.begin();
        }
        let observation = self.recogniser.observe(&view)?;
        let mut embedding = None;
        for attempt in attempts.iter_mut().filter(|attempt| attempt.end.is_none()) {
            let need = attempt.liveness.look(time, &view, &observation);
            if matches!(need, FrameNeed::Neutral | FrameNeed::Embedding)
                && let Observation::OneFace(face) = &observation
                && embedding.is_none()
            {
                embedding = self.embedding(&view, face)?;
            }
            let wanted = matches!(need, FrameNeed::Neutral | FrameNeed::Embedding);
            let embedding = embedding.as_ref().filter(|_| wanted);
            // The neutral frames of the clip say who is expected.
            attempt.take(
                &view,
                FrameIdentity { embedding, is_expected: true, is_settled: true },
                time,
            );
        }
        Ok(())
    }

    /// SFace's embedding; `None` for a face that has none.
    fn embedding(&mut self, view: &RgbView<'_>, face: &Face) -> Result<Option<Embedding>, Error> {
        match self.recogniser.embed(view, face, Comparator::Sface) {
            Ok(features) => Ok(features.sface),
            Err(FaceError::LandmarksUnusable | FaceError::Featureless) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

impl Attempt {
    fn new(side: Side, template: &DepthTemplate) -> Self {
        let mut liveness = LivenessAttempt::new(template, LivenessDemand::Turn);
        liveness.ask(prompt(side), Duration::ZERO);
        Self { side, liveness, prompts: 1, end: None, obstacles: BTreeMap::new() }
    }

    fn take(&mut self, view: &RgbView<'_>, identity: FrameIdentity<'_>, time: Duration) {
        if let Some(issue) = self.liveness.issue() {
            *self.obstacles.entry(issue.into()).or_default() += 1;
        }
        let end = match self.liveness.judge(view, identity) {
            AttemptStep::Continue => return,
            AttemptStep::Ask => {
                self.prompts = self.prompts.saturating_add(1);
                self.liveness.ask(prompt(self.side), time);
                return;
            }
            AttemptStep::Accepted { .. } => AttemptEnd::Accepted,
            AttemptStep::Failed(failure) => failure.into(),
        };
        self.end = Some((end, time));
    }

    fn result(&self, last: Duration) -> AttemptResult {
        let first = self.liveness.first_neutral();
        let (end, time) = self.end.unwrap_or((AttemptEnd::ClipOver, last));
        let most = self.obstacles.iter().max_by_key(|(_, number)| **number);
        AttemptResult {
            issue: most.map(|(obstacle, _)| *obstacle).filter(|_| first.is_none()),
            side: self.side,
            end,
            prompts: self.prompts,
            first_neutral: first.map(|first| first.as_secs_f64()),
            seconds: first.map(|first| time.saturating_sub(first).as_secs_f64()),
        }
    }
}

fn prompt(side: Side) -> Prompt {
    match side {
        Side::Left => Prompt::Left,
        Side::Right => Prompt::Right,
    }
}
