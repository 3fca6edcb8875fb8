//! A `.y4m` clip.

#![no_main]

use std::time::Duration;

use fpass_camera::fuzzing::ClipReader;
use fpass_fuzz::{Bounds, MIB, bounded};
use libfuzzer_sys::fuzz_target;

const TIME: Duration = Duration::from_millis(50);

fuzz_target!(|bytes: &[u8]| {
    let opening = Bounds { bytes: MIB + 2 * bytes.len(), time: TIME };
    let opened = bounded(opening, || ClipReader::open(bytes));
    let mut clip = match opened {
        Ok(clip) => clip,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let (width, height) = clip.size();
    let (over, under) = clip.rate();
    assert!(width > 0 && height > 0 && width.max(height) <= 1920 && width * height <= 1920 * 1080);
    assert!(under > 0 && over >= under && u64::from(over) <= 120 * u64::from(under));
    assert!((1..=90_000).contains(&clip.frames()) && clip.frames() <= bytes.len());
    let mut pixels = vec![0; width as usize * height as usize * 3];
    let reading = Bounds { bytes: MIB, time: TIME };
    for index in [0, clip.frames() - 1] {
        let read = bounded(reading, || clip.read_into(index, &mut pixels));
        read.expect("a frame that was found can be read");
    }
    assert!(clip.read_into(clip.frames(), &mut pixels).is_err());
    pixels.pop();
    assert!(clip.read_into(0, &mut pixels).is_err());
});
