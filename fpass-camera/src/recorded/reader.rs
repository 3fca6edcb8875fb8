//! The frames of a recording in their order, without waiting for the time of each.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::PathBuf,
    time::Duration,
};

use super::{clock::FrameRate, settings::RecordingSettings};
use crate::{
    ClipError, ClipStream, Frame, error::RecordingFault, formats::FormatError, pictures, y4m::RATES,
};

enum Frames {
    Pictures(std::vec::IntoIter<PathBuf>),
    Clip(ClipStream<Box<dyn BufRead + Send>>),
}

/// Reads a recording from its beginning to its end. It holds one frame in memory.
pub struct RecordingReader {
    frames: Frames,
    rate: FrameRate,
    read: u64,
}

impl RecordingReader {
    /// Opens a directory of pictures or a `.y4m` clip.
    ///
    /// # Errors
    /// [`RecordingFault`].
    pub fn open(settings: &RecordingSettings) -> Result<Self, RecordingFault> {
        let path = settings.path.as_path();
        if path.metadata()?.is_dir() {
            if !RATES.contains(&settings.frame_rate) {
                return Err(RecordingFault::FrameRate);
            }
            let frames = Frames::Pictures(pictures::list(path)?.into_iter());
            let rate = FrameRate { numerator: settings.frame_rate, denominator: 1 };
            return Ok(Self { frames, rate, read: 0 });
        }
        if !path.is_file() || path.extension().is_none_or(|ending| ending != "y4m") {
            return Err(RecordingFault::Kind);
        }
        Ok(Self::stream(BufReader::new(File::open(path)?))?)
    }

    /// Reads a YUV4MPEG2 clip that another program writes.
    ///
    /// # Errors
    /// [`ClipError`].
    pub fn stream(input: impl BufRead + Send + 'static) -> Result<Self, ClipError> {
        let clip = ClipStream::open(Box::new(input) as Box<dyn BufRead + Send>)?;
        let (numerator, denominator) = clip.rate();
        let rate = FrameRate { numerator, denominator };
        Ok(Self { frames: Frames::Clip(clip), rate, read: 0 })
    }

    /// The next frame and its time since the first one; `None` after the last.
    ///
    /// # Errors
    /// [`RecordingFault`].
    pub fn frame(&mut self) -> Result<Option<(Duration, Frame)>, RecordingFault> {
        let frame = match &mut self.frames {
            Frames::Clip(clip) => clip.frame()?,
            Frames::Pictures(paths) => match paths.next() {
                None => None,
                Some(path) => {
                    let (width, height, pixels) = pictures::decode(&path)?;
                    let frame = Frame::new(width, height, pixels, self.read);
                    Some(frame.ok_or(FormatError::Size { width, height })?)
                }
            },
        };
        let time = self.rate.time_of(self.read);
        self.read = self.read.saturating_add(1);
        Ok(frame.map(|frame| (time, frame)))
    }

    /// Frames per second.
    #[must_use]
    pub fn frames_per_second(&self) -> f64 {
        f64::from(self.rate.numerator) / f64::from(self.rate.denominator)
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};
    use tempfile::TempDir;

    use super::*;

    fn settings(path: PathBuf, frame_rate: u32) -> RecordingSettings {
        RecordingSettings { path, frame_rate }
    }

    #[test]
    fn what_is_no_recording_is_refused() {
        let directory = TempDir::new().unwrap();
        let fault = |path: PathBuf, rate| RecordingReader::open(&settings(path, rate)).err();
        let path = directory.path().to_owned();
        assert!(matches!(fault(path.join("absent"), 15), Some(RecordingFault::Unreadable(_))));
        assert!(matches!(fault(path.clone(), 15), Some(RecordingFault::NoPictures)));
        assert!(matches!(fault(path.clone(), 0), Some(RecordingFault::FrameRate)));
        std::fs::write(path.join("a.mp4"), "text").unwrap();
        assert!(matches!(fault(path.join("a.mp4"), 15), Some(RecordingFault::Kind)));
        std::fs::write(path.join("a.y4m"), "text\n").unwrap();
        let magic = fault(path.join("a.y4m"), 15);
        assert!(matches!(magic, Some(RecordingFault::Clip(ClipError::Magic))));
        std::fs::write(path.join("a.png"), "text").unwrap();
        let mut reader = RecordingReader::open(&settings(path, 15)).unwrap();
        assert!(matches!(reader.frame(), Err(RecordingFault::Picture(_))));
    }

    #[test]
    fn pictures_and_clips_have_the_times_of_their_rates() {
        let directory = TempDir::new().unwrap();
        for shade in 0..3_u8 {
            let picture = RgbImage::from_pixel(16, 16, Rgb([shade; 3]));
            picture.save(directory.path().join(format!("{shade}.png"))).unwrap();
        }
        let pictures = RecordingReader::open(&settings(directory.path().to_owned(), 20)).unwrap();
        let mut clip = b"YUV4MPEG2 W16 H16 F20:1 Cmono\n".to_vec();
        for shade in 0..3_u8 {
            clip.extend_from_slice(b"FRAME\n");
            clip.extend([shade; 256]);
        }
        let stream = RecordingReader::stream(std::io::Cursor::new(clip.clone())).unwrap();
        let path = directory.path().join("clip.y4m");
        std::fs::write(&path, clip).unwrap();
        let file = RecordingReader::open(&settings(path, 1)).unwrap();
        for mut reader in [pictures, stream, file] {
            assert!((reader.frames_per_second() - 20.0).abs() < 1e-9);
            for number in 0..3 {
                let (time, frame) = reader.frame().unwrap().unwrap();
                assert_eq!((time, frame.sequence()), (Duration::from_millis(50 * number), number));
            }
            assert!(reader.frame().unwrap().is_none());
        }
    }
}
