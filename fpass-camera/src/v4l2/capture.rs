//! The capture thread: opens the device through nokhwa and delivers raw frames until stopped.

use std::time::Instant;

use nokhwa::{
    Camera,
    utils::{
        ApiBackend, CameraFormat, CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType,
        Resolution,
    },
};

use super::{
    Settings,
    mailbox::{Mailbox, Opened, RawFrame},
    modes::Mode,
    probe::{self, Found},
};
use crate::{CameraError, buffers::Buffers, formats::PixelFormat};

/// Formats that nokhwa may choose; the mode is asked for exactly.
const FORMATS: [FrameFormat; 2] = [FrameFormat::YUYV, FrameFormat::MJPEG];

/// Buffers that are kept: one in the mailbox, one in decoding, one being filled.
const KEPT: usize = 3;

/// Captures until the mailbox says stop.
///
/// # Errors
/// The fault that ended the capture.
pub(super) fn run(settings: &Settings, mailbox: &Mailbox) -> Result<(), CameraError> {
    let found = probe::find(settings)?;
    let mut camera = open(&found)?;
    mailbox.put_opened(Opened { mode: found.mode, description: describe(&found) });
    let buffers = Buffers::keeping(KEPT);
    let mut sequence = 0;
    while !mailbox.is_stopping() {
        match camera.frame_raw() {
            Ok(_) if sequence < u64::from(settings.warm_up_frames) => mailbox.put_sign_of_life(),
            Ok(bytes) => {
                let captured = Instant::now();
                mailbox.put(RawFrame { bytes: buffers.copy_of(&bytes), sequence, captured });
            }
            Err(failure) => {
                drop(camera);
                return Err(probe::diagnose(found.index, failure));
            }
        }
        sequence += 1;
    }
    Ok(())
}

fn open(found: &Found) -> Result<Camera, CameraError> {
    let Mode { format, width, height, frame_rate, .. } = found.mode;
    let format = match format {
        PixelFormat::Yuyv => FrameFormat::YUYV,
        _ => FrameFormat::MJPEG,
    };
    let exact = CameraFormat::new(Resolution::new(width, height), format, frame_rate);
    let request = RequestedFormat::with_formats(RequestedFormatType::Exact(exact), &FORMATS);
    let index = CameraIndex::Index(found.index);
    let opened = Camera::with_backend(index, request, ApiBackend::Video4Linux)
        .and_then(|mut camera| camera.open_stream().map(|()| camera));
    opened.map_err(|failure| probe::diagnose(found.index, failure))
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
