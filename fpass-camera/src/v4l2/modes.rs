//! Choice of the format, the size and the frame rate of a camera.

use std::{io, vec};

use v4l::{
    FourCC, Fraction, frameinterval::FrameIntervalEnum, framesize::FrameSizeEnum, video::Capture,
    video::capture::Parameters,
};

use super::{
    fault::{from_errno, invalid_answer},
    settings::V4l2Settings,
};
use crate::{
    CameraError,
    formats::{self, Layout, PixelFormat},
};

/// Frames per second below which a mode is used only if there is no faster one.
const RATE_LOW: u32 = 15;
/// Most modes that are tried before the device counts as unsuitable.
const TRIES: usize = 8;

/// A mode that was negotiated with the driver.
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
    /// The layout of its frames.
    pub(super) fn layout(&self) -> Layout {
        let Self { format, width, height, stride, .. } = *self;
        Layout { format, width, height, stride }
    }
}

/// A mode that the device lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OfferedMode {
    pub(super) format: PixelFormat,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) frame_rate: u32,
}

/// The four-character codes of the formats that a device lists.
pub(super) fn list_codes(device: &v4l::Device) -> io::Result<Vec<[u8; 4]>> {
    Ok(device.enum_formats()?.into_iter().map(|format| format.fourcc.repr).collect())
}

/// The formats among these codes that can be decoded, for a list.
pub(super) fn decodable_codes(listed: &[[u8; 4]]) -> String {
    let known = PixelFormat::ALL.into_iter().filter(|format| listed.contains(&format.fourcc()));
    known.map(|format| format.to_string()).collect::<Vec<_>>().join(", ")
}

/// Every mode that can be decoded and that the settings admit. Of a range, the member closest to
/// the settings is listed. A format whose sizes the driver does not list is tried in the size of
/// the settings, but only if the driver lists those of no format: such a format may be none.
pub(super) fn list_modes(
    device: &v4l::Device,
    settings: &V4l2Settings,
) -> io::Result<Vec<OfferedMode>> {
    let listed = list_codes(device)?;
    let is_offered = |format: &PixelFormat| {
        listed.contains(&format.fourcc()) && settings.format.is_none_or(|only| only == *format)
    };
    let mut offers = Vec::new();
    let mut unlisted = Vec::new();
    for format in PixelFormat::ALL.into_iter().filter(is_offered) {
        let fourcc = FourCC::new(&format.fourcc());
        let sizes = sizes(device, fourcc, settings);
        if sizes.is_empty() {
            let &V4l2Settings { width, height, frame_rate, .. } = settings;
            unlisted.push(OfferedMode { format, width, height, frame_rate });
        }
        for (width, height) in sizes {
            if formats::area(width, height).is_err() {
                continue;
            }
            let rates = rates(device, fourcc, (width, height), settings);
            offers.extend(rates.into_iter().map(|frame_rate| OfferedMode {
                format,
                width,
                height,
                frame_rate,
            }));
        }
    }
    Ok(if offers.is_empty() { unlisted } else { offers })
}

/// The sizes of a format that the driver lists.
fn sizes(device: &v4l::Device, fourcc: FourCC, settings: &V4l2Settings) -> Vec<(u32, u32)> {
    let listed = device.enum_framesizes(fourcc).unwrap_or_default();
    let sizes = listed.into_iter().map(|size| match size.size {
        FrameSizeEnum::Discrete(size) => (size.width, size.height),
        FrameSizeEnum::Stepwise(range) => (
            step(settings.width, range.min_width, range.max_width, range.step_width),
            step(settings.height, range.min_height, range.max_height, range.step_height),
        ),
    });
    sizes.collect()
}

/// The frame rates of a format in one size; that of the settings when the driver lists none.
fn rates(
    device: &v4l::Device,
    fourcc: FourCC,
    (width, height): (u32, u32),
    settings: &V4l2Settings,
) -> Vec<u32> {
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
    rates
}

/// The member of a range of sides that is closest to `wanted`, rounded down.
fn step(wanted: u32, least: u32, most: u32, step: u32) -> u32 {
    let clamped = wanted.clamp(least, most.max(least));
    clamped - (clamped - least) % step.max(1)
}

/// Frames per second of an interval in seconds, rounded; `None` below half a frame per second.
fn rate(interval: &Fraction) -> Option<u32> {
    let rounded = interval.denominator.saturating_add(interval.numerator / 2);
    rounded.checked_div(interval.numerator).filter(|rate| *rate > 0)
}

/// Sorts modes: fast enough first, then colour, then by size, by rate and by format.
pub(super) fn sort_by_preference(offers: &mut [OfferedMode], settings: &V4l2Settings) {
    offers.sort_by_key(|offer| {
        let distance =
            offer.width.abs_diff(settings.width) + offer.height.abs_diff(settings.height);
        (
            offer.frame_rate < RATE_LOW,
            offer.format.is_grey(),
            distance,
            offer.frame_rate.abs_diff(settings.frame_rate),
            offer.format,
        )
    });
}

/// The modes of a device that were not tried yet, best first.
pub(super) struct ModeOffers {
    offers: vec::IntoIter<OfferedMode>,
    only: Option<PixelFormat>,
}

