//! A v4l2loopback device as a camera.

use std::{
    error::Error,
    io::{self, Write},
    iter, thread,
    time::{Duration, Instant},
};

use image::{ExtendedColorType, ImageEncoder, codecs::jpeg::JpegEncoder};
use v4l::{Device, Format, FourCC, video::Output};

/// Number of frames, which are played in a loop.
const FRAMES: u8 = 8;
/// Brightness of frames with and without the light of the emitter.
const LIT: u8 = 120;
const DARK: u8 = 6;

/// A picture in one colour with a moving part, so that no two frames are equal.
fn picture(area: usize, colour: [u8; 3], number: u8) -> Vec<u8> {
    let moving = usize::from(number) * 40;
    let pixel = |place: usize| {
        let shift = u8::from(place % 320 == moving) * 40;
        colour.map(|value| value.saturating_add(shift))
    };
    (0..area).flat_map(pixel).collect()
}

fn jpeg(width: u32, height: u32, area: usize, number: u8) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 90).write_image(
        &picture(area, [20, 200, 40], number),
        width,
        height,
        ExtendedColorType::Rgb8,
    )?;
    Ok(bytes)
}

fn grey(area: usize, number: u8) -> Vec<u8> {
    let shade = if number.is_multiple_of(2) { LIT } else { DARK };
    picture(area, [shade; 3], number)
        .chunks_exact(3)
        .flat_map(|pixel| pixel.first().copied())
        .collect()
}

/// Feeds the device until it is stopped. Prints `ready` once the first frame is out.
pub(super) fn run(
    device: &str,
    kind: &str,
    (width, height): (u32, u32),
    rate: u32,
) -> Result<(), Box<dyn Error>> {
    let area = usize::try_from(u64::from(width) * u64::from(height))?;
    let numbers = 0..FRAMES;
    let (code, frames) = match kind {
        "jpeg" => {
            let frames = numbers.map(|number| jpeg(width, height, area, number));
            (b"MJPG", frames.collect::<Result<Vec<_>, _>>()?)
        }
        "alternating" => (b"GREY", numbers.map(|number| grey(area, number)).collect()),
        _ => return Err("a kind is jpeg or alternating".into()),
    };
    let mut device = Device::with_path(device)?;
    Output::set_format(&device, &Format::new(width, height, FourCC::new(code)))?;
    let pause = Duration::from_secs(1) / rate.max(1);
    let mut due = Instant::now();
    let mut ready = iter::once("ready");
    for frame in frames.iter().cycle() {
        device.write_all(frame)?;
        if let Some(word) = ready.next() {
            writeln!(io::stdout(), "{word}")?;
        }
        due += pause;
        match due.checked_duration_since(Instant::now()) {
            Some(rest) => thread::sleep(rest),
            None => due = Instant::now(),
        }
    }
    Ok(())
}
