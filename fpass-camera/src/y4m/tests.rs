use std::io::Cursor;

use proptest::prelude::*;

use super::*;

fn clip(header: &str, frames: &[&[u8]]) -> Vec<u8> {
    let mut bytes = header.as_bytes().to_vec();
    bytes.push(b'\n');
    for frame in frames {
        bytes.extend_from_slice(b"FRAME\n");
        bytes.extend_from_slice(frame);
    }
    bytes
}

fn open(bytes: Vec<u8>) -> Result<Clip<Cursor<Vec<u8>>>, ClipError> {
    Clip::open(Cursor::new(bytes))
}

fn pixels(clip: &mut Clip<Cursor<Vec<u8>>>, index: usize) -> Result<Vec<u8>, ClipError> {
    let (width, height) = clip.size();
    let mut pixels = vec![0; formats::length(width, height)?];
    clip.read_into(index, &mut pixels).map(|()| pixels)
}

#[test]
fn a_file_without_the_magic_is_refused() {
    for bytes in ["", "RIFF", "\n", "YUV4MPEG W2 H2 F30:1\n", "yuv4mpeg2 W2 H2 F30:1\n"] {
        let error = open(bytes.into()).err();
        assert!(matches!(error, Some(ClipError::Magic | ClipError::Line)), "{bytes:?} {error:?}");
    }
    let endless = format!("YUV4MPEG2 {}", "X".repeat(1 << 20));
    assert!(matches!(open(endless.into()), Err(ClipError::Line)));
}

#[test]
fn malformed_headers_are_refused() {
    let frame = [128; 6];
    for (header, parameter) in [
        ("YUV4MPEG2 H2 F30:1", 'W'),
        ("YUV4MPEG2 W2 F30:1", 'H'),
        ("YUV4MPEG2 W2 H2", 'F'),
        ("YUV4MPEG2 W-2 H2 F30:1", 'W'),
        ("YUV4MPEG2 W2 H99999999999 F30:1", 'H'),
        ("YUV4MPEG2 W2 H2 F30", 'F'),
        ("YUV4MPEG2 W2 H2 F1e3:1", 'F'),
    ] {
        let error = open(clip(header, &[&frame])).err();
        assert!(
            matches!(error, Some(ClipError::Parameter(given)) if given == parameter),
            "{header}: {error:?}"
        );
    }
    for rate in ["0:1", "30:0", "121:1", "1:2", "4294967295:1"] {
        let bytes = clip(&format!("YUV4MPEG2 W2 H2 F{rate}"), &[&frame]);
        assert!(matches!(open(bytes), Err(ClipError::FrameRate)), "{rate}");
    }
    for size in ["W0 H2", "W2 H0", "W1921 H2", "W1920 H1081", "W65535 H65535"] {
        let bytes = clip(&format!("YUV4MPEG2 {size} F30:1"), &[&frame]);
        assert!(matches!(open(bytes), Err(ClipError::Size(_))), "{size}");
    }
    for colour in ["C420p10", "C444alpha", "C411", "C", "It", "Ib C420"] {
        let bytes = clip(&format!("YUV4MPEG2 W2 H2 F30:1 {colour}"), &[&frame]);
        assert!(matches!(open(bytes), Err(ClipError::Colour)), "{colour}");
    }
}

#[test]
fn missing_cut_and_misplaced_frames_are_refused() {
    let header = "YUV4MPEG2 W2 H2 F30:1";
    assert!(matches!(open(clip(header, &[])), Err(ClipError::Empty)));
    let whole = clip(header, &[&[128; 6], &[128; 6]]);
    for cut in 1..6 {
        let bytes = whole[..whole.len() - cut].to_vec();
        assert!(matches!(open(bytes), Err(ClipError::Truncated(1))), "{cut} bytes short");
    }
    assert!(matches!(open(whole[..whole.len() - 7].to_vec()), Err(ClipError::Line)));
    assert!(matches!(open(clip(header, &[&[128; 7]])), Err(ClipError::Line)));
    let mut misplaced = clip(header, &[&[128; 6]]);
    misplaced.extend_from_slice(b"FRAMES\n");
    assert!(matches!(open(misplaced), Err(ClipError::Frame(1))));
}

