//! The capture thread: opens the device and delivers raw frames until stopped.

use std::{
    io,
    time::{Duration, Instant},
};

use super::{
    checks::{FrameChecks, FrameRejection},
    fault::from_errno,
    mailbox::{Mailbox, Opened, RawFrame},
    modes::{self, Mode},
    probe::{self, ConfiguredDevice},
    settings::V4l2Settings,
    stream::{Stream, monotonic},
};
use crate::{CameraError, CameraId, buffers::BufferPool, formats::PixelFormat};

/// Longest wait for a frame between two checks of the stop flag.
const SLICE: Duration = Duration::from_millis(50);

/// Buffers of the pool: one in the mailbox, one in decoding, one being filled.
const KEPT: usize = 3;

/// Captures until the mailbox says stop. Cameras of `expected` come first; `only` restricts the
/// format.
///
/// # Errors
/// The fault that ended the capture.
pub(super) fn run(
    settings: &V4l2Settings,
    expected: &[CameraId],
    only: Option<PixelFormat>,
    mailbox: &Mailbox,
) -> Result<(), CameraError> {
    let mut found = probe::find(settings, expected)?;
    if let Some(format) = only {
        found.mode = modes::negotiate_format(&found.device, settings, format)?;
    }
    let mut stream = Stream::of(&found.device).map_err(from_errno)?;
    // From here on no program can change the format.
    modes::ensure_unchanged(&found.device, &found.mode)?;
    let started = monotonic().map_err(from_errno)?;
    stream.start().map_err(from_errno)?;
    mailbox.put_opened(Opened {
        mode: found.mode,
        description: describe(&found),
        identity: found.identity.clone(),
    });
    deliver(&mut stream, &found.mode, started, mailbox)
}

fn deliver(
    stream: &mut Stream,
    mode: &Mode,
    started: Duration,
    mailbox: &Mailbox,
) -> Result<(), CameraError> {
    let least = mode.layout().frame_length().map_err(|error| invalid(error.into()))?;
    let mut checks = FrameChecks::new(least, mode.format != PixelFormat::Mjpeg, started);
    let buffers = BufferPool::new(KEPT);
    let mut sequence = 0;
    while !mailbox.is_stopping() {
        let Some((buffer, meta)) = stream.next(SLICE).map_err(failed)? else {
            continue;
        };
        let (captured, now) = (Instant::now(), monotonic().map_err(failed)?);
        match checks.admit(&meta, buffer.len(), now) {
            Ok(frame) => {
                let bytes = buffers.copy_of(buffer.get(..frame.length).unwrap_or_default());
                let captured = captured.checked_sub(frame.age).unwrap_or(captured);
                mailbox.put(RawFrame { bytes, sequence, captured });
                sequence += 1;
            }
            Err(FrameRejection::Dropped) => mailbox.put_rejected(),
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
    let [a, b, c, d] = format.fourcc().map(char::from);
    format!(
        "{} ({}), {width}x{height} {a}{b}{c}{d} at {frame_rate} per second",
        probe::path_of(found.index),
        found.name
    )
}
