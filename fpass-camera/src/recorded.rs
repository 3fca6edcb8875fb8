//! A recording played like a camera: at its frame rate, without end, skipping what was missed.

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use crate::{
    Camera, CameraError, Device, Frame,
    error::RecordingFault,
    formats::FormatError,
    pictures,
    y4m::{Clip, RATES},
};

/// Which recording is played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// A directory of PNG and JPEG pictures, played in the order of their names, or a `.y4m` clip.
    pub path: PathBuf,
    /// Frames per second for a directory, 1 to 120; a clip brings its own.
    pub frame_rate: u32,
}

/// What is played.
enum Reel {
    Pictures(Vec<PathBuf>),
    Clip(Box<Clip<BufReader<File>>>),
}

impl Reel {
    fn open(path: &Path) -> Result<Self, CameraError> {
        let at = |path: &Path, fault: RecordingFault| CameraError::Recording {
            path: path.to_owned(),
            fault,
        };
        let kind = path.metadata().map_err(|cause| at(path, cause.into()))?;
        if kind.is_dir() {
            let pictures = pictures::list(path).map_err(|fault| at(path, fault))?;
            for picture in &pictures {
                pictures::check(picture).map_err(|fault| at(picture, fault))?;
            }
            return Ok(Self::Pictures(pictures));
        }
        if !kind.is_file() || path.extension().is_none_or(|ending| ending != "y4m") {
            return Err(at(path, RecordingFault::Kind));
        }
        let file = File::open(path).map_err(|cause| at(path, cause.into()))?;
        let clip = Clip::open(BufReader::new(file)).map_err(|fault| at(path, fault.into()))?;
        Ok(Self::Clip(Box::new(clip)))
    }

    /// Number of frames, at least 1.
    fn len(&self) -> usize {
        match self {
            Self::Pictures(pictures) => pictures.len(),
            Self::Clip(clip) => clip.len(),
        }
    }

    fn frame(&mut self, index: usize) -> Result<(u32, u32, Vec<u8>), RecordingFault> {
        match self {
            Self::Pictures(pictures) => pictures
                .get(index)
                .ok_or(RecordingFault::NoPictures)
                .and_then(|p| pictures::decode(p)),
            Self::Clip(clip) => {
                let (width, height) = clip.size();
                Ok((width, height, clip.pixels(index)?))
            }
        }
    }
}

/// Frames per second as a fraction, and what follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rate {
    over: u32,
    under: u32,
}

impl Rate {
    /// Number of the frame that is shown after `elapsed`.
    fn number_at(self, elapsed: Duration) -> u64 {
        let frames = elapsed.as_nanos().saturating_mul(self.over.into())
            / u128::from(self.under).saturating_mul(1_000_000_000).max(1);
        u64::try_from(frames).unwrap_or(u64::MAX)
    }

    /// Time from the start to the showing of frame `number`.
    fn time_of(self, number: u64) -> Duration {
        let nanoseconds = u128::from(number)
            .saturating_mul(self.under.into())
            .saturating_mul(1_000_000_000)
            .div_ceil(self.over.max(1).into());
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }
}

/// A recording in play. Holds one frame at a time.
pub struct RecordedCamera {
    reel: Reel,
    rate: Rate,
    path: PathBuf,
    description: String,
    start: Instant,
    next: u64,
}

impl RecordedCamera {
    /// Checks the whole recording but for its pixels and starts to play it.
    ///
    /// # Errors
    /// [`CameraError::Recording`].
    pub fn open(settings: &Settings) -> Result<Self, CameraError> {
        let reel = Reel::open(&settings.path)?;
        let rate = match &reel {
            Reel::Pictures(_) if RATES.contains(&settings.frame_rate) => {
                Rate { over: settings.frame_rate, under: 1 }
            }
            Reel::Pictures(_) => {
                let path = settings.path.clone();
                return Err(CameraError::Recording { path, fault: RecordingFault::FrameRate });
            }
            Reel::Clip(clip) => {
                let (over, under) = clip.rate();
                Rate { over, under }
            }
        };
        let per_second = f64::from(rate.over) / f64::from(rate.under);
        Ok(Self {
            description: format!(
                "recording {}, {} frames at {per_second:.4} per second",
                settings.path.display(),
                reel.len()
            ),
            path: settings.path.clone(),
            reel,
            rate,
            start: Instant::now(),
            next: 0,
        })
    }
}

impl Camera for RecordedCamera {
    fn frame(&mut self, until: Instant) -> Result<Option<Frame>, CameraError> {
        let now = Instant::now();
        let number = self.rate.number_at(now.duration_since(self.start)).max(self.next);
        let wait = self.rate.time_of(number).saturating_sub(now.duration_since(self.start));
        let left = until.saturating_duration_since(now);
        thread::sleep(wait.min(left));
        if wait > left {
            return Ok(None);
        }
        self.next = number.saturating_add(1);
        let length = u64::try_from(self.reel.len()).unwrap_or(u64::MAX).max(1);
        let index = usize::try_from(number % length).unwrap_or(0);
        let at_fault = |fault| CameraError::Recording { path: self.path.clone(), fault };
        let (width, height, pixels) = self.reel.frame(index).map_err(at_fault)?;
        let due = self.start.checked_add(self.rate.time_of(number));
        let frame = Frame::new(width, height, pixels, number)
            .map(|frame| frame.captured_at(due.unwrap_or(now)));
        frame.map(Some).ok_or_else(|| at_fault(FormatError::Size { width, height }.into()))
    }

    fn description(&self) -> &str {
        &self.description
    }
}

/// The recording as a device.
pub(crate) fn survey(settings: &Settings) -> Device {
    let (usable, detail) = match RecordedCamera::open(settings) {
        Ok(camera) => (true, camera.description),
        Err(error) => (false, error.to_string()),
    };
    Device { id: settings.path.display().to_string(), name: "recording".to_owned(), usable, detail }
}

#[cfg(test)]
mod tests;