#[test]
fn each_sampling_is_decoded() {
    // A red row above a blue row, or their mean in formats whose rows share chroma.
    for (colour, frame, wanted) in [
        ("C420jpeg", &[16, 235, 16, 235, 128, 128][..], [[0; 3], [255; 3], [0; 3], [255; 3]]),
        (
            "C422 XCOLORRANGE=FULL",
            &[0, 255, 9, 7, 128, 128, 128, 128],
            [[0; 3], [255; 3], [9; 3], [7; 3]],
        ),
        ("Cmono", &[16, 235, 235, 16], [[0; 3], [255; 3], [255; 3], [0; 3]]),
        (
            "C444 XCOLORRANGE=FULL",
            &[76, 29, 0, 255, 85, 255, 128, 128, 255, 107, 128, 128],
            [[254, 0, 0], [0, 0, 254], [0; 3], [255; 3]],
        ),
    ] {
        let mut clip =
            open(clip(&format!("YUV4MPEG2 W2 H2 F30000:1001 Ip {colour}"), &[frame])).unwrap();
        assert_eq!((clip.len(), clip.size(), clip.rate()), (1, (2, 2), (30_000, 1001)));
        let pixels = pixels(&mut clip, 0).unwrap();
        assert_eq!(pixels.as_chunks::<3>().0, wanted, "{colour}");
    }
}

#[test]
fn odd_sides_and_any_frame_can_be_read() {
    let [first, second] = [[16; 9 + 8], [235; 9 + 8]];
    let mut clip = open(clip("YUV4MPEG2 W3 H3 F25:1 C420", &[&first, &second])).unwrap();
    assert_eq!(pixels(&mut clip, 1).unwrap().len(), 27);
    assert_ne!(pixels(&mut clip, 1).unwrap(), pixels(&mut clip, 0).unwrap());
    assert!(matches!(pixels(&mut clip, 2), Err(ClipError::Truncated(2))));
}

#[test]
fn rows_with_a_partial_block_keep_their_colours() {
    for (width, colour, chroma_width) in
        [(67, "C420", 34), (67, "C422", 34), (67, "C444", 67), (32, "C422", 16), (66, "C420", 33)]
    {
        // Grey except for the last chroma sample of each row.
        let mut plane = vec![128; chroma_width - 1];
        plane.push(255);
        let mut frame = vec![90; width * 2];
        let rows = if colour == "C420" { 1 } else { 2 };
        frame.extend(plane.repeat(rows));
        frame.extend(vec![128; chroma_width * rows]);
        let header = format!("YUV4MPEG2 W{width} H2 F25:1 {colour} XCOLORRANGE=FULL");
        let shown = pixels(&mut open(clip(&header, &[&frame])).unwrap(), 0).unwrap();
        let coloured = if colour == "C444" || width % 2 == 1 { 1 } else { 2 };
        for row in shown.chunks_exact(width * CHANNELS) {
            let (grey, blue) = row.split_at((width - coloured) * CHANNELS);
            assert!(grey.iter().all(|&value| value == 90), "{width} {colour}");
            assert_eq!(blue, [90, 46, 255].repeat(coloured), "{width} {colour}");
        }
    }
}

proptest! {
    #[test]
    fn a_damaged_clip_never_panics(
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = clip("YUV4MPEG2 W4 H2 F30:1 Ip C422", &[&[90; 16], &[30; 16]]);
        for (place, value) in flips {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        bytes.truncate(cut.index(bytes.len() + 1));
        if let Ok(mut clip) = open(bytes) {
            let (width, height) = clip.size();
            for index in 0..clip.len() {
                prop_assert_eq!(pixels(&mut clip, index).unwrap().len(), (width * height * 3) as usize);
            }
        }
    }
}
