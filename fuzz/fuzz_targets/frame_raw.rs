//! A raw frame in any format: number of the format, width, height and row length as a driver gives
//! them, then the bytes.

#![no_main]

use std::time::Duration;

use fpass_camera::formats::{FormatError, Layout, PixelFormat};
use fpass_fuzz::{Bounds, MIB, bounded};
use libfuzzer_sys::fuzz_target;

const BOUNDS: Bounds = Bounds { bytes: 7 * MIB, time: Duration::from_millis(50) };

fuzz_target!(|bytes: &[u8]| {
    let Some((&[number, w0, w1, h0, h1, s0, s1, s2, s3], bytes)) = bytes.split_first_chunk() else {
        return;
    };
    let mut raw =
        PixelFormat::ALL.into_iter().filter(|format| *format != PixelFormat::Mjpeg).cycle();
    let Some(format) = raw.nth(usize::from(number)) else {
        return;
    };
    let width = u32::from(u16::from_le_bytes([w0, w1]));
    let height = u32::from(u16::from_le_bytes([h0, h1]));
    // A row length of 0 selects the shortest valid one, so that any size is decoded.
    let stride = match u32::from_le_bytes([s0, s1, s2, s3]) {
        0 => width as usize * unit(format),
        stride => stride as usize,
    };
    let layout = Layout { format, width, height, stride };
    let outcome = bounded(BOUNDS, || {
        let needed = layout.frame_length()?;
        if bytes.len() < needed {
            return Err(FormatError::Length { given: bytes.len(), needed });
        }
        let mut pixels = vec![9; width as usize * height as usize * 3];
        layout.decode_into(bytes, &mut pixels).map(|()| pixels)
    });
    match outcome {
        Ok(pixels) => {
            assert!(width > 0 && height > 0 && width.max(height) <= 1920);
            assert!(width * height <= 1920 * 1080);
            compare(&layout, bytes, &pixels);
        }
        Err(FormatError::Size { .. } | FormatError::Length { .. }) => {
            let refused = layout.decode_into(bytes, &mut [0; 3]);
            assert!(refused.is_err());
        }
        Err(error) => panic!("{error}"),
    }
});

/// Bytes of a pixel in the first plane.
fn unit(format: PixelFormat) -> usize {
    match format {
        PixelFormat::Grey | PixelFormat::Nv12 => 1,
        PixelFormat::Rgb24 | PixelFormat::Bgr24 => 3,
        _ => 2,
    }
}

/// Compares each pixel with its bytes, found by their position in the frame.
fn compare(layout: &Layout, bytes: &[u8], pixels: &[u8]) {
    let &Layout { format, width, height, stride } = layout;
    for (place, pixel) in pixels.chunks_exact(3).enumerate() {
        let (x, y) = (place % width as usize, place / width as usize);
        let at = y * stride + x * unit(format);
        let word = || u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        match format {
            PixelFormat::Grey => assert_eq!(pixel, [bytes[at]; 3]),
            PixelFormat::Y10 => assert_eq!(pixel, [(word() / 4).min(255) as u8; 3]),
            PixelFormat::Y16 => assert_eq!(pixel, [(word() / 256) as u8; 3]),
            PixelFormat::Rgb24 => assert_eq!(pixel, &bytes[at..at + 3]),
            PixelFormat::Bgr24 => assert_eq!(pixel, [bytes[at + 2], bytes[at + 1], bytes[at]]),
            PixelFormat::Yuyv => {
                let pair = y * stride + x / 2 * 4;
                near(pixel, bytes[at], bytes[pair + 1], bytes[pair + 3]);
            }
            PixelFormat::Nv12 => {
                let pair = (height as usize + y / 2) * stride + x / 2 * 2;
                near(pixel, bytes[at], bytes[pair], bytes[pair + 1]);
            }
            PixelFormat::Mjpeg => panic!("no raw format"),
        }
    }
}

/// The equations of BT.601 with real numbers.
fn near(pixel: &[u8], luma: u8, cb: u8, cr: u8) {
    let y = (f64::from(luma) - 16.0) * 255.0 / 219.0;
    let b = (f64::from(cb) - 128.0) * 255.0 / 224.0;
    let r = (f64::from(cr) - 128.0) * 255.0 / 224.0;
    let green = (0.114 * 1.772 * b + 0.299 * 1.402 * r) / 0.587;
    for (exact, given) in [y + 1.402 * r, y - green, y + 1.772 * b].iter().zip(pixel) {
        assert!((exact.clamp(0.0, 255.0) - f64::from(*given)).abs() < 1.6);
    }
}
