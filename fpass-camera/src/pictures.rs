//! Directories of pictures, which are played in the order of their names.

use std::{
    fs::{self, File},
    io::{Cursor, Read},
    path::{Path, PathBuf},
};

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};
use zeroize::Zeroizing;

use crate::{
    error::RecordingFault,
    formats::{self, ENCODED_MAX, FormatError},
};

/// Most pictures in a directory.
const PICTURES_MAX: usize = 10_000;
/// File name extensions of pictures; other files are ignored.
const EXTENSIONS: [&str; 3] = ["png", "jpg", "jpeg"];

/// The pictures in `directory`, sorted by name.
pub(crate) fn list(directory: &Path) -> Result<Vec<PathBuf>, RecordingFault> {
    let mut pictures = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let is_picture = path.extension().is_some_and(|extension| {
            EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known))
        });
        if !is_picture || !path.is_file() {
            continue;
        }
        if pictures.len() == PICTURES_MAX {
            return Err(RecordingFault::TooManyPictures(PICTURES_MAX));
        }
        pictures.push(path);
    }
    if pictures.is_empty() {
        return Err(RecordingFault::NoPictures);
    }
    pictures.sort();
    Ok(pictures)
}

/// Checks that the file is a picture of an accepted size, without decoding its pixels.
pub(crate) fn check(path: &Path) -> Result<(), RecordingFault> {
    let bytes = read(path)?;
    decoder(&bytes).map(drop).map_err(RecordingFault::from)
}

/// Decodes a picture: width, height and RGB8. Transparency is ignored.
pub(crate) fn decode(path: &Path) -> Result<(u32, u32, Vec<u8>), RecordingFault> {
    let bytes = read(path)?;
    let decoded = formats::catch_decoder_panic(|| {
        Ok(DynamicImage::from_decoder(decoder(&bytes)?)?.into_rgb8())
    });
    let picture = decoded?;
    Ok((picture.width(), picture.height(), picture.into_raw()))
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, RecordingFault> {
    let mut bytes = Zeroizing::new(Vec::new());
    let bound = u64::try_from(ENCODED_MAX).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)?.take(bound).read_to_end(&mut bytes)?;
    if bytes.len() > ENCODED_MAX {
        return Err(FormatError::TooLarge.into());
    }
    Ok(bytes)
}

fn decoder(bytes: &[u8]) -> Result<impl ImageDecoder, FormatError> {
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(image::ImageError::from)?;
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg)) {
        reader.clear_format();
    }
    reader.limits(formats::limits());
    let decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    formats::area(width, height)?;
    Ok(decoder)
}
