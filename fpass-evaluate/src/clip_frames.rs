//! The frames of a clip with their times, one after the other.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fpass_camera::{Frame, RecordingFault, RecordingReader, RecordingSettings};

use super::clips::{ClipFile, ClipKind};
use super::error::Error;

/// The program that decodes videos, looked for in `PATH`.
const FFMPEG: &str = "ffmpeg";
/// Most bytes of its complaints that are shown.
const COMPLAINT_MAX: u64 = 500;

/// A clip that is read. It holds one frame in memory.
pub(crate) struct ClipFrames {
    path: PathBuf,
    reader: RecordingReader,
    decoder: Option<Decoder>,
}

/// A running ffmpeg, which ends with this.
struct Decoder {
    child: Child,
    complaints: File,
}

impl ClipFrames {
    /// Opens a clip. `frame_rate` is that of a directory of pictures.
    ///
    /// # Errors
    /// [`Error::Clip`], [`Error::NoDecoder`].
    pub(crate) fn open(clip: &ClipFile, frame_rate: u32) -> Result<Self, Error> {
        let path = clip.path.clone();
        match clip.kind {
            ClipKind::Recording => {
                let settings = RecordingSettings { path, frame_rate };
                let reader = RecordingReader::open(&settings)
                    .map_err(|fault| Error::clip(&clip.path, &fault))?;
                Ok(Self { path: clip.path.clone(), reader, decoder: None })
            }
            ClipKind::Video => Self::decode(&path),
        }
    }

    fn decode(path: &Path) -> Result<Self, Error> {
        let missing = |reason| Error::NoDecoder { path: path.to_owned(), reason };
        let complaints = tempfile::tempfile().map_err(missing)?;
        let mut child = Command::new(FFMPEG)
            .args(["-nostdin", "-v", "error", "-threads", "1", "-i"])
            .arg(local(path))
            .args(["-map", "0:v:0", "-pix_fmt", "yuv420p", "-strict", "-1"])
            .args(["-f", "yuv4mpegpipe", "-"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(complaints.try_clone().map_err(missing)?)
            .spawn()
            .map_err(missing)?;
        let output = child.stdout.take();
        let mut decoder = Decoder { child, complaints };
        let opened = output.map(|output| RecordingReader::stream(BufReader::new(output)));
        match opened {
            Some(Ok(reader)) => Ok(Self { path: path.to_owned(), reader, decoder: Some(decoder) }),
            Some(Err(fault)) => Err(decoder.fault(path, &fault.into())),
            None => Err(Error::clip(path, &RecordingFault::NoPictures)),
        }
    }

    /// The next frame and its time since the first one; `None` after the last.
    ///
    /// # Errors
    /// [`Error::Clip`].
    pub(crate) fn frame(&mut self) -> Result<Option<(Duration, Frame)>, Error> {
        match (self.reader.frame(), &mut self.decoder) {
            (Ok(frame), _) => Ok(frame),
            (Err(fault), Some(decoder)) => Err(decoder.fault(&self.path, &fault)),
            (Err(fault), None) => Err(Error::clip(&self.path, &fault)),
        }
    }
}

impl Decoder {
    /// What ffmpeg says, or else what is wrong with its output.
    fn fault(&mut self, path: &Path, fault: &RecordingFault) -> Error {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let mut said = Vec::new();
        let _ = self.complaints.rewind();
        let _ = (&self.complaints).take(COMPLAINT_MAX).read_to_end(&mut said);
        let said = String::from_utf8_lossy(&said);
        match said.lines().last().map(str::trim).filter(|line| !line.is_empty()) {
            Some(line) => Error::Clip { path: path.to_owned(), reason: format!("ffmpeg: {line}") },
            None => Error::clip(path, fault),
        }
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The name by which ffmpeg reads a file, and nothing from a network.
fn local(path: &Path) -> std::ffi::OsString {
    let mut name = std::ffi::OsString::from("file:");
    name.push(path);
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clips;

    fn clip_at(path: &Path) -> ClipFile {
        clips::list(path).unwrap().remove(0)
    }

    #[test]
    fn a_video_that_is_none_gives_an_error_with_its_path() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("anna-1.mp4");
        std::fs::write(&path, b"no video").unwrap();
        // With ffmpeg its words, without it the advice to install it.
        let error = ClipFrames::open(&clip_at(&path), 15).err().unwrap();
        assert!(matches!(error, Error::Clip { .. } | Error::NoDecoder { .. }), "{error}");
        assert!(error.to_string().contains("anna-1.mp4"), "{error}");
    }

    #[test]
    fn a_clip_gives_its_frames_and_then_none() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("anna-1.y4m");
        let mut bytes = b"YUV4MPEG2 W16 H16 F25:1 Cmono\n".to_vec();
        for _ in 0..2 {
            bytes.extend_from_slice(b"FRAME\n");
            bytes.extend([9; 256]);
        }
        std::fs::write(&path, &bytes).unwrap();
        let mut frames = ClipFrames::open(&clip_at(&path), 15).unwrap();
        assert_eq!(frames.frame().unwrap().unwrap().0, Duration::ZERO);
        assert_eq!(frames.frame().unwrap().unwrap().0, Duration::from_millis(40));
        assert!(frames.frame().unwrap().is_none());
        std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        let mut frames = ClipFrames::open(&clip_at(&path), 15).unwrap();
        assert!(frames.frame().is_ok());
        assert!(matches!(frames.frame(), Err(Error::Clip { .. })));
    }
}
