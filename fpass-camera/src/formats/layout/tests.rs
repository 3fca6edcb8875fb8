use proptest::prelude::*;

use super::*;

const RAW: [PixelFormat; 7] = [
    PixelFormat::Yuyv,
    PixelFormat::Nv12,
    PixelFormat::Rgb24,
    PixelFormat::Bgr24,
    PixelFormat::Grey,
    PixelFormat::Y10,
    PixelFormat::Y16,
];

fn layout(format: PixelFormat, width: u32, height: u32, padding: usize) -> Layout {
    let row = format.row(usize::try_from(width).unwrap()).unwrap_or(0);
    Layout { format, width, height, stride: row + padding }
}

fn decoded(layout: &Layout, bytes: &[u8]) -> Result<Vec<u8>, FormatError> {
    let mut pixels = vec![9; length(layout.width, layout.height)?];
    layout.decode_into(bytes, &mut pixels).map(|()| pixels)
}

/// Rows, each followed by `padding` bytes that would be visible as pixels.
fn padded(rows: &[&[u8]], padding: usize) -> Vec<u8> {
    rows.iter().flat_map(|row| [row, &[0x5a; 64][..padding]].concat()).collect()
}

#[test]
fn a_truncated_frame_is_refused_in_every_format() {
    for format in RAW {
        for padding in [0, 6] {
            let layout = layout(format, 34, 4, padding);
            let needed = layout.frame_length().unwrap();
            let bytes = vec![100; needed];
            assert!(decoded(&layout, &bytes).is_ok(), "{format:?}");
            for length in [0, 1, layout.stride, needed - padding - 1, needed - 1] {
                let refused = decoded(&layout, &bytes[..length]);
                assert!(
                    matches!(refused, Err(FormatError::Length { given, needed: n })
                        if given == length && n == needed),
                    "{format:?} {length}"
                );
            }
        }
    }
}

#[test]
fn a_row_that_is_shorter_than_its_pixels_is_refused_in_every_format() {
    for format in RAW {
        let mut layout = layout(format, 34, 4, 0);
        let needed = layout.stride;
        for stride in [0, 1, needed - 1] {
            layout.stride = stride;
            let refused = decoded(&layout, &[100; 34 * 4 * 3]);
            assert!(
                matches!(refused, Err(FormatError::Length { given, needed: n })
                    if given == stride && n == needed),
                "{format:?} {stride}"
            );
        }
        layout.stride = usize::MAX;
        assert!(matches!(decoded(&layout, &[100; 4096]), Err(FormatError::Length { .. })));
    }
}

#[test]
fn sizes_that_a_format_cannot_have_are_refused() {
    for (format, width, height) in [
        (PixelFormat::Yuyv, 33, 4),
        (PixelFormat::Nv12, 33, 4),
        (PixelFormat::Nv12, 34, 3),
        (PixelFormat::Grey, 0, 4),
        (PixelFormat::Y16, 4, 0),
        (PixelFormat::Rgb24, 1921, 1),
        (PixelFormat::Mjpeg, 1920, 1081),
    ] {
        let layout = layout(format, width, height, 0);
        assert!(matches!(layout.frame_length(), Err(FormatError::Size { .. })), "{layout:?}");
        let refused = layout.decode_into(&[100; 4096], &mut [0; 3]);
        assert!(refused.is_err(), "{layout:?}");
    }
}

#[test]
fn a_buffer_of_another_length_is_refused_in_every_format() {
    for format in RAW {
        let layout = layout(format, 4, 2, 0);
        let bytes = vec![100; layout.frame_length().unwrap()];
        for length in [0, 23, 25] {
            let mut place = vec![9; length];
            let refused = layout.decode_into(&bytes, &mut place);
            assert!(matches!(refused, Err(FormatError::Length { .. })), "{format:?} {length}");
            assert_eq!(place, vec![9; length]);
        }
    }
}

#[test]
fn nv12_uses_each_chroma_sample_for_four_pixels_and_skips_padding() {
    // Red and blue above two white rows: four rows of luma, then chroma, neutral in the lower half.
    let luma: [&[u8]; 4] = [&[81, 81, 41, 41], &[81, 81, 41, 41], &[235; 4], &[235; 4]];
    let chroma: [&[u8]; 2] = [&[90, 240, 240, 110], &[128; 4]];
    for padding in [0, 5] {
        let bytes = padded(&[&luma[..], &chroma].concat(), padding);
        let pixels = decoded(&layout(PixelFormat::Nv12, 4, 4, padding), &bytes).unwrap();
        let red = [255, 0, 0];
        let blue = [0, 0, 255];
        let wanted = [red, red, blue, blue].concat().repeat(2);
        let (colour, white) = pixels.split_at(wanted.len());
        for (given, wanted) in colour.iter().zip(&wanted) {
            assert!(given.abs_diff(*wanted) < 6, "{pixels:?}");
        }
        assert_eq!(white, [255; 24]);
    }
}

