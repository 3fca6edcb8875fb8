//! Prints the durations of decoding and of the freshness guard, as medians in milliseconds at
//! 640×480 and 1280×720.
//!
//! `cost` takes no arguments; run it with `--release`. "Caller" is the duration of a call of
//! `Camera::frame` for a frame that is already due.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "the program prints its measurements")]

use std::{
    error::Error,
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use fpass_camera::{
    Camera, CameraError, CameraId, Frame, FreshnessGuard, RecordingSettings, formats, recorded,
};
use image::{ExtendedColorType, ImageEncoder, codecs::jpeg::JpegEncoder};
use tempfile::TempDir;

const ROUNDS: usize = 60;
const SIZES: [(u32, u32); 2] = [(640, 480), (1280, 720)];

/// Pseudo-random bytes, of which branch predictors and caches learn nothing.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
}

fn timed<T>(mut action: impl FnMut() -> T) -> f64 {
    let once = |_| {
        let start = Instant::now();
        let made = action();
        let taken = start.elapsed();
        drop(made);
        taken
    };
    median((0..ROUNDS).map(once).collect())
}

/// A camera with frames in memory.
struct Ready(Vec<Frame>);

impl Camera for Ready {
    fn frame(&mut self, _: Instant) -> Result<Option<Frame>, CameraError> {
        Ok(self.0.pop())
    }

    fn description(&self) -> &str {
        "ready"
    }

    fn identity(&self) -> Option<&CameraId> {
        None
    }

    fn first_frame_at(&self) -> Option<Instant> {
        None
    }
}

fn clip(path: &Path, width: u32, height: u32, area: usize) -> Result<(), Box<dyn Error>> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "YUV4MPEG2 W{width} H{height} F30:1 C420jpeg")?;
    for _ in 0..4 {
        file.write_all(b"FRAME\n")?;
        file.write_all(&noise(area * 3 / 2))?;
    }
    Ok(file.flush()?)
}

/// Median duration of the call of a caller that works 45 ms on each frame.
fn caller(path: &Path) -> Result<f64, Box<dyn Error>> {
    let settings = RecordingSettings { path: path.to_owned(), frame_rate: 30 };
    let mut camera = recorded::RecordedCamera::open(&settings)?;
    let later = Instant::now() + Duration::from_secs(600);
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        thread::sleep(Duration::from_millis(45));
        let start = Instant::now();
        let frame = camera.frame(later)?;
        times.push(start.elapsed());
        drop(frame);
    }
    Ok(median(times))
}

fn measure(width: u32, height: u32) -> Result<(), Box<dyn Error>> {
    let area = usize::try_from(width * height)?;
    let raw = noise(area * 2);
    let stride = usize::try_from(width)? * 2;
    println!("{width}x{height}");
    let mut place = vec![1; area * 3];
    let yuyv = timed(|| formats::yuyv_into(&raw, width, height, stride, &mut place));
    println!("  YUYV          {yuyv:.3}");

    let pixels = noise(area * 3);
    let soft: Vec<u8> =
        (0..area * 3).map(|at| u8::try_from(at / 37 % 256)).collect::<Result<_, _>>()?;
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 85).write_image(
        &soft,
        width,
        height,
        ExtendedColorType::Rgb8,
    )?;
    println!(
        "  MJPEG         {:.3}",
        timed(|| formats::mjpeg_into(&jpeg, width, height, &mut place))
    );

    let frame = |mark: usize| {
        let mut pixels = pixels.clone();
        if let Some(pixel) = pixels.last_mut() {
            *pixel = u8::try_from(mark % 256).unwrap_or(0);
        }
        Frame::new(width, height, pixels, 0)
    };
    let frames: Option<Vec<_>> = (0..=ROUNDS).map(frame).collect();
    let mut guard = FreshnessGuard::new(Ready(frames.ok_or("frames")?));
    println!("  FreshnessGuard         {:.3}", timed(|| guard.frame(Instant::now())));

    let frames: Option<Vec<_>> = (0..=ROUNDS).map(frame).collect();
    let mut frames = frames.ok_or("frames")?;
    println!("  erasure       {:.3}", timed(|| drop(frames.pop())));

    let directory = TempDir::new()?;
    let path = directory.path().join("clip.y4m");
    clip(&path, width, height, area)?;
    println!("  y4m, caller   {:.3}", caller(&path)?);

    let pictures = directory.path().join("pictures");
    std::fs::create_dir(&pictures)?;
    for name in ["1.jpg", "2.jpg"] {
        std::fs::write(pictures.join(name), &jpeg)?;
    }
    println!("  JPEGs, caller {:.3}", caller(&pictures)?);
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    for (width, height) in SIZES {
        measure(width, height)?;
    }
    Ok(())
}
