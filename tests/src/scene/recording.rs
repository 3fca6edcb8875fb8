//! Frames as a y4m clip: 4:2:0, BT.601 in studio range, as ffmpeg writes it.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::Path,
};

use super::{HEIGHT, RATE, WIDTH, canvas::Canvas};
use crate::TestbedError;

/// Writes the clip next to its place and moves it there when it is complete.
pub(super) fn write(
    path: &Path,
    rate: u32,
    frames: impl Iterator<Item = Canvas>,
) -> Result<(), TestbedError> {
    complete(path, |part| encode(part, rate, frames))
}

/// Copies a clip, in the same way.
pub(super) fn copy(clip: &Path, path: &Path) -> Result<(), TestbedError> {
    complete(path, |part| fs::copy(clip, part).map(drop))
}

/// Copies a clip with another frame rate in its header.
pub(super) fn copy_at(clip: &Path, path: &Path, rate: u32) -> Result<(), TestbedError> {
    let own = format!(" F{RATE}:1 ");
    complete(path, |part| {
        let mut bytes = fs::read(clip)?;
        let place = bytes.windows(own.len()).position(|window| window == own.as_bytes());
        let place = place.ok_or(io::ErrorKind::InvalidData)?;
        bytes.splice(place..place + own.len(), format!(" F{rate}:1 ").into_bytes());
        fs::write(part, bytes)
    })
}

/// The frames of a clip as YUYV; each line of chroma serves two lines of luma.
pub(super) fn yuyv(clip: &Path) -> Result<Vec<Vec<u8>>, TestbedError> {
    const LINE: &[u8] = b"FRAME\n";
    let bytes = fs::read(clip).map_err(TestbedError::io(format!("reading {}", clip.display())))?;
    let (width, luma) = (WIDTH as usize, (WIDTH * HEIGHT) as usize);
    let header = bytes.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let frames = bytes.split_at(header).1.chunks_exact(LINE.len() + luma * 3 / 2);
    Ok(frames
        .map(|frame| {
            let (brightness, chroma) = frame.split_at(LINE.len()).1.split_at(luma);
            let (blue, red) = chroma.split_at(luma / 4);
            let lines = brightness.chunks_exact(width);
            let blue = blue.chunks_exact(width / 2).flat_map(|line| [line, line]);
            let red = red.chunks_exact(width / 2).flat_map(|line| [line, line]);
            lines
                .zip(blue.zip(red))
                .flat_map(|(line, (blue, red))| {
                    let chroma = blue.iter().zip(red);
                    line.as_chunks::<2>().0.iter().zip(chroma)
                })
                .flat_map(|([left, right], (blue, red))| [*left, *blue, *right, *red])
                .collect()
        })
        .collect())
}

fn complete(path: &Path, write: impl FnOnce(&Path) -> io::Result<()>) -> Result<(), TestbedError> {
    // Tests of other processes may render the same scene at the same time.
    let part = path.with_extension(format!("{}.part", std::process::id()));
    write(&part)
        .and_then(|()| fs::rename(&part, path))
        .map_err(TestbedError::io(format!("recording {}", path.display())))
}

fn encode(path: &Path, rate: u32, frames: impl Iterator<Item = Canvas>) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "YUV4MPEG2 W{WIDTH} H{HEIGHT} F{rate}:1 Ip A1:1 C420jpeg")?;
    for frame in frames {
        file.write_all(b"FRAME\n")?;
        for plane in planes(frame.pixels()) {
            file.write_all(&plane)?;
        }
    }
    file.flush()
}

/// Luma for every pixel, then both chroma planes at half the width and height.
fn planes(pixels: &[[f32; 3]]) -> [Vec<u8>; 3] {
    let luma = pixels.iter().map(|colour| dot(16.0, [65.481, 128.553, 24.966], *colour)).collect();
    let quarters: Vec<[f32; 3]> = pixels
        .chunks_exact(WIDTH as usize * 2)
        .flat_map(|rows| {
            let (upper, lower) = rows.split_at(WIDTH as usize);
            upper.chunks_exact(2).zip(lower.chunks_exact(2)).map(|(upper, lower)| {
                let mut mean = [0.0; 3];
                for colour in upper.iter().chain(lower) {
                    for (sum, channel) in mean.iter_mut().zip(colour) {
                        *sum += channel / 4.0;
                    }
                }
                mean
            })
        })
        .collect();
    let chroma = |weights| quarters.iter().map(|colour| dot(128.0, weights, *colour)).collect();
    [luma, chroma([-37.797, -74.203, 112.0]), chroma([112.0, -93.786, -18.214])]
}

/// One component of ITU-R BT.601: weights are for channels from 0 to 1.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn dot(offset: f32, weights: [f32; 3], colour: [f32; 3]) -> u8 {
    let sum: f32 = weights.iter().zip(colour).map(|(weight, channel)| weight * channel).sum();
    (offset + sum / 255.0).round().clamp(0.0, 255.0) as u8
}
