//! The capture thread: opens the device through nokhwa and delivers raw frames until stopped.

use std::time::Instant;

use nokhwa::{
    Camera,
    utils::{
        ApiBackend, CameraFormat, CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType,
        Resolution,
    },
};
use zeroize::Zeroizing;

use super::{
    Settings,
    mailbox::{Mailbox, Opened, RawFrame},
    modes::Mode,
    probe::{self, Found},
};
use crate::{CameraError, formats::PixelFormat};

/// Formats that nokhwa may choose; the mode is asked for exactly.
const FORMATS: [FrameFormat; 2] = [FrameFormat::YUYV, FrameFormat::MJPEG];

/// Captures until the mailbox says stop.
///
/// # Errors
/// The fault that ended the capture.
pub(super) fn run(settings: &Settings, mailbox: &Mailbox) -> Result<(), CameraError> {
    let found = probe::find(settings)?;
    let mut camera = open(&found)?;
    mailbox.put_opened(Opened { mode: found.mode, description: describe(&found) });
    let mut sequence = 0;
    while !mailbox.is_stopping() {
        let (bytes, captured) = match camera.frame_raw() {
            Ok(bytes) => {
                let captured = Instant::now();
                (Zeroizing::new(bytes.into_owned()), captured)
            }
            Err(failure) => {
                drop(camera);
                return Err(probe::diagnose(found.index, failure));
            }
        };
        if sequence < u64::from(settings.warm_up_frames) {
            mailbox.put_sign_of_life();
        } else {
            mailbox.put(RawFrame { bytes, sequence, captured });
        }
        sequence += 1;
    }
    Ok(())
}

fn open(found: &Found) -> Result<Camera, CameraError> {
    let Mode { format, width, height, frame_rate, .. } = found.mode;
    let format = match format {
        PixelFormat::Yuyv => FrameFormat::YUYV,
        PixelFormat::Mjpeg => FrameFormat::MJPEG,
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
