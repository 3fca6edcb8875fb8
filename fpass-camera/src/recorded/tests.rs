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
