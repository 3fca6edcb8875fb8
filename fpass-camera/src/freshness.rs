//! The guard against a camera that repeats one picture.

use std::time::{Duration, Instant};

use crate::{Camera, CameraError, CameraId, Frame, Rotation, buffers::erase};

/// Time without a new picture after which a camera counts as frozen.
const PATIENCE: Duration = Duration::from_secs(2);
/// Equal frames that are needed as well, so a slow camera does not count as frozen.
const REPEATS: u32 = 10;

/// Passes on only frames that differ from the last one. Sensor noise makes any two frames of a
/// working camera differ, even of a still scene.
///
/// All pixels are compared with a copy of the last frame that was passed on, up to the first
/// difference. The copy is erased with the guard.
pub struct FreshnessGuard<C> {
    inner: C,
    last: LastFrame,
    since: Option<Instant>,
    repeats: u32,
    patience: Duration,
}

impl<C: Camera> FreshnessGuard<C> {
    /// Guards `inner`, which counts as frozen after 2 seconds and 10 frames without a new picture.
    pub fn new(inner: C) -> Self {
        Self::with_patience(inner, PATIENCE)
    }

    /// Guards `inner` with another time than 2 seconds.
    pub fn with_patience(inner: C, patience: Duration) -> Self {
        Self { inner, last: LastFrame::default(), since: None, repeats: 0, patience }
    }

    /// Whether `frame`, received at `now`, differs from the last one.
    fn is_new(&mut self, frame: &Frame, now: Instant) -> Result<bool, CameraError> {
        match self.since {
            Some(since) if self.last.equals(frame) => {
                self.repeats = self.repeats.saturating_add(1);
                if self.repeats >= REPEATS && now.duration_since(since) >= self.patience {
                    return Err(CameraError::Frozen);
                }
                Ok(false)
            }
            _ => {
                self.last.copy_from(frame);
                self.since = Some(now);
                self.repeats = 0;
                Ok(true)
            }
        }
    }
}

/// A copy of the last frame. The memory is reused for the next one.
#[derive(Default)]
struct LastFrame {
    width: u32,
    pixels: Vec<u8>,
}

impl LastFrame {
    fn equals(&self, frame: &Frame) -> bool {
        self.width == frame.width() && self.pixels == frame.pixels()
    }

    fn copy_from(&mut self, frame: &Frame) {
        if self.pixels.len() != frame.pixels().len() {
            erase(&mut self.pixels);
            self.pixels.resize(frame.pixels().len(), 0);
        }
        self.pixels.copy_from_slice(frame.pixels());
        self.width = frame.width();
    }
}

impl Drop for LastFrame {
    fn drop(&mut self) {
        erase(&mut self.pixels);
    }
}

impl<C: Camera> Camera for FreshnessGuard<C> {
    fn frame(&mut self, until: Instant) -> Result<Option<Frame>, CameraError> {
        loop {
            let Some(frame) = self.inner.frame(until)? else {
                return Ok(None);
            };
            let now = Instant::now();
            if self.is_new(&frame, now)? {
                return Ok(Some(frame));
            }
            if now >= until {
                return Ok(None);
            }
        }
    }

    fn description(&self) -> &str {
        self.inner.description()
    }

    fn identity(&self) -> Option<&CameraId> {
        self.inner.identity()
    }

    fn is_built_in(&self) -> bool {
        self.inner.is_built_in()
    }

    fn is_infrared(&self) -> bool {
        self.inner.is_infrared()
    }

    fn awaits_first_frame(&self) -> bool {
        self.inner.awaits_first_frame()
    }

    fn first_frame_at(&self) -> Option<Instant> {
        self.inner.first_frame_at()
    }

    fn rotation_hint(&self) -> Option<Rotation> {
        self.inner.rotation_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, time::Duration};

    use super::*;

    /// What the fake camera returns for one call.
    enum ScriptStep {
        Picture(u8),
        Nothing,
        Fault(CameraError),
    }

    struct FakeCamera(VecDeque<ScriptStep>);

