//! The capture thread: opens the device and delivers raw frames until stopped.

use std::{
    io,
    time::{Duration, Instant},
};

use super::{
    Settings,
    checks::{Checks, Refused},
    fault::of_errno,
    mailbox::{Mailbox, Opened, RawFrame},
    modes::{self, Mode},
    probe::{self, Found},
    stream::{Stream, monotonic},
};
use crate::{CameraError, Identity, buffers::Buffers, formats::PixelFormat};

/// Longest wait for a frame before the thread looks whether it is to stop.
const SLICE: Duration = Duration::from_millis(50);

/// Buffers that are kept: one in the mailbox, one in decoding, one being filled.
const KEPT: usize = 3;

/// Captures until the mailbox says stop, with one of the `expected` cameras when it is there, in `only`
/// this format when one is given.
///
/// # Errors
/// The fault that ended the capture.
pub(super) fn run(
    settings: &Settings,
    expected: &[Identity],
    only: Option<PixelFormat>,
    mailbox: &Mailbox,
) -> Result<(), CameraError> {
    let mut found = probe::find(settings, expected)?;
    if let Some(format) = only {
        found.mode = modes::settle_in(&found.device, settings, format)?;
    }
    let mut stream = Stream::of(&found.device).map_err(of_errno)?;
    // From here on the driver lets no program change the format.
    modes::confirm(&found.device, &found.mode)?;
    let started = monotonic().map_err(of_errno)?;
    stream.start().map_err(of_errno)?;
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
    let mut checks = Checks::new(least, mode.format != PixelFormat::Mjpeg, started);
    let buffers = Buffers::keeping(KEPT);
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
            Err(Refused::Once) => mailbox.put_sign_of_life(),
            Err(Refused::Lasting(defect)) => return Err(invalid(defect.into())),
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

fn describe(found: &Found) -> String {
    let Mode { format, width, height, frame_rate, .. } = found.mode;
    let [a, b, c, d] = format.fourcc().map(char::from);
    format!(
        "{} ({}), {width}x{height} {a}{b}{c}{d} at {frame_rate} per second",
        probe::path_of(found.index),
        found.name
    )
}
