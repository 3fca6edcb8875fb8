//! A picture from a file, bounded.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use fpass_face::geometry::SIDE_MAX;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};

use super::outcome::Failure;

/// Largest picture file in bytes.
const ENCODED_MAX: u64 = 32 * 1024 * 1024;
/// Most memory in bytes that a decoder may take: four bytes for each of the most pixels.
const ALLOCATION_MAX: u64 = 4 * (SIDE_MAX as u64) * (SIDE_MAX as u64);

/// The bytes of a picture file.
///
/// # Errors
/// [`Failure::Unreadable`], and [`Failure::Size`] for one that is too large.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|_| Failure::Unreadable)?;
    file.take(ENCODED_MAX + 1).read_to_end(&mut bytes).map_err(|_| Failure::Unreadable)?;
    let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= ENCODED_MAX);
    fits.then_some(bytes).ok_or(Failure::Size)
}

/// The pixels of a JPEG or PNG picture. Transparency is dropped.
///
/// # Errors
/// [`Failure::NoPicture`], and [`Failure::Size`] when a side is longer than 4096 pixels.
pub(crate) fn decode(bytes: &[u8]) -> Result<RgbImage, Failure> {
    let no_picture = |_| Failure::NoPicture;
    let mut reader = ImageReader::new(Cursor::new(bytes));
    match image::guess_format(bytes) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) => reader.set_format(format),
        _ => return Err(Failure::NoPicture),
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(ALLOCATION_MAX);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(no_picture)?;
    let (width, height) = decoder.dimensions();
    if width > SIDE_MAX || height > SIDE_MAX {
        return Err(Failure::Size);
    }
    Ok(DynamicImage::from_decoder(decoder).map_err(no_picture)?.into_rgb8())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let picture = RgbImage::from_fn(width, height, |x, _| image::Rgb([x.to_le_bytes()[0]; 3]));
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        bytes
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        for bytes in [&b""[..], b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", &[0; 999]] {
            assert_eq!(decode(bytes), Err(Failure::NoPicture));
        }
        assert_eq!(read(Path::new("/nonexistent.jpg")), Err(Failure::Unreadable));
        assert_eq!(read(Path::new("/")), Err(Failure::Unreadable));
    }

    #[test]
    fn sides_beyond_the_limit_are_refused() {
        assert_eq!(decode(&png(SIDE_MAX + 1, 1)), Err(Failure::Size));
        assert_eq!(decode(&png(SIDE_MAX, 1)).map(|picture| picture.width()), Ok(SIDE_MAX));
    }

    proptest! {
        #[test]
        fn damaged_pictures_do_not_panic(at in 0_usize..2000, bits: u8, length in 0_usize..4000) {
            let mut bytes = png(64, 64);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= bits;
            }
            bytes.truncate(length);
            let _ = decode(&bytes);
        }
    }
}