    impl FakeCamera {
        fn new(steps: impl IntoIterator<Item = ScriptStep>) -> Self {
            Self(steps.into_iter().collect())
        }
    }

    impl Camera for FakeCamera {
        fn frame(&mut self, _: Instant) -> Result<Option<Frame>, CameraError> {
            match self.0.pop_front().expect("the script is used up") {
                ScriptStep::Picture(shade) => Ok(Frame::new(1, 1, vec![shade; 3], 0)),
                ScriptStep::Nothing => Ok(None),
                ScriptStep::Fault(error) => Err(error),
            }
        }

        fn description(&self) -> &str {
            "scripted"
        }

        fn identity(&self) -> Option<&CameraId> {
            None
        }

        fn first_frame_at(&self) -> Option<Instant> {
            None
        }
    }

    fn later() -> Instant {
        Instant::now() + Duration::from_secs(3600)
    }

    #[test]
    fn ten_repeats_after_the_patience_are_frozen() {
        let script = FakeCamera::new((0..11).map(|_| ScriptStep::Picture(5)));
        let mut camera = FreshnessGuard::with_patience(script, Duration::ZERO);
        assert!(camera.frame(later()).unwrap().is_some());
        assert!(matches!(camera.frame(later()), Err(CameraError::Frozen)));
        assert!(camera.inner.0.is_empty());
    }

    #[test]
    fn nine_repeats_are_dropped_and_not_frozen() {
        let script = FakeCamera::new(
            (0..10)
                .map(|_| ScriptStep::Picture(5))
                .chain([ScriptStep::Picture(6), ScriptStep::Nothing]),
        );
        let mut camera = FreshnessGuard::with_patience(script, Duration::ZERO);
        assert_eq!(camera.frame(later()).unwrap().unwrap().pixels(), [5; 3]);
        assert_eq!(camera.frame(later()).unwrap().unwrap().pixels(), [6; 3]);
        assert!(camera.frame(later()).unwrap().is_none());
        assert!(camera.inner.0.is_empty());
    }

    #[test]
    fn any_changed_value_or_shape_is_a_new_picture() {
        let mut camera = FreshnessGuard::new(FakeCamera::new([]));
        let now = Instant::now();
        let mut is_new = |width, height, pixels: &[u8]| {
            camera.is_new(&Frame::new(width, height, pixels.to_vec(), 0).unwrap(), now).unwrap()
        };
        let mut pixels = vec![0; 6 * 4 * 3];
        assert!(is_new(6, 4, &pixels));
        for at in 0..pixels.len() {
            assert!(!is_new(6, 4, &pixels), "{at}");
            pixels[at] = 1;
            assert!(is_new(6, 4, &pixels), "{at}");
        }
        assert!(is_new(4, 6, &pixels));
        assert!(is_new(4, 5, &pixels[..60]));
        assert!(!is_new(4, 5, &pixels[..60]));
        assert!(is_new(6, 4, &pixels));
    }

    #[test]
    fn many_repeats_within_the_patience_are_not_frozen() {
        let script = FakeCamera::new(
            (0..100).map(|_| ScriptStep::Picture(5)).chain([ScriptStep::Picture(6)]),
        );
        let mut camera = FreshnessGuard::with_patience(script, Duration::from_secs(3600));
        assert!(camera.frame(later()).unwrap().is_some());
        assert_eq!(camera.frame(later()).unwrap().unwrap().pixels(), [6; 3]);
    }

    #[test]
    fn a_repeat_at_the_deadline_is_no_frame() {
        let script = FakeCamera::new([ScriptStep::Picture(5), ScriptStep::Picture(5)]);
        let mut camera = FreshnessGuard::new(script);
        let past = Instant::now();
        assert!(camera.frame(past).unwrap().is_some());
        assert!(camera.frame(past).unwrap().is_none());
    }

    #[test]
    fn faults_pass_through() {
        let mut camera =
            FreshnessGuard::new(FakeCamera::new([ScriptStep::Fault(CameraError::Silent)]));
        assert!(matches!(camera.frame(later()), Err(CameraError::Silent)));
    }
}
