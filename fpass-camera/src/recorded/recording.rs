//! A directory of pictures or a clip as a sequence of frames.

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{clock::FrameRate, settings::RecordingSettings};
use crate::{
    CameraError, Frame,
    buffers::BufferPool,
    error::RecordingFault,
    formats::{self, FormatError},
    pictures,
    y4m::{Clip, RATES},
};

/// Buffers of the pool: two frames ahead, one in decoding, two with the caller.
const KEPT: usize = 5;

enum RecordingKind {
    Pictures(Vec<PathBuf>),
    Clip(Box<Clip<BufReader<File>>>),
}

/// A recording that is checked except for its pixels.
pub(super) struct Recording {
    kind: RecordingKind,
    buffers: Arc<BufferPool>,
}

impl Recording {
    /// Opens and checks a recording, and gives its frame rate.
    ///
    /// # Errors
    /// [`CameraError::Recording`].
    pub(super) fn open(settings: &RecordingSettings) -> Result<(Self, FrameRate), CameraError> {
        let path = settings.path.as_path();
        let at = |path: &Path, fault: RecordingFault| CameraError::Recording {
            path: path.to_owned(),
            fault,
        };
        let (kind, rate) = if path.metadata().map_err(|cause| at(path, cause.into()))?.is_dir() {
            let pictures = pictures::list(path).map_err(|fault| at(path, fault))?;
            for picture in &pictures {
                pictures::check(picture).map_err(|fault| at(picture, fault))?;
            }
            if !RATES.contains(&settings.frame_rate) {
                return Err(at(path, RecordingFault::FrameRate));
            }
            (
                RecordingKind::Pictures(pictures),
                FrameRate { numerator: settings.frame_rate, denominator: 1 },
            )
        } else {
            if !path.is_file() || path.extension().is_none_or(|ending| ending != "y4m") {
                return Err(at(path, RecordingFault::Kind));
            }
            let file = File::open(path).map_err(|cause| at(path, cause.into()))?;
            let clip = Clip::open(BufReader::new(file)).map_err(|fault| at(path, fault.into()))?;
            let (numerator, denominator) = clip.rate();
            (RecordingKind::Clip(Box::new(clip)), FrameRate { numerator, denominator })
        };
        Ok((Self { kind, buffers: BufferPool::new(KEPT) }, rate))
    }

    /// Number of frames, at least 1.
    pub(super) fn len(&self) -> usize {
        match &self.kind {
            RecordingKind::Pictures(pictures) => pictures.len(),
            RecordingKind::Clip(clip) => clip.len(),
        }
    }

    /// Decodes the frame at a position, which is shown as `number`; the first one follows the last.
    pub(super) fn frame(&mut self, position: u64, number: u64) -> Result<Frame, RecordingFault> {
        let length = u64::try_from(self.len()).unwrap_or(u64::MAX).max(1);
        let index = usize::try_from(position % length).unwrap_or(0);
        let (width, height, frame) = match &mut self.kind {
            RecordingKind::Pictures(pictures) => {
                let picture = pictures.get(index).ok_or(RecordingFault::NoPictures)?;
                let (width, height, pixels) = pictures::decode(picture)?;
                (width, height, Frame::new(width, height, pixels, number))
            }
            RecordingKind::Clip(clip) => {
                let (width, height) = clip.size();
                let mut pixels = self.buffers.take(formats::length(width, height)?);
                clip.read_into(index, &mut pixels)?;
                (width, height, Frame::from_buffer(width, height, pixels, number))
            }
        };
        frame.ok_or_else(|| FormatError::Size { width, height }.into())
    }
}
