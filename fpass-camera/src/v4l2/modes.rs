//! Which of a camera's formats, sizes and rates is used.

use std::io;

use v4l::{
    FourCC, Fraction, frameinterval::FrameIntervalEnum, framesize::FrameSizeEnum, video::Capture,
    video::capture::Parameters,
};

use super::{Settings, fault::of_errno};
use crate::{
    CameraError,
    formats::{self, Layout, PixelFormat},
};

/// Frames per second below which a mode is taken only when there is no other.
const RATE_LOW: u32 = 15;
/// Formats that the capture can open.
const CAPTURED: [PixelFormat; 2] = [PixelFormat::Yuyv, PixelFormat::Mjpeg];
/// Modes that are tried before the device counts as unsuitable.
const TRIES: usize = 8;

/// What the driver agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mode {
    pub(super) format: PixelFormat,
    /// Pixels.
    pub(super) width: u32,
    /// Pixels.
    pub(super) height: u32,
    /// Frames per second.
    pub(super) frame_rate: u32,
    /// Bytes from one row to the next, for uncompressed frames.
    pub(super) stride: usize,
}

impl Default for Mode {
    fn default() -> Self {
        Self { format: PixelFormat::Yuyv, width: 0, height: 0, frame_rate: 0, stride: 0 }
    }
}

impl Mode {
    /// How the bytes of its frames lie.
    pub(super) fn layout(&self) -> Layout {
        let Self { format, width, height, stride, .. } = *self;
        Layout { format, width, height, stride }
    }
}

/// A mode that the device lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) format: PixelFormat,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) frame_rate: u32,
}

/// Every mode that can be decoded; ranges give their member closest to what is wanted.
pub(super) fn offers(device: &v4l::Device, settings: &Settings) -> io::Result<Vec<Offer>> {
    let listed = device.enum_formats()?;
    let mut offers = Vec::new();
    for format in CAPTURED {
        let fourcc = FourCC::new(&format.fourcc());
        if !listed.iter().any(|description| description.fourcc == fourcc) {
            continue;
        }
        for size in device.enum_framesizes(fourcc)? {
            let (width, height) = match size.size {
                FrameSizeEnum::Discrete(size) => (size.width, size.height),
                FrameSizeEnum::Stepwise(range) => (
                    step(settings.width, range.min_width, range.max_width, range.step_width),
                    step(settings.height, range.min_height, range.max_height, range.step_height),
                ),
            };
            if formats::area(width, height).is_err() {
                continue;
            }
            let intervals = device.enum_frameintervals(fourcc, width, height).unwrap_or_default();
            let mut rates: Vec<u32> = intervals
                .into_iter()
                .filter_map(|interval| match interval.interval {
                    FrameIntervalEnum::Discrete(interval) => rate(&interval),
                    FrameIntervalEnum::Stepwise(_) => Some(settings.frame_rate),
                })
                .collect();
            if rates.is_empty() {
                rates.push(settings.frame_rate);
            }
            offers.extend(rates.into_iter().map(|frame_rate| Offer {
                format,
                width,
                height,
                frame_rate,
            }));
        }
    }
    Ok(offers)
}

/// The member of a range of sides that is closest to `wanted`.
fn step(wanted: u32, least: u32, most: u32, step: u32) -> u32 {
    let clamped = wanted.clamp(least, most.max(least));
    clamped - (clamped - least) % step.max(1)
}

/// Whole frames per second of an interval in seconds.
fn rate(interval: &Fraction) -> Option<u32> {
    (interval.numerator == 1 && interval.denominator > 0).then_some(interval.denominator)
}

/// Sorts offers: fast enough first, then by size, then by rate, then uncompressed first.
pub(super) fn rank(offers: &mut [Offer], settings: &Settings) {
    offers.sort_by_key(|offer| {
        let distance =
            offer.width.abs_diff(settings.width) + offer.height.abs_diff(settings.height);
        (
            offer.frame_rate < RATE_LOW,
            distance,
            offer.frame_rate.abs_diff(settings.frame_rate),
            offer.format != PixelFormat::Yuyv,
        )
    });
}

/// Sets the best mode and gives what the driver made of it.
///
/// nokhwa refuses a device whose present format it does not know or whose rate is not whole; set
/// here, both are known before it looks.
pub(super) fn settle(device: &v4l::Device, settings: &Settings) -> Result<Mode, CameraError> {
    let mut offers = offers(device, settings).map_err(of_errno)?;
    rank(&mut offers, settings);
    for offer in offers.into_iter().take(TRIES) {
        let wanted =
            v4l::Format::new(offer.width, offer.height, FourCC::new(&offer.format.fourcc()));
        match device.set_format(&wanted) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => continue,
            Err(error) => return Err(of_errno(error)),
        }
        // A driver with one fixed rate may refuse to set it.
        let _ = device.set_params(&Parameters::with_fps(offer.frame_rate));
        let format = device.format().map_err(of_errno)?;
        let Ok(parameters) = device.params() else {
            continue;
        };
        let settled = CAPTURED.into_iter().find(|f| FourCC::new(&f.fourcc()) == format.fourcc);
        let (Some(settled), Some(frame_rate)) = (settled, rate(&parameters.interval)) else {
            continue;
        };
        if formats::area(format.width, format.height).is_err() {
            continue;
        }
        let Ok(stride) = usize::try_from(format.stride) else {
            continue;
        };
        return Ok(Mode {
            format: settled,
            width: format.width,
            height: format.height,
            frame_rate,
            stride,
        });
    }
    Err(CameraError::Unsuitable)
}

/// The largest size and highest rate of each format, for a reader.
pub(super) fn summary(offers: &[Offer]) -> String {
    let formats = CAPTURED.into_iter().filter_map(|format| {
        let of_format = || offers.iter().filter(move |offer| offer.format == format);
        let largest =
            of_format().max_by_key(|offer| u64::from(offer.width) * u64::from(offer.height))?;
        let fastest = of_format().map(|offer| offer.frame_rate).max()?;
        let [a, b, c, d] = format.fourcc().map(char::from);
        let Offer { width, height, .. } = largest;
        Some(format!("{a}{b}{c}{d} up to {width}x{height}, up to {fastest} per second"))
    });
    formats.collect::<Vec<_>>().join("; ")
}
