//! A raw frame: width, height and row length as a driver gives them, then the bytes.

#![no_main]

use std::time::Duration;

use fpass_camera::formats::{self, FormatError};
use fpass_fuzz::{Bounds, MIB, bounded};
use libfuzzer_sys::fuzz_target;

const BOUNDS: Bounds = Bounds { bytes: 7 * MIB, time: Duration::from_millis(50) };

fuzz_target!(|bytes: &[u8]| {
    let Some((&[w0, w1, h0, h1, s0, s1, s2, s3], bytes)) = bytes.split_first_chunk() else {
        return;
    };
    let width = u32::from(u16::from_le_bytes([w0, w1]));
    let height = u32::from(u16::from_le_bytes([h0, h1]));
    // A row length of 0 selects the shortest valid one, so that any size is decoded.
    let stride = match u32::from_le_bytes([s0, s1, s2, s3]) {
        0 => width as usize * 2,
        stride => stride as usize,
    };
    match bounded(BOUNDS, || formats::yuyv(bytes, width, height, stride)) {
        Ok(pixels) => {
            let (width, height) = (width as usize, height as usize);
            assert!(width > 0 && height > 0 && width.max(height) <= 1920);
            assert!(width * height <= 1920 * 1080);
            assert_eq!(pixels.len(), width * height * 3);
            let rows = bytes.chunks(stride).zip(pixels.chunks(width * 3));
            rows.for_each(|(raw, rgb)| compare(raw, rgb));
        }
        Err(FormatError::Size { .. } | FormatError::Length { .. }) => {}
        Err(error) => panic!("{error}"),
    }
});

/// The equations of BT.601 with real numbers.
fn compare(raw: &[u8], rgb: &[u8]) {
    for (pair, pixels) in raw.chunks_exact(4).zip(rgb.chunks_exact(6)) {
        for (luma, pixel) in [pair[0], pair[2]].iter().zip(pixels.chunks_exact(3)) {
            let y = (f64::from(*luma) - 16.0) * 255.0 / 219.0;
            let b = (f64::from(pair[1]) - 128.0) * 255.0 / 224.0;
            let r = (f64::from(pair[3]) - 128.0) * 255.0 / 224.0;
            let green = (0.114 * 1.772 * b + 0.299 * 1.402 * r) / 0.587;
            for (exact, given) in [y + 1.402 * r, y - green, y + 1.772 * b].iter().zip(pixel) {
                assert!((exact.clamp(0.0, 255.0) - f64::from(*given)).abs() < 1.6);
            }
        }
    }
}
