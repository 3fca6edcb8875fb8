//! One attempt: frames in, verdict out.

use std::time::{Duration, Instant};

use fpass_camera::{Camera, CameraError};
use fpass_face::{
    Comparator, FaceError, Features, Flaw, Gallery, Observation, QualityLimits, RgbView,
};
use fpass_proto::{Refusal, Verdict};

use crate::{
    cancel::CancelFlag,
    compared::Compared,
    decide::{Evidence, Policy, Sighting},
    sight::Sight,
};

/// How long the attempt waits for a frame before it looks at the cancel flag again.
pub(crate) const SLICE: Duration = Duration::from_millis(50);
/// Mean luma of a frame without a face, 0 to 255, below which it counts as dark.
const DARK_FRAME: f32 = 32.0;

/// What bounds one attempt.
pub(crate) struct Bounds<'a> {
    /// When the attempt began: frames from before do not count.
    pub(crate) started: Instant,
    /// When it must be over.
    pub(crate) deadline: Instant,
    /// Raised when nobody waits for the answer any more.
    pub(crate) cancel: &'a CancelFlag,
    /// Noted when a face is compared.
    pub(crate) compared: &'a Compared,
}

/// Durations of one attempt for its journal line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Trace {
    /// Opening of the camera.
    pub(crate) camera: Duration,
    /// From the open camera to its first frame; zero when that had come before, or when none came.
    pub(crate) first_frame: Duration,
    /// From the open camera to the first frame that could be judged: its exposure has settled, and it
    /// is of this attempt.
    pub(crate) usable_frame: Duration,
    /// Face search in the last frame.
    pub(crate) detect: Duration,
    /// Landmarks in the last frame with one face.
    pub(crate) landmarks: Duration,
    /// Embedding in the last judged frame.
    pub(crate) embed: Duration,
    /// Frames looked at.
    pub(crate) frames: u32,
}

/// What one attempt came to.
#[derive(Debug, PartialEq)]
pub(crate) struct Judgement {
    /// Whether the person is the user.
    pub(crate) verdict: Verdict,
    /// Features of the last agreeing frame of a match, when the policy asks for them.
    pub(crate) probe: Option<Features>,
}

/// What one frame showed, and the features that were compared.
pub(crate) struct Seen {
    pub(crate) sighting: Sighting,
    pub(crate) probe: Option<Features>,
}

impl From<Sighting> for Seen {
    fn from(sighting: Sighting) -> Self {
        Self { sighting, probe: None }
    }
}

/// Looks at frames until they decide or the time is over.
pub(crate) fn verify(
    camera: &mut dyn Camera,
    sight: &mut dyn Sight,
    gallery: &Gallery,
    policy: &Policy,
    bounds: &Bounds<'_>,
    trace: &mut Trace,
) -> Result<Judgement, Refusal> {
    let opened = Instant::now();
    let mut evidence = Evidence::default();
    sight.begin();
    loop {
        let Some(frame) = next_frame(camera, bounds)? else {
            return evidence.conclude().map(|verdict| Judgement { verdict, probe: None });
        };
        if evidence.frames() == 0 {
            trace.usable_frame = opened.elapsed();
            let first = camera.first_heard();
            trace.first_frame =
                first.map_or(trace.usable_frame, |first| first.saturating_duration_since(opened));
        }
        let view = RgbView::new(frame.width(), frame.height(), frame.pixels())
            .map_err(|error| face_refusal(&error))?;
        let Seen { sighting, probe } = look(sight, &view, gallery, policy.comparator, trace)?;
        tracing::debug!(
            frame = frame.sequence(),
            seen = sighting.name(),
            detect = ?trace.detect,
            landmarks = ?trace.landmarks,
            embed = ?trace.embed,
            "frame"
        );
        if matches!(sighting, Sighting::Judged(_)) {
            bounds.compared.note();
        }
        let verdict = evidence.add(sighting, policy);
        trace.frames = evidence.frames();
        if let Some(verdict) = verdict {
            if bounds.cancel.is_raised() {
                return Err(Refusal::Cancelled);
            }
            // The frame that completes the run of agreeing frames is the one that decides.
            let wanted = policy.keep_probe && verdict == Verdict::Match;
            return Ok(Judgement { verdict, probe: probe.filter(|_| wanted) });
        }
    }
}

/// The next frame of this attempt, or `None` when its time is over.
pub(crate) fn next_frame(
    camera: &mut dyn Camera,
    bounds: &Bounds<'_>,
) -> Result<Option<fpass_camera::Frame>, Refusal> {
    loop {
        if bounds.cancel.is_raised() {
            return Err(Refusal::Cancelled);
        }
        let now = Instant::now();
        if now >= bounds.deadline {
            return Ok(None);
        }
        let until = bounds.deadline.min(now + SLICE);
        match camera.frame(until).map_err(|error| camera_refusal(&error))? {
            Some(frame) if frame.captured() >= bounds.started => return Ok(Some(frame)),
            Some(_) | None => {}
        }
    }
}

/// What a frame shows, compared with the gallery.
pub(crate) fn look(
    sight: &mut dyn Sight,
    view: &RgbView<'_>,
    gallery: &Gallery,
    comparator: Comparator,
    trace: &mut Trace,
) -> Result<Seen, Refusal> {
    let observation = sight.observe(view).map_err(|error| face_refusal(&error))?;
    let times = sight.times();
    trace.detect = times.detect;
    let face = match observation {
        Observation::NoFace { frame_brightness } if frame_brightness < DARK_FRAME => {
            return Ok(Sighting::Dark.into());
        }
        Observation::NoFace { .. } => return Ok(Sighting::Nobody.into()),
        Observation::SeveralFaces(_) => return Ok(Sighting::Several.into()),
        Observation::OneFace(face) => face,
    };
    trace.landmarks = times.landmarks;
    if let Some(flaw) = face.quality.assess(&QualityLimits::default()) {
        return Ok(Sighting::Flawed(flaw).into());
    }
    let probe = match sight.embed(view, &face, comparator) {
        Ok(probe) => probe,
        Err(error) => {
            tracing::debug!(%error, "a face could not be embedded");
            return Ok(Sighting::Flawed(Flaw::Blurred).into());
        }
    };
    trace.embed = sight.times().embed;
    let sighting = Sighting::Judged(gallery.score(&probe, comparator));
    Ok(Seen { sighting, probe: Some(probe) })
}

/// Whether the camera gave out while it was in use.
pub(crate) fn is_camera_fault(refusal: Refusal) -> bool {
    matches!(refusal, Refusal::CameraFailed | Refusal::CameraSilent | Refusal::CameraFrozen)
}

/// What the caller is told about a camera that failed.
pub(crate) fn camera_refusal(error: &CameraError) -> Refusal {
    match error {
        CameraError::NotFound => Refusal::NoCamera,
        CameraError::Busy => Refusal::CameraBusy,
        CameraError::Silent => Refusal::CameraSilent,
        CameraError::Frozen => Refusal::CameraFrozen,
        CameraError::Unsuitable => Refusal::CameraUnsuitable,
        CameraError::Denied | CameraError::Failed { .. } | CameraError::Recording { .. } => {
            Refusal::CameraFailed
        }
    }
}

/// What the caller is told about a stage that failed.
pub(crate) fn face_refusal(error: &FaceError) -> Refusal {
    tracing::warn!(%error, "a frame could not be examined");
    Refusal::EngineFailed
}

#[cfg(test)]
mod tests;
