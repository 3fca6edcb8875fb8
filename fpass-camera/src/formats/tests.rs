use image::{ExtendedColorType, ImageEncoder, codecs::jpeg::JpegEncoder};
use proptest::prelude::*;

use super::*;

fn jpeg(width: u32, height: u32, colour: [u8; 3]) -> Vec<u8> {
    let pixels: Vec<u8> = colour.repeat(area(width, height).unwrap());
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 95)
        .write_image(&pixels, width, height, ExtendedColorType::Rgb8)
        .unwrap();
    bytes
}

/// Removes every segment with `marker` before the scan.
fn without_segments(jpeg: &[u8], marker: u8) -> Vec<u8> {
    let mut kept = jpeg[..2].to_vec();
    let mut at = 2;
    while jpeg[at + 1] != 0xda {
        let end = at + 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        if jpeg[at + 1] != marker {
            kept.extend_from_slice(&jpeg[at..end]);
        }
        at = end;
    }
    kept.extend_from_slice(&jpeg[at..]);
    kept
}

#[test]
fn sizes_outside_the_limits_are_refused() {
    for (width, height) in [(0, 1), (1, 0), (1921, 1), (1, 1921), (1920, 1081), (u32::MAX, 2)] {
        assert!(matches!(area(width, height), Err(FormatError::Size { .. })));
        assert!(yuyv(&[], width, height, 4).is_err());
        assert!(mjpeg(&[], width, height).is_err());
    }
    assert_eq!(area(1080, 1920).unwrap(), 1920 * 1080);
}

#[test]
fn yuyv_of_a_wrong_length_is_refused() {
    let frame = vec![128; 640 * 480 * 2];
    assert!(yuyv(&frame, 640, 480, 1280).is_ok());
    for (length, stride) in [(frame.len() - 1, 1280), (0, 1280), (frame.len(), 1284)] {
        assert!(
            matches!(yuyv(&frame[..length], 640, 480, stride), Err(FormatError::Length { .. })),
            "{length} bytes, rows of {stride}"
        );
    }
    assert!(matches!(yuyv(&frame, 640, 480, 1279), Err(FormatError::Length { .. })));
    assert!(matches!(yuyv(&frame, 640, 480, usize::MAX), Err(FormatError::Length { .. })));
    assert!(matches!(yuyv(&frame, 639, 480, 1280), Err(FormatError::Size { .. })));
}

#[test]
fn yuyv_skips_row_padding_and_keeps_the_order_of_pixels() {
    // Two rows: black, white; reference red, reference blue of BT.601.
    let bytes = [
        16, 128, 235, 128, 1, 2, //
        81, 90, 81, 240, 3, 4, //
    ];
    let pixels = yuyv(&bytes, 2, 2, 6).unwrap();
    assert_eq!(pixels[..6], [0, 0, 0, 255, 255, 255]);
    assert!(pixels[6] > 250 && pixels[7] < 5 && pixels[8] < 5, "{pixels:?}");
    assert_eq!(pixels[6..9], pixels[9..12]);
}

#[test]
fn a_buffer_of_another_length_is_refused() {
    let raw = [128; 4 * 2 * 2];
    let encoded = jpeg(4, 2, [1, 2, 3]);
    for length in [0, 23, 25] {
        let mut place = vec![9; length];
        let refused = yuyv_into(&raw, 4, 2, 8, &mut place);
        assert!(matches!(refused, Err(FormatError::Length { .. })), "{length}");
        let refused = mjpeg_into(&encoded, 4, 2, &mut place);
        assert!(matches!(refused, Err(FormatError::Length { .. })), "{length}");
        assert_eq!(place, vec![9; length]);
    }
}

#[test]
fn yuyv_rows_with_a_partial_block_are_decoded_to_their_end() {
    for width in [2, 30, 32, 34, 62, 64, 66, 98] {
        let pairs = usize::try_from(width).unwrap() / 2;
        let mut row = [235, 128, 16, 128].repeat(pairs);
        // Padding that would be red or blue as pixels.
        row.extend_from_slice(&[81, 90, 240, 81, 240]);
        let pixels = yuyv(&row.repeat(3), width, 3, row.len()).unwrap();
        assert_eq!(pixels, [255, 255, 255, 0, 0, 0].repeat(pairs * 3), "{width}");
    }
}

#[test]
fn mjpeg_of_another_size_or_kind_is_refused() {
    let bytes = jpeg(32, 16, [10, 200, 30]);
    assert!(matches!(mjpeg(&bytes, 16, 32), Err(FormatError::WrongSize)));
    assert!(matches!(mjpeg(&[], 32, 16), Err(FormatError::Decoder(_))));
    assert!(matches!(mjpeg(&bytes[..40], 32, 16), Err(FormatError::Decoder(_))));
    assert!(matches!(mjpeg(b"\x89PNG\r\n\x1a\n", 32, 16), Err(FormatError::Decoder(_))));
    assert!(matches!(mjpeg(&vec![0; ENCODED_MAX + 1], 32, 16), Err(FormatError::TooLarge)));
}

/// Offset of the frame header of a JPEG picture.
fn frame_header(jpeg: &[u8]) -> usize {
    jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap()
}

