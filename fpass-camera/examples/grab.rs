//! Prints size, number and mean colour of frames from a source.
//!
//! `grab v4l2 DEVICE WIDTHxHEIGHT@RATE[:FORMAT] FRAMES [TIMEOUT_MS]` or
//! `grab recorded PATH RATE FRAMES`;
//! FRAMES is a number or `all`, which ends at the first fault. `grab list [DEVICE]` lists
//! devices.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "an example that prints what it sees")]

use std::{
    error::Error,
    time::{Duration, Instant},
};

use fpass_camera::{Frame, RecordingSettings, Source, V4l2Settings, formats::PixelFormat};

fn mean(frame: &Frame) -> [u64; 3] {
    let mut sums = [0u64; 3];
    for pixel in frame.pixels().chunks_exact(3) {
        for (sum, &value) in sums.iter_mut().zip(pixel) {
            *sum += u64::from(value);
        }
    }
    sums.map(|sum| sum / (u64::from(frame.width()) * u64::from(frame.height())))
}

fn camera(device: &str, mode: &str, timeout: &str) -> Result<Source, Box<dyn Error>> {
    let (mode, format) = match mode.split_once(':') {
        Some((mode, code)) => (mode, Some(PixelFormat::parse(code).ok_or("an unknown format")?)),
        None => (mode, None),
    };
    let (size, rate) = mode.split_once('@').ok_or("mode: WIDTHxHEIGHT@RATE")?;
    let (width, height) = size.split_once('x').ok_or("mode: WIDTHxHEIGHT@RATE")?;
    Ok(Source::V4l2(V4l2Settings {
        device: device.to_owned(),
        format,
        width: width.parse()?,
        height: height.parse()?,
        frame_rate: rate.parse()?,
        warm_up_frames: 1,
        frame_timeout: Duration::from_millis(timeout.parse()?),
    }))
}

fn grab(source: &Source, count: &str) -> Result<(), Box<dyn Error>> {
    let count = if count == "all" { u64::MAX } else { count.parse()? };
    let start = Instant::now();
    let mut camera = source.open(&[])?;
    println!("opened {} after {} ms", camera.description(), start.elapsed().as_millis());
    let mut taken = 0;
    let mut first = start;
    while taken < count {
        let Some(frame) = camera.frame(Instant::now() + Duration::from_millis(100))? else {
            continue;
        };
        if taken == 0 {
            first = Instant::now();
            println!("first frame after {} ms", start.elapsed().as_millis());
        }
        taken += 1;
        let [red, green, blue] = mean(&frame);
        let (width, height, number) = (frame.width(), frame.height(), frame.sequence());
        println!("frame {number} {width}x{height} mean {red} {green} {blue}");
    }
    let rate = f64::from(u32::try_from(taken.saturating_sub(1))?) / first.elapsed().as_secs_f64();
    drop(camera);
    println!(
        "{taken} frames, {rate:.1} per second, closed after {} ms",
        start.elapsed().as_millis()
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["v4l2", device, mode, count] => grab(&camera(device, mode, "2000")?, count),
        ["v4l2", device, mode, count, timeout] => grab(&camera(device, mode, timeout)?, count),
        ["recorded", path, rate, count] => {
            let settings = RecordingSettings { path: path.into(), frame_rate: rate.parse()? };
            grab(&Source::Recorded(settings), count)
        }
        ["list"] | ["list", _] => {
            let device = words.get(1).copied().unwrap_or_default();
            for device in camera(device, "640x480@30", "2000")?.list_devices() {
                println!(
                    "{} [{}] usable {}: {}",
                    device.id, device.name, device.usable, device.detail
                );
            }
            Ok(())
        }
        _ => Err("see the head of examples/grab.rs for its arguments".into()),
    };
    if let Err(error) = &outcome {
        println!("error {error}");
    }
    outcome
}