#[test]
fn nv12_and_yuyv_give_the_same_pixels_for_the_same_picture() {
    let (width, rows) = (66_usize, 2_usize);
    let luma = |x: usize, y: usize| u8::try_from(16 + (x * 3 + y * 7) % 219).unwrap();
    let cb = |x: usize| u8::try_from(40 + x / 2 * 2 % 170).unwrap();
    let cr = |x: usize| u8::try_from(210 - x / 2 * 2 % 170).unwrap();
    let mut packed = Vec::new();
    let mut planes = Vec::new();
    for y in 0..rows {
        for x in 0..width {
            packed.extend([luma(x, y), if x % 2 == 0 { cb(x) } else { cr(x) }]);
            planes.push(luma(x, y));
        }
    }
    planes.extend((0..width).map(|x| if x % 2 == 0 { cb(x) } else { cr(x) }));
    let packed = decoded(&layout(PixelFormat::Yuyv, 66, 2, 0), &packed).unwrap();
    let planes = decoded(&layout(PixelFormat::Nv12, 66, 2, 0), &planes).unwrap();
    assert_eq!(packed, planes);
}

#[test]
fn the_order_of_colours_is_that_of_the_format() {
    for (format, wanted) in
        [(PixelFormat::Rgb24, [1, 2, 3, 4, 5, 6]), (PixelFormat::Bgr24, [3, 2, 1, 6, 5, 4])]
    {
        for padding in [0, 1, 5] {
            let bytes = padded(&[&[1, 2, 3, 4, 5, 6][..]; 3], padding);
            let pixels = decoded(&layout(format, 2, 3, padding), &bytes).unwrap();
            assert_eq!(pixels, wanted.repeat(3), "{format:?} {padding}");
        }
    }
}

#[test]
fn grey_is_the_same_in_all_colours() {
    for padding in [0, 3] {
        let bytes = padded(&[&[0, 100, 255], &[7, 8, 9]], padding);
        let pixels = decoded(&layout(PixelFormat::Grey, 3, 2, padding), &bytes).unwrap();
        assert_eq!(pixels, [0, 100, 255, 7, 8, 9].map(|shade| [shade; 3]).concat());
    }
}

#[test]
fn of_wide_greys_the_upper_eight_bits_are_used() {
    let words: [u16; 6] = [0, 3, 4, 512, 1023, 0xffff];
    let bytes = words.map(u16::to_le_bytes).concat();
    for (format, wanted) in
        [(PixelFormat::Y10, [0, 0, 1, 128, 255, 255]), (PixelFormat::Y16, [0, 0, 0, 2, 3, 255])]
    {
        for padding in [0, 1, 4] {
            let bytes = padded(&[&bytes[..]; 2], padding);
            let pixels = decoded(&layout(format, 6, 2, padding), &bytes).unwrap();
            assert_eq!(pixels, wanted.map(|shade| [shade; 3]).concat().repeat(2), "{format:?}");
        }
    }
}

#[test]
fn a_compressed_frame_needs_no_row_length_and_at_least_a_byte() {
    let layout = Layout { format: PixelFormat::Mjpeg, width: 32, height: 16, stride: 0 };
    assert_eq!(layout.frame_length().unwrap(), 1);
    assert!(matches!(decoded(&layout, &[]), Err(FormatError::Length { given: 0, needed: 1 })));
    assert!(matches!(decoded(&layout, &[0xff; 9]), Err(FormatError::Decoder(_))));
}

proptest! {
    #[test]
    fn every_frame_gives_all_pixels_or_an_error(
        format in proptest::sample::select(PixelFormat::ALL.to_vec()),
        width in 0u32..40, height in 0u32..40, stride in 0usize..150,
        bytes in proptest::collection::vec(any::<u8>(), 0..4000),
    ) {
        let layout = Layout { format, width, height, stride };
        if let Ok(pixels) = decoded(&layout, &bytes) {
            prop_assert_eq!(pixels.len(), (width * height * 3) as usize);
            prop_assert!(layout.frame_length().unwrap() <= bytes.len());
        }
    }
}
