//! Input that announces a huge picture is refused before memory is allocated for it.
//!
//! The allocator measures the peak of all threads of the process, so each test needs its own
//! process, which `cargo nextest` gives it.

#![allow(clippy::unwrap_used, reason = "everything in this program is a test")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use fpass_camera::{CameraError, FormatError, RecordingSettings, Source, formats};

struct Peak;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn grow(bytes: usize) {
    let live = LIVE.fetch_add(bytes, Ordering::Relaxed) + bytes;
    PEAK.fetch_max(live, Ordering::Relaxed);
}

// SAFETY: every call goes unchanged to the allocator of the system, which keeps the contract;
// counting allocates nothing. `realloc` is the default, which calls the other two.
unsafe impl GlobalAlloc for Peak {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static PEAK_OF_ALL: Peak = Peak;

/// Most memory in bytes for a refusal; a picture of 1920×1080 pixels alone has six times as much.
const REFUSAL_MAX: usize = 1 << 20;

/// The result of `work` and the peak of allocated bytes during it, beyond those before it.
fn peak<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = LIVE.load(Ordering::SeqCst);
    PEAK.store(before, Ordering::SeqCst);
    let result = work();
    (result, PEAK.load(Ordering::SeqCst) - before)
}

/// The beginning of a JPEG picture: start, one quantisation table, a frame header with three
/// components.
fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xdb, 0, 67, 0];
    bytes.extend([1; 64]);
    bytes.extend([0xff, 0xc0, 0, 17, 8]);
    bytes.extend(height.to_be_bytes());
    bytes.extend(width.to_be_bytes());
    bytes.extend([3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
    bytes.extend([0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
    bytes
}

/// The beginning of a PNG picture with four channels of 16 bits.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([16, 6, 0, 0, 0]);
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    bytes.extend(&header);
    bytes.extend(crc32(&header).to_be_bytes());
    bytes.extend(b"\0\0\0\x01IDAT\0");
    bytes.extend(crc32(b"IDAT\0").to_be_bytes());
    bytes
}

/// The checksum of PNG, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let folded = bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
        })
    });
    !folded
}

fn opened(path: &Path) -> Result<(), CameraError> {
    let settings = RecordingSettings { path: path.to_owned(), frame_rate: 30 };
    Source::Recorded(settings).open(&[]).map(drop)
}

#[test]
fn a_frame_with_65535_pixels_a_side_is_refused_in_little_memory() {
    for (width, height) in [(u16::MAX, u16::MAX), (1920, u16::MAX), (u16::MAX, 1), (1921, 1080)] {
        let bytes = jpeg(width, height);
        let mut place = vec![0; 1920 * 1080 * 3];
        let (refused, peak) = peak(|| formats::mjpeg_into(&bytes, 1920, 1080, &mut place));
        let error = refused.unwrap_err();
        assert!(
            matches!(error, FormatError::Decoder(_) | FormatError::WrongSize),
            "{width}x{height}: {error}"
        );
        assert!(peak <= REFUSAL_MAX, "{width}x{height}: {peak} bytes");
    }
}

#[test]
fn a_size_that_is_not_accepted_is_refused_in_little_memory() {
    for (width, height) in [(65_535, 65_535), (u32::MAX, u32::MAX), (1920, 1081)] {
        let (refused, peak) = peak(|| formats::yuyv(&[], width, height, usize::MAX));
        assert!(matches!(refused, Err(FormatError::Size { .. })));
        assert!(peak <= REFUSAL_MAX, "{peak} bytes");
        let (refused, peak) = peak_of_mjpeg(width, height);
        assert!(matches!(refused, Err(FormatError::Size { .. })));
        assert!(peak <= REFUSAL_MAX, "{peak} bytes");
    }
}

fn peak_of_mjpeg(width: u32, height: u32) -> (Result<Vec<u8>, FormatError>, usize) {
    peak(|| formats::mjpeg(&jpeg(u16::MAX, u16::MAX), width, height))
}

#[test]
fn recordings_of_huge_pictures_are_refused_in_little_memory() {
    let directory = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("bomb.jpg", jpeg(u16::MAX, u16::MAX)),
        ("bomb.png", png(1 << 30, 1 << 30)),
        ("wide.png", png(1921, 1)),
    ] {
        let path = directory.path().join(name);
        fs::write(&path, bytes).unwrap();
        let (refused, peak) = peak(|| opened(directory.path()));
        assert!(matches!(refused, Err(CameraError::Recording { .. })), "{name}");
        assert!(peak <= REFUSAL_MAX, "{name}: {peak} bytes");
        fs::remove_file(path).unwrap();
    }
    let clip = directory.path().join("bomb.y4m");
    fs::write(&clip, "YUV4MPEG2 W65535 H65535 F30:1\nFRAME\n").unwrap();
    let (refused, peak) = peak(|| opened(&clip));
    assert!(matches!(refused, Err(CameraError::Recording { .. })));
    assert!(peak <= REFUSAL_MAX, "{peak} bytes");
}

#[test]
fn a_frame_on_which_the_decoder_panics_is_refused() {
    let frame = include_bytes!("../../fuzz/corpus/frame_mjpeg/broken-transform");
    let (width, height) = sides(frame).unwrap();
    let refused = formats::mjpeg(frame, width, height);
    assert!(
        matches!(refused, Err(FormatError::DecoderPanic | FormatError::Decoder(_))),
        "{refused:?}"
    );
}

/// Width and height in the first frame header.
fn sides(frame: &[u8]) -> Option<(u32, u32)> {
    let start = frame.windows(2).position(|pair| matches!(pair, [0xff, 0xc0..=0xc2]))?;
    let &[h0, h1, w0, w1] = frame.get(start + 5..)?.first_chunk()?;
    Some((u16::from_be_bytes([w0, w1]).into(), u16::from_be_bytes([h0, h1]).into()))
}
