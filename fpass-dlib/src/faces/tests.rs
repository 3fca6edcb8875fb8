//! Refusals before dlib is called. The results of dlib are tested by `fpass-face` with weights and
//! pictures.

#![allow(clippy::indexing_slicing, reason = "tests")]

use std::os::unix::fs::FileExt;

use super::*;

#[test]
fn pictures_whose_bytes_do_not_fit_are_refused() {
    let sides = [(0, 0, 0), (0, 4, 0), (4, 0, 0), (2, 2, 11), (2, 2, 13), (u32::MAX, u32::MAX, 3)];
    for (width, height, bytes) in sides {
        let refused = Image::new(width, height, &vec![0; bytes]).err();
        assert_eq!(refused, Some(DlibError::Image), "{width}×{height}, {bytes} bytes");
    }
    assert!(Image::new(2, 2, &[0; 12]).is_ok());
}

#[test]
fn files_without_a_model_are_refused() {
    let directory = std::env::temp_dir().join(format!("fpass-dlib-{}", std::process::id()));
    std::fs::create_dir(&directory).unwrap();
    let text = directory.join("text.dat");
    std::fs::write(&text, "not weights").unwrap();
    let empty = directory.join("empty.dat");
    std::fs::write(&empty, []).unwrap();
    for path in [&text, &empty, &directory, &directory.join("absent.dat")] {
        let path = path.to_str().unwrap();
        assert_eq!(ShapePredictor::open(path).err(), Some(DlibError::Predictor), "{path}");
        assert_eq!(FaceNetwork::open(path).err(), Some(DlibError::Network), "{path}");
    }
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn the_version_of_dlib_is_supported() {
    assert!([19, 20].contains(&version().0), "{:?}", version());
}

/// Number of occurrences of a pattern in the writable memory of this process. The pattern is given
/// inverted, so the argument does not count.
fn in_memory(inverted: &[u8]) -> usize {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let memory = std::fs::File::open("/proc/self/mem").unwrap();
    let mut buffer = vec![0_u8; 4096 + inverted.len() - 1];
    let mut count = 0;
    for line in maps.lines().filter(|line| line.contains(" rw-p ")) {
        let (start, rest) = line.split_once('-').unwrap();
        let end = rest.split_once(' ').unwrap().0;
        let hexadecimal = |text| u64::from_str_radix(text, 16).unwrap();
        let (mut at, end) = (hexadecimal(start), hexadecimal(end));
        while at < end {
            // Short at the end of the range; empty where the kernel refuses the read.
            let read = memory.read_at(&mut buffer, at).unwrap_or(0);
            let windows = buffer[..read].windows(inverted.len());
            count += windows
                .filter(|window| window.iter().zip(inverted).all(|(byte, other)| *byte == !other))
                .count();
            buffer.fill(0);
            at += 4096;
        }
    }
    count
}

#[test]
fn a_dropped_picture_is_overwritten() {
    const SIDE: u32 = 64;
    let byte = |i: usize| u8::try_from((i * 197 + i / 7 * 31 + 13) % 251).unwrap();
    let inverted: Vec<u8> = (480..528).map(|i| !byte(i)).collect();
    let mut pixels: Vec<u8> = (0..3 * 64 * 64).map(byte).collect();
    let picture = Image::new(SIDE, SIDE, &pixels).unwrap();
    pixels.fill(0);
    std::hint::black_box(&pixels);
    assert!(in_memory(&inverted) > 0);
    drop(picture);
    assert_eq!(in_memory(&inverted), 0);
}
