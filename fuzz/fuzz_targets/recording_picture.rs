//! A PNG or JPEG file of a recording.

#![no_main]

use std::{cell::RefCell, io::Write, time::Duration};

use fpass_camera::fuzzing::{check_picture, decode_picture};
use fpass_fuzz::{Bounds, MIB, bounded};
use libfuzzer_sys::fuzz_target;
use tempfile::NamedTempFile;

thread_local! {
    static FILE: RefCell<NamedTempFile> = RefCell::new(
        tempfile::Builder::new().suffix(".png").tempfile_in("/dev/shm").unwrap(),
    );
}

/// The file, the memory of its decoder, and a copy of the pixels as RGB8.
const BOUNDS: Bounds = Bounds { bytes: (8 + 64 + 7) * MIB, time: Duration::from_millis(50) };

fuzz_target!(|bytes: &[u8]| {
    fpass_fuzz::let_panics_be_caught();
    FILE.with_borrow_mut(|file| {
        std::fs::File::create(file.path()).and_then(|mut file| file.write_all(bytes)).unwrap();
        let checked = bounded(BOUNDS, || check_picture(file.path()));
        match bounded(BOUNDS, || decode_picture(file.path())) {
            Ok((width, height, pixels)) => {
                checked.expect("a picture that can be decoded passes the check");
                let (width, height) = (width as usize, height as usize);
                assert!(width.max(height) <= 1920 && width * height <= 1920 * 1080);
                assert_eq!(pixels.len(), width * height * 3);
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    });
});
