//! A compressed frame, decoded with the size in its own header, so that the bytes reach the
//! decoder.

#![no_main]

use std::time::Duration;

use fpass_camera::formats::{self, FormatError};
use fpass_fuzz::{Bounds, MIB, bounded};
use libfuzzer_sys::fuzz_target;

/// The pixels and the memory of the decoder.
const BOUNDS: Bounds = Bounds { bytes: 7 * MIB + 64 * MIB, time: Duration::from_millis(50) };

fuzz_target!(|bytes: &[u8]| {
    fpass_fuzz::let_panics_be_caught();
    let (width, height) = size(bytes).unwrap_or((32, 16));
    match bounded(BOUNDS, || formats::mjpeg(bytes, width, height)) {
        Ok(pixels) => {
            let (width, height) = (width as usize, height as usize);
            assert!(width.max(height) <= 1920 && width * height <= 1920 * 1080);
            assert_eq!(pixels.len(), width * height * 3);
        }
        Err(FormatError::Length { .. }) => panic!("the buffer has the length of the picture"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});

/// Width and height in the first frame header.
fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut rest = bytes.get(2..)?;
    loop {
        let &[0xff, marker, high, low] = rest.first_chunk()? else {
            return None;
        };
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            let &[h0, h1, w0, w1] = rest.get(5..)?.first_chunk()?;
            let side = |high, low| u32::from(u16::from_be_bytes([high, low]));
            return Some((side(w0, w1), side(h0, h1)));
        }
        rest = rest.get(2 + usize::from(u16::from_be_bytes([high, low]))..)?;
    }
}
