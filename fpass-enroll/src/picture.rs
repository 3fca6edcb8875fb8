//! The picture of the person who enrols, as the daemon hands it out.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;

use fpass_proto::PictureReport;
use fpass_proto::limits::{PICTURE_HEIGHT_MAX, PICTURE_WIDTH_MAX};
use zeroize::Zeroizing;

use crate::error::Error;

/// Bytes of a pixel.
const PIXEL: usize = 3;

/// A rectangle in pixels of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outline {
    pub(crate) left: u32,
    pub(crate) top: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// A small picture in RGB8. It is overwritten in memory when it is dropped.
#[derive(Debug)]
pub(crate) struct Picture {
    width: u32,
    height: u32,
    pixels: Zeroizing<Vec<u8>>,
    /// Where the face is.
    face: Option<Outline>,
}

impl Picture {
    /// Reads a picture of the daemon.
    ///
    /// # Errors
    /// [`Error::VersionSkew`] when its sides or its face are impossible; when it cannot be read.
    pub(crate) fn read(report: PictureReport) -> Result<Self, Error> {
        let PictureReport { pixels, width, height, face } = report;
        let sides =
            (1..=PICTURE_WIDTH_MAX).contains(&width) && (1..=PICTURE_HEIGHT_MAX).contains(&height);
        if !sides {
            return Err(Error::VersionSkew);
        }
        let face = outline(face, width, height)?;
        let length = width as usize * height as usize * PIXEL;
        let mut bytes = Zeroizing::new(vec![0; length]);
        File::from(OwnedFd::from(pixels)).read_exact_at(&mut bytes, 0)?;
        Ok(Self { width, height, pixels: bytes, face })
    }

    /// A picture of these pixels.
    #[cfg(test)]
    pub(crate) fn of(width: u32, height: u32, pixels: &[u8], face: Option<Outline>) -> Self {
        assert_eq!(pixels.len(), width as usize * height as usize * PIXEL);
        Self { width, height, pixels: Zeroizing::new(pixels.to_vec()), face }
    }

    /// Pixels in a row.
    pub(crate) const fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub(crate) const fn height(&self) -> u32 {
        self.height
    }

    /// Where the face is.
    pub(crate) const fn face(&self) -> Option<Outline> {
        self.face
    }

    /// The pixel of a place; black outside.
    pub(crate) fn pixel(&self, x: u32, y: u32) -> [u8; PIXEL] {
        let index = y as usize * self.width as usize + x as usize;
        let (pixels, _) = self.pixels.as_chunks::<PIXEL>();
        pixels.get(index).filter(|_| x < self.width).copied().unwrap_or_default()
    }
}

/// The face, or `None` without one.
fn outline(
    (left, top, across, down): (u32, u32, u32, u32),
    width: u32,
    height: u32,
) -> Result<Option<Outline>, Error> {
    if (across, down) == (0, 0) {
        return Ok(None);
    }
    let fits = |start: u32, length, side| start.checked_add(length).is_some_and(|end| end <= side);
    // The last pixel of a face may be cut off where the picture was made smaller.
    if !fits(left, across, width + 1) || !fits(top, down, height + 1) {
        return Err(Error::VersionSkew);
    }
    Ok(Some(Outline { left, top, width: across, height: down }))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn report(width: u32, height: u32, face: (u32, u32, u32, u32), length: usize) -> PictureReport {
        let mut file = tempfile::tempfile().unwrap();
        let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(length).collect();
        file.write_all(&bytes).unwrap();
        PictureReport { pixels: OwnedFd::from(file).into(), width, height, face }
    }

    #[test]
    fn a_picture_has_its_pixels_and_is_black_outside() {
        let picture = Picture::read(report(4, 2, (1, 0, 2, 2), 24)).unwrap();
        assert_eq!((picture.width(), picture.height()), (4, 2));
        assert_eq!(picture.face(), Some(Outline { left: 1, top: 0, width: 2, height: 2 }));
        assert_eq!(picture.pixel(0, 0), [0, 1, 2]);
        assert_eq!(picture.pixel(3, 1), [21, 22, 23]);
        for (x, y) in [(4, 0), (0, 2), (u32::MAX, 0), (0, u32::MAX)] {
            assert_eq!(picture.pixel(x, y), [0; 3], "{x} {y}");
        }
    }

    #[test]
    fn impossible_pictures_are_refused() {
        for (width, height, face, length) in [
            (0, 2, (0, 0, 0, 0), 24),
            (4, 0, (0, 0, 0, 0), 24),
            (u32::MAX, 2, (0, 0, 0, 0), 24),
            (4, u32::MAX, (0, 0, 0, 0), 24),
            (4, 2, (4, 0, 2, 2), 24),
            (4, 2, (u32::MAX, 0, 2, 2), 24),
            (4, 2, (0, 1, 1, 3), 24),
            (4, 2, (0, 0, 0, 0), 23),
        ] {
            let read = Picture::read(report(width, height, face, length));
            assert!(read.is_err(), "{width}x{height} {face:?} {length}");
        }
    }
}
