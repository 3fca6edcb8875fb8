//! The freshness guard: a camera that repeats one picture shows nobody.

use std::time::{Duration, Instant};

use crate::{Camera, CameraError, Frame, Identity, buffers::erase};

/// Time without a new picture after which the camera counts as frozen.
const PATIENCE: Duration = Duration::from_secs(2);
/// Equal frames that must have come as well, so that a slow camera is not called frozen.
const REPEATS: u32 = 10;

/// Passes on only frames that differ from the one before. Sensor noise makes two frames of a
/// working camera differ even when nothing moves.
///
/// Every pixel is compared with a copy of the last frame that was passed on: exact, and over at
/// the first difference. The copy is erased with the guard.
pub struct Fresh<C> {
    inner: C,
    last: Picture,
    since: Option<Instant>,
    repeats: u32,
    patience: Duration,
}

impl<C: Camera> Fresh<C> {
    /// Guards `inner`: frozen after 2 seconds and 10 frames without a new picture.
    pub fn new(inner: C) -> Self {
        Self::with_patience(inner, PATIENCE)
    }

    /// Guards `inner` with another time than 2 seconds.
    pub fn with_patience(inner: C, patience: Duration) -> Self {
        Self { inner, last: Picture::default(), since: None, repeats: 0, patience }
    }

    /// Whether `frame`, taken at `now`, shows another picture than the last one.
    fn is_new(&mut self, frame: &Frame, now: Instant) -> Result<bool, CameraError> {
        match self.since {
            Some(since) if self.last.shows(frame) => {
                self.repeats = self.repeats.saturating_add(1);
                if self.repeats >= REPEATS && now.duration_since(since) >= self.patience {
                    return Err(CameraError::Frozen);
                }
                Ok(false)
            }
            _ => {
                self.last.take_from(frame);
                self.since = Some(now);
                self.repeats = 0;
                Ok(true)
            }
        }
    }
}

/// Width and pixels of a frame. Its memory is used again for the next one.
#[derive(Default)]
struct Picture {
    width: u32,
    pixels: Vec<u8>,
}

impl Picture {
    fn shows(&self, frame: &Frame) -> bool {
        self.width == frame.width() && self.pixels == frame.pixels()
    }

    fn take_from(&mut self, frame: &Frame) {
        if self.pixels.len() != frame.pixels().len() {
            erase(&mut self.pixels);
            self.pixels.resize(frame.pixels().len(), 0);
        }
        self.pixels.copy_from_slice(frame.pixels());
        self.width = frame.width();
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        erase(&mut self.pixels);
    }
}

impl<C: Camera> Camera for Fresh<C> {
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

    fn identity(&self) -> Option<&Identity> {
        self.inner.identity()
    }

    fn first_heard(&self) -> Option<Instant> {
        self.inner.first_heard()
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, time::Duration};

    use super::*;

    /// What a scripted camera does at one call.
    enum Step {
        Picture(u8),
        Nothing,
        Fault(CameraError),
    }

    struct Scripted(VecDeque<Step>);

    impl Scripted {
        fn new(steps: impl IntoIterator<Item = Step>) -> Self {
            Self(steps.into_iter().collect())
        }
    }

    impl Camera for Scripted {
        fn frame(&mut self, _: Instant) -> Result<Option<Frame>, CameraError> {
            match self.0.pop_front().expect("the script is used up") {
                Step::Picture(shade) => Ok(Frame::new(1, 1, vec![shade; 3], 0)),
                Step::Nothing => Ok(None),
                Step::Fault(error) => Err(error),
            }
        }

        fn description(&self) -> &str {
            "scripted"
        }

        fn identity(&self) -> Option<&Identity> {
            None
        }

        fn first_heard(&self) -> Option<Instant> {
            None
        }
    }

    fn later() -> Instant {
        Instant::now() + Duration::from_secs(3600)
    }

    #[test]
    fn ten_repeats_after_the_patience_are_frozen() {
        let script = Scripted::new((0..11).map(|_| Step::Picture(5)));
        let mut camera = Fresh::with_patience(script, Duration::ZERO);
        assert!(camera.frame(later()).unwrap().is_some());
        assert!(matches!(camera.frame(later()), Err(CameraError::Frozen)));
        assert!(camera.inner.0.is_empty());
    }

    #[test]
    fn nine_repeats_are_not_frozen_but_are_dropped() {
        let script = Scripted::new(
            (0..10).map(|_| Step::Picture(5)).chain([Step::Picture(6), Step::Nothing]),
        );
        let mut camera = Fresh::with_patience(script, Duration::ZERO);
        assert_eq!(camera.frame(later()).unwrap().unwrap().pixels(), [5; 3]);
        assert_eq!(camera.frame(later()).unwrap().unwrap().pixels(), [6; 3]);
        assert!(camera.frame(later()).unwrap().is_none());
        assert!(camera.inner.0.is_empty());
    }

    #[test]
    fn one_value_anywhere_or_another_shape_is_a_new_picture() {
        let mut camera = Fresh::new(Scripted::new([]));
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
        let script = Scripted::new((0..100).map(|_| Step::Picture(5)).chain([Step::Picture(6)]));
        let mut camera = Fresh::with_patience(script, Duration::from_secs(3600));
        assert!(camera.frame(later()).unwrap().is_some());
        assert_eq!(camera.frame(later()).unwrap().unwrap().pixels(), [6; 3]);
    }

    #[test]
    fn a_repeat_at_the_deadline_is_no_frame() {
        let script = Scripted::new([Step::Picture(5), Step::Picture(5)]);
        let mut camera = Fresh::new(script);
        let past = Instant::now();
        assert!(camera.frame(past).unwrap().is_some());
        assert!(camera.frame(past).unwrap().is_none());
    }

    #[test]
    fn faults_pass_through() {
        let mut camera = Fresh::new(Scripted::new([Step::Fault(CameraError::Silent)]));
        assert!(matches!(camera.frame(later()), Err(CameraError::Silent)));
    }
}