impl ModeOffers {
    /// The best of these modes of a device.
    pub(super) fn new(mut offers: Vec<OfferedMode>, settings: &V4l2Settings) -> Self {
        sort_by_preference(&mut offers, settings);
        offers.truncate(TRIES);
        Self { offers: offers.into_iter(), only: settings.format }
    }

    /// Sets the next mode that the driver accepts and reads back the one that it set. This is done
    /// at every opening, because another program may have left the device in any mode.
    ///
    /// # Errors
    /// The first error of the driver, or [`CameraError::Unsuitable`] when no mode is left.
    pub(super) fn negotiate_next(&mut self, device: &v4l::Device) -> Result<Mode, CameraError> {
        let mut refusal = None;
        for offer in self.offers.by_ref() {
            match negotiate(device, &offer, self.only) {
                Ok(Some(mode)) => return Ok(mode),
                Ok(None) => {}
                Err(error @ (CameraError::Failed { .. } | CameraError::NoBandwidth)) => {
                    refusal.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        Err(refusal.unwrap_or(CameraError::Unsuitable))
    }
}

/// Sets a mode. `None` when the driver refuses it, or sets one that cannot be decoded or is not in
/// the format `only`.
fn negotiate(
    device: &v4l::Device,
    offer: &OfferedMode,
    only: Option<PixelFormat>,
) -> Result<Option<Mode>, CameraError> {
    let wanted = v4l::Format::new(offer.width, offer.height, FourCC::new(&offer.format.fourcc()));
    match device.set_format(&wanted) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => return Ok(None),
        Err(error) => return Err(from_errno(error)),
    }
    // A driver with one fixed rate may refuse this call.
    let _ = device.set_params(&Parameters::with_fps(offer.frame_rate));
    let format = device.format().map_err(from_errno)?;
    let told = device.params().ok().and_then(|parameters| rate(&parameters.interval));
    let mode = agreed(&format, told.unwrap_or(offer.frame_rate));
    Ok(mode.filter(|mode| only.is_none_or(|only| only == mode.format)))
}

/// The mode that a driver reports, if its frames can be decoded and fit into the size that the
/// driver reports.
fn agreed(format: &v4l::Format, frame_rate: u32) -> Option<Mode> {
    let pixel_format = PixelFormat::from_fourcc(format.fourcc.repr)?;
    let stride = match usize::try_from(format.stride).ok()? {
        // Some drivers leave it out when rows have no padding.
        0 => pixel_format.packed_row(format.width).unwrap_or(0),
        given => given,
    };
    let mode = Mode {
        format: pixel_format,
        width: format.width,
        height: format.height,
        frame_rate,
        stride,
    };
    let given = usize::try_from(format.size).ok()?;
    (mode.layout().frame_length().ok()? <= given).then_some(mode)
}

/// Checks that a device with allocated buffers is still in `mode`. Another program may have changed
/// it after the negotiation.
pub(super) fn ensure_unchanged(device: &v4l::Device, mode: &Mode) -> Result<(), CameraError> {
    let format = device.format().map_err(from_errno)?;
    if agreed(&format, mode.frame_rate) == Some(*mode) {
        return Ok(());
    }
    Err(invalid_answer("another program changed its picture format"))
}

/// The largest size and the highest rate of each format, for a list.
pub(super) fn summary(offers: &[OfferedMode]) -> String {
    let formats = PixelFormat::ALL.into_iter().filter_map(|format| {
        let of_format = || offers.iter().filter(move |offer| offer.format == format);
        let largest =
            of_format().max_by_key(|offer| u64::from(offer.width) * u64::from(offer.height))?;
        let fastest = of_format().map(|offer| offer.frame_rate).max()?;
        let OfferedMode { width, height, .. } = largest;
        Some(format!("{format} up to {width}x{height}, up to {fastest} per second"))
    });
    formats.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use v4l::Format;

    use super::*;

    #[test]
    fn a_reported_mode_must_be_decodable_and_fit_its_reported_size() {
        let mut format = Format::new(640, 480, FourCC::new(b"YUYV"));
        (format.stride, format.size) = (1280, 1280 * 480);
        assert!(agreed(&format, 30).is_some());
        let padded_by_nothing = Format { stride: 0, ..format };
        assert_eq!(agreed(&padded_by_nothing, 30), agreed(&format, 30));
        for change in [
            |format: &mut Format| format.size -= 1,
            |format: &mut Format| format.stride = 1279,
            |format: &mut Format| format.stride = 1281,
            |format: &mut Format| format.width = 641,
            |format: &mut Format| format.height = 0,
            |format: &mut Format| (format.width, format.size) = (1922, u32::MAX),
            |format: &mut Format| format.fourcc = FourCC::new(b"H264"),
        ] {
            let mut changed = format;
            change(&mut changed);
            assert_eq!(agreed(&changed, 30), None, "{changed}");
        }
    }

    #[test]
    fn fractional_rates_are_rounded() {
        for (numerator, denominator, wanted) in [
            (1, 30, Some(30)),
            (1001, 30_000, Some(30)),
            (2, 15, Some(8)),
            (333_333, 10_000_000, Some(30)),
            (10, 1, None),
            (0, 30, None),
            (0, 0, None),
            (u32::MAX, u32::MAX, Some(1)),
        ] {
            assert_eq!(rate(&Fraction { numerator, denominator }), wanted);
        }
    }
}
