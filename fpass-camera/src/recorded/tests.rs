use std::{fs, path::Path, time::Duration};

use image::{Rgb, RgbImage};
use tempfile::TempDir;

use super::*;
use crate::{ClipError, Source, error::RecordingFault, formats::FormatError};

fn settings(path: &Path) -> RecordingSettings {
    RecordingSettings { path: path.to_owned(), frame_rate: 120 }
}

fn fault(path: &Path) -> RecordingFault {
    match RecordedCamera::open(&settings(path)) {
        Err(CameraError::Recording { fault, .. }) => fault,
        Err(other) => panic!("{other}"),
        Ok(camera) => panic!("{}", camera.description()),
    }
}

fn later() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn pictures(shades: &[u8]) -> TempDir {
    let directory = TempDir::new().unwrap();
    for (number, &shade) in shades.iter().enumerate() {
        let ending = if number % 2 == 0 { "png" } else { "JPG" };
        RgbImage::from_pixel(8, 8, Rgb([shade; 3]))
            .save(directory.path().join(format!("{number:03}.{ending}")))
            .unwrap();
    }
    directory
}

#[test]
fn paths_without_a_recording_are_refused() {
    let directory = TempDir::new().unwrap();
    let path = directory.path();
    assert!(matches!(fault(&path.join("absent")), RecordingFault::Unreadable(_)));
    assert!(matches!(fault(path), RecordingFault::NoPictures));
    fs::write(path.join("notes.txt"), "text").unwrap();
    fs::create_dir(path.join("folder.png")).unwrap();
    assert!(matches!(fault(path), RecordingFault::NoPictures));
    assert!(matches!(fault(&path.join("notes.txt")), RecordingFault::Kind));
    assert!(matches!(fault(Path::new("/dev/null")), RecordingFault::Kind));
    fs::write(path.join("a.y4m"), "text\n").unwrap();
    assert!(matches!(fault(&path.join("a.y4m")), RecordingFault::Clip(ClipError::Magic)));
}

#[test]
fn pictures_that_cannot_be_decoded_are_refused_by_name() {
    let directory = pictures(&[1, 2]);
    let bad = directory.path().join("0000.png");
    let large = vec![0; crate::formats::ENCODED_MAX + 1];
    for bytes in
        [&b"this is text"[..], b"", b"GIF89a\x01\x00\x01\x00", b"\x89PNG\r\n\x1a\n", &large]
    {
        fs::write(&bad, bytes).unwrap();
        let error = RecordedCamera::open(&settings(directory.path())).err().unwrap();
        assert!(error.to_string().contains("0000.png"), "{error}");
    }
    RgbImage::new(1921, 2).save(&bad).unwrap();
    assert!(matches!(
        fault(directory.path()),
        RecordingFault::Picture(FormatError::Size { .. } | FormatError::Decoder(_))
    ));
    let devices = Source::Recorded(settings(directory.path())).list_devices();
    assert!(devices.len() == 1 && !devices[0].usable && devices[0].detail.contains("0000.png"));
}

#[test]
fn a_picture_cut_after_its_header_ends_the_playback() {
    let directory = pictures(&[1]);
    let path = directory.path().join("000.png");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 24]).unwrap();
    let mut camera = RecordedCamera::open(&settings(directory.path())).unwrap();
    assert!(matches!(camera.frame(later()), Err(CameraError::Recording { .. })));
}

#[test]
fn a_frame_rate_outside_the_range_is_refused() {
    let directory = pictures(&[1]);
    for frame_rate in [0, 121, u32::MAX] {
        let settings = RecordingSettings { path: directory.path().to_owned(), frame_rate };
        let Err(CameraError::Recording { fault, .. }) = RecordedCamera::open(&settings) else {
            panic!("{frame_rate} is played")
        };
        assert!(matches!(fault, RecordingFault::FrameRate));
    }
}

#[test]
fn one_repeated_picture_is_frozen() {
    let directory = pictures(&[77]);
    let inner = RecordedCamera::open(&settings(directory.path())).unwrap();
    let mut camera = crate::FreshnessGuard::with_patience(inner, Duration::ZERO);
    assert!(camera.frame(later()).unwrap().is_some());
    assert!(matches!(camera.frame(later()), Err(CameraError::Frozen)));
}

