//! Opens a camera in each format and size.

use std::{
    error::Error,
    io::{self, Write},
    time::{Duration, Instant},
};

use fpass_camera::{
    Camera, Frame,
    formats::PixelFormat,
    v4l2::{V4l2Camera, V4l2Settings},
};

/// How long frames are counted after the first one.
const COUNTED: Duration = Duration::from_millis(1500);
/// Longest wait for a frame between two checks of the clock.
const SLICE: Duration = Duration::from_millis(100);
/// Longest wait for the first frame.
const PATIENCE: Duration = Duration::from_secs(20);

/// The result for one format and size.
struct Trial {
    /// From the call to the first frame.
    first: Duration,
    /// Frames per second after it.
    rate: f64,
    /// Mean red, green and blue of the first frame.
    mean: [u64; 3],
    /// Brightness of the darkest and of the brightest frame.
    light: (u64, u64),
}

fn mean(frame: &Frame) -> [u64; 3] {
    let pixels = frame.pixels().as_chunks::<3>().0;
    let mut sums = [0_u64; 3];
    for pixel in pixels {
        for (sum, &value) in sums.iter_mut().zip(pixel) {
            *sum += u64::from(value);
        }
    }
    sums.map(|sum| sum.checked_div(pixels.len() as u64).unwrap_or(0))
}

fn attempt(device: &str, format: PixelFormat, size: (u32, u32)) -> Result<Trial, Box<dyn Error>> {
    let settings = V4l2Settings {
        device: device.to_owned(),
        format: Some(format),
        width: size.0,
        height: size.1,
        frame_rate: 30,
        warm_up_frames: 30,
        frame_timeout: Duration::from_secs(5),
    };
    let called = Instant::now();
    let mut camera = V4l2Camera::open(&settings, &[])?;
    let frame = loop {
        if let Some(frame) = camera.frame(Instant::now() + SLICE)? {
            break frame;
        }
        if called.elapsed() > PATIENCE {
            return Err("no frame that may be judged".into());
        }
    };
    if (frame.width(), frame.height()) != size {
        return Err(format!("the camera gives {}x{}", frame.width(), frame.height()).into());
    }
    let first = called.elapsed();
    let shown = mean(&frame);
    let light = |[red, green, blue]: [u64; 3]| (red + 2 * green + blue) / 4;
    let mut range = (light(shown), light(shown));
    let (since, mut frames) = (Instant::now(), 0_u32);
    while since.elapsed() < COUNTED {
        if let Some(frame) = camera.frame(Instant::now() + SLICE)? {
            frames += 1;
            let light = light(mean(&frame));
            range = (range.0.min(light), range.1.max(light));
        }
    }
    let rate = f64::from(frames) / since.elapsed().as_secs_f64();
    Ok(Trial { first, rate, mean: shown, light: range })
}

/// Tries all of them and prints a line for each.
pub(super) fn run<'a>(
    device: &str,
    codes: impl Iterator<Item = &'a str>,
    sizes: &[(u32, u32)],
) -> Result<(), Box<dyn Error>> {
    let mut output = io::stdout();
    for code in codes {
        let padded = format!("{code:<4}");
        let format = padded
            .as_bytes()
            .try_into()
            .ok()
            .and_then(PixelFormat::from_fourcc)
            .ok_or_else(|| format!("no format {code}"))?;
        for &(width, height) in sizes {
            let outcome = attempt(device, format, (width, height)).map_or_else(
                |error| error.to_string(),
                |Trial { first, rate, mean: [red, green, blue], light: (low, high) }| {
                    format!("{} {rate:.1} {red} {green} {blue} {low} {high}", first.as_millis())
                },
            );
            writeln!(output, "{code} {width}x{height} {outcome}")?;
        }
    }
    Ok(())
}