#[test]
fn mjpeg_with_too_many_scans_is_refused() {
    let bytes = jpeg(32, 16, [10, 200, 30]);
    let mut progressive = bytes.clone();
    progressive[frame_header(&bytes) + 1] = 0xc2;
    assert!(matches!(mjpeg(&progressive, 32, 16), Err(FormatError::TooManyScans)));
    let scan = bytes.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
    let header = usize::from(u16::from_be_bytes([bytes[scan + 2], bytes[scan + 3]])) + 2;
    let mut repeated = bytes[..bytes.len() - 2].to_vec();
    for _ in 0..3 {
        repeated.extend_from_slice(&bytes[scan..scan + header]);
    }
    assert!(matches!(mjpeg(&repeated, 32, 16), Err(FormatError::TooManyScans)));
}

#[test]
fn a_header_with_the_largest_possible_size_is_refused() {
    let mut bytes = jpeg(32, 16, [10, 200, 30]);
    let sides = frame_header(&bytes) + 5;
    bytes[sides..sides + 4].fill(0xff);
    assert!(matches!(
        mjpeg(&bytes, 1920, 1080),
        Err(FormatError::Decoder(_) | FormatError::WrongSize)
    ));
}

#[test]
fn mjpeg_is_decoded_with_and_without_huffman_tables_and_with_trailing_bytes() {
    let mut bytes = jpeg(32, 16, [10, 200, 30]);
    bytes.extend_from_slice(&[0; 512]);
    let whole = mjpeg(&bytes, 32, 16).unwrap();
    assert_eq!(whole.len(), 32 * 16 * 3);
    for (given, wanted) in whole[..3].iter().zip([10, 200, 30]) {
        assert!(given.abs_diff(wanted) < 6, "{:?}", &whole[..3]);
    }
    let bare = without_segments(&bytes, 0xc4);
    assert!(bare.len() < bytes.len());
    // Whatever the picture says of its origin.
    for name in [&b"JFIF\0"[..], b"AVI1\0", b"ABCD\0", b""] {
        let mut marked = without_segments(&bare, 0xe0);
        let length = u16::try_from(name.len() + 2 + 9).unwrap().to_be_bytes();
        let mark = [&[0xff, 0xe0][..], &length, name, &[0; 9]].concat();
        marked.splice(2..2, mark);
        assert_eq!(mjpeg(&marked, 32, 16).unwrap(), whole, "{name:?}");
    }
    assert_eq!(mjpeg(&without_segments(&bare, 0xe0), 32, 16).unwrap(), whole);
}

#[test]
fn mjpeg_after_empty_pictures_is_decoded() {
    let bytes = jpeg(32, 16, [10, 200, 30]);
    let whole = mjpeg(&bytes, 32, 16).unwrap();
    for before in
        [&[0xff, 0xd8][..], &[0xff, 0xd8, 0xff, 0xd9], &[0xff, 0xd8, 0xff, 0xd9].repeat(3)]
    {
        let given = [before, &bytes].concat();
        assert_eq!(mjpeg(&given, 32, 16).unwrap(), whole, "{before:?}");
        assert_eq!(
            mjpeg(&[before, &without_segments(&bytes, 0xc4)].concat(), 32, 16).unwrap(),
            whole
        );
    }
    // The limit on scans counts in the picture that is decoded.
    let mut progressive = [&[0xff, 0xd8, 0xff, 0xd9][..], &bytes].concat();
    progressive[frame_header(&bytes) + 5] = 0xc2;
    assert!(matches!(mjpeg(&progressive, 32, 16), Err(FormatError::TooManyScans)));
}

#[test]
fn mjpeg_without_its_end_shows_what_there_is() {
    let bytes = jpeg(32, 16, [10, 200, 30]);
    let whole = mjpeg(&bytes, 32, 16).unwrap();
    assert_eq!(mjpeg(&bytes[..bytes.len() - 2], 32, 16).unwrap(), whole);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn garbage_behind_a_jpeg_header_never_panics(
        cut in 2usize..600,
        garbage in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let mut bytes = jpeg(32, 16, [10, 200, 30]);
        bytes.truncate(cut);
        bytes.extend_from_slice(&garbage);
        if let Ok(pixels) = mjpeg(&bytes, 32, 16) {
            prop_assert_eq!(pixels.len(), 32 * 16 * 3);
        }
    }

    #[test]
    fn damaged_jpeg_never_panics(
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut bytes = jpeg(32, 16, [90, 20, 130]);
        for (place, value) in flips {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Ok(pixels) = mjpeg(&bytes, 32, 16) {
            prop_assert_eq!(pixels.len(), 32 * 16 * 3);
        }
    }

    #[test]
    fn yuyv_gives_all_pixels_or_an_error(
        width in 0u32..40, height in 0u32..40, stride in 0usize..100,
        bytes in proptest::collection::vec(any::<u8>(), 0..4000),
    ) {
        if let Ok(pixels) = yuyv(&bytes, width, height, stride) {
            prop_assert_eq!(pixels.len(), (width * height * 3) as usize);
        }
    }
}
