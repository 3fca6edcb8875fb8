//! The capture thread: opens the device and delivers raw frames until stopped.

use std::{
    io,
    time::{Duration, Instant},
};

use super::{
    checks::{FrameChecks, FrameRejection},
    fault::from_errno,
    frame_defect::FrameDefect,
    mailbox::{Mailbox, Opened, RawFrame},
    modes::{self, Mode},
    privacy,
    probe::{self, ConfiguredDevice},
    rotation_hint,
    settings::V4l2Settings,
    stream::{Stream, monotonic},
};
use crate::{CameraError, CameraId, buffers::BufferPool, formats::PixelFormat};

/// Longest wait for a frame between two checks of the stop flag.
const SLICE: Duration = Duration::from_millis(50);

/// Buffers of the pool: one in the mailbox, one in decoding, one being filled.
const KEPT: usize = 3;

/// Longest time without a first frame from a camera that reports that it is covered. Some cameras
/// then send none.
const COVERED_PATIENCE: Duration = Duration::from_secs(1);

/// Captures until the mailbox says stop. Cameras of `expected` come first.
///
/// # Errors
/// The fault that ended the capture.
pub(super) fn run(
    settings: &V4l2Settings,
    expected: &[CameraId],
    mailbox: &Mailbox,
) -> Result<(), CameraError> {
    let mut found = probe::find(settings, expected)?;
    let (mut stream, started) = begin_in_any_mode(&mut found)?;
    let is_covered = privacy::is_reported(&found.device);
    mailbox.put_opened(Opened {
        mode: found.mode,
        description: describe(&found),
        identity: found.identity.clone(),
        is_built_in: found.is_built_in,
        is_infrared: found.is_infrared,
        is_covered,
        rotation_hint: rotation_hint::read(&found.device),
    });
    let cover_limit = is_covered.then(|| Instant::now() + COVERED_PATIENCE);
    deliver(&mut stream, &found.mode, started, cover_limit, mailbox)
}

/// Starts the stream in the first mode in which it starts: a mode of less data may fit on a busy
/// bus, and some drivers refuse a mode only now.
///
/// # Errors
/// The fault of the best mode.
fn begin_in_any_mode(found: &mut ConfiguredDevice) -> Result<(Stream, Duration), CameraError> {
    let mut first = match begin(found) {
        Ok(begun) => return Ok(begun),
        Err(error) => error,
    };
    while let CameraError::NoBandwidth | CameraError::Failed { .. } = first {
        let Ok(mode) = found.offers.negotiate_next(&found.device) else {
            break;
        };
        found.mode = mode;
        match begin(found) {
            Ok(begun) => return Ok(begun),
            // The cause that a user can do something about is the one to name.
            Err(error @ (CameraError::NoBandwidth | CameraError::Busy)) => first = error,
            Err(_) => {}
        }
    }
    Err(first)
}

/// Starts the stream in the negotiated mode, and gives the time before its start.
fn begin(found: &ConfiguredDevice) -> Result<(Stream, Duration), CameraError> {
    let mut stream = Stream::of(&found.device).map_err(from_errno)?;
    // From here on no program can change the format.
    modes::ensure_unchanged(&found.device, &found.mode)?;
    let started = monotonic().map_err(from_errno)?;
    stream.start().map_err(from_errno)?;
    Ok((stream, started))
}

fn deliver(
    stream: &mut Stream,
    mode: &Mode,
    started: Duration,
    mut cover_limit: Option<Instant>,
    mailbox: &Mailbox,
) -> Result<(), CameraError> {
    let least = mode.layout().frame_length().map_err(|error| invalid(error.into()))?;
    let mut checks = FrameChecks::new(least, mode.format != PixelFormat::Mjpeg, started);
    let buffers = BufferPool::new(KEPT);
    let mut sequence = 0;
    while !mailbox.is_stopping() {
        let Some((buffer, meta)) = stream.next(SLICE).map_err(failed)? else {
            if cover_limit.is_some_and(|limit| Instant::now() >= limit) {
                return Err(CameraError::Covered);
            }
            continue;
        };
        cover_limit = None;
        let (captured, now) = (Instant::now(), monotonic().map_err(failed)?);
        match checks.admit(&meta, buffer.len(), now) {
            Ok(frame) => {
                let bytes = buffers.copy_of(buffer.get(..frame.length).unwrap_or_default());
                let captured = captured.checked_sub(frame.age).unwrap_or(captured);
                mailbox.put(RawFrame { bytes, sequence, captured });
                sequence += 1;
            }
            Err(FrameRejection::Dropped) => mailbox.put_rejected(),
            // Empty frames are no pictures.
            Err(FrameRejection::TooMany(FrameDefect::Short { given: 0, .. })) => {
                return Err(CameraError::Silent);
            }
            Err(FrameRejection::TooMany(defect)) => return Err(invalid(defect.into())),
        }
    }
    Ok(())
}

fn failed(cause: io::Error) -> CameraError {
    CameraError::Failed { cause }
}

fn invalid(why: Box<dyn std::error::Error + Send + Sync>) -> CameraError {
    failed(io::Error::new(io::ErrorKind::InvalidData, why))
}

fn describe(found: &ConfiguredDevice) -> String {
    let Mode { format, width, height, frame_rate, .. } = found.mode;
    format!(
        "{} ({}), {width}x{height} {format} at {frame_rate} per second",
        probe::path_of(found.index),
        found.name
    )
}