#[test]
fn pictures_are_played_in_order_and_in_a_loop() {
    let shades = [0, 80, 160, 240];
    let directory = pictures(&shades);
    let mut camera = Source::Recorded(settings(directory.path())).open(&[]).unwrap();
    let mut last = None;
    for _ in 0..10 {
        let frame = camera.frame(later()).unwrap().unwrap();
        assert_eq!((frame.width(), frame.height()), (8, 8));
        let wanted = shades[usize::try_from(frame.sequence()).unwrap() % 4];
        assert!(frame.pixels()[0].abs_diff(wanted) < 4, "{frame:?}");
        assert!(last < Some(frame.sequence()));
        last = Some(frame.sequence());
    }
    assert!(last >= Some(9));
}

#[test]
fn a_clip_is_played_and_a_frame_that_is_not_due_is_none() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("clip.y4m");
    let mut bytes = b"YUV4MPEG2 W2 H2 F1:1 Cmono\n".to_vec();
    for shade in [16, 235] {
        bytes.extend_from_slice(b"FRAME\n");
        bytes.extend_from_slice(&[shade; 4]);
    }
    fs::write(&path, bytes).unwrap();
    let mut camera = RecordedCamera::open(&settings(&path)).unwrap();
    assert!(camera.description().contains("2 frames at 1.0000"));
    let first = camera.frame(later()).unwrap().unwrap();
    assert_eq!((first.sequence(), first.pixels()[0]), (0, 0));
    assert!(camera.frame(Instant::now()).unwrap().is_none());
}

#[test]
fn a_frame_is_captured_when_it_is_due_not_when_it_is_decoded() {
    let directory = pictures(&[1, 2]);
    let mut camera = RecordedCamera::open(&settings(directory.path())).unwrap();
    let frame = camera.frame(later()).unwrap().unwrap();
    assert_eq!(frame.captured(), camera.player.clock().due(frame.sequence()));
}

/// A clip of frames of one shade each, which takes the place of the one that is there.
fn replace_clip(path: &Path, rate: u32, shades: &[u8]) {
    let mut bytes = format!("YUV4MPEG2 W2 H2 F{rate}:1 Cmono\n").into_bytes();
    for shade in shades {
        bytes.extend_from_slice(b"FRAME\n");
        bytes.extend_from_slice(&[*shade; 4]);
    }
    let part = path.with_extension("part");
    fs::write(&part, bytes).unwrap();
    fs::rename(part, path).unwrap();
}

#[test]
fn a_clip_that_is_replaced_goes_on_with_the_first_frame_of_the_new_one() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("clip.y4m");
    replace_clip(&path, 60, &[16, 16, 16]);
    let mut camera = RecordedCamera::open(&settings(&path)).unwrap();
    let before = camera.frame(later()).unwrap().unwrap();
    replace_clip(&path, 60, &[126, 235]);
    // Frames that were decoded ahead are still of the old clip.
    let mut shown = Vec::new();
    let mut last = before.sequence();
    while shown.len() < 6 {
        let frame = camera.frame(later()).unwrap().unwrap();
        assert!(frame.sequence() > last);
        last = frame.sequence();
        shown.push(frame.pixels()[0]);
    }
    assert!(shown.contains(&255) || shown.iter().any(|shade| (120..140).contains(shade)));
    assert!(shown.iter().skip_while(|shade| **shade == 0).all(|shade| *shade > 0), "{shown:?}");

    replace_clip(&path, 30, &[16]);
    let faulty = (0..6).find_map(|_| camera.frame(later()).err());
    let Some(CameraError::Recording { fault, .. }) = faulty else { panic!("{faulty:?}") };
    assert!(matches!(fault, RecordingFault::FrameRate));
}

#[test]
fn a_clip_that_is_replaced_by_something_else_ends_the_playback_and_one_that_is_gone_does_not() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("clip.y4m");
    replace_clip(&path, 60, &[16, 17]);
    let mut camera = RecordedCamera::open(&settings(&path)).unwrap();
    assert!(camera.frame(later()).unwrap().is_some());
    fs::remove_file(&path).unwrap();
    for _ in 0..4 {
        assert!(camera.frame(later()).unwrap().is_some());
    }
    fs::write(&path, "text\n").unwrap();
    assert!((0..6).any(|_| camera.frame(later()).is_err()));
}
