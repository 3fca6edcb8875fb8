//! A running stream allocates nothing for a further frame.
//!
//! Each test needs its own process, which `cargo nextest` gives it. MJPEG, PNG and JPEG are left
//! out, because their decoders allocate.

#![allow(clippy::unwrap_used, reason = "everything in this program is a test")]

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use fpass_camera::{Camera, RecordingSettings, Source};
use tempfile::TempDir;

#[cfg(test)]
mod counting;
#[cfg(test)]
mod shim;

/// Frames after which buffers, threads and lazily initialised parts of the standard library exist.
const WARM_UP: usize = 8;
/// Frames that are counted.
const COUNTED: usize = 60;

/// Allocations of the whole process while a caller takes [`COUNTED`] frames.
fn allocations(camera: &mut dyn Camera) -> usize {
    let later = Instant::now() + Duration::from_secs(600);
    let mut before = 0;
    for taken in 0..WARM_UP + COUNTED {
        if taken == WARM_UP {
            before = counting::allocations();
        }
        let frame = camera.frame(later).unwrap().unwrap();
        assert!(!frame.pixels().is_empty());
    }
    counting::allocations() - before
}

fn clip(path: &Path, colour: &str, frame: usize) {
    let mut bytes = format!("YUV4MPEG2 W320 H240 F120:1 {colour}\n").into_bytes();
    for shade in [20, 120, 220] {
        bytes.extend_from_slice(b"FRAME\n");
        bytes.resize(bytes.len() + frame, shade);
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn an_allocation_on_any_thread_is_counted() {
    let counted = counting::allocations();
    thread::spawn(|| drop(std::hint::black_box(vec![1u8; 100]))).join().unwrap();
    assert!(counting::allocations() > counted);
}

#[test]
fn a_playing_clip_allocates_nothing_for_a_further_frame() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("clip.y4m");
    let area = 320 * 240;
    for (colour, frame) in [("C420", area * 3 / 2), ("C444", area * 3), ("Cmono", area)] {
        clip(&path, colour, frame);
        let settings = RecordingSettings { path: path.clone(), frame_rate: 120 };
        let mut camera = Source::Recorded(settings).open(&[]).unwrap();
        assert_eq!(allocations(&mut camera), 0, "{colour}");
    }
}

#[cfg(test)]
mod shared {
    use std::{env, process::Command};

    use fpass_camera::{V4l2Settings, v4l2::V4l2Camera};

    use super::*;
    use crate::shim::compiled;

    const NAME: &str = "shared::yuyv_from_a_device_allocates_nothing_for_a_further_frame";
    const DEVICE: &str = "/dev/video0";
    /// Tells the fake device the file with its frame.
    const SHOWN: &str = "V4L2SHIM_FILE";

    /// Starts this program again with the fake device preloaded, and counts there.
    #[test]
    fn yuyv_from_a_device_allocates_nothing_for_a_further_frame() {
        if env::var_os(SHOWN).is_some() {
            return count();
        }
        let directory = TempDir::new().unwrap();
        let frame = directory.path().join("frame");
        fs::write(&frame, vec![128; 320 * 240 * 2]).unwrap();
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", NAME, "--nocapture"])
            .env("LD_PRELOAD", compiled(directory.path(), "../../shared/e2e/host/v4l2shim.c"))
            .env("V4L2SHIM_DEV", DEVICE)
            .env(SHOWN, frame)
            .env("V4L2SHIM_FMT", "YUYV:320x240")
            .env("V4L2SHIM_FPS", "60")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && text.contains("1 passed"), "{text}{errors}");
    }

    fn count() {
        // Without the freshness guard, because the fake device always shows the same frame.
        let settings = V4l2Settings {
            device: DEVICE.to_owned(),
            format: None,
            width: 320,
            height: 240,
            frame_rate: 60,
            warm_up_frames: 2,
            frame_timeout: Duration::from_secs(5),
        };
        let mut camera = V4l2Camera::open(&settings, &[]).unwrap();
        assert_eq!(allocations(&mut camera), 0);
    }
}
